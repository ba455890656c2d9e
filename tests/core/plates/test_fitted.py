"""Generators with every kind of limit shoot every kind of plan, within their limits."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secondunit.contract import ConformedElements, Fitted, Seen, deliver, deliver_plate, shot_by
from secondunit.contract.deliver import Delivered
from secondunit.contract.geometry import box_of, stored
from secondunit.contract.matte import protect
from secondunit.contract.plate import Plated, Under
from secondunit.hookspecs import (
    Developed,
    GeneratorAbout,
    PixelShape,
    Plan,
    Port,
    Preview,
    Progress,
)
from secondunit.media.plates import PlateFrame
from secondunit.media.stills import Windows
from secondunit.testing import Reel, Still, comply_generator
from secondunit_bridge.errors import BrokenFrames, FramesMissing
from secondunit_bridge.film import Element, Media, Role, Shot, Turnover, Work
from secondunit_bridge.timing import FrameRange, Handles

RATES = [Fraction(24000, 1001), 24, 25, Fraction(30000, 1001), 30, 48]
ROLES = (Role.plate, Role.matte, Role.reference, Role.first, Role.last)


class Strict:
    """Echoes its plate; raises when it is asked for anything its description rules out."""

    def __init__(self, channels=3, **limits):
        self.about = GeneratorAbout(
            "strict", "1", "Echoes its plate.", (Work.plate, Work.insert),
            tuple(Port(role, "what it is shown", required=False) for role in ROLES), **limits,
        )  # fmt: skip
        self.runs: list[Plan] = []
        self.seeds: list[int] = []
        self._channels = channels

    def plan(self, plan, elements):
        return plan

    def run(self, plan, elements, seed, watch):
        self._check(plan)
        self.runs.append(plan)
        self.seeds.append(seed)
        plate, matte = elements.one(Role.plate), elements.one(Role.matte)
        size = (plan.height, plan.width)
        assert len(plate.frames) == len(plan.frames)
        for index, number in enumerate(plan.frames):
            watch.check()
            seen = plate.frame(plate.frames.first + index)
            assert seen.shape == (*size, 3)
            soft = matte.frame(matte.frames.first + (index if len(matte.frames) > 1 else 0))
            assert soft.shape == (*size, 1)
            if self._channels == 4:
                seen = np.dstack((seen, soft))
            yield Preview(number, seen)
            yield Developed(number, self.made(seen, number))

    def made(self, seen, number):
        return seen

    def _check(self, plan):
        about, count = self.about, len(plan.frames)
        k, rest = about.frame_rule
        assert count % k == rest % k
        assert about.max_frames is None or count <= about.max_frames
        assert about.most_pixels is None or plan.width * plan.height <= about.most_pixels
        for side in (plan.width, plan.height):
            assert side % about.size_multiple == 0
            assert side >= about.least_side


def ball(number: int, size, *, radius=3):
    """A matte: a soft square that goes across the picture; nothing in every seventh frame."""
    soft = np.zeros((size[1], size[0]), np.float32)
    x, y = 2 + number % max(1, size[0] - 8), size[1] // 3
    if number % 7:
        soft[y : y + 2 * radius, x : x + 2 * radius] = 1
        soft[y, x : x + 2 * radius] = 0.5
    return soft


def plate(number: int, size, windows=None) -> PlateFrame:
    """Real numbers where it is seen; every bit pattern there is in the overscan."""
    rng = np.random.default_rng(number)
    windows = windows or Windows((-3, -2, size[0] + 7, size[1] + 4), (0, 0, *size))
    width, height = windows.data[2:]
    colour = rng.integers(0, 0x7000, (3, height, width), np.uint16).view(np.float16)
    planes = dict(zip("RGB", colour, strict=True))
    planes["id"] = rng.integers(0, 2**32, (height, width), np.uint32)
    return PlateFrame(planes, windows, "ACEScg")


def seen_of(frame: PlateFrame, size):
    x, y = (frame.windows.display[at] - frame.windows.data[at] for at in (0, 1))
    return frame.half()[y : y + size[1], x : x + size[0]].astype(np.float32)


def flat(value, size):
    return lambda _: np.full((*size[::-1], 3), value, np.float32)


def asked(generator, size, count, *, rate=24, work=Work.plate, first=77, mattes=ball, aspect=1):
    """The plan, and what a run gets to see, for a plate of ``count`` frames numbered from 77."""
    frames = FrameRange(first, first + count - 1, Fraction(rate))
    reels = {
        Role.plate: Reel(frames, *size, lambda n: seen_of(plate(n, size), size)),
        Role.matte: Reel(frames, *size, lambda n: mattes(n, size)[..., None], ("A",)),
        Role.reference: Reel(FrameRange(5, 5, 24), 9, 8, lambda _: np.ones((8, 9, 3), "f4")),
        Role.first: Reel(FrameRange(1, 1, 24), *size, flat(0.1, size)),
        Role.last: Reel(FrameRange(1, 1, 24), *size, flat(0.9, size)),
    }
    media = {
        role: Media(reel.frames, f"{role.value}.exr", *size, space="ACEScg")
        for role, reel in reels.items()
    }
    shot = Shot("P", "S", "0010", "g", FrameRange(1, count, Fraction(rate)), Handles(0, 0))
    elements = tuple(Element(role, one) for role, one in media.items())
    turnover = Turnover(shot, work, "strict", elements=elements)
    plan = Plan(turnover, FrameRange(1001, 1000 + count, Fraction(rate)), *size)
    by_path = {media[role].path: reel for role, reel in reels.items()}
    conformed = ConformedElements(
        turnover, plan, lambda one: by_path[one.media.path], space="ACEScg", convert=lambda p, _: p
    )

    def changing():
        return box_of(mattes(number, size) for number in frames)

    return shot_by(plan, generator.about, Seen(Fraction(aspect), changing)), conformed


def shot_on(generator, size, count, *, zone=0, mattes=ball, **how):
    plan, elements = asked(generator, size, count, mattes=mattes, **how)
    under = Under(lambda n: plate(n - 924, size), lambda n: mattes(n - 924, size), zone)
    said = deliver_plate(Fitted(generator), plan, elements, 5, Still(), under)
    return plan, [one for one in said if isinstance(one, Plated)]


LIMITS = {
    "frame_rule": st.sampled_from([(1, 0), (4, 1), (8, 1)]),
    "max_frames": st.sampled_from([None, 121, 81, 17]),
    "size_multiple": st.sampled_from([1, 2, 8]),
    "least_side": st.sampled_from([1, 24]),
    "most_pixels": st.sampled_from([None, 32 * 32, 40 * 24]),
    "pixel_shape": st.sampled_from(list(PixelShape)),
    "overlap": st.sampled_from([None, None, 0, 1, 5]),
}


@settings(max_examples=120, deadline=None)
@given(
    count=st.integers(1, 300),
    rate=st.sampled_from(RATES),
    size=st.tuples(st.integers(9, 61), st.integers(9, 41)),
    aspect=st.sampled_from([1, 2]),
    limits=st.fixed_dictionaries(LIMITS),
)
def test_delivered_is_requested_whatever_the_limits_length_rate_and_size(
    count, rate, size, aspect, limits
):
    generator = Strict(**limits)
    plan, elements = asked(generator, size, count, rate=rate, aspect=aspect, work=Work.insert)
    said = list(deliver(Fitted(generator), plan, elements, 5, Still()))
    got = [one for one in said if isinstance(one, Delivered)]
    assert [one.frame for one in got] == list(range(1001, 1001 + count))
    assert all(one.pixels.shape == (size[1], size[0], 3) for one in got)
    assert len(generator.runs) == (len(plan.shooting.runs) if plan.shooting else 1)
    assert set(generator.seeds) == {5}
    assert all(run.frames.rate == rate for run in generator.runs)
    if plan.shooting is None or plan.shooting.framing.exact:
        for one in got:
            assert np.array_equal(one.pixels, seen_of(plate(one.frame - 924, size), size))


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 60),
    size=st.tuples(st.integers(9, 61), st.integers(9, 41)),
    aspect=st.sampled_from([1, 2]),
    zone=st.sampled_from([0, 2]),
    channels=st.sampled_from([3, 4]),
    limits=st.fixed_dictionaries(LIMITS),
)
def test_a_plate_is_shot_within_the_limits_and_is_the_plate_outside_of_the_matte(
    count, size, aspect, zone, channels, limits
):
    generator = Strict(channels, **limits)
    plan, got = shot_on(generator, size, count, aspect=aspect, zone=zone)
    assert [one.frame for one in got] == list(range(1001, 1001 + count))
    for one in got:
        before, soft = plate(one.frame - 924, size), ball(one.frame - 924, size)
        assert one.receipt.changed_in_protected == 0
        outside = stored(protect(soft, zone), before.windows, outside=True)
        for name, plane in before.planes.items():
            same = one.pixels.planes[name].view(f"u{plane.dtype.itemsize}") == plane.view(
                f"u{plane.dtype.itemsize}"
            )
            assert same[outside].all(), name
        if plan.shooting is None or plan.shooting.framing.exact:
            assert one.receipt.changed_inside == 0  # an echo comes back to the bit


def test_a_large_plate_is_cropped_to_what_may_change_with_a_quarter_of_context():
    def still(_, size):
        soft = np.zeros(size[::-1], np.float32)
        soft[30:50, 100:140] = 1
        return soft

    class Bright(Strict):
        def made(self, seen, number):
            return seen + 1000

    generator = Bright(most_pixels=80 * 48, size_multiple=16, frame_rule=(4, 1))
    plan, got = shot_on(generator, (401, 203), 3, mattes=still)
    framing = plan.shooting.framing
    assert framing.box == (88, 24, 64, 32)  # 60 x 30 with context, grown to the multiple
    assert framing.exact
    assert [len(run.frames) for run in generator.runs] == [5]
    for one in got:
        assert one.receipt.changed_inside == 20 * 40
        assert one.receipt.changed_in_protected == 0


def test_what_is_too_large_even_when_cropped_is_shot_smaller_and_changes_only_inside():
    def half(_, size):
        soft = np.zeros(size[::-1], np.float32)
        soft[:, : size[0] // 2] = 1
        return soft

    plan, got = shot_on(Strict(most_pixels=32 * 32), (120, 80), 2, mattes=half)
    assert plan.shooting.framing.picture[0] < 90
    assert not plan.shooting.framing.exact
    assert all(one.receipt.changed_in_protected == 0 for one in got)
    assert all(one.receipt.changed_inside > 4000 for one in got)


def test_a_squeezed_plate_is_seen_in_square_pixels_and_comes_back_squeezed():
    generator = Strict(pixel_shape=PixelShape.square, size_multiple=8)
    plan, elements = asked(generator, (30, 20), 2, aspect=2, work=Work.insert)
    assert (plan.shooting.framing.width, plan.shooting.framing.height) == (64, 24)
    got = list(deliver(Fitted(generator), plan, elements, 1, Still()))
    assert got[-1].pixels.shape == (20, 30, 3)
    assert shot_by(plan, Strict().about, Seen(Fraction(2), lambda: None)).shooting is None


def test_nothing_may_change_in_padding_and_the_plate_is_mirrored_there():
    class Looks(Strict):
        def run(self, plan, elements, seed, watch):
            shown, soft = elements.one(Role.plate), elements.one(Role.matte)
            first = shown.frame(shown.frames.first)
            assert np.array_equal(first[:, 10:], first[:, 9:3:-1])
            assert soft.frame(soft.frames.first)[:, :10].all()
            assert not soft.frame(soft.frames.first)[:, 10:].any()
            assert elements.one(Role.reference).frame(5).shape == (8, 9, 3)
            yield from super().run(plan, elements, seed, watch)

    full = lambda _, size: np.ones(size[::-1], np.float32)  # noqa: E731 one line says it
    shot_on(Looks(size_multiple=16), (10, 16), 1, mattes=full)


def test_a_later_run_sees_what_was_made_and_starts_on_it():
    runs = []

    class Looks(Strict):
        def run(self, plan, elements, seed, watch):
            already, first = elements.already, elements.one(Role.first)
            start = float(first.frame(first.frames.first)[0, 0, 0])
            ends = elements.one(Role.last) is not None
            runs.append((plan, already and already.frames, start, ends))
            if already:
                shown = elements.one(Role.plate)
                assert np.array_equal(
                    already.frame(plan.frames.first), shown.frame(shown.frames.first) + 3
                )
                already.frame(plan.frames.first)[:] = np.nan  # its own copy
                with pytest.raises(FramesMissing):
                    already.frame(already.frames.last + 1)
            yield from super().run(plan, elements, seed, watch)

        def made(self, seen, number):
            return seen + 3

    generator = Looks(frame_rule=(4, 1), max_frames=17)
    _, got = shot_on(generator, (12, 10), 24)
    assert all(np.isfinite(one.pixels.half()[2:-2, 3:-4]).all() for one in got)
    (one, none, start, ends), (two, made, onward, over) = runs
    assert (one.frames.first, none, ends) == (1001, None, False)
    assert start == pytest.approx(0.1)
    assert two.frames.last == 1024
    assert made == FrameRange(two.frames.first, one.frames.last, 24)
    assert onward >= 3
    assert over


def test_the_last_frame_is_held_where_the_rule_wants_more_and_the_plan_says_where_it_ends():
    class Looks(Strict):
        def run(self, plan, elements, seed, watch):
            shown = elements.one(Role.plate)
            held = [shown.frame(shown.frames.first + at) for at in (9, 10, 12)]
            assert np.array_equal(held[0], held[1])
            assert np.array_equal(held[0], held[2])
            (run,) = plan.shooting.runs
            assert (run.last, run.held, plan.frames.last) == (1010, 3, 1013)
            yield from super().run(plan, elements, seed, watch)

    assert len(shot_on(Looks(frame_rule=(4, 1)), (12, 10), 10)[1]) == 10


class Says(Strict):
    """Does wrong in its second run."""

    def __init__(self, wrong):
        super().__init__(frame_rule=(4, 1), max_frames=17, size_multiple=8)
        self._wrong = wrong

    def run(self, plan, elements, seed, watch):
        said = super().run(plan, elements, seed, watch)
        yield from said if plan.frames.first == 1001 else self._wrong(list(said))


def pixels(change):
    def wrong(said):
        for one in said:
            yield replace(one, pixels=change(one.pixels)) if isinstance(one, Developed) else one

    return wrong


WRONG = {
    "short": lambda said: said[:-1],
    "long": lambda said: [*said, replace(said[-1], frame=said[-1].frame + 1)],
    "size": pixels(lambda p: p[:-1]),
    "the size of the delivery": pixels(lambda p: p[:20, :30]),
    "channels": pixels(lambda p: np.dstack((p, p[..., :1]))),
    "twice": lambda said: said + said,
    "numbers of the delivery": lambda said: (
        replace(one, frame=one.frame - 9) for one in said if isinstance(one, Developed)
    ),
    "text": lambda said: ["a frame"],
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_run_that_goes_wrong_is_refused_as_any_delivery_is(kind):
    with pytest.raises(BrokenFrames) as caught:
        shot_on(Says(WRONG[kind]), (30, 20), 30)
    assert caught.value.hint


UGLY = {
    "NaN": lambda p: np.full_like(p, np.nan),
    "infinity": lambda p: np.full_like(p, np.inf),
    "huge": lambda p: np.full_like(p, -3e38),
}


@pytest.mark.parametrize("limits", [{}, {"most_pixels": 16 * 16}])
@pytest.mark.parametrize("kind", UGLY)
def test_what_is_no_number_in_a_run_never_leaves_the_matte(kind, limits):
    generator = Says(lambda said: (
        replace(one, confidence="sure") if isinstance(one, Developed) else one
        for one in pixels(UGLY[kind])(said)
    ))  # fmt: skip
    generator.about = replace(generator.about, **limits)
    _, got = shot_on(generator, (30, 20), 30)
    assert len(got) == 30
    assert all(one.receipt.changed_in_protected == 0 for one in got)
    assert sum(one.receipt.nan_pixels + one.receipt.clipped_pixels for one in got) > 0
    assert not any(np.isnan(one.pixels.half()[2:-2, 3:-4]).any() for one in got)
    assert all(one.confidence is None for one in got)


def test_words_of_progress_and_previews_come_through_a_run():
    class Talks(Strict):
        def run(self, plan, elements, seed, watch):
            yield Progress(0.5, "thinking")
            yield from super().run(plan, elements, seed, watch)

    generator = Talks(max_frames=17, size_multiple=16)
    plan, elements = asked(generator, (30, 20), 30, work=Work.insert)
    said = list(deliver(Fitted(generator), plan, elements, 1, Still()))
    assert [one.done for one in said if isinstance(one, Progress)] == [0.25, 0.75]
    previews = [one for one in said if isinstance(one, Preview)]
    assert {one.pixels.shape for one in previews} == {(20, 30, 3)}


def test_the_generator_is_closed_when_the_take_is_stopped_in_a_run():
    closed = []

    class Careful(Strict):
        def run(self, plan, elements, seed, watch):
            try:
                yield from super().run(plan, elements, seed, watch)
            finally:
                closed.append(plan.frames.first)

    generator = Careful(frame_rule=(4, 1), max_frames=17)
    plan, elements = asked(generator, (12, 10), 40, work=Work.insert)
    said = deliver(Fitted(generator), plan, elements, 1, Still())
    next(one for one in said if isinstance(one, Delivered))
    said.close()
    assert closed == [1001]


def test_a_generator_with_limits_passes_the_suite_we_ship():
    class Grey(Strict):
        def run(self, plan, elements, seed, watch):
            self._check(plan)
            for number in plan.frames:
                watch.check()
                yield Developed(number, np.full((plan.height, plan.width, 3), 0.18, np.float32))

    comply_generator(Grey(frame_rule=(8, 1), max_frames=9, size_multiple=16, most_pixels=96 * 96))
