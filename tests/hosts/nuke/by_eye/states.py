"""Draws the panel in the states a compositor meets, side by side: ``states.py OUT.png``, then look.

The rows are made up, so that no daemon is needed. Run by a person, not by pytest.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[3] / "material")]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from nuke_fake import Fake, port  # noqa: E402 - found with the path above
from PySide6 import QtGui, QtWidgets  # noqa: E402 - the platform is named above
from secondunit_bridge.film import TakeState  # noqa: E402 - found with the path above
from secondunit_bridge.saying import STATES, Said  # noqa: E402 - found with the path above

SIZE = 440, 720
NAME = "SecondUnit1"


def take(number, state, more="", **fields):
    """A take's row as the board has it."""
    from secondunit_nuke.board import TakeRow

    known = {"said": STATES[state], "now": "", "done": None, "seed": number, "picture": "",
             "findings": (), "remarks": (), "version": ""} | fields  # fmt: skip
    return TakeRow(str(number), f"Take {number}{more}", state, **known)


def boards():
    """What is shown, by what it is about."""
    from secondunit_nuke.board import Board, FindingRow, NodeRow

    def board(*takes, placed="", lacks="", missing=0, lines=(), said=(), problem="", asked=""):
        row = NodeRow(NAME, "g", "sh010_comp 0010", placed, lacks, missing, "result", takes,
                      problem, "clean_plate", asked)  # fmt: skip
        there = ("clean_plate", "looks", "plate_in", "reframe", "slate")
        return Board(Said("Daemon 0.1.0 is there."), True, there, (row,), said, ((NAME, lines),), 1)

    drafts = board(
        take(4, TakeState.shooting, "  finish of take 2", now="step 12 of 30", done=0.42, seed=8),
        take(3, TakeState.junk, "  draft", draft=True, seed=9,
             remarks=("Frozen: 20 of 24 frames show the same.",)),
        take(2, TakeState.circled, "  draft", draft=True, finished=True, seed=8, placed=True,
             version="sh010_comp_0010_v001"),
        take(1, TakeState.pending_review, "  draft", draft=True),
        placed="sh010_comp_0010_v001 (draft)",
        said=(Said("Take 2 is shot at full quality. Circle that when it is there."),),
    )  # fmt: skip
    open_one = FindingRow("f1", "look", "Look: The join flickers by 1.4 of the plate's own. Frames"
                          " 1012 to 1019.", True)  # fmt: skip
    stop = FindingRow("f2", "stop", "Stop: 3 pixels outside the matte are not the plate's. Frame"
                      " 1014.", True)  # fmt: skip
    unsure = FindingRow("f3", "not_checked", "Not checked: No shot stands beside it.", False)
    found = board(
        take(2, TakeState.blocked, findings=(stop, open_one, unsure)),
        take(1, TakeState.failed, remarks=("The matte is empty in every frame. Draw one, or look"
                                           " at matte channel.",)),
        lines=("125 frames of 4096 x 2160, handles of 8 and 4, 3.21 GB of memory.",
               "On this frame the matte lies within 812 x 1340.",
               "Nuke renders the plate and the matte first, up to 9750 MB. Nothing leaves this"
               " machine.", "Its edge is mirrored to fill 4096 x 2176; what is shot there is"
               " dropped."),
        said=(Said("The disk is full.", "Make room, then turn over again.", wrong=True),),
    )  # fmt: skip
    longer = board(
        take(1, TakeState.waiting, "  extends 1101-1113"),
        take(2, TakeState.circled, version="sh010_comp_0010_v002", placed=True),
        placed="sh010_comp_0010_v002", missing=13, asked="They are being shot.",
        lacks="The cut wants 1001-1113: 13 frames missing (1101-1113).",
    )  # fmt: skip
    away = Board(Said("No daemon runs.", "It starts with the first turnover."))
    return {"drafts": drafts, "findings": found, "a longer cut": longer, "no node, no daemon": away}


def run(out: Path) -> None:
    """One picture of all of them."""
    app = QtWidgets.QApplication([])
    sys.modules["nuke"] = Fake(gui=True).nuke
    from secondunit_nuke.panel.window import Panel
    from secondunit_nuke.session import Session

    shown = boards()
    whole = QtGui.QImage((SIZE[0] + 12) * len(shown), SIZE[1], QtGui.QImage.Format_RGB32)
    whole.fill(QtGui.QColor("#202020"))
    painter = QtGui.QPainter(whole)
    for index, board in enumerate(shown.values()):
        panel = Panel(session=Session(port()))
        panel._timer.stop()
        panel._by.setText("Kim")
        panel.resize(*SIZE)
        panel.show()
        app.processEvents()
        panel._timer.stop()
        panel.draw(board)
        for _ in range(3):
            app.processEvents()
            panel._timer.stop()
        painter.drawPixmap(index * (SIZE[0] + 12), 0, panel.grab())
        panel.close()
    painter.end()
    whole.save(str(out))


if __name__ == "__main__":
    run(Path(sys.argv[1]).resolve())
