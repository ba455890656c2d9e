"""Second Unit in DaVinci Resolve's folders: where they are, what is laid there, what is taken out.

Two folders of our own beside Resolve's: the scripts of the menu, and the packages they use, which
must not lie where Resolve looks for scripts. Nothing else there is read or written.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from secondunit_bridge import __version__
from secondunit_bridge.errors import Locked, MediaOffline

from ..doctor import Seen
from .owned import Done, others, remove, write
from .packing import BRIDGE, package, under

PACKAGES = "SecondUnit"
NOTE = f"{PACKAGES}/installed.json"
HOST = "secondunit_resolve"
UTILITY = "Scripts/Utility"  # another program is known to empty Scripts/Comp
MENU = "Second Unit"  # Workspace > Scripts > Second Unit
_NOWHERE = 'FOLDER = ""'
_INSTALL = "secondunit host install resolve"


@dataclass(frozen=True)
class Fusion:
    """A folder ``Fusion`` of Resolve's, and whose it is."""

    folder: Path
    name: str = "DaVinci Resolve"


def places(environ: Mapping[str, str] | None = None) -> tuple[Fusion, ...]:
    """The user's own Fusion folder of Resolve, where Resolve has been started by this user."""
    told = os.environ if environ is None else environ
    folder = user_folder(told)
    return (Fusion(folder),) if folder.parent.is_dir() else ()


def wanted(into: Path | None) -> tuple[Fusion, ...]:
    """Where to install: the folder that was named, else the user's. Raises MediaOffline."""
    if into is not None:
        return (Fusion(into.expanduser().resolve(), str(into)),)
    found = places()
    if not found:
        raise MediaOffline(
            "DaVinci Resolve has not been started by this user",
            hint="Start Resolve once, or name its folder Fusion with --into DIR.",
        )
    return found


def contents(fusion: Path) -> dict[str, bytes]:
    """Every file by its path below a Fusion folder."""
    files: dict[str, bytes] = {}
    for name in (HOST, BRIDGE):
        files |= under(package(name), f"{PACKAGES}/{name}/")
    scripts = [name for name in files if name.startswith(f"{PACKAGES}/{HOST}/scripts/")]
    for text in [files.pop(name).decode() for name in sorted(scripts)]:
        title = text.split('"""')[1]  # the menu shows a script's file name
        here = text.replace(_NOWHERE, f"FOLDER = {str(fusion / PACKAGES)!a}")
        files[f"{UTILITY}/{MENU}/{title}.py"] = here.encode()
    return files


def lay(place: Fusion) -> Done[Fusion]:
    """Put the files there, each at once and whole; files of an older version of ours go.

    Raises Locked when something of another's lies where ours would.
    """
    files, before = contents(place.folder), noted(place)
    ours = set(before.files) if before else set()
    strange = [name for name in files if name not in ours and (place.folder / name).exists()]
    if strange and before is None:
        raise Locked(
            f"{place.folder / strange[0]} is there and was not put there by Second Unit",
            hint="Move it away, or choose another folder with --into.",
            data={"path": str(place.folder / strange[0])},
        )
    made = {name for name in ("Scripts", UTILITY) if not (place.folder / name).is_dir()}
    made |= set(before.folders) if before else set()
    note = {"version": __version__, "python": sys.executable, "files": sorted(files),
            "folders": sorted(made)}  # fmt: skip
    everything = {**files, NOTE: (json.dumps(note, indent=1) + "\n").encode()}
    for name, content in everything.items():
        write(place.folder / name, content)
    own = _own_folders(place.folder)
    removed = remove(place.folder, _inside(ours - set(everything)), own)
    return Done(place, before.version if before else "", tuple(everything), removed,
                others(place.folder, own, everything))  # fmt: skip


def take_out(place: Fusion) -> Done[Fusion]:
    """Remove what we laid there; files of somebody else stay, and their folders with them."""
    before = noted(place)
    if before is None:
        return Done(place, "")
    own = _own_folders(place.folder)
    removed = remove(place.folder, _inside([*before.files, NOTE]), own)
    for name in sorted({"Scripts", UTILITY} & set(before.folders), reverse=True):
        with suppress(OSError):  # somebody else's file is in it by now
            (place.folder / name).rmdir()
    return Done(place, before.version, removed=removed, foreign=others(place.folder, own, ()))


@dataclass(frozen=True)
class Noted:
    """What was written down when we installed; ``folders`` of Resolve's had to be made."""

    version: str
    python: str
    files: tuple[str, ...]
    folders: tuple[str, ...] = ()


def noted(place: Fusion) -> Noted | None:
    """What lies there of ours; None when nothing does."""
    try:
        note = json.loads((place.folder / NOTE).read_text("utf-8"))
        files, folders = (tuple(map(str, note[key])) for key in ("files", "folders"))
        return Noted(str(note["version"]), str(note["python"]), files, folders)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def examined(into: Path | None = None) -> Iterator[Seen]:
    """What ``host doctor`` says of Resolve."""
    found = wanted(into) if into else places()
    if not found:
        yield Seen("Resolve", True, "DaVinci Resolve has not been started by this user.")
    for place in found:
        yield _seen(place, f" --into {place.folder}" if into else "")


def _seen(place: Fusion, into: str) -> Seen:
    again, there = f"Run: {_INSTALL}{into}", noted(place)
    if there is None:
        sentence = f"Second Unit is not in {place.folder}."
        return Seen("Resolve", bool(not into), sentence, again)
    if there.version != __version__:
        sentence = f"{place.folder} has version {there.version}; this is {__version__}."
        return Seen("Resolve", False, sentence, again)
    missing = [name for name in there.files if not (place.folder / name).is_file()]
    if missing:  # a launcher of a studio may empty script folders at each start
        more = f" and {len(missing) - 1} more files" if missing[1:] else ""
        return Seen("Resolve", False, f"{place.folder} lacks {missing[0]}{more}.", again)
    if not Path(there.python).exists():
        sentence = f"The Python that starts the daemon is gone: {there.python}."
        return Seen("Resolve", False, sentence, again)
    return Seen("Resolve", True, f"Second Unit {there.version} lies in {place.folder}.")


def user_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where Resolve keeps what a user adds to it; the same for the free edition and Studio."""
    home = Path(environ.get("HOME") or Path.home())
    if sys.platform == "win32":
        roaming = Path(environ.get("APPDATA") or home / "AppData/Roaming")
        return roaming / "Blackmagic Design/DaVinci Resolve/Support/Fusion"
    if sys.platform == "darwin":
        support = home / "Library/Application Support"
        return support / "Blackmagic Design/DaVinci Resolve/Fusion"
    return home / ".local/share/DaVinciResolve/Fusion"


def _own_folders(fusion: Path) -> tuple[Path, Path]:
    return fusion / PACKAGES, fusion / UTILITY / MENU


def _inside(names: Iterable[str]) -> list[str]:
    """Names that lead where something of ours may lie, whatever the note says."""
    return [name for name in sorted(names) if name.startswith((f"{PACKAGES}/", f"{UTILITY}/"))]
