"""The looks an artist can pick, and the ``name=value`` options that go with them."""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

from secondunit_bridge.errors import FieldError
from secondunit_bridge.film import Option

GENERATOR = "looks"  # which makes the looks that need no model
OWN: Tuple[Tuple[str, str, str], ...] = (
    ("toon", "Toon", "Flat tones and ink lines; needs no model"),
    ("pencil", "Pencil", "A pencil drawing on paper; needs no model"),
    ("graded", "Graded", "The grey box with light, air and grain; needs no model"),
)
# These take plates and cuts, no passes: they make no previs.
_NOT_PREVIS = ("clean_plate", "plate_in", "reframe", "through", GENERATOR)


def choices(generators: Sequence[str]) -> List[Tuple[str, str, str]]:
    """Rows of Blender's menu: our looks, then every other generator the daemon has."""
    others = [name for name in generators if name not in _NOT_PREVIS]
    rows = list(OWN)
    for name in others:
        about = "Numbers and bars: proves range and handles" if name == "slate" else "A model"
        rows.append((name, name.replace("_", " ").capitalize(), about))
    return rows


def generator_and_look(chosen: str) -> Tuple[str, str]:
    """Which generator shoots a choice, and the look it is asked for; empty when it has none."""
    name = chosen.strip()
    return (GENERATOR, name) if name in {row[0] for row in OWN} else (name, "")


def options(text: str) -> Dict[str, Option]:
    """Options written as ``lines=0.6, tint=blue``. Raises FieldError for what is no pair."""
    found: Dict[str, Option] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or not name or not value:
            raise FieldError(
                f"the option {part!r} is not a name and a value",
                hint="Write options like this: lines=0.6, tint=blue",
            )
        found[name] = _value(value)
    return found


def _value(text: str) -> Option:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
