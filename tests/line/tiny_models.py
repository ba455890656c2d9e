"""Tiny pipelines as folders, registered by the command as a person would."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "models"))
from tiny import families

sys.path.pop(0)

Folders = families.Folders


def registered(su, folders: families.Folders, card: str, *more: object, folder: str = "") -> str:
    """The card's tiny pipeline, added under the card's name with the parts that it needs."""
    about = families.ABOUT[card]
    parts = [f"--part={name}={folders.folder(part)}" for name, part in about.parts.items()]
    place = folders.folder(folder or about.folder)
    said = su("models", "add", place, "--name", card, "--card", card,
              "--licence", "Apache-2.0", "--by", "Ada", "--json", *parts, *more)  # fmt: skip
    assert said.code == 0, said
    cleared = su("models", "clear", card, "--by", "Ada", "--reason", "random weights of our own")
    assert cleared.code == 0, cleared
    return card
