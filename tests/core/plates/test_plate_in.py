"""A reference put into a plate, against pictures whose truth is known, and into real material."""

from __future__ import annotations

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from secondunit.colour import Colour
from secondunit.contract.matte import merge, protect
from secondunit.generators.emulsion import Field
from secondunit.generators.matching import REACH_COLOUR, match, tone
from secondunit.generators.octaves import bands_of, measured, missing
from secondunit.generators.placing import Lens, placed
from secondunit.generators.plate_in import PlateIn
from secondunit.hookspecs import Developed
from secondunit.media.stills import read_still
from secondunit.testing.material import Reel, Still, ask
from secondunit_bridge.errors import FieldError, MatteMissing, NeedsModel, RateMismatch
from secondunit_bridge.film import Role
from secondunit_bridge.timing import FrameRange, Handles

RATE = Fraction(24)
NOTHING = 1 / 1024  # of a matte: the contract takes less for nothing
PLAIN = {"match": 0.0, "wrap": 0.0, "grain": 0.0, "follow": "off"}
WIDE, HIGH = 320, 180


def soft_texture(seed: int, width: int = WIDE, height: int = HIGH, sigma: float = 3.0):
    noise = np.random.default_rng(seed).random((height, width, 3), np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), sigma)
    return (soft - soft.min()) / (soft.max() - soft.min())


def grainy(deviation: float, softness: float, seed: int, level: float = 0.2):
    noise = np.random.default_rng(seed).standard_normal((HIGH * 2, WIDE * 2, 3), np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), softness)
    mixed = soft @ np.array([[0.8, 0.3, 0.3], [0.3, 0.8, 0.3], [0.3, 0.3, 0.8]], np.float32)
    return (level + deviation * mixed / mixed.std()).astype(np.float32)


def disc(width: int = WIDE, height: int = HIGH, *, at=(160, 90), radius=50, blur=3.0):
    matte = np.zeros((height, width), np.float32)
    cv2.circle(matte, at, radius, 1.0, -1)
    return cv2.GaussianBlur(matte, (0, 0), blur) if blur else matte


def reel(made, count: int = 1, channels=("R", "G", "B")) -> Reel:
    """Footage of a picture that is held, or of ``made(index)``."""

    def frame(number):
        picture = made(number - 1) if callable(made) else made
        return np.array(picture if picture.ndim == 3 else picture[..., None], np.float32)

    height, width = frame(1).shape[:2]
    return Reel(FrameRange(1, count, RATE), width, height, frame, channels)


def given(plate: Reel, matte, reference, count: int = 1, **options):
    mattes = matte if isinstance(matte, Reel) else reel(matte, count, ("A",))
    pictures = reference if isinstance(reference, Reel) else reel(reference)
    return ask(
        PlateIn(), frames=count, handles=Handles(0, 0), size=(plate.width, plate.height),
        options=options, footage={Role.plate: plate, Role.matte: mattes, Role.reference: pictures},
    )  # fmt: skip


def shot(plate, matte, reference, count: int = 1, seed: int = 1, **options) -> list[Developed]:
    plate = plate if isinstance(plate, Reel) else reel(plate, count)
    one = given(plate, matte, reference, count, **options)
    assert not one.plan.refusals
    said = PlateIn().run(one.plan, one.elements, seed, Still())
    return [word for word in said if isinstance(word, Developed)]


def refused(plate, matte, reference, count: int = 1, **options) -> str:
    return " ".join(given(reel(plate, count), matte, reference, count, **options).plan.refusals)


class Mixed:
    """A foreground before a green screen, with the truth of what should come back."""

    def __init__(self, blur: float) -> None:
        self.soft = disc(blur=blur)
        part = self.soft[..., None]
        self.foreground = 0.1 + 0.5 * soft_texture(1) * np.array([1.0, 0.7, 0.5], np.float32)
        green = np.array([0.05, 0.7, 0.1], np.float32) * (0.9 + 0.2 * soft_texture(2, sigma=20.0))
        self.reference = 0.05 + 0.6 * soft_texture(3, sigma=6.0)
        self.plate = self.foreground * (1 - part) + green * part
        self.naive = self.plate * (1 - part) + self.reference * part
        self.truth = self.foreground * (1 - part) + self.reference * part

    def errors(self, matte) -> tuple[float, float]:
        """Mean error at the edge: of the naive comp, and ours."""
        made = shot(self.plate, matte, self.reference, fit="region", region="0,0,1,1", **PLAIN)
        edge = (self.soft > 0.02) & (self.soft < 0.98)
        ours = made[0].pixels[..., :3]
        return tuple(float(np.abs(of - self.truth)[edge].mean()) for of in (self.naive, ours))


@pytest.mark.parametrize("blur", [0.8, 2.0, 5.0])
def test_the_colour_of_an_edge_is_that_of_the_foreground_and_not_of_the_old_background(blur):
    mixed = Mixed(blur)
    naive, ours = mixed.errors(mixed.soft)
    assert naive > 0.03
    assert ours < 0.15 * naive


def test_a_matte_that_is_not_exact_still_gives_a_better_edge_than_a_naive_comp():
    mixed = Mixed(2.0)
    moved = np.roll(cv2.GaussianBlur(mixed.soft, (0, 0), 1.0), 1, axis=1)
    naive, ours = mixed.errors(moved)
    assert ours < 0.6 * naive


def test_light_wraps_round_the_edge_within_the_zone_and_nowhere_else():
    plate = np.full((HIGH, WIDE, 3), 0.2, np.float32)
    bright = np.full((HIGH, WIDE, 3), 4.0, np.float32)
    matte = disc(blur=1.0)
    options = {"region": "0,0,1,1", **PLAIN, "edge_zone": 10}
    bare = shot(plate, matte, bright, **options)[0].pixels
    lit = shot(plate, matte, bright, **{**options, "wrap": 0.5})[0].pixels
    outside = protect(matte, 10)
    assert (lit[..., 3][outside] == 0).all()
    assert (lit[..., :3][outside] == 0.2).all()
    rim = (~outside) & (matte < 1e-3)
    added = (lit - bare)[..., :3][rim]
    assert added.max() > 0.03
    assert added.min() >= 0
    assert added.max() <= 0.5 * 0.2 + 1e-5  # never more than the share of the foreground's own


def test_a_dark_edge_stays_dark():
    matte, bright = disc(blur=1.0), np.full((HIGH, WIDE, 3), 4.0, np.float32)
    dark = np.full((HIGH, WIDE, 3), 0.004, np.float32)
    made = shot(dark, matte, bright, region="0,0,1,1", **{**PLAIN, "wrap": 1.0})[0].pixels
    assert made[..., :3][matte < NOTHING].max() <= 0.008 + 1e-5


@pytest.mark.parametrize("share", [0.0, 0.35, 1.0])
def test_the_match_moves_the_mean_of_the_reference_by_the_share_that_was_asked(share):
    plate = 0.02 + 0.3 * soft_texture(1)
    reference = (0.2 + 1.5 * soft_texture(2)) * np.array([1.1, 1.0, 0.95], np.float32)
    ours, theirs = (tone([of.reshape(-1, 3)]) for of in (reference, plate))
    moved = match(ours, theirs, share).on(reference.copy())
    after = tone([moved.reshape(-1, 3)])
    wanted = ours.mean + share * (theirs.mean - ours.mean)
    assert np.abs(after.mean - wanted).max() < 0.05


def test_a_strongly_coloured_plate_does_not_stain_the_reference():
    red = (0.02 + 0.3 * soft_texture(1)) * np.array([1.0, 0.02, 0.02], np.float32)
    reference = 0.2 + 1.5 * soft_texture(2)
    ours, theirs = (tone([of.reshape(-1, 3)]) for of in (reference, red))
    shift = np.array(match(ours, theirs, 1.0).shift)
    assert shift.max() - shift.min() <= 2 * REACH_COLOUR + 1e-6


@pytest.mark.some(2)
@pytest.mark.parametrize("softness", [0.4, 0.7, 1.0])
def test_the_grain_of_the_picture_put_in_has_the_plates_energy_in_every_octave(softness):
    plate = grainy(0.01, softness, 5)
    size = (plate.shape[1], plate.shape[0])
    matte = disc(*size, at=(320, 180), radius=150, blur=1.0)
    clean = np.full_like(plate, 0.2)
    made = shot(plate, matte, clean, region="0,0,1,1", **{**PLAIN, "grain": 1.0})[0].pixels
    inside = cv2.erode((matte > 0.99).astype(np.uint8), np.ones((25, 25))) > 0
    pairs = zip(bands_of(made[..., :3] - 0.2), bands_of(plate - 0.2), strict=True)
    for band, (ours, theirs) in enumerate(pairs):
        ratio = float((ours[inside] ** 2).mean() / (theirs[~inside] ** 2).mean())
        assert 0.8 < ratio < 1.25, f"octave {band}: {ratio:.2f} of the plate's energy"
    linked = [np.corrcoef(of[inside].T)[0, 1] for of in (made[..., :3], plate)]
    assert linked[0] == pytest.approx(linked[1], abs=0.08)


def test_a_reference_that_has_the_plates_grain_already_is_given_next_to_none():
    plate, own = grainy(0.01, 0.7, 5), grainy(0.01, 0.7, 6)
    ones = [np.ones(plate.shape[:2], np.float32)]
    grey = np.full(3, 0.2, np.float32)
    lacking = missing(measured([plate], ones), measured([own], ones), grey)
    if lacking is not None:
        added = Field(lacking, 1).on(np.full_like(plate, 0.2), 0, 1.0) - 0.2
        assert added.std() < 0.35 * 0.01
    assert measured([np.full_like(plate, 0.2)], ones) is None


def test_grain_is_new_in_every_frame_and_the_same_for_the_same_seed():
    plate, matte = grainy(0.01, 0.7, 5), disc(WIDE * 2, HIGH * 2, at=(320, 180), radius=150)
    clean = np.full_like(plate, 0.2)
    options = {"region": "0,0,1,1", **PLAIN, "grain": 1.0}
    one, again = (shot(plate, matte, clean, 2, **options) for _ in range(2))
    other = shot(plate, matte, clean, 2, seed=2, **options)
    assert np.array_equal(one[1].pixels, again[1].pixels)
    inside = matte > 0.99
    for pair in ((one[0], one[1]), (one[0], other[0])):
        a, b = (of.pixels[..., 1][inside] for of in pair)
        assert abs(np.corrcoef(a, b)[0, 1]) < 0.1


class Moving:
    """A camera that pans, turns and pushes in on a wall with a window; all poses known."""

    def __init__(self, count: int = 12) -> None:
        self.count = count
        self.wall = 0.05 + 0.8 * soft_texture(4, 1000, 700, 2.0)
        self.hole = np.zeros((700, 1000), np.float32)
        self.hole[280:420, 400:600] = 1.0
        self.reference = 0.1 + soft_texture(9, 480, 360, 2.5)

    def pose(self, index: int):
        turn = cv2.getRotationMatrix2D((500, 350), 0.4 * index, 1 + 0.008 * index)
        turn[:, 2] += (-340 - 3.3 * index, -260 + 1.7 * index)
        return np.vstack([turn, [0, 0, 1]])

    def seen(self, picture, index: int):
        return cv2.warpPerspective(picture, self.pose(index), (WIDE, HIGH), flags=cv2.INTER_CUBIC)

    def plate(self, index: int):
        noise = np.random.default_rng(index).standard_normal((HIGH, WIDE, 3)) * 0.004
        return np.asarray(self.seen(self.wall, index) + noise, np.float32)

    def matte(self, index: int):
        return np.clip(self.seen(self.hole, index), 0, 1)


def test_the_reference_stays_on_its_place_within_half_a_pixel_of_a_moving_camera():
    moving = Moving()
    plate, matte = reel(moving.plate, 12), reel(moving.matte, 12, ("A",))
    box = (60.0, 20.0, 200.0, 140.0)
    region = f"{60 / WIDE},{20 / HIGH},{200 / WIDE},{140 / HIGH}"
    options = {**PLAIN, "follow": "auto", "fit": "region", "region": region}
    made = shot(plate, matte, moving.reference, 12, **options)
    base = placed("region", (480, 360), box)
    for index, one in enumerate(made):
        warp = moving.pose(index) @ np.linalg.inv(moving.pose(0)) @ base
        truth = Lens(moving.reference, 0.0).through(warp, 0, 0, WIDE, HIGH).colour
        assert one.confidence > 0.6
        assert apart(one.pixels[..., :3], truth, moving.matte(index) > 0.99) <= 0.5
    moved = np.roll(truth, 1, axis=1)
    assert apart(moved, truth, moving.matte(11) > 0.99) == pytest.approx(1.0, abs=0.1)
    held = shot(plate, matte, moving.reference, 12, **{**options, "follow": "off"})
    assert np.abs(held[11].pixels - made[11].pixels).mean() > 0.02


def apart(ours, truth, where) -> float:
    """Pixels by which two pictures are shifted within a mask, by least squares; true when small."""
    inner = cv2.erode(where.astype(np.uint8), np.ones((9, 9))) > 0
    a, b = (cv2.GaussianBlur(of.mean(axis=2), (0, 0), 2.0) for of in (ours, truth))
    down, across = (slope[inner] for slope in np.gradient(b))
    shift, *_ = np.linalg.lstsq(np.stack([across, down], 1), (b - a)[inner], rcond=None)
    return float(np.hypot(*shift))


def test_what_contain_leaves_bare_is_the_plate_itself():
    plate, matte = 0.1 + 0.3 * soft_texture(1), np.ones((HIGH, WIDE), np.float32)
    square = 0.5 + soft_texture(2, 400, 400)
    made = shot(plate, matte, square, fit="contain", region="0,0,1,1", **PLAIN)[0].pixels
    assert (made[..., 3] > 0).mean() == pytest.approx(HIGH / WIDE, abs=0.02)
    bare = made[..., 3] == 0
    assert np.array_equal(made[..., :3][bare], plate.astype(np.float32)[bare])


def test_the_confidence_says_how_much_the_reference_is_enlarged_and_covers():
    plate, matte = np.full((HIGH, WIDE, 3), 0.2, np.float32), disc(blur=1.0)
    large, small = 0.2 + soft_texture(1, 640, 360), 0.2 + soft_texture(1, 180, 101)
    sharp = shot(plate, matte, large, region="0,0,1,1", **PLAIN)[0].confidence
    soft = shot(plate, matte, small, region="0,0,1,1", **PLAIN)[0].confidence
    aside = shot(plate, matte, large, region="0,0,0.5,0.5", **PLAIN)[0].confidence
    assert sharp == pytest.approx(1.0)
    assert 0.5 < soft < 0.7
    assert aside < 0.6


def test_it_refuses_what_would_show_and_says_what_to_do():
    plate, matte = np.full((HIGH, WIDE, 3), 0.2, np.float32), disc(blur=1.0)
    tiny = 0.2 + soft_texture(1, 64, 36)
    assert "enlarged" in refused(plate, matte, tiny, region="0,0,1,1", **PLAIN)
    assert "out of focus" in refused(plate, matte, tiny, region="0,0,1,1", **PLAIN)
    assert not refused(plate, matte, tiny, region="0,0,1,1", **{**PLAIN, "blur": 4.0})
    assert "region" in refused(plate, matte, tiny, fit="region", **PLAIN)
    short = reel(lambda index: 0.2 + soft_texture(1), 3)
    assert "3 frames and 8 are needed" in refused(plate, matte, short, 8, **PLAIN)
    with pytest.raises(FieldError):
        refused(plate, matte, tiny, region="0,0,wide", **PLAIN)


def test_a_still_is_held_whatever_rate_its_file_was_counted_at():
    plate, matte = reel(0.1 + 0.3 * soft_texture(1), 4), disc(blur=1.0)
    picture = 0.2 + soft_texture(2, 640, 360)
    slow = Reel(FrameRange(1, 1, Fraction(12)), 640, 360, lambda _: picture.copy())
    assert len(shot(plate, matte, slow, 4, **PLAIN)) == 4
    running = Reel(FrameRange(1, 8, Fraction(12)), 640, 360, lambda _: picture.copy())
    with pytest.raises(RateMismatch, match="slower than the shot"):
        given(plate, matte, running, 4, **PLAIN)


def test_an_empty_matte_is_an_error_and_never_the_whole_frame():
    plate, empty = np.full((HIGH, WIDE, 3), 0.2, np.float32), np.zeros((HIGH, WIDE), np.float32)
    with pytest.raises(MatteMissing):
        shot(plate, empty, 0.2 + soft_texture(1, 640, 360), **PLAIN)


def test_a_camera_that_cannot_be_followed_is_refused_with_a_next_step():
    def unlike(index):
        return 0.05 + 0.8 * soft_texture(50 + index, sigma=2.0)

    reference = 0.2 + soft_texture(1, 640, 360)
    with pytest.raises(NeedsModel) as refusal:
        shot(reel(unlike, 8), disc(), reference, 8, **{**PLAIN, "follow": "auto"})
    assert "follow=off" in refusal.value.hint
    assert len(shot(reel(unlike, 8), disc(), reference, 8, **PLAIN)) == 8


def still(data, name: str) -> Reel:
    read = read_still(data / "exr" / "plates" / name).pixels[..., :3]
    return reel(Colour().convert(np.ascontiguousarray(read), "Linear Rec.709 (sRGB)", "ACEScg"))


def test_every_pixel_of_the_beachball_outside_the_zone_keeps_its_bits(data):
    part = (slice(300, 760), slice(640, 1240))  # the ball's upper half and what is round it
    read = [read_still(data / "exr" / "plates" / f"beachball.000{n}.exr") for n in (1, 2)]
    balls, names = [one.pixels[part] for one in read], read[0].channels

    def plate(index):
        colour, alpha = balls[index][..., :3], balls[index][..., 3:4]
        pure = np.divide(colour, alpha, out=np.zeros_like(colour), where=alpha > 0)
        return np.concatenate([pure, alpha], axis=2)

    def matte(index):
        soft = 1 - np.clip(balls[index][..., 3], 0, 1)
        return np.where(soft < NOTHING, 0, soft)

    made = shot(
        reel(plate, 2, ("R", "G", "B", "A")), reel(matte, 2, ("A",)), still(data, "MtTamWest.exr"),
        2, follow="off",
    )  # fmt: skip
    for one, ball, soft in zip(made, balls, (matte(0), matte(1)), strict=True):
        half, kept = ball.astype(np.float16), protect(soft, 12)
        after = merge(half, names, one.pixels, soft, kept)
        assert len(names) == 20
        assert kept.mean() > 0.3
        assert np.array_equal(after[kept].view(np.uint16), half[kept].view(np.uint16))
        assert np.array_equal(after[..., 4:].view(np.uint16), half[..., 4:].view(np.uint16))
        assert (after[..., :3] != half[..., :3]).any(axis=2).mean() > 0.2
        assert (after[..., 3][soft > 0.5] > 0.99).all()  # a reference is opaque


def ball(data, number: int):
    """The beachball's right edge: pixels as they are stored, and the same unpremultiplied."""
    read = read_still(data / "exr" / "plates" / f"beachball.000{number}.exr")
    covered = np.flatnonzero(read.pixels[..., 3].max(axis=0) > 0.99)
    rows = np.flatnonzero(read.pixels[..., 3].max(axis=1) > 0.99)
    right, middle = int(covered[-1]), int(rows[0] + rows[-1]) // 2
    part = np.zeros((320, 420, 4), np.float32)  # as far beyond the ball as within it
    seen = read.pixels[middle - 160 : middle + 160, right - 210 : right + 210, :4]
    part[: seen.shape[0], : seen.shape[1]] = seen
    alpha = part[..., 3:]
    straight = np.divide(part, alpha, out=part.copy(), where=alpha > 0)
    straight[..., 3:] = alpha
    return part, straight


@pytest.mark.some(3)
@pytest.mark.parametrize("wrap", [0.0, 0.4])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_alpha_goes_with_the_reference_and_not_with_the_edge_zone_round_it(data, number, wrap):
    part, straight = ball(data, number)
    rows, columns = part.shape[:2]
    matte = np.zeros((rows, columns), np.float32)
    matte[80:240, 90 : columns - 60] = 1.0  # from within the ball to beyond it
    matte = cv2.GaussianBlur(matte, (0, 0), 3.0)
    matte[matte < NOTHING] = 0
    plate = reel(straight, 1, ("R", "G", "B", "A"))
    made = shot(plate, matte, np.full((400, 400, 3), 0.5, np.float32), **{**PLAIN, "wrap": wrap})[0]
    half = part.astype(np.float16)
    after = merge(half, tuple("RGBA"), made.pixels, matte, protect(matte, 12), made.opacity)
    zone = (matte == 0) & ~protect(matte, 12)
    clear = zone & (part[..., 3] == 0)
    assert clear.sum() > 1000
    assert (zone & (part[..., 3] == 1)).sum() > 1000
    assert np.array_equal(after[zone][:, 3], half[zone][:, 3])
    assert (after[clear] == 0).all()  # no light where there is nothing it could fall on
    assert (after[..., 3][matte > 0.99] > 0.99).all()
    beyond = (matte > 0) & (matte < 0.98) & (cv2.dilate(part[..., 3], np.ones((41, 41))) == 0)
    assert beyond.sum() > 500
    light, cover = after[beyond][:, :3].astype(np.float32), after[beyond][:, 3:].astype(np.float32)
    assert np.abs(light - 0.5 * cover).max() < 0.002  # associated: as much light as coverage


def test_light_without_coverage_stays_as_the_plate_has_it(data):
    read = read_still(data / "exr" / "plates" / "CandleGlass.exr").pixels[200:400, 250:550]
    shines = (read[..., 3] == 0) & (read[..., :3].max(axis=2) > 0)
    assert shines.mean() > 0.3
    alpha = read[..., 3:]
    straight = np.divide(read, alpha, out=read.copy(), where=alpha > 0)
    straight[..., 3:] = alpha
    matte = disc(300, 200, at=(150, 100), radius=50)
    plate = reel(straight, 1, ("R", "G", "B", "A"))
    made = shot(plate, matte, np.full((400, 400, 3), 0.5, np.float32), **PLAIN)[0]
    outside = shines & (matte < NOTHING)
    kept = np.maximum(read[outside][:, :3], 0)
    assert np.allclose(made.pixels[outside][:, :3], np.nan_to_num(read[outside][:, :3]), atol=1e-6)
    assert kept.max() > 0


def flat_blocks(picture, level: float):
    """Relative deviation of each channel in the flattest 5 % of a picture's 16 pixel squares of
    about this level."""
    rows, columns = (length // 16 for length in picture.shape[:2])
    cut = picture[: rows * 16, : columns * 16].reshape(rows, 16, columns, 16, 3)
    blocks = cut.transpose(0, 2, 1, 3, 4).reshape(-1, 256, 3)
    mean = blocks.mean(axis=1)
    light = mean.mean(axis=1)
    near = (light > level / 1.5) & (light < level * 1.5)
    return np.percentile((blocks.std(axis=1) / mean)[near], 5, axis=0)


@pytest.mark.parametrize("level", [0.18, 0.5])
def test_a_flat_grey_gets_no_more_grain_than_the_flattest_parts_of_a_desk_as_bright(data, level):
    plate = still(data, "Desk.exr").frame(1)
    matte = np.zeros(plate.shape[:2], np.float32)
    matte[260:520, 190:390] = 1.0
    outside = plate.copy()
    outside[matte > 0] = 1e4  # not of this level
    grey = np.full((500, 500, 3), level, np.float32)
    options = {**PLAIN, "grain": 1.0}
    made = shot(plate, matte, grey, **options)[0].pixels[280:500, 210:370, :3].reshape(-1, 3)
    ratio = made.std(axis=0) / made.mean(axis=0) / flat_blocks(outside, level)
    assert (ratio < 1.5).all()
    assert (ratio > 1 / 1.5).all()
    assert np.corrcoef(made.T).min() > 0.8  # as in the plate: no coloured mottle


def test_grain_never_turns_a_dark_channel_negative_and_leaves_black_alone(data):
    plate = still(data, "Desk.exr").frame(1)
    field = Field(measured([plate], [np.ones(plate.shape[:2], np.float32)]), 1)
    red = np.zeros((200, 200, 3), np.float32)
    red[..., 0], red[:100, :, 1] = 0.5, 0.0005
    red[..., 2] = -0.01
    made = field.on(red.copy(), 0, 1.0)
    assert made[..., 0].std() > 0.01
    assert made[..., :2].min() >= 0
    assert np.array_equal(made[..., 2], red[..., 2])
    assert (made[100:, :, 1] == 0).all()


def test_above_the_brightest_flat_part_of_a_plate_grain_goes_with_the_root_of_light():
    noise = grainy(0.01, 0.7, 5)
    curve = measured([noise], [np.ones(noise.shape[:2], np.float32)]).curves[1]
    one, four, little = curve.at(np.array([0.4, 1.6, 0.002], np.float32))
    assert four == pytest.approx(2 * one, rel=0.01)
    assert little / 0.002 <= curve.most * 1.01


@pytest.mark.parametrize("bright", [10.0, 50.0])
@pytest.mark.parametrize("blur", [1.5, 4.0])
def test_a_lamp_beside_the_matte_leaves_no_dark_or_negative_fringe(bright, blur):
    plate = np.full((160, 240, 3), 0.18, np.float32)
    plate[:, 60:72] = plate[70:78] = bright
    plate = cv2.GaussianBlur(plate, (0, 0), 0.8)
    matte = np.zeros((160, 240), np.float32)
    matte[40:120, 80:180] = 1.0
    matte = cv2.GaussianBlur(matte, (0, 0), blur)
    grey = np.full((300, 300, 3), 0.3, np.float32)
    made = shot(plate, matte, grey, **PLAIN)[0].pixels[..., :3]
    assert made.min() >= 0.18 - 1e-3
    calm = (slice(90, 150), slice(100, 230))  # away from both stripes, but for the old fill
    assert made[calm].max() <= 0.32


def test_rings_of_hostile_highlights_give_no_new_negative_pixel(data):
    read = read_still(data / "exr" / "edge_cases" / "BrightRingsNanInf.exr").pixels[..., :3]
    rows, columns = read.shape[:2]
    matte = np.zeros((rows, columns), np.float32)
    matte[rows // 3 : rows * 3 // 5, columns // 3 : columns * 3 // 5] = 1.0
    matte = cv2.GaussianBlur(matte, (0, 0), 3.0)
    grey = np.full((600, 600, 3), 0.18, np.float32)
    made = shot(read, matte, grey, **{**PLAIN, "wrap": 0.4})[0].pixels
    seen = np.nan_to_num(read, nan=0.0, posinf=65504.0, neginf=0.0)
    assert not ((made[..., :3] < 0) & (seen >= 0)).any()


def test_a_mountain_behind_the_wall_of_live_action_sits_still_and_leaves_the_floor(data):
    frames = []
    with av.open(str(data / "footage" / "one-by-one-person.mp4")) as movie:
        for number, frame in enumerate(movie.decode(video=0)):
            frames.append(frame.to_ndarray(format="rgb24"))
            if number == 5:
                break
    colour = Colour()

    def plate(index):
        shown = frames[index].astype(np.float32) / 255
        return colour.convert(shown, "Gamma 2.4 Encoded Rec.709", "ACEScg")

    wall = np.zeros(frames[0].shape[:2], np.float32)
    wall[0:230, 120:380] = 1.0
    made = shot(
        reel(plate, 6), wall, still(data, "MtTamWest.exr"), 6, grain=0.0, region="0,-0.1,0.7,0.8"
    )
    assert min(one.confidence for one in made) > 0.8
    inside = np.stack([one.pixels[40:200, 160:340, :3] for one in made])
    assert np.abs(inside - inside[0]).max() < 1e-3  # a locked camera: nothing creeps
    assert (made[0].pixels[260:, :, 3] == 0).all()
