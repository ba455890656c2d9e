"""The receipt as a picture: red stands for a protected pixel whose stored bits differ, only."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from secondunit.contract.receipt import broken_at
from secondunit.media.plates import PlateFrame
from secondunit.media.stills import Windows
from secondunit.stage.receipt_page import receipt_page

BOX = (0, 0, 96, 64)
TOLD = {
    "kept": True, "edge_zone": 8, "channels_passed": [], "clipped": {},
    "plate": {"digest": "a" * 64, "space": "ACEScg"}, "result": {"digest": "b" * 64},
    "matte": {"digest": "c" * 64, "source": "channel A"},
    "frames": [{"frame": 1001, "protected_pixels": 96 * 64 - 400, "changed_in_protected": 0,
                "max_difference_in_protected": 0.0, "changed_inside": 400, "share": 0.065}],
}  # fmt: skip


def plate() -> PlateFrame:
    """With a block that is no number and one without end."""
    planes = {name: np.full((64, 96), 0.18, np.float16) for name in "RGB"}
    for plane in planes.values():
        plane[4:16, 4:20] = np.nan
        plane[4:16, 60:80] = np.inf
    return PlateFrame(planes, Windows(BOX, BOX), "ACEScg")


def reds(before: PlateFrame, after: PlateFrame, protected: np.ndarray) -> int:
    """Pixels of the page in the red that would be a breach."""
    seen = [
        np.stack([one.planes[n].astype(np.float32) for n in "RGB"], -1) for one in (before, after)
    ]
    page = receipt_page(
        "A_0010_v001", TOLD, {1001: "1001"},
        lambda number: (*seen, broken_at(before, after, protected)),
    ).astype(int)  # fmt: skip
    return int(((page[..., 0] > 200) & (page[..., 1] < 60) & (page[..., 2] < 60)).sum())


@pytest.mark.parametrize("value", [0.5, np.nan])
def test_numbers_that_are_none_are_no_breach_where_their_bits_came_back(value: float):
    before, protected = plate(), np.ones((64, 96), bool)
    protected[30:50, 30:50] = False
    green = before.planes["G"].copy()
    green[30:50, 30:50] = value
    after = PlateFrame({**before.planes, "G": green}, before.windows, before.space)
    assert reds(before, after, protected) == 0
    one = green.copy()
    one[20, 2] = 0.2
    after = PlateFrame({**before.planes, "G": one}, before.windows, before.space)
    assert reds(before, after, protected) > 0


def test_what_a_lens_squeezed_is_drawn_as_wide_as_it_was():
    seen, none = np.full((64, 96, 3), 0.5, np.float32), np.zeros((64, 96), bool)
    pages = [receipt_page("A_0010_v001", TOLD, {1001: "1001"}, lambda _: (seen, seen, none), aspect)
             for aspect in (Fraction(1), Fraction(2))]  # fmt: skip
    each = (pages[0].shape[1] - 2 * 56 - 2 * 16) // 3
    assert pages[0].shape[0] - pages[1].shape[0] == round(each * 64 / 96) - round(each * 64 / 192)


def test_another_nan_in_a_protected_place_is_a_breach():
    before = plate()
    green = before.planes["G"].copy()
    green.view("u2")[4:16, 4:20] ^= 1
    after = PlateFrame({**before.planes, "G": green}, before.windows, before.space)
    assert reds(before, after, np.ones((64, 96), bool)) > 1000
