"""Faces by dlib and the model files of the extra ``faces``: nothing is downloaded.

Only two files of the package ``face_recognition_models`` are opened, both CC0: the five points and
the embedding. Its 68-point file was trained on pictures whose licence excludes commercial use: it
is never opened. Nor is the package imported, since that needs a part of setuptools that is gone.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import threading
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from secondunit_bridge.errors import ExtraMissing

from ...media.sight import fitted
from .face import LOOKED, Codes, Face, largest_first, turned

LIMIT = 0.55  # in the middle of the gap: one person's photographs .33 to .45, two people's .71 up
SURE = 0.3  # score; real portraits reach .7 to 2.3, things that are no face up to .2
_FIVE = "shape_predictor_5_face_landmarks.dat"
_LIKE = "dlib_face_recognition_resnet_model_v1.dat"
_PACKAGE = "face_recognition_models"
_UPSAMPLED = 1  # times: faces of 40 pixels are found
_SIDE = 150  # pixels of the picture of a face that the embedding is made for
_MARGIN = 0.25


class DlibFaces:
    """HOG finder, five points, and the 128 numbers of a face.

    The finder and the net keep what they work on inside them, so one picture at a time: other
    threads wait.
    """

    licence = "CC0-1.0"
    limit = LIMIT
    credit = ""

    def __init__(self, dlib: Any, models: Path) -> None:
        self.name = f"dlib {importlib.metadata.version('dlib-bin')} face recognition, CC0-1.0"
        self._lock = threading.Lock()
        self._dlib = dlib
        self._look = dlib.get_frontal_face_detector()
        self._five = dlib.shape_predictor(str(models / _FIVE))
        self._like = dlib.face_recognition_model_v1(str(models / _LIKE))

    def find(self, picture: Codes, frame: int, wide: int) -> list[Face]:
        """See FaceModel. A face needs about 40 pixels of a picture 640 wide, seen from in front."""
        small = np.ascontiguousarray(fitted(picture.astype(np.float32), LOOKED).astype(np.uint8))
        scale = picture.shape[1] / small.shape[1]
        with self._lock:
            boxes, scores, _ = self._look.run(small, _UPSAMPLED, SURE)
            found = [
                self._face(picture, box, scale, score, frame, wide)
                for box, score in zip(boxes, scores, strict=True)
            ]
        return largest_first(found)

    def _face(
        self, picture: Codes, box: Any, scale: float, score: float, frame: int, wide: int
    ) -> Face:
        rows, columns = picture.shape[:2]
        x, y = box.left() * scale, box.top() * scale
        side = box.width() * scale
        at = self._dlib.rectangle(round(x), round(y), round(x + side), round(y + side))
        five = self._five(picture, at)
        points = np.array([(point.x, point.y) for point in five.parts()], float)
        eyes = sorted((points[0:2].mean(0), points[2:4].mean(0)), key=lambda eye: float(eye[0]))
        three = [(float(p[0]), float(p[1])) for p in (*eyes, points[4])]
        chip = self._dlib.get_face_chip(picture, five, size=_SIDE, padding=_MARGIN)
        like = np.array(self._like.compute_face_descriptor(chip), np.float32)
        left, top = max(0.0, x / columns), max(0.0, y / rows)
        region = (
            left, top, min((x + side) / columns, 1.0) - left, min((y + side) / rows, 1.0) - top,
        )  # fmt: skip
        return Face(
            frame,
            region,
            tuple((px / columns, py / rows) for px, py in three),
            like,
            turn=turned(three),
            wide=side * wide / columns,
            sure=float(score),
        )


def dlib_is_there() -> bool:
    """The extra is installed. Nothing is imported."""
    return all(importlib.util.find_spec(name) for name in ("dlib", _PACKAGE))


@cache
def dlib_faces() -> DlibFaces | None:
    """The model of the extra; None where it is not installed.

    Raises ExtraMissing when only half of it is there, or it does not load on this system.
    """
    if not dlib_is_there():
        return None
    spec = importlib.util.find_spec(_PACKAGE)
    models = Path(spec.origin).parent / "models" if spec and spec.origin else Path()
    lacking = [name for name in (_FIVE, _LIKE) if not (models / name).is_file()]
    if lacking:
        raise ExtraMissing(
            f"the package face_recognition_models lacks {' and '.join(lacking)}",
            hint="Install it again: pip install --force-reinstall 'secondunit[faces]'",
        )
    return DlibFaces(_dlib(), models)


def _dlib() -> Any:
    try:
        return importlib.import_module("dlib")
    except ImportError as error:
        raise ExtraMissing(
            f"dlib is installed and does not load: {error}",
            hint="Install it again: pip install --force-reinstall 'secondunit[faces]'",
        ) from error
