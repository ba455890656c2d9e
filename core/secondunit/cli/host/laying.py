"""Lays the extension in a Blender's folder and takes it out again; nobody else's are touched."""

from __future__ import annotations

import json
import sys

from secondunit_bridge import __version__
from secondunit_bridge.errors import Locked

from .blender import FOLDER, NOTE, Laid, Place, laid
from .owned import Done, others, remove, write


def lay(place: Place, files: dict[str, bytes]) -> Done[Place]:
    """Put the files there, each at once and whole; files of an older version go.

    Raises Locked when something else lies there, OSError when the disk does not take it.
    """
    before = _ours(place)
    folder = place.folder
    note = {"version": __version__, "python": sys.executable, "files": sorted(files)}
    everything = {**files, NOTE: (json.dumps(note, indent=1) + "\n").encode()}
    for name, content in everything.items():
        write(folder / name, content)
    old = [name for name in (before.files if before else ()) if name not in everything]
    removed = remove(folder, old, (folder,))
    foreign = others(folder, (folder,), everything)
    return Done(place, before.version if before else "", tuple(everything), removed, foreign)


def take_out(place: Place) -> Done[Place]:
    """Remove what we laid there. Files of somebody else stay, and their folder with them.

    Raises Locked when something else lies there; nothing there is nothing done.
    """
    before = _ours(place)
    if before is None:
        return Done(place, "")
    if not before.files:
        raise Locked(
            f"{place.folder} was not put there by `secondunit host install`",
            hint="Remove it in Blender: Edit > Preferences > Add-ons > Second Unit > Uninstall.",
        )
    folder = place.folder
    removed = remove(folder, [*before.files, NOTE], (folder,))
    return Done(place, before.version, removed=removed, foreign=others(folder, (folder,), ()))


def _ours(place: Place) -> Laid | None:
    there = laid(place)
    if there is not None and there.id != FOLDER:
        raise Locked(
            f"{place.folder} holds something that is not Second Unit",
            hint="Move it away, or choose another folder with --into.",
            data={"path": str(place.folder)},
        )
    return there
