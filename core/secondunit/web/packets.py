"""Packets that are asked for on the page: one built at a time, how far it is, and its pages."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import localtime, monotonic, strftime, time
from typing import Any, Protocol

from secondunit_bridge.errors import Locked, SecondUnitError, StoreError, UnknownId

from ..packet.layout import JSON, PDF
from ..packet.steps import READING, Heard, Step, unheard
from ..rights import Finding

FOLDER = "packets"  # of the home
_OFTEN_S = 0.1  # between two words on how far it is
_KEPT = 20  # packets that are listed
_BROKEN = StoreError("the packet was not built", hint="Try `secondunit packet`: it says why.")
_LEGAL = re.compile(r"[^A-Za-z0-9._-]+")


class Built(Protocol):
    """What a packet is told of when it is there."""

    @property
    def sha256(self) -> str:
        """Of its document."""

    @property
    def files(self) -> tuple[str, ...]:
        """Names of everything in its folder."""

    @property
    def findings(self) -> tuple[tuple[str, Finding], ...]:
        """What the gate says, by clip."""


@dataclass(frozen=True)
class Order:
    """A packet that was asked for: of which cut, where to, and whether it may be a draft.

    ``hear`` is told each step.
    """

    cut: Path
    out: Path
    draft: bool
    by: str
    hear: Heard = unheard


Build = Callable[[Order], Built]
"""Builds it and returns when it is there. Raises what building raises."""


@dataclass(frozen=True)
class Standing:
    """How far a packet is. ``done`` is 0..1; ``state`` is building, built or refused.

    While it is built, ``step`` is what is being done, ``page`` the last one that was set.
    """

    name: str
    cut: str
    by: str
    at: float
    draft: bool
    state: str = "building"
    done: float = 0.0
    step: str = READING.what
    page: int = 0
    public: bool = False
    files: int = 0
    sha256: str = ""
    pages: bool = False
    findings: tuple[dict[str, Any], ...] = ()
    error: dict[str, str] = field(default_factory=dict, hash=False)


class Packets:
    """Builds in a thread of its own. ``tell`` hears of each step, as JSON values."""

    def __init__(self, home: Path, build: Build, tell: Callable[[dict[str, Any]], None]) -> None:
        self._folder, self._build, self._tell = home / FOLDER, build, tell
        self._lock = threading.Lock()
        self._known: dict[str, Standing] = {one.name: one for one in _there(self._folder)}

    def ask(self, cut: Path, by: str, *, draft: bool) -> dict[str, Any]:
        """Begin one. Raises Locked while another is being built."""
        stem = _LEGAL.sub("_", cut.stem)[:60]
        name = f"{stem}-{strftime('%Y%m%d-%H%M%S', localtime())}"
        with self._lock:
            if any(other.state == "building" for other in self._known.values()):
                raise Locked("a packet is being built", hint="Ask again when it is there.")
            if name in self._known:  # within the same second: one that was refused, say
                name = f"{name}.{len(self._known)}"
            one = self._known[name] = Standing(name, cut.name, by, time(), draft)
        steps = _Steps(one, self._say)
        order = Order(cut, self._folder / name, draft, by, steps)
        threading.Thread(target=self._make, args=(order, one), daemon=True).start()
        return plain(one)

    def told(self) -> list[dict[str, Any]]:
        """The latest packets, newest first."""
        with self._lock:
            found = sorted(self._known.values(), key=lambda one: -one.at)[:_KEPT]
        return [plain(one) for one in found]

    def pages(self, name: str) -> bytes:
        """A packet's PDF. Raises UnknownId."""
        with self._lock:
            one = self._known.get(name)
        if one is None or not one.pages:
            raise UnknownId(f"there is no packet {name!r:.80}", hint="Load the page again.")
        return (self._folder / name / PDF).read_bytes()

    def _make(self, order: Order, one: Standing) -> None:
        one = replace(one, state="refused", error=_told(_BROKEN))  # unless we learn better
        try:
            made = self._build(order)
        except SecondUnitError as error:
            one = replace(one, error=_told(error))
        else:
            found = tuple(
                {"shot": clip, "rule": f.rule, "text": f.text, "waived": f.waived, "stops": f.stops}
                for clip, f in made.findings
            )
            one = replace(one, state="built", done=1.0, files=len(made.files), pages=True,
                          sha256=made.sha256, findings=found, error={})  # fmt: skip
        finally:  # or no other could ever be asked for
            self._say(one)

    def _say(self, one: Standing) -> None:
        with self._lock:
            self._known[one.name] = one
        self._tell(plain(one))


class _Steps:
    """Says each step of one packet, but no more often than anybody can read."""

    def __init__(self, one: Standing, say: Callable[[Standing], None]) -> None:
        self._one, self._say, self._said = one, say, ("", 0.0)

    def __call__(self, step: Step) -> None:
        now, (what, at) = monotonic(), self._said
        if step.what != what or now - at >= _OFTEN_S:
            self._said = step.what, now
            self._say(replace(self._one, step=step.what, page=step.page, public=step.public,
                              done=step.done))  # fmt: skip


def _told(error: SecondUnitError) -> dict[str, str]:
    return {"message": error.message, "hint": error.hint, "code": error.code}


def plain(one: Standing) -> dict[str, Any]:
    """As JSON."""
    return {**one.__dict__, "findings": list(one.findings)}


def _there(folder: Path) -> Sequence[Standing]:
    """Packets that were built here before."""
    if not folder.is_dir():
        return ()
    return [
        Standing(one.name, one.name.rpartition("-")[0].rpartition("-")[0], "",
                 (one / JSON).stat().st_mtime, draft=False, state="built", done=1.0,
                 files=sum(file.is_file() for file in one.rglob("*")), pages=True)
        for one in folder.iterdir() if (one / JSON).is_file() and (one / PDF).is_file()
    ]  # fmt: skip
