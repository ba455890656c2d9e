"""Which clips of a cut are ours, also where an editing program dropped what marked them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from paper_cut import gathered
from secondunit.editorial import CutShot
from secondunit.packet.ours import Ours

FOLDER = "/store/HAL/HAL_0010/v002"
KNOWN = Ours({FOLDER: "HAL_0010_v002"}, frozenset({"HAL_0010_v002"}))


@pytest.fixture
def clip(tmp_path: Path) -> CutShot:
    """A clip without a mark of ours."""
    return replace(gathered(tmp_path, 1, 0).cut.shots[0], name="Comp 12", media=None, marks={})


@pytest.mark.parametrize(
    "change",
    [
        {"marks": {"version": "HAL_0010_v002"}, "media": "/plates/A001.mov"},
        {"media": f"{FOLDER}/exr/HAL_0010_v002.%04d.exr"},
        {"media": f"{FOLDER}/review/HAL_0010_v002.mov"},
        {"media": "/online/HAL_0010_v002.1001.exr"},  # a copy
        {"media": "/online/HAL_0010_v002.[1001-1024].exr"},
        {"name": "HAL_0010_v002"},  # an edit list: names, and nothing else
        {"name": "HAL_0010_v002.mov"},
    ],
)
def test_what_plays_a_version_is_ours(clip: CutShot, change: dict):
    assert KNOWN.version(replace(clip, **change)) == "HAL_0010_v002"


@pytest.mark.parametrize(
    "change",
    [
        {"media": "/plates/A001C004_210519.mov"},
        {"media": "/plates/HAL_0010_v0021.mov"},
        {"name": "HAL_0010"},
        {"name": "HAL_0010_v002_comp"},
        {"media": "/store/HAL/HAL_0010/v003/exr/x.1001.exr"},
        {"name": "HAL_0010_v002", "media": "/plates/A001.mov"},  # a name alone, over another file
    ],
)
def test_what_plays_something_else_is_not(clip: CutShot, change: dict):
    assert KNOWN.version(replace(clip, **change)) == ""
