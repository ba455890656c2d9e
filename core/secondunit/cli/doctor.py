"""``doctor``: what is wrong with this installation, and the fix for each."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from secondunit_bridge import __version__, places
from secondunit_bridge.connection import Connection
from secondunit_bridge.errors import DaemonUnavailable, NotPermitted, SecondUnitError

from .say import COULD_NOT, DONE, JsonFlag, Say

if TYPE_CHECKING:
    from ..settings import Settings

ROOM = 2 << 30  # bytes; 40 frames of 4K half float with their review movie take about 1.5 GB
NEEDED_PYTHON = (3, 11)
ADAPTERS = {"cmx_3600": "otio-cmx3600-adapter", "fcp_xml": "otio-fcp-adapter"}
ADAPTERS |= {"AAF": "otio-aaf-adapter"}


@dataclass(frozen=True)
class Seen:
    """One thing the doctor looked at: a sentence that says what is, and the fix when it is wrong.

    ``mend`` does the fix, where that can harm nothing.
    """

    what: str
    ok: bool
    sentence: str
    fix: str = ""
    mend: Callable[[], None] | None = field(default=None, compare=False)


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(doctor)


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Do the fixes that can harm nothing.")] = False,
    json: JsonFlag = False,
) -> int:
    """Look for what is wrong here, and print the fix for each."""
    say = Say(as_json=json)
    seen = list(examined())
    mended: list[str] = []
    if fix:
        for one in seen:
            if not one.ok and one.mend:
                one.mend()
                mended.append(one.fix)
        seen = list(examined()) if mended else seen
    for one in seen:
        say.line(
            f"{'fine ' if one.ok else 'WRONG'}  {one.what:<15} {one.sentence}",
            style="" if one.ok else "bold yellow",
        )
        if not one.ok:
            say.line(f"       {'':<15} Fix: {one.fix}")
    for done in mended:
        say.line(f"Done: {done}")
    wrong = [one for one in seen if not one.ok]
    say.line("Everything is fine." if not wrong else f"Needing a fix: {len(wrong)}.")
    items = [
        {"what": one.what, "ok": one.ok, "sentence": one.sentence, "fix": one.fix} for one in seen
    ]
    say.done({"ok": not wrong, "items": items, "fixed": mended, "version": __version__})
    return COULD_NOT if wrong else DONE


def examined() -> Iterator[Seen]:
    """Everything the doctor looks at, in the order a person would."""
    yield _python()
    settings, seen = _settings()
    yield seen
    yield from _home(places.home())
    if settings is not None:
        yield _plugins(settings)
        yield _comfyui(settings.comfyui)
    yield from _runtime()
    yield from _left_behind(places.home())
    yield _review_codec()
    yield _exr()
    yield _colour()
    yield _adapters()


def _python() -> Seen:
    here = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < NEEDED_PYTHON:
        fix = "Install Python 3.11 or newer, and Second Unit into it."
        return Seen("Python", False, f"Python {here} is too old for the core.", fix)
    return Seen("Python", True, f"Python {here}, Second Unit {__version__}.")


def _settings() -> tuple[Settings | None, Seen]:
    from ..settings import Settings

    try:
        return Settings.load(os.environ), Seen("settings", True, "Every setting can be used.")
    except SecondUnitError as error:
        mend = _closer(error) if isinstance(error, NotPermitted) else None
        return None, Seen("settings", False, error.message, error.hint, mend)


def _home(home: Path) -> Iterator[Seen]:
    there = next(place for place in (home, *home.parents) if place.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        fix = f"Give yourself the right to write in {there}, or set SECONDUNIT_HOME."
        yield Seen("home", False, f"{there} cannot be written by this user.", fix)
        return
    yield _private("home", home) if home.exists() else Seen("home", True, f"{home} will be made.")
    yield _room("disk", there)
    if (home / "ledger.sqlite").is_file():
        yield from _ledger(home / "ledger.sqlite")
    if (home / "keys").is_dir():
        for key in sorted((home / "keys").iterdir()):
            if not _is_private(key) and key.suffix != ".pub":
                yield _open_to_others("keys", key, 0o600)


def _ledger(path: Path) -> Iterator[Seen]:
    from ..ledger import Ledger

    restore = f"Put {path.parent} back from its backup; do not write on until you know why."
    try:
        with Ledger(path, reading=True) as ledger:
            problems, count = ledger.verify(), ledger.head()[0]
            stores = {project.store for project in ledger.views.projects() if project.store}
    except SecondUnitError as error:
        yield Seen("ledger", False, error.message, error.hint or restore)
        return
    if problems:
        yield Seen("ledger", False, f"{path}: {problems[0].sentence}.", restore)
    else:
        yield Seen("ledger", True, f"{count} entries, and the chain holds.")
    for store in sorted(stores):
        place = next((p for p in (Path(store), *Path(store).parents) if p.exists()), None)
        if place is not None:
            yield _room("store", place)


def _room(what: str, place: Path) -> Seen:
    free = shutil.disk_usage(place).free
    room = f"{free / 1e9:.1f} GB" if free >= 1e9 else f"{free / 1e6:.0f} MB"
    said = f"{room} are free at {place}."
    if free < ROOM:
        fix = f"Free at least {ROOM / 1e9:.0f} GB there, or move the store to another disk."
        return Seen(what, False, f"Only {said}", fix)
    return Seen(what, True, said)


def _plugins(settings: Settings) -> Seen:
    from ..plugins import Plugins

    refused = Plugins(settings.plugins).refused
    if refused:
        name, why = next(iter(refused.items()))
        fix = why.hint or f"Take {name} off the list in SECONDUNIT_PLUGINS, or update it."
        return Seen("plug-ins", False, f"{name}: {why.message}", fix)
    return Seen("plug-ins", True, "Every generator and check loads.")


def _comfyui(address: str) -> Seen:
    """The server of the setting ``comfyui``; without one that engine is off, which is fine."""
    if not address:
        return Seen("ComfyUI", True, "Switched off: the setting comfyui names no server.")
    from ..generators.comfyui.looking import version_of
    from ..generators.comfyui.server import Server

    try:
        version = version_of(Server(address))
    except SecondUnitError as error:
        return Seen(
            "ComfyUI", False, f"{error.message[:1].upper()}{error.message[1:]}.", error.hint
        )
    return Seen("ComfyUI", True, f"ComfyUI {version} answers at {address}.")


def _runtime() -> Iterator[Seen]:
    try:
        folder = places.runtime()
    except NotPermitted as error:
        yield Seen("runtime folder", False, error.message, error.hint, _closer(error))
        return
    yield Seen("runtime folder", True, f"{folder} is yours alone.")
    yield _daemon(folder / "connection.json")


def _left_behind(home: Path) -> Iterator[Seen]:
    from . import leftovers

    fix = "secondunit doctor --fix; the next daemon to start removes them too."
    with suppress(SecondUnitError):  # a ledger or folder that cannot be used was told by name
        for folder in leftovers.orphans():
            size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
            said = f"A daemon that has ended left slots of {size:.0f} MB in {folder}."
            yield Seen("slots", False, said, fix, partial(leftovers.clear_slots, folder))
        for store in leftovers.stores(home) if (home / "ledger.sqlite").is_file() else ():
            half = leftovers.drafts(store)
            if half:
                said = f"Half written and left in {store}: {len(half)}, for example {half[0]}."
                yield Seen("half-written", False, said, fix, partial(leftovers.clear, store))


def _daemon(path: Path) -> Seen:
    remove = f"Remove {path}; the next command starts a daemon."
    if not path.exists():
        return Seen("daemon", True, "None runs; the next command that needs one starts it.")
    if not _is_private(path):
        return _open_to_others("daemon", path, 0o600)
    try:
        found = Connection.read(path)
    except DaemonUnavailable as error:
        return Seen("daemon", False, error.message, remove, path.unlink)
    if found.stale():
        sentence = f"A daemon that has ended (process {found.pid}) left its connection file."
        return Seen("daemon", False, sentence, remove, path.unlink)
    if found.version != __version__:
        sentence = f"The running daemon is version {found.version}; this is {__version__}."
        return Seen("daemon", False, sentence, "Stop it with: secondunit daemon stop")
    return _answers(found)


def _answers(found: Connection) -> Seen:
    from secondunit_bridge.unit import Unit

    try:
        unit = Unit.connect(host="doctor", start=False, timeout=3.0)
        unit.close()
    except SecondUnitError as error:
        fix = f"End it with: kill {found.pid}. Nothing acknowledged is lost."
        return Seen("daemon", False, f"It runs but does not answer: {error.message}", fix)
    return Seen("daemon", True, f"Process {found.pid} answers.")


def _review_codec() -> Seen:
    import av

    if "libx264" in av.codecs_available:
        return Seen("review movies", True, "H.264 can be written (libx264).")
    fix = "Install PyAV from its wheel: pip install --force-reinstall av"
    return Seen("review movies", False, "This PyAV has no libx264: no review movies.", fix)


def _exr() -> Seen:
    import OpenImageIO

    formats = OpenImageIO.get_string_attribute("format_list").split(",")
    if "openexr" in formats:
        return Seen("EXR", True, "OpenEXR can be read and written.")
    fix = "Install OpenImageIO from its wheel: pip install --force-reinstall OpenImageIO"
    return Seen("EXR", False, "This OpenImageIO has no OpenEXR: no frames can be kept.", fix)


def _colour() -> Seen:
    from ..colour import Colour

    try:
        known = Colour().known("ACEScg")
    except SecondUnitError as error:
        return Seen("colour", False, error.message, error.hint)
    if known:
        return Seen("colour", True, "The pinned OpenColorIO configuration is there.")
    fix = "Install OpenColorIO from its wheel: pip install --force-reinstall opencolorio"
    return Seen("colour", False, "This OpenColorIO does not know ACEScg.", fix)


def _adapters() -> Seen:
    import opentimelineio as otio

    there = otio.adapters.available_adapter_names()
    absent = [package for name, package in ADAPTERS.items() if name not in there]
    if absent:
        fix = f"pip install {' '.join(absent)}"
        return Seen("timelines", False, f"Not every timeline can be read: {absent[0]}.", fix)
    return Seen("timelines", True, "OTIO, EDL, FCP XML and AAF can be read.")


def _is_private(path: Path) -> bool:
    return sys.platform == "win32" or not path.stat().st_mode & 0o077


def _private(what: str, path: Path) -> Seen:
    return Seen(what, True, str(path)) if _is_private(path) else _open_to_others(what, path, 0o700)


def _open_to_others(what: str, path: Path, mode: int) -> Seen:
    now = stat.S_IMODE(path.stat().st_mode)
    sentence = f"Other users can look into {path} (mode {now:04o})."
    return Seen(what, False, sentence, f"chmod {mode:o} {path}", lambda: path.chmod(mode))


def _closer(error: NotPermitted) -> Callable[[], None] | None:
    """The chmod that the hint asks for, when that is all there is to do."""
    command, _, path = error.hint.rpartition("chmod 700 ")
    return (lambda: Path(path).chmod(0o700)) if command else None
