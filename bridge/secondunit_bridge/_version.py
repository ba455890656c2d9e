"""The version of the package; the wire has its own (see ``wire.PROTOCOL``)."""

__version__ = "0.1.0"
