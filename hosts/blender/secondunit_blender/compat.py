"""The differences between Blender 4.2 to 4.5 and 5.x, each behind one name.

Checked with 4.5.15 and 5.2.3. Nothing here imports Blender: modules and objects are arguments.
"""

from __future__ import annotations

from typing import Any, List, Set, Tuple

CYCLES, WORKBENCH = "CYCLES", "BLENDER_WORKBENCH"
# Blender's names of scene-linear spaces, and OpenColorIO's
_SPACES = {"Linear Rec.709": "Linear Rec.709 (sRGB)"}


def eevee(version: Tuple[int, ...]) -> str:
    """What EEVEE is called in this version."""
    return "BLENDER_EEVEE_NEXT" if (4, 2) <= tuple(version[:2]) < (5, 0) else "BLENDER_EEVEE"


def write_multilayer(settings: Any) -> None:
    """Have a scene's renders written as one EXR of one part that holds every pass.

    32-bit float, since ids and distances do not survive half; ZIP. 5.x wants the kind of media
    first and would write a part for each pass.
    """
    if hasattr(settings, "media_type"):
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    settings.color_depth = "32"
    settings.exr_codec = "ZIP"
    if hasattr(settings, "use_exr_interleave"):
        settings.use_exr_interleave = True


def write_picture(settings: Any) -> None:
    """Have a scene's renders written as one EXR with nothing but the picture, 32-bit float."""
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format = "OPEN_EXR"
    settings.color_mode, settings.color_depth = "RGBA", "32"


def object_index(version: Tuple[int, ...]) -> str:
    """What the pass of object numbers is called in a file."""
    return "IndexOB" if tuple(version[:1]) < (5,) else "Object Index"


def curves(animated: Any) -> List[Any]:
    """The animation curves that move a datablock. Empty without an action of its own.

    Up to 4.5 an action has its curves itself; from 4.4 they lie in the slot that is used.
    """
    animation = getattr(animated, "animation_data", None)
    action = animation.action if animation else None
    if action is None:
        return []
    slot = getattr(animation, "action_slot", None)
    if slot is None:
        return list(getattr(action, "fcurves", ()))
    bags = (
        strip.channelbag(slot)
        for layer in action.layers
        for strip in layer.strips
        if hasattr(strip, "channelbag")
    )
    return [curve for bag in bags if bag for curve in bag.fcurves]


def linear_space(data: Any) -> str:
    """OpenColorIO name of the space that the file's renders are written in (``data`` is bpy.data).

    Up to 4.5 it is always linear Rec.709; 5.x lets a file choose.
    """
    chosen = getattr(getattr(data, "colorspace", None), "working_space", "") or "Linear Rec.709"
    return _SPACES.get(chosen, chosen)


def path_options(version: Tuple[int, ...]) -> Set[str]:
    """Options of a property that holds a path beside the file, as ``//name``.

    From 4.5 on Blender warns of such a path where the property does not say that it takes them.
    """
    return {"PATH_SUPPORTS_BLEND_RELATIVE"} if tuple(version[:2]) >= (4, 5) else set()


def software_rendering(renderer: str) -> bool:
    """The name of a graphics device is that of a program that pretends to be one."""
    return any(word in renderer.lower() for word in ("llvmpipe", "softpipe", "swrast", "software"))
