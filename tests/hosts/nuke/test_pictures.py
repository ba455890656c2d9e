"""Pictures of takes that were shot while no panel was open: made of their frames, beside Nuke."""

from __future__ import annotations

import os
import time
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from nuke_comp import Comp
from plate_material import matte, picture, written
from secondunit_bridge.unit import Unit

if os.environ.get("CI") != "true":  # there a missing Qt, or a library of it, is a failure
    pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)


def until(qt, panel, done, timeout=60.0):
    """Run Qt's loop until it is done; no turn of it may hold a person up."""
    end, worked, waited = time.monotonic() + timeout, 0.0, 0.0
    while not done():
        assert time.monotonic() < end, f"it did not come: {panel.session.said}"
        begun, at = time.process_time(), time.monotonic()
        qt.processEvents()
        worked = max(worked, time.process_time() - begun)
        waited = max(waited, time.monotonic() - at)  # who waits burns no processor time
        time.sleep(0.01)
    assert worked < 0.5
    assert waited < 2.0


def loaded(panel):
    """The takes are there, and nothing is asked for any more."""
    rows = panel.session.board.nodes
    return bool(rows and rows[0].takes) and not panel.session.caller.waiting


def test_a_panel_that_is_opened_later_shows_what_was_shot_and_an_empty_frame_for_what_is_gone(
    nuke_fake, daemon, tmp_path
):
    from PySide6 import QtWidgets
    from secondunit_nuke import node as nodes
    from secondunit_nuke.panel.window import Panel
    from secondunit_nuke.session import Session

    qt = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    plate = written(tmp_path / "plates", "box", picture, suffix=".exr")
    roto = written(tmp_path / "plates", "roto", lambda i: matte(i).repeat(3, axis=2), suffix=".exr")
    comp = Comp.made(nuke_fake(gui=True), tmp_path / "comp", plate, roto)
    with Unit.connect(host="script", start=False) as unit:
        names = comp.turn_over(unit)
        comp.node["su_edge_zone"].setValue(12)  # other pixels
        names += comp.turn_over(unit)
        kept, gone = unit.wait(names, timeout=110)
    assert kept.shot == gone.shot == nodes.state(comp.node).guid
    vault = tmp_path / "comp" / "secondunit" / "store" / "vault"
    middle = [take.media.digests[len(take.media.frames) // 2] for take in (kept, gone)]
    assert middle[0] != middle[1]
    for digest in gone.media.digests:
        (vault / digest[:2] / f"{digest}.exr").unlink()
    previews = tmp_path / "comp" / "secondunit" / "previews"
    assert not previews.exists()

    panel = Panel(session=Session(comp.port))
    panel.resize(440, 760)
    panel.show()
    try:
        until(qt, panel, lambda: loaded(panel) and panel.session.pictures)
        until(qt, panel, lambda: loaded(panel))
        panel.grab().save(str(tmp_path / "later.png"))
        seen = {take: card._picture for take, card in panel._cards.items()}
        assert not seen[kept.id].pixmap().isNull()
        assert seen[gone.id].pixmap().isNull()
        assert seen[gone.id].text() == "no picture"
        assert not panel.session.said
        assert not comp.fake.said
    finally:
        panel.close()
    small = cv2.imread(str(previews / f"{kept.id}.jpg"))
    assert small.shape[1] == 240
    light = np.clip(picture(3), 0, 1)  # of the middle one of six
    codes = np.where(light < 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 255
    assert abs(small.mean() - codes.mean()) < 4
    assert [one.name for one in previews.iterdir()] == [f"{kept.id}.jpg"]


def test_every_take_that_the_panel_shows_is_asked_for_the_newest_first():
    from secondunit_nuke.board import MOST_TAKES
    from secondunit_nuke.posters import lacking

    takes = [
        SimpleNamespace(id=f"a.{n}", number=n, media=None if n == 20 else object())
        for n in range(1, 31)
    ]
    asked, known, errands = [], {"a.15"}, []
    while errands != [()]:
        errands = [lacking([takes, takes[:1]], known, MOST_TAKES)]
        asked += errands[0]
        known |= set(errands[0])
        assert len(errands[0]) <= 12  # of one errand: they come one after the other
    shown = [n for n in range(30, 30 - MOST_TAKES, -1) if n not in (15, 20)]
    assert asked == [*(f"a.{n}" for n in shown), "a.1"]
