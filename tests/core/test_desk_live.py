"""The live room by itself: which frame is styled, which are dropped, and when a session ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from secondunit.desk.live import AWAY_S, MOST_SESSIONS, LiveRoom
from secondunit.desk.people import Client, Later, Reply
from secondunit.desk.slots import SlotRoom
from secondunit.settings import Settings
from secondunit.stage.crew import Report
from secondunit.stage.orders import LIVE, LiveFrame
from secondunit_bridge import errors
from secondunit_bridge.wire import Message

ANN, BEN = Client(b"ann", "blender"), Client(b"ben", "nuke")


class Hands:
    """Stands for the crew: takes one frame at a time and says what the test says."""

    def __init__(self) -> None:
        self.given: list[LiveFrame] = []
        self.work = ""

    def free(self, stage: str) -> bool:
        return not self.work

    def doing(self, stage: str) -> str:
        return self.work if stage == LIVE else ""

    def give(self, stage: str, do: str, work: str, body: LiveFrame) -> None:
        self.work = work
        self.given.append(body)

    def finished(self, stage: str) -> None:
        self.work = ""


class Room:
    def __init__(self) -> None:
        self.now, self.hands = 0.0, Hands()
        self.slots = SlotRoom(self.hands, Settings.load())  # type: ignore[arg-type]  # stands for it
        self.live = LiveRoom(self.hands, self.slots, lambda: self.now)  # type: ignore[arg-type]  # likewise

    def opened(self, who: Client = ANN, **body: Any) -> dict[str, Any]:
        told = {"look": "toon", "width": 64, "height": 32, **body}
        session = self.live.live_open(who, Message("live_open", "", told)).body
        leases = [
            self.slots.lease(who, Message("lease", "", {"nbytes": session[name]})).body["lease"]
            for name in ("given", "made")
        ]
        return {"session": session["session"], "given": leases[0], "made": leases[1]}

    def frame(self, session: dict[str, Any], number: int, who: Client = ANN, **body: Any) -> str:
        told = {**session, "number": number, **body}
        later = self.live.live_frame(who, Message("live_frame", "", told))
        assert isinstance(later, Later)
        return later.work

    def done(self) -> None:
        self.live.hear(Report(LIVE, self.hands.work, {"say": "styled", "ms": 14.0}))

    def said(self) -> dict[str, Any]:
        return {
            work: answer.body if isinstance(answer, Reply) else answer
            for work, answer in self.live.answers()
        }


@pytest.fixture
def room(places: Path) -> Iterator[Room]:
    made = Room()
    yield made
    made.slots.close()


def test_only_the_newest_waiting_frame_is_styled_and_all_are_answered(room: Room) -> None:
    session = room.opened()
    first = room.frame(session, 1)
    room.live.tick()
    second, third, fourth = (room.frame(session, number) for number in (2, 3, 4))
    dropped = {"state": "dropped", "ms": 0.0}
    assert room.said() == {second: {"number": 2, **dropped}, third: {"number": 3, **dropped}}
    room.done()
    room.live.tick()
    assert room.said() == {first: {"number": 1, "state": "styled", "ms": 14.0}}
    room.done()
    assert room.said() == {fourth: {"number": 4, "state": "styled", "ms": 14.0}}
    assert [frame.number for frame in room.hands.given] == [1, 4]


def test_two_viewports_take_turns(room: Room) -> None:
    ann, ben = room.opened(), room.opened(BEN)
    for number in range(4):
        room.frame(ann, number)
        room.frame(ben, 100 + number, BEN)
        room.live.tick()
        room.done()
    sessions = [frame.session for frame in room.hands.given]
    assert sessions == [ann["session"], ben["session"]] * 2


def test_a_session_ends_when_it_is_away_for_long_or_its_client_is_gone(room: Room) -> None:
    ann, ben = room.opened(), room.opened(BEN)
    room.now = AWAY_S - 1
    waiting = room.frame(ann, 1)
    room.now = AWAY_S + 1
    room.live.tick()
    assert room.live.open == 1
    with pytest.raises(errors.UnknownId, match="not open"):
        room.frame(ben, 1, BEN)
    later = room.frame(ann, 2)
    assert room.said() == {}
    room.live.keep_only([BEN])
    assert room.live.open == 0
    assert room.said()[later]["state"] == "dropped"
    room.done()
    assert room.said()[waiting]["state"] == "styled"


def test_what_is_not_ones_own_or_no_view_is_refused(room: Room) -> None:
    ann = room.opened()
    with pytest.raises(errors.UnknownId):
        room.frame(ann, 1, BEN)
    theirs = room.opened(BEN)
    with pytest.raises(errors.SlotLost):
        room.frame({**ann, "made": theirs["made"]}, 1)
    with pytest.raises(errors.FieldError, match="near"):
        room.frame(ann, 1, near=5.0, far=1.0)
    for wrong in ({"look": "oil"}, {"width": 4}, {"result": "half"}, {"options": {"bands": 2.5}}):
        with pytest.raises(errors.FieldError):
            room.opened(**wrong)
    ask = Message("live_open", "", {"look": "toon", "width": 64, "height": 32})
    while room.live.open < MOST_SESSIONS:
        room.live.live_open(ANN, ask)
    with pytest.raises(errors.QueueFull):
        room.live.live_open(ANN, ask)


def test_a_slot_that_the_stage_still_writes_is_not_taken_from_its_dead_client(room: Room) -> None:
    ann = room.opened()
    room.frame(ann, 1)
    room.live.tick()
    room.slots.keep_only([])
    again = room.slots.lease(BEN, Message("lease", "", {"nbytes": 64 * 32 * 4})).body["lease"]
    assert again["path"] not in (ann["given"]["path"], ann["made"]["path"])
    room.done()
    room.slots.keep_only([BEN])
    free = room.slots.lease(BEN, Message("lease", "", {"nbytes": 64 * 32 * 4})).body["lease"]
    assert free["path"] in (ann["given"]["path"], ann["made"]["path"])
