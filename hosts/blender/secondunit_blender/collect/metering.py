"""One exposure for all shots of a scene: the light that they show, metered on small pictures.

Each angle for itself would show the same wall lighter in one than in the other. What is metered is
kept beside the copy of the file that a press of the button is rendered from, so that it is metered
once for all shots of that press.
"""

from __future__ import annotations

import json
import os
from array import array
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ..compat import CYCLES, WORKBENCH, write_picture
from .render_setup import Run
from .shots import SceneShot

MOST = 6  # shots that are metered, spread over the scene
SUFFIX = ".light.json"
_WIDE = 160  # pixels across
_SAMPLES = 8
_DARK = 1e-4  # scene-linear: below it nothing is lit, as the generator measures it
Angle = Tuple[str, int]


def angles(shots: Sequence[SceneShot]) -> List[Angle]:
    """Camera and middle frame of the shots that are metered."""
    step = max(1, -(-len(shots) // MOST))
    return [(shot.camera, (shot.frames.first + shot.frames.last) // 2) for shot in shots[::step]]


def kept_beside(blend: str) -> Path:
    """Where the light of a copy of a file is kept."""
    return Path(blend + SUFFIX)


def metered(bpy: Any, scene: Any, run: Run, order: Dict[str, Any]) -> Optional[float]:
    """Scene-linear light that the scene's shots show, the sky left out, as ``looks`` wants it.

    None where the order wants none, or nothing lit is seen. Raises RuntimeError when Blender cannot
    render.
    """
    wanted = order.get("meter") or ()
    if not wanted:
        return None
    kept = kept_beside(order["blend"])
    with suppress(OSError, ValueError, KeyError, TypeError):  # not metered yet
        return float(json.loads(kept.read_text(encoding="utf-8"))["light"])
    found = _light(bpy, scene, run, [(str(name), int(frame)) for name, frame in wanted], order)
    if found is not None:
        part = kept.with_name(f"{kept.name}.{os.getpid()}")
        part.write_text(json.dumps({"light": found, "of": list(wanted)}), encoding="utf-8")
        os.replace(part, kept)
    return found


def _light(
    bpy: Any, scene: Any, run: Run, wanted: Sequence[Angle], order: Dict[str, Any]
) -> Optional[float]:
    own, before = scene.camera, _as_it_is(scene)
    picture = Path(order["folder"]) / "meter.exr"
    _set_up(scene, run)
    seen: List[float] = []
    try:
        for name, frame in wanted:
            scene.camera = bpy.data.objects.get(name) or own
            scene.frame_set(frame)
            scene.render.filepath = str(picture)
            bpy.ops.render.render(write_still=True, scene=scene.name)
            seen += _seen(bpy, picture)
    finally:
        scene.camera = own
        for owner, name, value in before:
            setattr(owner, name, value)
        picture.unlink(missing_ok=True)
    lit = sorted(light for light in seen if light > _DARK)
    if not lit:
        return None
    return round(0.5 * lit[len(lit) // 2] + 0.275 * lit[int(0.9 * len(lit))], 6)


def _as_it_is(scene: Any) -> List[Tuple[Any, str, Any]]:
    """All that ``_set_up`` changes and the passes do not set themselves."""
    render = scene.render
    names = [(render, n) for n in ("resolution_percentage", "film_transparent", "filepath")]
    names += [(scene.cycles, "samples"), (scene.eevee, "taa_render_samples")]
    return [(owner, name, getattr(owner, name)) for owner, name in names]


def _set_up(scene: Any, run: Run) -> None:
    render = scene.render
    render.engine = run.engine
    write_picture(render.image_settings)
    render.film_transparent = True  # what is not covered is sky
    percentage = 100 * _WIDE / max(1, render.resolution_x)
    render.resolution_percentage = max(1, min(100, round(percentage)))
    if run.engine == CYCLES:
        scene.cycles.samples = min(scene.cycles.samples, _SAMPLES)
    elif run.engine != WORKBENCH:
        scene.eevee.taa_render_samples = min(scene.eevee.taa_render_samples, _SAMPLES)


def _seen(bpy: Any, path: Path) -> List[float]:
    """Luminance, Rec.709, of each pixel that is covered."""
    image = bpy.data.images.load(str(path), check_existing=False)
    try:
        image.colorspace_settings.name = "Non-Color"  # the numbers as they are
        values = array("f", bytes(4 * len(image.pixels)))
        image.pixels.foreach_get(values)
    finally:
        bpy.data.images.remove(image)
    rows = zip(*(values[part::4] for part in range(4)))
    return [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b, covered in rows if covered > 0.5]
