"""Second Unit in DaVinci Resolve: inserts from the timeline, takes in the take selector.

``collect`` reads a timeline, ``place`` writes to our own track, ``acts`` are the commands of the
menu, ``panel`` is what Resolve starts. Nothing but the standard library and the bridge.
"""
