"""Writes the pages that are made from code: the glossary and the settings.

Run ``python installers/pages.py`` in the project's environment after a change to either.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from enum import Enum
from pathlib import Path

from secondunit_bridge import film, unit

ROOT = Path(__file__).resolve().parent.parent
_FIELD = re.compile(r"^    (\w+): ([^=#]+?)(?: = ([^#]+?))?(?:  # (.*))?$", re.MULTILINE)
_VALUE = re.compile(r"^    (\w+) = \"(\w+)\"(?:  # (.*))?$", re.MULTILINE)

# Nouns of the trade that are not a class of their own: what they are here instead.
WITHOUT_CLASS = {
    "Sequence": "Shots in cut order. A code in a shot's name; its order is the timeline's.",
    "Scene": "Shots that share continuity. A code, until it carries what is established.",
    "Ledger": "All of this in order, append-only and sealed; `Entry` is one line of it.",
}

GLOSSARY = """\
# Glossary

> A host hands over a **turnover**; the second unit shoots **takes**; continuity **finds**; a person
> **circles**; the **version** is **cut in**; the **ledger** remembers.

Made from `bridge/secondunit_bridge/film.py` and `unit.py` by `installers/pages.py`; do not edit.
Regions are `(x, y, w, h)` in 0..1 of the picture from top left. Frame numbers are integers in the
media's own numbering, ranges are inclusive, colour spaces are OpenColorIO names.

"""


def glossary() -> str:
    """The glossary: every public value of the film, every enum, every verb of ``Unit``."""
    classes = [c for _, c in inspect.getmembers(film, inspect.isclass) if c.__module__ == _FILM]
    classes.sort(key=lambda c: inspect.getsourcelines(c)[1])
    values = [c for c in classes if dataclasses.is_dataclass(c)]
    enums = [c for c in classes if issubclass(c, Enum)]
    parts = [GLOSSARY, "## Nouns\n\n"]
    parts += [f"### {name}\n\n{text}\n\n" for name, text in WITHOUT_CLASS.items()]
    parts += [_noun(c) for c in values]
    parts += ["## Choices\n\n", *(_choice(c) for c in enums)]
    parts += ["## Verbs\n\nWhat a host can ask, as methods of `secondunit_bridge.unit.Unit`.\n\n"]
    parts += ["| verb | meaning |\n|---|---|\n", *verbs(), "\n"]
    return "".join(parts).rstrip() + "\n"


_FILM = film.__name__


def _noun(kind: type) -> str:
    rows = [
        f"| `{name}` | `{_cell(hint)}` | {_cell(comment or '')} |\n"
        for name, hint, _, comment in _FIELD.findall(inspect.getsource(kind))
    ]
    return f"### {kind.__name__}\n\n{_prose(kind)}\n\n| field | type | |\n|---|---|---|\n" + (
        "".join(rows) + "\n"
    )


def _choice(kind: type) -> str:
    rows = [
        f"| `{value}` | {_cell(comment or '')} |\n"
        for _, value, comment in _VALUE.findall(inspect.getsource(kind))
    ]
    return f"### {kind.__name__}\n\n{_prose(kind)}\n\n| value | |\n|---|---|\n{''.join(rows)}\n"


def verbs() -> list[str]:
    """A row for each public method of ``Unit``."""
    named = [name for name in vars(unit.Unit) if not name.startswith("_")]
    methods = [(name, getattr(unit.Unit, name)) for name in named]
    return [
        f"| `{name}` | {_cell(_first(method))} |\n" for name, method in methods if callable(method)
    ]


def _first(thing: object) -> str:
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split()).replace("``", "`")


def _prose(kind: type) -> str:
    return (inspect.getdoc(kind) or "").replace("``", "`")


def _cell(text: str) -> str:
    return text.strip().replace("|", "\\|")


def pages() -> dict[Path, str]:
    """Each made page and what it should say."""
    from secondunit.settings import page

    return {ROOT / "docs" / "glossary.md": glossary(), ROOT / "docs" / "settings.md": page()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
