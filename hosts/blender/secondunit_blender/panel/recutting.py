"""Operators: a cut that comes back from editorial, read into a table and then applied."""

from __future__ import annotations

from typing import Any, Dict, Optional

import bpy
from secondunit_bridge.errors import MediaOffline
from secondunit_bridge.saying import Said, sentence
from secondunit_bridge.timing import FrameRange

from ..board import Lines
from ..collect.shots import scene_rate
from ..place.grey import rendered
from ..placing import follow_markers
from ..productions import folder_beside
from ..recut import RecutRow, apply_markers, recut_table
from ..session import Session
from .acts import Act, path

_ICONS = {"same": "CHECKMARK", "moved": "CHECKMARK", "omitted": "X", "added": "ADD"}


class SECONDUNIT_OT_import_recut(Act, bpy.types.Operator):
    """Read a cut that came back from editorial and say what became of each shot; changes nothing"""

    bl_idname = "secondunit.import_recut"
    bl_label = "Read Re-cut"
    __annotations__ = {
        "filepath": path("File", "The cut, as .otio"),
        "filter_glob": bpy.props.StringProperty(default="*.otio", options={"HIDDEN"}),
    }

    def invoke(self, context: Any, event: Any) -> Any:
        """Ask which."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Compare."""
        layout = session.host.layout()
        rate = scene_rate(layout)
        passes: Dict[str, FrameRange] = {
            guid: FrameRange(one.first, one.first + one.count - 1, rate)
            for guid, one in rendered(
                session.list.shots, folder_beside(session.host.blend())
            ).items()
        }
        table = recut_table(layout, bpy.path.abspath(self.filepath), rendered=passes)
        session.recut = table
        session.recut_lines = tuple(
            [Lines.of(_told(row), _ICONS.get(row.kind, "ARROW_LEFTRIGHT")) for row in table.rows]
            + [Lines.of(problem, "ERROR") for problem in table.problems]
        )
        count = len(table.changes)
        return Said(f"{table.cut}: {count} shots change." if count else f"{table.cut}: no change.")


class SECONDUNIT_OT_apply_recut(Act, bpy.types.Operator):
    """Move the markers to where the shots begin in the cut that was read; animation stays"""

    bl_idname = "secondunit.apply_recut"
    bl_label = "Apply Re-cut"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012  # Blender reads a plain set from the class

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Apply the table."""
        if session.recut is None:
            raise MediaOffline("no re-cut was read", hint="Press Read Re-cut first.")
        table = session.recut
        done = apply_markers(session.host.layout(), table)
        session.recut, session.recut_lines = None, ()
        session.read_scene()
        follow_markers(session, {row.guid: row.old for row in table.changes if row.old})
        missing = [row.name for row in table.changes if row.missing]
        again = f"Shoot again: {', '.join(missing)}." if missing else ""
        return Said(f"{sentence('; '.join(done) or 'nothing had to move')} {again}".strip())


class SECONDUNIT_OT_forget_recut(Act, bpy.types.Operator):
    """Put the table away without applying it"""

    bl_idname = "secondunit.forget_recut"
    bl_label = "Forget Re-cut"

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Forget it."""
        session.recut, session.recut_lines = None, ()
        return None


CLASSES = (SECONDUNIT_OT_import_recut, SECONDUNIT_OT_apply_recut, SECONDUNIT_OT_forget_recut)


def _told(row: RecutRow) -> str:
    said = f"{row.name}: {row.kind.replace('_', ' ')}"
    if row.change:
        said += f", {row.change}"
    return " ".join([said + ".", *row.warnings])
