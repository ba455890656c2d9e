"""What each class must reach, by which figure, and from which severity on."""

from __future__ import annotations

from dataclasses import dataclass

AUROC, RECALL, FLAGGED = "AUROC", "recall at 2 %", "flagged"


@dataclass(frozen=True)
class Target:
    """A figure that a class must reach from a severity on."""

    figure: str
    least: float
    at: int


TARGETS = {
    "prop.move": Target(AUROC, 0.97, 2),
    "prop.gone": Target(AUROC, 0.97, 3),
    "costume.hue": Target(AUROC, 0.97, 1),
    "key.yaw": Target(AUROC, 0.98, 2),
    "axis": Target(FLAGGED, 1.0, 0),
    "angle": Target(FLAGGED, 1.0, 1),
    "eyeline": Target(FLAGGED, 1.0, 1),
    "exposure": Target(AUROC, 0.98, 1),
    "white balance": Target(AUROC, 0.98, 1),
    "grain": Target(AUROC, 0.97, 0),
    "coarse grain": Target(AUROC, 0.97, 0),
    "soft": Target(RECALL, 0.95, 2),
    "soft, shallow": Target(RECALL, 0.85, 2),
    "flicker": Target(RECALL, 0.95, 1),
    "boil": Target(RECALL, 0.80, 2),
    "duplicate": Target(FLAGGED, 0.99, 0),
    "range": Target(FLAGGED, 0.99, 0),
    "flash": Target(FLAGGED, 0.99, 0),
}
SERIOUS_FOUND, FLAGS_ALLOWED = 0.85, 5.0  # share of obvious and gross errors; per 100 clean cuts
"""These at the same setting."""
