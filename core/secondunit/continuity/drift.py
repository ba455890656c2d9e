"""Does an actor's face slide away from the approved pictures, shot after shot?

Each shot may be within its limit, and near its neighbour, while the last is far from the first. The
curve is kept for people to see; it becomes a finding only when it rises steadily and by much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from secondunit_bridge.film import Finding, Outcome

CHECK = "identity.face"
SHOTS = 5  # fewer make no curve: an order of four comes about by chance too easily
RISES = 0.6  # Kendall's tau: of all pairs of shots, how many more rise than fall
BY = 0.3  # of the limit, from the first third of the shots to the last
DEPARTMENT = "Casting"


@dataclass(frozen=True)
class Curve:
    """An actor's distance from the approved pictures, by shot, in the order of the cut."""

    name: str
    limit: float
    points: tuple[tuple[str, float], ...]

    @property
    def rise(self) -> float:
        """From the middle of the first third to that of the last."""
        third = max(1, len(self.points) // 3)
        values = [value for _, value in self.points]
        return _middle(values[-third:]) - _middle(values[:third])

    @property
    def steadiness(self) -> float:
        """Kendall's tau: 1 when every later shot is farther, -1 when every one is nearer."""
        pairs = list(combinations([value for _, value in self.points], 2))
        return sum((b > a) - (b < a) for a, b in pairs) / len(pairs) if pairs else 0.0

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        points = [{"shot": shot, "distance": value} for shot, value in self.points]
        return {"name": self.name, "check": CHECK, "limit": self.limit, "curve": points}


@dataclass
class Curves:
    """Curves as a sweep gathers them, one shot after the other."""

    _points: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    _limits: dict[str, float] = field(default_factory=dict)

    def add(self, shot: str, found: Sequence[Finding]) -> None:
        """What a shot's faces read."""
        for one in found:
            if one.check == CHECK and one.subject and one.value is not None:
                self._points.setdefault(one.subject, []).append((shot, one.value))
                self._limits[one.subject] = one.limit or 0.0

    def all(self) -> list[Curve]:
        """Every actor who was measured."""
        return [
            Curve(name, self._limits[name], tuple(points)) for name, points in self._points.items()
        ]


def drifting(curve: Curve) -> Finding | None:
    """The finding, when an actor drifts away; None when not."""
    points, limit = curve.points, curve.limit
    if len(points) < SHOTS or curve.steadiness < RISES or curve.rise < BY * limit:
        return None
    (first, near), (last, far) = points[0], points[-1]
    says = f"{curve.name} drifts away over {len(points)} shots: {near:.2f} from the approved"
    says += f" pictures in “{first}”, {far:.2f} in “{last}”."
    return Finding(
        id=f"cut/{CHECK}/{curve.name}",
        check=CHECK,
        outcome=Outcome.look,
        sentence=says,
        value=round(curve.rise, 4),
        unit="distance",
        limit=round(BY * limit, 4),
        shots=tuple(dict.fromkeys(shot for shot, _ in points)),
        department=DEPARTMENT,
        subject=curve.name,
    )


def _middle(values: Sequence[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
