"""Second Unit in Nuke: replaces part of a plate without leaving the comp."""
