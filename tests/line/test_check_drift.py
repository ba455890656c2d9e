"""A mug that creeps from return to return is told, against the shot where it stood at first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from secondunit.colour import Colour
from secondunit.continuity.causes import causes
from secondunit.continuity.playing import Playback
from secondunit.continuity.remembered import Memory
from secondunit.continuity.sweep import Sweep, Swept
from secondunit.editorial import read_cut
from secondunit.plugins import Plugins
from secondunit_bridge.film import Project
from secondunit_bridge.timing import exact_rate

CHECKS = ("prop.change",)
TIMES = 4


@pytest.fixture
def cut(tmp_path: Path, cuts, moving):
    """``cut(step)``: her, him, her, him ...; at each return of hers the mug stands so many pixels
    of 320 further to the right."""
    pictures = moving(40)
    cuts.write_movie(tmp_path / "him.mov", [np.ascontiguousarray(pictures[39][::-1, ::-1])] * 8)

    def write(step: int) -> Path:
        items = []
        for time in range(TIMES):
            left, shown = 150 + step * time, pictures[0].copy()
            shown[60:130, 90:260] = (120, 118, 112)
            shown[80:105, left : left + 20] = (178, 40, 34)
            cuts.write_movie(tmp_path / f"her {time}.mov", [shown] * 8)
            items += [cuts.clip(f"her {time}", f"her {time}.mov", 0, 8, has=8),
                      cuts.clip(f"him {time}", "him.mov", 0, 8, has=8)]  # fmt: skip
        for item in items:
            card = {"scene": "1", "setup": item["name"][:3]}
            item["metadata"] = {"secondunit": {"card": card}}
        return cuts.write_cut(tmp_path / "cut.otio", items[:-1])

    return write


def swept(path: Path, home: Path) -> Swept:
    opened = read_cut(path)
    project = Project("film", exact_rate(opened.rate), 320, 180, space="ACEScg")
    checks = {name: one for name, one in Plugins().checks.items() if name in CHECKS}
    return Sweep(checks, Playback(Colour(), project), Memory(home)).over(opened)


def test_a_mug_that_creeps_is_told_against_where_it_stood_at_first_as_one_cause(cut, tmp_path):
    found = swept(creeps := cut(4), tmp_path / "home")
    both = zip(found.findings, found.places, strict=True)
    told = [(one, place) for one, place in both if one.open]
    assert {one.check for one, _ in told} == {"prop.change"}
    assert {one.shots for one, _ in told} == {("her 0", "her 2"), ("her 0", "her 3")}
    assert "the earlier “her 0”" in told[0][0].sentence
    folded = {name for cause in causes(told).values() for name in cause.explains}
    assert folded >= {one.id for one, _ in told if one.shots[-1] == "her 3"}
    again = swept(creeps, tmp_path / "home")
    assert (again.findings, again.frames) == (found.findings, 0)


def test_a_mug_that_stands_is_nothing_however_often_it_is_seen(cut, tmp_path):
    assert not [one for one in swept(cut(0), tmp_path / "home").findings if one.open]
