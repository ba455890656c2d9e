"""What drifts too slowly to be told from the last time is told from an earlier one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from secondunit.checks.wardrobe import Dye
from secondunit.continuity import further
from secondunit.continuity.ends import COLUMNS, End, Which
from secondunit.continuity.further import Line
from secondunit.continuity.held import THING
from secondunit.continuity.pairs import FAR, Kind, costumes, in_order, setups
from secondunit.continuity.remembered import Memory
from secondunit.editorial import Cut, CutShot
from secondunit.editorial.retime import Played
from secondunit.media.setup import Sketch
from secondunit.media.sight import Shows, Sight
from secondunit.testing import Reel
from secondunit_bridge.timing import FrameRange, exact_rate

RATE = exact_rate("24")
EXCERPT = Path(further.__file__).parents[1] / "cli/demo/excerpt.mp4"
LIMITS = {"wardrobe.hue": 0.6, THING: 120.0, "colour.exposure": 0.3}
COAT, PLACE = "Mara", [0.4, 0.4, 0.2, 0.2]


def shot(index: int, setup: str = "A", **card) -> CutShot:
    """Twelve frames of a take of its own."""
    card = {"scene": "1", "day": "1", "setup": setup,
            "wardrobe": [{"name": COAT, "region": PLACE}], **card}  # fmt: skip
    return CutShot(
        name=f"{index:03}", guid=None, track="V1", index=index, layer=0,
        record=FrameRange(12 * index, 12 * index + 11, RATE), media=f"{index}.mov", online=True,
        offline_reason="", media_rate=RATE, source=(0, 11), played=Played(0, 1, 12), speed=1,
        retime="none", marks={"card": card},
    )  # fmt: skip


def cut(shots: list[CutShot]) -> Cut:
    return Cut("cut", None, RATE, 0, 12 * len(shots), drop=False, shots=tuple(shots), document={})


@cache
def footage() -> np.ndarray:
    """A frame of the real excerpt, in light, as wide as an end keeps it."""
    with av.open(str(EXCERPT)) as film:
        frame = next(film.decode(video=0)).to_ndarray(format="rgb24")
    small = cv2.resize(frame, (COLUMNS, 144), interpolation=cv2.INTER_AREA)
    return (small.astype(np.float32) / 255) ** 2.4


@cache
def sketch() -> Sketch:
    reel = Reel(FrameRange(0, 0, RATE), COLUMNS, 144, lambda _: footage())
    return Sketch.of(Sight(Shows(reel), 0))


@dataclass(frozen=True)
class Seen:
    """What is seen at an end: a mug so far to the right, the coat's a, and how much light."""

    mug: int = 0
    coat: float = 0.0
    gain: float = 1.0

    @cache  # noqa: B019 - a frozen value, and few of them
    def end(self) -> End:
        light = footage() * self.gain
        light[70:90, 100 + self.mug : 112 + self.mug] = (0.4, 0.03, 0.02)
        steps = np.full(19, np.nan, np.float32)
        steps[8] = self.coat
        pixels = np.where(np.isnan(steps), 0, 400).astype(np.float32)
        dye = Dye(pixels, np.stack([steps, steps * 0], 1), 400)
        return End.of(light, np.ones(light.shape[:2], bool), sketch(), {COAT: dye})


@dataclass
class Known:
    """Ends as if they had been read: of each shot the first and the last."""

    seen: dict[str, tuple[Seen, Seen]]
    memory: Memory

    def end(self, shot: CutShot, which: Which) -> End:
        return self.seen[shot.name][which is Which.last].end()

    def name(self, shot: CutShot, which: Which) -> str:
        return f"{shot.name} {self.seen[shot.name][which is Which.last]}"


def apart(shots: list[CutShot], seen: list[Seen | tuple[Seen, Seen]], told=None, **more):
    """Pairs to be looked at in full: earlier, later, and the checks."""
    ends = [one if isinstance(one, tuple) else (one, one) for one in seen]
    by_name = {shot.name: two for shot, two in zip(shots, ends, strict=True)}
    order = in_order(cut(shots))
    steps = {(id(a), id(b)): () for a, b in pairwise(shots)} | (told or {})
    line = Line(shots, order, Known(by_name, Memory(None)), LIMITS, steps, **more)
    pairs = list(line.pairs())
    assert all(pair.kind is Kind.again for pair in pairs)
    return [(int(pair.earlier.name), int(pair.later.name), pair.checks) for pair in pairs]


@pytest.mark.parametrize("back", [5, 12, FAR])
def test_a_coat_that_fades_is_held_against_the_shot_so_far_back_that_shows_it(back):
    shots = [shot(index, f"S{index}") for index in range(back + 1)]
    fades = [Seen(coat=2.6 * index / back) for index in range(back + 1)]
    assert apart(shots, fades, costume=True)[-1] == (0, back, ("wardrobe.hue",))
    wavers = [Seen(coat=1.2 * (index % 2)) for index in range(back + 1)]
    assert apart(shots, wavers, costume=True) == []


def test_beyond_forty_eight_shots_nobody_remembers():
    shots = [shot(0), *(shot(index, "B", wardrobe=[]) for index in range(1, FAR)), shot(FAR),
             shot(FAR + 1)]  # fmt: skip
    mine = [shots[0], shots[-2], shots[-1]]
    far = [Seen(), Seen(coat=0.4), Seen(coat=0.8)]
    ends = {one.name: (two, two) for one, two in zip(mine, far, strict=True)}
    line = Line(mine, shots, Known(ends, Memory(None)), LIMITS)
    assert list(line.pairs()) == []
    assert (
        len(list(replace(line, order=[one for one in shots if one is not shots[1]]).pairs())) == 1
    )


def test_a_mug_pushed_a_little_each_time_is_held_against_where_it_stood_at_first():
    shots = [shot(index) for index in range(6)]
    pushed = apart(shots, [Seen(mug=2 * index) for index in range(6)])
    assert pushed[-1] == (0, 5, (THING,))
    assert apart(shots, [Seen(mug=index % 2) for index in range(6)]) == []


def test_what_was_told_of_one_step_is_not_told_again_of_every_later_shot():
    shots = [shot(index) for index in range(6)]
    moved = [Seen(), Seen(), Seen(mug=20), Seen(mug=20), Seen(mug=20), Seen(mug=20)]
    assert [two[1] for two in apart(shots, moved)] == [2, 3, 4, 5]
    boxes = ((100 / 256, 70 / 144, 12 / 256, 20 / 144), (120 / 256, 70 / 144, 12 / 256, 20 / 144))
    assert apart(shots, moved, {(id(shots[1]), id(shots[2])): boxes}) == []


def test_what_changed_before_the_camera_or_is_declared_on_the_way_is_the_story():
    shots = [shot(index) for index in range(4)]
    lifted = [Seen(), (Seen(), Seen(mug=20)), Seen(mug=20), Seen(mug=20)]
    assert apart(shots, lifted) == []
    declared = [*shots[:2], shot(2, allowed=["wardrobe.hue"]), shot(3)]
    assert apart(declared, [Seen(), Seen(coat=0.4), Seen(coat=0.8), Seen(coat=1.0)]) == []


def test_light_that_grows_by_a_tenth_of_a_stop_is_told_once_it_is_more_than_the_limit():
    shots = [shot(index) for index in range(5)]
    told = apart(shots, [Seen(gain=2.0 ** (0.1 * index)) for index in range(5)])
    assert [two for two in told if "colour.exposure" in two[2]][-1][:2] == (0, 4)


def test_shots_of_one_set_up_and_of_one_costume_hang_together():
    shots = [shot(0), shot(1, "B"), shot(2), shot(3, "B"), shot(4, day="2")]
    names = lambda lines: [[one.name for one in line] for line in lines]  # noqa: E731 - one use

    def never(earlier, later):
        raise AssertionError("cards say it")

    assert names(setups(cut(shots), never)) == [["000", "002"], ["001", "003"], ["004"]]
    assert names(costumes(cut(shots))) == [["000", "001", "002", "003"], ["004"]]


def test_an_end_is_read_back_as_it_was_kept():
    kept = Seen(coat=1.5).end()
    back = End.unpacked(kept.packed())
    assert back is not None
    assert np.array_equal(back.codes, kept.codes)
    assert np.allclose(back.light, kept.light)
    assert back.worn[COAT].apart(kept.worn[COAT]) == 0
    assert End.unpacked(b"no end") is None
