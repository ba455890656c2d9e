"""What a person asks for in the panel: hand over, answer, choose, place.

Each is done at once or handed to a thread; what goes wrong raises, and the panel says it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Tuple, TypeVar

from secondunit_bridge.caller import QUICK, SLOW
from secondunit_bridge.errors import (
    FieldError,
    NameMissing,
    SecondUnitError,
    TurnoverRejected,
    UnknownId,
)
from secondunit_bridge.film import Answer, Note, Project, Take, Version, VersionClass, Waiver
from secondunit_bridge.saying import Said
from secondunit_bridge.timeline import code as nth_code
from secondunit_bridge.unit import Unit

from . import node as nodes
from .board import estimate
from .collect.looking import look
from .collect.turnover import Collected, collect, collect_extension, planned, remembered
from .place import cutting
from .place.cuts import played, read_cut
from .productions import FOLDER
from .session import Session

T = TypeVar("T")
_SPAN = re.compile(r"(-?\d+)\s*-\s*(-?\d+)")


class Acts:
    """The buttons of the panel, by what they do."""

    def __init__(self, session: Session) -> None:
        self.at, self.nuke = session, session.nuke

    def make_node(self) -> Any:
        """A new node behind what is selected."""
        made = nodes.make(self.nuke)
        self.at.read_soon()
        return made

    def choose(self, name: str, generator: str) -> None:
        """Set the node's generator."""
        self._node(name)["su_generator"].setValue(generator)
        self.at.read_soon()

    def estimate(self, name: str) -> None:
        """Say what a turnover would take, before anything runs."""
        node, wanted = self._node(name), nodes.wish(self._node(name))
        looked = look(self.nuke, node, wanted)
        size = (looked.width, looked.height)

        def shown(plan: Mapping[str, object]) -> None:
            self.at.estimated(name, estimate(looked, plan), wanted)

        shown({})
        if self.at.hello is not None:
            rough = planned(self.nuke, node, looked)

            def ask(unit: Unit) -> Mapping[str, object]:
                project = rough.production.taken_up(unit, *size)
                return unit.plan(rough.of(project), pixel_aspect=looked.aspect)

            self._ask(ask, shown)

    def turn_over(self, name: str, by: str) -> None:
        """Hand the node's plate over. Nuke renders what must be written; the rest goes on.

        In a copy of the script that is for another plate it is a shot of its own.
        """
        node = self._node(name)
        self._once(name)
        now = nodes.state(node)
        done = collect(self.nuke, node, by, code=now.code or self._free_code())
        if done.another_than(now):
            now = nodes.apart(now)
            done = done.as_shot(now.guid, self._free_code())
            with self.nuke.no_undo():
                nodes.keep(node, now)
            self._say("The script was copied for another plate: this is a shot of its own now.")
        self._hand_over(name, done)

    def extend(self, name: str, by: str) -> None:
        """Shoot the frames that the cut lacks, and only those. Raises UnknownId for none."""
        node = self._node(name)
        lacks = cutting.lacking(nodes.state(node))
        if lacks is None or not lacks.missing:
            raise UnknownId(
                "the cut lacks no frame of this shot",
                hint="Set the cut's new range first.",
            )
        self._once(name)
        for span in lacks.missing:
            self._hand_over(name, collect_extension(self.nuke, node, by, span))

    def recut(self, name: str, span: str) -> None:
        """The cut wants other frames of this shot: ``1001-1125``. Raises FieldError."""
        found = _SPAN.fullmatch(span.strip())
        if found is None or int(found[1]) > int(found[2]):
            raise FieldError(
                f"{span!r} is no range of frames",
                hint="Write first and last frame of the cut, like 1001-1125.",
            )
        first, last = int(found[1]), int(found[2])
        self._say(cutting.recut(self.nuke, self._node(name), first, last).sentence)
        self.at.read_soon()

    def recut_from(self, name: str, path: str) -> None:
        """Take the frames that the cut wants of this shot from the cut itself."""
        folder = Path(self.nuke.script()).parent / FOLDER

        def read(found: Dict[str, Any]) -> None:
            first, last = played(found, nodes.state(self._node(name)))
            self.recut(name, f"{first}-{last}")

        self._node(name)
        self._say(f"Reading {Path(path).name}.")
        self._ask(lambda _: read_cut(path, folder), read, lane=SLOW, start=True)

    def circle(self, take_id: str, by: str, reason: str = "") -> None:
        """Choose a take; its version is placed as soon as it is on disk.

        ``reason``: of one who is alone in the production and chooses their own work.
        """
        take = self._take(take_id)
        _signed(by)

        def published(version: Version) -> None:
            self.at.stale.add(take.shot)
            self._place(take.shot, version, by)

        kind = VersionClass.temp
        self._ask(lambda unit: unit.circle(take.id, by, kind, reason=reason), published, lane=SLOW)
        self._say(f"Publishing take {take.number} of {take.name}.")

    def restore(self, take_id: str, by: str) -> None:
        """Bring back a take that was sorted out before anybody watched it."""
        take = self._take(take_id)
        _signed(by)
        self._ask(lambda unit: unit.restore(take.id, by), lambda _: self._touch(take))

    def finish(self, take_id: str, by: str) -> None:
        """Shoot a chosen draft at full quality; circled, it is the next version."""
        take = self._take(take_id)
        _signed(by)

        def asked(made: str) -> None:
            node = self._node(self.at.known.get(take.shot, ""))
            with self.nuke.no_undo():  # an undo must not forget what was asked for
                nodes.keep(node, nodes.state(node).with_finish(made, take.id))
            self._touch(take)
            self._say(f"Take {take.number} is shot at full quality. Circle that when it is there.")

        self._ask(lambda unit: unit.finish(take.id, by), asked)

    def finish_placed(self, name: str, by: str) -> None:
        """The same for the draft that stands in the comp. Raises UnknownId for none."""
        now = nodes.state(self._node(name))
        piece = now.piece(now.guid)
        if piece is None or piece.take not in now.drafts:
            what = "no version is placed yet" if piece is None else f"{piece.version} is no draft"
            raise UnknownId(what, hint="Finish is for drafts: set quality to draft, turn over.")
        self.finish(piece.take, by)

    def reshoot(self, take_id: str, by: str, reason: str) -> None:
        """Put a take aside and shoot again with a seed that was not used yet."""
        take = self._take(take_id)
        _signed(by)
        _reasoned(reason)
        name = self.at.known.get(take.shot, "")
        fresh = max(one.seed for one in self.at.takes[take.shot]) + 1
        node = self._node(name)
        now, before = nodes.state(node), node["su_seed"].value()
        asked = now.asked_for(take.shot)
        node["su_seed"].setValue(fresh)
        try:
            if asked is not None and take.shot != now.guid:  # of the frames that the cut lacked
                self._hand_over(name, collect_extension(self.nuke, node, by, asked.show))
            else:
                self.turn_over(name, by)
        except SecondUnitError:
            node["su_seed"].setValue(before)
            raise
        self._ask(lambda unit: unit.reject(take.id, by, reason), lambda _: self._touch(take))

    def note(self, take_id: str, by: str, text: str) -> None:
        """Write down what is said about a take."""
        take = self._take(take_id)
        _signed(by)
        _reasoned(text)
        self._ask(lambda unit: unit.note(Note(take.id, by, text)),
            lambda _: self._say(f"Noted for take {take.number}."))  # fmt: skip

    def waive(
        self,
        finding: str,
        take_id: str,
        by: str,
        reason: str,
        answer: Answer = Answer.creative_intent,
    ) -> None:
        """Answer a finding in somebody's name."""
        take = self._take(take_id)
        _signed(by)
        _reasoned(reason)
        waiver = Waiver(finding, answer, by, reason)
        self._ask(lambda unit: unit.waive(waiver), lambda _: self._touch(take))

    def cancel(self, take_id: str, by: str) -> None:
        """Stop a take that waits or is shot."""
        take = self._take(take_id)
        self._ask(lambda unit: unit.cancel(take=take.id, by=by), lambda _: self._touch(take))

    def place(self, take_id: str, by: str) -> None:
        """Put the version of a circled take into the comp."""
        take = self._take(take_id)
        named = (one for one in self.at.versions.get(take.shot, ()) if one.take == take.id)
        version = next(named, None)
        if version is None:
            raise UnknownId(f"take {take.number} has no version", hint="Circle it first.")
        self._place(take.shot, version, by)

    def step(self, name: str, by: int) -> None:
        """Version up (1) or down (-1)."""
        self._told_cut(cutting.step(self.nuke, self._node(name), by))

    def view(self, name: str, view: str) -> None:
        """Result, plate, version or the difference outside the matte: no step of undo."""
        with self.nuke.no_undo():
            self._node(name)["su_view"].setValue(view)
        self.at.read_soon()

    def _hand_over(self, name: str, done: Collected) -> None:
        size = done.turnover.width, done.turnover.height

        def ask(unit: Unit) -> Tuple[Collected, Project, Tuple[str, ...]]:
            project = done.production.taken_up(unit, *size)
            named = done.named(project, unit.shots())
            return named, project, unit.turn_over(named.of(project))

        def failed(error: SecondUnitError) -> None:
            self.at.handing.discard(name)
            self.at.fail(error)

        def answered(found: Tuple[Collected, Project, Tuple[str, ...]]) -> None:
            self.at.handing.discard(name)
            node, shot = self._node(name), found[0].shot
            with self.nuke.no_undo():  # an undo must not forget what was handed over
                nodes.keep(node, remembered(nodes.state(node), *found))
            self.at.known[shot.guid] = name
            self.at.stale.add(shot.guid)
            self.at.read_soon()
            self._say(f"{shot.sequence} {shot.code} is turned over.")
            if self.at.hello is None:
                self.at.look_for_daemon()

        for words in done.said:
            self._say(words)
        self.at.handing.add(name)
        self.at.caller.ask(ask, answered, failed, start=True)

    def _once(self, name: str) -> None:
        """Who presses twice while Nuke renders, or no answer has come, asks once."""
        if name in self.at.handing:
            raise TurnoverRejected(
                f"{name} is being handed over", hint="Wait until it says that it is turned over."
            )

    def _place(self, guid: str, version: Version, by: str) -> None:
        node = self._node(self.at.known.get(guid, ""))
        cut = cutting.place(self.nuke, node, version.path, version.record)
        self._told_cut(replace(cut, by=by))

    def _told_cut(self, cut: Any) -> None:
        self.at.read_soon()
        self._say(f"{cut.version} stands in the comp.")
        self._ask(lambda unit: unit.cut_in(cut), lambda _: None)

    def _say(self, text: str) -> None:
        self.at.say(Said(text))

    def _ask(
        self,
        what: Callable[[Unit], T],
        then: Callable[[T], None],
        *,
        lane: str = QUICK,
        start: bool = False,
    ) -> None:
        self.at.caller.ask(what, then, self.at.fail, lane=lane, start=start)

    def _touch(self, take: Take) -> None:
        self.at.stale.add(take.shot)

    def _free_code(self) -> str:
        taken = set()
        for node in nodes.ours(self.nuke):
            try:
                taken.add(nodes.state(node).code)
            except FieldError:
                continue
        return next(one for one in map(nth_code, range(len(taken) + 1)) if one not in taken)

    def _node(self, name: str) -> Any:
        found = self.nuke.node(name) if name else None
        if found is None:
            raise UnknownId(f"there is no node {name or 'for it'} any more", hint="Undo, or redo.")
        return found

    def _take(self, take_id: str) -> Take:
        found = self.at.take(take_id)
        if found is None:
            raise UnknownId(f"there is no take {take_id}", hint="Wait until the list is read anew.")
        return found


def _signed(by: str) -> None:
    if not by.strip():
        raise NameMissing("nobody signs", hint="Write your name at the foot of the panel.")


def _reasoned(text: str) -> None:
    if not text.strip():
        hint = "Write it in the line at the foot of the panel."
        raise NameMissing("there is no reason", hint=hint)
