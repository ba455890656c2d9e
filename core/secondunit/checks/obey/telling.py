"""From readings of single frames to findings about things, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from secondunit_bridge.film import Finding, Outcome

from ...hookspecs import CheckAbout, Thing
from ..answers import Spans, finding, named, not_checked
from .objects import ALIKE, SMALL, TAGGED
from .reading import (
    EVERY,
    LOOSE,
    NARROW,
    NO_PASSES,
    PLACEHOLDER,
    STRANGE,
    Frame,
    Seen,
)

OFTEN = 0.5  # of the frames in which a thing was measured: from more than that on it is told
MOST_TOLD = 8  # findings of one check about one take
NOTHING = "nothing to look for"
WHY = {
    PLACEHOLDER: "The take is a placeholder: no picture yet to hold against the scene.",
    NO_PASSES: "The picture, the objects' numbers and the depth of the scene are not all there.",
    NARROW: "The take is too small a picture for outlines to be measured in.",
    NOTHING: "No object of the scene is large enough, and shown plainly enough, to be looked for.",
    STRANGE: "The outlines of the scene are not found in the take: either it is drawn so softly or"
    " loosely that nothing can be told, or it shows something else.",
    SMALL: "it is too small in the picture",
    ALIKE: "the render itself does not show it against its background",
    LOOSE: "the take draws its edges too loosely",
}


def things(frames: Iterable[Frame]) -> dict[Thing, list[Seen]]:
    """Every thing with its readings, in the order of frames."""
    found: dict[Thing, list[Seen]] = {}
    for frame in frames:
        for seen in frame.seen:
            found.setdefault(seen.thing, []).append(seen)
    return found


def measured(seen: Iterable[Seen]) -> list[Seen]:
    """Those readings that came to something."""
    return [one for one in seen if not one.why_not]


def mostly(seen: Sequence[Seen], wrong: Callable[[Seen], bool]) -> list[Seen]:
    """The readings that are wrong, when they are more than half of those that came to something."""
    there = measured(seen)
    bad = [one for one in there if wrong(one)]
    return bad if len(bad) > OFTEN * len(there) else []


def called(thing: Thing) -> str:
    """In words: ``The prop 'Crate'``."""
    return f"The {thing.role if thing.role in (*TAGGED, 'set') else 'object'} {thing.name!r}"


def over(numbers: Sequence[int], every: Sequence[int]) -> Spans:
    """Frames as runs: neighbours among those that were looked at belong to one run."""
    places = sorted(every.index(number) for number in numbers)
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and place == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return tuple((every[first], every[last]) for first, last in runs)


def unread(about: CheckAbout, frames: Sequence[Frame], why: str) -> Finding | None:
    """Why nothing at all could be measured, or None when something was."""
    if not why and frames and all(frame.why_not for frame in frames):
        why = frames[0].why_not
    if not why and not any(measured(frame.seen) for frame in frames):
        why = NOTHING
    return not_checked(about, why, WHY[why]) if why else None


def left_out(about: CheckAbout, found: dict[Thing, list[Seen]]) -> Iterator[Finding]:
    """A finding for each character and prop that was in the picture and never measured."""
    for thing, seen in found.items():
        if thing.role in TAGGED and not measured(seen):
            why = seen[0].why_not
            yield not_checked(about, why, f"{called(thing)} was not looked for: {WHY[why]}.")


def about_thing(
    about: CheckAbout, bad: Sequence[Seen], every: Sequence[int], sentence: str, worst: Seen,
    value: float, limit: float | None,
) -> Finding:  # fmt: skip
    """A finding about one thing; its frames come at the end of the sentence."""
    runs = over([one.frame for one in bad], every)
    told = finding(
        about, Outcome.look, f"{sentence} ({named(runs)}).", value=value, limit=limit, frames=runs
    )
    return replace(told, region=worst.region)


def looked_at(frames: Sequence[Frame]) -> str:
    """In words, which frames these are."""
    count = len(frames)
    return f"every {EVERY}th frame looked at" if count > 2 else f"{count} frames looked at"
