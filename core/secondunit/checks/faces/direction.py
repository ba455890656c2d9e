"""Do two people who face each other look in opposite directions across the cut?

Which way a head is turned is read from two eyes and a nose. From in front, or in profile where no
face is found, it is not known, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence

from secondunit_bridge.film import Finding, Outcome

from ...editorial.cards import Axis, Card
from ...exam import Exam, Near
from ...hookspecs import CheckAbout, Scope
from ..answers import finding, not_checked
from ..sides import at, both_cards, each_side
from .asked import NO_FACE, SMALL, UNSAID, WHO, Faces
from .face import Face, FaceModel, faces_of, inside
from .looking import SMALL as LEAST
from .looking import middle

SURE = 0.07  # of the distance of the eyes; heads seen from in front read up to .04
UNSURE = "which way the head is turned is not plain"
ABOUT = CheckAbout(
    name="face.direction",
    version="1",
    sentence="Two people who face each other look to opposite sides across a cut.",
    scope=Scope.pair,
    unit="turn",
    look=SURE,
    stop=None,
    source="nose against eyes: heads seen from in front read up to .04, one turned a little .10",
    department="Script",
)
_WAYS = {True: "right", False: "left"}


class FaceDirection:
    """Which way the heads on both sides of a cut are turned."""

    def __init__(self, faces: Faces) -> None:
        self.about, self._faces = faces.by_model(ABOUT), faces

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour."""
        return each_side(self.about, exam, lambda near: [self._side(exam, near)])

    def _side(self, exam: Exam, near: Near) -> Finding:
        about, cards = self.about, both_cards(self.about, exam, near.side)
        if isinstance(cards, Finding):
            return cards
        ours, theirs = cards
        two = _single(ours), _single(theirs)
        axis = _shared(ours, theirs)
        if axis is None or not all(two) or set(two) != axis.names:
            says = "The cards do not say that these shots show two people who face each other."
            return not_checked(about, UNSAID, says, frames=at(near))
        model = self._faces.model()
        if model is None:
            return not_checked(about, self._faces.reason, self._faces.why)
        return self._compared(near, model, (ours, theirs), two)

    def _compared(
        self, near: Near, model: FaceModel, cards: tuple[Card, Card], names: tuple[str, str]
    ) -> Finding:
        about = self.about
        turns = []
        parts = (near.ours, near.theirs)
        for sights, card, name in zip(parts, cards, names, strict=True):
            faces = [_face_of(faces_of(sight, model), card, name) for sight in sights[::2]]
            found = [face for face in faces if isinstance(face, Face)]
            if not found:
                why = next(face for face in faces if isinstance(face, str))
                says = f"No face was found, large enough, that can be told to be that of {name}."
                return not_checked(about, why, says, frames=at(near))
            turns.append(middle(face.turn for face in found))
        least = min(abs(turn) for turn in turns)
        if least < SURE:
            says = f"It is not plain which way {names[0]} or {names[1]} is turned."
            return not_checked(about, UNSURE, says, value=least, frames=at(near))
        way = _WAYS[turns[0] > 0]
        if turns[0] * turns[1] < 0:
            says = f"{names[0]} looks to the {way}, {names[1]} to the other side."
            return finding(about, Outcome.clear, says, value=least, limit=SURE, frames=at(near))
        says = f"{names[0]} and {names[1]} both look to the {way} of the picture,"
        says += " though they should face each other."
        return finding(about, Outcome.look, says, value=least, limit=SURE, frames=at(near))


def _single(card: Card) -> str:
    """The one of the two people of the axis who is seen; empty when both are, or neither."""
    if card.axis is None:
        return ""
    seen = {member.name for member in card.cast} & card.axis.names
    return seen.pop() if len(seen) == 1 else ""


def _shared(one: Card, other: Card) -> Axis | None:
    """The axis that both cards have; None when they have none or another."""
    if one.axis is None or other.axis is None or one.axis.names != other.axis.names:
        return None
    return one.axis


def _face_of(faces: Sequence[Face], card: Card, name: str) -> Face | str:
    """The face that is meant by a name, or why it is not known."""
    region = next((m.region for m in card.cast if m.name == name), None)
    if region is not None:
        faces = [face for face in faces if inside(face, region)]
    if not faces:
        return NO_FACE
    if len(faces) > 1 and region is None:
        return WHO
    return faces[0] if faces[0].wide >= LEAST else SMALL
