"""Reads a timeline of Resolve: its clips, In and Out, what lies beside a place, and its cut."""
