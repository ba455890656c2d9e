"""What ``host doctor`` looks at: the extension in each Blender, and the way to the daemon."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from secondunit_bridge import __version__
from secondunit_bridge.connection import Connection
from secondunit_bridge.errors import DaemonUnavailable, SecondUnitError

from ..doctor import Seen
from .blender import FOLDER, Laid, Place, laid
from .packing import BRIDGE

_INSTALL = "secondunit host install blender"


def examined(found: Sequence[Place]) -> Iterator[Seen]:
    """Every Blender of this user, then the daemon that they would reach."""
    if not found:
        yield Seen("Blender", True, "No Blender 4.2 or newer has been started by this user.")
    for place in found:
        yield _extension(place)
    yield _daemon()


def _extension(place: Place) -> Seen:
    into = "" if place.blender else f" --into {place.repository}"
    again = f"Run: {_INSTALL}{into}"
    what = place.name if place.blender else "Blender"
    there = laid(place)
    if there is None:
        return Seen(what, False, f"Second Unit is not in {place.repository}.", again)
    if there.id != FOLDER:
        move = f"Move it away, then run: {_INSTALL}{into}"
        return Seen(what, False, f"{place.folder} holds something that is not Second Unit.", move)
    if there.version != __version__:
        sentence = f"{place.folder} is version {there.version or 'unknown'}; this is {__version__}."
        return Seen(what, False, sentence, again)
    trouble = _trouble(place, there)
    if trouble:
        return Seen(what, False, trouble, again)
    return Seen(what, True, f"Second Unit {there.version} lies in {place.folder}.")


def _trouble(place: Place, there: Laid) -> str:
    """What is wrong with files that have the right version; empty when nothing is."""
    names = there.files or ("__init__.py", f"{BRIDGE}/__init__.py")
    missing = [name for name in names if not (place.folder / name).is_file()]
    if missing:
        return f"{place.folder} lacks {missing[0]}" + (
            f" and {len(missing) - 1} more files." if missing[1:] else "."
        )
    closed = [name for name in names if not os.access(place.folder / name, os.R_OK)]
    if closed:
        return f"{place.folder / closed[0]} cannot be read by this user."
    if there.python and not Path(there.python).exists():
        return f"The Python that starts the daemon is gone: {there.python}."
    return ""


def _daemon() -> Seen:
    try:
        found = Connection.live()
    except DaemonUnavailable as error:
        if error.data.get("stale"):
            fix = "secondunit doctor --fix"
            return Seen("daemon", False, f"{error.message} and left its connection file.", fix)
        return Seen("daemon", True, "None runs; a shot that is ordered in Blender starts it.")
    except SecondUnitError as error:
        return Seen("daemon", False, error.message, error.hint)
    if found.version != __version__:
        sentence = f"The running daemon is version {found.version}; this is {__version__}."
        return Seen("daemon", False, sentence, "Stop it with: secondunit daemon stop")
    return Seen("daemon", True, f"Process {found.pid} runs, version {found.version}.")
