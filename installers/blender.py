"""Makes the environments in which tests run the real Blender, as the Python module ``bpy``.

They never share packages with the product's own: each Blender brings a numpy of its own.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

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


class Fetching(threading.Thread):
    """Makes every release ready beside whatever else is being done, and tells of it afterwards."""

    def __init__(self, root: Path) -> None:
        super().__init__(name="fetching Blender")
        self._root = root
        self._said = io.StringIO()
        self._given_up = threading.Event()

    def run(self) -> None:
        """One release after the other."""
        for blender in BLENDERS:
            if not self._given_up.is_set():
                tried(self._root, blender, self._said)

    def told(self) -> None:
        """Wait for it and print what it said."""
        if self.is_alive():
            print("Blender for the tests is still being fetched", flush=True)
        self.join()
        print(self._said.getvalue(), end="")

    def give_up(self) -> None:
        """Begin with no other release."""
        self._given_up.set()


def ready(root: Path, blender: Blender, out: TextIO | None = None) -> Path:
    """The Python that can ``import bpy``; makes it when it is not there. Raises NotReady."""
    environment = Environment(root, blender.kind, _builder(blender))
    if not environment.holds(()):
        print(f"Blender {blender.release} for the tests: making ready (once)", file=out)
        environment.make((), out)
    return environment.python


def tried(root: Path, blender: Blender, out: TextIO | None = None) -> None:
    """A release; where it cannot be had, says so and that tests will do without."""
    try:
        ready(root, blender, out)
    except NotReady as error:
        why = f"{error}. {error.hint}"
        print(f"Blender {blender.release} for the tests is not to be had: {why}", file=out)


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
