"""How a scene is set up for a pass: engines, samples, layers, and where each pass then lies.

Cycles renders picture and data at once. Workbench gives a picture only, and EEVEE neither object
numbers nor albedo: for the rest Cycles is asked for one sample in the middle of each pixel, with
no light at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Tuple

from ..compat import CYCLES, WORKBENCH, eevee, object_index, write_multilayer

_FLAGS = {
    "depth": "use_pass_z",
    "normal": "use_pass_normal",
    "position": "use_pass_position",
    "ids": "use_pass_object_index",
    "cryptomatte": "use_pass_cryptomatte_object",
    "motion": "use_pass_vector",
}
_CYCLES_ONLY = ("ids", "albedo")
_CRYPTO_LEVELS = 6  # Blender's own default: six objects in a pixel, two in a channel group
_POINT = 0.01  # pixels: Cycles' narrowest filter, so that data is of the pixel's middle


@dataclass(frozen=True)
class Run:
    """One render of the whole shot. ``data`` means values without light, one sample each."""

    name: str  # begins the files' names
    engine: str
    passes: Tuple[str, ...]
    data: bool = False


def runs_for(order: Dict[str, Any], version: Tuple[int, ...]) -> Tuple[Run, ...]:
    """The renders an order needs, the picture first."""
    passes = tuple(order["passes"])
    if order["backend"] == "cycles":
        return (Run("passes", CYCLES, passes),)
    engine, own = WORKBENCH, ()
    if order["backend"] == "eevee":
        engine, own = eevee(version), tuple(name for name in passes if name not in _CYCLES_ONLY)
    rest = tuple(name for name in passes if name not in own)
    picture = Run("picture", engine, own)
    return (picture, Run("data", CYCLES, rest, data=True)) if rest else (picture,)


def only_this_shot(scene: Any, camera: Any) -> None:
    """One camera, which no marker changes in the handles; nothing but the plain picture."""
    scene.timeline_markers.clear()
    scene.camera = camera
    render = scene.render
    render.use_compositing = render.use_sequencer = False
    render.use_border = render.use_crop_to_border = False
    render.use_multiview = render.use_stamp = False
    render.use_persistent_data = True
    camera.hide_render = False


def set_up(scene: Any, layer: Any, run: Run, order: Dict[str, Any]) -> None:
    """Engine, samples and passes of a run."""
    render = scene.render
    render.engine = run.engine
    write_multilayer(render.image_settings)
    for other in scene.view_layers:
        other.use = other == layer
    for name, flag in _FLAGS.items():
        setattr(layer, flag, name in run.passes)
    layer.use_pass_combined = True
    layer.cycles.denoising_store_passes = "albedo" in run.passes
    layer.pass_cryptomatte_depth = _CRYPTO_LEVELS
    samples = order.get("samples")
    if run.data:
        _data_only(scene)
    elif samples and run.engine == CYCLES:
        scene.cycles.samples = samples
    elif samples and run.engine != WORKBENCH:
        scene.eevee.taa_render_samples = samples


def _data_only(scene: Any) -> None:
    """Cycles in one sample without light: distances, normals and numbers need none."""
    cycles, scene.world = scene.cycles, None
    scene.render.use_motion_blur = False
    cycles.samples = 1
    cycles.use_denoising = cycles.use_adaptive_sampling = False
    cycles.pixel_filter_type, cycles.filter_width = "BOX", _POINT
    cycles.max_bounces = cycles.diffuse_bounces = cycles.glossy_bounces = 0
    cycles.transmission_bounces = cycles.volume_bounces = 0
    cycles.use_light_tree = cycles.caustics_reflective = cycles.caustics_refractive = False


def channels_of(run: Run, layer: str, version: Tuple[int, ...]) -> Dict[str, List[str]]:
    """The channels of each pass of a run by the pass's role, as its EXR names them."""
    ranks = [f"CryptoObject{rank:02}" for rank in range(_CRYPTO_LEVELS // 2)]
    names = {
        "depth": ["Depth.Z"],
        "normal": [f"Normal.{axis}" for axis in "XYZ"],
        "position": [f"Position.{axis}" for axis in "XYZ"],
        "ids": [f"{object_index(version)}.X"],
        "cryptomatte": [f"{rank}.{part}" for rank in ranks for part in "rgba"],
        "motion": [f"Vector.{axis}" for axis in "XYZW"],
        "albedo": [f"Denoising Albedo.{part}" for part in "RGB"],
    }
    there = {role: names[role] for role in run.passes}
    if not run.data:
        there["guide"] = [f"Combined.{part}" for part in "RGBA"]
    return {role: [f"{layer}.{name}" for name in found] for role, found in there.items()}


def doubts(scene: Any, order: Dict[str, Any], layer: Any) -> List[str]:
    """What the person who ordered should know about these passes."""
    found = []
    moving = "motion" in order["passes"] and order["backend"] == "cycles"
    if moving and scene.render.use_motion_blur:
        found.append("Motion blur is on: Cycles then leaves the motion pass empty.")
    if len([other for other in scene.view_layers if other.use]) > 1:
        found.append(f"The scene has several view layers: the passes are of {layer.name}.")
    return found
