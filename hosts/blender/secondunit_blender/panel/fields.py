"""What the artist sets in the panel. It lies in the window manager: no undo takes a brief back."""

from __future__ import annotations

import getpass
from typing import Any, Dict, List, Optional

import bpy

from ..collect.shots import SceneShot
from ..compat import path_options
from . import looks, running

BACKENDS = (
    ("workbench", "Workbench", "The grey box as the solid view shows it: fast, on any machine"),
    ("eevee", "EEVEE", "With materials and light; wants a graphics card"),
    ("cycles", "Cycles", "With materials and light, on any machine; slow"),
)
ANSWERS = (
    ("creative_intent", "Creative intent", "It is meant to be like this"),
    ("best_possible", "Best possible", "It cannot be done better now"),
    ("not_an_error", "Not an error", "The check is mistaken"),
    ("ask", "Ask", "Somebody else must say; the take stays as it is"),
    ("fix", "Fix", "It must be made good; the take stays as it is"),
)
_rows: List[looks.MenuRow] = []  # Blender reads a menu's texts after the callback ended


def _looks(self: Any, context: Any) -> List[looks.MenuRow]:
    session = running.SESSION
    rows = looks.choices(session.board.generators if session else ())
    if rows != _rows:
        _rows[:] = rows
    return _rows


def _shot(panel: Any) -> Optional[SceneShot]:
    shots = running.SESSION.list.shots if running.SESSION is not None else ()
    return shots[panel.active] if panel.active < len(shots) else None


def _own_brief(self: Any) -> str:
    shot = _shot(self)
    return running.session().briefs.of(shot) if shot is not None else ""


def _write_own_brief(self: Any, text: str) -> None:
    shot = _shot(self)
    if shot is not None:
        running.session().briefs.write(shot, text)


def _sliders() -> Dict[str, Any]:
    made = {}
    for slider in looks.SLIDERS:
        kind = bpy.props.IntProperty if slider.whole else bpy.props.FloatProperty
        made[f"look_{slider.name}"] = kind(
            name=slider.name.capitalize(), description=slider.about, default=slider.default,
            min=slider.low, max=slider.high,
        )  # fmt: skip
    return made


class SECONDUNIT_PG_reference(bpy.types.PropertyGroup):
    """A picture that shows what is meant."""

    __annotations__ = {
        "path": bpy.props.StringProperty(
            name="Reference",
            description="A picture that shows what is meant",
            subtype="FILE_PATH",
            options=path_options(bpy.app.version),
        )
    }


class SECONDUNIT_PG_row(bpy.types.PropertyGroup):
    """A line of the list of shots. What it says is on the board."""


class SECONDUNIT_PG_fields(bpy.types.PropertyGroup):
    """The settings of the panel."""

    __annotations__ = {
        **_sliders(),
        "look": bpy.props.EnumProperty(
            name="Look", description="What the takes should look like", items=_looks
        ),
        "options": bpy.props.StringProperty(
            name="Options", description="Options of the look, such as: lines=0.6, tint=blue"
        ),
        "brief": bpy.props.StringProperty(
            name="Brief", description="What holds for all shots: what happens, how it should feel"
        ),
        "shot_brief": bpy.props.StringProperty(
            name="In this shot", description="What happens in this shot alone; follows the brief",
            get=_own_brief, set=_write_own_brief,
        ),
        "references": bpy.props.CollectionProperty(type=SECONDUNIT_PG_reference),
        "takes": bpy.props.IntProperty(
            name="Takes", description="How many takes of each shot", default=1, min=1, max=16
        ),
        "seed": bpy.props.IntProperty(
            name="Seed", description="Chance of the first take; the next ones count on", min=0
        ),
        "backend": bpy.props.EnumProperty(
            name="Passes", description="What renders the passes", items=BACKENDS
        ),
        "percentage": bpy.props.IntProperty(
            name="Size", description="Size of the passes, of the render's resolution",
            default=100, min=5, max=100, subtype="PERCENTAGE",
        ),
        "one_exposure": bpy.props.BoolProperty(
            name="One exposure", description="All shots of the scene are exposed alike, so that the"
            " same wall is as light in every angle; else each by itself", default=True,
        ),
        "live_width": bpy.props.IntProperty(
            name="Live width", description="Pixels across of the live look: fewer are faster",
            default=640, min=160, max=1920,
        ),
        "project": bpy.props.StringProperty(
            name="Project", description="The production the shots belong to; empty: this file's own"
        ),
        "artist": bpy.props.StringProperty(
            name="Your name", description="Stands beside what you decide; empty: your login"
        ),
        "rows": bpy.props.CollectionProperty(type=SECONDUNIT_PG_row),
        "active": bpy.props.IntProperty(name="Shot", description="The shot that is shown", min=0),
        "reason": bpy.props.StringProperty(
            name="Reason", description="Why a take is put aside, or a finding accepted"
        ),
        "note": bpy.props.StringProperty(name="Note", description="What you say about a take"),
    }  # fmt: skip


CLASSES = (SECONDUNIT_PG_reference, SECONDUNIT_PG_row, SECONDUNIT_PG_fields)


def of(context: Any) -> Any:
    """The panel's settings."""
    return context.window_manager.secondunit


def artist(context: Any, given: str = "") -> str:
    """Who decides: as given, as in the panel, else the name this user logged in with."""
    name = given.strip() or str(of(context).artist).strip()
    if name:
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user in the system's list
        return ""
