"""How an object's colours stand against its surroundings' just outside its outline."""

from __future__ import annotations

import numpy as np

from ...media.footage import Picture
from .objects import Object

_AWAY = 4.0  # pixels from the outline: beyond ink and soft edges
_SECTORS = 8  # around the object: each side has a background of its own


def contrast(toned: Picture, one: Object) -> float:
    """The mean step of tone across the outline, 0 for a picture that goes on through it.

    Steps are averaged over an eighth of the outline first, so that hatching and grain, which go
    both ways, come to little.
    """
    import cv2

    outline = one.outline
    angle = np.arctan2(outline.sine, outline.cosine) / 2
    across, down = np.float32(_AWAY) * np.cos(angle), np.float32(_AWAY) * np.sin(angle)
    mask = one.mask.astype(np.float32)

    def sample(picture: Picture, sign: int) -> Picture:
        x = (outline.x + sign * across).astype(np.float32)
        y = (outline.y + sign * down).astype(np.float32)
        seen = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, np.float32).reshape(len(x), -1)

    inner = np.sign(sample(mask, 1) - sample(mask, -1))
    step = (sample(toned, 1) - sample(toned, -1)) * inner
    around = np.arctan2(outline.y - outline.y.mean(), outline.x - outline.x.mean())
    sector = ((around + np.pi) / (2 * np.pi) * _SECTORS).astype(int) % _SECTORS
    steps = [
        (np.count_nonzero(sector == k), float(np.linalg.norm(step[sector == k].mean(axis=0))))
        for k in range(_SECTORS)
        if (sector == k).any()
    ]
    return sum(count * size for count, size in steps) / max(1, sum(count for count, _ in steps))
