"""What a check is given to look at: a take, the shots beside it, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from secondunit_bridge.film import Role
from secondunit_bridge.timing import FrameRange

from .editorial.cards import Card
from .editorial.gallery import Gallery
from .editorial.handed import Delivery
from .media.footage import Footage
from .media.setup import SetupMatch, setup_match
from .media.sight import Shows, Sight

T = TypeVar("T")

NEAR = 3  # frames on either side of a cut that are compared
BEFORE, AFTER, TAKE = "before", "after", "take"


@dataclass(frozen=True)
class Side:
    """What is known of the take, or of a neighbour, beside its pictures.

    ``shown`` are the media's frames that are compared, in playing order, and ``media`` names the
    media by content; two sides of one media are one take. ``card`` is the shot card, and
    ``card_wrong`` says what is wrong with one that cannot be read.
    """

    shows: Shows | None = None  # its frames as pictures; None: the footage is light
    media: str = ""
    shown: tuple[int, ...] = ()
    card: Card | None = None
    card_wrong: str = ""


@dataclass(frozen=True)
class Near:
    """The frames of the take and of a neighbour next to the cut between them, as they play."""

    side: str
    ours: tuple[Sight, ...]
    theirs: tuple[Sight, ...]

    @property
    def at_cut(self) -> tuple[Sight, Sight]:
        """The two frames that meet: ours, theirs."""
        if self.side == BEFORE:
            return self.ours[0], self.theirs[-1]
        return self.ours[-1], self.theirs[0]


class Elements(Protocol):
    """The turnover's elements, conformed to the plan's size, rate and code space.

    References keep their own size; the shots before and after keep their own frames.
    """

    def one(self, role: Role) -> Footage | None:
        """The only or first element of a role, or None."""
        ...

    def all(self, role: Role) -> Sequence[Footage]:
        """Every element of a role, in the turnover's order."""
        ...

    @property
    def already(self) -> Footage | None:
        """The frames at the start of this run as the run before made them, or None in the first.

        In the generator's own space and size, by the numbers of the plan that ``run`` got. Each is
        there until this run has given it too: look at them first.
        """
        ...


@dataclass(frozen=True)
class Thing:
    """What an object of the ids pass is called, and what a person tagged it as."""

    name: str
    role: str = ""  # character, prop or set; empty when nobody said


@dataclass(frozen=True)
class Scene:
    """What a 3D scene says of a take, as far as it was noted beside the passes.

    ``things`` by the bits of their number in the ids pass (float32 read as uint32); all objects of
    a character are the same Thing. ``eyelines``: name -> frame of the take -> degrees between the
    look and the lens, negative to the left of the picture.
    """

    things: Mapping[int, Thing] = field(default_factory=dict)
    eyelines: Mapping[str, Mapping[int, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Kept:
    """How a frame made on a plate keeps to it, as the core measured it."""

    changed: int  # pixels outside the grown matte that differ in any bit
    most: float  # the largest difference among them, scene-linear
    seam: float | None = None  # display codes across the matte's edge; None: none, or not measured


@dataclass(frozen=True)
class Exam:
    """One take beside its neighbours, all in scene-linear working space.

    ``measured`` are facts the core counted while it wrote the frames: ``nan_pixels``,
    ``clipped_pixels``, ``negative_pixels`` for each frame number.
    """

    take: Footage
    asked: FrameRange  # frames the turnover asked for, handles included
    cut: FrameRange  # of those, the ones that play in the cut
    before: Footage | None = None
    after: Footage | None = None
    digests: tuple[str, ...] = ()  # of the take's frames, in order
    measured: dict[str, dict[int, int]] = field(default_factory=dict)
    placeholder: bool = False  # the take is a slate or the like: no picture to compare
    shows: Shows | None = None  # the take's frames for checks that watch; None: ``take`` is light
    sides: Mapping[str, Side] = field(default_factory=dict)  # "take", "before", "after"
    elements: Elements | None = None  # the turnover's, conformed to the take
    scene: Scene | None = None
    gallery: Gallery | None = None  # approved pictures of the cast; None: the cut names none
    kept: Callable[[], Mapping[int, Kept]] | None = None  # frames of a take made on a plate
    put_in: bool = False  # something of a reference was put into the plate
    delivery: Delivery | None = None  # the files of a cut's media, for checks of the files
    in_cut: bool = True  # the neighbour meets the take; False: it is of its set-up, elsewhere
    _made: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, what: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gives, made the first time it is asked for under this name."""
        if what not in self._made:
            self._made[what] = make()
        made: T = self._made[what]
        return made

    def side(self, name: str) -> Side:
        """What is known of ``take``, ``before`` or ``after``."""
        return self.sides.get(name) or Side()

    def near(self, side: str) -> Near | None:
        """The frames at the cut with the shot ``before`` or ``after``; None without such a shot.

        Raises what reading raises.
        """
        return self.once(("near", side), lambda: self._near(side))

    def setup(self, side: str) -> SetupMatch | None:
        """How the neighbour's frame at the cut lies over the take's; None when it cannot be told.

        Worked out once for all checks. ``SetupMatch.same`` is the gate of everything that compares
        pixels.
        """
        near = self.near(side)
        if near is None:
            return None
        return self.once(("setup", side), lambda: setup_match(*near.at_cut))

    def _near(self, side: str) -> Near | None:
        other = self.before if side == BEFORE else self.after
        if other is None:
            return None
        if side == BEFORE:
            mine, last = self.cut.first, other.frames.last
            ours, theirs = range(mine, mine + NEAR), range(last - NEAR + 1, last + 1)
        else:
            mine, first = self.cut.last, other.frames.first
            ours, theirs = range(mine - NEAR + 1, mine + 1), range(first, first + NEAR)
        seen = self._sights(TAKE, self.take, ours), self._sights(side, other, theirs)
        return Near(side, *seen) if all(seen) else None

    def _sights(self, name: str, shot: Footage, numbers: range) -> tuple[Sight, ...]:
        shows = self.side(name).shows or Shows(shot)
        return tuple(Sight(shows, number) for number in numbers if number in shot.frames)
