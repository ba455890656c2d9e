"""The panel at work: what the daemon told, what the script holds, and what a person asks for.

Called on Nuke's main thread only; whatever waits is asked on threads of the caller. No Qt here.
"""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Set, Tuple

from secondunit_bridge.announcements import Event, Hello
from secondunit_bridge.caller import Caller
from secondunit_bridge.errors import (
    DaemonUnavailable,
    FieldError,
    SecondUnitError,
    error_from,
)
from secondunit_bridge.film import Take, Version
from secondunit_bridge.saying import Said, from_system, sentence, told
from secondunit_bridge.unit import Unit

from . import node as nodes
from .board import Board, NodeRow, node_row
from .knobs import STATE
from .productions import FOLDER

if TYPE_CHECKING:
    from .host import Nuke

BEAT_S, REST_S, LOOK_S = 0.1, 0.5, 3.0  # between beats at work, at rest; looks for a daemon
_AWAY = "Second Unit's daemon does not run."
_START = "It starts with the first turnover."

Told = Dict[str, Tuple[Tuple[Take, ...], Tuple[Version, ...]]]


class Session:
    """All that the panel keeps while it is open."""

    def __init__(self, nuke: Nuke) -> None:
        self.nuke = nuke
        self.caller = Caller("nuke", turn_on="Open its panel again.", log="the terminal")
        self.hello: Optional[Hello] = None
        self.daemon = Said("Looking for the daemon.")
        self.takes: Dict[str, Tuple[Take, ...]] = {}
        self.versions: Dict[str, Tuple[Version, ...]] = {}
        self.progress: Dict[str, Tuple[float, str]] = {}
        self.pictures: Dict[str, str] = {}
        self.reasons: Dict[str, Said] = {}
        self.estimates: Dict[str, Tuple[str, ...]] = {}
        self.said: List[Said] = []
        self.stale: Set[str] = set()
        self.board = Board()
        self.changed = True
        self.known: Dict[str, str] = {}  # guid -> full name of its node
        self._looked = self._read = float("-inf")
        self._asking = False
        self._script = ""
        self._seen: Tuple[object, ...] = ()

    def beat(self) -> float:
        """Take in what came, and say after how many seconds the next beat is due. Never waits."""
        if self.nuke.rendering:  # Nuke lets timers beat while it renders
            return BEAT_S
        now = time.monotonic()
        self._guarded(self.caller.answers)
        self._guarded(self._hear)
        if self.hello is None and now - self._looked > LOOK_S:
            self._looked = now
            self.look_for_daemon()
        if now - self._read > REST_S:
            self._read = now
            self._guarded(self.read_script)
        self._ask_for_takes()
        if self.changed:
            self._guarded(self._make_board)
        return BEAT_S if self.caller.waiting or self.progress else REST_S

    def say(self, said: Said) -> None:
        """Show a sentence; the newest three stay."""
        self.said = [said, *[old for old in self.said if old.what != said.what]][:3]
        self.changed = True

    def fail(self, error: SecondUnitError) -> None:
        """Show what went wrong."""
        if isinstance(error, DaemonUnavailable):
            self._away(error)
        self.say(told(error))

    def look_for_daemon(self, *, start: bool = False) -> None:
        """Ask who is there. ``start``: a daemon, if none runs."""
        if self._asking:
            return
        self._asking = True

        def answered(hello: Hello) -> None:
            self._asking = False
            self.stale |= set(self.known)
            self.hello, self.changed = hello, True
            self.daemon = Said(f"Daemon {hello.version} is there.")
            for words in self.caller.said():
                self.say(Said(words))

        def failed(error: SecondUnitError) -> None:
            self._asking = False
            self._away(error)

        self.caller.ask(lambda unit: unit.hello(), answered, failed, start=start)

    def read_script(self) -> None:
        """Look at the nodes again."""
        found = nodes.ours(self.nuke)
        with self.nuke.no_undo():
            copies = nodes.part(found)
        for copy in copies:
            self.say(Said(f"{copy.name()} is a copy: its shot is a new one."))
        known: Dict[str, str] = {}
        seen: List[object] = [self.nuke.script()]
        for node in found:
            seen += [node.fullName(), node[STATE].value(), node["su_view"].value()]
            try:
                now = nodes.state(node)
            except FieldError:
                continue
            for guid in {now.guid, *(one.guid for one in now.asked)}:
                known[guid] = str(node.fullName())
        self.stale |= set(known) - set(self.known)
        self.known = known
        if tuple(seen) != self._seen:
            self._seen, self.changed = tuple(seen), True

    def guarded(self, act: Callable[[], object]) -> None:
        """Do what a button asks for; what goes wrong is said."""
        self._guarded(act)
        self.read_soon()

    def close(self) -> None:
        """Hang up."""
        self.caller.close()

    def read_soon(self) -> None:
        """The script changed: look at it with the next beat."""
        self._read = float("-inf")

    def _hear(self) -> None:
        for event in self.caller.events():
            self._heard(event)

    def _heard(self, event: Event) -> None:
        if event.kind == "gone":
            self._away(DaemonUnavailable(str(event.body.get("message", ""))))
        elif event.kind == "back":
            self.hello = None
            self.look_for_daemon()
        elif event.kind == "progress":
            take, done = str(event.body.get("take")), event.body.get("done")
            if isinstance(done, (int, float)):
                self.progress[take] = (float(done), str(event.body.get("says") or ""))
                self.changed = True
        elif event.kind == "preview" and event.parts:
            self._picture(str(event.body.get("take")), event.parts[0])
        elif event.kind == "entry" and event.entry is not None:
            self._entry(event.entry.kind, event.entry.subject, event.entry.body)

    def _entry(self, kind: str, subject: str, body: Mapping[str, object]) -> None:
        error = body.get("error")
        if kind == "state" and isinstance(error, dict):
            self.reasons[subject] = told(error_from(error))
        if kind in ("turnover", "state", "take", "version", "version_state", "waiver", "cut_in"):
            shots = [t.shot for takes in self.takes.values() for t in takes if t.id == subject]
            self.stale |= set(shots) or set(self.known)
        if kind == "take":
            self.progress.pop(subject, None)

    def _picture(self, take: str, jpeg: bytes) -> None:
        """Keep the latest small picture of a take beside the script, for the next time too."""
        folder = _pictures(self.nuke.script())
        if folder is None or os.sep in take:
            return
        folder.mkdir(parents=True, exist_ok=True)
        spare = folder / f".{take}.{uuid.uuid4().hex[:6]}"
        spare.write_bytes(jpeg)
        os.replace(spare, folder / f"{take}.jpg")
        self.pictures[take], self.changed = str(folder / f"{take}.jpg"), True

    def _ask_for_takes(self) -> None:
        if not self.stale or self.hello is None:
            return
        guids, self.stale = tuple(self.stale), set()

        def ask(unit: Unit) -> Told:
            return {guid: (unit.takes(shot=guid), unit.versions(guid)) for guid in guids}

        def answered(found: Told) -> None:
            for guid, (takes, versions) in found.items():
                self.takes[guid] = tuple(self._reasoned(take) for take in takes)
                self.versions[guid] = versions
            self._find_pictures()
            self.changed = True

        self.caller.ask(ask, answered, self._away)

    def _reasoned(self, take: Take) -> Take:
        reason = self.reasons.get(take.id)
        return replace(take, remarks=(*take.remarks, reason.line)) if reason else take

    def _find_pictures(self) -> None:
        folder = _pictures(self.nuke.script())
        for takes in self.takes.values() if folder is not None else ():
            for take in takes:
                file = f"{folder}/{take.id}.jpg"
                if take.id not in self.pictures and os.path.isfile(file):
                    self.pictures[take.id] = file

    def _make_board(self) -> None:
        rows = tuple(self._row(node) for node in nodes.ours(self.nuke))
        self.board = Board(
            self.daemon,
            self.hello is not None,
            self.hello.generators if self.hello is not None else self.board.generators,
            rows,
            tuple(self.said),
            tuple(self.estimates.items()),
            self.board.serial + 1,
        )
        self.changed = False

    def _row(self, node: Any) -> NodeRow:
        name, view = str(node.fullName()), str(node["su_view"].value())
        try:
            now = nodes.state(node)
        except FieldError as error:
            return NodeRow(name, "", "cannot be read", "", "", 0, view, (), told(error).line)
        guids = (now.guid, *(one.guid for one in now.asked if one.guid != now.guid))
        takes = [take for guid in guids for take in self.takes.get(guid, ())]
        versions = [one for guid in guids for one in self.versions.get(guid, ())]
        return node_row(name, now, view, takes, versions, self.progress, self.pictures)

    def _away(self, error: SecondUnitError) -> None:
        said = told(error)
        if isinstance(error, DaemonUnavailable) and not error.data.get("log"):
            said = Said(sentence(error.message) if error.message else _AWAY, _START)
        if self.hello is not None or said != self.daemon:
            self.hello, self.daemon, self.changed = None, said, True

    def _guarded(self, step: Callable[[], object]) -> None:
        """What goes wrong is said, and the next beat comes all the same."""
        try:
            step()
        except FieldError as error:  # an event of a newer daemon, or a node that was damaged
            self.say(told(error))
        except SecondUnitError as error:
            self.fail(error)
        except OSError as error:
            self.fail(from_system(error))
        except (RuntimeError, ValueError, NameError) as error:  # what Nuke raises itself
            self.fail(SecondUnitError(f"Nuke says: {error}", hint="Undo, then try again."))


def _pictures(script: str) -> Optional[Path]:
    return Path(script).parent / FOLDER / "previews" if script else None
