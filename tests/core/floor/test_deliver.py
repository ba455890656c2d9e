from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from secondunit.contract import Delivered, deliver
from secondunit.hookspecs import Developed, GeneratorAbout, Preview, Progress
from secondunit.testing import Still, ask
from secondunit_bridge.errors import BrokenFrames, Cancelled, TurnoverRejected
from secondunit_bridge.film import Role, Work

GREY = 0.18


class Says:
    """A generator that says what it is told to: ``words(plan, elements)`` gives them."""

    about = GeneratorAbout("says", "1", "What it is told.", (Work.insert,))

    def __init__(self, words):
        self.words, self.closed = words, False

    def plan(self, plan, elements):
        return plan

    def run(self, plan, elements, seed, watch):
        try:
            yield from self.words(plan, elements)
        finally:
            self.closed = True


def grey(plan, value=GREY, channels=3, dtype=np.float32):
    return np.full((plan.height, plan.width, channels), value, dtype)


def frames(plan, **changed):
    return [Developed(number, grey(plan, **changed)) for number in plan.frames]


def shoot(words, **asked):
    given = ask(Says(words), frames=4, size=(16, 9), **asked)
    return list(deliver(given.generator, given.plan, given.elements, 0, Still()))


def delivered(words, **asked):
    return [word for word in shoot(words, **asked) if isinstance(word, Delivered)]


def test_good_frames_come_out_as_half_in_order_and_read_only():
    got = delivered(lambda plan, _: frames(plan))
    assert [one.frame for one in got] == list(range(1001, 1010))
    for one in got:
        assert one.pixels.dtype == np.float16
        assert one.channels == ("R", "G", "B")
        assert (one.pixels == np.float16(GREY)).all()
        assert not one.pixels.flags.writeable


def _with(index, change):
    def words(plan, _):
        said = frames(plan)
        said[index] = change(plan, said[index])
        return said

    return words


WRONG = {
    "too few": (lambda plan, _: frames(plan)[:-1], "ended after 8 of 9 frames; frame 1009"),
    "none": (lambda plan, _: [], "ended after 0 of 9"),
    "too many": (lambda plan, _: [*frames(plan), Developed(1010, grey(plan))], "more than the 9"),
    "twice": (lambda plan, _: [frames(plan)[0]] * 9, "gave frame 1001 where frame 1002"),
    "backwards": (lambda plan, _: frames(plan)[::-1], "gave frame 1009 where frame 1001"),
    "number of text": (_with(2, lambda p, f: replace(f, frame="1003")), "where frame 1003 was due"),
    "number of truth": (_with(0, lambda p, f: replace(f, frame=True)), "where frame 1001 was due"),
    "size": (_with(3, lambda p, f: replace(f, pixels=f.pixels[:-1])), "frame 1004 in the shape"),
    "flat": (_with(3, lambda p, f: replace(f, pixels=f.pixels[..., 0])), "frame 1004 in the shape"),
    "one channel": (_with(3, lambda p, f: replace(f, pixels=f.pixels[..., :1])), "in the shape"),
    "alpha half way": (_with(3, lambda p, f: replace(f, pixels=grey(p, 1, 4))), "with 4 channels"),
    "double": (lambda plan, _: frames(plan, dtype=np.float64), "frame 1001 as float64"),
    "bytes": (lambda plan, _: frames(plan, dtype=np.uint8), "frame 1001 as uint8"),
    "no array": (_with(1, lambda p, f: replace(f, pixels=f.pixels.tolist())), "1002 as list"),
    "nothing": (_with(1, lambda p, f: replace(f, pixels=None)), "frame 1002 as NoneType"),
    "another word": (lambda plan, _: ["hello"], "said str"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_frames_of_the_wrong_kind_end_the_take_and_name_the_frame(kind):
    words, says = WRONG[kind]
    with pytest.raises(BrokenFrames, match=says) as caught:
        shoot(words)
    assert caught.value.hint


def test_what_was_right_before_the_fault_is_untouched_by_it():
    words, _ = WRONG["size"]
    given = ask(Says(words), frames=4, size=(16, 9))
    got, running = [], deliver(given.generator, given.plan, given.elements, 0, Still())
    with pytest.raises(BrokenFrames):
        got.extend(running)
    assert [one.frame for one in got] == [1001, 1002, 1003]
    assert all((one.pixels == np.float16(GREY)).all() for one in got)
    assert given.generator.closed


def test_an_endless_generator_is_stopped_at_the_first_frame_too_many():
    def endless(plan, _):
        for number in itertools.count(plan.frames.first):
            yield Developed(number, grey(plan))

    with pytest.raises(BrokenFrames, match="more than"):
        shoot(endless)


def test_a_generator_that_only_talks_is_stopped():
    with pytest.raises(BrokenFrames, match="words of progress"):
        for _ in _talking():
            pass


def _talking():
    given = ask(Says(lambda plan, _: itertools.repeat(Progress(0.5))), frames=1, size=(4, 4))
    return deliver(given.generator, given.plan, given.elements, 0, Still())


def test_values_that_no_delivery_may_hold_are_replaced_and_counted():
    def hostile(plan, _):
        for number in plan.frames:
            pixels = grey(plan)
            pixels[0, :5] = np.nan
            pixels[1, :3] = np.inf
            pixels[1, 3:4] = -np.inf
            pixels[2, :2] = 1e6
            pixels[3, :7, 0] = -0.5
            yield Developed(number, pixels)

    for one in delivered(hostile):
        assert np.isfinite(one.pixels).all()
        assert np.abs(one.pixels).max() <= 65504
        assert (one.pixels[0, :5] == 0).all()
        assert (one.pixels[1, :3] == 65504).all()
        assert one.counted.nan == 5
        assert one.counted.clipped == 6
        assert one.counted.negative >= 7


def test_noise_of_any_size_is_kept_within_half_float():
    rng = np.random.default_rng(3)

    def noise(plan, _):
        for number in plan.frames:
            bits = rng.integers(0, 2**32, (plan.height, plan.width, 3), np.uint32)
            yield Developed(number, bits.view(np.float32))

    for one in delivered(noise):
        assert np.isfinite(one.pixels).all()


def test_a_generator_that_writes_over_its_own_buffer_does_not_change_what_was_delivered():
    def reusing(plan, _):
        buffer = grey(plan)
        for number in plan.frames:
            buffer[:] = number / 1001
            yield Developed(number, buffer)
            buffer[:] = 9.0

    for one in delivered(reusing):
        assert (one.pixels == np.float16(one.frame / 1001)).all()


def test_a_generator_that_writes_into_its_elements_harms_no_other_reader():
    class Vandal(Says):
        about = replace(Says.about, ports=())

    def vandal(plan, elements):
        for number in plan.frames:
            source = elements.one(Role.before).frame(1)
            source[:] = -1.0
            yield Developed(number, grey(plan))

    from secondunit.testing import Reel, scene

    clean = scene()
    kept = clean.frame(1)
    kept.flags.writeable = False
    shared = Reel(clean.frames, clean.width, clean.height, lambda number: kept)
    given = ask(Vandal(vandal), frames=4, size=(16, 9), footage={Role.before: shared})
    list(deliver(given.generator, given.plan, given.elements, 0, Still()))
    assert (given.elements.one(Role.before).frame(1) >= 0).all()


class Odd(Exception):
    def __str__(self):
        raise ValueError("even its text raises")


@pytest.mark.parametrize("error", [Odd, RecursionError, MemoryError, StopAsyncIteration])
def test_an_odd_exception_comes_through_and_the_generator_is_closed(error):
    def raising(plan, _):
        yield frames(plan)[0]
        raise error()

    given = ask(Says(raising), frames=4, size=(16, 9))
    got = []
    with pytest.raises(error):
        got.extend(deliver(given.generator, given.plan, given.elements, 0, Still()))
    assert [one.frame for one in got] == [1001]
    assert given.generator.closed


def test_a_person_stops_a_generator_that_never_asks():
    given = ask(Says(lambda plan, _: frames(plan)), frames=4, size=(16, 9))
    got = []
    with pytest.raises(Cancelled):
        got.extend(deliver(given.generator, given.plan, given.elements, 0, Still(stop_at=3)))
    assert len(got) == 2
    assert given.generator.closed


def test_who_stops_listening_closes_the_generator():
    given = ask(Says(lambda plan, _: frames(plan)), frames=4, size=(16, 9))
    running = deliver(given.generator, given.plan, given.elements, 0, Still())
    next(running)
    running.close()
    assert given.generator.closed


def test_run_that_gives_no_iterator_is_said_plainly():
    class Wrong(Says):
        def run(self, plan, elements, seed, watch):
            return None

    given = ask(Wrong(None), frames=1, size=(4, 4))
    with pytest.raises(BrokenFrames, match="run gave NoneType"):
        list(deliver(given.generator, given.plan, given.elements, 0, Still()))


def test_a_plan_with_refusals_is_not_shot():
    given = ask(Says(lambda plan, _: frames(plan)), frames=1, size=(4, 4))
    plan = replace(given.plan, refusals=("The source is too short.",))
    with pytest.raises(TurnoverRejected, match="too short"):
        list(deliver(given.generator, plan, given.elements, 0, Still()))


def test_progress_and_previews_are_made_safe_and_bad_previews_are_lost():
    def chatty(plan, _):
        yield Progress(float("nan"), "x" * 5000)
        yield Progress(7.0, "much")
        yield Preview(1001, np.full((2, 2, 3), np.nan, np.float32))
        yield Preview(1001, np.zeros((2, 2), np.float32))
        yield Preview(5, np.zeros((2, 2, 3), np.float32))
        yield from frames(plan)

    said = [word for word in shoot(chatty) if not isinstance(word, Delivered)]
    assert [word.done for word in said if isinstance(word, Progress)] == [0.0, 1.0]
    assert all(len(word.says) <= 200 for word in said if isinstance(word, Progress))
    previews = [word for word in said if isinstance(word, Preview)]
    assert len(previews) == 1
    assert np.isfinite(previews[0].pixels).all()


@pytest.mark.parametrize(
    ("given", "kept"),
    [(0.5, 0.5), (7, 1.0), (-1, 0.0), (float("nan"), None), ("high", None), (True, None)],
)
def test_confidence_is_a_share_or_nothing(given, kept):
    def sure(plan, _):
        return [replace(frame, confidence=given) for frame in frames(plan)]

    assert delivered(sure)[0].confidence == kept


def test_alpha_leaves_associated_and_is_not_touched():
    def see_through(plan, _):
        for frame in frames(plan, value=0.5, channels=4):
            frame.pixels[..., 3] = 0.25
            yield frame

    for one in delivered(see_through):
        assert one.channels == ("R", "G", "B", "A")
        assert (one.pixels[..., :3] == np.float16(0.125)).all()
        assert (one.pixels[..., 3] == np.float16(0.25)).all()


def test_a_code_space_is_converted_back_and_alpha_stays_out_of_it():
    given = ask(Says(lambda plan, _: frames(plan, value=1.0, channels=4)), frames=1, size=(4, 4))
    said = deliver(
        given.generator, given.plan, given.elements, 0, Still(), convert=lambda rgb: rgb * 0.5
    )
    for one in said:
        assert (one.pixels[..., :3] == 0.5).all()
        assert (one.pixels[..., 3] == 1.0).all()
