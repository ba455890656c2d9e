"""What a person should know before a scene's shots are rendered, in plain words."""

from __future__ import annotations

from typing import Any, Iterator, List, Optional, Tuple

from secondunit_bridge.timing import FrameRange, Handles

from ..compat import curves


def about_file(path: Optional[str], *, unsaved: bool) -> List[str]:
    """``path`` is the .blend's: None says nothing, empty means it was never saved."""
    if path == "":
        return ["The file was never saved: passes are rendered from the file on disk. Save it."]
    if unsaved:
        return [
            "The file has changes that are not saved: passes are rendered from the file on disk."
        ]
    return []


def about_scene(scene: Any) -> List[str]:
    """What stands against all shots of a scene."""
    render, doubts = scene.render, []
    if scene.library is not None:
        doubts.append(
            f"The scene comes from {scene.library.filepath} and cannot be written to here: shots"
            " keep no identity. Open that file, or make the scene local."
        )
    if render.frame_map_old != render.frame_map_new:
        doubts.append(
            "Time stretching is on in the output properties: frames are not what the timeline"
            " counts. Set both numbers to 100."
        )
    used = [layer.name for layer in scene.view_layers if layer.use]
    if len(used) > 1:
        doubts.append(f"The scene has {len(used)} view layers: passes come from {used[0]} alone.")
    return doubts


def about_camera(scene: Any, camera: Any, frames: FrameRange, handles: Handles) -> List[str]:
    """What stands against one camera for one shot's frames and handles."""
    doubts = []
    if camera.library is not None:
        doubts.append(
            f"Camera {camera.name} comes from {camera.library.filepath}: it can be used, and"
            " changed in that file only."
        )
    if scene.objects.get(camera.name) != camera:
        doubts.append(
            f"Camera {camera.name} was deleted from the scene and only its marker still holds it:"
            " it will be gone when the file is opened again. Link it, or bind another."
        )
    return doubts + _about_motion(camera, frames, handles)


def _about_motion(camera: Any, frames: FrameRange, handles: Handles) -> List[str]:
    """A move that stops at the cut, so that the camera stands still in the handles."""
    keyed = animated(camera)
    if keyed is None:
        return []
    first, last = keyed
    wide = frames.with_handles(handles)
    doubts = []
    if frames.last <= last < wide.last:
        doubts.append(
            f"The animation of camera {camera.name} ends on frame {last:g} and the tail handle on"
            f" {wide.last}: the camera stands still in between. Animate it to {wide.last}."
        )
    if wide.first < first <= frames.first:
        doubts.append(
            f"The animation of camera {camera.name} begins on frame {first:g} and the head handle"
            f" on {wide.first}: the camera stands still in between. Animate it from {wide.first}."
        )
    return doubts


def animated(camera: Any) -> Optional[Tuple[float, float]]:
    """First and last key of what moves a camera; None when it stands, or moves for ever."""
    first, last = float("inf"), float("-inf")
    for curve in _moving(camera):
        if curve.extrapolation == "LINEAR" or len(curve.modifiers):
            return None
        first, last = min(first, curve.range()[0]), max(last, curve.range()[1])
    return (first, last) if first < last else None


def _moving(camera: Any) -> Iterator[Any]:
    """The curves of a camera, its lens and all it hangs on, those that change anything."""
    things = [camera.data]
    while camera is not None:
        things.append(camera)
        camera = camera.parent
    for thing in things:
        for curve in curves(thing):
            values = {round(key.co[1], 6) for key in curve.keyframe_points}
            if len(values) > 1:
                yield curve
