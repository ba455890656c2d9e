"""Which shots a scene holds: each camera bound to a timeline marker, until the next one.

Reading changes nothing and may be done while a panel is drawn; ``identities.keep_identities``
writes down which shot is which.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, List, Optional, Tuple

from secondunit_bridge.timing import FrameRange, Handles, exact_rate, rate_name

from .doubts import about_camera, about_file, about_scene
from .identities import Segment, known, recorded

HANDLES = Handles(8, 8)


@dataclass(frozen=True)
class SceneShot:
    """One piece of the previs. ``problems`` are sentences; none of them keeps it from rendering.

    ``guid`` is empty until the shot's identity was kept; ``code`` is then the one it would get.
    ``frames`` are scene frames, both ends inclusive, handles not included.
    """

    guid: str
    code: str
    marker: str
    camera: str
    frames: FrameRange
    handles: Handles = HANDLES
    problems: Tuple[str, ...] = ()


@dataclass(frozen=True)
class ShotList:
    """The shots in cut order, and what stands against the scene as a whole."""

    shots: Tuple[SceneShot, ...]
    problems: Tuple[str, ...] = ()


def read_shots(
    scene: Any,
    project_rate: Optional[Fraction] = None,
    *,
    handles: Handles = HANDLES,
    blend_path: Optional[str] = None,
    unsaved: bool = False,
) -> ShotList:
    """The shots of a scene. ``blend_path`` is the file's, empty when it was never saved."""
    rate = scene_rate(scene)
    found, problems = _segments(scene)
    problems = about_file(blend_path, unsaved=unsaved) + about_scene(scene) + problems
    if project_rate is not None and project_rate != rate:
        problems.append(
            f"The scene runs at {rate_name(rate)} frames a second and the project at"
            f" {rate_name(project_rate)}: set the frame rate in the output properties."
        )
    shots = []
    for (marker, segment), row in zip(found, known([s for _, s in found], recorded(scene))):
        last = segment.last if row.ends is None else row.ends
        frames = FrameRange(segment.first, last, rate)
        shot = SceneShot(row.guid, row.code, segment.marker, segment.camera, frames, handles)
        about = about_camera(scene, marker.camera, frames, handles)
        shots.append(replace(shot, problems=tuple(about)))
    return ShotList(tuple(shots), tuple(problems))


def scene_rate(scene: Any) -> Fraction:
    """The exact frame rate: 24 over a base of 1.001 is 24000/1001. Raises RateMismatch."""
    base = Fraction(scene.render.fps_base).limit_denominator(1001)  # a float that holds 1001/1000
    return exact_rate(Fraction(scene.render.fps) / base if base > 0 else 0)


def segments_of(scene: Any) -> List[Segment]:
    """The pieces of the scene as its markers cut it, in order."""
    return [segment for _, segment in _segments(scene)[0]]


def _segments(scene: Any) -> Tuple[List[Tuple[Any, Segment]], List[str]]:
    """Every marker that cuts, with its segment; and sentences about those that do not.

    As Blender does it: of two markers on a frame the first in its list counts, and a camera that
    is hidden in renders is passed over.
    """
    start, end = scene.frame_start, scene.frame_end
    problems: List[str] = []
    cuts: List[Any] = []
    for marker in sorted(_bound(scene, problems), key=lambda marker: int(marker.frame)):
        if cuts and cuts[-1].frame == marker.frame:
            problems.append(
                f"Markers {cuts[-1].name} and {marker.name} are both on frame {marker.frame}:"
                f" {marker.name} has no frames. Move or delete one."
            )
        elif marker.frame > end:
            problems.append(
                f"Marker {marker.name} is on frame {marker.frame}, after the scene's last frame"
                f" {end}: it is no shot until the scene ends later."
            )
        else:
            cuts.append(marker)
    found = []
    for index, marker in enumerate(cuts):
        last = cuts[index + 1].frame - 1 if index + 1 < len(cuts) else end
        if last < start:
            problems.append(
                f"Marker {marker.name} is on frame {marker.frame} and its shot ends before the"
                f" scene's first frame {start}: it is no shot."
            )
            continue
        first = max(marker.frame, start)
        found.append((marker, Segment(marker.name, marker.camera.name, int(first), int(last))))
    return found, problems + _edges(scene, cuts, bool(found))


def _bound(scene: Any, problems: List[str]) -> List[Any]:
    """The markers whose cameras can be used, in Blender's order."""
    usable = []
    for marker in scene.timeline_markers:
        camera = marker.camera
        if camera is None:
            continue
        if camera.type != "CAMERA" or getattr(camera, "is_missing", False):
            what = "is missing from its library" if camera.type == "CAMERA" else "is no camera"
            problems.append(
                f"Marker {marker.name} is bound to {camera.name}, which {what}: bind a camera to"
                " it with Ctrl B."
            )
        elif camera.hide_render:
            problems.append(
                f"Camera {camera.name} of marker {marker.name} is hidden in renders: Blender goes"
                " on with the camera before it. Show it in renders, or delete the marker."
            )
        else:
            usable.append(marker)
    return usable


def _edges(scene: Any, cuts: List[Any], there: bool) -> List[str]:
    if not there:
        return [
            "No marker has a camera: select a camera, put the playhead where its shot begins, and"
            " bind it with Ctrl B in the timeline."
        ]
    first, start = cuts[0], scene.frame_start
    if first.frame > start:
        return [
            f"Frames {start} to {first.frame - 1} lie before the first camera marker"
            f" {first.name} and belong to no shot."
        ]
    cut_off = [marker for marker in cuts if marker.frame < start]
    return [
        f"Marker {marker.name} is on frame {marker.frame}, before the scene's first frame {start}:"
        " its shot begins there."
        for marker in cut_off[-1:]
    ]
