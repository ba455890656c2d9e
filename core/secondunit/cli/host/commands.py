"""``host install``, ``host remove``, ``host pack`` and ``host doctor``."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from secondunit_bridge import __version__
from secondunit_bridge.errors import MediaOffline

from ..say import COULD_NOT, DONE, JsonFlag, Say
from . import nuke, resolve, resolving
from .blender import Place, places
from .examining import examined
from .laying import lay, take_out
from .nuke_commands import install_nuke, remove_nuke
from .owned import Done, done_json, say_others, say_removed
from .packing import contents, zipped


class Host(Enum):
    """Software that Second Unit runs inside of."""

    blender = "blender"
    nuke = "nuke"
    resolve = "resolve"


HostName = Annotated[Host, typer.Argument(metavar="blender|nuke|resolve")]
Into = Annotated[
    Path | None, typer.Option("--into", help="A folder for it, instead of the host's own.")
]


def group() -> typer.Typer:
    """The ``host`` commands."""
    app = typer.Typer(
        name="host",
        help="Second Unit inside the software where the work happens.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    for command in (install, remove, pack, doctor):
        app.command()(command)
    return app


def install(host: HostName, into: Into = None, json: JsonFlag = False) -> int:
    """Put Second Unit into every Blender, the Nuke or Resolve of this user, or into a folder."""
    if host is Host.nuke:
        return install_nuke(Say(as_json=json), into)
    if host is Host.resolve:
        return resolving.install(Say(as_json=json), into)
    say, files = Say(as_json=json), contents()
    done = [lay(place, files) for place in _wanted(into)]
    for one in done:
        said = f"replaced {one.before}" if one.before else "new"
        say.line(f"{one.place.name}: Second Unit {__version__} ({said}), in {one.place.folder}")
        say_others(say, one)
    say.line("In Blender: Edit > Preferences > Add-ons, tick Second Unit; then press N in the")
    say.line("3D view. A Blender that runs must be started again first.")
    say.line(
        f"To undo this: secondunit host remove {host.value}" + (f" --into {into}" * bool(into))
    )
    say.done({"host": host.value, "version": __version__, "places": [_json(one) for one in done]})
    return DONE


def remove(host: HostName, into: Into = None, json: JsonFlag = False) -> int:
    """Take out what `host install` put there; nothing else is touched."""
    if host is Host.resolve:
        return resolving.remove(Say(as_json=json), into)
    say = Say(as_json=json)
    if host is Host.nuke:
        return remove_nuke(say, into)
    done = [take_out(place) for place in _wanted(into)]
    for one in done:
        say_removed(say, one.place.name, one)
    say.done({"host": host.value, "places": [_json(one) for one in done]})
    return DONE


def pack(
    host: HostName,
    out: Annotated[Path, typer.Option("--out", help="A folder for the zip.")] = Path(),
    json: JsonFlag = False,
) -> int:
    """Write the plug-in as one zip, to install from disk on any machine."""
    if host is Host.resolve:
        return resolving.pack(Say(as_json=json), out)
    say, files = Say(as_json=json), nuke.contents() if host is Host.nuke else contents()
    out.mkdir(parents=True, exist_ok=True)
    of = "-nuke" if host is Host.nuke else ""
    path = out.resolve() / f"secondunit{of}-{__version__}.zip"
    path.write_bytes(zipped(files))
    say.line(f"{path}: {len(files)} files, {path.stat().st_size / 1000:.0f} kB")
    if host is Host.nuke:
        say.line("Unpack it, and name the folder in NUKE_PATH.")
    else:
        say.line("In Blender: Edit > Preferences > Get Extensions > Install from Disk.")
    answer = {"host": host.value, "path": str(path), "files": sorted(files)}
    say.done({**answer, "version": __version__})
    return DONE


def doctor(into: Into = None, json: JsonFlag = False) -> int:
    """Look whether the hosts of this user can work with this installation."""
    say = Say(as_json=json)
    in_nuke = nuke.place(into)
    if into is not None and resolve.noted(resolve.Fusion(into.resolve())):
        seen = list(resolve.examined(into))
    elif into is not None and (in_nuke.folder / nuke.HOST).is_dir():
        seen = list(nuke.examined(in_nuke))
    else:
        seen = list(examined((Place(into.resolve()),) if into else places()))
        seen[-1:-1] = [] if into else [*nuke.examined(in_nuke), *resolve.examined()]
    for one in seen:
        say.line(
            f"{'fine ' if one.ok else 'WRONG'}  {one.what:<15} {one.sentence}",
            style="" if one.ok else "bold yellow",
        )
        if not one.ok:
            say.line(f"       {'':<15} Fix: {one.fix}")
    wrong = [one for one in seen if not one.ok]
    say.line("Everything is fine." if not wrong else f"Needing a fix: {len(wrong)}.")
    items = [
        {"what": one.what, "ok": one.ok, "sentence": one.sentence, "fix": one.fix} for one in seen
    ]
    say.done({"ok": not wrong, "items": items, "version": __version__})
    return COULD_NOT if wrong else DONE


def _wanted(into: Path | None) -> tuple[Place, ...]:
    if into is not None:
        return (Place(into.expanduser().resolve()),)
    found = places()
    if not found:
        raise MediaOffline(
            "no Blender 4.2 or newer was found in this user's settings",
            hint="Start Blender once, or name its folder of extensions with --into DIR. Or write a"
            " zip with `secondunit host pack blender` and install that from disk in Blender.",
        )
    return found


def _json(done: Done[Place]) -> dict[str, object]:
    return done_json(done, blender=done.place.blender or None)
