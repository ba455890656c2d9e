"""Passes of a real Blender go through a real daemon and come back as a take and a version."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import OpenImageIO as oiio
import pytest
from secondunit.cli import main
from secondunit_bridge.film import Project, TakeState, Turnover, VersionClass
from secondunit_bridge.unit import Unit
from secondunit_bridge.wire import typed


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform == "win32", reason="the fixture's places are Unix folders")
def test_the_turnover_of_a_shot_is_shot_circled_and_published(places: Path, rendered):
    asked = typed(Turnover, rendered("0010", "workbench").answer["turnover"])
    store = places / "store"
    project = Project("Grey", asked.shot.cut.rate, 160, 90, store=str(store))
    asked = replace(asked, generator="slate", options={}, takes=1)
    try:
        with Unit.connect(host="blender") as unit:
            unit.project(project)
            (name,) = unit.turn_over(asked)
            (take,) = unit.wait([name], timeout=120)
            assert take.state is TakeState.pending_review, take
            version = unit.circle(name, "Kim", VersionClass.previs)
    finally:
        main(["daemon", "stop", "--json"])
    frames = sorted(Path(version.path).glob("exr/*.exr"))
    assert version.name == "GREY_0010_v001"
    assert (version.frames.first, version.frames.last, len(frames)) == (1001, 1014, 14)
    assert (version.handles.head, version.handles.tail) == (1, 1)
    assert oiio.ImageBuf(str(frames[0])).spec().width == 160
