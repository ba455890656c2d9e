"""Writes to Resolve, on our own track and in our own bins only; every write is read back."""
