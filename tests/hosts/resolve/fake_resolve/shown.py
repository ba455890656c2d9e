"""What the fake's viewer shows: the picture under the playhead, with a grade on it."""

from __future__ import annotations

import shutil
from pathlib import Path

from .state import Item, World

GRADE = (1.0, 0.75, 0.5)  # of red, green and blue codes: no media of the tests looks like that
_SIZE = (96, 54)


def still(w: World, path: str) -> bool:
    """The frame at the playhead as a picture; False on a page that shows none."""
    if w.page in ("media", "fusion") or Path(path).suffix not in (".png", ".jpg", ".tif"):
        return False
    item = _shown(w)
    if item is not None and item.media is not None and item.media.path.endswith(".png"):
        shutil.copyfile(item.media.path, path)  # a slate: in the Pythons that Resolve may find
        return True  # nothing can draw
    return _graded(item, w.timeline.playhead, path)


def _shown(w: World) -> Item | None:
    here = w.timeline.playhead
    for track in reversed(w.timeline.tracks["video"]):
        for item in track.items if track.enabled else ():
            if item.kind == "clip" and item.start <= here < item.end:
                return item
    return None


def _graded(item: Item | None, here: int, path: str) -> bool:
    import cv2
    import numpy as np

    picture = np.zeros((54, 96, 3), np.float32)
    if item is not None and item.media is not None:
        picture += 128  # a nest: what lies in it is not drawn
        if Path(item.media.path).is_file():
            wanted = item.left + round((here - item.start) * item.speed)
            picture = _decoded(item.media.path, wanted)
    rgb = cv2.resize(picture, _SIZE, interpolation=cv2.INTER_AREA) * np.float32(GRADE)
    return bool(cv2.imwrite(path, (rgb[..., ::-1] + 0.5).astype(np.uint8)))


def _decoded(path: str, wanted: int):
    import av
    import numpy as np

    with av.open(path) as film:
        for number, frame in enumerate(film.decode(video=0)):
            if number >= wanted:
                return frame.to_ndarray(format="rgb24").astype(np.float32)
    raise AssertionError(f"{path} has no frame {wanted}")
