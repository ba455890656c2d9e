"""Trackers: what other people's production databases are told, and what they answer."""
