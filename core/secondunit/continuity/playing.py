"""A shot of a cut as it plays, ready to be examined: its pictures by the frames that are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import Cancelled
from secondunit_bridge.film import Finding, Project
from secondunit_bridge.timing import FrameRange

from ..colour import Colour
from ..contract.conform import Conformed
from ..contract.kept import kept_in
from ..contract.receipt import NAME
from ..editorial import CutShot, media_of
from ..editorial.cards import read_card
from ..editorial.gallery import Gallery
from ..exam import BEFORE, TAKE, Exam, Kept, Side
from ..media.footage import Footage, Picture
from ..media.open import OpenFootage, open_footage
from ..media.own import Own, own_version
from ..media.sight import Shows, Sight
from ..media.widths import small
from .pairs import Kind, Pair

SCREEN = "sRGB Encoded Rec.709 (sRGB)"  # what browsers show
AROUND = 25  # frames on either side of a cut point that may be looked at; few of them are

_Part: TypeAlias = tuple[CutShot, tuple[int, ...]]


@dataclass(frozen=True)
class Playback:
    """How shots are played: the project's working space, and the space of files that do not say.

    ``gallery`` are the approved pictures of the cast, when the cut names some. Once ``stopped`` is
    set no further frame is given: reading raises Cancelled.
    """

    colour: Colour
    project: Project
    space: str = ""
    gallery: Gallery | None = None
    stopped: Event = field(default_factory=Event, repr=False, compare=False)

    @contextmanager
    def alone(self, shot: CutShot) -> Iterator[Exam]:
        """One shot by itself, every frame that is shown once. Raises what opening media raises."""
        with ExitStack() as stack:
            frames = sorted(set(shot.frames))
            opened = stack.enter_context(self._open(shot, frames))
            take = Played(self._light(opened), frames, self.stopped)
            shows = self._shows(opened, frames)
            card, wrong = read_card(shot.marks)
            own = own_version(Path(shot.media or ""))
            yield Exam(
                take=take, asked=take.frames, cut=take.frames, shows=shows,
                sides={TAKE: Side(shows, shot.media or "", tuple(frames), card, wrong)},
                gallery=self.gallery, kept=self._kept(own, frames, opened.space),
                put_in=own is not None and own.put_in,
            )  # fmt: skip

    @contextmanager
    def beside(self, pair: Pair) -> Iterator[Exam]:
        """The later of two shots with the earlier before it. Raises what opening media raises."""
        early, late = _parts(pair)
        with self._two((pair.earlier, early), (pair.later, late)) as exam:
            yield replace(exam, in_cut=pair.kind is Kind.meets)

    @contextmanager
    def part(self, shot: CutShot, frames: tuple[int, ...]) -> Iterator[tuple[Played, Side]]:
        """Some frames of a shot, as they play. Raises what opening media raises."""
        with ExitStack() as stack:
            yield self._near(stack, shot, frames)

    @contextmanager
    def one_frame(self, shot: CutShot, number: int) -> Iterator[Sight]:
        """One frame of a shot's media, by the media's own number. Raises what opening raises."""
        with self._open(shot, [number]) as opened:
            yield Sight(self._shows(opened, [number]), number)

    def screen(
        self, shot: CutShot, numbers: Sequence[int], width: int
    ) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Frames of a shot as an sRGB screen shows them, ``(row, column, RGB)`` 0..255, no wider
        than ``width``, desqueezed. Raises what opening and reading media raises."""
        with self._open(shot, numbers) as opened:
            for number in numbers:
                seen = small(opened.frame(number), width, opened.facts.pixel_aspect)
                shown = self.colour.convert(seen, opened.space, SCREEN)
                yield number, (np.clip(np.nan_to_num(shown), 0, 1) * 255 + 0.5).astype(np.uint8)

    def approved(self, shots: Sequence[CutShot]) -> str:
        """Names what is approved of the people on the shots' cards; empty for nobody."""
        cards = [read_card(shot.marks)[0] for shot in shots]
        names = [member.name for card in cards if card for member in card.cast]
        return self.gallery.digest(names) if self.gallery and names else ""

    @contextmanager
    def _two(self, early: _Part, late: _Part) -> Iterator[Exam]:
        with ExitStack() as stack:
            old, side = self._near(stack, *early)
            take, own = self._near(stack, *late)
            sides = {BEFORE: side, TAKE: own}
            yield Exam(take=take, asked=take.frames, cut=take.frames, before=old, sides=sides,
                       gallery=self.gallery)  # fmt: skip

    def _near(
        self, stack: ExitStack, shot: CutShot, frames: tuple[int, ...]
    ) -> tuple[Played, Side]:
        opened = stack.enter_context(self._open(shot, frames))
        card, wrong = read_card(shot.marks)
        shows = self._shows(opened, list(frames))
        side = Side(shows, shot.media or "", frames, card, wrong)
        return Played(self._light(opened), frames, self.stopped), side

    def _open(self, shot: CutShot, frames: Sequence[int]) -> OpenFootage:
        media = media_of(shot, min(frames), max(frames), self.space)
        return open_footage(
            media, movie_space=self.project.movie_space, decide=self.colour.space_of
        )

    def _light(self, opened: Footage) -> Footage:
        return Conformed(opened, space=self.project.space, convert=self._to_working)

    def _shows(self, opened: Footage, frames: list[int]) -> Shows:
        """Codes of a display are shown as they are; everything else as light."""
        if not self.colour.for_display(opened.space):
            return Shows(Played(self._light(opened), frames, self.stopped))
        return Shows(
            Played(opened, frames, self.stopped), partial(self._to_working, from_space=opened.space)
        )

    def _kept(
        self, own: Own | None, frames: list[int], space: str
    ) -> Callable[[], dict[int, Kept]] | None:
        """How a version of ours keeps to its plate, by the frames of the footage as it plays."""
        if own is None or not (own.folder / NAME).is_file():
            return None
        light = partial(self._to_working, from_space=space)
        return lambda: dict(enumerate(kept_in(own.folder, frames, light), frames[0]))

    def _to_working(self, pixels: Picture, from_space: str) -> Picture:
        return self.colour.convert(pixels, from_space, self.project.space)


def compared(pair: Pair) -> tuple[int, int]:
    """The media frames of two shots that are held against each other, as examined."""
    early, late = _parts(pair)
    return early[-1], late[0]


def _parts(pair: Pair) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The frames of two shots that are looked at: where they meet, or would; of a master and its
    shot the middles."""
    early, late = pair.shots
    if pair.kind is Kind.master:
        return _middle(early), _middle(late)
    return early.frames[-AROUND:], late.frames[:AROUND]


def _middle(shot: CutShot) -> tuple[int, ...]:
    start = max(0, (len(shot.frames) - AROUND) // 2)
    return shot.frames[start : start + AROUND]


class Played:
    """Footage as it plays: numbered on from the first frame shown, in that order.

    Where frames are left out, these are not the media's own numbers: see ``numbered``.
    """

    def __init__(self, footage: Footage, shown: Sequence[int], stopped: Event) -> None:
        self._footage, self._shown, self._stopped = footage, list(shown), stopped
        first = self._shown[0]
        self.frames = FrameRange(first, first + len(self._shown) - 1, footage.frames.rate)
        self.width, self.height = footage.width, footage.height
        self.channels, self.space = footage.channels, footage.space

    def frame(self, number: int) -> Picture:
        """One frame, the caller's own. Raises FramesMissing, MediaOffline, MediaDamaged, and
        Cancelled once the sweep was stopped."""
        if self._stopped.is_set():
            raise Cancelled("the sweep was stopped")
        return self._footage.frame(self._shown[number - self.frames.first])


def numbered(found: Sequence[Finding], shown: Sequence[int]) -> list[Finding]:
    """Findings of ``Played`` footage with the media's own frame numbers."""

    def own(number: int) -> int:
        return shown[min(max(number - shown[0], 0), len(shown) - 1)]

    return [
        replace(one, frames=tuple((own(first), own(last)) for first, last in one.frames))
        for one in found
    ]
