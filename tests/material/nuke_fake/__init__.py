"""A Nuke for tests that refuses what Nuke refuses, and really renders to EXR."""

from importlib import import_module

from .module import Fake

__all__ = ["Fake", "port"]


def port() -> object:
    """Our port to the fake that runs."""
    return import_module("secondunit_nuke.host").Nuke()
