"""Between our pictures and what a pipeline takes and gives: float all the way where it may be.

Ours are ``(row, column, 3)`` float32 codes, 0..1. Most pipelines take arrays of just that and scale
them by themselves. They guess the scale from the values, so codes are clipped to 0..1 first: one
negative value and a pipeline would believe that the whole picture is scaled already.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def near_is_white(passes: Sequence[Picture]) -> list[Picture]:
    """Depth passes, distances in any unit, as depth-trained models see them: near white, far black.

    One scale for all frames, so that the picture does not breathe: the nearest and farthest half
    per cent of all distances are the ends. ``(row, column, 3)`` float32, 0..1.
    """
    distances = [np.asarray(one[..., 0], np.float64) for one in passes]
    there = [d[np.isfinite(d) & (d > LEAST_DEPTH)][::7] for d in distances]
    known = np.concatenate(there)
    if not known.size:
        return [np.zeros((*d.shape, 3), np.float32) for d in distances]
    far, near = np.percentile(1.0 / known, (0.5, 99.5))
    return [_shown(d, far, max(near - far, 1e-12)) for d in distances]


def _shown(distance: NDArray[np.float64], far: float, span: float) -> Picture:
    valid = np.isfinite(distance) & (distance > LEAST_DEPTH)
    inverse = np.divide(1.0, distance, out=np.full_like(distance, far), where=valid)
    grey = np.clip((inverse - far) / span, 0.0, 1.0).astype(np.float32)
    return np.repeat(grey[..., None], 3, axis=2)


def towards_camera(picture: Picture) -> Picture:
    """A normal pass, -1..1, as colours 0..1. One that is 0..1 already is left as it is."""
    normal: Picture = np.nan_to_num(picture[..., :3])
    return clipped(normal if normal.min() >= 0 else np.float32(0.5) * (normal + np.float32(1)))


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
