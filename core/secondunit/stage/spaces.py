"""Between the spaces of a take: what a generator sees, and the way back from its codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..colour import CODE_SPACES, Colour, code_space
from ..colour.codes import Range
from ..hookspecs import WORKING
from ..media.footage import Picture


@dataclass(frozen=True)
class Codes:
    """One take's codes.

    ``into(rgb, from_space)`` gives what the generator sees, ``back(rgb, to_space)`` takes what it
    made; both ``(row, column, 3)`` float32. ``range_of(rgb, from_space)`` tells what the codes
    cannot hold; None where they hold all. ``facts`` go into the record, ``remarks`` to people.
    """

    name: str
    into: Callable[[Picture, str], Picture]
    back: Callable[[Picture, str], Picture]
    facts: dict[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    range_of: Callable[[Picture, str], Range] | None = None


def codes(
    wanted: str, colour: Colour, working: str, sample: Callable[[], Sequence[Picture]]
) -> Codes:
    """The codes a generator asked for: WORKING, one of ours, or a space OpenColorIO knows.

    ``sample`` gives frames in the working space that a fitted space is fitted to. Raises
    ColorUnknown.
    """
    if wanted in (WORKING, "linear") or wanted not in CODE_SPACES:
        seen = working if wanted in (WORKING, "linear") else wanted
        into = partial(_to, colour, seen)
        return Codes(seen, into, lambda rgb, to: colour.convert(rgb, seen, to))
    frames = sample()
    fitted = code_space(wanted, colour, working, frames)
    beyond = [fitted.range_of(frame).sentence(wanted) for frame in frames]
    return Codes(
        wanted,
        lambda rgb, of: fitted.encode(colour.convert(rgb, of, working)),
        lambda rgb, to: colour.convert(fitted.decode(rgb), working, to),
        fitted.facts,
        tuple(dict.fromkeys(words for words in beyond if words)),
        lambda rgb, of: fitted.range_of(colour.convert(rgb, of, working)),
    )


def _to(colour: Colour, seen: str, rgb: Picture, of: str) -> Picture:
    return colour.convert(rgb, of, seen)
