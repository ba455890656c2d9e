"""What a lens squeezed is shown as wide as it was: in reports, on contact sheets, in previews."""

from __future__ import annotations

import base64
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from secondunit.cli.sheet.plates import plate_frame
from secondunit.colour import Colour
from secondunit.continuity.playing import Playback
from secondunit.editorial import CutShot
from secondunit.hookspecs import Preview
from secondunit.media.delivery import Attributes, write_exr
from secondunit.media.widths import SQUARE, small
from secondunit.stage.evidence import Screen
from secondunit.stage.previews import Previews
from secondunit_bridge.film import Project
from secondunit_bridge.timing import FrameRange

SCOPE, RATE, SPACE = Fraction(2), Fraction(24), "ACEScg"
HIGH, WIDE = 48, 40  # as it is stored


def square() -> np.ndarray:
    """A bright box that was a square of 24 x 24 in front of the lens, as it is stored."""
    pixels = np.zeros((HIGH, WIDE, 3), np.float32)
    pixels[12:36, 14:26] = 0.5
    return pixels


def sides(shown: np.ndarray) -> tuple[int, int]:
    """Rows and columns of what is bright."""
    bright = shown.max(axis=2) > 60
    return int(bright.any(axis=1).sum()), int(bright.any(axis=0).sum())


def clip(path: Path) -> CutShot:
    record = FrameRange(86400, 86400, RATE)
    return CutShot("scope", None, "V1", 0, 0, record, str(path), True, "", RATE, (0, 0), None,
                   Fraction(1), "none", numbering="still", space=SPACE)  # fmt: skip


@pytest.mark.parametrize(("aspect", "columns"), [(SCOPE, 24), (SQUARE, 12)])
def test_a_still_of_a_report_shows_a_square_as_a_square(
    tmp_path: Path, aspect: Fraction, columns: int
) -> None:
    path = tmp_path / "scope.exr"
    write_exr(path, square().astype(np.float16), ("R", "G", "B"),
              Attributes(space=SPACE, pixel_aspect=aspect))  # fmt: skip
    play = Playback(Colour(), Project("film", RATE, 96, 54, space=SPACE))
    ((_, shown),) = play.screen(clip(path), [0], 960)
    rows, across = sides(shown)
    assert (rows, across) == (24, pytest.approx(columns, abs=2))
    assert shown.shape[:2] == (HIGH, WIDE * aspect)  # boxes are shares of it: they go along
    ((_, narrow),) = play.screen(clip(path), [0], 30)
    assert narrow.shape[1] == 30
    assert narrow.shape[0] == round(HIGH * 30 / (WIDE * aspect))


def test_previews_show_frames_and_a_generators_own_pictures_as_wide_as_they_were() -> None:
    said: list[np.ndarray] = []

    def say(kind: str, *, frame: int, jpeg: str) -> None:
        assert (kind, frame) == ("preview", 1001)
        said.append(cv2.imdecode(np.frombuffer(base64.b64decode(jpeg), np.uint8), 1))

    def seen(pixels: np.ndarray, aspect: Fraction, given: Fraction, how: str) -> tuple[int, ...]:
        previews: Any = Previews(Screen(Colour(), SPACE, None, given), SPACE, (WIDE, HIGH), say,
                                 aspect)  # fmt: skip
        if how == "developed":
            previews.developed(1001, pixels)
        else:
            previews.show(Preview(1001, pixels))
        return said[-1].shape[:2]

    assert seen(square(), SCOPE, SCOPE, "developed") == (HIGH, 2 * WIDE)
    assert sides(said[-1]) == (pytest.approx(24, abs=2), pytest.approx(24, abs=3))
    assert seen(square(), SCOPE, SCOPE, "shown") == (HIGH, 2 * WIDE)
    wide = cv2.resize(square(), (2 * WIDE, HIGH))  # a generator that was shown it desqueezed
    assert seen(wide, SCOPE, SQUARE, "shown") == (HIGH, 2 * WIDE)
    assert seen(square(), SQUARE, SQUARE, "developed") == (HIGH, WIDE)  # a plain plate stays so
    large = np.zeros((1080, 1828, 3), np.float32)
    rows, columns = seen(large, SCOPE, SCOPE, "developed")
    assert columns == 480
    assert rows == pytest.approx(480 * 1080 / (2 * 1828), abs=2)


def test_a_plates_sheet_marks_a_change_where_it_is_and_keeps_its_size() -> None:
    before = (square() * 255).astype(np.uint8)
    protected, changed = np.ones((HIGH, WIDE), bool), np.zeros((HIGH, WIDE), bool)
    changed[20, 30] = True
    soft = np.zeros((HIGH, WIDE), np.float32)
    one = plate_frame(1001, before, before, soft, protected, changed, (), aspect=SCOPE)
    for still in (one.before, one.after, one.difference, one.matte):
        assert still.pixels.shape == (HIGH, 2 * WIDE, 3)
    rows, columns = np.nonzero(one.difference.pixels[..., 0] > 200)
    assert (rows.mean(), columns.mean()) == (pytest.approx(20, abs=1), pytest.approx(60, abs=1))


def test_nothing_is_made_larger_but_by_its_squeeze() -> None:
    assert small(square(), 960).shape == (HIGH, WIDE, 3)
    assert small(square()[..., :1], 960, SCOPE).shape == (HIGH, 2 * WIDE, 3)
    assert small(square(), 20, SCOPE).shape == (12, 20, 3)
