"""The shot cards of a cut under review: what the page shows of them, and writing what it sends.

They are kept as a sheet (TOML) beside the cut, the same that ``secondunit cards`` writes and reads.
The cut itself belongs to the editing program and is never written.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import CardWrong, FieldError

from .cards import with_cards

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..editorial import Cut, CutShot
    from .check import Looked

WIDE = 480  # columns of a shot's picture beside its card
QUALITY = 80  # of JPEG


@dataclass(frozen=True)
class CardDesk:
    """Where the cards of one cut are."""

    cut: Path
    sheet: Path

    def shown(self, looked: Looked, pictures: dict[str, str]) -> dict[str, Any]:
        """For the page: every clip once, in cut order, with its card, and the bible. Pictures of
        the clips are put beside the others. Raises CardWrong when the sheet was broken meanwhile.
        """
        from ..editorial.bible import bible_of
        from ..editorial.sheets import clips

        opened, _ = with_cards(_read(self.cut), self.there())
        bible, wrong = bible_of(opened)
        rows = []
        for name, shot in clips(opened).items():
            still = _still(looked, name, pictures)
            rows.append(_row(name, shot, looked.cut) | {"still": still})
        return {
            "sheet": self.sheet.name,
            "stamp": _stamp(self._text()),
            "bible": {"gallery": bible.gallery or "", "masters": bible.masters,
                      "setups": bible.setups, "wrong": wrong},
            "clips": rows,
            "may_differ": [[name, about] for name, about in looked.compared.items()],
        }  # fmt: skip

    def take(self, said: Any) -> dict[str, Any]:
        """Write one card or the bible to the sheet. Raises CardWrong, FieldError, StoreError."""
        from .. import disk

        if not isinstance(said, dict):
            raise FieldError("cards: expected one card, or the bible")
        text = self._text()
        if said.get("stamp") != _stamp(text):
            raise CardWrong(
                f"{self.sheet.name} was changed by somebody else meanwhile",
                hint="Copy what you typed, and load the page again.",
            )
        new = self._changed(text, said)
        disk.write_whole(self.sheet, new.encode())
        return {"stamp": _stamp(new), "sheet": self.sheet.name}

    def _changed(self, text: str, said: Mapping[str, Any]) -> str:
        from ..editorial.sheet_edit import with_bible, with_card

        clip, guid, card, bible = (said.get(name) for name in ("clip", "guid", "card", "bible"))
        if isinstance(bible, dict):
            return with_bible(text, self.cut.stem, bible)
        if not (isinstance(clip, str) and clip and isinstance(card, dict)):
            raise FieldError("cards: expected one card, or the bible")
        return with_card(text, self.cut.stem, clip, guid if isinstance(guid, str) else None, card)

    def there(self) -> Path | None:
        """The sheet, once there is one."""
        return self.sheet if self.sheet.is_file() else None

    def _text(self) -> str:
        from .. import disk

        with disk.saying_why(self.sheet):
            return self.sheet.read_text(encoding="utf-8") if self.sheet.is_file() else ""


def _read(path: Path) -> Cut:
    from ..editorial import read_cut

    return read_cut(path)


def _stamp(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _row(name: str, shot: CutShot, completed: Cut) -> dict[str, Any]:
    """A clip with its own card, and what it takes from the bible."""
    from ..editorial.cards import read_card

    _, wrong = read_card(shot.marks)
    card = shot.marks.get("card")
    own = {k: v for k, v in card.items() if v is not None} if isinstance(card, dict) else {}
    whole = next((one.marks.get("card") for one in completed.shots if one.name == name), None)
    taken = {k: v for k, v in (whole or {}).items() if k not in own}
    return {
        "name": name,
        "guid": shot.guid,
        "card": own,
        "taken": taken,
        "wrong": wrong,
        "tc": completed.timecode(shot.record.first),
        "at": shot.record.first,
        "frames": [min(shot.frames, default=0), max(shot.frames, default=0)],
    }


def _still(looked: Looked, name: str, pictures: dict[str, str]) -> str:
    """The key of the middle frame of a clip; empty where it cannot be shown."""
    import cv2

    from .sheet.report import embedded

    shot = next((one for one in looked.cut.shots if one.name == name and one.frames), None)
    path = looked.middle(shot) if shot else None
    picture = cv2.imread(str(path)) if path else None
    if picture is None or path is None:
        return ""
    high = max(1, round(picture.shape[0] * WIDE / picture.shape[1]))
    small = cv2.resize(picture, (WIDE, high), interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    key = f"card{path.stem[:12]}"
    pictures[key] = embedded(bytes(data))
    return key
