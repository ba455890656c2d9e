"""Each card's call written out by hand, as anybody would call the pipeline, with nothing of ours.

``given`` are the conformed pictures by role, as the generator saw them. Two steps each, so that it
is quick; every other argument is the card's own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

WORDS = "a red door"
Given = dict[str, np.ndarray]  # role -> (frame, row, column, channel) float32, 0..1


def one(given: Given, role: str, at: int = 0) -> np.ndarray:
    return given[role][at][None, ..., :3]


def hole(given: Given, at: int = 0) -> np.ndarray:
    return given["matte"][at][None, ..., :1]


def pil(given: Given, role: str) -> Image.Image:
    return Image.fromarray((given[role][0][..., :3] * 255 + 0.5).astype(np.uint8))


def depth(given: Given, at: int = 0) -> np.ndarray:
    """Near white, far black, half a per cent of all distances beyond either end."""
    every = [
        1 / given["depth"][n].ravel()[::7].astype(np.float64) for n in range(len(given["depth"]))
    ]
    far, near = np.percentile(np.concatenate(every), (0.5, 99.5))
    shown = np.clip((1 / given["depth"][at].astype(np.float64) - far) / (near - far), 0, 1)
    return np.repeat(shown.astype(np.float32), 3, axis=-1)[None]


def tensor(pictures: np.ndarray) -> Any:
    import torch

    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))


SD = {"guidance_scale": 7.5}
XL = {"guidance_scale": 5.0}
Q = {"true_cfg_scale": 4.0}
Z = {"guidance_scale": 0.0}
K = {"guidance_scale": 3.5, "_auto_resize": False, "max_area": 64 * 64}
WAN = {"guidance_scale": 5.0, "num_frames": 5}


def vace(given: Given) -> dict[str, Any]:
    plate, holes = given["plate"][..., :3], given["matte"]
    video = np.where(holes > 0.5, np.float32(0.5), plate)
    shown = np.concatenate([depth(given, at) for at in range(len(plate))])
    video = np.where(holes > 0.5, shown, video)
    return WAN | {
        "video": tensor(video)[None], "mask": tensor(np.repeat(holes, 3, -1))[None],
        "reference_images": [pil(given, "reference")], "conditioning_scale": 1.0,
    }  # fmt: skip


def keyframes(given: Given) -> dict[str, Any]:
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    first = LTXVideoCondition(image=one(given, "first"), frame_index=0)
    last = LTXVideoCondition(image=one(given, "last"), frame_index=8)
    return {
        "conditions": [first, last], "num_frames": 9, "frame_rate": 24.0, "guidance_scale": 3.0,
        "decode_timestep": 0.05, "image_cond_noise_scale": 0.0,
    }  # fmt: skip


CALLS: dict[str, Any] = {
    "sd15": lambda g: SD,
    "sd15-img2img": lambda g: SD | {"image": one(g, "guide"), "strength": 0.6},
    "sd15-inpaint": lambda g: SD
    | {"image": one(g, "plate"), "mask_image": hole(g), "strength": 1.0},
    "sd15-depth": lambda g: SD | {"image": depth(g), "controlnet_conditioning_scale": 1.0},
    "sd15-inpaint-depth": lambda g: SD
    | {"image": one(g, "plate"), "mask_image": hole(g), "control_image": depth(g), "strength": 1.0,
       "controlnet_conditioning_scale": 1.0},
    "sdxl": lambda g: XL,
    "sdxl-img2img": lambda g: XL | {"image": one(g, "guide"), "strength": 0.6},
    "sdxl-inpaint": lambda g: XL
    | {"image": one(g, "plate"), "mask_image": hole(g), "strength": 0.99},
    "sdxl-depth": lambda g: XL | {"image": depth(g), "controlnet_conditioning_scale": 0.8},
    "sdxl-inpaint-depth": lambda g: XL
    | {"image": one(g, "plate"), "mask_image": hole(g), "control_image": depth(g),
       "strength": 0.99, "controlnet_conditioning_scale": 0.8},
    "sdxl-union": lambda g: XL
    | {"control_image": [depth(g), (one(g, "normal"))], "control_mode": [1, 4],
       "controlnet_conditioning_scale": 0.8},
    "wan-t2v": lambda g: WAN,
    "wan-flf": lambda g: WAN
    | {"image": tensor(one(g, "first")), "last_image": tensor(one(g, "last"))},
    "wan-vace": vace,
    "ltx-keyframes": keyframes,
    "flux-fill": lambda g: {"image": one(g, "plate"), "mask_image": hole(g),
                            "guidance_scale": 30.0},
    "flux-kontext": lambda g: K | {"image": one(g, "guide")},
    "flux-kontext-inpaint": lambda g: K
    | {"image": one(g, "plate"), "mask_image": hole(g), "image_reference": one(g, "reference"),
       "strength": 1.0},
    "flux2-klein": lambda g: {"image": [pil(g, "guide"), pil(g, "reference")],
                              "guidance_scale": 1.0},
    "flux2-klein-inpaint": lambda g: {
        "image": one(g, "plate"), "mask_image": hole(g), "image_reference": [pil(g, "reference")],
        "strength": 1.0, "guidance_scale": 1.0},
    "qwen-image-inpaint": lambda g: Q
    | {"image": one(g, "plate"), "mask_image": hole(g), "strength": 1.0},
    "qwen-image-depth": lambda g: Q | {"control_image": depth(g)},
    "qwen-image-inpaint-control": lambda g: Q
    | {"control_image": one(g, "plate"), "control_mask": hole(g)},
    "qwen-image-edit": lambda g: Q | {"image": [pil(g, "guide"), pil(g, "reference")]},
    "qwen-image-edit-inpaint": lambda g: Q
    | {"image": pil(g, "plate"), "mask_image": hole(g), "strength": 1.0},
    "z-image": lambda g: Z,
    "z-image-inpaint": lambda g: Z
    | {"image": one(g, "plate"), "mask_image": hole(g), "strength": 1.0},
    "z-image-depth": lambda g: Z | {"control_image": depth(g),
                                    "controlnet_conditioning_scale": 0.75},
    "z-image-inpaint-depth": lambda g: Z
    | {"image": one(g, "plate"), "mask_image": hole(g), "control_image": depth(g),
       "controlnet_conditioning_scale": 0.75},
}  # fmt: skip
NO_SIZE = ("sd15-img2img", "sdxl-img2img")
EIGHT_STEPS = ("sd15-img2img", "sdxl-img2img")  # a strength below 1 leaves some of the steps out


def call(card: str, given: Given, steps: int, size: int) -> dict[str, Any]:
    """All arguments but the noise."""
    told = {} if card in NO_SIZE else {"width": size, "height": size}
    return {"prompt": WORDS, "num_inference_steps": steps} | told | CALLS[card](given)
