"""What is put into Nuke's menus and panes; called by ``menu.py``, which only a GUI reads."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import nuke
from secondunit_bridge.core_python import name_python

from . import window
from .qt import QtWidgets

PANEL, NAME = "uk.secondunit.panel", "Second Unit"
_WIDGET = "secondunit_nuke.panel.window.Panel"  # Nuke evaluates it when the pane is opened


def add() -> None:
    """Menu, Tab entry and dockable panel."""
    name_python(Path(__file__).resolve().parents[2])  # where the plug-in lies, with its note
    panels = importlib.import_module("nukescripts.panels")
    nuke.secondunit_nuke = importlib.import_module("secondunit_nuke")
    panels.registerWidgetAsPanel(f"nuke.{_WIDGET}", NAME, PANEL, False)
    menu = nuke.menu("Nuke").addMenu(NAME)
    acts = "import secondunit_nuke.panel.buttons as su; su."
    menu.addCommand("Open Panel", f"{acts}open()")
    menu.addCommand("New Node", f"{acts}make()")
    menu.addSeparator()
    menu.addCommand("Self Test", f"{acts}selftest()")
    nuke.menu("Nodes").addCommand("SecondUnit", f"{acts}make()")


def open_panel() -> None:
    """Show the panel beside the properties; one that is open already comes to the front."""
    if window.OPEN and _to_the_front(window.OPEN[-1]):
        return
    panels = importlib.import_module("nukescripts.panels")
    pane = nuke.getPaneFor("Properties.1") or nuke.getPaneFor("DAG.1")
    made = panels.registerWidgetAsPanel(f"nuke.{_WIDGET}", NAME, PANEL, True)
    made.addToPane(pane)


def _to_the_front(panel: Any) -> bool:
    """Of the tabs of its pane, each a page of a stack; False where it is in none any more."""
    page, above = panel, panel.parentWidget()
    while above is not None:
        if isinstance(above, QtWidgets.QStackedWidget):
            above.setCurrentWidget(page)
        page, above = above, above.parentWidget()
    panel.window().raise_()
    return bool(panel.isVisible())
