"""Draws the panel over live action and keeps its picture: ``panel.py OUT.jpg``, then look at it.

Needs the real material beside the checkout. Run by a person, not by pytest.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve()
ROOT = HERE.parents[4]
sys.path[:0] = [str(ROOT / "tests/material")]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import av  # noqa: E402 - found with the path above
import cv2  # noqa: E402 - found with the path above
import numpy as np  # noqa: E402 - found with the path above
from nuke_comp import Comp  # noqa: E402 - found with the path above
from nuke_fake import Fake  # noqa: E402 - found with the path above
from secondunit.cli import main  # noqa: E402 - found with the path above
from secondunit.media.delivery import Attributes, write_exr  # noqa: E402 - found with the path above
from secondunit_nuke import node as nodes  # noqa: E402 - found with the path above

FIRST, COUNT, EMPTY, SIZE = 300, 8, range(208, 224, 2), (384, 216)


def material(folder: Path) -> None:
    """A person in a room, numbered from 1001, a box round him as matte, and the empty room."""
    film = av.open(str(ROOT.parent / "shared/data/footage/one-by-one-person.mp4"))
    for number, frame in enumerate(film.decode(video=0)):
        if number not in (*EMPTY, *range(FIRST, FIRST + COUNT)):
            continue
        small = cv2.resize(frame.to_ndarray(format="rgb24"), SIZE, None, 0, 0, cv2.INTER_AREA)
        linear = ((small / np.float32(255)) ** np.float32(2.4)).astype(np.float16)
        name = f"empty.{number:04}" if number in EMPTY else f"plate.{number - FIRST + 1001}"
        write_exr(folder / f"{name}.exr", linear, tuple("RGB"), Attributes())
        soft = np.zeros((SIZE[1], SIZE[0], 3), np.float16)
        soft[:, 100:300] = 1
        if number not in EMPTY:
            write_exr(
                folder / f"roto.{number - FIRST + 1001}.exr", soft, tuple("RGB"), Attributes()
            )
    film.close()


def run(out: Path, folder: Path) -> None:
    """From New Node to a version in the comp, two takes, and a longer cut."""
    from PySide6 import QtWidgets
    from secondunit_bridge.film import Answer, Waiver

    app = QtWidgets.QApplication([])
    sys.modules["nuke"] = (fake := Fake(gui=True)).nuke
    material(folder)
    comp = Comp.made(fake, folder / "sh010", folder / "plate.%04d.exr", folder / "roto.%04d.exr")
    empty = fake.nuke.nodes.Read(name="Empty")
    empty["file"].setValue(str(folder / "empty.%04d.exr"))
    empty["colorspace"].setValue("Linear Rec.709 (sRGB)")
    empty["first"].setValue(208)
    empty["last"].setValue(208)
    comp.node.setInput(nodes.INPUTS.index("reference"), empty)
    from secondunit_nuke.panel.window import Panel
    from secondunit_nuke.session import Session

    panel = Panel(session=Session(comp.port))
    panel.resize(460, 700)
    panel.show()
    panel._by.setText("Kim")

    def until(done):
        end = time.monotonic() + 120
        while not done() and time.monotonic() < end:
            app.processEvents()
            time.sleep(0.01)
        assert done()

    def take(index):
        return panel.session.board.nodes[0].takes[index]

    until(lambda: panel.session.hello is not None and panel.session.board.nodes)
    for index in range(2):
        comp.node["su_seed"].setValue(index)
        panel.do(lambda: panel.acts.turn_over("SecondUnit1", "Kim"))
        until(lambda n=index: len(panel.session.board.nodes[0].takes) > n)
        until(lambda: not take(0).under_way)
    panel.do(lambda: panel.acts.estimate("SecondUnit1"))
    for one in take(1).findings:
        if one.open:
            waiver = Waiver(one.id, Answer.creative_intent, "Kim", "meant so")
            panel.session.caller.ask(lambda u, w=waiver: u.waive(w), print, print)
    until(lambda: take(1).can_circle)
    panel.do(lambda: panel.acts.circle(take(1).id, "Kim"))
    until(lambda: take(1).placed and take(1).version)
    panel.do(lambda: panel.acts.estimate("SecondUnit1"))
    panel._head.recut.emit("1001-1012")
    until(lambda: panel._banner.isVisible())
    end = time.monotonic() + 1
    until(lambda: time.monotonic() > end)
    panel.grab().save(str(out), quality=92)
    panel.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="su-") as place:
        for name in ("home", "run", "work"):
            (Path(place) / name).mkdir(mode=0o700)
        os.environ["SECONDUNIT_HOME"] = f"{place}/home"
        os.environ["XDG_RUNTIME_DIR"] = f"{place}/run"
        main(["daemon", "start", "--json"])
        try:
            run(Path(sys.argv[1]).resolve(), Path(place) / "work")
        finally:
            main(["daemon", "stop", "--json"])
