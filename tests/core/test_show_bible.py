"""The bible of a show, beside the project's store: takes from any host are held against it."""

from __future__ import annotations

import importlib.util
import json
import types
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import portraits
import pytest
from portraits import ADA, BEN, framed
from secondunit.editorial import read_cut
from secondunit.editorial.show import FILE, show_of
from secondunit.plugins import Plugins
from secondunit.stage.orders import Shoot
from secondunit.stage.shoot import shoot
from secondunit_bridge.errors import CardWrong
from secondunit_bridge.film import (
    Element,
    Finding,
    Media,
    Outcome,
    Project,
    Role,
    Shot,
    Take,
    Turnover,
    Work,
)
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.wire import dumps

RATE = Fraction(24)
BIBLE = """
[bible]
gallery = "cast"
masters = { 12A = "TCC_0010" }
[bible.setups.12A]
key_side = "left"
axis = { left = "ana", right = "ben" }
[sequences.TCC]
scene = "12"
day = "3"
[[card]]
clip = "TCC_0010"
cast = [{ name = "Ada" }]
[[card]]
clip = "A003_C012"
setup = "12A"
axis = { left = "ben", right = "ana" }
"""
NOBODY = types.SimpleNamespace(check=lambda: None)
needs_dlib = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("dlib", "face_recognition_models"))),
    reason="the extra faces is not installed",
)


@pytest.fixture
def show(tmp_path: Path) -> Project:
    (tmp_path / "store").mkdir()
    (tmp_path / FILE).write_text(BIBLE)
    return Project("kitchen", RATE, 96, 54, store=str(tmp_path / "store"))


def asked(code: str = "0010", **more: Any) -> Turnover:
    shot = Shot("kitchen", "TCC", code, f"guid-{code}", FrameRange(100, 101, RATE), Handles(0, 0))
    return Turnover(shot, Work.insert, **{"generator": "slate", **more})


def said(project: Project, turnover: Turnover) -> dict[str, Any]:
    return {name: json.loads(card) for name, card in show_of(project).cards_of(turnover).items()}


def taken(project: Project, turnover: Turnover) -> Take:
    order = Shoot("t.1", "", 1, 7, 1, turnover, project, project.store)
    return shoot(order, Plugins(), NOBODY, lambda *said, **more: None)[0]


def told(take: Take, check: str) -> list[Finding]:
    return [one for one in take.findings if one.check == check]


def test_a_take_that_no_host_sent_a_card_with_has_the_one_of_its_sequence_set_up_and_shot(show):
    cards = said(show, asked())
    assert cards == {"take": {
        "scene": "12", "day": "3", "setup": "12A", "master": True, "key_side": "left",
        "axis": {"left": "ana", "right": "ben"}, "cast": [{"name": "Ada"}],
    }}  # fmt: skip
    assert said(show, asked("0090")) == {"take": {"scene": "12", "day": "3"}}


def test_what_a_host_says_itself_wins_and_a_card_that_cannot_be_read_is_left(show):
    mine = {"take": dumps({"day": "4", "key_side": None}).decode(), "before": "[]"}
    cards = said(show, asked(cards=mine))
    assert (cards["take"]["day"], cards["take"]["key_side"]) == ("4", "left")
    assert cards["before"] == []


def test_neighbours_are_known_by_the_names_of_their_clips(show):
    media = Media(FrameRange(0, 9, RATE), path="/nowhere/a.mov")
    beside = Element(Role.before, media, "A003_C012")
    before = said(show, asked(elements=(beside,)))["before"]
    assert (before["axis"], before["key_side"]) == ({"left": "ben", "right": "ana"}, "left")
    assert "before" not in said(show, asked())
    assert said(replace(show, store=""), asked()) == {}


def test_the_bible_of_the_show_is_checked_when_a_take_is_shot(show):
    for left, right, outcome in (("ben", "ana", Outcome.look), ("ana", "ben", Outcome.clear)):
        before = dumps({"axis": {"left": left, "right": right}}).decode()
        found = told(taken(show, asked(cards={"before": before})), "axis.host")
        assert {one.outcome for one in found} - {Outcome.not_checked} == {outcome}


def test_a_cut_says_itself_what_it_says_and_the_show_says_the_rest(show, tmp_path: Path):
    own = {"secondunit": {"card": {"day": "9"}}}
    children = [
        {"OTIO_SCHEMA": "Clip.1", "name": name, "metadata": marks, "media_reference": None,
         "source_range": {"OTIO_SCHEMA": "TimeRange.1", **{
             word: {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": value}
             for word, value in (("start_time", 0), ("duration", 5))}}}
        for name, marks in (("TCC_0010", own), ("other", {}))
    ]  # fmt: skip
    track = {"OTIO_SCHEMA": "Track.1", "name": "V1", "kind": "Video", "children": children}
    stack = {"OTIO_SCHEMA": "Stack.1", "children": [track]}
    path = tmp_path / "cut.otio"
    path.write_text(json.dumps({"OTIO_SCHEMA": "Timeline.1", "name": "TCC", "tracks": stack}))
    cards = [shot.marks["card"] for shot in show_of(show).over(read_cut(path)).shots]
    assert [card["day"] for card in cards] == ["9", "3"]
    assert cards[0]["key_side"] == "left"
    assert "key_side" not in cards[1]


def test_a_bible_that_cannot_be_read_is_said_and_costs_no_take(show):
    (Path(show.store).parent / FILE).write_text("[sequences.TCC]\nweather = 'rain'\n")
    with pytest.raises(CardWrong, match="weather"):
        show_of(show)
    take = taken(show, asked())
    assert any("bible was not used" in one and "weather" in one for one in take.remarks)


@needs_dlib
def test_the_face_of_a_take_is_held_against_the_gallery_of_the_show(show, data: Path):
    root = Path(show.store).parent
    (root / "cast" / "Ada").mkdir(parents=True)
    pictures = {name: portraits.portrait(data, name) for name in (ADA, BEN)}
    mirrored = framed(pictures[ADA], ADA, size=(320, 320), face=110)[:, ::-1]
    cv2.imwrite(str(root / "cast/Ada/approved.png"), mirrored[..., ::-1])
    for name, outcome in ((ADA, Outcome.clear), (BEN, Outcome.look)):
        for frame in range(5):
            shown = framed(pictures[name], name, size=(480, 270), face=100, dx=frame)
            cv2.imwrite(str(root / f"{name}.{frame:04}.png"), shown[..., ::-1])
        media = Media(FrameRange(0, 4, RATE), path=str(root / f"{name}.%04d.png"))
        turnover = asked(generator="reframe", width=480, height=270,
                         elements=(Element(Role.reference, media),))  # fmt: skip
        (face,) = told(taken(show, turnover), "identity.face")
        assert (face.outcome, face.subject) == (outcome, "Ada"), face
