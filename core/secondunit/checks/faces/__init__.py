"""People on screen: do they look like themselves, are they there, which way do they look?

Only people whom the shot card names are looked for, and only against pictures that the production
has approved. Without a face model nothing is said, and that is said.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...hookspecs import AnyCheck, hookimpl
from .approved import Approved
from .asked import Faces
from .choosing import chosen_model, which_model
from .direction import FaceDirection
from .identity import IdentityFace
from .missing import FaceMissing


@hookimpl
def secondunit_checks() -> Sequence[AnyCheck]:
    """Adds ``identity.face``, ``face.missing`` and ``face.direction``."""
    faces = Faces(chosen_model, Approved(), which_model())
    return [IdentityFace(faces), FaceMissing(faces), FaceDirection(faces)]
