"""Operators: order takes of one shot or all, stop them, and wait for them in a script."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence, Set

import bpy
from secondunit_bridge.errors import (
    MediaOffline,
    NotPermitted,
    SecondUnitError,
    TimedOut,
    TurnoverRejected,
)
from secondunit_bridge.saying import UNDER_WAY, Said

from ..collect.identities import OWNER, PROPERTY, SEQUENCE, keep_identities, renewed
from ..collect.metering import angles
from ..collect.passes import order_passes
from ..collect.shots import SceneShot, scene_rate
from ..collect.turnover import Ask
from ..copies import clear_copies, fresh_copy
from ..orders import Order, Wanted
from ..place.edit import GUID, edit_of, strips
from ..place.grey import fresh_folder
from ..placing import scene_shot
from ..productions import Production, sequence_of
from ..remembering import note_identities
from ..session import Session
from . import fields, looks, running
from .acts import Act, number, text

ARGUMENTS = {
    "look": text("Look", "toon, pencil, graded or a generator; empty: as in the panel"),
    "brief": text("Brief", "What happens in the shot; empty: as in the panel"),
    "options": text("Options", "Options of the look, such as: lines=0.6; empty: as in the panel"),
    "takes": number("Takes", "How many takes; 0: as in the panel", min=0, max=16),
    "seed": number("Seed", "Chance of the first take; -1: as in the panel", default=-1, min=-1),
}

# Undone in one step, and not registered: Adjust Last Operation would shoot again with each change.
ONCE = {"UNDO"}


class SECONDUNIT_OT_shoot(Act, bpy.types.Operator):
    """Render the passes of this shot in the background and have it shot"""

    bl_idname = "secondunit.shoot"
    bl_label = "Shoot"
    bl_options = ONCE
    __annotations__ = {
        "shot": text("Shot", "Code of the shot, such as 0010; empty: the one in the panel"),
        **ARGUMENTS,
    }

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Order one shot."""
        shot = chosen(session, context, self.shot)
        order(session, context, [shot], wanted(session, context, self))
        return Said(f"{shot.code} is on its way.")


class SECONDUNIT_OT_shoot_all(Act, bpy.types.Operator):
    """Render the passes of every shot in the background and have them shot"""

    bl_idname = "secondunit.shoot_all"
    bl_label = "Shoot All"
    bl_options = ONCE
    __annotations__ = dict(ARGUMENTS)

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Order every shot."""
        shots = session.list.shots
        if not shots:
            raise MediaOffline(
                "no camera is bound to a marker in this scene",
                hint="Select a camera, go to its first frame, and use Marker > Bind Camera.",
            )
        order(session, context, shots, wanted(session, context, self))
        return Said(f"{len(shots)} shots are on their way.")


class SECONDUNIT_OT_cancel(Act, bpy.types.Operator):
    """Stop what is under way: passes at once, takes as soon as the daemon can"""

    bl_idname = "secondunit.cancel"
    bl_label = "Stop"
    __annotations__ = {"shot": text("Shot", "Code of the shot; empty: everything of this scene")}

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Stop a shot, or all."""
        shots = session.list.shots
        if self.shot:
            shots = (scene_shot(session, self.shot),)
        count, by = 0, fields.artist(context)
        for shot in shots:
            if not shot.guid:
                continue
            count += session.orders.stop(shot.guid)
            for take in session.takes.get(shot.guid, ()):
                if take.state in UNDER_WAY:
                    count += 1
                    _cancel(session, take.id, by)
            session.stale.add(shot.guid)
        return Said(f"Stopped: {count}." if count else "Nothing was under way.")


class SECONDUNIT_OT_new_shots(Act, bpy.types.Operator):
    """This file is a copy: its shots become its own, and the first file keeps the takes"""

    bl_idname = "secondunit.new_shots"
    bl_label = "New Shots"
    bl_options = ONCE

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """New identities; strips in the edit stay until takes of the new shots replace them."""
        layout, blend = session.host.layout(), session.host.blend()
        if layout.library is not None:
            raise NotPermitted(
                f"the scene {layout.name} comes from {layout.library.filepath}",
                hint="Open that file, or make the scene local.",
            )
        fresh = renewed(layout)
        edit = edit_of(layout, session.host.scenes())
        for strip in strips(edit) if edit is not None else ():
            if strip.get(GUID) in fresh:
                strip[GUID] = fresh[strip[GUID]]
        if blend:
            note_identities(layout, blend)
        return Said(f"{len(fresh)} shots are new: nothing was shot for them yet.")


class SECONDUNIT_OT_wait(bpy.types.Operator):
    """For scripts: wait until everything that was ordered is shot and in the edit"""

    bl_idname = "secondunit.wait"
    bl_label = "Wait for Takes"
    bl_options = {"INTERNAL"}  # noqa: RUF012  # Blender reads a plain set from the class
    __annotations__ = {"timeout": number("Timeout", "Seconds at most", default=600, min=1)}

    def execute(self, context: Any) -> Set[str]:
        """Beat until it is quiet."""
        end = time.monotonic() + self.timeout
        if not running.pump().settled(end - time.monotonic()):
            error = TimedOut(
                f"not everything is shot after {self.timeout} seconds", hint="Wait once more."
            )
            self.report({"ERROR"}, f"{error.message}. {error.hint}")
            return {"CANCELLED"}
        failures = running.session().orders.failures
        if failures:
            self.report({"ERROR"}, " ".join(said.line for said in failures))
            return {"CANCELLED"}
        return {"FINISHED"}


CLASSES = (
    SECONDUNIT_OT_shoot,
    SECONDUNIT_OT_shoot_all,
    SECONDUNIT_OT_cancel,
    SECONDUNIT_OT_new_shots,
    SECONDUNIT_OT_wait,
)


def chosen(session: Session, context: Any, code: str) -> SceneShot:
    """The shot that is named, else the one chosen in the panel. Raises UnknownId."""
    if code:
        return scene_shot(session, code)
    active = fields.of(context).active
    shots = session.list.shots
    return shots[active] if 0 <= active < len(shots) else scene_shot(session, "")


def wanted(session: Session, context: Any, operator: Any) -> Wanted:
    """What is asked for: the operator's arguments, and the panel's where they are left out."""
    panel = fields.of(context)
    generator, look = looks.generator_and_look(operator.look or str(panel.look))
    references = tuple(bpy.path.abspath(one.path) for one in panel.references if one.path)
    ask = Ask(
        sequence=sequence_of(session.host.blend(), session.host.layout().name),
        generator=generator,
        look=look,
        brief=operator.brief or str(panel.brief),
        options={
            **(looks.moved(panel, look) if generator == looks.GENERATOR else {}),
            **looks.options(operator.options or str(panel.options)),
        },
        takes=operator.takes or int(panel.takes),
        seed=operator.seed if operator.seed >= 0 else int(panel.seed),
        artist=fields.artist(context),
    )
    own = None if operator.brief else session.briefs  # what is said in words is all that is said
    return Wanted(
        ask, references, str(panel.backend), int(panel.percentage), own, bool(panel.one_exposure)
    )


def order(session: Session, context: Any, shots: Sequence[SceneShot], what: Wanted) -> None:
    """Keep the shots' identities, copy the file as it is now, and put the shots in line.

    Raises TurnoverRejected, NotPermitted; the file is then as it was.
    """
    blend, layout = session.host.blend(), session.host.layout()
    if not blend:
        raise TurnoverRejected(
            "the file was never saved, and passes and takes lie beside it",
            hint="Save it, then shoot.",
        )
    what.check()
    production = Production(blend, scene_rate(layout), str(fields.of(context).project).strip())
    before = {key: layout.get(key) for key in (PROPERTY, OWNER, SEQUENCE)}
    guids = {(row.marker, row.camera, row.first): row.guid for row in keep_identities(layout)}
    known = [
        replace(shot, guid=guids.get((shot.marker, shot.camera, shot.frames.first), shot.guid))
        for shot in shots
    ]
    clear_copies(blend)
    copy = fresh_copy(blend)
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        session.host.snapshot(str(copy))
        made = [_order(session, shot, what, production, copy, layout) for shot in known]
        note_identities(layout, blend)
        layout[SEQUENCE] = what.ask.sequence
    except (OSError, RuntimeError, SecondUnitError) as error:
        _put_back(layout, before)
        copy.unlink(missing_ok=True)
        if isinstance(error, RuntimeError):  # how Blender says that it cannot write
            raise TurnoverRejected(
                f"the file could not be copied to {copy.parent}",
                hint="Check that you may write there and that its disk has room.",
            ) from error
        raise
    for one in made:
        session.orders.add(one)
    session.read_scene()


def _order(
    session: Session,
    shot: SceneShot,
    what: Wanted,
    production: Production,
    copy: Path,
    layout: Any,
) -> Order:
    place = fresh_folder(shot, production.folder)
    meter = angles(session.list.shots) if what.ask.look and what.one_exposure else []
    passes = order_passes(
        str(copy), layout.name, shot, str(place), what.backend, binary=session.host.binary(),
        options={
            "percentage": what.percentage, "meter": meter, "scripts": not bpy.app.autoexec_fail,
        },
    )  # fmt: skip
    return Order(shot, what.for_shot(shot), production, passes, str(copy))


def _put_back(layout: Any, before: Mapping[str, Any]) -> None:
    for key, value in before.items():
        if value is not None:
            layout[key] = value
        elif key in layout:
            del layout[key]


def _cancel(session: Session, take: str, by: str) -> None:
    session.caller.ask(lambda unit: unit.cancel(take=take, by=by), lambda _: None, session.fail)
