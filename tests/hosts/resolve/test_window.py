"""Studio's small window: what it shows is the wish, what it answers is the next one."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import pytest
from fake_resolve import fake
from secondunit_bridge.places import home
from secondunit_resolve.acts.bench import kept_wish
from secondunit_resolve.collect.turnover import Wish
from secondunit_resolve.panel import entry
from secondunit_resolve.panel.window import window_of
from secondunit_resolve.words import Said

KINDS = ("Label", "LineEdit", "SpinBox", "CheckBox", "Button", "VGroup")


class Screen:
    """A UIManager and its dispatcher: an editor who sets what ``sets`` says, then clicks or not."""

    def __init__(self, sets=(), *, clicks: bool) -> None:
        self.sets, self.clicks, self.shown, self.ended = dict(sets), clicks, [], 0
        for kind in KINDS:
            setattr(self, kind, lambda about: about)

    def UIDispatcher(self, ui):
        assert ui is self
        return self

    def AddWindow(self, about, groups):
        widgets = {one["ID"]: SimpleNamespace(**one) for one in groups[0] if "ID" in one}
        self.shown.append([one.get("Text") for one in groups[0]])
        self.widgets, self.on = widgets, SimpleNamespace(
            go=SimpleNamespace(), secondunit=SimpleNamespace()
        )  # fmt: skip
        return SimpleNamespace(On=self.on, GetItems=lambda: self.widgets, Show=list, Hide=list)

    def RunLoop(self) -> None:
        for name, (field, value) in self.sets.items():
            setattr(self.widgets[name], field, value)
        (self.on.go.Clicked if self.clicks else self.on.secondunit.Close)({})

    def ExitLoop(self) -> None:
        self.ended += 1


def window(screen: Screen):
    return window_of({"fusion": SimpleNamespace(UIManager=screen), "bmd": screen})


def test_what_is_set_in_the_window_is_wished_for_and_kept(places):
    screen = Screen({"brief": ("Text", "her hand"), "takes": ("Value", 5.0),
                     "stills": ("Checked", True)}, clicks=True)  # fmt: skip
    wished = window(screen).ask(Wish(artist="Ada", options={"zoom": 2.0}))
    assert wished == Wish(
        "reframe", "her hand", 5, options={"zoom": 2.0}, artist="Ada", stills=True
    )
    assert kept_wish("Ada") == wished
    assert screen.ended == 1


def test_a_closed_window_asks_for_nothing_and_keeps_nothing(places):
    screen = Screen({"brief": ("Text", "her hand")}, clicks=False)
    assert window(screen).ask(Wish(artist="Ada")) is None
    assert kept_wish("Ada") == Wish(artist="Ada")


def test_what_it_would_take_is_agreed_to_by_a_click_only_and_what_was_done_is_said():
    yes, no = Screen(clicks=True), Screen(clicks=False)
    assert window(yes).agrees(Said(("About 3 min.",), {}))
    assert not window(no).agrees(Said(("About 3 min.",), {}))
    assert yes.shown == no.shown == [["About 3 min.", "Shoot"]]
    window(yes).say(Said(("One.", "Two."), {}))
    assert yes.shown[1:] == [["One.", "Two.", "Close"]]


def test_where_scripts_have_no_windows_there_is_none():
    assert window_of({}) is None
    assert window_of({"fusion": SimpleNamespace(UIManager=None)}) is None
    assert window_of({"fusion": SimpleNamespace(), "bmd": SimpleNamespace()}) is None


@pytest.mark.parametrize(("edition", "shown"), [("studio", True), ("free", False)])
def test_what_went_wrong_is_said_in_the_window_where_there_is_one(places, capsys, edition, shown):
    home().mkdir(parents=True, exist_ok=True)
    (home() / "resolve.json").write_text("{takes: 3", encoding="utf-8")
    screen = Screen(clicks=True)
    given = {"fusion": SimpleNamespace(UIManager=screen), "bmd": screen}
    said = entry.run("sweep", {"resolve": fake("20.3.2", edition)[1], **given})
    assert said.wrong
    assert said.lines[0] in capsys.readouterr().out
    assert screen.shown == ([[*said.lines, "Close"]] if shown else [])


@pytest.mark.parametrize(("program", "waits"), [
    ("/opt/resolve/bin/resolve", False), ("/opt/resolve/libs/Fusion/fuscript", True),
    ("/usr/bin/python3.11", True),
])  # fmt: skip
def test_nothing_is_waited_for_inside_of_resolve_whatever_its_python_is_called(
    monkeypatch, program, waits
):
    monkeypatch.setattr(os, "readlink", lambda path: program)
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")  # beside Resolve, not its own
    assert (entry.patience() > 1) == waits
    monkeypatch.delattr(os, "readlink")
    monkeypatch.setattr(sys, "executable", program)
    assert (entry.patience() > 1) == waits


@pytest.mark.parametrize("edition", ["free", "studio"])
def test_the_page_of_a_command_opens_and_where_no_browser_is_its_place_is_said(
    places, tmp_path, capsys, monkeypatch, edition
):
    page, asked, there = tmp_path / "plan of cut.html", [], [True, False]
    page.write_text("<p>12 frames to make.")
    _, handle = fake("20.3.2", edition)
    monkeypatch.setitem(
        entry.ACTS, "compare_cut", lambda *_: Said(("A plan.",), {"page": str(page)})
    )
    monkeypatch.setattr("webbrowser.open", lambda url: asked.append(url) or there[len(asked) - 1])
    monkeypatch.delenv("SECONDUNIT_NO_BROWSER", raising=False)
    for opened in there:
        entry.run("compare_cut", {"resolve": handle})
        assert (str(page) in capsys.readouterr().out) != opened
    assert asked == [page.as_uri()] * 2
    monkeypatch.setenv("SECONDUNIT_NO_BROWSER", "1")
    entry.run("compare_cut", {"resolve": handle})
    assert len(asked) == 2
