"""The line of action, the thirty-degree rule and eyelines, exactly, from shot cards.

A host knows where its cameras and people stand: nothing has to be guessed from pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

from secondunit_bridge.film import Finding, Outcome

from ..editorial.cards import Card
from ..exam import Exam
from ..hookspecs import Check, CheckAbout, Scope, hookimpl
from .answers import finding, not_checked
from .setup import follows
from .sides import each_card
from .staging import ON_LINE, Line, gaze_misses, line_of, move, side_of

DEGREES = 30.0  # the rule of the trade: turn less at a like size, and the cut jumps
SIZE = 1.5  # times; a subject seen so much larger or smaller makes another shot
MISSES = 5.0  # degrees
UNSAID = "not on the shot card"


class AxisHost:
    """Does the cut cross the line between two people?"""

    about = CheckAbout(
        name="axis.host",
        version="1",
        sentence="Cameras that are cut together stay on one side of the line between two people.",
        scope=Scope.pair,
        unit="crossings",
        look=1,
        stop=None,
        source="the 180-degree rule; exact, from shot cards",
        department="Script",
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour."""
        return each_card(self.about, exam, self._side)

    def _side(self, side: str, a: Card, b: Card) -> Sequence[Finding]:
        where, line = f"the shot {side} it", line_of(a, b)
        if line is None or not (a.camera and b.camera and a.people and b.people):
            return [self._declared(a, b, where)]
        sides = side_of(a.camera, a.people, line), side_of(b.camera, b.people, line)
        on_line = min(abs(angle) for angle in sides) < ON_LINE
        if sides[0] * sides[1] < 0 and not on_line:
            return [self._crossed(where, line)]
        return [self._kept(where, line)]

    def _declared(self, a: Card, b: Card, where: str) -> Finding:
        """By who stands left and who stands right, as far as the cards say so."""
        if not a.axis or not b.axis or a.axis.names != b.axis.names:
            says = "The cards place no two people in both shots, with both cameras."
            return not_checked(self.about, UNSAID, says)
        line = Line(a.axis.left, a.axis.right)
        return self._kept(where, line) if a.axis == b.axis else self._crossed(where, line)

    def _crossed(self, where: str, line: Line) -> Finding:
        pair = f"{line.one} and {line.other}"
        says = f"Between the take and {where} the camera crosses the line of {pair}."
        return finding(self.about, Outcome.look, says, value=1, limit=1)

    def _kept(self, where: str, line: Line) -> Finding:
        pair = f"{line.one} and {line.other}"
        says = f"The take and {where} are on one side of the line of {pair}."
        return finding(self.about, Outcome.clear, says, value=0, limit=1)


def known(a: Card, b: Card) -> bool:
    """Cameras and people of both shots are on their cards: nobody has to guess sides."""
    return line_of(a, b) is not None and all((a.camera, b.camera, a.people, b.people))


class JumpHost:
    """Degrees that the camera goes round its subject across a cut."""

    about = CheckAbout(
        name="jump.host",
        version="1",
        sentence="Across a cut the camera goes round its subject by 30 degrees, or changes size.",
        scope=Scope.pair,
        unit="degrees",
        look=DEGREES,
        stop=None,
        source="the 30-degree rule; exact, from shot cards",
        department="Script",
        bounds=(10, 60),
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour."""
        return each_card(self.about, exam, lambda *said: [self._side(exam, *said)])

    def _side(self, exam: Exam, side: str, ours: Card, theirs: Card) -> Finding:
        about, where = self.about, f"the shot {side} it"
        if not ours.camera or not theirs.camera:
            return not_checked(about, UNSAID, "Not both shot cards say where the camera stands.")
        if not exam.in_cut or follows(exam, side):
            says = f"The take and {where} do not meet in a cut that could jump."
            return finding(about, Outcome.clear, says)
        moved = move(theirs.camera, ours.camera)
        if moved is None:
            says = f"The take and {where} look at different things."
            return finding(about, Outcome.clear, says)
        angle, larger = moved
        says = f"Between the take and {where} the camera goes {angle:.0f} degrees round its subject"
        if angle < about.limit and 1 / SIZE < larger < SIZE:
            says += ", at a like size: the cut jumps."
            return finding(about, Outcome.look, says, value=angle, limit=about.limit)
        times = max(larger, 1 / larger)
        word = "larger" if larger >= 1 else "smaller"
        says += f", seen {times:.1f} times {word} in the take." if times >= SIZE else "."
        return finding(about, Outcome.clear, says, value=angle, limit=about.limit)


class EyelineHost:
    """Degrees by which people miss whom they look at."""

    about = CheckAbout(
        name="eyeline.host",
        version="1",
        sentence="Two people who face each other across a cut look at each other, in degrees.",
        scope=Scope.pair,
        unit="degrees",
        look=MISSES,
        stop=None,
        source="5 degrees either way (judgement); exact, from shot cards",
        department="Script",
        bounds=(1, 30),
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour: the eyeline that misses most."""
        return each_card(self.about, exam, self._side)

    def _side(self, side: str, a: Card, b: Card) -> Sequence[Finding]:
        read = [(*one, "the take") for one in eyelines(a, b)]
        read += [(*one, f"the shot {side} it") for one in eyelines(b, a)]
        if not read:
            says = "The cards do not say of two people where they are and where one looks."
            return [not_checked(self.about, UNSAID, says)]
        angle, name, target, where = max(read)
        limit = self.about.limit
        if angle < limit:
            says = f"In {where} {name} looks at {target}, off by {angle:.1f} degrees."
            return [finding(self.about, Outcome.clear, says, value=angle, limit=limit)]
        says = f"In {where} {name} looks past {target}, by {angle:.0f} degrees."
        return [finding(self.about, Outcome.look, says, value=angle, limit=limit)]


def eyelines(card: Card, other: Card) -> list[tuple[float, str, str]]:
    """How far each person of a card misses the other one: degrees, who, whom.

    The other one is who stands across the axis, or the only other there is, as the card places
    them; where it does not, as the other card does.
    """
    people = card.people
    if people is None:
        return []
    places = {**(other.people.positions if other.people else {}), **people.positions}
    two = [card.axis.left, card.axis.right] if card.axis else sorted(places)
    if len(two) != 2:
        return []
    pairs = ((two[0], two[1]), (two[1], two[0]))
    return [
        (gaze_misses(people, name, places[target]), name, target)
        for name, target in pairs
        if name in people.gaze and name in people.positions and target in places
    ]


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``axis.host``, ``jump.host`` and ``eyeline.host``."""
    return [AxisHost(), JumpHost(), EyelineHost()]
