"""The panels: in the 3D view and in the sequencer. Drawing reads the board and asks nobody."""

from __future__ import annotations

from typing import Any, Optional

import bpy

from ..board import Board, Lines, ShotRow, TakeRow
from ..words import SHOT
from . import fields, looks, running
from .thumbnails import Thumbnails

LIVE_SLIDERS = ("live_width", "look_bands", "look_line")
NAMES = 0.42  # of a line's width
THUMBNAIL = 6.0  # times the height of a line
THUMBNAILS: Optional[Thumbnails] = None


class SECONDUNIT_UL_shots(bpy.types.UIList):
    """The shots of the scene, one a line."""

    def draw_item(
        self,
        context: Any,
        layout: Any,
        data: Any,
        item: Any,
        icon: int,
        active_data: Any,
        active_property: str,
        index: int = 0,
        flag: int = 0,
    ) -> None:
        """One line."""
        board = running.session().board
        if index >= len(board.shots):
            return
        shot = board.shots[index]
        row = layout.split(factor=NAMES, align=True)
        row.label(text=f"{shot.code}  {shot.marker}", icon=shot.icon)
        if shot.done is not None:
            row.progress(factor=shot.done, text=shot.status)
        else:
            row.label(text=shot.status)


class _Panel:
    """What both places show."""

    bl_region_type = "UI"
    bl_category = "Second Unit"
    bl_label = "Second Unit"

    def draw(self, context: Any) -> None:
        """Everything, from the top."""
        session = running.SESSION
        if session is None:
            return
        board, panel = session.board, fields.of(context)
        draw_state(self.layout, board)  # type: ignore[attr-defined]  # of bpy.types.Panel
        draw_live(self.layout, panel)  # type: ignore[attr-defined]  # likewise
        draw_shots(self.layout, board, panel)  # type: ignore[attr-defined]  # likewise
        active = board.shots[panel.active] if panel.active < len(board.shots) else None
        if active is not None:
            draw_shot(self.layout, active, panel)  # type: ignore[attr-defined]  # likewise


class _Setup:
    """What is set once."""

    bl_region_type = "UI"
    bl_category = "Second Unit"
    bl_label = "Name and Project"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012  # Blender reads a plain set from the class

    def draw(self, context: Any) -> None:
        """Two fields."""
        panel = fields.of(context)
        column = self.layout.column()  # type: ignore[attr-defined]  # of bpy.types.Panel
        column.prop(panel, "artist")
        column.prop(panel, "project")


class SECONDUNIT_PT_view(_Panel, bpy.types.Panel):
    """In the sidebar of the 3D view."""

    bl_idname = "SECONDUNIT_PT_view"
    bl_space_type = "VIEW_3D"


class SECONDUNIT_PT_sequencer(_Panel, bpy.types.Panel):
    """In the sidebar of the sequencer."""

    bl_idname = "SECONDUNIT_PT_sequencer"
    bl_space_type = "SEQUENCE_EDITOR"


class SECONDUNIT_PT_view_setup(_Setup, bpy.types.Panel):
    """Below it."""

    bl_idname = "SECONDUNIT_PT_view_setup"
    bl_space_type = "VIEW_3D"
    bl_parent_id = "SECONDUNIT_PT_view"


class SECONDUNIT_PT_sequencer_setup(_Setup, bpy.types.Panel):
    """Likewise in the sequencer."""

    bl_idname = "SECONDUNIT_PT_sequencer_setup"
    bl_space_type = "SEQUENCE_EDITOR"
    bl_parent_id = "SECONDUNIT_PT_sequencer"


CLASSES = (
    SECONDUNIT_UL_shots,
    SECONDUNIT_PT_view,
    SECONDUNIT_PT_sequencer,
    SECONDUNIT_PT_view_setup,
    SECONDUNIT_PT_sequencer_setup,
)


def draw_state(layout: Any, board: Board) -> None:
    """The daemon, what was said, what is under way."""
    top = layout.row(align=True)
    draw_lines(top.column(align=True), board.daemon)
    if not board.connected:
        top.operator("secondunit.start_daemon", text="", icon="PLAY")
    top.operator("secondunit.refresh", text="", icon="FILE_REFRESH")
    for said in board.said:
        draw_lines(layout.column(align=True), said)
    if board.busy:
        row = layout.row(align=True)
        row.progress(factor=board.done or 0.0, text=board.busy)
        row.operator("secondunit.cancel", text="", icon="CANCEL")


def draw_live(layout: Any, panel: Any) -> None:
    """The switch of the live look, and how it goes."""
    look = running.LIVE
    row = layout.row(align=True)
    row.operator("secondunit.live_look", icon="SHADING_RENDERED", depress=look is not None)
    if look is None:
        return
    column = layout.column(align=True)
    for name in LIVE_SLIDERS:
        column.prop(panel, name, slider=True)
    draw_lines(layout.column(align=True), Lines.of(look.line(), "INFO"))


def draw_shots(layout: Any, board: Board, panel: Any) -> None:
    """The list of shots, the ask, and the buttons for all of them."""
    for problem in board.problems:
        draw_lines(layout.column(align=True), problem)
    if board.copied:
        layout.operator("secondunit.new_shots", icon="DUPLICATE")
    if not board.shots:
        draw_lines(layout.column(align=True), _NO_SHOTS)
        return
    layout.template_list(
        "SECONDUNIT_UL_shots", "", panel, "rows", panel, "active",
        rows=min(8, max(2, len(board.shots))),
    )  # fmt: skip
    draw_ask(layout, panel)
    layout.operator("secondunit.shoot_all", icon="RENDER_ANIMATION")
    row = layout.row(align=True)
    row.operator("secondunit.show", icon="UV_SYNC_SELECT", depress=board.look)
    row.operator("secondunit.open_edit", icon="SEQUENCE")
    row = layout.row(align=True)
    row.operator("secondunit.bring_in_all", icon="IMPORT")
    row.operator("secondunit.export_otio", icon="EXPORT")
    draw_recut(layout, board)


def draw_ask(layout: Any, panel: Any) -> None:
    """What is asked for, the same for every shot; folded away when it is set."""
    header, body = layout.panel("secondunit_ask", default_closed=False)
    header.prop(panel, "look")
    if body is None:
        return
    ask = body.column(align=False)
    ask.prop(panel, "brief")
    sliders = [one.name for one in looks.SLIDERS if panel.look in one.looks]
    for name in sliders:
        ask.prop(panel, f"look_{name}", slider=True)
    if sliders:
        ask.prop(panel, "one_exposure")
    else:
        ask.prop(panel, "options")
    for index, reference in enumerate(panel.references):
        row = ask.row(align=True)
        row.prop(reference, "path", text="Reference")
        row.operator("secondunit.drop_reference", text="", icon="X").index = index
    ask.operator("secondunit.add_reference", icon="ADD")
    row = ask.row(align=True)
    row.prop(panel, "takes")
    row.prop(panel, "seed")
    row = ask.row(align=True)
    row.prop(panel, "backend", text="")
    row.prop(panel, "percentage")


def draw_recut(layout: Any, board: Board) -> None:
    """A cut that came back, and what applying it would do."""
    if not board.recut:
        layout.operator("secondunit.import_recut", icon="FILE_REFRESH")
        return
    box = layout.box()
    for said in board.recut:
        draw_lines(box.column(align=True), said)
    row = box.row(align=True)
    row.operator("secondunit.apply_recut", icon="CHECKMARK")
    row.operator("secondunit.forget_recut", text="", icon="X")


def draw_shot(layout: Any, shot: ShotRow, panel: Any) -> None:
    """The chosen shot and its takes."""
    box = layout.box()
    box.label(text=f"{shot.code}  {shot.camera}, frames {shot.span}", icon="VIEW_CAMERA")
    box.prop(panel, "shot_brief")
    row = box.row(align=True)
    row.operator(
        "secondunit.shoot", text=f"Shoot {shot.code}", icon="RENDER_STILL"
    ).shot = shot.code
    if shot.busy:
        row.operator("secondunit.cancel", text="", icon="CANCEL").shot = shot.code
    for problem in shot.problems:
        draw_lines(box.column(align=True), problem)
    if any(take.state in SHOT for take in shot.takes):
        words = box.column(align=True)
        words.prop(panel, "reason")
        words.prop(panel, "note")
    for take in shot.takes:
        draw_take(box, take)


def draw_take(layout: Any, take: TakeRow) -> None:
    """One take: its picture, where it stands, what was found, what can be done."""
    box = layout.box()
    row = box.row(align=True)
    name = f"{take.label}  {take.version}" if take.version else take.label
    row.label(text=name, icon="SEQUENCE" if take.placed else "BLANK1")
    if take.done is not None:
        row.progress(factor=take.done, text=take.said)
    else:
        row.label(text=take.said, icon=take.icon)
    picture = THUMBNAILS.icon(take.poster) if THUMBNAILS is not None and take.poster else 0
    if picture:
        box.template_icon(icon_value=picture, scale=THUMBNAIL)
    for lines in take.remarks:
        draw_lines(box.column(align=True), lines)
    for finding in take.findings:
        draw_lines(box.column(align=True), finding.text)
        if finding.open:
            row = box.row(align=True)
            row.operator_menu_enum("secondunit.answer", "answer").finding = finding.id
    if take.state in SHOT:
        _draw_decisions(box, take)


def _draw_decisions(box: Any, take: TakeRow) -> None:
    row = box.row(align=True)
    circle = row.row(align=True)
    circle.enabled = take.can_circle
    circle.operator("secondunit.circle", icon="CHECKMARK").take = take.id
    row.operator("secondunit.reshoot", icon="LOOP_BACK").take = take.id
    row.operator("secondunit.reject", text="", icon="X").take = take.id
    row = box.row(align=True)
    row.operator("secondunit.note", icon="GREASEPENCIL").take = take.id
    show = row.row(align=True)
    show.enabled = not take.placed
    show.operator("secondunit.bring_in", icon="IMPORT").take = take.id


def draw_lines(layout: Any, said: Lines) -> None:
    """A sentence in lines, its icon before the first."""
    layout.alert = said.wrong
    layout.scale_y = 0.8
    for number, line in enumerate(said.lines):
        layout.label(text=line, icon=said.icon if not number else "BLANK1")


_NO_SHOTS = Lines.of(
    "No shots yet. Select a camera, go to its first frame and use Marker > Bind Camera.", "INFO"
)
