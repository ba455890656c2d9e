"""What is put into Nuke's menus and panes; called by ``menu.py``, which only a GUI reads."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import nuke

from ..starting import name_python

PANEL, NAME = "uk.secondunit.panel", "Second Unit"
_WIDGET = "secondunit_nuke.panel.window.Panel"  # Nuke evaluates it when the pane is opened


def add() -> None:
    """Menu, Tab entry and dockable panel."""
    name_python(Path(__file__).resolve().parents[2])  # where the plug-in lies, with its note
    panels = importlib.import_module("nukescripts.panels")
    importlib.import_module("secondunit_nuke.panel.window")  # the name is looked up later
    nuke.secondunit_nuke = importlib.import_module("secondunit_nuke")
    panels.registerWidgetAsPanel(f"nuke.{_WIDGET}", NAME, PANEL, False)
    menu = nuke.menu("Nuke").addMenu(NAME)
    acts = "import secondunit_nuke.panel.buttons as su; su."
    menu.addCommand("Open Panel", f"{acts}open()")
    menu.addCommand("New Node", f"{acts}make()")
    menu.addSeparator()
    menu.addCommand("Self Test", f"{acts}selftest()")
    nuke.menu("Nodes").addCommand("SecondUnit", f"{acts}make()")


def open_panel() -> Any:
    """Show the panel in the pane of the properties."""
    panels = importlib.import_module("nukescripts.panels")
    pane = nuke.getPaneFor("Properties.1")
    return panels.restorePanel(PANEL).addToPane(pane)
