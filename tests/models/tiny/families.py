"""Every card by name: the tiny pipeline whose folder it opens, and the parts it needs beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import clear, flux, ltx, qwen, saved, sd, wan


@dataclass(frozen=True)
class About:
    """What a card is tried with."""

    folder: str  # name in FOLDERS
    parts: dict[str, str] = field(default_factory=dict)  # component -> name in FOLDERS


FOLDERS: dict[str, Callable[[], Any]] = {
    "sd15": sd.sd15,
    "sd15_nine": lambda: sd.sd15("StableDiffusionInpaintPipeline", 9),
    "sd15_eye": sd.sd15_with_eye,
    "sd15_clear": lambda: sd.sd15(vae=clear.coder()),
    "sdxl_clear": lambda: sd.sdxl(vae=clear.coder()),
    "z_image_clear": lambda: qwen.z_image(vae=clear.coder(16)),
    "sd15_control": sd.control,
    "sdxl": sd.sdxl,
    "sdxl_control": sd.xl_control,
    "sdxl_union": sd.xl_union,
    "wan_t2v": wan.t2v,
    "wan_i2v": wan.i2v,
    "wan_flf": wan.flf,
    "wan_flf22": wan.flf22,
    "wan_vace": wan.vace,
    "ltx": ltx.keyframes,
    "flux_fill": flux.fill,
    "flux_kontext": flux.kontext,
    "flux2_klein": flux.klein,
    "qwen": qwen.image,
    "qwen_control": qwen.control,
    "qwen_inpaint_control": qwen.inpaint_control,
    "z_image": qwen.z_image,
    "z_control": qwen.z_plain_control,
    "z_inpaint_control": qwen.z_control,
}

WRITTEN: dict[str, Callable[[Path], Path]] = {  # those that are more than a saved pipeline
    "qwen_edit": qwen.save_edit,
    "sd15_ip": sd.save_with_adapter,
}

ABOUT: dict[str, About] = {
    "sd15": About("sd15"),
    "sd15-img2img": About("sd15"),
    "sd15-inpaint": About("sd15"),
    "sd15-depth": About("sd15", {"controlnet": "sd15_control"}),
    "sd15-inpaint-depth": About("sd15", {"controlnet": "sd15_control"}),
    "sdxl": About("sdxl"),
    "sdxl-img2img": About("sdxl"),
    "sdxl-inpaint": About("sdxl"),
    "sdxl-depth": About("sdxl", {"controlnet": "sdxl_control"}),
    "sdxl-inpaint-depth": About("sdxl", {"controlnet": "sdxl_control"}),
    "sdxl-union": About("sdxl", {"controlnet": "sdxl_union"}),
    "wan-t2v": About("wan_t2v"),
    "wan-flf": About("wan_flf"),
    "wan-vace": About("wan_vace"),
    "ltx-keyframes": About("ltx"),
    "flux-fill": About("flux_fill"),
    "flux-kontext": About("flux_kontext"),
    "flux-kontext-inpaint": About("flux_kontext"),
    "flux2-klein": About("flux2_klein"),
    "flux2-klein-inpaint": About("flux2_klein"),
    "qwen-image-inpaint": About("qwen"),
    "qwen-image-depth": About("qwen", {"controlnet": "qwen_control"}),
    "qwen-image-inpaint-control": About("qwen", {"controlnet": "qwen_inpaint_control"}),
    "qwen-image-edit": About("qwen_edit"),
    "qwen-image-edit-inpaint": About("qwen_edit"),
    "z-image": About("z_image"),
    "z-image-inpaint": About("z_image"),
    "z-image-depth": About("z_image", {"controlnet": "z_control"}),
    "z-image-inpaint-depth": About("z_image", {"controlnet": "z_inpaint_control"}),
}


class Folders:
    """Saves each pipeline and part once."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def folder(self, name: str) -> Path:
        """The folder of that name in FOLDERS or WRITTEN."""
        place = self._root / name
        if not place.exists():
            if name in WRITTEN:
                WRITTEN[name](place)
            else:
                saved(FOLDERS[name](), place)
        return place
