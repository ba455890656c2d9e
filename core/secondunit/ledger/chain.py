"""The hash chain: how an entry is sealed over the one before it, and what a break looks like."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from json.encoder import encode_basestring as _quoted
from typing import Any

from secondunit_bridge.errors import LedgerBroken, ProtocolError, StoreError

GENESIS = "0" * 64  # the seal before the first entry

Row = tuple[int, str, str, float, str, str, str]
"""number, kind, subject, at, by, body (canonical JSON text), seal: an entry as it is stored."""


class EntryRefused(StoreError):
    """The ledger will never take this entry, whatever becomes of the disk."""


@dataclass(frozen=True)
class Draft:
    """An entry that is not written yet. ``body`` holds JSON values (see ``wire.plain``)."""

    kind: str
    subject: str  # what it is about: take id, version name, turnover digest ...
    body: dict[str, Any]
    by: str = ""  # the person who decided, when a person did


@dataclass(frozen=True)
class Problem:
    """Something that does not hold. ``entry`` is the first it concerns, 0 for the whole file."""

    entry: int
    sentence: str


def seal(before: str, number: int, kind: str, subject: str, at: float, by: str, body: str) -> str:
    """sha256, hex, of the previous seal followed by the entry as canonical JSON.

    Canonical JSON is what ``wire.dumps`` writes: names sorted, no blanks, UTF-8. ``body`` is such
    text already; it is put in its place among the sorted names, so that a long one is encoded once.
    Raises ProtocolError for text that is not Unicode.
    """
    text = (
        f'{before}{{"at":{at!r},"body":{body},"by":{_quoted(by)},"kind":{_quoted(kind)},'
        f'"number":{number},"subject":{_quoted(subject)}}}'
    )
    try:
        return sha256(text.encode()).hexdigest()
    except UnicodeEncodeError as error:
        raise ProtocolError(f"this entry cannot be written down: {error}") from error


def unsealed(body: str) -> dict[str, Any]:
    """A stored body. Raises LedgerBroken when it is not what was written."""
    try:
        found: dict[str, Any] = json.loads(body)
    except (ValueError, TypeError) as error:  # a damaged file may even say that there is none
        raise LedgerBroken(
            f"an entry of the ledger cannot be read: {error}", hint="See `secondunit verify`."
        ) from error
    return found


def breaks(rows: Iterable[Row]) -> Iterator[Problem]:
    """Walk the entries in order and tell each place where the chain does not hold."""
    before, expected = GENESIS, 1
    suspect: Row | None = None  # its seal does not fit; the next entry tells in which way
    for row in rows:
        if suspect is not None:
            yield _judged(suspect, follows=row[6] == _sealed(suspect[6], row))
            suspect = None
        number = row[0]
        if number != expected:
            yield _gap(expected, number)
        elif row[6] != _sealed(before, row):
            suspect = row
        before, expected = row[6], number + 1
    if suspect is not None:
        yield _judged(suspect, follows=True)


def _sealed(before: str, row: Row) -> str:
    try:
        return seal(before, *row[:6])
    except (AttributeError, TypeError):  # a column of another type than was written
        return ""


def _gap(expected: int, found: int) -> Problem:
    if found < expected:
        return Problem(found, f"entry {found} stands where entry {expected} should: it was moved")
    gone = (
        f"entry {expected} is"
        if found == expected + 1
        else f"entries {expected} to {found - 1} are"
    )
    return Problem(expected, f"{gone} missing: deleted after it was written")


def _judged(row: Row, *, follows: bool) -> Problem:
    """The entry after an edited one still continues from the edited entry's old seal."""
    number, kind, subject = row[:3]
    about = f"entry {number} ({kind} of {subject})"
    if follows:
        return Problem(
            number, f"{about} is not what was sealed: it was changed after it was written"
        )
    return Problem(
        number,
        f"{about} does not follow from entry {number - 1}: an entry was deleted, inserted or put"
        " in another order here",
    )
