"""What the node's own buttons and the menu do: the same as the panel's, on the node itself."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Callable

import nuke
from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.saying import from_system, told

from .. import node as nodes
from .. import selftest as testing
from ..host import Nuke
from ..place import cutting
from .menus import open_panel
from .window import OPEN, WAITING, Panel


def make() -> None:
    """A new node behind what is selected."""
    if OPEN:
        OPEN[-1].do(OPEN[-1].make_node)
    else:
        _do(lambda: nodes.make(Nuke()))


def open(node: Any = None) -> None:
    """Show the panel, and the node in it."""
    if node is None:
        open_panel()
    else:
        _in_panel(node, lambda panel: None)


def turn_over(node: Any) -> None:
    """Hand the node's plate over."""
    _in_panel(node, lambda panel: panel.acts.turn_over(str(node.fullName()), panel.by))


def extend(node: Any) -> None:
    """Shoot what the cut lacks."""
    _in_panel(node, lambda panel: panel.acts.extend(str(node.fullName()), panel.by))


def up(node: Any) -> None:
    """The next version."""
    _step(node, 1)


def down(node: Any) -> None:
    """The version before."""
    _step(node, -1)


def finish(node: Any) -> None:
    """The draft that stands in the comp, at full quality."""
    _in_panel(node, lambda panel: panel.acts.finish_placed(str(node.fullName()), panel.by))


def selftest() -> None:
    """Try every call that we make in this Nuke, in a script of its own, and write a report."""
    if nuke.modified() and not nuke.ask("The self test closes this script. Go on without saving?"):
        return
    report = Path(tempfile.gettempdir()) / "secondunit-nuke-selftest.json"
    said = testing.run(Nuke(), report)
    nuke.message(f"{said}\n\n{report}")


def _step(node: Any, by: int) -> None:
    """Through a panel that is open, so that the ledger hears of it; the comp needs none."""
    if OPEN:
        OPEN[-1].do(lambda: OPEN[-1].acts.step(str(node.fullName()), by))
    else:
        _do(lambda: cutting.step(Nuke(), node, by))


def _do(act: Callable[[], object]) -> None:
    try:
        act()
    except SecondUnitError as error:
        nuke.message(told(error).line)
    except OSError as error:
        nuke.message(told(from_system(error)).line)
    except (RuntimeError, ValueError, NameError) as error:  # what Nuke raises itself
        nuke.message(f"Nuke says: {error}")


def _in_panel(node: Any, act: Callable[[Panel], object]) -> None:
    """The panel does it, since what comes of it comes later; with its first beat if it is new."""
    name = str(node.fullName())

    def shown(panel: Panel) -> None:
        panel.show_node(name)
        act(panel)

    open_panel()
    if OPEN:
        OPEN[-1].do(lambda: shown(OPEN[-1]))
    else:
        WAITING.append(shown)
