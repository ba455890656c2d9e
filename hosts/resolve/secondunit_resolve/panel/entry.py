"""Runs one command for a script of Resolve's menu and says what it did.

In Resolve's console, in the small window where the edition has one (Studio), and, for a sweep, as
the page that opens in the browser.
"""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Optional

from secondunit_bridge.core_python import name_python
from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.saying import from_system

from ..acts import Bench, bring_takes, remove_insert
from ..acts.comparing import compare_cut
from ..acts.contact import contact_sheet
from ..acts.delivering import deliver
from ..acts.estimating import COMMANDS, agreed, estimate
from ..acts.freeing import free_card
from ..acts.going import go_to_next
from ..acts.self_test import self_test
from ..acts.sweeping import sweep
from ..acts.telling import status
from ..acts.turning_over import turn_over
from ..pacing import Pace
from ..port import Port
from ..refusals import HostRefused
from ..words import Said, told
from .window import Window, window_of

# Seconds a script waits for the core: in a process of its own nobody is held up, inside of Resolve
# everything would be.
PATIENT_S, HURRIED_S = 20.0, 0.05
Act = Callable[[Bench, float], Said]


def _when_agreed(command: str) -> Act:
    return lambda bench, _: agreed(bench, command)


ACTS: Dict[str, Act] = {
    **{name: _when_agreed(name) for name in COMMANDS},
    "bring_takes": lambda bench, _: bring_takes(bench),
    "remove_insert": lambda bench, _: remove_insert(bench),
    "sweep": lambda bench, patience: sweep(bench, patience_s=patience),
    "compare_cut": lambda bench, patience: compare_cut(bench, patience_s=patience),
    "turn_over": lambda bench, patience: turn_over(bench, patience_s=patience),
    "contact_sheet": lambda bench, patience: contact_sheet(bench, patience_s=patience),
    "go_to_next": lambda bench, _: go_to_next(bench),
    "status": lambda bench, _: status(bench),
    "deliver": lambda bench, _: deliver(bench),
    "free_card": lambda bench, _: free_card(bench),
    "self_test": lambda bench, _: self_test(bench),
}
_ASKING = ("new_insert", "fill_gap", "reshoot")
NOTHING = Said(("Nothing was asked for.",), {})


def run(command: str, given: Mapping[str, Any]) -> Said:
    """Run a command with what Resolve gave its script: ``resolve``, ``fusion``, ``bmd``."""
    name_python(Path(__file__).resolve().parents[2])
    window: Optional[Window] = None
    try:
        port = Port(live(given), Pace(tell=print))
        window = window_of(given) if port.studio else None  # what goes wrong is shown in it, too
        bench = Bench.at(port)
        _give_way(bench, window)
        said = _asked(command, bench, window)
    except SecondUnitError as error:
        said = told(error)
    except OSError as error:
        said = told(from_system(error))
    print(f"Second Unit: {said.text}")  # Resolve's console is where a script speaks
    if window is not None:
        window.say(said)
    _opened(said.facts.get("page"))
    return said


def _opened(page: Any) -> None:
    """Show a page that a command wrote; where no browser does, say where it lies."""
    if not isinstance(page, str) or os.environ.get("SECONDUNIT_NO_BROWSER"):
        return
    if not Path(page).is_file() or not webbrowser.open(Path(page).as_uri()):
        print(f"Second Unit: its page is to be opened by hand: {page}")


def live(given: Mapping[str, Any]) -> Any:
    """The running Resolve. Raises HostRefused when there is none."""
    found: Optional[Any] = given.get("resolve")
    if found is None and given.get("bmd") is not None:
        found = given["bmd"].scriptapp("Resolve")
    if found is None:
        found = _outside()
    if found is None:
        raise HostRefused(
            "Resolve is not there",
            hint="Run this from Workspace > Scripts > Second Unit. From outside it works in Studio"
            " only, with Preferences > System > General > External scripting set to Local.",
        )
    return found


def patience() -> float:
    """How long a script may wait for the core here."""
    name = os.path.basename(_program()).lower()
    return PATIENT_S if name.startswith(("fuscript", "python")) else HURRIED_S


def _program() -> str:
    """The program of this process. A Python inside of another may be named after one beside it."""
    try:
        return os.readlink("/proc/self/exe")
    except (OSError, AttributeError):  # macOS, Windows: there it is named after the program
        return sys.executable or ""


def _give_way(bench: Bench, window: Optional[Window]) -> None:
    """Inside of Resolve a sleep would hold it up: there its window gives way, or nothing can."""
    bench.patience_s = patience()
    if bench.patience_s == HURRIED_S:
        bench.port.pace.pause = window.turn if window is not None else lambda: None


def _asked(command: str, bench: Bench, window: Optional[Window]) -> Said:
    if window is None or command not in COMMANDS:
        return ACTS[command](bench, patience())
    if command in _ASKING:
        wish = window.ask(bench.wish)
        if wish is None:
            return NOTHING
        bench.wish = wish
    told = estimate(bench, command)
    if told.facts["about"] and not window.agrees(told):
        return NOTHING
    return COMMANDS[command][2](bench)


def _outside() -> Optional[Any]:
    try:
        import DaVinciResolveScript  # type: ignore[import-not-found]  # there in Studio only
    except ImportError:
        return None
    found: Optional[Any] = DaVinciResolveScript.scriptapp("Resolve")
    return found
