"""Shot cards and the bible of a cut as one text file (TOML) that people edit, and back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import CardWrong, FieldError, NotPermitted
from secondunit_bridge.wire import typed

from .bible import KEY, Bible
from .cards import Card
from .counting import the_timeline
from .cut import Cut, CutShot, Document
from .items import name_of

MOST = 4 << 20  # bytes; a feature film's cards are half of one
HEAD = """\
Shot cards of {cut}. What is left out is not known and is not checked.
  day, scene, setup      only shots of one scene and day are compared; one set-up is one framing
  master = true          the approved shot that others of the set-up are held against
  allowed = ["light.side"]   checks that may differ here, because somebody meant it so
"""
SHOW_HEAD = """\
The bible of the show. Takes of every host and cuts in this folder are held against it; what a host,
a cut or its own sheet says wins. What is left out is not known and is not checked.
  [bible.setups.NAME]    what every shot of a set-up says
  [sequences.NAME]       what every shot of a sequence says
  [[card]]               what one shot says, found by its guid, its name (clip) or its code
"""


@dataclass(frozen=True)
class Sheet:
    """The bible, and cards by the guid or the name of their clip, as people write them.

    ``sequences`` is what every shot of a sequence says, in the bible of a whole show.
    """

    bible: dict[str, Any]
    cards: dict[str, dict[str, Any]]
    sequences: dict[str, dict[str, Any]] = field(default_factory=dict)


def sheet_of(cut: Cut) -> str:
    """TOML with every clip of the cut once, in its order, and what its card says."""
    import tomlkit

    document = tomlkit.document()
    for line in HEAD.format(cut=cut.name).splitlines():
        document.add(tomlkit.comment(line))
    marks = _marks(the_timeline(cut.document))
    document["bible"] = _plain(marks.get("bible") or {})
    rows = tomlkit.aot()
    for name, shot in clips(cut).items():
        row = tomlkit.table()
        row["clip"] = name
        if shot.guid:
            row["guid"] = shot.guid
        for key, value in _plain(shot.marks.get("card") or {}).items():
            row[key] = value
        rows.append(row)
    document["card"] = rows
    return tomlkit.dumps(document)


def read_sheet(path: str | os.PathLike[str]) -> Sheet:
    """A sheet from disk. Raises CardWrong saying what is wrong with it, and where."""
    import tomllib

    file = Path(path)
    try:
        if file.stat().st_size > MOST:
            raise CardWrong(f"{file} is too large to be a sheet of shot cards")
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except PermissionError:
        raise NotPermitted(f"this user may not read {file}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CardWrong(
            f"{file} cannot be read: {error}",
            hint="Write a new one with: secondunit cards CUT --write FILE",
        ) from None
    return checked(said, file.name)


def with_sheet(cut: Cut, sheet: Sheet) -> tuple[Cut, tuple[str, ...]]:
    """The cut with the sheet's bible and cards, in its shots and its document; and names on the
    sheet that are no clip of the cut. What the sheet does not name stays as it is."""
    document = Document(json.loads(json.dumps(cut.document)))
    document.source = cut.document.source
    timeline = the_timeline(document)
    if sheet.bible:
        _mark(timeline, "bible", sheet.bible)
    for clip in _every_clip(timeline):
        guid = _marks(clip).get("guid")
        card = sheet.cards.get(guid) if isinstance(guid, str) else None
        card = sheet.cards.get(name_of(clip)) if card is None else card
        if card is not None:
            _mark(clip, "card", card)
    shots = tuple(_carded(shot, sheet) for shot in cut.shots)
    there = {shot.name for shot in cut.shots} | {shot.guid for shot in cut.shots}
    strange = tuple(name for name in sheet.cards if name not in there)
    return replace(cut, document=document, shots=shots), strange


def checked(said: Mapping[str, Any], file: str) -> Sheet:
    """What a sheet says, when every field of it is one. Raises CardWrong naming the field."""
    cards: dict[str, dict[str, Any]] = {}
    try:
        typed(Bible, said.get("bible", {}), "bible")
        sequences = said.get("sequences", {})
        for name, facts in sequences.items():
            _check(facts, f"sequences.{name}")
        rows = said.get("card", [])
        if not isinstance(rows, list):
            raise FieldError("card: write each as [[card]]")
        for place, row in enumerate(rows, start=1):
            card = {key: value for key, value in row.items() if key not in ("clip", "guid")}
            name = row.get("guid") or row.get("clip")
            if not isinstance(name, str):
                raise FieldError(f"card {place} names no clip")
            _check(card, f"card of {name}")
            if card:
                cards[name] = card
    except (FieldError, AttributeError) as error:
        what = error.message if isinstance(error, FieldError) else "a card is no table"
        raise CardWrong(f"{file}: {what}", hint="Mend the line and try again.") from None
    return Sheet(dict(said.get("bible", {})), cards, dict(sequences))


def _check(card: dict[str, Any], whose: str) -> None:
    strange = set(card) - {one.name for one in fields(Card)}
    if strange:
        raise FieldError(f"{whose}: {sorted(strange)[0]!r} is no field of a card")
    typed(Card, card, whose)


def _carded(shot: CutShot, sheet: Sheet) -> CutShot:
    card = sheet.cards.get(shot.guid or "")
    card = sheet.cards.get(shot.name) if card is None else card
    return shot if card is None else replace(shot, marks={**shot.marks, "card": card})


def clips(cut: Cut) -> dict[str, CutShot]:
    """Shots by name, the first of each."""
    found: dict[str, CutShot] = {}
    for shot in cut.shots:
        found.setdefault(shot.name, shot)
    return found


def _every_clip(item: Any) -> Iterator[dict[str, Any]]:
    if isinstance(item, dict):
        if str(item.get("OTIO_SCHEMA", "")).startswith("Clip."):
            yield item
        for value in item.values():
            yield from _every_clip(value)
    elif isinstance(item, list):
        for value in item:
            yield from _every_clip(value)


def _marks(item: Mapping[str, Any]) -> dict[str, Any]:
    metadata = item.get("metadata")
    marks = metadata.get(KEY) if isinstance(metadata, dict) else None
    return marks if isinstance(marks, dict) else {}


def _mark(item: dict[str, Any], key: str, value: Mapping[str, Any]) -> None:
    metadata = item.get("metadata")
    item["metadata"] = metadata if isinstance(metadata, dict) else {}
    item["metadata"][KEY] = {**_marks(item), key: dict(value)}


def _plain(said: Any) -> Any:
    """Without nulls: TOML has none."""
    if isinstance(said, dict):
        return {key: _plain(value) for key, value in said.items() if value is not None}
    if isinstance(said, list):
        return [_plain(value) for value in said if value is not None]
    return said
