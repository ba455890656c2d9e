"""Where a shot's camera is and how it sees, frame by frame, as rows that are plain JSON."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Sequence, Tuple

CameraRow = Dict[str, Any]


def camera_rows(scene: Any, camera: Any, frames: Sequence[int], *, number: int) -> List[CameraRow]:
    """A row for each scene frame, as animation and constraints leave the camera there.

    ``number`` is what the first of them is called in files. The scene's own frame and camera are
    what they were afterwards; everything in the scene is evaluated once for each frame.
    """
    rows = []
    scene.view_layers[0].update()  # a scene that no window shows was never evaluated
    with kept_frame(scene):
        for place, frame in enumerate(frames):
            scene.frame_set(frame)
            rows.append({"frame": frame, "number": number + place, **camera_row(scene, camera)})
    return rows


def camera_row(scene: Any, camera: Any) -> CameraRow:
    """The camera in the scene's frame. ``world`` is 4 x 4, row by row, camera to world."""
    seen = camera.evaluated_get(scene.view_layers[0].depsgraph)
    lens, render = seen.data, scene.render
    return {
        "world": [[float(value) for value in row] for row in seen.matrix_world],
        "type": str(lens.type),
        "lens_mm": float(lens.lens),
        "sensor_fit": str(lens.sensor_fit),
        "sensor_width": float(lens.sensor_width),
        "sensor_height": float(lens.sensor_height),
        "shift_x": float(lens.shift_x),
        "shift_y": float(lens.shift_y),
        "ortho_scale": float(lens.ortho_scale),
        "clip": [float(lens.clip_start), float(lens.clip_end)],
        "resolution": list(resolution(scene)),
        "pixel_aspect": float(render.pixel_aspect_y / render.pixel_aspect_x),
    }


def resolution(scene: Any) -> Tuple[int, int]:
    """Width and height of a render in pixels."""
    render = scene.render
    share = render.resolution_percentage
    return int(render.resolution_x * share / 100), int(render.resolution_y * share / 100)


@contextmanager
def kept_frame(scene: Any) -> Iterator[None]:
    """Puts back the scene's frame and camera: markers change the camera with the frame."""
    frame, part, camera = scene.frame_current, scene.frame_subframe, scene.camera
    try:
        yield
    finally:
        scene.frame_set(frame, subframe=part)
        scene.camera = camera
