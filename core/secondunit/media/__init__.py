"""Pictures and movies in and out of files."""
