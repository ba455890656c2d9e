"""Finds the licence that lies beside weights: its text, and what README heads claim."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..disk import saying_why
from .weights import hashed

UNREADABLE = "a licence line that could not be read"  # as a claim: nobody knows such a licence
_TEXT = re.compile(r"(licen[cs]e|copying)([._-].*)?", re.IGNORECASE)
_LINE = re.compile(r"[\"']?licen[cs]e(_name)?[\"']?\s*:(.*)", re.IGNORECASE)
_COMMENT = re.compile(r"(^|\s)#.*")
_HEAD = 262_144  # characters of a README that are looked at
_LONGEST = 80  # characters of a claim that are kept


def text_in(folder: Path) -> str:
    """sha256 of the licence text in a folder, so that another one needs another clearance.

    Empty when there is none. Raises NotPermitted, StoreError.
    """
    text = next((file for file in _files(folder) if _TEXT.fullmatch(file.name)), None)
    return hashed(text) if text else ""


def claims_in(folder: Path) -> tuple[str, ...]:
    """Every licence that the heads of a folder's READMEs claim, as hubs write them.

    A line that names a licence in a way we cannot read is a claim too: of one nobody knows.
    Raises NotPermitted, StoreError.
    """
    found: dict[str, None] = {}
    for file in _files(folder):
        if file.name.lower() == "readme.md":
            found |= dict.fromkeys(_claimed(file))
    return tuple(found)


def _files(folder: Path) -> Sequence[Path]:
    with saying_why(folder):
        return sorted(file for file in folder.iterdir() if file.is_file())


def _claimed(readme: Path) -> list[str]:
    with saying_why(readme), open(readme, encoding="utf-8-sig", errors="replace") as opened:
        text = opened.read(_HEAD).lstrip()
    if "\0" in text or text.startswith("\ufffd"):  # another encoding hides what it says
        return [UNREADABLE]
    if not text.startswith("---"):
        return []
    head, closed, _ = text[3:].partition("\n---")
    if not closed and len(text) >= _HEAD - 1:
        return [UNREADABLE]
    return _pointed(list(_lines(head.splitlines())))


def _pointed(lines: list[tuple[bool, str]]) -> list[str]:
    """The claims; ``other`` is none of its own where the next line names it."""
    named = any(is_name for is_name, _ in lines)
    return [claim for is_name, claim in lines if is_name or claim != "other" or not named]


def _lines(head: list[str]) -> Iterator[tuple[bool, str]]:
    """Whether it is the name of another licence, and the claim, of every line that has one."""
    for number, line in enumerate(head):
        told = _LINE.match(line.strip())
        if told is None:
            continue
        value = _COMMENT.sub("", told[2]).strip()
        values = value.strip("[]").split(",") if value.startswith("[") else [value]
        for one in values if value else list(_listed(head[number + 1 :])) or [""]:
            plain = _COMMENT.sub("", one).strip().strip("\"'").strip()
            yield bool(told[1]), plain[:_LONGEST] or UNREADABLE


def _listed(after: list[str]) -> Iterator[str]:
    """Entries of a list in the lines below its name."""
    for line in after:
        entry = line.strip()
        if entry.startswith("- "):
            yield entry[2:]
        elif entry and not entry.startswith("#"):
            return
