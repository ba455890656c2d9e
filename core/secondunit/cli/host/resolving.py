"""What ``host install``, ``remove`` and ``pack`` do and say for Resolve."""

from __future__ import annotations

from pathlib import Path

from secondunit_bridge import __version__

from ..say import DONE, Say
from .owned import Done, done_json, say_others, say_removed
from .resolve import Fusion, contents, lay, take_out, wanted


def install(say: Say, into: Path | None) -> int:
    """Lay the scripts and packages there."""
    done = [lay(place) for place in wanted(into)]
    for one in done:
        said = f"replaced {one.before}" if one.before else "new"
        say.line(f"{one.place.name}: Second Unit {__version__} ({said}), in {one.place.folder}")
        say_others(say, one)
    say.line("In Resolve: Workspace > Scripts > Second Unit. A Resolve that runs must be started")
    say.line("again first. This has not yet been run inside Resolve by us: try Self test first.")
    say.line("To undo this: secondunit host remove resolve" + (f" --into {into}" if into else ""))
    say.done(_answer(done))
    return DONE


def remove(say: Say, into: Path | None) -> int:
    """Take out what was laid there; nothing else is touched."""
    done = [take_out(place) for place in wanted(into)]
    for one in done:
        say_removed(say, one.place.name, one)
    say.done(_answer(done))
    return DONE


def pack(say: Say, out: Path) -> int:
    """The packages and scripts as one zip, to unpack into a folder Fusion of another machine.

    The scripts then look for the packages where they were packed for: the user's own folder.
    """
    from .packing import zipped
    from .resolve import user_folder

    out.mkdir(parents=True, exist_ok=True)
    path = out.resolve() / f"secondunit-resolve-{__version__}.zip"
    files = contents(user_folder())
    path.write_bytes(zipped(files))
    say.line(f"{path}: {len(files)} files, {path.stat().st_size / 1000:.0f} kB")
    say.line(f"Unpack it into {user_folder()}.")
    answer = {"host": "resolve", "path": str(path), "files": sorted(files)}
    say.done({**answer, "version": __version__})
    return DONE


def _answer(done: list[Done[Fusion]]) -> dict[str, object]:
    places = [done_json(one) for one in done]
    return {"host": "resolve", "version": __version__, "places": places}
