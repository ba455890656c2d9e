"""The panel itself: it draws the board, hands on what is pressed, and never waits."""

from __future__ import annotations

import getpass
import threading
from functools import partial
from typing import Any, Callable, Dict, List, Optional

from secondunit_bridge.film import Answer

from ..acts import Acts
from ..board import Board, NodeRow
from ..session import Session
from .cards import Card, quiet
from .qt import QtCore, QtWidgets
from .shots import Banner, Chooser, HandOver, Head
from .style import GREEN, QUIET, RED, SHEET

_EMPTY = (
    "Select the plate in the graph and press New Node. Connect a matte to the node's second input:"
    " 1 is where the picture may change. Then turn over."
)

_CUTS = "Cuts (*.otio *.edl *.xml *.fcpxml *.aaf);;All files (*)"

OPEN: List[Panel] = []  # the newest last: what a node's button is done by
WAITING: List[Callable[[Panel], object]] = []  # asked for by a button before a panel was open


class Panel(QtWidgets.QWidget):
    """Second Unit, dockable. Nuke makes it by its dotted name."""

    def __init__(self, parent: Any = None, session: Optional[Session] = None) -> None:
        super().__init__(parent)
        self.setObjectName("SecondUnit")
        self.setAttribute(QtCore.Qt.WA_StyledBackground, True)
        self.setStyleSheet(SHEET)
        self.session = session or _session()
        self.acts = Acts(self.session)
        self._serial = -1
        self._cards: Dict[str, Card] = {}
        self._make()
        self._lay_out()
        self._connect()
        self._timer = QtCore.QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.beat)
        self._timer.start(0)
        OPEN.append(self)
        # a pane may go without closing what is in it; nothing of the widget is left then
        self.destroyed.connect(partial(_gone, self.session))

    def beat(self) -> None:
        """One beat: take in what came, draw it, and come again."""
        while WAITING and not self.session.nuke.rendering:
            self.session.guarded(partial(WAITING.pop(0), self))
        due = self.session.beat()
        if self.session.board.serial != self._serial:
            self.draw(self.session.board)
        self._timer.start(int(1000 * due))

    def draw(self, board: Board) -> None:
        """Show a board."""
        self._serial = board.serial
        colour = GREEN if board.connected else RED if board.daemon.wrong else QUIET
        self._light.setStyleSheet(f"color: {colour}; font-size: 10px;")
        for one in (self._light, self._where):
            one.setToolTip(board.daemon.line)
        self._where.setText("connected" if board.connected else board.daemon.what)
        away = "" if board.connected else f"\n\n{board.daemon.line}"
        self._empty.setText(f"{_EMPTY}{away}")
        self._chooser.show_board(board)
        said = board.said[0] if board.said else None
        self._said.setText(said.line if said is not None else "")
        self._said.setStyleSheet(f"color: {RED};" if said is not None and said.wrong else "")
        self._draw_node(board, board.node(self._chooser.name))

    def closeEvent(self, event: Any) -> None:
        """Hang up. What was asked goes on in the daemon."""
        self._timer.stop()
        _gone(self.session)
        super().closeEvent(event)

    def _draw_node(self, board: Board, row: Optional[NodeRow]) -> None:
        self._empty.setVisible(row is None)
        for widget in (self._head, self._hand_over):
            widget.setVisible(row is not None)
        self._banner.setVisible(row is not None and bool(row.lacks))
        if row is None:
            self._deal([])
            return
        self._head.show_row(row)
        self._hand_over.show_generator(row.generator, board.generators)
        self._banner.show_row(row)
        lines = dict(board.estimates).get(row.name, ())
        self._hand_over.show_lines(lines, ready=not row.problem)
        ids = [take.id for take in row.takes]
        if ids != list(self._cards):
            self._deal(ids)
        for take in row.takes:
            self._cards[take.id].show_row(take)

    def _deal(self, ids: Any) -> None:
        """One card for each take, in order; cards that are there are kept."""
        old, self._cards = self._cards, {}
        for take, card in old.items():
            self._list.removeWidget(card)
            if take not in ids:
                card.hide()
                card.deleteLater()
        for index, take in enumerate(ids):
            card = old.get(take) or Card(take)
            if take not in old:
                card.asked.connect(self._press)
            self._cards[take] = card
            self._list.insertWidget(index, card)

    def _press(self, act: str, take: str, finding: str) -> None:
        by, words = self.by, str(self._words.text())
        act, _, answer = act.partition(" ")
        does: Dict[str, Callable[[], object]] = {
            "circle": lambda: self.acts.circle(take, by, words),
            "place": lambda: self.acts.place(take, by),
            "finish": lambda: self.acts.finish(take, by),
            "restore": lambda: self.acts.restore(take, by),
            "cancel": lambda: self.acts.cancel(take, by),
            "reshoot": lambda: self.acts.reshoot(take, by, words),
            "note": lambda: self.acts.note(take, by, words),
            "waive": lambda: self.acts.waive(finding, take, by, words, Answer(answer)),
        }
        self.do(does[act])
        if act in ("note", "waive", "reshoot") and not self._wrong():
            self._words.clear()

    def do(self, act: Callable[[], object]) -> None:
        """Do what a button asks for; what goes wrong is said."""
        self.session.guarded(act)
        self.beat()

    def make_node(self) -> None:
        """A new node behind what is selected, which is the one that is shown."""
        self.show_node(str(self.acts.make_node().fullName()))

    def show_node(self, name: str) -> None:
        """What is pressed from now on is for this node."""
        self._chooser.pick(name)

    def _wrong(self) -> bool:
        return bool(self.session.said and self.session.said[0].wrong)

    @property
    def name(self) -> str:
        """The node that is shown."""
        return self._chooser.name

    @property
    def by(self) -> str:
        """Who signs."""
        return str(self._by.text()).strip()

    def _make(self) -> None:
        self._light, self._where = QtWidgets.QLabel("●"), quiet("")
        self._where.setWordWrap(False)
        self._where.setAlignment(QtCore.Qt.AlignRight | QtCore.Qt.AlignVCenter)
        shrinks = QtWidgets.QSizePolicy.Ignored  # a long sentence must not widen the panel
        self._where.setSizePolicy(shrinks, QtWidgets.QSizePolicy.Preferred)
        self._chooser, self._head, self._banner = Chooser(), Head(), Banner()
        self._hand_over = HandOver()
        self._empty = quiet(_EMPTY)
        self._said = quiet("")
        self._words, self._by = QtWidgets.QLineEdit(), QtWidgets.QLineEdit(_login())
        self._words.setPlaceholderText("Note, or the reason for what you press")
        self._by.setPlaceholderText("Your name")
        self._by.setFixedWidth(120)
        inner = QtWidgets.QWidget()
        inner.setObjectName("list")
        self._list = QtWidgets.QVBoxLayout(inner)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(6)
        self._list.addStretch(1)
        self._scroll = QtWidgets.QScrollArea()
        self._scroll.setWidget(inner)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarAlwaysOff)

    def _lay_out(self) -> None:
        brand = QtWidgets.QLabel("SECOND UNIT")
        brand.setObjectName("brand")
        top = QtWidgets.QHBoxLayout()
        top.addWidget(brand)
        top.addWidget(self._where, 1)
        top.addWidget(self._light)
        foot = QtWidgets.QHBoxLayout()
        foot.addWidget(self._words, 1)
        foot.addWidget(self._by)
        whole = QtWidgets.QVBoxLayout(self)
        whole.setContentsMargins(10, 10, 10, 10)
        whole.setSpacing(8)
        whole.addLayout(top)
        for widget in (self._chooser, self._empty, self._head, self._banner, self._hand_over):
            whole.addWidget(widget)
        whole.addWidget(self._scroll, 1)
        whole.addWidget(self._said)
        whole.addLayout(foot)
        whole.setStretchFactor(self._scroll, 1)

    def _connect(self) -> None:
        acts = self.acts
        self._chooser.wanted.connect(lambda: self.do(self.make_node))
        self._chooser.chosen.connect(lambda _: self.draw(self.session.board))
        self._head.stepped.connect(lambda by: self.do(lambda: acts.step(self.name, by)))
        self._head.viewed.connect(lambda view: self.do(lambda: acts.view(self.name, view)))
        self._head.recut.connect(lambda text: self.do(lambda: acts.recut(self.name, text)))
        self._head.cut_wanted.connect(self._choose_cut)
        self._banner.wanted.connect(lambda: self.do(lambda: acts.extend(self.name, self.by)))
        self._hand_over.asked.connect(self._hand)
        self._hand_over.chose.connect(lambda one: self.do(lambda: acts.choose(self.name, one)))

    def _choose_cut(self) -> None:
        name = self.name
        path, _ = QtWidgets.QFileDialog.getOpenFileName(self, "The cut as it is now", "", _CUTS)
        if path:
            self.do(lambda: self.acts.recut_from(name, str(path)))

    def _hand(self, act: str) -> None:
        name, by = self.name, self.by
        if act == "estimate":
            self.do(lambda: self.acts.estimate(name))
        else:
            self.do(lambda: self.acts.turn_over(name, by))


def _gone(session: Session, *_: object) -> None:
    """Forget the panel of a session, and hang up."""
    if any(one.session is session for one in OPEN):
        OPEN[:] = [one for one in OPEN if one.session is not session]
        # off this thread: a daemon that stands still would hold Nuke up until its asks time out
        threading.Thread(target=session.close, daemon=True).start()


def _session() -> Session:
    """At work in the Nuke that this is loaded in."""
    from ..host import Nuke

    return Session(Nuke())


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
