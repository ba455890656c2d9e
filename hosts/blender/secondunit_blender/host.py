"""The port to Blender: the few things of Blender itself that the rest of the add-on asks for."""

from __future__ import annotations

from typing import Any, Callable, Optional

import bpy

from .place.edit import layout_of


class Blender:
    """This Blender, as ``session.Host`` wants it."""

    def layout(self) -> Any:
        """The scene whose shots are shown: the one in the window, or the one its edit plays."""
        scene = current_scene()
        return layout_of(scene, bpy.data.scenes) if scene is not None else None

    def scenes(self) -> Any:
        """Every scene of the file."""
        return bpy.data.scenes

    def blend(self) -> str:
        """Path of the file; empty when it was never saved."""
        return str(bpy.data.filepath)

    def snapshot(self, path: str) -> None:
        """Write a copy of the file as it is now, links to other files still right."""
        bpy.ops.wm.save_as_mainfile(filepath=path, copy=True, relative_remap=True, compress=False)

    def binary(self) -> str:
        """Blender's own program; empty where Blender is a Python module."""
        return str(bpy.app.binary_path)

    def remember(self, words: str) -> None:
        """A step in the undo history. Operators that undo have their own."""
        if not bpy.app.background:
            bpy.ops.ed.undo_push(message=words)

    def redraw(self) -> None:
        """Have our panels drawn again."""
        for window in bpy.context.window_manager.windows:
            for area in window.screen.areas:
                if area.type in ("VIEW_3D", "SEQUENCE_EDITOR"):
                    for region in area.regions:
                        if region.type == "UI":
                            region.tag_redraw()


def current_scene() -> Any:
    """The scene in front of the artist; a timer has no window, so the first one counts then."""
    if getattr(bpy.context, "window", None) is not None:
        return bpy.context.scene
    windows = bpy.context.window_manager.windows
    return windows[0].scene if windows else bpy.context.scene


def background() -> bool:
    """There is no window, and no timer ever fires."""
    return bool(bpy.app.background)


def start_timer(beat: Callable[[], Optional[float]], first: float) -> None:
    """Have Blender call a function that says when it is to be called again; None ends it."""
    if not bpy.app.timers.is_registered(beat):
        bpy.app.timers.register(beat, first_interval=first, persistent=True)


def stop_timer(beat: Callable[[], Optional[float]]) -> None:
    """End that. A timer that is left keeps Blender 4.5 from ending."""
    if bpy.app.timers.is_registered(beat):
        bpy.app.timers.unregister(beat)
