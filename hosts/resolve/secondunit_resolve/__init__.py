"""Second Unit in Resolve. This release carries the name only: the adapter is not built yet."""
