"""A plate shot by generators that mean it badly: refused, or bit for bit the plate outside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from secondunit.colour import Colour, code_space
from secondunit.contract.geometry import displayed, stored
from secondunit.contract.matte import MatteSource, protect
from secondunit.contract.plate import Plated, Under, deliver_plate
from secondunit.hookspecs import Developed, GeneratorAbout, Preview, Progress
from secondunit.media.open import open_footage
from secondunit.media.plates import PlateFrame, read_plate
from secondunit.media.stills import Windows
from secondunit.testing import Still, ask
from secondunit_bridge.errors import BrokenFrames, TurnoverRejected
from secondunit_bridge.film import Media, Work
from secondunit_bridge.timing import FrameRange

SIZE = (48, 32)
BOX = (0, 0, *SIZE)
OVERSCAN = (-4, -2, 56, 36)


class Says:
    about = GeneratorAbout("says", "1", "What it is told.", (Work.insert,))

    def __init__(self, words):
        self.words = words

    def plan(self, plan, elements):
        return plan

    def run(self, plan, elements, seed, watch):
        yield from self.words(plan)


def plate(number: int, windows=None) -> PlateFrame:
    """Every kind of half float: NaN payloads, infinities, negative zeros; ids of 32 bits."""
    rng = np.random.default_rng(number)
    windows = windows or Windows(OVERSCAN, BOX)
    shape = windows.data[3], windows.data[2]
    halves = rng.integers(0, 65536, (5, *shape), np.uint16).view(np.float16)
    planes = dict(zip(("R", "G", "B", "A", "Z"), halves, strict=True))
    planes["id"] = rng.integers(0, 2**32, shape, np.uint32)
    return PlateFrame(planes, windows, "ACEScg")


def matte(_: int) -> np.ndarray:
    soft = np.zeros(SIZE[::-1], np.float32)
    soft[8:20, 10:30] = 0.5
    soft[10:18, 12:28] = 1
    return soft


def shot(words, *, zone: int = 2, plates=plate, mattes=matte, decode=None):
    given = ask(Says(words), frames=2, size=SIZE)
    under = Under(plates, mattes, zone, decode)
    said = deliver_plate(given.generator, given.plan, given.elements, 0, Still(), under)
    return [one for one in said if isinstance(one, Plated)]


def frames(plan, value=0.5, channels=3, **changed):
    shape = (plan.height, plan.width, channels)
    for number in plan.frames:
        yield Developed(number, np.full(shape, value, np.float32), **changed)


def noise(plan):
    rng = np.random.default_rng(9)
    for number in plan.frames:
        bits = rng.integers(0, 2**32, (plan.height, plan.width, 4), np.uint32)
        yield Progress(float("nan"), "x" * 9000)
        yield Preview(number, bits.view(np.float32))
        yield Developed(number, bits.view(np.float32), confidence=float("nan"))


UGLY = {
    "NaN": lambda plan: frames(plan, np.nan),
    "infinity": lambda plan: frames(plan, np.inf),
    "minus infinity": lambda plan: frames(plan, -np.inf, 4),
    "huge": lambda plan: frames(plan, 3e38),
    "negative alpha": lambda plan: frames(plan, -1, 4),
    "alpha of NaN": lambda plan: frames(plan, np.nan, 4),
    "changed everywhere": lambda plan: frames(plan, 7, 4),
    "opacity of NaN": lambda plan: frames(plan, 7, 4, opacity=np.full(SIZE[::-1], np.nan, "f4")),
    "noise of all bits": noise,
}


@pytest.mark.parametrize("how", ["as it is", "through a code space"])
@pytest.mark.parametrize("kind", UGLY)
def test_whatever_is_in_the_frames_the_plate_outside_is_bit_for_bit_the_plate(kind, how):
    decode = None
    if how != "as it is":
        sample = [np.full((4, 4, 3), 0.3, np.float32)]
        decode = code_space("shoulder-srgb", Colour(environ={}), "ACEScg", sample).decode
    got = shot(UGLY[kind], decode=decode)
    assert [one.frame for one in got] == list(range(1001, 1001 + len(got)))
    for one in got:
        before = plate(one.frame)
        outside = stored(protect(matte(0), 2), before.windows, outside=True)
        assert np.array_equal(outside, one.protected)
        for name, plane in before.planes.items():
            bits = f"u{plane.dtype.itemsize}"
            same = one.pixels.planes[name].view(bits) == plane.copy().view(bits)
            assert same[outside].all(), name
            assert name in "RGBA" or same.all(), name
        assert one.receipt.changed_in_protected == 0
        assert one.receipt.max_difference_in_protected == 0
        assert one.confidence is None
        inside = ~outside & (one.pixels.planes["R"].view("u2") != before.planes["R"].view("u2"))
        assert np.isfinite(one.pixels.planes["R"][inside]).all()


def test_a_finished_picture_brings_its_own_opacity_to_where_the_plate_lies():
    clear = np.full(SIZE[::-1], 0.25, np.float32)
    for one in shot(lambda plan: frames(plan, opacity=clear)):
        inside = stored(matte(0), one.pixels.windows) == 1
        assert (one.pixels.planes["A"][inside] == 0.25).all()
    for one in shot(frames):
        assert (one.pixels.planes["A"][inside] == 1).all()


WRONG = {
    "too few": lambda plan: list(frames(plan))[:-1],
    "too many": lambda plan: [*frames(plan), *frames(plan)],
    "none": lambda plan: [],
    "backwards": lambda plan: list(frames(plan))[::-1],
    "size": lambda plan: (replace(f, pixels=f.pixels[1:]) for f in frames(plan)),
    "channels": lambda plan: (replace(f, pixels=f.pixels[..., :2]) for f in frames(plan)),
    "doubles": lambda plan: (replace(f, pixels=f.pixels.astype(float)) for f in frames(plan)),
    "opacity": lambda plan: frames(plan, opacity=np.ones((3, 3), np.float32)),
    "opacity of doubles": lambda plan: frames(plan, opacity=np.ones(SIZE[::-1])),
}


@pytest.mark.parametrize("kind", WRONG)
def test_frames_of_another_number_size_or_kind_are_refused(kind):
    with pytest.raises(BrokenFrames) as caught:
        shot(WRONG[kind])
    assert caught.value.hint


def test_a_good_generator_changes_what_the_matte_lets_go_and_the_receipt_says_how_much():
    got = shot(lambda plan: frames(plan, 0.25, confidence=0.9))
    for one in got:
        assert (displayed(one.pixels.planes["R"], one.pixels.windows)[10:18, 12:28] == 0.25).all()
        assert one.receipt.matte_pixels == 12 * 20
        assert one.receipt.changed_inside <= 12 * 20
        assert one.receipt.changed_inside > 230
        assert one.receipt.nan_pixels == 0
        assert one.confidence == 0.9
    assert shot(UGLY["NaN"])[0].receipt.nan_pixels == 12 * 20
    assert shot(UGLY["huge"])[0].receipt.clipped_pixels == 12 * 20


def test_a_generators_own_alpha_may_reach_into_the_edge_zone_and_no_further():
    def clean(number):
        zeros = np.zeros(SIZE[::-1], np.float16)
        return PlateFrame({name: zeros for name in "RGB"}, Windows(BOX, BOX))

    one = shot(lambda plan: frames(plan, 1.0, 4), plates=clean, zone=3)[0]
    assert one.receipt.changed_inside == (~protect(matte(0), 3)).sum()
    assert one.receipt.changed_in_protected == 0


def test_a_matte_or_plan_of_another_size_than_the_plate_is_refused():
    with pytest.raises(TurnoverRejected, match="matte is 48x31"):
        shot(frames, mattes=lambda number: matte(number)[1:])
    small = Windows((0, 0, 40, 30), (0, 0, 40, 30))
    with pytest.raises(TurnoverRejected, match="the plate is 40x30"):
        shot(frames, plates=lambda number: plate(number, small))


def test_every_channel_of_the_beach_ball_outside_its_own_bar_is_the_plates(data: Path):
    pattern = data / "exr" / "plates" / "beachball.%04d.exr"
    media = Media(FrameRange(1, 4, 24), str(pattern), channels=(), space="ACEScg")
    given = ask(Says(lambda plan: frames(plan, 0.1)), frames=1, size=(2048, 1556))
    assert len(given.plan.frames) >= 4
    plan = replace(given.plan, frames=FrameRange(1001, 1004, given.plan.frames.rate))
    with open_footage(media) as footage:
        source = MatteSource.channel(footage, "whitebarmask.right.mask")
        under = Under(
            lambda number: read_plate(Path(str(pattern) % (number - 1000))),
            lambda number: source.soft(number - 1000),
            4,
        )
        said = deliver_plate(given.generator, plan, given.elements, 0, Still(), under)
        got = [one for one in said if isinstance(one, Plated)]
    assert len(got) == 4
    for one in got:
        before = read_plate(Path(str(pattern) % (one.frame - 1000)))
        assert one.receipt.changed_inside > 1000
        assert one.receipt.changed_in_protected == 0
        for name in before.channels:
            now = displayed(one.pixels.planes[name], one.pixels.windows).view("u2")
            then = displayed(before.planes[name], before.windows).view("u2")
            outside = displayed(one.protected, one.pixels.windows)
            inside_the_data = displayed(np.ones_like(one.protected), one.pixels.windows)
            assert ((now == then) | (inside_the_data & ~outside)).all(), name


@pytest.mark.parametrize("space", ["linear", "acescct-fit"])
@pytest.mark.parametrize("name", ["Desk", "MtTamWest", "CandleGlass"])
def test_a_generator_that_changes_nothing_gives_a_real_plate_back_to_the_bit(name, space, data):
    whole = read_plate(data / "exr" / "plates" / f"{name}.exr")
    opaque = {**whole.planes, "A": np.ones_like(whole.planes["A"])}
    before = replace(whole, planes=opaque)
    light = before.half()[..., :3].astype(np.float32)
    code = code_space(space, Colour(environ={}), "ACEScg", [light])
    height, width = light.shape[:2]
    soft = np.zeros((height, width), np.float32)
    soft[height // 4 : -height // 4, width // 4 : -width // 4] = 1
    given = ask(
        Says(lambda plan: (Developed(n, code.encode(light)) for n in plan.frames)),
        frames=1,
        size=(width, height),
    )
    under = Under(lambda _: before, lambda _: soft, 8, code.decode)
    plan = replace(given.plan, frames=FrameRange(1001, 1001, 24))
    got = list(deliver_plate(given.generator, plan, given.elements, 0, Still(), under))
    assert np.array_equal(got[0].pixels.half(), before.half())
    assert got[0].receipt.changed_in_protected == 0
