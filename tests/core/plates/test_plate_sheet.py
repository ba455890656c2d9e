"""The contact sheet of a plate: one changed pixel is seen, every text escaped, page and picture."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from secondunit.cli.sheet.board import WIDTH
from secondunit.cli.sheet.plates import Course, PlateSheet, plate_frame, plate_sheet

SIZE = (1080, 1920)
RED = np.array([255, 64, 48], np.uint8)


def frame(*, plant: bool = False):
    before = np.full((*SIZE, 3), 90, np.uint8)
    after = before.copy()
    after[400:600, 800:1000] += 5
    soft = np.zeros(SIZE, np.float32)
    soft[400:600, 800:1000] = 1.0
    protected = soft == 0
    changed = soft > 0
    changed[1000, 100] = plant  # too little to be shown: no display value differs
    return plate_frame(1001, before, after, soft, protected, changed, (("changed there", "0"),))


@pytest.fixture
def sheet() -> PlateSheet:
    return PlateSheet(
        title="TCC 0010", line="A sky <script>alert(1)</script>.", facts=(("Rate", "24"),),
        verdict="Outside the matte not one bit has changed.", sound=True, shown=(frame(),),
        courses=(Course("Confidence", "How sure it is.", 1001, (1.0, 0.4, 0.9), 0.5),),
        remarks=("A remark & more.",), places=(("receipt", "/a/receipt.json"),), credit="Whose",
    )  # fmt: skip


def test_the_difference_is_black_where_nothing_changed_and_eight_times_what_did():
    one = frame()
    shown = one.difference.pixels
    assert one.sound
    assert (shown[:180] == 0).all()
    assert (shown[220:280, 420:480] == 40).all()


def test_the_difference_is_neutral_grey_by_the_channel_that_changed_most():
    before = np.full((90, 160, 3), 90, np.uint8)
    after = before + np.array([3, 0, 1], np.uint8)
    soft = np.ones((90, 160), np.float32)
    one = plate_frame(
        1001, before, after, soft, soft < 1, soft > 0, (), words="1001  ·  01:00:00:00"
    )
    assert (one.difference.pixels == 24).all()
    assert one.after.caption == "1001  ·  01:00:00:00  ·  after"


def test_a_chart_of_small_shares_fills_its_lane_and_says_how_far_it_goes(sheet: PlateSheet):
    small = Course("Changed", "So much.", 1001, (0.01, 0.02), top=0.025, span="from 1.0% to 2.0%")
    page, _ = plate_sheet(replace(sheet, courses=(small,)))
    assert "height:80.0%" in page
    assert "1001 to 1002, from 1.0% to 2.0%" in page


def test_one_protected_pixel_that_changed_by_one_bit_is_seen():
    one = frame(plant=True)
    assert not one.sound
    assert (one.difference.pixels[500, 50] == RED).all()
    assert "red" in one.difference.alt
    assert not (frame().difference.pixels == RED).all(axis=2).any()


def test_the_page_stands_alone_and_is_escaped(sheet: PlateSheet):
    page, _ = plate_sheet(sheet)
    addresses = re.findall(r'src="([^"]{0,30})', page)
    assert len(addresses) == 4
    assert sum(address.startswith("data:image/png") for address in addresses) == 1
    assert all(address.startswith("data:image/") for address in addresses)
    assert not re.search(r"url\(|@import|<script|https?://", page)
    assert "&lt;script&gt;" in page
    assert "A remark &amp; more." in page
    assert 'class="low"' in page
    assert "verdict sound" in page
    assert "verdict broken" in plate_sheet(replace(sheet, sound=False))[0]


def test_the_picture_is_as_wide_as_every_sheet_and_grows_with_what_is_shown(sheet: PlateSheet):
    _, one = plate_sheet(sheet)
    _, two = plate_sheet(replace(sheet, shown=sheet.shown * 2))
    bare = replace(sheet, shown=(), courses=(), remarks=(), places=(), credit="")
    _, least = plate_sheet(bare)
    assert one.shape[1] == WIDTH
    assert one.dtype == np.uint8
    assert two.shape[0] > one.shape[0] + 400 > least.shape[0] + 800
