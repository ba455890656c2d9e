"""The upper part of the panel: which node, what stands in it, what the cut lacks, turning over."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from ..board import Board, NodeRow
from ..knobs import VIEWS
from .cards import quiet
from .qt import QtCore, QtWidgets, Signal

_NONE = "no Second Unit node in this script"
_SHORT = ("Result", "Plate", "Version", "Difference")
_TIPS = (
    "What renders give, always",
    "The plate alone",
    "The version alone",
    "Where version and plate differ outside the matte: must be black",
)


class Chooser(QtWidgets.QWidget):
    """Which of the script's nodes, and a new one."""

    chosen = Signal(str)
    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._list = QtWidgets.QComboBox()
        self._new = QtWidgets.QPushButton("New Node")
        self._new.setToolTip("A Second Unit node behind the selected one")
        line = QtWidgets.QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._list, 1)
        line.addWidget(self._new)
        self._names: Tuple[str, ...] = ()
        self._wished = ""  # shown as soon as it is among them
        self._list.addItem(_NONE)
        self._list.setEnabled(False)
        self._list.currentTextChanged.connect(self.chosen.emit)
        self._new.clicked.connect(lambda *_: self.wanted.emit())

    @property
    def name(self) -> str:
        """The node that is chosen; empty when there is none."""
        return str(self._list.currentText()) if self._names else ""

    def show_board(self, board: Board) -> None:
        """List the nodes."""
        names = tuple(one.name for one in board.nodes)
        if names == self._names:
            return
        kept, fresh = self.name, [one for one in names if one not in self._names]
        self._names = names
        if self._wished in names:
            kept, self._wished = self._wished, ""
        self._list.blockSignals(True)
        self._list.clear()
        self._list.addItems(list(names) or [_NONE])
        self._list.setEnabled(bool(names))
        pick = kept if kept in names else (fresh[-1] if fresh else "")
        if pick:
            self._list.setCurrentText(pick)
        self._list.blockSignals(False)

    def pick(self, name: str) -> None:
        """Show a node, now or when it is listed."""
        self._wished = "" if name in self._names else name
        if name in self._names:
            self._list.setCurrentText(name)


class Head(QtWidgets.QFrame):
    """The shot: what stands in the comp, version up and down, what the viewer is given."""

    stepped = Signal(int)
    viewed = Signal(str)
    recut = Signal(str)
    cut_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("head")
        self._title, self._placed = QtWidgets.QLabel(), quiet("")
        self._title.setObjectName("title")
        self._up, self._down = QtWidgets.QPushButton("▲"), QtWidgets.QPushButton("▼")
        for button, by, tip in ((self._up, 1, "Version up"), (self._down, -1, "Version down")):
            button.setToolTip(tip)
            button.setFixedWidth(30)
            button.setStyleSheet("padding: 3px 0;")
            button.clicked.connect(lambda *_, by=by: self.stepped.emit(by))
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._placed)
        self._cut = QtWidgets.QLineEdit()
        self._cut.setPlaceholderText("cut 1001-1125")
        self._cut.setToolTip(
            "The frames the cut wants of this shot now; Return says what is missing"
        )
        self._cut.setFixedWidth(112)
        self._cut.returnPressed.connect(lambda: self.recut.emit(str(self._cut.text())))
        self._choose = QtWidgets.QPushButton("…")
        self._choose.setToolTip("Take the frames from a cut: OTIO, EDL, XML, AAF")
        self._choose.setFixedWidth(26)
        self._choose.setStyleSheet("padding: 3px 0;")
        self._choose.clicked.connect(lambda *_: self.cut_wanted.emit())
        top = QtWidgets.QHBoxLayout()
        top.addLayout(words, 1)
        top.addWidget(self._cut)
        top.addWidget(self._choose)
        top.addWidget(self._down)
        top.addWidget(self._up)
        whole = QtWidgets.QVBoxLayout(self)
        whole.setContentsMargins(10, 8, 8, 8)
        whole.addLayout(top)
        whole.addLayout(self._segments())

    def _segments(self) -> Any:
        line = QtWidgets.QHBoxLayout()
        line.setSpacing(0)
        self._views: Dict[str, Any] = {}
        for view, label, tip in zip(VIEWS, _SHORT, _TIPS):
            made = QtWidgets.QPushButton(label)
            made.setCheckable(True)
            made.setProperty("segment", True)
            made.setToolTip(tip)
            made.clicked.connect(lambda *_, view=view: self.viewed.emit(view))
            self._views[view] = made
            line.addWidget(made, 1)
        return line

    def show_row(self, row: NodeRow) -> None:
        """Show the node."""
        self._title.setText(row.title)
        self._placed.setText(row.problem or row.placed or "no version in the comp yet")
        for button in (self._up, self._down, self._cut, self._choose, *self._views.values()):
            button.setEnabled(bool(row.placed))
        for view, made in self._views.items():
            made.setChecked(view == row.view and bool(row.placed))


class Banner(QtWidgets.QFrame):
    """What the cut lacks, and the button that shoots only that."""

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._text = QtWidgets.QLabel()
        self._text.setWordWrap(True)
        self._extend = extend = QtWidgets.QPushButton("Extend")
        extend.setObjectName("main")
        extend.setToolTip("Shoot only the missing frames; what is there stays byte for byte")
        extend.clicked.connect(lambda *_: self.wanted.emit())
        line = QtWidgets.QHBoxLayout(self)
        line.setContentsMargins(10, 6, 6, 6)
        line.addWidget(self._text, 1)
        line.addWidget(extend, 0, QtCore.Qt.AlignVCenter)

    def show_row(self, row: NodeRow) -> None:
        """Show what is missing; nothing when all is there."""
        self._text.setText(f"{row.lacks} {row.asked}".strip())
        self._extend.setVisible(not row.asked)
        self.setVisible(bool(row.lacks))


class HandOver(QtWidgets.QWidget):
    """By which generator, the estimate, and the button that hands the plate over."""

    asked = Signal(str)
    chose = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._lines = quiet("")
        estimate, turn = QtWidgets.QPushButton("Estimate"), QtWidgets.QPushButton("Turn Over")
        turn.setObjectName("main")
        estimate.setToolTip("What it would take: nothing runs")
        turn.setToolTip("Hand plate and matte to the second unit")
        self._generator = QtWidgets.QComboBox()
        self._generator.setToolTip("What shoots it: the node's generator")
        shrinks = QtWidgets.QSizePolicy.Ignored  # a model's long name must not widen the panel
        self._generator.setSizePolicy(shrinks, QtWidgets.QSizePolicy.Fixed)
        self._generator.textActivated.connect(self.chose.emit)
        line = QtWidgets.QHBoxLayout()
        line.addWidget(self._generator, 1)
        self._buttons = {"estimate": estimate, "turn_over": turn}
        for act, button in self._buttons.items():
            button.clicked.connect(lambda *_, act=act: self.asked.emit(act))
            line.addWidget(button)
        whole = QtWidgets.QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(line)
        whole.addWidget(self._lines)

    def show_generator(self, chosen: str, there: Tuple[str, ...]) -> None:
        """The node's own, among those that the daemon has."""
        names = [*there, *([] if chosen in there else [chosen])]
        if names != [self._generator.itemText(n) for n in range(self._generator.count())]:
            self._generator.clear()
            self._generator.addItems(names)
        self._generator.setCurrentText(chosen)

    def show_lines(self, lines: Tuple[str, ...], *, ready: bool) -> None:
        """Show the estimate of the chosen node."""
        self._lines.setText("\n".join(lines))
        self._lines.setVisible(bool(lines))
        for button in self._buttons.values():
            button.setEnabled(ready)
