"""Makes the environments in which tests run the real Blender, as the Python module ``bpy``.

They never share packages with the product's own: each Blender brings a numpy of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from environment import Environment, Kind, NotReady
from pythons import python_of


@dataclass(frozen=True)
class Blender:
    """A release of Blender: the one Python that its module is built for, and its environment."""

    release: str
    needs: tuple[int, int]
    kind: Kind


# The oldest that tests need everywhere, and the newest where its Python is on the machine.
BLENDERS = (
    Blender("4.5", (3, 11), Kind(".venv-blender", ("installers/blender.txt",))),
    Blender("5.2", (3, 13), Kind(".venv-blender-5", ("installers/blender-5.txt",))),
)


def ready(root: Path, blender: Blender) -> Path:
    """The Python that can ``import bpy``; makes it when it is not there. Raises NotReady."""
    environment = Environment(root, blender.kind, _builder(blender))
    if not environment.holds(()):
        print(f"Blender {blender.release} for the tests: making ready (once)")
        environment.make(())
    return environment.python


def tried(root: Path) -> None:
    """Every release; where one cannot be had, says so and that tests will do without."""
    for blender in BLENDERS:
        try:
            ready(root, blender)
        except NotReady as error:
            print(
                f"Blender {blender.release} for the tests is not to be had: {error}. {error.hint}"
            )


def _builder(blender: Blender) -> Path:
    """The Python that the environment is made from. Raises NotReady."""
    found = python_of(blender.needs)
    if found is not None:
        return found
    version = ".".join(map(str, blender.needs))
    raise NotReady(
        f"bpy {blender.release} needs Python {version} and none was found",
        hint="Install it beside this one; the tests that render with this Blender skip until then.",
    )
