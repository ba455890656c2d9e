"""Has the take as much grain as the shot it is cut to, and is it as coarse?

Read off two frames that follow each other on either side, so that texture, which stays where it is,
is not taken for grain. Only pictures of one size are compared: scaling takes grain away.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from secondunit_bridge.film import Finding, Outcome

from ..exam import Exam, Near
from ..hookspecs import Check, CheckAbout, Scope, hookimpl
from ..media.sight import Sight
from .answers import finding, not_checked
from .grain import Grain, grain_of
from .sides import at, each_side

MORE = 1.25  # times, or as much less; a colourist sees a fifth side by side
COARSER = 0.35  # octaves
FAINT = 1.0  # codes; less grain than a code is nobody's business, and compression eats it
UNREAD = "nothing flat to read grain from"
SIZES = "pictures of another size"


class GrainLevel:
    """Times the grain of the neighbour, and octaves by which it is coarser."""

    about = CheckAbout(
        name="grain.level",
        version="1",
        sentence="The take has the grain of the shots it is cut to: as strong, and as coarse.",
        scope=Scope.pair,
        unit="times",
        look=MORE,
        stop=None,
        source="ratio outside .8 to 1.25; steps of a tenth are resolved (synthetic grain)",
        department="VFX",
        bounds=(1.05, 3),
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour."""
        return each_side(self.about, exam, lambda near: [self._side(near)])

    def _side(self, near: Near) -> Finding:
        about, where = self.about, f"the shot {near.side} it"
        one, other = near.at_cut
        if one.luma.shape != other.luma.shape:
            says = f"The take and {where} have different sizes: their grain cannot be compared."
            return not_checked(about, SIZES, says, frames=at(near))
        ours, theirs = grain_near(near.ours), grain_near(near.theirs)
        if ours is None or theirs is None:
            says = f"Too little of the take or of {where} is flat enough to read grain from."
            return not_checked(about, UNREAD, says, frames=at(near))
        if max(ours.sigma, theirs.sigma) < FAINT:
            says = f"Neither the take nor {where} has grain to speak of."
            return finding(about, Outcome.clear, says, value=1, limit=about.limit, frames=at(near))
        return self._compared(near, ours, theirs)

    def _compared(self, near: Near, ours: Grain, theirs: Grain) -> Finding:
        about, where = self.about, f"the shot {near.side} it"
        value = max(ours.sigma, FAINT / 2) / max(theirs.sigma, FAINT / 2)
        least, most = 1 / about.limit, about.limit
        limit = least if value < 1 else most
        coarser = ours.coarseness - theirs.coarseness
        codes = f"{ours.sigma:.1f} against {theirs.sigma:.1f} codes"
        if not least < value < most:
            word = "less" if value < 1 else "more"
            says = f"The take has {word} grain than {where}: {value:.2f} times, {codes}."
        elif abs(coarser) >= COARSER and min(ours.sigma, theirs.sigma) >= FAINT:
            word = "coarser" if coarser > 0 else "finer"
            says = f"The grain of the take is {word} than that of {where}, though as strong."
        else:
            says = f"The take has the grain of {where}: {value:.2f} times, {codes}."
            return finding(about, Outcome.clear, says, value=value, limit=limit, frames=at(near))
        return finding(about, Outcome.look, says, value=value, limit=limit, frames=at(near))


def grain_near(sights: tuple[Sight, ...]) -> Grain | None:
    """The grain of frames that follow each other: the median of each two; None if unreadable."""
    read = [grain_of(b.luma, a.luma) for a, b in pairwise(sights)]
    known = [one for one in read if one is not None]
    if not known:
        return None
    octaves = np.median([one.octaves for one in known], axis=0)
    sigma = float(np.median([one.sigma for one in known]))
    return Grain(sigma, (float(octaves[0]), float(octaves[1]), float(octaves[2])))


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``grain.level``."""
    return [GrainLevel()]
