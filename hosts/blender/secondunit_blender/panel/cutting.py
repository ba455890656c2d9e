"""Operators: takes into the edit and out of it, grey or look, the cut as a file, the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

import bpy
from secondunit_bridge.errors import MediaOffline
from secondunit_bridge.saying import Said

from ..place.edit import edit_of, make_edit
from ..place.export import export
from ..place.grey import rendered
from ..place.strips import looks_shown, show
from ..placing import beside, pieces_of, place, scene_shot, stand_in
from ..productions import folder_beside
from ..session import Session
from . import fields, shooting
from .acts import Act, choice, number, path, text
from .answering import taken

_SHOT = text("Shot", "Code of the shot, such as 0010; empty: the one in the panel")
_WHICH = (
    ("TOGGLE", "Swap", "What is not shown now"),
    ("GREY", "Grey", "The grey scenes"),
    ("LOOK", "Look", "The takes"),
)


class SECONDUNIT_OT_refresh(Act, bpy.types.Operator):
    """Ask the daemon again where everything stands"""

    bl_idname = "secondunit.refresh"
    bl_label = "Refresh"

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Ask; the answer comes later."""
        session.orders.forget_failures()
        session.said = []
        session.stale |= {shot.guid for shot in session.list.shots if shot.guid}
        session.look_for_daemon()
        return None


class SECONDUNIT_OT_start_daemon(Act, bpy.types.Operator):
    """Start the daemon that shoots, on this machine"""

    bl_idname = "secondunit.start_daemon"
    bl_label = "Start the Daemon"

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Start it; the answer comes later."""
        session.look_for_daemon(start=True)
        return None


class SECONDUNIT_OT_bring_in(Act, bpy.types.Operator):
    """Put a take into the edit: the circled one of its shot, else the best"""

    bl_idname = "secondunit.bring_in"
    bl_label = "Bring In"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012  # Blender reads a plain set from the class
    __annotations__ = {"shot": _SHOT, "take": text("Take", "Id of the take; empty: the best")}

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Bring in."""
        if self.take:
            take = taken(session, context, self.take)
        else:
            shot = shooting.chosen(session, context, self.shot)
            take = stand_in(session, shot.guid)
        place(session, take.shot, take, by=fields.artist(context))
        return None


class SECONDUNIT_OT_bring_in_all(Act, bpy.types.Operator):
    """Put the circled or best take of every shot into the edit"""

    bl_idname = "secondunit.bring_in_all"
    bl_label = "Bring In All"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012  # Blender reads a plain set from the class

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Bring in what there is."""
        count = 0
        for shot in session.list.shots:
            if shot.guid and session.takes.get(shot.guid):
                take = stand_in(session, shot.guid)
                place(session, shot.guid, take, by=fields.artist(context))
                count += 1
        return Said(f"In the edit: {count} of {len(session.list.shots)} shots.")


class SECONDUNIT_OT_swap(Act, bpy.types.Operator):
    """Have the strip of this shot play its next take or version"""

    bl_idname = "secondunit.swap"
    bl_label = "Next Take"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012  # Blender reads a plain set from the class
    __annotations__ = {
        "shot": _SHOT,
        "steps": number("Steps", "1: the next take, -1: the one before", default=1),
    }

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Swap in place."""
        shot = shooting.chosen(session, context, self.shot)
        take = beside(session, shot.guid, self.steps)
        place(session, shot.guid, take, by=fields.artist(context))
        return None


class SECONDUNIT_OT_show(Act, bpy.types.Operator):
    """Play the takes, or the grey scenes below them"""

    bl_idname = "secondunit.show"
    bl_label = "Grey / Look"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012  # Blender reads a plain set from the class
    __annotations__ = {
        "which": choice("Which", "What is to be played", _WHICH),
        "shot": text("Shot", "Code of the shot; empty: all"),
    }

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Mute or unmute."""
        guid = scene_shot(session, self.shot).guid if self.shot else ""
        edit = _edit(session)
        look = self.which == "LOOK" or (self.which == "TOGGLE" and not looks_shown(edit, guid))
        if not show(edit, look=look, guid=guid):
            raise MediaOffline("no take is in the edit", hint="Bring takes in first.")
        return Said("The takes play." if look else "The grey scenes play.")


class SECONDUNIT_OT_open_edit(Act, bpy.types.Operator):
    """Show the scene that holds the edit, or go back to the one with the cameras"""

    bl_idname = "secondunit.open_edit"
    bl_label = "Open the Edit"

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Switch the window's scene."""
        edit, layout = _edit(session), session.host.layout()
        make_edit(layout, session.host.scenes(), pieces_of(session))  # the scene may have changed
        context.window.scene = layout if context.window.scene == edit else edit
        return None


class SECONDUNIT_OT_export_otio(Act, bpy.types.Operator):
    """Write the edit as OpenTimelineIO: one track GREY, one track LOOK, markers with the shots"""

    bl_idname = "secondunit.export_otio"
    bl_label = "Export Cut"
    __annotations__ = {
        "filepath": path("File", "Where the cut is written"),
        "filter_glob": bpy.props.StringProperty(default="*.otio", options={"HIDDEN"}),
    }

    def invoke(self, context: Any, event: Any) -> Any:
        """Ask where to."""
        blend = Path(bpy.data.filepath or "cut.blend")
        self.filepath = str(blend.with_suffix(".otio"))
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Write it."""
        target = Path(bpy.path.abspath(self.filepath or "//cut.otio")).with_suffix(".otio")
        edit, layout = _edit(session), session.host.layout()
        shots = session.list.shots
        blend = session.host.blend()
        passes = rendered(shots, folder_beside(blend))
        counts = export(edit, layout, shots, passes, target, Path(blend).parent)
        return Said(f"{target.name}: {counts.grey} grey shots and {counts.look} looks.")


CLASSES = (
    SECONDUNIT_OT_refresh,
    SECONDUNIT_OT_start_daemon,
    SECONDUNIT_OT_bring_in,
    SECONDUNIT_OT_bring_in_all,
    SECONDUNIT_OT_swap,
    SECONDUNIT_OT_show,
    SECONDUNIT_OT_open_edit,
    SECONDUNIT_OT_export_otio,
)


def _edit(session: Session) -> Any:
    layout = session.host.layout()
    edit = edit_of(layout, session.host.scenes()) if layout is not None else None
    if edit is None:
        raise MediaOffline("there is no edit of this scene yet", hint="Shoot or bring in a take.")
    return edit
