"""The bible of a cut: what holds for every shot of a set-up, and which clips are masters.

``metadata["secondunit"]["bible"]`` of the timeline: ``gallery`` (the folder of the cast's approved
pictures), ``masters`` (set-up -> the clip that is its master), ``setups`` (set-up -> what every
card of it says unless it says otherwise).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from secondunit_bridge.errors import FieldError
from secondunit_bridge.wire import typed

from .cards import Card, read_card
from .counting import the_timeline
from .cut import Cut, CutShot

KEY = "secondunit"


@dataclass(frozen=True)
class Bible:
    """What a production says of its whole cut. Everything may be left out."""

    gallery: str | None = None
    masters: dict[str, str] = field(default_factory=dict, hash=False)
    setups: dict[str, dict[str, Any]] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for name, said in self.setups.items():
            typed(Card, {**said, "setup": name}, f"setups.{name}")


def bible_of(cut: Cut) -> tuple[Bible, str]:
    """A cut's bible, and what is wrong with one that cannot be read."""
    marks = the_timeline(cut.document).get("metadata") or {}
    said = (marks.get(KEY) or {}).get("bible") if isinstance(marks, dict) else None
    if not isinstance(said, dict):
        return Bible(), "" if said is None else "the bible is no table"
    known = {name: said[name] for name in ("gallery", "masters", "setups") if name in said}
    try:
        return typed(Bible, known, "bible"), ""
    except FieldError as error:
        return Bible(), error.message


def completed(cut: Cut) -> Cut:
    """Every shot's card with what the bible says of its set-up; what a card says itself wins."""
    bible, _ = bible_of(cut)
    if not bible.setups and not bible.masters:
        return cut
    return replace(cut, shots=tuple(_completed(shot, bible) for shot in cut.shots))


def not_met(cut: Cut, bible: Bible) -> dict[str, list[str]]:
    """Why shots cannot be held against the masters that a bible names: their names by the reason.

    ``cut`` is completed: its cards say what the bible does.
    """
    cards = [(shot, read_card(shot.marks)[0]) for shot in cut.shots]
    names = {name for shot in cut.shots for name in (shot.name, shot.guid)}
    found: dict[str, list[str]] = {}
    for shot, card in cards:
        clip = bible.masters.get(card.setup or "") if card and not card.master else None
        if card is None or clip is None:
            continue
        if any(other and other.master and card.same_setup(other) for _, other in cards):
            continue
        why = "is not in the cut" if clip not in names else "is of another scene by its card"
        reason = f"the master of set-up {card.setup}, “{clip}”, {why}"
        found.setdefault(reason, []).append(shot.name)
    return found


def said_of(bible: Bible, card: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What a card says with what the bible says of its set-up; ``names`` are the clip's own, by
    which it may be a set-up's master. A card of no set-up stays as it is."""
    mine = tuple(names)
    name = card.get("setup") or next((k for k, v in bible.masters.items() if v in mine), None)
    if not isinstance(name, str):
        return card
    card = {**bible.setups.get(name, {}), "setup": name, **_said(card)}
    if bible.masters.get(name) in mine:
        card.setdefault("master", True)
    return card


def _completed(shot: CutShot, bible: Bible) -> CutShot:
    said = shot.marks.get("card")
    card = dict(said) if isinstance(said, dict) else {}
    full = said_of(bible, card, (shot.name,))
    return shot if full is card else replace(shot, marks={**shot.marks, "card": full})


def _said(card: dict[str, Any]) -> dict[str, Any]:
    """Null says nothing."""
    return {name: value for name, value in card.items() if value is not None}
