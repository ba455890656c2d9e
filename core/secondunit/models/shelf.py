"""Where cards lie: ours in the package, a studio's own in ``<home>/cards``.

A studio's card of the same name as one of ours takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import resources
from pathlib import Path

from secondunit_bridge.errors import CardWrong

from ..disk import saying_why
from .card import MAX_CARD, Card, read


class Shelf:
    """Every card by name. ``refused`` says of a studio's file why it was not taken."""

    def __init__(self, home: Path) -> None:
        self._home, self._seen = home, _dates(home)
        self.refused: dict[str, CardWrong] = {}
        self._cards = {card.name: card for card in _ours()}
        for file in sorted((home / "cards").glob("*.toml")):
            try:
                card = card_at(file)
            except CardWrong as error:
                self.refused[file.name] = error
            else:
                self._cards[card.name] = card

    @property
    def stale(self) -> bool:
        """A card of the studio's own was written, changed or taken away since this was read."""
        return self._seen != _dates(self._home)

    def __iter__(self) -> Iterator[Card]:
        return iter(self._cards.values())

    def __contains__(self, name: str) -> bool:
        return name in self._cards

    def card(self, name: str) -> Card:
        """The card of that name. Raises CardWrong when there is none."""
        if name not in self._cards:
            raise CardWrong(
                f"there is no card called {name!r:.60}",
                hint="There are: " + ", ".join(sorted(self._cards)) + ".",
                data={"card": name},
            )
        return self._cards[name]


def card_at(file: Path) -> Card:
    """The card in a file. Raises CardWrong, NotPermitted, StoreError."""
    with saying_why(file), open(file, "rb") as opened:
        return read(opened.read(MAX_CARD + 1), str(file))


def _dates(home: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, date and size of a studio's own cards. Nothing is read."""
    found = []
    for file in sorted((home / "cards").glob("*.toml")):
        with suppress(FileNotFoundError):  # gone since it was listed
            told = file.stat()
            found.append((file.name, told.st_mtime_ns, told.st_size))
    return tuple(found)


@cache
def _ours() -> tuple[Card, ...]:
    """Read once for each process: they do not change."""
    folder = resources.files(__package__) / "cards"
    files = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return tuple(read(f.read_bytes(), f.name) for f in files if f.name.endswith(".toml"))
