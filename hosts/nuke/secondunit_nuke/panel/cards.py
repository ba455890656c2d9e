"""One take as a card: its picture, where it stands, what was found, and what can be done."""

from __future__ import annotations

from functools import partial
from typing import Any, List, Optional, Tuple

from secondunit_bridge.film import Answer, TakeState

from ..board import FindingRow, TakeRow
from .qt import QtCore, QtGui, QtWidgets, Signal
from .style import CHIPS, MARKS, QUIET, RED

PICTURE = (128, 72)  # with four buttons beside it a card is 360 wide
ANSWERS = {
    Answer.creative_intent: ("Creative intent", "It is meant so: the take may be circled"),
    Answer.best_possible: ("Best possible", "It gets no better: the take may be circled"),
    Answer.not_an_error: ("Not an error", "The check is wrong here: the take may be circled"),
    Answer.fix: ("Fix", "It must be made good: the take waits"),
    Answer.ask: ("Ask", "Somebody else decides: the take waits"),
}


class Card(QtWidgets.QFrame):
    """A take. ``asked`` says what a person pressed: the act, the take, a finding or nothing."""

    asked = Signal(str, str, str)

    def __init__(self, take: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self._take = take
        self._shown: Optional[TakeRow] = None
        self._picture = QtWidgets.QLabel("no picture yet")
        self._picture.setObjectName("picture")
        self._picture.setAlignment(QtCore.Qt.AlignCenter)
        self._picture.setFixedSize(*PICTURE)
        self._title, self._state = QtWidgets.QLabel(), QtWidgets.QLabel()
        self._title.setObjectName("take")
        self._line = quiet("")
        self._line.setWordWrap(False)
        shrinks = QtWidgets.QSizePolicy.Ignored  # a long word must not push what is beside it out
        for label in (self._title, self._line):
            label.setSizePolicy(shrinks, QtWidgets.QSizePolicy.Preferred)
        self._bar = QtWidgets.QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._buttons = QtWidgets.QHBoxLayout()
        self._buttons.setSpacing(4)
        self._findings = QtWidgets.QVBoxLayout()
        self._findings.setSpacing(3)
        self._lay_out()

    def _lay_out(self) -> None:
        top = QtWidgets.QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self._state)
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(4)
        words.addLayout(top)
        words.addWidget(self._line)
        words.addWidget(self._bar)
        words.addStretch(1)
        words.addLayout(self._buttons)
        across = QtWidgets.QHBoxLayout()
        across.setSpacing(10)
        across.addWidget(self._picture, 0, QtCore.Qt.AlignTop)
        across.addLayout(words, 1)
        whole = QtWidgets.QVBoxLayout(self)
        whole.setContentsMargins(8, 8, 8, 8)
        whole.setSpacing(6)
        whole.addLayout(across)
        whole.addLayout(self._findings)

    def show_row(self, row: TakeRow) -> None:
        """Show a take as it stands; only what changed is drawn anew."""
        old, self._shown = self._shown, row
        if old == row:
            return
        self._title.setText(row.title.partition("  ")[0])
        self._state.setText(row.said)
        self._state.setStyleSheet(f"color: {CHIPS[row.state]};")
        self._line.setText("  ·  ".join(_line(row)))
        self._bar.setVisible(row.under_way)
        self._bar.setValue(int(1000 * (row.done or 0)))
        if old is None or old.picture != row.picture or old.under_way or row.under_way:
            self._show_picture(row)
        if old is None or old.placed != row.placed:
            self.setProperty("placed", row.placed)
            self.style().unpolish(self)
            self.style().polish(self)
        if old is None or _offered(old) != _offered(row):
            self._offer(row)
        if old is None or (old.findings, old.remarks) != (row.findings, row.remarks):
            self._tell(row)

    def _show_picture(self, row: TakeRow) -> None:
        found = QtGui.QPixmap(row.picture) if row.picture else QtGui.QPixmap()
        shown = self._picture.pixmap()  # None where there is none, in PySide2
        if found.isNull():
            if shown is None or shown.isNull():
                self._picture.setText("no picture yet" if row.under_way else "no picture")
            return
        keep, smooth = QtCore.Qt.KeepAspectRatio, QtCore.Qt.SmoothTransformation
        self._picture.setPixmap(found.scaled(PICTURE[0] - 2, PICTURE[1] - 2, keep, smooth))

    def _offer(self, row: TakeRow) -> None:
        _clear(self._buttons)
        acts = []
        if row.can_circle:
            acts.append(("Circle", "circle", "Choose it: it is published and put into the comp"))
        if row.version and not row.placed:
            acts.append(("Place", "place", "Put its version into the comp"))
        if row.can_finish:
            acts.append(("Finish", "finish", "Shoot this draft at full quality, with its seed"))
        if row.under_way:
            acts.append(("Stop", "cancel", "Stop this take"))
        elif row.state is TakeState.junk:
            acts.append(("Bring Back", "restore", "It was sorted out by itself: look at it"))
        elif not row.version:
            acts.append(("Reshoot", "reshoot", "Put it aside and shoot again"))
        if not row.under_way:
            acts.append(("Note", "note", "Write down what the line below says"))
        for label, act, tip in acts:
            self._buttons.addWidget(self._button(label, act, tip, ""))
        self._buttons.addStretch(1)

    def _button(self, label: str, act: str, tip: str, finding: str) -> Any:
        made = QtWidgets.QPushButton(label)
        made.setObjectName("main" if act == "circle" else act)
        made.setToolTip(tip)
        made.clicked.connect(lambda *_: self.asked.emit(act, self._take, finding))
        return made

    def _tell(self, row: TakeRow) -> None:
        _clear(self._findings)
        for text in row.remarks if not row.findings else ():
            self._findings.addWidget(quiet(text, RED if row.state.value == "failed" else QUIET))
        checked = [one for one in row.findings if one.outcome != "not_checked"]
        for one in checked:
            self._findings.addLayout(self._finding(one))
        rest = [one.text for one in row.findings if one.outcome == "not_checked"]
        if rest:
            said = quiet(f"{len(rest)} not checked: point here to read why")
            said.setToolTip("\n".join(rest))
            self._findings.addWidget(said)

    def _finding(self, one: FindingRow) -> Any:
        mark = QtWidgets.QLabel("●")
        mark.setStyleSheet(f"color: {MARKS[one.outcome]}; font-size: 10px;")
        text = QtWidgets.QLabel(one.text)
        text.setWordWrap(True)
        line = QtWidgets.QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(mark, 0, QtCore.Qt.AlignTop)
        line.addWidget(text, 1)
        if one.open:
            line.addWidget(self._answers(one.id), 0, QtCore.Qt.AlignTop)
        return line

    def _answers(self, finding: str) -> Any:
        made = QtWidgets.QPushButton("Answer")
        made.setObjectName("waive")
        made.setToolTip("Answer it with your name and the reason at the foot of the panel")
        menu = QtWidgets.QMenu(made)
        menu.setToolTipsVisible(True)
        for answer, (label, tip) in ANSWERS.items():
            chosen = menu.addAction(label)
            chosen.setToolTip(tip)
            said = f"waive {answer.value}"
            chosen.triggered.connect(partial(self._answered, said, finding))
        made.setMenu(menu)
        return made

    def _answered(self, said: str, finding: str, *_: object) -> None:
        self.asked.emit(said, self._take, finding)


def quiet(text: str, colour: str = "") -> Any:
    """A line in small grey letters."""
    made = QtWidgets.QLabel(text)
    made.setWordWrap(True)
    made.setProperty("quiet", True)
    if colour:
        made.setStyleSheet(f"color: {colour};")
    return made


def _offered(row: TakeRow) -> Tuple[object, ...]:
    """What the buttons depend on."""
    return row.state, row.version, row.placed, row.can_finish


def _line(row: TakeRow) -> List[str]:
    words = [*row.title.split("  ")[1:], f"seed {row.seed}"]
    words += [row.version.rpartition("_")[2]] if row.version else []
    words += ["in the comp"] if row.placed else []
    words += [row.now] if row.now else []
    return words


def _clear(layout: Any) -> None:
    while layout.count():
        item = layout.takeAt(0)
        if item.widget() is not None:
            item.widget().hide()  # it goes when Qt's loop comes round: not to be seen till then
            item.widget().deleteLater()
        elif item.layout() is not None:
            _clear(item.layout())
