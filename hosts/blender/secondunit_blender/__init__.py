"""Second Unit in Blender. This release carries the name only: the adapter is not built yet."""
