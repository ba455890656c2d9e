"""The small window: what is asked for before a shoot, and what was done. Studio only.

Built with the window library that Resolve hands its scripts; the free edition has none since 19.1,
and there a script speaks in the console, by markers and by clip colours.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping, Optional

from ..acts.bench import keep_wish
from ..collect.turnover import Wish
from ..words import Said

_MOST_TAKES = 64


def window_of(given: Mapping[str, Any]) -> Optional[Window]:
    """The window where there can be one."""
    fusion, bmd = given.get("fusion"), given.get("bmd")
    if fusion is None or bmd is None:
        return None
    ui = getattr(fusion, "UIManager", None)
    made = getattr(bmd, "UIDispatcher", None)
    if ui is None or made is None:
        return None
    dispatcher = made(ui)
    return Window(ui, dispatcher) if dispatcher is not None else None


class Window:
    """Asks and says. ``ui`` makes widgets, ``dispatcher`` shows them and runs until one ends it."""

    def __init__(self, ui: Any, dispatcher: Any) -> None:
        self._ui, self._dispatcher = ui, dispatcher

    def ask(self, wish: Wish) -> Optional[Wish]:
        """What the editor wants, None when the window was closed."""
        ui = self._ui
        window = self._shown("Second Unit", [
            ui.Label({"Text": "What it should show"}),
            ui.LineEdit({"ID": "brief", "Text": wish.brief}),
            ui.Label({"Text": "Generator"}),
            ui.LineEdit({"ID": "generator", "Text": wish.generator}),
            ui.Label({"Text": "Takes"}),
            ui.SpinBox({"ID": "takes", "Value": wish.takes, "Minimum": 1, "Maximum": _MOST_TAKES}),
            ui.CheckBox({"ID": "stills", "Text": "Hand over the neighbours as graded",
                         "Checked": wish.stills}),
            ui.Button({"ID": "go", "Text": "Draft"}),
        ])  # fmt: skip
        items, chosen = window.GetItems(), []

        def go(_: Any) -> None:
            chosen.append(replace(
                wish, brief=str(items["brief"].Text), generator=str(items["generator"].Text),
                takes=int(items["takes"].Value), stills=bool(items["stills"].Checked),
            ))  # fmt: skip
            self._dispatcher.ExitLoop()

        window.On.go.Clicked = go
        self._run(window)
        if chosen:
            keep_wish(chosen[0])
        return chosen[0] if chosen else None

    def agrees(self, said: Said) -> bool:
        """Show what it would take, and whether it shall be shot; closing the window says no."""
        ui, chosen = self._ui, []
        lines = [ui.Label({"Text": line, "WordWrap": True}) for line in said.lines]
        window = self._shown("Second Unit", [*lines, ui.Button({"ID": "go", "Text": "Shoot"})])

        def go(_: Any) -> None:
            chosen.append(True)
            self._dispatcher.ExitLoop()

        window.On.go.Clicked = go
        self._run(window)
        return bool(chosen)

    def say(self, said: Said) -> None:
        """Show what was done until it is closed."""
        ui = self._ui
        lines = [ui.Label({"Text": line, "WordWrap": True}) for line in said.lines]
        window = self._shown("Second Unit", [*lines, ui.Button({"ID": "go", "Text": "Close"})])
        window.On.go.Clicked = lambda _: self._dispatcher.ExitLoop()
        self._run(window)

    def turn(self) -> None:
        """Let Resolve handle what waits, once, while a command is at work."""
        step = getattr(self._dispatcher, "StepLoop", None)
        if callable(step):
            step()

    def _shown(self, title: str, widgets: Any) -> Any:
        about = {"ID": "secondunit", "WindowTitle": title, "Geometry": [200, 200, 460, 260]}
        window = self._dispatcher.AddWindow(about, [self._ui.VGroup(widgets)])
        window.On.secondunit.Close = lambda _: self._dispatcher.ExitLoop()
        return window

    def _run(self, window: Any) -> None:
        window.Show()
        try:
            self._dispatcher.RunLoop()
        finally:
            window.Hide()
