"""What ``host install``, ``remove`` and ``pack`` do and say for Resolve."""

from __future__ import annotations

from pathlib import Path

from secondunit_bridge import __version__

from ..say import DONE, Say
from .resolve import Done, contents, lay, take_out, wanted


def install(say: Say, into: Path | None) -> int:
    """Lay the scripts and packages there."""
    done = [lay(place) for place in wanted(into)]
    for one in done:
        said = f"replaced {one.before}" if one.before else "new"
        say.line(f"{one.place.name}: Second Unit {__version__} ({said}), in {one.place.folder}")
        _foreign(say, one)
    say.line("In Resolve: Workspace > Scripts > Second Unit. A Resolve that runs must be started")
    say.line("again first. This has not yet been run inside Resolve by us: try Self test first.")
    say.line("To undo this: secondunit host remove resolve" + (f" --into {into}" if into else ""))
    say.done(_answer(done))
    return DONE


def remove(say: Say, into: Path | None) -> int:
    """Take out what was laid there; nothing else is touched."""
    done = [take_out(place) for place in wanted(into)]
    for one in done:
        if one.before:
            say.line(f"{one.place.name}: removed {len(one.removed)} files of {one.place.folder}")
        else:
            say.line(f"{one.place.name}: Second Unit was not there")
        _foreign(say, one)
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


def _foreign(say: Say, done: Done) -> None:
    if done.foreign:
        say.line(f"  left alone, not ours: {', '.join(done.foreign[:5])}")


def _answer(done: list[Done]) -> dict[str, object]:
    places = [
        {"folder": str(one.place.folder), "before": one.before or None,
         "written": list(one.written), "removed": list(one.removed), "foreign": list(one.foreign)}
        for one in done
    ]  # fmt: skip
    return {"host": "resolve", "version": __version__, "places": places}
