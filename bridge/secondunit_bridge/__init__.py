"""Second Unit's bridge: the film's words, the wire, and the host's handle on the daemon.

Standard library only, Python 3.9 and newer, so that one plug-in runs in every host's Python.
"""

from ._version import __version__

__all__ = ["__version__"]
