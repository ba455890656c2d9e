"""Which face model this installation has: the one that a setting names, else that of the extra."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ...settings import Settings
from .face import FaceModel
from .with_dlib import dlib_faces, dlib_is_there


def chosen_model() -> FaceModel | None:
    """The model; None where there is none. Raises what is wrong with the one that is set."""
    settings = Settings.load()
    if settings.face_model:
        from .with_onnx import onnx_faces

        return onnx_faces(Path(settings.face_model).expanduser(), settings.production_use)
    return dlib_faces()


def which_model() -> str:
    """Names the model without loading it; empty where there is none."""
    settings = Settings.load()
    if not settings.face_model:
        return "dlib" if dlib_is_there() else ""
    try:
        said = Path(settings.face_model).expanduser().read_bytes()
    except OSError:
        said = b""
    return hashlib.sha256(said + settings.production_use.encode()).hexdigest()[:12]
