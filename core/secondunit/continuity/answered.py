"""What people answered to findings, found again in whatever cut the same frames play in.

An answer belongs to media: to what is shown, not to where in the cut. It holds as long as the
pictures and the value do; when they have changed the finding is open again, with the old answer
beside it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

from secondunit_bridge.film import Answer, Entry, Region, Seen, SeenShot, Waiver
from secondunit_bridge.wire import typed

ANSWER = "answer"  # the kind of ledger entry
TOLERANCE = 0.10  # of the value; a larger change opens the finding again
OVERLAP = 0.3  # of two regions, intersection over union, from which they are one place
# Mean and largest difference of fingerprints, codes 0..255, up to which a picture looks the same.
# Measured on three shots of film: encoded again by x264 at crf 18 at most 1.4 and 5, at crf 28 2.3
# and 11; a tenth of a stop darker 2.3 to 4.6 and 6 to 7; a mug that came in 39 and more in its box.
SAME_MEAN, SAME_MOST = 2.5, 12.0


@dataclass(frozen=True)
class Given:
    """An answer as the ledger has it, with the time it was given (UTC seconds)."""

    waiver: Waiver
    at: float


@dataclass(frozen=True)
class Standing:
    """The last answer to a finding, whether it still holds, and both in a sentence."""

    given: Given
    holds: bool
    sentence: str

    @property
    def closes(self) -> bool:
        """The finding is accepted, and nothing has changed since."""
        return self.holds and self.given.waiver.answer.accepts

    def plain(self) -> dict[str, Any]:
        """As JSON has it in ``answer`` of a finding."""
        waiver = self.given.waiver
        return {
            "answer": waiver.answer.value,
            "by": waiver.by,
            "role": waiver.role,
            "reason": waiver.reason,
            "note": waiver.note,
            "at": self.given.at,
            "holds": self.holds,
            "closes": self.closes,
            "sentence": self.sentence,
        }


def answers(entries: Iterable[Entry]) -> list[Given]:
    """The answers among ledger entries, in order. Raises FieldError for a body that is none."""
    return [Given(typed(Waiver, e.body), e.at) for e in entries if e.kind == ANSWER]


def standing(seen: Seen, given: Sequence[Given]) -> Standing | None:
    """The answer to what is seen now: the last that still holds, else the last; None without."""
    near = [(one, _same_place(seen, one.waiver.seen)) for one in given if one.waiver.seen]
    there = [(one, order) for one, order in near if order is not None]
    if not there:
        return None
    held = [(one, order) for one, order in there if _holds(seen, one.waiver.seen, order)]
    one, order = (held or there)[-1]
    return Standing(one, bool(held), _told(seen, one, order, holds=bool(held)))


def accepted_with(seen: Seen, head: Standing | None) -> bool:
    """Whoever accepted ``head`` saw this folded into it, as it is now."""
    if head is None or not head.closes or head.given.waiver.seen is None:
        return False
    folded = [typed(Seen, one) for one in head.given.waiver.seen.folded]
    given = [Given(replace(head.given.waiver, seen=one), head.given.at) for one in folded]
    now = standing(seen, given)
    return now is not None and now.closes


_Order = tuple[SeenShot, ...]
"""The shots of an earlier answer, each beside the shot it is now."""


def _same_place(now: Seen, then: Seen | None) -> _Order | None:
    """The answered shots in the order of the shots now, or None when it was about another place."""
    if then is None or (now.check, now.subject) != (then.check, then.subject):
        return None
    if len(now.shots) != len(then.shots):
        return None
    if not same_region(now.region, then.region):
        return None
    for order in permutations(then.shots):
        if all(_one_shot(a, b) for a, b in zip(now.shots, order, strict=True)):
            return order
    return None


def _one_shot(now: SeenShot, then: SeenShot) -> bool:
    """The same media, or another version of the same shot, with frames in common."""
    same = now.media == then.media or bool(now.thread and now.thread == then.thread)
    return same and any(a <= d and c <= b for a, b in now.frames for c, d in then.frames)


def same_region(now: Region | None, then: Region | None) -> bool:
    """Two places in a picture are one, or both are the whole of it."""
    if now is None or then is None:
        return now is then
    wide = min(now[0] + now[2], then[0] + then[2]) - max(now[0], then[0])
    high = min(now[1] + now[3], then[1] + then[3]) - max(now[1], then[1])
    shared = max(wide, 0.0) * max(high, 0.0)
    return shared >= OVERLAP * (now[2] * now[3] + then[2] * then[3] - shared)


def _holds(now: Seen, then: Seen | None, order: _Order | None) -> bool:
    if then is None or order is None:
        return False
    return _same_value(now.value, then.value) and not _changed(now, order)


def _same_value(now: float | None, then: float | None) -> bool:
    """Within 10 %. The sign says which shot was named first: it turns when they change places."""
    if now is None or then is None:
        return now is then
    return abs(abs(now) - abs(then)) <= TOLERANCE * abs(then) + 1e-9


def _changed(now: Seen, order: _Order) -> list[tuple[SeenShot, SeenShot]]:
    """The shots whose pictures are no longer those that were answered: now, then."""
    return [
        (a, b)
        for a, b in zip(now.shots, order, strict=True)
        if a.media != b.media and not same_look(a.content, b.content)
    ]


def same_look(one: str, other: str) -> bool:
    """Two fingerprints are of the same picture. Nobody knows it without fingerprints."""
    if not one or len(one) != len(other):
        return False
    apart = [abs(a - b) for a, b in zip(bytes.fromhex(one), bytes.fromhex(other), strict=True)]
    return sum(apart) / len(apart) <= SAME_MEAN and max(apart) <= SAME_MOST


WORDS = {
    Answer.fix: "To be fixed",
    Answer.creative_intent: "Accepted as creative intent",
    Answer.best_possible: "Accepted as best possible",
    Answer.not_an_error: "Said to be no error",
    Answer.ask: "Asked",
}


def _told(now: Seen, given: Given, order: _Order | None, *, holds: bool) -> str:
    waiver, then = given.waiver, given.waiver.seen
    assert then is not None  # only answers about a cut's findings get here
    assert order is not None  # and of the same place
    role = f" ({waiver.role})" if waiver.role else ""
    day = time.localtime(given.at)
    when = f"{day.tm_mday} {time.strftime('%B %Y', day)}"
    signed = f"by {waiver.by}{role}, {when}: “{waiver.reason}”"
    changed = [] if holds else _changed(now, order)
    versions = next(((b.version, a.version) for a, b in changed if a.version != b.version), None)
    seen_in = f" in {versions[0]}" if versions and versions[0] else ""
    says = f"{WORDS[waiver.answer]}{seen_in} {signed}."
    if holds:
        return says
    if not changed:
        return f"{says} It measured {_said(then)} then and {_said(now)} now."
    if versions and versions[1]:
        return f"{says} Changed in {versions[1]}."
    return f"{says} The picture has changed since."


def _said(seen: Seen) -> str:
    return "nothing" if seen.value is None else f"{seen.value:.3g} {seen.unit}".rstrip()
