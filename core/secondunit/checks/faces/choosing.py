"""Which face model this installation has: the one that a setting names, else that of the extra."""

from __future__ import annotations

from .face import FaceModel
from .with_dlib import dlib_faces, dlib_is_there


def chosen_model() -> FaceModel | None:
    """The model; None where there is none."""
    return dlib_faces()


def which_model() -> str:
    """Names the model without loading it; empty where there is none."""
    return "dlib" if dlib_is_there() else ""
