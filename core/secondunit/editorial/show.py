"""The bible of a whole show: a sheet of shot cards that lies beside the project's store.

``bible.toml``, where ``secondunit.toml`` and ``profile.toml`` are, has the form of a cut's sheet:
``[bible]`` with gallery, set-ups and masters, ``[sequences.NAME]`` for what every shot of a
sequence says, and ``[[card]]`` for shots by guid, name or code. A take is held against it whichever
host asked for it. What a host or a cut says itself wins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from secondunit_bridge.film import Project, Role, Turnover
from secondunit_bridge.wire import dumps, typed

from .bible import Bible, said_of
from .cut import Cut, CutShot
from .gallery import Gallery, read_gallery
from .sheets import Sheet, read_sheet

FILE = "bible.toml"
BESIDE = {"before": Role.before, "after": Role.after}  # cards of a turnover, and whose they are


@dataclass(frozen=True)
class Show:
    """What is written down of a show; ``folder`` is where its bible lies, if it has one."""

    sheet: Sheet = field(default_factory=lambda: Sheet({}, {}))
    folder: Path | None = None

    @property
    def bible(self) -> Bible:
        """What holds for the set-ups."""
        bible: Bible = typed(Bible, self.sheet.bible, "bible")
        return bible

    def gallery(self) -> Gallery | None:
        """The approved pictures of the cast; None when the bible names none."""
        said = self.bible.gallery
        return read_gallery(self.folder / said) if said and self.folder else None

    def cards_of(self, turnover: Turnover) -> dict[str, str]:
        """The turnover's cards as JSON, completed, with those it came without, where the show has
        some. One that cannot be read stays as it is: whoever reads it says what is wrong."""
        shot, done = turnover.shot, dict(turnover.cards)
        whose: dict[str, tuple[str, ...]] = {"take": (shot.guid, shot.name, shot.code)}
        for name, role in BESIDE.items():
            there = [one.name for one in turnover.elements if one.role is role]
            if there or name in done:
                whose[name] = tuple(filter(None, there))
        for name, names in whose.items():
            said = _handed(done, name)
            if said is not None:
                scene = {"scene": shot.scene} if shot.scene and name == "take" else {}
                card = self._card(names, shot.sequence, scene, said)
                done |= {name: dumps(card).decode()} if card else {}
        return done

    def over(self, cut: Cut) -> Cut:
        """A cut with what the show says of its clips. Only its shots: the document stays."""
        return replace(cut, shots=tuple(self._over(shot, cut.name) for shot in cut.shots))

    def _over(self, shot: CutShot, sequence: str) -> CutShot:
        said = shot.marks.get("card") or {}
        names = tuple(filter(None, (shot.guid, shot.name)))
        card = self._card(names, sequence, {}, said) if isinstance(said, dict) else {}
        return replace(shot, marks={**shot.marks, "card": card}) if card else shot

    def _card(
        self, names: tuple[str, ...], sequence: str, least: Mapping[str, Any],
        most: Mapping[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        """From what is said least of it to what is said most: of the sequence, the set-up, the
        shot, by whoever sent it."""
        rows = (self.sheet.cards[name] for name in names if name in self.sheet.cards)
        own = {**next(rows, {}), **{name: said for name, said in most.items() if said is not None}}
        every = {**self.sheet.sequences.get(sequence, {}), **least}
        return {**every, **said_of(self.bible, own, names)}


def show_of(project: Project) -> Show:
    """A project's show; an empty one where it has no bible.

    Raises CardWrong naming the field that is wrong, NotPermitted.
    """
    if not project.store:
        return Show()
    folder = Path(project.store).parent
    path = folder / FILE
    return Show(read_sheet(path), folder) if path.is_file() else Show()


def _handed(cards: Mapping[str, str], name: str) -> dict[str, Any] | None:
    """What came with the turnover, if anything; None when it cannot be read."""
    try:
        said = json.loads(cards.get(name, "{}"))
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
