"""Changes to a sheet of cards: one clip's card, the bible, or what every shot of a sequence says.

All else stays as people wrote it: comments, order, rows of other clips. The whole sheet is checked
before it is given back.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from secondunit_bridge.errors import CardWrong

from .sheet_headings import with_headings
from .sheets import checked

NAMES = ("clip", "guid")  # what a row is found by; the rest is the card
NOTHING: dict[str, Any] = {"allowed": []}
"""A card that says nothing, and so hides the one in the cut: an empty row would not."""


def with_card(text: str, head: str, clip: str, guid: str | None, card: Mapping[str, Any]) -> str:
    """The sheet with this card of a clip; a row is added where there is none.

    ``text`` is the sheet as it is, empty for a new one, which begins with the comment ``head``.
    Raises CardWrong naming the field.
    """
    document = _read(text, head)
    rows = document.setdefault("card", _rows())
    row = _row(rows, clip, guid)
    if row is None:
        row = _added(rows, {"clip": clip, **({"guid": guid} if guid else {})})
    _become(row, dict(card) or NOTHING, keep=NAMES)
    return _written(document, text)


def without_card(text: str, head: str, clip: str, guid: str | None) -> str:
    """The sheet without a card of this clip: nothing is said of it here. Raises CardWrong."""
    document = _read(text, head)
    rows = document.get("card", [])
    row = _row(rows, clip, guid)
    if row is not None:
        del rows[next(place for place, one in enumerate(rows) if one is row)]
        if not rows:
            del document["card"]
    return _written(document, text)


def with_bible(text: str, head: str, bible: Mapping[str, Any]) -> str:
    """The sheet with this bible. Raises CardWrong naming the field."""
    document = _read(text, head)
    _become(document.setdefault("bible", _table({})), bible)
    return _written(document, text)


def with_sequence(text: str, head: str, sequence: str, card: Mapping[str, Any]) -> str:
    """The sheet with what every shot of a sequence says; nothing takes the sequence off it.

    Raises CardWrong naming the field.
    """
    document = _read(text, head)
    every = document.setdefault("sequences", _table({}, only_holds=True))
    if not isinstance(every, MutableMapping):
        raise CardWrong(
            "sequences: write each as [sequences.NAME]", hint="Mend the line and try again."
        )
    if card:
        _become(every.setdefault(sequence, _table({})), card)
    else:
        every.pop(sequence, None)
    if not every:
        del document["sequences"]
    return _written(document, text)


def _read(text: str, head: str) -> Any:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    if not text:
        document = tomlkit.document()
        for line in head.splitlines():
            document.add(tomlkit.comment(line))
        document.add(tomlkit.nl())
        return document
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise CardWrong(
            f"the sheet cannot be read: {error}", hint="Mend it in a text editor, then try again."
        ) from None


def _written(document: Any, old: str) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    text = tomlkit.dumps(document)
    said = tomlkit.parse(text).unwrap()
    checked(said, "the sheet")
    headed = with_headings(old, text)
    try:
        same = tomlkit.parse(headed).unwrap() == said
    except TOMLKitError:
        same = False
    return headed if same else text


def _rows() -> Any:
    import tomlkit

    return tomlkit.aot()


def _table(said: Mapping[str, Any], *, only_holds: bool = False) -> Any:
    """A table; one that ``only_holds`` others has no line of its own."""
    import tomlkit

    table = tomlkit.table(is_super_table=only_holds)
    table.update(said)
    return table


def _row(rows: Any, clip: str, guid: str | None) -> Any:
    """The row a cut would take for this clip: by its guid first, as ``with_sheet`` does."""
    if not isinstance(rows, list):
        raise CardWrong("card: write each as [[card]]", hint="Mend the line and try again.")
    named = [row for row in rows if isinstance(row, MutableMapping)]
    by_guid = [row for row in named if guid and row.get("guid") == guid]
    by_name = [row for row in named if not row.get("guid") and row.get("clip") == clip]
    return next(iter([*by_guid, *by_name]), None)


def _added(rows: Any, names: Mapping[str, str]) -> Any:
    """A new last row, with an empty line before it."""
    import tomlkit
    from tomlkit.items import AoT

    if isinstance(rows, AoT) and len(rows):
        rows[-1].add(tomlkit.nl())
    rows.append(_table(names))
    return rows[-1]


def _become(table: Any, said: Mapping[str, Any], keep: tuple[str, ...] = ()) -> None:
    """The table says this and no more. What is the same already is not written again, neither in
    it nor in the tables and lists of tables inside: people's comments stand there too."""
    for key in [key for key in table if key not in said and key not in keep]:
        del table[key]
    for key, value in said.items():
        if key not in table or (table[key] != value and not _within(table[key], value)):
            table[key] = _inline(value)


def _within(old: Any, new: Any) -> bool:
    """A table, or as many tables as there were, now say this inside; False when it is no such."""
    if isinstance(old, MutableMapping) and isinstance(new, Mapping):
        _become(old, new)
        return True
    if not (isinstance(old, list) and isinstance(new, list) and len(old) == len(new)):
        return False
    pairs = list(zip(old, new, strict=True))
    if not all(isinstance(a, MutableMapping) and isinstance(b, Mapping) for a, b in pairs):
        return False
    for one, said in pairs:
        _become(one, said)
    return True


def _inline(value: Any) -> Any:
    """Tables inside a card stand on one line, as people write them."""
    import tomlkit

    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        table.update({key: _inline(one) for key, one in value.items()})
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend(_inline(one) for one in value)
        return array
    return value
