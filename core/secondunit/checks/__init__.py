"""Checks that come with the core. Each loads like a third party's plug-in."""
