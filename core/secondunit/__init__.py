"""Second Unit's core: the daemon and the command line. Importing it loads nothing heavy."""

from secondunit_bridge import __version__

__all__ = ["__version__"]
