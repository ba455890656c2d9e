"""How a check of two shots answers: once for the shot before the take, once for the one after."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from secondunit_bridge.film import Finding, Outcome

from ..editorial.cards import Card
from ..exam import AFTER, BEFORE, TAKE, Exam, Near, Side
from ..hookspecs import CheckAbout
from ..media.setup import SetupMatch
from .answers import PLACEHOLDER, finding, not_checked
from .neighbours import ALONE, ANGLES, SHORT, WHY

Read = Callable[[Near], Sequence[Finding]]
ReadCards = Callable[[str, Card, Card], Sequence[Finding]]

NO_CARD = "no shot card"
BAD_CARD = "the shot card cannot be read"


def each_side(about: CheckAbout, exam: Exam, read: Read) -> list[Finding]:
    """What ``read`` says of each cut that there is; why not, of each other."""
    found: list[Finding] = []
    for side in (BEFORE, AFTER):
        why = _why_not(about, exam, side)
        near = None if why else exam.near(side)
        if why is None and near is None:
            why = not_checked(about, SHORT, WHY[SHORT])
        found += [why] if why else read(near) if near else []
    return found


def each_card(about: CheckAbout, exam: Exam, read: ReadCards) -> list[Finding]:
    """The same for checks that need no picture, only the cards: ``read(side, ours, theirs)``."""
    found: list[Finding] = []
    for side in (BEFORE, AFTER):
        ours, theirs = exam.side(TAKE), exam.side(side)
        why = _why_not(about, exam, side)
        carded = theirs.card is not None or bool(theirs.card_wrong)
        if why is not None and carded and why.reason in (ALONE, PLACEHOLDER):  # no picture needed
            why = declared(about, exam, side)
        if why is None and ours.card is not None and theirs.card is not None:
            found += read(side, ours.card, theirs.card)
        else:
            found.append(why or _cardless(about, ours, theirs))
    return found


def both_cards(about: CheckAbout, exam: Exam, side: str) -> tuple[Card, Card] | Finding:
    """The cards of the take and of its neighbour; why not, where one is missing or wrong."""
    ours, theirs = exam.side(TAKE), exam.side(side)
    if ours.card is None or theirs.card is None:
        return _cardless(about, ours, theirs)
    return ours.card, theirs.card


def declared_same(exam: Exam, side: str) -> bool:
    """The cards say that both shots are of one set-up."""
    card = exam.side(TAKE).card
    return card is not None and card.same_setup(exam.side(side).card)


def one_setup(exam: Exam, side: str) -> bool:
    """Both are seen, or declared, to be of one set-up."""
    match = exam.setup(side)
    return declared_same(exam, side) or (match is not None and match.same)


def gate(about: CheckAbout, exam: Exam, near: Near) -> SetupMatch | Finding:
    """How the neighbour lies over the take, if both are one set-up; otherwise why not."""
    match = exam.setup(near.side)
    if match is not None and match.same:
        return match
    says = f"The shot {near.side} the take is of another angle: they cannot be compared."
    return not_checked(about, ANGLES, says, frames=at(near))


def at(near: Near) -> tuple[tuple[int, int], ...]:
    """The take's frame at the cut."""
    number = near.at_cut[0].number
    return ((number, number),)


def declared(about: CheckAbout, exam: Exam, side: str) -> Finding | None:
    """Clear, when a shot card allows what this check looks for to differ; else None."""
    cards = exam.side(TAKE).card, exam.side(side).card
    if any(card is not None and about.name in card.allowed for card in cards):
        says = f"A shot card says that {about.name} may differ between the take and the shot"
        return finding(about, Outcome.clear, f"{says} {side} it.")
    return None


def _why_not(about: CheckAbout, exam: Exam, side: str) -> Finding | None:
    if exam.placeholder:
        return not_checked(about, PLACEHOLDER, WHY[PLACEHOLDER].format(side=side))
    if (exam.before if side == BEFORE else exam.after) is None:
        return not_checked(about, ALONE, WHY[ALONE].format(side=side))
    return declared(about, exam, side)


def _cardless(about: CheckAbout, ours: Side, theirs: Side) -> Finding:
    wrong = ours.card_wrong or theirs.card_wrong
    if wrong:
        return not_checked(about, BAD_CARD, f"A shot card cannot be read: {wrong}.")
    return not_checked(about, NO_CARD, "Not both shots have a shot card that says it.")
