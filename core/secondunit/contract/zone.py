"""How far outside its matte a plate may be changed: bounded here, whatever a generator declares."""

from __future__ import annotations

import numpy as np
from secondunit_bridge.errors import OverLimits, PlugInRefused
from secondunit_bridge.film import Option

from ..hookspecs import GeneratorAbout, OptionAbout, Plan
from ..media.stills import Windows
from .geometry import displayed, stored
from .matte import Mask, Soft, protect

NAME = "edge_zone"
UNSAID = 8  # pixels, when neither a person nor the generator says
OWN_MOST = 24  # that a generator may take by itself: soft edges and contact shadows fit in it
MOST = 512  # that a person may allow


def bounded(option: OptionAbout) -> Option:
    """An option's default; of the edge zone no more than a generator may take by itself.

    Raises PlugInRefused for an edge zone that is no number of pixels.
    """
    if option.name != NAME:
        return option.default
    if type(option.default) is not int or option.default < 0:
        raise PlugInRefused(
            f"the option {NAME} has the default {option.default!r:.40}",
            hint="It must be a whole number of pixels, 0 or more. Tell the generator's author.",
        )
    return min(option.default, OWN_MOST)


def check_asked(name: str, value: Option) -> None:
    """Raises OverLimits for an edge zone that not even a person may ask for."""
    if name == NAME and isinstance(value, (int, float)) and not 0 <= value <= MOST:
        raise OverLimits(
            f"an edge zone of {value:g} pixels is not 0 to {MOST}",
            hint="Paint the matte itself wider: what may change should be seen in it.",
            data={"option": NAME, "low": 0, "high": MOST},
        )


def zone(plan: Plan) -> int:
    """Pixels outside the matte that may change: a person's word, else the bounded default.

    Bounded once more: a generator has had the plan in its hands since it was made.
    """
    asked = plan.turnover.options.get(NAME)
    if asked is not None:
        return min(max(int(asked), 0), MOST)
    return min(max(int(plan.options.get(NAME, UNSAID)), 0), OWN_MOST)


def held_back(plan: Plan, about: GeneratorAbout) -> str:
    """A sentence when the generator would have taken more than it may; else empty."""
    own = next((option.default for option in about.options if option.name == NAME), 0)
    if NAME in plan.turnover.options or not isinstance(own, int) or own <= OWN_MOST:
        return ""
    return (
        f"{about.name} would change up to {own} pixels outside the matte; {OWN_MOST} are allowed "
        f"unless a person allows more with the option {NAME}"
    )


def protection(soft: Soft, windows: Windows, edge_zone: int) -> Mask:
    """``(row, column)`` over the data window: True where nothing may change.

    ``soft`` lies over the data window too. The overscan is protected: it cannot be seen.
    """
    free = protect(displayed(soft, windows), edge_zone)
    return np.asarray(stored(free, windows, outside=True))
