"""Second Unit in Nuke. This release carries the name only: the adapter is not built yet."""
