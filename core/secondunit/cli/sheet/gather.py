"""Gathers what stands on a contact sheet: stills from the cut's media and from the takes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from secondunit_bridge.film import Project, Shot, Take
from secondunit_bridge.timing import rate_name

from ...colour import Colour
from ...editorial import media_of
from ...editorial.insert import TRACK
from ...media.footage import Footage
from ...media.open import open_footage
from ...media.widths import small
from ...stage.frames import KeptFootage, aspect_of
from ...vault import Vault
from ..forms import in_brief
from . import CutPiece, Display, Sheet, Still, TakePanel

if TYPE_CHECKING:
    from ...editorial import Cut, CutShot, Place
    from ..line import Made, Shoot

SCREEN = "sRGB Encoded Rec.709 (sRGB)"  # what browsers and PNG viewers show
LARGE, SMALL = 960, 480  # columns of the stills of the join, and of all others
AROUND = 2  # clips of the cut shown on either side of the insert


class Stills:
    """Stills of takes. Opens media once, closes all at the end."""

    def __init__(self, project: Project, store: Path) -> None:
        self._project = project
        self._vault, self._colour = Vault(store / "vault"), Colour(project.ocio)
        self._open: dict[Any, Footage] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for footage in self._open.values():
            close = getattr(footage, "close", None)
            if close:
                close()

    def panel(self, take: Take, shot: Shot, circled: str) -> TakePanel:
        """Three stills of a take and what was found; ``circled`` is the id of the chosen one."""
        stills: tuple[Still, ...] = ()
        if take.media is not None:
            handles, frames = shot.handles, take.media.frames
            first, count = frames.first + handles.head, len(shot.cut)
            stills = tuple(
                self._of_take(take, first + index, str(first + index), SMALL)
                for index in _spread(count, 3)
            )
        return TakePanel(
            id=take.id,
            number=take.number,
            seed=take.seed,
            state=take.state.value,
            confidence=take.confidence,
            stills=stills,
            findings=in_brief(take.findings),
            remarks=tuple(dict.fromkeys(take.remarks)),
            circled=take.id == circled,
        )

    def _of_take(self, take: Take, number: int, caption: str, width: int) -> Still:
        assert take.media is not None
        key = ("take", take.id)
        if key not in self._open:
            self._open[key] = KeptFootage(take.media, self._vault)
        words = f"Frame {number} of take {take.number} of {take.name}"
        return Still(self._shown(self._open[key], number, width), caption, words)

    def _shown(self, footage: Footage, number: int, width: int) -> Display:
        import cv2

        rgb = small(footage.frame(number), width, aspect_of(footage))
        if rgb.shape[1] < width:
            height = max(1, round(rgb.shape[0] * width / rgb.shape[1]))
            large = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_CUBIC)
            rgb = np.asarray(large, np.float32)
        screen = self._colour.convert(rgb, footage.space, SCREEN)
        return (np.clip(np.nan_to_num(screen), 0, 1) * 255 + 0.5).astype(np.uint8)


class Gathering(Stills):
    """The stills of an insert: of its takes, and of the cut around it."""

    def __init__(self, cut: Cut, project: Project, store: Path) -> None:
        super().__init__(project, store)
        self._cut = cut

    def sheet(
        self, place: Place, shoot: Shoot, made: Made | None, places: Sequence[tuple[str, str]]
    ) -> Sheet:
        """The sheet of one insert. Raises what opening the media raises."""
        shot, circled = shoot.turnover.shot, made.take.id if made else ""
        beside = place.before or place.after
        return Sheet(
            title=shot.name.replace("_", " "),
            line=_line(place, shoot, made),
            facts=self._facts(place, shoot),
            join=self._join(place, shoot, made) if made else (),
            pieces=self._pieces(place, made),
            takes=tuple(self.panel(take, shot, circled) for take in shoot.takes),
            places=tuple(places),
            circled_by=made.version.by if made else "",
            tracks=(made.track if made else TRACK, beside.track if beside else ""),
        )

    def _facts(self, place: Place, shoot: Shoot) -> tuple[tuple[str, str], ...]:
        shot, record, turnover = shoot.turnover.shot, place.record, shoot.turnover
        first, last = self._cut.timecode(record.first), self._cut.timecode(record.last)
        width, height = turnover.width or self._project.width, turnover.height
        now = time.localtime()
        return (
            ("Record", f"{first} – {last}"),  # noqa: RUF001 - an en dash between two timecodes
            ("Length", f"{len(record)} frames + {shot.handles.head} + {shot.handles.tail}"),
            ("Rate", f"{rate_name(record.rate)} a second"),
            ("Picture", f"{width} x {height or self._project.height}, {self._project.space}"),
            ("Generator", turnover.generator),
            ("Shot on", f"{now.tm_mday} {time.strftime('%B %Y', now)}"),
        )

    def _join(self, place: Place, shoot: Shoot, made: Made) -> tuple[Still, ...]:
        name, handles = made.version.name, shoot.turnover.shot.handles
        assert made.take.media is not None  # it was circled, so it was shot
        frames = made.take.media.frames
        inner = (frames.first + handles.head, frames.last - handles.tail)
        stills = [self._of_take(made.take, number, f"{name}  {number}", LARGE) for number in inner]
        if place.before and place.before.frames:
            number, record = place.before.frames[-1], place.record.first - 1
            words = f"{place.before.name}  {self._cut.timecode(record)}"
            stills.insert(0, self._of_shot(place.before, number, words, LARGE))
        if place.after and place.after.frames:
            number, record = place.after.frames[0], place.record.last + 1
            words = f"{place.after.name}  {self._cut.timecode(record)}"
            stills.append(self._of_shot(place.after, number, words, LARGE))
        return tuple(stills)

    def _pieces(self, place: Place, made: Made | None) -> tuple[CutPiece, ...]:
        around = _around(self._cut, place)
        pieces = [
            CutPiece(
                name=shot.name,
                first=shot.record.first,
                last=shot.record.last,
                timecode=self._cut.timecode(shot.record.first),
                stills=tuple(
                    self._of_shot(shot, shot.frames[index], shot.name, SMALL)
                    for index in _spread(len(shot.frames), 2)
                ),
            )
            for shot in around
        ]
        if made:
            assert made.take.media is not None
            frames, record = made.take.media.frames, place.record
            head = made.version.handles.head
            chosen = (frames.first + head + index for index in _spread(len(record), 3))
            name = made.version.name
            stills = tuple(self._of_take(made.take, n, name, SMALL) for n in chosen)
            timecode = self._cut.timecode(record.first)
            pieces.append(CutPiece(name, record.first, record.last, timecode, stills, new=True))
        return tuple(sorted(pieces, key=lambda piece: (piece.first, piece.new)))

    def _of_shot(self, shot: CutShot, number: int, caption: str, width: int) -> Still:
        media = media_of(shot, number, number, "")
        footage = self._opened(shot)
        words = f"Frame {number} of {shot.name}, as it plays in the cut"
        return Still(self._shown(footage, media.frames.first, width), caption, words)

    def _opened(self, shot: CutShot) -> Footage:
        media = media_of(shot, min(shot.frames), max(shot.frames), "")
        if media not in self._open:
            self._open[media] = open_footage(media, movie_space=self._project.movie_space)
        return self._open[media]


def _around(cut: Cut, place: Place) -> tuple[CutShot, ...]:
    """The shots that play near the place, on the tracks of its neighbours, in order."""
    layers = {shot.layer for shot in (place.before, place.after) if shot is not None}
    shots = sorted(
        (shot for shot in cut.shots if shot.layer in layers and shot.online and shot.frames),
        key=lambda shot: shot.record.first,
    )
    earlier = [shot for shot in shots if shot.record.last < place.record.first]
    later = [shot for shot in shots if shot.record.first > place.record.last]
    under = [shot for shot in shots if shot not in earlier and shot not in later]
    return (*earlier[-AROUND:], *under, *later[:AROUND])


def _spread(count: int, wanted: int) -> list[int]:
    """Indices from first to last, evenly; fewer when there are fewer frames."""
    if count <= wanted:
        return list(range(count))
    return [round(index * (count - 1) / (wanted - 1)) for index in range(wanted)]


def _line(place: Place, shoot: Shoot, made: Made | None) -> str:
    count, length = len(shoot.takes), len(place.record)
    before, after = place.before, place.after
    where = " and ".join(f"“{shot.name}”" for shot in (before, after) if shot)
    beside = f" {'between' if before and after else 'beside'} {where}" if where else ""
    takes = f"{count} take{'s' if count > 1 else ''}"
    end = (
        f"take {made.take.number} is circled and cut in."
        if made
        else "nothing is circled: the choice is a person's."
    )
    said = shoot.turnover.brief.strip()
    brief = f" The brief: “{said}”" if said else ""
    return f"An insert of {length} frames{beside}, shot in {takes}; {end}{brief}"
