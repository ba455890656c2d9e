"""What every command works with: Resolve, the way to the daemon, the editor's name and wish."""

from __future__ import annotations

import getpass
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator, Optional

from secondunit_bridge.errors import FieldError
from secondunit_bridge.places import home
from secondunit_bridge.unit import Unit
from secondunit_bridge.wire import typed

from ..collect.exported import own_export
from ..collect.reading import Reading, read
from ..collect.turnover import Wish
from ..pacing import Dialling
from ..port import Port

WISHES = "resolve.json"  # in the home: what the small window was last set to


def _dial() -> Unit:
    return Unit.connect(host="resolve")


@dataclass
class Bench:
    """One command at work."""

    port: Port
    artist: str
    wish: Wish = field(default_factory=Wish)
    dial: Callable[[], Unit] = _dial
    folder: Path = field(default_factory=lambda: home() / "resolve")
    patience_s: float = 20.0  # for a daemon that has to be started first
    read_before: Optional[Reading] = None  # what the next ``reading`` is, once

    @classmethod
    def at(cls, port: Port) -> Bench:
        """At a live Resolve, with the name of who is logged in and the wish that is kept."""
        artist = getpass.getuser()
        return cls(port, artist, kept_wish(artist))

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """The daemon, started when none runs; Resolve is not held up by that.

        Raises DaemonUnavailable, also when it is not up in time: then it still comes up.
        """
        unit = Dialling(self.dial).unit(self.port.pace, self.patience_s)
        try:
            yield unit
        finally:
            unit.close()

    def reading(self) -> Reading:
        """The timeline in front as it is now, or as it was just read."""
        found, self.read_before = self.read_before, None
        return found or read(self.port, own_export(self.port))

    def listing(self) -> Reading:
        """Which clips the timeline in front has, where, and which are ours: sooner there than
        ``reading``, for commands that do not ask what they play of their media."""
        return read(self.port, own_export(self.port), whole=False)

    def production(self) -> str:
        """The name of the project that is open."""
        return self.port.may(self.port.project(), "GetName", wanted=str) or "Resolve"

    def cuts(self, reading: Reading) -> Path:
        """Where the cuts of a timeline are kept that later ones are compared with."""
        name = reading.id or reading.name
        safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in name)
        return self.folder / "cuts" / safe


def kept_wish(artist: str) -> Wish:
    """What was last asked for, else the usual: three takes of a punch-in, nothing written.

    Raises FieldError when the file, which people write by hand, cannot be understood.
    """
    path = home() / WISHES
    try:
        told: Any = json.loads(path.read_text(encoding="utf-8"))
        return typed(Wish, {**told, "artist": artist}, WISHES)
    except FileNotFoundError:
        return Wish(artist=artist)
    except (ValueError, TypeError) as error:
        raise FieldError(
            f"{path} cannot be read: {error}",
            hint='It looks like {"generator": "reframe", "brief": "her hand", "takes": 3}.',
        ) from error


def keep_wish(wish: Wish) -> None:
    """Remember what was asked for."""
    path = home() / WISHES
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    told = {"generator": wish.generator, "brief": wish.brief, "takes": wish.takes,
            "seed": wish.seed, "options": wish.options, "stills": wish.stills}  # fmt: skip
    draft.write_text(json.dumps(told), encoding="utf-8")
    os.replace(draft, path)
