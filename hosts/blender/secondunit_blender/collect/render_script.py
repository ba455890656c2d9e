"""Runs inside the background Blender: renders the passes that ``passes.order_passes`` wrote down.

The file is changed in memory only and never saved. Each line it says is made by ``progress.told``;
each frame appears whole under its name, or not at all.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

from ..compat import linear_space
from .bible import CHARACTER, axis_of, entities, number_ids, objects_of
from .camera import camera_row, resolution
from .metering import metered
from .progress import told
from .render_setup import Run, channels_of, only_this_shot, runs_for, set_up
from .render_setup import doubts as doubts_about
from .renderers import BackendMissing, make_ready
from .whereabouts import whereabouts
from .written import is_whole

Order = Dict[str, Any]


class Stopped(Exception):
    """Somebody asked for an end."""


class FrameFailed(Exception):
    """A frame was not rendered, or not written."""


def main(bpy: Any, gpu: Any, order_path: str) -> int:
    """Render. Returns the exit code: 0 done, 3 stopped, 1 failed. All else is said."""
    order: Order = json.loads(Path(order_path).read_text(encoding="utf-8"))
    try:
        scene = _opened(bpy, order)
        make_ready(bpy, gpu, order["backend"], software=bool(order.get("software")))
        files = _rendered(bpy, scene, order)
    except Stopped:
        _say("stopped")
        return 3
    except BackendMissing as error:
        return _failed("E_RENDER_BACKEND", error.args[0], error.args[1])
    except FrameFailed as error:
        return _failed("E_RENDER", error.args[0], error.args[1])
    except (OSError, KeyError) as error:
        return _failed("E_RENDER", str(error), "Save the file again and look at the folder.")
    _say("done", files=files)
    return 0


def _opened(bpy: Any, order: Order) -> Any:
    """The scene of the order, in the file that is open or is opened now."""
    if os.path.normcase(bpy.data.filepath) != os.path.normcase(order["blend"]):
        try:
            may = bool(order.get("scripts", True))
            bpy.ops.wm.open_mainfile(filepath=order["blend"], load_ui=False, use_scripts=may)
        except RuntimeError as error:
            raise FrameFailed(
                str(error).strip(), "Open the file in Blender and save it."
            ) from error
    scene, camera = bpy.data.scenes.get(order["scene"]), bpy.data.objects.get(order["camera"])
    if scene is None or camera is None:
        missing = order["scene"] if scene is None else order["camera"]
        raise FrameFailed(
            f"{missing} is not in the file on disk", "Save the file, then render the passes again."
        )
    only_this_shot(scene, camera)
    render = scene.render
    render.resolution_percentage = order.get("percentage") or render.resolution_percentage
    return scene


def _rendered(bpy: Any, scene: Any, order: Order) -> Dict[str, Any]:
    """Every run, frame by frame; pattern and channels of each pass."""
    version = tuple(bpy.app.version)
    runs = runs_for(order, version)
    layer = next((layer for layer in scene.view_layers if layer.use), scene.view_layers[0])
    book = Book(scene, order)
    light, doubt = _light(bpy, scene, runs[0], order)
    _say("started", **_facts(bpy, scene, order), **light, runs=len(runs))
    for sentence in doubt:
        _say("said", sentence=sentence)
    for sentence in doubts_about(scene, order, layer):
        _say("said", sentence=sentence)
    files: Dict[str, Any] = {}
    for run in runs:
        set_up(scene, layer, run, order)
        for frame, number in _frames(order):
            seconds = _frame(bpy, scene, frame, _path(order, run, number))
            if run is runs[0]:
                book.note(frame, number)
            whole = run is runs[-1]
            _say("frame" if whole else "part", number=number, seconds=seconds, run=run.name)
        if run is runs[0]:
            book.close()
        pattern = str(Path(order["folder"]) / f"{run.name}.%04d.exr")
        for role, channels in channels_of(run, layer.name, version).items():
            files[role] = {"pattern": pattern, "channels": channels}
    return files


def _light(
    bpy: Any, scene: Any, run: Run, order: Order
) -> Tuple[Dict[str, float], Tuple[str, ...]]:
    """The light that the scene's shots share, when it is wanted, or why it could not be metered."""
    try:
        light = metered(bpy, scene, run, order)
    except (OSError, RuntimeError) as error:
        return {}, (f"The shots are exposed one by one: {str(error).strip()}",)
    return ({} if light is None else {"light": light}), ()


def _facts(bpy: Any, scene: Any, order: Order) -> Dict[str, Any]:
    return {
        "count": order["last"] - order["first"] + 1,
        "backend": order["backend"],
        "blender": ".".join(map(str, bpy.app.version)),
        "space": linear_space(bpy.data),
        "size": resolution(scene),
    }


class Book:
    """What is noted beside the pictures: ``cameras.json`` and ``scene.json``."""

    def __init__(self, scene: Any, order: Order) -> None:
        self._scene, self._order = scene, order
        self._found = entities(scene)
        self._ids = number_ids(scene)
        self._cameras: List[Dict[str, Any]] = []
        self._rows: List[Dict[str, Any]] = []

    def note(self, frame: int, number: int) -> None:
        """Note the camera and everybody's whereabouts in the scene's frame."""
        which = {"frame": frame, "number": number}
        camera = camera_row(self._scene, self._scene.camera)
        self._cameras.append({**which, **camera})
        self._rows.append({**which, **whereabouts(self._scene, self._found, camera)})

    def close(self) -> None:
        """Write both files."""
        cast = [entity.name for entity in self._found if entity.role == CHARACTER]
        shot, rate = self._order["shot"], self._order["rate"]
        head = {"scene": self._scene.name, "shot": shot, "rate": rate}
        _written(self._order, "cameras.json", {**head, "rows": self._cameras})
        axis = axis_of(self._scene, cast)
        told_of = {"cast": cast, "axis": axis, "ids": self._ids,
                   "objects": objects_of(self._found), "rows": self._rows}  # fmt: skip
        _written(self._order, "scene.json", {**head, **told_of})


def _frame(bpy: Any, scene: Any, frame: int, path: Path) -> float:
    """Render one frame to a file that appears whole. Seconds it took. Raises FrameFailed."""
    started, part = time.perf_counter(), path.with_suffix(".part.exr")
    scene.frame_set(frame)
    scene.render.filepath = str(part)
    try:
        bpy.ops.render.render(write_still=True, scene=scene.name)
    except RuntimeError as error:
        raise FrameFailed(
            f"frame {frame} could not be rendered: {str(error).strip()}",
            "Render that frame in Blender to see why; what was rendered before it stays.",
        ) from error
    if not is_whole(part):
        raise FrameFailed(
            f"frame {frame} was rendered but not written whole to {path.parent}",
            "Is the disk full, or the folder write-protected? What was rendered before it stays.",
        )
    os.replace(part, path)
    return time.perf_counter() - started


def _frames(order: Order) -> Iterator[Tuple[int, int]]:
    """Scene frame and number in files, as long as nobody asks for an end. Raises Stopped."""
    for place, frame in enumerate(range(order["first"], order["last"] + 1)):
        if (Path(order["folder"]) / "stop").exists():
            raise Stopped
        yield frame, order["number"] + place


def _path(order: Order, run: Run, number: int) -> Path:
    return Path(order["folder"]) / f"{run.name}.{number:04d}.exr"


def _written(order: Order, name: str, facts: Dict[str, Any]) -> None:
    whole = Path(order["folder"]) / name
    part = whole.with_suffix(".part")
    part.write_text(json.dumps(facts, indent=1), encoding="utf-8")
    os.replace(part, whole)


def _failed(code: str, message: str, hint: str) -> int:
    _say("failed", code=code, message=message, hint=hint)
    return 1


def _say(kind: str, **facts: Any) -> None:
    """One line in one write, on a line of its own: Blender prints between, and not always whole."""
    os.write(1, f"\n{told(kind, **facts)}\n".encode())
