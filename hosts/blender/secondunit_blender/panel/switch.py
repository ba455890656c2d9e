"""Turns the add-on on and off: classes, fields, the session, its timer and its handler."""

from __future__ import annotations

import atexit
from pathlib import Path
from typing import Any, List

import bpy
from secondunit_bridge.core_python import forget_python, name_python

from .. import host
from ..copies import clear_copies
from ..pump import REST_S, Pump
from ..session import Session
from . import (
    answering,
    cutting,
    draw,
    fields,
    live,
    recutting,
    referring,
    running,
    shooting,
    tagging,
)
from .memory import Memory
from .thumbnails import Thumbnails

_PACKAGE = Path(__file__).resolve().parents[1]
_followed: List[int] = []  # the board that rows and pictures were made for last
_named: List[bool] = []  # whether the setting that names the daemon's Python is ours
_memory = Memory()
_FIRST_S = 0.5  # after Blender turned the add-on on


def on() -> None:
    """Everything in. In the background no timer is started: it would never fire."""
    for kind in _classes():
        bpy.utils.register_class(kind)
    bpy.types.WindowManager.secondunit = bpy.props.PointerProperty(type=fields.SECONDUNIT_PG_fields)
    if name_python(_PACKAGE):
        _named.append(True)
    running.SESSION = Session(host.Blender())
    running.PUMP = Pump(running.SESSION)
    draw.THUMBNAILS = Thumbnails()
    bpy.app.handlers.load_post.append(_opened)
    atexit.register(off)  # a script that ends without turning it off would hang Blender 4.5
    running.WAKE = wake
    wake()


def wake() -> None:
    """Have the timer run; a fault may have ended it. In the background none would ever fire."""
    if not host.background():
        host.start_timer(_beat, _FIRST_S)


def off() -> None:
    """Everything out again, in the reverse order, whatever of it is there."""
    atexit.unregister(off)
    live.stop()
    host.stop_timer(_beat)
    if _opened in bpy.app.handlers.load_post:
        bpy.app.handlers.load_post.remove(_opened)
    session, running.SESSION, running.PUMP = running.SESSION, None, None
    if session is not None:
        session.close()
    _followed.clear()
    if _named:
        _named.clear()
        forget_python()
    if draw.THUMBNAILS is not None:
        draw.THUMBNAILS.close()
        draw.THUMBNAILS = None
    if hasattr(bpy.types.WindowManager, "secondunit"):
        del bpy.types.WindowManager.secondunit
    for kind in reversed(_classes()):
        if getattr(kind, "is_registered", False):
            bpy.utils.unregister_class(kind)


def _classes() -> Any:
    return (
        *fields.CLASSES,
        *shooting.CLASSES,
        *answering.CLASSES,
        *cutting.CLASSES,
        *referring.CLASSES,
        *recutting.CLASSES,
        *tagging.CLASSES,
        *live.CLASSES,
        *draw.CLASSES,
    )


def _beat() -> float:
    """What Blender's timer calls."""
    pump = running.PUMP
    if pump is None:
        return REST_S
    due = pump()
    remember()
    if [pump.session.board.serial] != _followed:  # an operator may have made it between two beats
        _followed[:] = [pump.session.board.serial]
        follow()
    return due


def remember() -> None:
    """Have the panel's settings noted, or those of another scene taken up."""
    session = running.SESSION
    if session is not None:
        _memory.follow(session, bpy.context.window_manager.secondunit)


def follow() -> None:
    """Have the pictures and rows that are drawn follow the board."""
    session = running.SESSION
    if session is None:
        return
    if draw.THUMBNAILS is not None:
        draw.THUMBNAILS.follow(session.board)
    rows = bpy.context.window_manager.secondunit.rows
    while len(rows) < len(session.board.shots):
        rows.add()
    while len(rows) > len(session.board.shots):
        rows.remove(len(rows) - 1)


@bpy.app.handlers.persistent
def _opened(*_: Any) -> None:
    """Another file was opened: what was on its way for the old one is not for this one."""
    session, pump = running.SESSION, running.PUMP
    if session is not None and pump is not None:
        session.leave_file()
        _memory.leave_file(bpy.context.window_manager.secondunit)
        if bpy.data.filepath:
            clear_copies(bpy.data.filepath)
        pump.read_soon()
