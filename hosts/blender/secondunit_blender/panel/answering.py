"""Operators: circle a take, put it aside, shoot it again, note, answer a finding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

import bpy
from secondunit_bridge.caller import SLOW
from secondunit_bridge.errors import FieldError, NameMissing, UnknownId
from secondunit_bridge.film import Answer, Note, Take, Version, VersionClass, Waiver
from secondunit_bridge.saying import Said

from ..placing import place, placed_take, scene_shot
from ..session import Session
from . import fields, shooting
from .acts import Act, choice, text

_TAKE = text("Take", "Id of the take; empty: the one in the edit")
_BY = text("By", "Your name; empty: as in the panel")
_REASON = text("Reason", "Why; empty: as in the panel")


class SECONDUNIT_OT_circle(Act, bpy.types.Operator):
    """Choose this take: it is published as the shot's next version and cut in"""

    bl_idname = "secondunit.circle"
    bl_label = "Circle"
    __annotations__ = {
        "take": _TAKE,
        "by": _BY,
        "reason": text("Reason", "Why you choose what you asked for, where you work alone"),
    }

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Circle; the version is cut in when it is on disk."""
        take, by = taken(session, context, self.take), signed(context, self.by)
        reason = self.reason.strip() or str(fields.of(context).reason).strip()

        def published(version: Version) -> None:
            session.versions[take.shot] = (*session.versions.get(take.shot, ()), version)
            session.stale.add(take.shot)
            place(session, take.shot, take, by=by)

        session.caller.ask(
            lambda unit: unit.circle(take.id, by, VersionClass.previs, reason=reason),
            published, session.fail, lane=SLOW,
        )  # fmt: skip
        return Said(f"Publishing take {take.number} of {take.name}.")


class SECONDUNIT_OT_reject(Act, bpy.types.Operator):
    """Put this take aside, with a reason; nothing is deleted"""

    bl_idname = "secondunit.reject"
    bl_label = "Put Aside"
    __annotations__ = {"take": _TAKE, "reason": _REASON, "by": _BY}

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Reject."""
        take, by = taken(session, context, self.take), signed(context, self.by)
        _reject(session, take, by, reasoned(context, self.reason))
        return Said(f"Take {take.number} of {take.name} is put aside.")


class SECONDUNIT_OT_reshoot(Act, bpy.types.Operator):
    """Put this take aside and shoot its shot again with another seed"""

    bl_idname = "secondunit.reshoot"
    bl_label = "Reshoot"
    bl_options = shooting.ONCE
    __annotations__ = {
        "take": _TAKE, "reason": _REASON, "by": _BY, **shooting.ARGUMENTS
    }  # fmt: skip

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Reject, then order again; a seed that was not used yet unless one is given."""
        take, by = taken(session, context, self.take), signed(context, self.by)
        shot, reason = scene_shot(session, take.shot), reasoned(context, self.reason)
        fresh = max(one.seed for one in session.takes[take.shot]) + 1
        what = shooting.wanted(session, context, self)
        if self.seed < 0:
            what = replace(what, ask=replace(what.ask, seed=fresh))
        shooting.order(session, context, [shot], what)
        _reject(session, take, by, reason)
        return Said(f"{shot.code} is shot again.")


class SECONDUNIT_OT_note(Act, bpy.types.Operator):
    """Write down what you say about this take"""

    bl_idname = "secondunit.note"
    bl_label = "Note"
    __annotations__ = {
        "take": _TAKE,
        "text": text("Text", "What you say; empty: as in the panel"),
        "by": _BY,
    }

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Note."""
        take, by = taken(session, context, self.take), signed(context, self.by)
        words = self.text.strip() or str(fields.of(context).note).strip()
        if not words:
            raise FieldError("the note says nothing", hint="Write it, then press Note.")
        noted = Note(take.id, by, words)

        def kept(_: None) -> None:
            session.say(Said(f"Noted for take {take.number} of {take.name}."))

        session.caller.ask(lambda unit: unit.note(noted), kept, session.fail)
        fields.of(context).note = ""
        return None


class SECONDUNIT_OT_answer(Act, bpy.types.Operator):
    """Answer this finding by name, with a reason; a take with open findings cannot be circled"""

    bl_idname = "secondunit.answer"
    bl_label = "Answer"
    __annotations__ = {
        "finding": text("Finding", "Id of the finding"),
        "answer": choice("Answer", "What you say to it", fields.ANSWERS),
        "reason": _REASON,
        "by": _BY,
    }

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Waive."""
        by, reason = signed(context, self.by), reasoned(context, self.reason)
        waiver = Waiver(self.finding, Answer(self.answer), by, reason)
        guid = next(
            (g for g, takes in session.takes.items() for t in takes for f in t.findings
             if f.id == self.finding), "",
        )  # fmt: skip
        if not guid:
            raise UnknownId(f"there is no finding {self.finding}", hint="Press Refresh.")
        session.caller.ask(
            lambda unit: unit.waive(waiver), lambda _: session.stale.add(guid), session.fail
        )
        return Said("The finding is answered.")


CLASSES = (
    SECONDUNIT_OT_circle,
    SECONDUNIT_OT_reject,
    SECONDUNIT_OT_reshoot,
    SECONDUNIT_OT_note,
    SECONDUNIT_OT_answer,
)


def taken(session: Session, context: Any, take_id: str) -> Take:
    """The take that is named, else the one of the chosen shot that is in the edit.

    Raises UnknownId.
    """
    if take_id:
        found = session.take(take_id)
        if found is None:
            raise UnknownId(f"no take {take_id} is known here", hint="Press Refresh, then again.")
        return found
    shot = shooting.chosen(session, context, "")
    there = session.take(placed_take(session, shot.guid)) if shot.guid else None
    if there is None:
        raise UnknownId(f"{shot.code} has no take in the edit", hint="Bring one in, or name it.")
    return there


def signed(context: Any, given: str) -> str:
    """Who says it. Raises NameMissing."""
    name = fields.artist(context, given)
    if not name:
        raise NameMissing("nobody's name stands here", hint="Write your name in the panel.")
    return name


def reasoned(context: Any, given: str) -> str:
    """Why; what was written in the panel is used up. Raises FieldError."""
    panel = fields.of(context)
    reason = given.strip() or str(panel.reason).strip()
    if not reason:
        raise FieldError("no reason is given", hint="Write why in the panel, then press again.")
    panel.reason = ""
    return reason


def _reject(session: Session, take: Take, by: str, reason: str) -> None:
    session.caller.ask(
        lambda unit: unit.reject(take.id, by, reason),
        lambda _: session.stale.add(take.shot),
        session.fail,
    )
