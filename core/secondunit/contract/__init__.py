"""What the core guarantees whatever a generator does: what goes in is conformed, what comes out
is checked, counted and made safe to keep.
"""

from __future__ import annotations

from .conform import Conformed, ConformedElements
from .deliver import Delivered, deliver
from .fitted import Fitted
from .fitting import Seen, shot_by
from .plans import answered, plan_for
from .plate import Plated, Under, deliver_plate

__all__ = [
    "Conformed",
    "ConformedElements",
    "Delivered",
    "Fitted",
    "Plated",
    "Seen",
    "Under",
    "answered",
    "deliver",
    "deliver_plate",
    "plan_for",
    "shot_by",
]
