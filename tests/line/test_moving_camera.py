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
from secondunit.media.plates import read_plate
from secondunit.media.stills import read_still

sys.path.insert(0, str(Path(__file__).parent))
from street import COUNT, HIGH, LINEAR, WIDE, Street, grown, rendered, soft

sys.path.pop(0)

ZONE = 96  # pixels around the matte: the walker's shadow reaches that far


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
@pytest.mark.timeout(900)
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
