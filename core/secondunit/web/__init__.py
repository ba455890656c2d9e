"""The page where takes are watched, compared and decided: a door to the daemon for one browser."""
