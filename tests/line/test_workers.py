"""Eight threads at work on one cut find what one finds, word for word and digit for digit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from planted_cut import write_planted
from secondunit.colour import Colour
from secondunit.continuity.playing import Playback
from secondunit.continuity.remembered import Memory
from secondunit.continuity.sweep import Sweep
from secondunit.editorial import read_cut
from secondunit.plugins import Plugins
from secondunit_bridge.film import Project
from secondunit_bridge.timing import exact_rate
from secondunit_bridge.wire import plain


@pytest.fixture
def cut(tmp_path: Path, cuts) -> Path:
    """The first seven shots of the planted cut: light, a mug, warmth, a repeat."""
    excerpt = Path(__file__).parents[2] / "core/secondunit/cli/demo/excerpt.mp4"
    return write_planted(tmp_path, excerpt, cuts, count=7)


def swept(path: Path, workers: int) -> dict[str, Any]:
    opened = read_cut(path)
    project = Project("film", exact_rate(opened.rate), 320, 180, space="ACEScg")
    play = Playback(Colour(), project)
    found = Sweep(Plugins().checks, play, Memory(None), workers=workers).over(opened)
    return {"findings": plain(found.findings), "not checked": found.not_checked}


def test_eight_threads_find_exactly_what_one_finds(cut: Path):
    one, eight = swept(cut, 1), swept(cut, 8)
    assert {each["check"] for each in one["findings"] if each["rank"]} >= {
        "colour.exposure", "prop.change", "colour.wb", "dup.frame"
    }  # fmt: skip
    assert eight == one
