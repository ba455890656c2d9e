"""Comments over the tables of a sheet, kept there when the table before them is changed or goes.

To a reader of TOML a comment over a table is the end of the one before; to people it is its
heading.
"""

from __future__ import annotations

import re
from itertools import takewhile

_HEADER = re.compile(r"\[.*\]\s*(#.*)?")


def with_headings(old: str, new: str) -> str:
    """The new text, with the comments over the tables of the old one over them still."""
    before, lines = old.split("\n"), new.split("\n")
    tables, left = _tables(before), _tables(lines)
    for place in range(1, min(len(tables), len(left)) + 1):  # what follows a change keeps its place
        at, now = tables[-place], _tables(lines)[-place]
        if before[at] != lines[now]:
            break
        over = _over(before, at)
        if over and over != _over(lines, now)[-len(over) :]:
            elsewhere = _found(over, lines)
            if elsewhere is None:
                lines[now:now] = over if now and not lines[now - 1] else ["", *over]
            elif len(tables) == len(left) and elsewhere < now:
                lines[now:now] = ["", *over]
                start = elsewhere - (elsewhere > 0 and not lines[elsewhere - 1])
                del lines[start : elsewhere + len(over)]
    return "\n".join(lines)


def _tables(lines: list[str]) -> list[int]:
    return [place for place, line in enumerate(lines) if _HEADER.fullmatch(line)]


def _over(lines: list[str], at: int) -> list[str]:
    """The comments directly over a line, when nothing but comments stands between it and an empty
    line."""
    found = list(takewhile(lambda line: line.startswith("#"), reversed(lines[:at])))[::-1]
    first = at - len(found)
    return found if first == 0 or not lines[first - 1].strip() else []


def _found(some: list[str], lines: list[str]) -> int | None:
    places = range(len(lines) - len(some) + 1)
    return next((at for at in places if lines[at : at + len(some)] == some), None)
