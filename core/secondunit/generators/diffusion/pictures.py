"""Between our pictures and what a pipeline takes and gives: float all the way where it may be.

Ours are ``(row, column, 3)`` float32 codes, 0..1. Most pipelines take arrays of just that and scale
them by themselves. They guess the scale from the values, so codes are clipped to 0..1 first: one
negative value and a pipeline would believe that the whole picture is scaled already.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...media.footage import Picture

# Class and argument that refuse arrays, or take tensors to be scaled already. By class and
# argument, because nothing in a pipeline's signature tells.
_TENSORS = {("WanImageToVideoPipeline", "image"), ("WanImageToVideoPipeline", "last_image")}
_EIGHT_BIT = {
    ("WanVACEPipeline", "reference_images"),
    ("Flux2KleinPipeline", "image"),
    ("Flux2KleinInpaintPipeline", "image_reference"),
    ("QwenImageEditPipeline", "image"),
    ("QwenImageEditPlusPipeline", "image"),
    ("QwenImageEditInpaintPipeline", "image"),
}
# Pipelines that draw at a size of their own, in pixels, whatever they are told (diffusers 0.42).
OWN_SIZE = {"QwenImageEditInpaintPipeline": 1024 * 1024}
LEAST_DEPTH = 1e-6  # nearer than this is no distance: the pass holds nothing there


def clipped(picture: Picture) -> Picture:
    """RGB codes within 0..1, as a copy; what is no number is black. Alpha is left out."""
    codes = np.nan_to_num(picture[..., :3], nan=0.0, posinf=1.0, neginf=0.0)
    return np.ascontiguousarray(np.clip(codes, 0.0, 1.0), dtype=np.float32)


def matte_of(picture: Picture) -> Picture:
    """``(row, column)`` float32, 0..1, of a matte's first channel."""
    return np.ascontiguousarray(np.clip(np.nan_to_num(picture[..., 0]), 0.0, 1.0), np.float32)


def sized(picture: Picture, width: int, height: int) -> Picture:
    """The picture's middle at another size: filled to the edges, the rest cut off.

    ``(row, column)`` or ``(row, column, channel)``, unchanged when it has that size.
    """
    import cv2

    rows, columns = picture.shape[:2]
    if (rows, columns) == (height, width):
        return picture
    scale = max(width / columns, height / rows)
    inner = (max(width, round(columns * scale)), max(height, round(rows * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    large = cv2.resize(picture, inner, interpolation=how)
    top, left = (inner[1] - height) // 2, (inner[0] - width) // 2
    cut = large[top : top + height, left : left + width]
    return np.ascontiguousarray(np.clip(cut, picture.min(), picture.max()), dtype=np.float32)


def stretched(picture: Picture, width: int, height: int) -> Picture:
    """All of the picture at another size, each side by its own scale: undone by the way back.

    ``(row, column)`` or ``(row, column, channel)``, unchanged when it has that size.
    """
    import cv2

    rows, columns = picture.shape[:2]
    if (rows, columns) == (height, width):
        return picture
    how = cv2.INTER_AREA if width * height < rows * columns else cv2.INTER_CUBIC
    made = cv2.resize(picture, (width, height), interpolation=how)
    return np.ascontiguousarray(np.clip(made, picture.min(), picture.max()), dtype=np.float32)


def depth_scale(passes: Iterable[Picture]) -> tuple[float, float]:
    """Inverse distances of a depth pass that are shown black and white; any unit.

    One scale for all frames, so that the picture does not breathe: the farthest and nearest half
    per cent of all distances are the ends. (0, 0) when there is no distance at all.
    """
    distances = (np.asarray(one[..., 0], np.float64) for one in passes)
    there = [d[np.isfinite(d) & (d > LEAST_DEPTH)][::7] for d in distances]
    known = np.concatenate(there)
    if not known.size:
        return 0.0, 0.0
    far, near = np.percentile(1.0 / known, (0.5, 99.5))
    return float(far), float(near)


def near_is_white(picture: Picture, scale: tuple[float, float]) -> Picture:
    """A frame of a depth pass as depth-trained models see it: near white, far black.

    ``scale`` is that of ``depth_scale``. ``(row, column, 3)`` float32, 0..1.
    """
    distance = np.asarray(picture[..., 0], np.float64)
    far, near = scale
    valid = np.isfinite(distance) & (distance > LEAST_DEPTH) & (near > 0)
    inverse = np.divide(1.0, distance, out=np.full_like(distance, far), where=valid)
    grey = np.clip((inverse - far) / max(near - far, 1e-12), 0.0, 1.0).astype(np.float32)
    return np.repeat(grey[..., None], 3, axis=2)


def signed(passes: Iterable[Picture]) -> bool:
    """Whether a normal pass is -1..1; else it is 0..1. One frame of it alone may not tell."""
    return any(np.nan_to_num(one[..., :3]).min() < 0 for one in passes)


def towards_camera(picture: Picture, *, signed: bool) -> Picture:
    """A frame of a normal pass as colours 0..1; one of colours already is left as it is."""
    normal: Picture = np.nan_to_num(picture[..., :3])
    return clipped(np.float32(0.5) * (normal + np.float32(1)) if signed else normal)


def is_eight_bit(pipeline: str, argument: str) -> bool:
    """The pipeline takes this argument as 8-bit pictures only: the plan says so."""
    return (pipeline, argument) in _EIGHT_BIT or argument == "ip_adapter_image"


def handed(pipeline: str, argument: str, picture: Picture) -> Any:
    """One RGB picture as this pipeline takes this argument."""
    if is_eight_bit(pipeline, argument):
        return eight_bit(picture)
    if (pipeline, argument) in _TENSORS:
        import torch

        return torch.from_numpy(picture.transpose(2, 0, 1).copy())[None]
    return picture[None]


def handed_frames(pictures: Iterable[Picture]) -> Any:
    """A run of frames: a tensor ``(1, frame, channel, row, column)``, as video pipelines take it.

    A mask's frames are given three channels.
    """
    import torch

    run = np.stack([p if p.ndim == 3 else np.repeat(p[..., None], 3, axis=2) for p in pictures])
    return torch.from_numpy(run.transpose(0, 3, 1, 2).copy())[None]


def eight_bit(picture: Picture) -> Any:
    """A PIL picture, each code rounded to the nearest of 256."""
    from PIL import Image

    return Image.fromarray((picture * 255.0 + 0.5).astype(np.uint8))


def frames_of(output: Any) -> NDArray[np.float32]:
    """``(frame, row, column, 3)`` float32 of what a pipeline gave, 0..1."""
    found = output.frames if hasattr(output, "frames") else output.images
    pictures = np.asarray(found, dtype=np.float32)
    return pictures[0] if pictures.ndim == 5 else pictures
