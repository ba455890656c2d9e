"""The bible as the page shows it: who and what is seen in which shots, set-ups, days and looks.

It is read off shot cards: those that came with turnovers, and those of the cut under review.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from secondunit_bridge.film import Region, Turnover

from ..editorial.cards import Card, handed_card
from ..editorial.show import Show

NO_SHOWS: Mapping[str, Show] = MappingProxyType({})
UNSAID = ""  # a scene, day or state that nobody has named
_FACES = 6  # approved pictures of one of the cast that are shown


@dataclass(frozen=True)
class Carded:
    """A shot and its card. ``guid`` is empty for a clip that is not ours; ``clip`` is its place
    among the clips of the cut under review, -1 where that has no such clip.
    """

    shot: str
    card: Card
    guid: str = ""
    clip: int = -1

    def plain(self, region: Region | None = None) -> dict[str, Any]:
        """Where something is seen: the shot, and the part of its picture, where a card says it."""
        return {"shot": self.shot, "guid": self.guid, "clip": self.clip, "region": region}


@dataclass(frozen=True)
class Pages:
    """What a production says of its shots. ``faces`` counts approved pictures by name."""

    shots: tuple[Carded, ...] = ()
    faces: Mapping[str, int] = field(default_factory=dict, hash=False)
    masters: Mapping[str, str] = field(default_factory=dict, hash=False)  # set-up -> clip
    wrong: tuple[str, ...] = ()


def own_pages(turnovers: Iterable[Turnover], shows: Mapping[str, Show] = NO_SHOWS) -> Pages:
    """What the newest turnover of each shot says on its card, completed by its production's bible.

    ``shows`` by project.
    """
    newest = {one.shot.guid: one for one in turnovers}
    shots, wrong = [], []
    for guid, asked in newest.items():
        show = shows.get(asked.shot.project)
        card, why = handed_card(show.cards_of(asked) if show else asked.cards, "take")
        if why:
            wrong.append(f"{asked.shot.name}: {why}")
        if card:
            shots.append(Carded(asked.shot.name, card, guid))
    masters: dict[str, str] = {}
    for one in shows.values():
        masters |= one.bible.masters
    faces = {name: len(pictures) for name, pictures in people(shows).items()}
    return Pages(tuple(shots), faces, masters, tuple(wrong))


def people(shows: Mapping[str, Show]) -> dict[str, tuple[Path, ...]]:
    """The approved pictures that productions' bibles name, by who is seen."""
    galleries = [gallery for one in shows.values() if (gallery := one.gallery())]
    return {name: pictures for one in galleries for name, pictures in one.people.items()}


def joined(cut: Pages, own: Pages) -> Pages:
    """Both: where the cut has a card of a shot, that one counts."""
    known = {one.guid for one in cut.shots if one.guid}
    more = tuple(one for one in own.shots if one.guid not in known)
    return Pages(
        (*cut.shots, *more),
        {**own.faces, **cut.faces},
        {**own.masters, **cut.masters},
        (*cut.wrong, *own.wrong),
    )


def told(pages: Pages, turnovers: Iterable[Turnover]) -> dict[str, Any]:
    """The bible as JSON."""
    return {
        "cast": _cast(pages),
        "props": _props(pages.shots),
        "wardrobe": _wardrobe(pages.shots),
        "setups": _setups(pages),
        "days": _days(pages.shots),
        "looks": _looks(turnovers),
        "wrong": list(pages.wrong),
    }


def _cast(pages: Pages) -> list[dict[str, Any]]:
    seen: dict[str, list[dict[str, Any]]] = {name: [] for name in sorted(pages.faces)}
    for one in pages.shots:
        for member in one.card.cast:
            seen.setdefault(member.name, []).append(one.plain(member.region))
    return [
        {"name": name, "faces": min(pages.faces.get(name, 0), _FACES),
         "approved": pages.faces.get(name, 0), "in": where}
        for name, where in seen.items()
    ]  # fmt: skip


def _props(shots: Sequence[Carded]) -> list[dict[str, Any]]:
    states: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for one in shots:
        for prop in one.card.props:
            by_state = states.setdefault(prop.name, {})
            by_state.setdefault(prop.state or UNSAID, []).append(one.plain(prop.region))
    return [
        {"name": name, "states": [{"state": state, "in": where} for state, where in by.items()]}
        for name, by in sorted(states.items())
    ]


def _wardrobe(shots: Sequence[Carded]) -> list[dict[str, Any]]:
    worn: dict[str, dict[str, Any]] = {}
    for one in shots:
        for costume in one.card.wardrobe:
            row = worn.setdefault(costume.name, {"name": costume.name, "master": "", "in": []})
            row["master"] = row["master"] or costume.master or ""
            row["in"].append(one.plain(costume.region))
    return [worn[name] for name in sorted(worn)]


def _setups(pages: Pages) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in pages.shots:
        card = one.card
        if not card.setup:
            continue
        row = found.setdefault(
            (card.scene or UNSAID, card.setup),
            {"name": card.setup, "scene": card.scene or UNSAID, "day": card.day or UNSAID,
             "key_side": "", "focal_mm": None, "master": None, "in": []},
        )  # fmt: skip
        row["key_side"] = row["key_side"] or (card.key_side.value if card.key_side else "")
        row["focal_mm"] = row["focal_mm"] or (card.camera.focal_mm if card.camera else None)
        if card.master or pages.masters.get(card.setup) == one.shot:
            row["master"] = one.plain()
        row["in"].append(one.plain())
    return [row for _, row in sorted(found.items())]


def _days(shots: Sequence[Carded]) -> list[dict[str, Any]]:
    days: dict[str, dict[str, Any]] = {}
    for one in shots:
        name = one.card.day or UNSAID
        row = days.setdefault(name, {"name": name, "scenes": [], "shots": 0})
        row["shots"] += 1
        if one.card.scene and one.card.scene not in row["scenes"]:
            row["scenes"].append(one.card.scene)
    return [days[name] for name in sorted(days)]


def _looks(turnovers: Iterable[Turnover]) -> list[dict[str, Any]]:
    """How pictures were asked for: by which generator and in which look, in which shots."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for asked in turnovers:
        look = str(asked.options.get("look", UNSAID))
        row = found.setdefault(
            (asked.generator, look),
            {"generator": asked.generator, "look": look, "takes": 0, "shots": {}},
        )
        row["takes"] += asked.takes
        row["shots"][asked.shot.guid] = asked.shot.name
    rows = [
        {**row, "shots": [{"guid": guid, "shot": name} for guid, name in row["shots"].items()]}
        for row in found.values()
    ]
    return sorted(rows, key=lambda row: -len(row["shots"]))
