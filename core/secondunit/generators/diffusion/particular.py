"""What a model's own settings say that its card cannot: a card serves several kinds of weights."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from secondunit_bridge.film import Model

from ...models.card import Card

MOST = 1 << 20  # bytes of a settings file; real ones are below 10 kB


def particular(model: Model, card: Card) -> Card:
    """The card as it holds for this model.

    Wan 2.1's first-and-last-frame weights look at two pictures or none can be made of what they
    see: there ``last`` is required. Wan's other weights take it or leave it.
    """
    told = _settings(Path(model.path) / "transformer" / "config.json")
    last = card.ports.get("last")
    if last is None or last.argument != "last_image" or not told.get("pos_embed_seq_len"):
        return card
    return replace(card, ports=card.ports | {"last": replace(last, required=True)})


def _settings(file: Path) -> dict[str, object]:
    """The settings in a file; none when it cannot be read: then nothing is known."""
    try:
        if file.stat().st_size > MOST:
            return {}
        told = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
