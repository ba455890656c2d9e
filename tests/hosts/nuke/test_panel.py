"""The panel in a real Qt without a window, against a live daemon: from New Node to the comp."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from functools import partial

import pytest
from nuke_comp import Comp
from plate_material import matte, picture, written
from secondunit_bridge.connection import Connection

if os.environ.get("CI") != "true":  # there a missing Qt, or a library of it, is a failure
    pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)


@pytest.fixture(scope="module")
def qt():
    from PySide6 import QtWidgets

    app = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    return app


@pytest.fixture
def comp(nuke_fake, tmp_path):
    plates = tmp_path / "plates"
    plate = written(plates, "box", picture, suffix=".exr")
    roto = written(plates, "roto", lambda i: matte(i).repeat(3, axis=2), suffix=".exr")
    made = Comp.made(nuke_fake(gui=True), tmp_path / "comp", plate, roto)
    made.node["su_edge_zone"].setValue(6)
    return made


@pytest.fixture
def panel(qt, comp, daemon):
    from secondunit_nuke.panel.window import Panel
    from secondunit_nuke.session import Session

    made = Panel(session=Session(comp.port))
    made.resize(440, 760)
    made.show()
    made._by.setText("Kim")
    yield made
    made.close()


def until(qt, done, timeout=90.0):
    """Run Qt's loop until it is done."""
    end = time.monotonic() + timeout
    while not done():
        assert time.monotonic() < end, "it did not come"
        qt.processEvents()
        time.sleep(0.01)


def row(panel):
    return panel.session.board.nodes[0]


def press(panel, label):
    from PySide6 import QtWidgets

    found = [b for b in panel.findChildren(QtWidgets.QPushButton) if b.text() == label]
    assert found, label
    assert found[0].isEnabled()
    found[0].click()


def closed(panel, finding):
    """The finding has its answer."""
    return not any(one.open for one in row(panel).takes[0].findings if one.id == finding)


def answer(panel, label):
    """What is chosen in the menu of the first finding that is open."""
    from PySide6 import QtWidgets

    buttons = [b for b in panel.findChildren(QtWidgets.QPushButton) if b.text() == "Answer"]
    next(one for one in buttons[0].menu().actions() if one.text() == label).trigger()


def estimated_without_a_render(qt, panel, comp):
    """What Nuke would have to write first is planned all the same, and nothing is rendered."""
    grade, crop = comp.fake.nuke.nodes.Grade(name="Grade1"), comp.fake.nuke.nodes.Crop()
    grade.setInput(0, comp.plate)
    crop.setInput(0, comp.matte)
    crop["box"].setValue((10, 10, 90, 70))
    comp.node.setInput(0, grade)
    comp.node.setInput(1, crop)
    panel._hand_over._lines.setText("")
    panel.session.estimates.clear()
    offered = panel._hand_over._generator
    assert offered.currentText() == "clean_plate"
    assert {"plate_in", "slate"} <= {offered.itemText(n) for n in range(offered.count())}
    offered.textActivated.emit("plate_in")
    until(qt, lambda: offered.currentText() == "plate_in")
    assert comp.node["su_generator"].value() == "plate_in"
    comp.node["su_generator"].setValue("clean_plate")  # in the node's own properties
    until(qt, lambda: offered.currentText() == "clean_plate")
    press(panel, "Estimate")
    until(qt, lambda: "memory" in panel._hand_over._lines.text())
    said = panel._hand_over._lines.text()
    assert "On this frame the matte lies within 80 x 60." in said
    assert "Nuke renders the plate and the matte first, up to 1 MB. Nothing leaves" in said
    assert not comp.fake.renders
    comp.node.setInput(0, comp.plate)
    comp.node.setInput(1, comp.matte)
    comp.fake.nuke.delete(grade)
    comp.fake.nuke.delete(crop)


def test_a_compositor_hands_over_answers_circles_and_sees_the_version_in_the_comp(
    qt, panel, comp, tmp_path
):
    until(qt, lambda: panel.session.hello is not None)
    until(qt, lambda: panel.session.board.nodes)
    press(panel, "Estimate")
    until(qt, lambda: "memory" in panel._hand_over._lines.text())
    assert "6 frames of 240 x 96" in panel._hand_over._lines.text()
    assert (
        "Plate and matte are read in place. Nothing leaves this machine."
        in panel._hand_over._lines.text()
    )
    estimated_without_a_render(qt, panel, comp)
    press(panel, "Turn Over")
    until(qt, lambda: row(panel).takes)
    until(qt, lambda: row(panel).takes[0].state.value in ("pending_review", "blocked"))
    take = row(panel).takes[0]
    assert os.path.isfile(take.picture)
    for finding in [one for one in take.findings if one.open]:
        panel._words.setText("meant so")
        answer(panel, "Best possible")
        until(qt, partial(closed, panel, finding.id))
    until(qt, lambda: row(panel).takes[0].can_circle)
    panel.grab().save(str(tmp_path / "review.png"))
    panel._words.setText("alone on this comp")  # who asked for it circles it: on record
    press(panel, "Circle")
    until(qt, lambda: row(panel).placed)
    assert comp.node.node("Version") is not None
    panel._head.recut.emit("1001-1006")
    until(qt, lambda: row(panel).takes[0].placed and row(panel).takes[0].version)
    picture = panel.grab()
    picture.save(str(tmp_path / "placed.png"))
    assert picture.width() == 440
    panel._head.recut.emit("1001-1008")
    until(qt, lambda: panel._banner.isVisible())
    assert "2 frames missing (1007-1008)" in panel._banner._text.text()
    press(panel, "Extend")  # the plate has no such frames
    until(qt, lambda: panel.session.said[0].wrong)
    assert "the plate has frames 1001 to 1006" in panel.session.said[0].what.lower()
    panel._head.recut.emit("the whole")
    assert "no range of frames" in panel._said.text()


@pytest.fixture
def panes(qt, comp, monkeypatch):
    """``menu.py`` as Nuke runs it: its menu, and the panels that it opens in tabs of one pane.

    The dotted name is evaluated as Nuke does it.
    """
    import runpy
    import sys
    import types
    from importlib.resources import files

    import secondunit_nuke.panel
    from PySide6 import QtWidgets

    made, tabs = [], QtWidgets.QTabWidget()

    class Pane:
        def __init__(self, widget):
            self.widget = widget

        def addToPane(self, pane):
            made.append(eval(self.widget, {"nuke": comp.fake.nuke})())
            tabs.addTab(made[-1], "Second Unit")
            tabs.setCurrentWidget(made[-1])
            return self

    def register(widget, name, id, create=False):
        comp.fake.nuke.menu("Pane").addCommand(name, widget)
        return Pane(widget) if create else None

    panels = types.ModuleType("nukescripts.panels")
    panels.registerWidgetAsPanel = register
    monkeypatch.setitem(sys.modules, "nukescripts.panels", panels)
    for name in [one for one in sys.modules if one.startswith("secondunit_nuke.panel.")]:
        monkeypatch.delitem(sys.modules, name)
        monkeypatch.delattr(secondunit_nuke.panel, name.rpartition(".")[2], raising=False)
    runpy.run_path(str(files("secondunit_nuke.startup") / "menu.py"))
    tabs.addTab(QtWidgets.QWidget(), "Properties")
    tabs.show()
    yield types.SimpleNamespace(
        menu=comp.fake.nuke.menu("Nuke").findItem("Second Unit"), made=made, tabs=tabs
    )
    tabs.close()


def pressed(button, node):
    """A button of a node's own properties."""
    import types

    exec(node[button].value(), {"nuke": types.SimpleNamespace(thisNode=lambda: node)})


def test_the_menu_the_pane_and_the_nodes_buttons_lead_to_the_panel(panes, comp):
    menu, made = panes.menu, panes.made
    assert {"Open Panel", "New Node", "Self Test"} <= set(menu._items)
    pressed("su_up", comp.node)  # with no panel open
    assert "No version is placed yet" in comp.fake.said[-1]
    exec(menu.findItem("Open Panel"), {})
    assert len(made) == 1
    comp.node.setInput(1, None)
    pressed("su_turn_over", comp.node)
    assert "no matte is connected" in made[0].session.said[0].what.lower()
    told = len(comp.fake.said)
    pressed("su_up", comp.node)  # through the panel, so that the ledger hears of it
    assert "No version is placed yet" in made[0].session.said[0].what
    assert len(comp.fake.said) == told
    made[0].close()


def test_what_is_pressed_is_for_the_node_that_is_shown(qt, panes, comp):
    """The newest, or the one whose own button was pressed."""
    from secondunit_nuke.panel.window import OPEN, Panel
    from secondunit_nuke.session import Session

    own = Panel(session=Session(comp.port))
    own.show()
    assert OPEN[-1] is own
    until(qt, lambda: own.name == "SecondUnit1")
    comp.plate.setSelected(True)
    press(own, "New Node")
    until(qt, lambda: own.name == "SecondUnit2")
    comp.node.setInput(1, None)
    pressed("su_turn_over", comp.node)
    assert own.name == "SecondUnit1"
    exec(panes.menu.findItem("New Node"), {})
    until(qt, lambda: own.name == "SecondUnit3")
    pressed("su_open", comp.fake.nuke.toNode("SecondUnit2"))
    assert own.name == "SecondUnit2"
    own.close()


def test_a_panel_comes_to_the_front_and_one_that_went_with_its_pane_is_forgotten(qt, panes, comp):
    from PySide6 import QtCore
    from secondunit_nuke.panel import window

    opened = panes.menu.findItem("Open Panel")
    exec(opened, {})
    panes.tabs.setCurrentIndex(0)  # the properties, which hide it
    assert not panes.made[0].isVisible()
    exec(opened, {})
    assert len(panes.made) == 1  # one that is open stays
    assert panes.made[0].isVisible()
    session = panes.made[0].session
    panes.made[0].deleteLater()  # as a pane does that is taken away: nothing is closed first
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.DeferredDelete)
    until(qt, lambda: not window.OPEN and session.caller._closed, 5)
    exec(opened, {})
    assert len(panes.made) == 2
    pressed("su_up", comp.node)
    assert "No version is placed yet" in panes.made[1].session.said[0].what
    panes.made[1].close()


def test_finish_is_on_the_card_of_a_draft_and_a_cut_is_chosen_as_a_file(
    qt, panel, tmp_path, monkeypatch
):
    from PySide6 import QtWidgets
    from secondunit_bridge.film import TakeState
    from secondunit_nuke.board import TakeRow
    from secondunit_nuke.panel.cards import Card

    def buttons(row):
        card = Card(row.id)
        asked.clear()
        card.asked.connect(lambda *what: asked.append(what))
        card.show_row(row)
        return {one.text(): one for one in card.findChildren(QtWidgets.QPushButton)}, card

    asked: list = []
    draft = TakeRow("a.1", "Take 1  draft", TakeState.circled, "circled", "", None, 7, "", (), (),
                    "v001", draft=True)  # fmt: skip
    shown, card = buttons(draft)
    shown["Finish"].click()
    assert asked == [("finish", "a.1", "")]
    for other in (replace(draft, finished=True), replace(draft, draft=False)):
        assert "Finish" not in buttons(other)[0]
    card.deleteLater()
    chosen, read = str(tmp_path / "reel.edl"), []
    monkeypatch.setattr(QtWidgets.QFileDialog, "getOpenFileName", lambda *_: (chosen, ""))
    monkeypatch.setattr(panel.acts, "recut_from", lambda name, path: read.append(path))
    panel._head.cut_wanted.emit()
    assert read == [chosen]


@pytest.mark.parametrize("name", ["PySide2", "PySide6"])
def test_the_qt_that_a_nuke_has_loaded_is_the_one_that_is_used(monkeypatch, name):
    import importlib
    import sys
    import types

    from PySide6 import QtCore, QtGui, QtWidgets

    for one in [one for one in sys.modules if one.startswith(("PySide2", "PySide6"))]:
        monkeypatch.delitem(sys.modules, one)
    stand_in = types.ModuleType(name)
    monkeypatch.setitem(sys.modules, name, stand_in)
    parts = {"QtCore": QtCore, "QtGui": QtGui, "QtWidgets": QtWidgets}
    for part, module in parts.items():
        monkeypatch.setitem(sys.modules, f"{name}.{part}", module)
    monkeypatch.delitem(sys.modules, "secondunit_nuke.panel.qt", raising=False)
    found = importlib.import_module("secondunit_nuke.panel.qt")
    assert (found.NAME, found.QtWidgets) == (name, QtWidgets)


def test_a_daemon_that_stands_still_never_holds_the_panel_up(qt, panel):
    until(qt, lambda: panel.session.hello is not None)
    pid = Connection.live().pid
    os.kill(pid, signal.SIGSTOP)
    try:
        panel.session.stale |= set(panel.session.known)
        end = time.monotonic() + 3.0
        while time.monotonic() < end:
            for turn in (partial(press, panel, "Estimate"), panel.beat, qt.processEvents):
                held_up_by(turn)
            time.sleep(0.05)
        held_up_by(panel.close)
    finally:
        os.kill(pid, signal.SIGCONT)


def held_up_by(turn, most=2.0):
    """Who waits burns no processor time: it is the clock that says whether a person waited."""
    begun, worked = time.monotonic(), time.process_time()
    turn()
    assert time.process_time() - worked < 0.5
    assert time.monotonic() - begun < most


def test_a_panel_that_waits_would_be_found():
    with pytest.raises(AssertionError):
        held_up_by(partial(time.sleep, 0.1), most=0.05)
