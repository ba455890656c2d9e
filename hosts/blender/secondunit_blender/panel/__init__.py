"""What an artist sees and presses. Here, and in ``host``, Blender is known by name."""

from __future__ import annotations


def register() -> None:
    """Put everything into Blender."""
    from .switch import on

    on()


def unregister() -> None:
    """Take everything out of Blender again."""
    from .switch import off

    off()
