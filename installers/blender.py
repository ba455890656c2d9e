"""Makes ``.venv-blender``: the Python in which tests run the real Blender, as the module ``bpy``.

It never shares packages with the product's own environment: Blender brings a numpy of its own.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from environment import Environment, Kind, NotReady

NEEDS = (3, 11)  # the only Python that bpy 4.5 is built for
BLENDER = Kind(folder=".venv-blender", papers=("installers/blender.txt",))


def ready(root: Path) -> Path:
    """The Python that can ``import bpy``; makes it when it is not there. Raises NotReady."""
    environment = Environment(root, BLENDER, _python())
    if not environment.holds(()):
        print("Blender for the tests: making ready (once)")
        environment.make(())
    return environment.python


def tried(root: Path) -> None:
    """The same; where it cannot be had, says so and that tests will do without."""
    try:
        ready(root)
    except NotReady as error:
        print(f"Blender for the tests is not to be had: {error}. {error.hint}")


def _python() -> Path:
    """A Python of the version that bpy is built for. Raises NotReady."""
    if sys.version_info[:2] == NEEDS:
        return Path(sys.executable)
    name = f"python{NEEDS[0]}.{NEEDS[1]}"
    found = shutil.which(name)
    asked = f"import sys, ensurepip; sys.exit(sys.version_info[:2] != {NEEDS})"
    if found and subprocess.run([found, "-c", asked], check=False).returncode == 0:
        return Path(found)
    raise NotReady(
        f"bpy 4.5 needs Python {NEEDS[0]}.{NEEDS[1]} and {name} was not found",
        hint="Install it beside this one; the tests that render with Blender skip until then.",
    )
