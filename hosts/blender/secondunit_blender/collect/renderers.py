"""Whether an engine can render here at all, found out before the first frame."""

from __future__ import annotations

from typing import Any

from ..compat import WORKBENCH, software_rendering

_TINY = 16  # pixels


class BackendMissing(Exception):
    """The engine cannot render on this machine; a sentence and a hint."""


def make_ready(bpy: Any, gpu: Any, backend: str, *, software: bool) -> str:
    """Start the graphics device for the engines that draw with it; its name. Raises BackendMissing.

    ``software`` allows EEVEE without a graphics card, some twenty seconds a small frame.
    """
    if backend == "cycles":
        return ""
    renderer = _renderer(bpy, gpu)
    if backend == "eevee" and software_rendering(renderer) and not software:
        raise BackendMissing(
            f"EEVEE needs a graphics card and the background Blender has none ({renderer})",
            "Render with Workbench or Cycles, or where there is a graphics card.",
        )
    return renderer


def _renderer(bpy: Any, gpu: Any) -> str:
    """The device's name. 4.x starts it with the first Workbench render, 5.x when asked."""
    try:
        if hasattr(gpu, "init"):
            gpu.init()
        else:
            _tiny_render(bpy)
        return str(gpu.platform.renderer_get())
    except (SystemError, RuntimeError) as error:
        raise BackendMissing(
            f"no graphics device can be opened in the background: {str(error).strip()}",
            "Render with Cycles, which needs none.",
        ) from error


def _tiny_render(bpy: Any) -> None:
    scene = bpy.data.scenes.new("Second Unit tries the device")
    try:
        lens = bpy.data.cameras.new("Second Unit")
        scene.camera = bpy.data.objects.new("Second Unit", lens)
        scene.collection.objects.link(scene.camera)
        scene.render.engine = WORKBENCH
        scene.render.resolution_x = scene.render.resolution_y = _TINY
        bpy.ops.render.render(scene=scene.name)
    finally:
        bpy.data.objects.remove(scene.camera)
        bpy.data.cameras.remove(lens)
        bpy.data.scenes.remove(scene)
