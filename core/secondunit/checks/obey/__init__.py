"""Did a previs take keep to its 3D scene? Facts, measured against the scene's own passes."""

from __future__ import annotations

from collections.abc import Sequence

from ...hookspecs import Check, hookimpl
from .camera import CameraDrift
from .eyeline import Eyeline
from .missing import Missing
from .reading import Readings
from .silhouette import Silhouette


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``obey.silhouette``, ``obey.missing``, ``obey.camera`` and ``obey.eyeline``."""
    readings = Readings()
    return [Silhouette(readings), Missing(readings), CameraDrift(readings), Eyeline()]
