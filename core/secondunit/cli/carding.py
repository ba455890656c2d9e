"""The shot cards of a cut under review: what the page shows of them, and writing what it sends.

They are kept as a sheet (TOML) beside the cut, the same that ``secondunit cards`` writes and reads,
what belongs to the whole show in its bible beside the project's store. The cut itself belongs to
the editing program and is never written.
"""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import CardWrong, FieldError
from secondunit_bridge.wire import typed

from .cards import with_cards

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..editorial import Cut, CutShot
    from ..editorial.bible import Bible
    from .check import Looked

WIDE = 480  # columns of a shot's picture beside its card
QUALITY = 80  # of JPEG
SHOW = "show"  # where a card belongs to, when it is not the cut
EXPECTED = "cards: expected one card, a sequence, or the bible"


@dataclass(frozen=True)
class CardDesk:
    """Where the cards of one cut are, and the bible of its show, when it is in a project."""

    cut: Path
    sheet: Path
    show: Path | None = None  # the show's bible, whether it is there yet or not

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
            "stamp": _stamp(_text(self.sheet)),
            "bible": _plain(bible) | {"wrong": wrong},
            "clips": rows,
            "show": self._of_the_show(looked.cut.name),
            "may_differ": [[name, about] for name, about in looked.compared.items()],
        }  # fmt: skip

    def take(self, said: Any) -> dict[str, Any]:
        """Write one card, a bible or a sequence, to the cut's sheet or ``of`` the show.

        Raises CardWrong, FieldError, StoreError.
        """
        from .. import disk
        from ..editorial.sheets import HEAD, SHOW_HEAD

        if not isinstance(said, dict):
            raise FieldError(EXPECTED)
        file, head = self.sheet, HEAD.format(cut=self.cut.stem)
        if said.get("of") == SHOW:
            if self.show is None:
                raise FieldError("cards: this cut is in no project, and so in no show")
            file, head = self.show, SHOW_HEAD
        text = _text(file)
        if said.get("stamp") != _stamp(text):
            raise CardWrong(
                f"{file.name} was changed by somebody else meanwhile",
                hint="Copy what you typed, and load the page again.",
            )
        new = _changed(text, head, said)
        disk.write_whole(file.resolve(), new.encode(), mode=_mode(file))
        return {"stamp": _stamp(new), "sheet": file.name}

    def _of_the_show(self, sequence: str) -> dict[str, Any] | None:
        """What is written down of the show; None outside any project."""
        from ..editorial.bible import Bible
        from ..editorial.sheets import Sheet, read_sheet

        if self.show is None:
            return None
        sheet = read_sheet(self.show) if self.show.is_file() else Sheet({}, {})
        bible: Bible = typed(Bible, sheet.bible, "bible")
        return {
            "file": self.show.name,
            "folder": self.show.parent.name,
            "stamp": _stamp(_text(self.show)),
            "bible": _plain(bible) | {"wrong": ""},
            "sequence": sequence,
            "sequences": sheet.sequences,
            "cards": sheet.cards,
        }

    def there(self) -> Path | None:
        """The sheet, once there is one."""
        return self.sheet if self.sheet.is_file() else None


def show_beside(cut: Path) -> Path | None:
    """Where the bible of the show is, or would be, that a cut belongs to; None outside a project.

    Raises SettingWrong for a project's file that says something a project cannot be.
    """
    from ..editorial.show import FILE
    from .project import project_near

    project = project_near(cut.resolve().parent)
    return Path(project.store).parent / FILE if project and project.store else None


def _changed(text: str, head: str, said: Mapping[str, Any]) -> str:
    from ..editorial.sheet_edit import with_bible, with_card, with_sequence, without_card

    names = ("clip", "guid", "card", "bible", "sequence")
    clip, guid, card, bible, sequence = (said.get(name) for name in names)
    if isinstance(bible, dict):
        return with_bible(text, head, bible)
    if not isinstance(card, dict):
        raise FieldError(EXPECTED)
    if isinstance(sequence, str) and sequence:
        return with_sequence(text, head, sequence, card)
    if not (isinstance(clip, str) and clip):
        raise FieldError(EXPECTED)
    guid = guid if isinstance(guid, str) else None
    if not card and said.get("of") == SHOW:  # in a cut's sheet it would hide the one in the cut
        return without_card(text, head, clip, guid)
    return with_card(text, head, clip, guid, card)


def _plain(bible: Bible) -> dict[str, Any]:
    return {"gallery": bible.gallery or "", "masters": bible.masters, "setups": bible.setups}


def _mode(file: Path) -> int:
    """Who may read it stays as it is; a new one is for whoever may see the folder."""
    return stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o644


def _text(file: Path) -> str:
    from .. import disk

    with disk.saying_why(file):
        return file.read_text(encoding="utf-8") if file.is_file() else ""


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
