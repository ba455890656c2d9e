"""What goes back into Blender: takes as strips above the scene strips, and the cut as a file."""
