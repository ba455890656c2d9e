"""The panel at work: what the daemon told, what the script holds, and what a person asks for.

Called on Nuke's main thread only; whatever waits is asked on threads of the caller. No Qt here.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Sequence, Set, Tuple

from secondunit_bridge.announcements import Hello
from secondunit_bridge.caller import Caller
from secondunit_bridge.errors import (
    FieldError,
    SecondUnitError,
)
from secondunit_bridge.film import Take, Version
from secondunit_bridge.hearing import Hearing
from secondunit_bridge.saying import Said, from_system, told
from secondunit_bridge.unit import Unit

from . import node as nodes
from .board import MOST_TAKES, Board, NodeRow, node_row
from .knobs import STATE
from .posters import LANE, lacking, load
from .productions import FOLDER
from .state import State

if TYPE_CHECKING:
    from .host import Nuke

BEAT_S, REST_S, LOOK_S = 0.1, 0.5, 3.0  # between beats at work, at rest; looks for a daemon

Told = Dict[str, Tuple[Tuple[Take, ...], Tuple[Version, ...]]]


class Session(Hearing):
    """All that the panel keeps while it is open."""

    def __init__(self, nuke: Nuke) -> None:
        super().__init__(starts="It starts with the first turnover.")
        self.nuke = nuke
        self.caller = Caller("nuke", turn_on="Open its panel again.", log="the terminal")
        self.pictures: Dict[str, str] = {}
        self.estimates: Dict[str, Tuple[str, ...]] = {}
        self.handing: Set[str] = set()  # nodes whose turnover was sent and not answered
        self._wished: Dict[str, nodes.Wish] = {}  # what was estimated, by node
        self.board = Board()
        self.known: Dict[str, str] = {}  # guid -> full name of its node
        self._handed: Dict[str, State] = {}  # by guid, as the node knew most
        self._looked = self._read = float("-inf")
        self._asking = self._loading = False
        self._tried: Set[str] = set()  # takes whose picture was asked for since the daemon came
        self._ended = threading.Event()
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

    def look_for_daemon(self, *, start: bool = False) -> None:
        """Ask who is there. ``start``: a daemon, if none runs."""
        if self._asking:
            return
        self._asking = True

        def answered(hello: Hello) -> None:
            self._asking = False
            self.stale |= set(self.known)
            self._tried.clear()
            self.hello, self.changed = hello, True
            self.daemon = Said(f"Daemon {hello.version} is there.")
            for words in self.caller.said():
                self.say(Said(words))

        def failed(error: SecondUnitError) -> None:
            self._asking = False
            self.away(error)

        self.caller.ask(lambda unit: unit.hello(), answered, failed, start=start)

    def read_script(self) -> None:
        """Look at the nodes again."""
        found = nodes.ours(self.nuke)
        with self.nuke.no_undo():
            copies = nodes.part(found, self.known)
        for copy in copies:
            self.say(Said(f"{copy.name()} is a copy: its shot is a new one."))
        known: Dict[str, str] = {}
        seen: List[object] = [self.nuke.script()]
        for node in found:
            seen.append(node.fullName())
            seen += [node[one].value() for one in (STATE, "su_view", "su_generator")]
            self._forget_estimate(node)
            try:
                now = self._remembered(node)
            except FieldError:
                continue
            for guid in {now.guid, *(one.guid for one in now.asked)}:
                known[guid] = str(node.fullName())
        self.stale |= set(known) - set(self.known)
        self.known = known
        if tuple(seen) != self._seen:
            self._seen, self.changed = tuple(seen), True

    def _remembered(self, node: Any) -> State:
        """What a node knows. An undo takes back what stands, and never what was handed over."""
        now = nodes.state(node)
        last = self._handed.get(now.guid, now)
        if len(now.takes) < len(last.takes):
            now = now.with_handed(last)
            with self.nuke.no_undo():
                nodes.keep(node, now)
        self._handed[now.guid] = now
        return now

    def estimated(self, name: str, lines: Tuple[str, ...], wish: nodes.Wish) -> None:
        """Show an estimate, until the node asks for something else."""
        self.estimates[name], self._wished[name] = lines, wish
        self.changed = True

    def _forget_estimate(self, node: Any) -> None:
        name = str(node.fullName())
        if name in self.estimates and nodes.wish(node) != self._wished[name]:
            del self.estimates[name]
            self.changed = True

    def guarded(self, act: Callable[[], object]) -> None:
        """Do what a button asks for; what goes wrong is said. Nothing while Nuke renders."""
        if self.nuke.rendering:
            hint = "Press it again when that is done."
            self.say(Said("Nuke is rendering.", hint, wrong=True))
            return
        self._guarded(act)
        self.read_soon()

    def close(self) -> None:
        """Hang up."""
        self._ended.set()
        self.caller.close()

    def read_soon(self) -> None:
        """The script changed: look at it with the next beat."""
        self._read = float("-inf")

    def _hear(self) -> None:
        self.hear(self.caller.events())

    def shots_of(self, subject: str, body: Mapping[str, Any]) -> Set[str]:
        """Of a take that is known, else every one of the script."""
        take = self.take(subject)
        return {take.shot} if take is not None else set(self.known)

    def preview(self, take: str, jpeg: bytes) -> None:
        """Keep the latest small picture of a take beside the script, for the next time too."""
        beside = _beside(self.nuke.script())
        if beside is None or os.sep in take:
            return
        folder = beside / "previews"
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
                self.takes[guid] = tuple(self.with_reason(take) for take in takes)
                self.versions[guid] = versions
            self._find_pictures()
            self._load_pictures()
            self.changed = True

        self.caller.ask(ask, answered, self.away)

    def _load_pictures(self) -> None:
        """Have the pictures made that were not heard of. One that cannot be is not spoken of."""
        folder = _beside(self.nuke.script())
        shots = [takes for guid, takes in self.takes.items() if guid in self.known]
        wanted = lacking(shots, {*self.pictures, *self._tried}, MOST_TAKES)
        if self._loading or folder is None or not wanted:
            return
        self._loading = True
        self._tried |= set(wanted)

        def came(found: Sequence[str]) -> None:
            self._loading = False
            if found:
                self._find_pictures()
                self.changed = True
            self._load_pictures()  # of more shots

        def failed(_: SecondUnitError) -> None:
            self._loading = False

        self.caller.ask(lambda _: load(wanted, folder, self._ended), came, failed, lane=LANE)

    def _find_pictures(self) -> None:
        folder = _beside(self.nuke.script())
        for takes in self.takes.values() if folder is not None else ():
            for take in takes:
                file = f"{folder}/previews/{take.id}.jpg"
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
        row = node_row(name, now, view, takes, versions, self.progress, self.pictures)
        return replace(row, generator=str(node["su_generator"].value()))

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


def _beside(script: str) -> Optional[Path]:
    return Path(script).parent / FOLDER if script else None
