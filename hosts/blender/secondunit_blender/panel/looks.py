"""The looks an artist can pick, and the ``name=value`` options that go with them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, Dict, List, Sequence, Tuple

from secondunit_bridge.errors import FieldError
from secondunit_bridge.film import Option

GENERATOR = "looks"  # which makes the looks that need no model
OWN: Tuple[Tuple[str, str, str], ...] = (
    ("toon", "Toon", "Flat tones and ink lines; needs no model"),
    ("pencil", "Pencil", "A pencil drawing on paper; needs no model"),
    ("graded", "Graded", "The grey box with light, air and grain; needs no model"),
)


@dataclass(frozen=True)
class Slider:
    """An option of our looks, as the generator tells it."""

    name: str
    default: float
    low: float
    high: float
    about: str
    looks: Tuple[str, ...]
    whole: bool = False


_ALL, _LINES = ("toon", "pencil", "graded"), ("toon", "pencil")
SLIDERS = (
    Slider("exposure", 0.0, -6.0, 6.0, "Stops brighter or darker than the shot's own", _ALL),
    Slider("line", 1.0, 0.0, 4.0, "Weight of lines; 0 draws none", _LINES),
    Slider("folds", 0.6, 0.0, 1.0, "How dark lines inside an object are", _LINES),
    Slider("bands", 3, 1, 6, "Tones of each object", ("toon",), whole=True),
    Slider("texture", 0.3, 0.0, 1.0, "How much of an object's own pattern stays", ("toon",)),
    Slider("colour", 1.0, 0.0, 2.0, "Saturation", ("toon", "graded")),
    Slider("hatch", 1.0, 0.3, 3.0, "Density of the strokes", ("pencil",)),
    Slider("paper", 1.0, 0.0, 3.0, "How much of the paper's grain shows", ("pencil",)),
    Slider("tint", 0.0, 0.0, 1.0, "How much colour lies under the pencil", ("pencil",)),
    Slider("fog", 0.2, 0.0, 1.0, "How much air lies over the distance", ("graded",)),
    Slider("grade", 0.7, 0.0, 1.0, "How much of the reference's grade is taken on", ("graded",)),
    Slider("halation", 0.35, 0.0, 1.0, "How much lights glow", ("graded",)),
    Slider("grain", 0.5, 0.0, 2.0, "Film grain", ("graded",)),
)
# These take plates and cuts, no passes: they make no previs.
_MODELS = 1 << 30  # from this number on; Blender takes 31 bits
MenuRow = Tuple[str, str, str, str, int]
_NOT_PREVIS = ("clean_plate", "plate_in", "reframe", "through", GENERATOR)


def choices(generators: Sequence[str]) -> List[MenuRow]:
    """Rows of Blender's menu: our looks, then every other generator the daemon has.

    Blender keeps a choice as its number: a model's comes from its name, so that a model that is
    registered later cannot take its place.
    """
    others = [name for name in generators if name not in _NOT_PREVIS]
    rows = [(*row, "NONE", number) for number, row in enumerate(OWN)]
    for name in others:
        about = "Numbers and bars: proves range and handles" if name == "slate" else "A model"
        number = _MODELS | zlib.crc32(name.encode()) & (_MODELS - 1)
        rows.append((name, name.replace("_", " ").capitalize(), about, "NONE", number))
    return rows


def generator_and_look(chosen: str) -> Tuple[str, str]:
    """Which generator shoots a choice, and the look it is asked for; empty when it has none."""
    name = chosen.strip()
    return (GENERATOR, name) if name in {row[0] for row in OWN} else (name, "")


def moved(panel: Any, look: str) -> Dict[str, Option]:
    """The sliders of a look that do not stand where the generator has them."""
    found: Dict[str, Option] = {}
    for slider in SLIDERS:
        value = getattr(panel, f"look_{slider.name}")
        value = int(value) if slider.whole else round(float(value), 4)
        if look in slider.looks and value != slider.default:
            found[slider.name] = value
    return found


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
