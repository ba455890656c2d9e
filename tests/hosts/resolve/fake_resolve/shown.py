"""What the fake's viewer shows: the picture under the playhead, with a grade on it."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np

from .state import Item, Media, World

GRADE = (1.0, 0.75, 0.5)  # of red, green and blue codes: no media of the tests looks like that
_SIZE = (96, 54)


def still(w: World, path: str) -> bool:
    """The frame at the playhead as a picture; False on a page that shows none."""
    if w.page in ("media", "fusion") or Path(path).suffix not in (".png", ".jpg", ".tif"):
        return False
    rgb = cv2.resize(_shown(w), _SIZE, interpolation=cv2.INTER_AREA) * np.float32(GRADE)
    return bool(cv2.imwrite(path, (rgb[..., ::-1] + 0.5).astype(np.uint8)))


def _shown(w: World) -> np.ndarray:
    here = w.timeline.playhead
    for track in reversed(w.timeline.tracks["video"]):
        for item in track.items if track.enabled else ():
            if item.kind == "clip" and item.start <= here < item.end:
                return _decoded(item, here)
    return np.zeros((54, 96, 3), np.float32)


def _decoded(item: Item, here: int) -> np.ndarray:
    media = item.media
    if not isinstance(media, Media) or not Path(media.path).is_file():
        return np.full((54, 96, 3), 128, np.float32)  # a nest: what lies in it is not drawn
    wanted = item.left + round((here - item.start) * item.speed)
    with av.open(media.path) as film:
        for number, frame in enumerate(film.decode(video=0)):
            if number >= wanted:
                return frame.to_ndarray(format="rgb24").astype(np.float32)
    raise AssertionError(f"{media.path} has no frame {wanted}")
