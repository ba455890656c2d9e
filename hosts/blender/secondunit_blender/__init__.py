"""Second Unit in Blender: grey-box shots become takes, and takes are cut in above them.

This package is the extension as Blender loads it. Only ``panel`` and ``host`` know Blender; every
other module takes Blender's objects as arguments.
"""

from __future__ import annotations

from importlib import import_module


def register() -> None:
    """Blender turned the add-on on."""
    import_module(".carried", __package__).take_up()
    import_module(".panel", __package__).register()


def unregister() -> None:
    """Blender turns the add-on off: no timer, thread, handler, child or module of ours stays."""
    carried = import_module(".carried", __package__)
    try:
        import_module(".panel", __package__).unregister()
    finally:
        carried.let_go(__package__)
