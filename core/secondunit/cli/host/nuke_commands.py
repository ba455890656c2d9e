"""What ``host install nuke`` and ``host remove nuke`` do and say."""

from __future__ import annotations

from pathlib import Path

from secondunit_bridge import __version__

from ..say import DONE, Say
from .nuke import Hooked, contents, lay, place, take_out
from .owned import done_json, say_others


def install_nuke(say: Say, into: Path | None) -> int:
    """Put Second Unit into the user's ``.nuke``, or into a folder for NUKE_PATH."""
    done = lay(place(into), contents())
    said = f"replaced {done.before}" if done.before else "new"
    say.line(f"Nuke: Second Unit {__version__} ({said}), in {done.place.folder}")
    if done.place.own and done.hooked:
        say.line(
            f"{done.place.init} leads Nuke to it. Start Nuke again: there is a Second Unit menu."
        )
    else:
        say.line(f"Tell Nuke where it is: NUKE_PATH={done.place.folder}")
        if done.place.own:
            say.line(f"{done.place.init} is not this user's to write, and was left as it is.")
    say_others(say, done)
    say.line(f"To undo this: secondunit host remove nuke{done.place.into}")
    say.done({"host": "nuke", "version": __version__, "places": [_json(done)]})
    return DONE


def remove_nuke(say: Say, into: Path | None) -> int:
    """Take it out again; nothing of anybody else is touched."""
    done = take_out(place(into))
    if done.before:
        say.line(f"Nuke: removed {len(done.removed)} files of {done.place.folder}")
    else:
        say.line(f"Nuke: Second Unit was not in {done.place.above}")
    say_others(say, done)
    say.done({"host": "nuke", "places": [_json(done)]})
    return DONE


def _json(done: Hooked) -> dict[str, object]:
    alone = done.place.own and done.hooked
    return done_json(done, nuke_path=None if alone else str(done.place.folder))
