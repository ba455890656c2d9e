"""Removals and insertions under a camera that trucks and pans, against a render's own truth.

The street has its wall, floor, crates, post and cart at five depths: no one plane holds them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from secondunit.media.delivery import write_still
from secondunit.media.plates import read_plate
from secondunit.media.stills import read_still

sys.path.insert(0, str(Path(__file__).parent))
from street import COUNT, HIGH, LINEAR, WIDE, Street, grown, rendered, soft

pytestmark = pytest.mark.long  # tests/core/plates tries moving cameras in parts

sys.path.pop(0)

ZONE = 77  # pixels around the matte: the walker's shadow reaches that far


@pytest.fixture(scope="module")
def street(blender: Path, request: pytest.FixtureRequest) -> Street:
    """The rendered street."""
    return rendered(blender, request.config.cache)


class Removed:
    """The street after the walker was taken out of it by the command."""

    def __init__(self, su, street: Street, folder: Path) -> None:
        self.walker = [street.ids("walker", i) == street.told["walker"] for i in range(COUNT)]
        self.mattes = [grown(one, 3) for one in self.walker]
        plate = street.plate(folder / "plate")
        matte = street.matte(folder / "matte", self.mattes)
        said = su("plate", "--plate", plate, "--matte", matte, "--space", LINEAR, "--by", "Kim",
                  "--option", f"edge_zone={ZONE}", "--out", folder / "out", "--json")  # fmt: skip
        assert said.code == 0, said
        self.answer = said.json
        self.version = Path(said.json["version"]["path"])
        paths = sorted(self.version.glob("exr/*.exr"))
        assert len(paths) == COUNT
        self.pictures = [read_still(path, channels=("R", "G", "B")).pixels for path in paths]
        self.plates = [street.picture("walker", i) for i in range(COUNT)]
        self.truth = [street.picture("empty", i) for i in range(COUNT)]

    def errors(self, where: list[np.ndarray]) -> np.ndarray:
        """Display codes, low-passed, mean of the channels, of every pixel in the masks."""
        pairs = zip(self.pictures, self.truth, where, strict=True)
        return np.concatenate([np.abs(soft(a) - soft(b)).mean(-1)[m] for a, b, m in pairs])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_walker_and_the_shadow_are_taken_out_of_a_shot_whose_camera_moves(
    su, street: Street, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    made = Removed(su, street, tmp_path)
    errors, shadow = made.errors(made.mattes), fallen(made)
    before, after = left_of(shadow, made.plates, made.truth), left_of(
        shadow, made.pictures, made.truth
    )  # fmt: skip
    ratio = flicker(made, street)
    with capfd.disabled():
        print(
            f"\nremoved under a moving camera: mean {errors.mean():.2f}/255, "
            f"p95 {np.percentile(errors, 95):.2f}/255, flicker {ratio:.2f}, "
            f"shadow {before:.2f} stops before, {after:.2f} after"
        )
    assert errors.mean() <= 4
    assert np.percentile(errors, 95) <= 14
    assert ratio <= 1.3
    assert before > 0.5
    assert after < 0.2
    outside_is_exact(made)


def fallen(made: Removed) -> list[np.ndarray]:
    """Where the walker's shadow lies: much darker than the truth, outside the matte."""
    found = []
    for plate, truth, matte in zip(made.plates, made.truth, made.mattes, strict=True):
        low = [cv2.GaussianBlur(one.mean(-1), (0, 0), 3) + 0.01 for one in (plate, truth)]
        found.append((np.log2(low[1] / low[0]) > 0.5) & ~grown(matte, 4))
    assert sum(int(one.sum()) for one in found) > 500 * COUNT / 2
    return found


def left_of(shadow: list[np.ndarray], pictures: list, truth: list) -> float:
    """Stops that the shadow's place is darker than the truth, over the whole shot."""
    ours, theirs = (
        np.concatenate([one.mean(-1)[m] for one, m in zip(of, shadow, strict=True)]).mean()
        for of in (pictures, truth)
    )
    return float(np.log2(theirs / ours))


def flicker(made: Removed, street: Street) -> float:
    """Change from frame to frame where somebody was, over that of the untouched truth there.

    Both low-passed and laid over each other by the wall's own motion, which the render tells.
    """
    wall = np.array(street.told["poster"])
    places = [street.projected(wall, index) for index in range(COUNT)]
    changes: dict[str, list[float]] = {"ours": [], "truth": []}
    for index in range(1, COUNT):
        over = cv2.findHomography(places[index], places[index - 1])[0]
        both = made.mattes[index] & (laid(made.mattes[index - 1].astype(np.float32), over) > 0.5)
        for name, pictures in (("ours", made.pictures), ("truth", made.truth)):
            before = laid(soft(pictures[index - 1]), over)
            changes[name].append(np.abs(soft(pictures[index]) - before)[both].mean())
    return float(np.mean(changes["ours"]) / np.mean(changes["truth"]))


def laid(picture: np.ndarray, over: np.ndarray) -> np.ndarray:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(picture, over, (WIDE, HIGH), flags=flags)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_poster_put_on_the_wall_stays_where_it_is_while_the_camera_moves(
    su, street: Street, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    signs = [street.ids("walker", index) == street.told["sign"] for index in range(COUNT)]
    poster = tmp_path / "poster.0001.png"
    write_still(poster, dotted(), ("R", "G", "B"))
    said = su("plate", "--plate", street.plate(tmp_path / "plate"), "--matte",
              street.matte(tmp_path / "matte", signs), "--space", LINEAR, "--reference", poster,
              "--reference-space", LINEAR, "--option", "grain=0", "--option", "match=0",
              "--by", "Kim", "--out", tmp_path / "out", "--json")  # fmt: skip
    assert said.code == 0, said
    assert said.json["receipt"]["changed_in_protected"] == 0
    paths = sorted(Path(said.json["version"]["path"]).glob("exr/*.exr"))
    pictures = [read_still(path, channels=("R", "G", "B")).pixels for path in paths]
    off = drifts(street, pictures, signs)
    assert len(off) > 5 * COUNT
    with capfd.disabled():
        print(f"\nposter on the wall: drift {off.mean():.2f} px mean, {off.max():.2f} px at most")
    assert off.max() <= 1.0


def dotted() -> np.ndarray:
    """A poster with twelve round dots, ``(400, 800, 3)``."""
    made = np.full((400, 800, 3), (0.15, 0.2, 0.3), np.float32)
    for x in (80, 240, 400, 560):
        for y in (70, 200, 330):
            cv2.circle(made, (x, y), 22, (1.0, 0.25, 0.1), -1, cv2.LINE_AA)
    return made


def drifts(street: Street, pictures: list, signs: list[np.ndarray]) -> np.ndarray:
    """Pixels between each dot and where the render's camera takes it from the first frame."""
    corners = np.array(street.told["poster"])
    places = [street.projected(corners, index) for index in range(COUNT)]
    begun = dots(pictures[0], signs[0])
    off = []
    for picture, sign, place in zip(pictures[1:], signs[1:], places[1:], strict=True):
        over = cv2.findHomography(places[0], place)[0]
        for x, y in cv2.perspectiveTransform(begun[None], over)[0]:
            found = dots(picture, sign)
            if grown(~sign, 12)[int(np.clip(y, 0, HIGH - 1)), int(np.clip(x, 0, WIDE - 1))]:
                continue  # half behind the post, or out of the picture
            off.append(np.hypot(*(found - (x, y)).T).min())
    return np.array(off)


def dots(picture: np.ndarray, sign: np.ndarray) -> np.ndarray:
    """Middles of whole dots, ``(dot, 2)`` x, y, weighted by how red each pixel is."""
    red = np.clip(picture[..., 0] - 1.2 * picture[..., 2], 0, None) * sign
    _, labels, sizes, _ = cv2.connectedComponentsWithStats((red > 0.15).astype(np.uint8))
    clear = ~grown(~sign, 3)
    found = []
    for label in range(1, len(sizes)):
        dot = labels == label
        if sizes[label, cv2.CC_STAT_AREA] > 40 and clear[dot].all():
            y, x = np.nonzero(grown(dot, 2))
            weight = red[y, x]
            found.append(((x * weight).sum(), (y * weight).sum()) / weight.sum())
    return np.array(found, np.float64)


def outside_is_exact(made: Removed) -> None:
    """Beyond the zone every channel comes back bit for bit, measured apart from the product."""
    receipt = json.loads((made.version / "receipt.json").read_text())
    assert made.answer["receipt"]["changed_in_protected"] == 0
    for number, file in receipt["result"]["files"].items():
        kept = read_plate(made.version / receipt["plate"]["files"][number])
        ours = read_plate(made.version / file)
        free = ~grown(made.mattes[int(number) - 1001], ZONE + 1)
        assert free.mean() > 0.15
        for name, plane in kept.planes.items():
            same = plane.view("u2") == ours.planes[name].view("u2")
            assert same[free].all(), (number, name)
            if name == "id":
                assert same.all()
