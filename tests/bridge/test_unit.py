"""The host's handle: what it asks, what it hears, and how it lives through restarts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from secondunit_bridge import link as links
from secondunit_bridge import wire
from secondunit_bridge.errors import (
    DaemonUnavailable,
    DiskFull,
    FieldError,
    FindingsOpen,
    ProtocolTooNew,
    SlotLost,
    TakeFailed,
    TimedOut,
    TokenRefused,
    UnknownVerb,
    error_body,
)
from secondunit_bridge.film import (
    Answer,
    CutIn,
    Entry,
    Note,
    Project,
    Shot,
    Take,
    TakeState,
    Turnover,
    Version,
    VersionClass,
    Waiver,
    Work,
    delivered,
)
from secondunit_bridge.slots import Frame, Lease, SlotFile, State
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.unit import Event, Unit
from secondunit_bridge.wire import Message, plain, typed

RATE = Fraction(24)
SHOT = Shot("p", "TCC", "0010", "guid", FrameRange(0, 47, RATE))
TURNOVER = Turnover(SHOT, Work.insert, "slate", options={"push": 1.2})
TAKE = Take("abcd.1", "d" * 64, "guid", "TCC_0010", 1, 0, TakeState.pending_review)
VERSION = Version(
    "TCC_0010_v001", "guid", "abcd.1", 1, VersionClass.temp, "Ada", "/v",
    delivered(SHOT), Handles(8, 8), "e" * 64,
)  # fmt: skip
ENTRY = Entry(7, "take", "abcd.1", 1.5, "", {"x": 1}, "f" * 64)


@pytest.fixture
def unit(office, monkeypatch) -> Iterator[Unit]:
    with at(office, monkeypatch) as made:
        yield made


def at(office, monkeypatch, **how: Any) -> Unit:
    """A unit that finds the office as it would find a daemon: by its connection file."""
    monkeypatch.setattr("secondunit_bridge.connection.connection_file", lambda: office.file)
    if not office.endpoint:
        office.open()
    return Unit.connect(host="test", start=False, **{"timeout": 5.0, **how})


@contextmanager
def too_busy(office) -> Iterator[None]:
    """Somebody listens in the daemon's place and has no time to open."""
    office.shut()
    place = Path(office.endpoint.removeprefix("ipc://"))
    place.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        listening.listen()
        yield


def until(true: Callable[[], Any], seconds: float = 5.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)
    return found


def test_it_says_who_it_is_before_anything_else(office, unit) -> None:
    first = office.asked[0]
    assert first.kind == "hello"
    assert first.body["host"] == "test"
    assert first.body["events"] is True
    assert first.body["pid"]
    assert first.body["started"]
    assert unit.hello().generators == ("slate",)
    assert unit.said == ()


VERBS: list[tuple[Callable[[Unit], Any], str, Any, Any, Any]] = [
    (lambda u: u.status(), "status", {}, {"waiting": 2}, {"waiting": 2}),
    (lambda u: u.turn_over(TURNOVER), "turn_over", plain(TURNOVER), {"takes": ["a", "b"]},
     ("a", "b")),
    (lambda u: u.plan(TURNOVER), "plan", plain(TURNOVER), {"plan": {"width": 8}}, {"width": 8}),
    (lambda u: u.plan(TURNOVER, pixel_aspect=2.0), "plan",
     {**plain(TURNOVER), "pixel_aspect": 2.0}, {"plan": {}}, {}),
    (lambda u: u.project(Project("p", RATE, 8, 8)), "project",
     plain(Project("p", RATE, 8, 8)), {}, None),
    (lambda u: u.projects(), "projects", {}, {"projects": [plain(Project("p", RATE, 8, 8))]},
     (Project("p", RATE, 8, 8),)),
    (lambda u: u.cancel(client="nuke", by="Ada"), "cancel",
     {"take": "", "turnover": "", "client": "nuke", "by": "Ada"}, {"cancelled": 3}, 3),
    (lambda u: u.retry("t"), "retry", {"take": "t"}, {"take": "t"}, None),
    (lambda u: u.suspend("t"), "suspend", {"take": "t"}, {"take": "t"}, None),
    (lambda u: u.resume("t"), "resume", {"take": "t"}, {"take": "t"}, None),
    (lambda u: u.take("abcd.1"), "take", {"take": "abcd.1"}, {"take": plain(TAKE)}, TAKE),
    (lambda u: u.takes(shot="guid", state=TakeState.junk, limit=5, after="x"), "takes",
     {"shot": "guid", "state": "junk", "limit": 5, "after": "x"}, {"takes": [plain(TAKE)]},
     (TAKE,)),
    (lambda u: u.takes(), "takes", {"shot": "", "limit": 1000, "after": ""}, {"takes": []}, ()),
    (lambda u: u.versions("guid"), "versions", {"shot": "guid", "limit": 1 << 20, "after": ""},
     {"versions": [plain(VERSION)], "states": {}}, (VERSION,)),
    (lambda u: u.note(Note("t", "Ada", "soft")), "note", plain(Note("t", "Ada", "soft")), {}, None),
    (lambda u: u.waive(Waiver("f", Answer.not_an_error, "Ada", "fine")), "waive",
     plain(Waiver("f", Answer.not_an_error, "Ada", "fine")), {}, None),
    (lambda u: u.circle("abcd.1", "Ada", VersionClass.final), "circle",
     {"take": "abcd.1", "by": "Ada", "kind": "final", "reason": ""},
     {"version": plain(VERSION)}, VERSION),
    (lambda u: u.promote("v", "Ada"), "promote",
     {"version": "v", "by": "Ada", "reason": ""},
     {"version": plain(VERSION)}, VERSION),
    (lambda u: u.recall("v", "Ada", "soft"), "recall",
     {"version": "v", "by": "Ada", "reason": "soft"}, {}, None),
    (lambda u: u.reject("t", "Ada", "soft"), "reject",
     {"take": "t", "by": "Ada", "reason": "soft"}, {}, None),
    (lambda u: u.restore("t", "Ada"), "restore",
     {"take": "t", "by": "Ada", "reason": ""}, {}, None),
    (lambda u: u.cut_in(CutIn("v", "g", "nuke", "c", "V2", SHOT.cut)), "cut_in",
     plain(CutIn("v", "g", "nuke", "c", "V2", SHOT.cut)), {}, None),
    (lambda u: u.entries(6, 10), "entries", {"after": 6, "limit": 10},
     {"entries": [plain(ENTRY)]}, (ENTRY,)),
    (lambda u: u.queue(), "queue", {}, {"queue": [["a.1", "a", "nuke", 0]]},
     (("a.1", "a", "nuke", 0),)),
    (lambda u: u.shots(), "shots", {"limit": 1 << 20, "after": ""},
     {"shots": [plain(SHOT)], "more": False}, (SHOT,)),
    (lambda u: u.stop_daemon(), "stop_daemon", {}, {}, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ask", "verb", "sent", "reply", "value"), VERBS, ids=[v[1] for v in VERBS]
)
def test_each_verb_sends_what_the_protocol_says_and_gives_film_values(
    office, unit, ask, verb, sent, reply, value
) -> None:
    office.answers[verb] = lambda message: reply
    assert ask(unit) == value
    asked = next(message for message in office.asked if message.kind == verb)
    assert asked.body == sent
    assert asked.id
    assert not asked.re


def test_what_does_not_fit_one_answer_is_asked_for_page_by_page(office, unit) -> None:
    second = replace(VERSION, name="TCC_0010_v002")
    pages = {
        "": {"versions": [plain(VERSION)], "states": {VERSION.name: "recalled"}, "more": True},
        VERSION.name: {"versions": [plain(second)], "states": {second.name: "approved"}},
    }
    office.answers["versions"] = lambda message: pages[message.body["after"]]
    assert unit.versions() == (VERSION, second)
    assert unit.version_states() == {VERSION.name: "recalled", second.name: "approved"}


def test_what_the_daemon_raises_is_raised_here(office, unit) -> None:
    def refuse(message: Message) -> Any:
        raise FindingsOpen("2 findings are open", hint="Answer them.", data={"findings": ["f"]})

    office.answers["circle"] = refuse
    with pytest.raises(FindingsOpen, match="2 findings") as open_:
        unit.circle("t", "Ada")
    assert open_.value.hint == "Answer them."
    assert open_.value.data == {"findings": ["f"]}
    with pytest.raises(UnknownVerb):
        unit.status()


def test_an_error_of_a_newer_daemon_arrives_as_the_branch_that_is_known(office, unit) -> None:
    melted = {"code": "E_MELTED", "message": "m", "branches": ["E_MELTED", "E_TAKE", "E_FAILED"]}
    office._reply = lambda message: Message("error", "e", melted, message.id)
    with pytest.raises(TakeFailed):
        unit.retry("t")


def test_an_answer_of_the_wrong_kind_is_named_not_passed_on(office, unit) -> None:
    for reply in ({}, {"takes": 5}, {"takes": [5]}, [], "x", {"takes": [{}]}):
        office.answers["takes"] = lambda message, reply=reply: reply
        with pytest.raises(FieldError, match="takes"):
            unit.takes()


def test_an_ask_that_is_not_answered_ends_in_time(office, unit, monkeypatch) -> None:
    office.answers["status"] = lambda message: None
    office.answers["circle"] = lambda message: None
    monkeypatch.setattr(unit, "_timeout", 0.2)
    began = time.monotonic()
    with pytest.raises(TimedOut, match="did not answer 'status'") as late:
        unit.status()
    with pytest.raises(TimedOut):
        unit.circle("t", "Ada", timeout=0.2)
    assert time.monotonic() - began < 2
    assert late.value.hint
    assert late.value.retryable
    office.answers["status"] = lambda message: {"late": False}
    assert unit.status() == {"late": False}


def test_an_answer_that_comes_too_late_is_not_taken_for_another(office, unit, monkeypatch) -> None:
    office.answers["status"] = lambda message: None
    monkeypatch.setattr(unit, "_timeout", 0.1)
    with pytest.raises(TimedOut):
        unit.status()
    stale = office.asked[-1]
    office.push(Message("status", "r", {"old": True}, stale.id))
    office.answers["status"] = lambda message: {"old": False}
    assert unit.status() == {"old": False}
    assert list(unit.events()) == []


def test_many_threads_may_ask_at_once_and_each_gets_its_own_answer(office, unit) -> None:
    office.answers["take"] = lambda message: {"take": {**plain(TAKE), "id": message.body["take"]}}
    wrong: list[str] = []

    def ask(name: str) -> None:
        for number in range(50):
            take = f"{name}.{number}"
            if unit.take(take).id != take:
                wrong.append(take)

    threads = [threading.Thread(target=ask, args=(f"t{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(office.kinds()) == 400


def test_while_a_version_is_published_progress_arrives_and_others_may_ask(office, unit) -> None:
    office.answers["circle"] = lambda message: None
    office.answers["status"] = lambda message: {"waiting": 0}
    done: list[Version] = []
    circling = threading.Thread(target=lambda: done.append(unit.circle("abcd.1", "Ada")))
    circling.start()
    asked = until(lambda: [m for m in office.asked if m.kind == "circle"])[0]
    office.push(Message("progress", "", {"take": "abcd.1", "done": 0.5, "says": "frame 4"}))
    assert until(lambda: list(unit.events())) == [
        Event("progress", None, {"take": "abcd.1", "done": 0.5, "says": "frame 4"})
    ]
    assert unit.status() == {"waiting": 0}
    office.push(Message("circle", "r", {"version": plain(VERSION)}, asked.id))
    circling.join(5)
    assert done == [VERSION]


def test_events_come_in_order_once_and_never_block(office, unit) -> None:
    assert list(unit.events()) == []
    office.push(
        Message("entry", "7", plain(ENTRY)),
        Message("preview", "", {"take": "abcd.1", "frame": 1001}, parts=(b"\xff\xd8jpeg",)),
        Message("from_the_future", "", {"x": 1}),
    )
    got: list[Event] = []
    until(lambda: got.extend(unit.events()) or len(got) == 3)
    assert got[0] == Event("entry", ENTRY, plain(ENTRY))
    assert got[1].parts == (b"\xff\xd8jpeg",)
    assert got[2].kind == "from_the_future"
    assert list(unit.events()) == []


def test_an_event_that_cannot_be_understood_is_said_and_the_next_one_arrives(office, unit) -> None:
    office.push(
        Message("entry", "7", {**plain(ENTRY), "number": "seven"}),
        Message("entry", "8", plain(ENTRY)),
    )
    until(lambda: unit._link.heard == 2)
    with pytest.raises(FieldError, match=r"Entry\.number"):
        list(unit.events())
    assert [event.entry for event in unit.events()] == [ENTRY]


def test_when_nobody_drains_progress_is_lost_first_and_entries_stay(
    office, unit, monkeypatch
) -> None:
    monkeypatch.setattr(links, "MAX_EVENTS", 20)
    office.push(*[Message("progress", "", {"n": n}) for n in range(100)])
    office.push(*[Message("entry", "", plain(ENTRY)) for _ in range(30)])
    until(lambda: unit._link.heard == 30)
    kinds = [event.kind for event in unit.events()]
    assert kinds.count("entry") == 30
    assert kinds.count("progress") == 20


def test_the_connection_comes_back_after_the_router_went_away(office, unit) -> None:
    office.answers["status"] = lambda message: {"waiting": 0}
    office.shut()
    until(lambda: [event for event in unit.events() if event.kind == "gone"])
    office.open()
    until(lambda: [event for event in unit.events() if event.kind == "back"])
    assert unit.status() == {"waiting": 0}


def test_a_new_daemon_with_a_new_token_is_found_by_its_file(office, unit) -> None:
    office.answers["status"] = lambda message: {"waiting": 0}
    office.shut()
    office.token = "b" * 64
    office.open()
    assert unit.status() == {"waiting": 0}


def test_an_ask_that_was_under_way_is_sent_again_unchanged(office, unit) -> None:
    office.answers["turn_over"] = lambda message: None  # it dies before it answers
    got: list[Any] = []
    asking = threading.Thread(target=lambda: got.append(unit.turn_over(TURNOVER)))
    asking.start()
    until(lambda: office.kinds())
    office.shut()
    office.answers["turn_over"] = lambda message: {"takes": ["abcd.1"]}
    office.open()
    asking.join(5)
    assert got == [("abcd.1",)]
    first, second = (message for message in office.asked if message.kind == "turn_over")
    assert first == second
    assert typed(Turnover, second.body) == TURNOVER


def test_an_ask_made_while_the_daemon_is_away_is_answered_when_it_is_back(office, unit) -> None:
    office.answers["status"] = lambda message: {"waiting": 1}
    office.shut()
    threading.Timer(0.3, office.open).start()
    assert unit.status() == {"waiting": 1}


def test_a_daemon_too_busy_to_open_the_door_is_waited_for_as_long_as_whoever_asks_waits(
    office, unit, monkeypatch
) -> None:
    monkeypatch.setattr(links, "GRACE_S", 0.2)
    monkeypatch.setattr(links, "dial", partial(links.dial, timeout=0.1))
    office.answers["status"] = lambda message: {"waiting": 1}
    with too_busy(office):
        threading.Timer(0.7, office.open).start()
        assert unit.status() == {"waiting": 1}


def test_a_daemon_that_stays_busy_is_told_of_when_the_time_is_over(
    office, unit, monkeypatch
) -> None:
    monkeypatch.setattr(links, "dial", partial(links.dial, timeout=0.1))
    with too_busy(office), pytest.raises(TimedOut, match="handshake") as late:
        unit._link.ask(Message("status", "1", {}), 0.5)
    assert "doctor" in late.value.hint


def test_a_daemon_that_stays_away_is_said_and_asking_again_is_told_at_once(
    office, unit, monkeypatch
) -> None:
    monkeypatch.setattr(links, "GRACE_S", 0.2)
    office.shut()
    office.file.unlink()
    with pytest.raises(DaemonUnavailable, match="no daemon runs") as away:
        unit.status()
    assert "secondunit daemon start" in away.value.hint
    began = time.monotonic()
    with pytest.raises(DaemonUnavailable):
        unit.status()
    assert time.monotonic() - began < 1


def test_a_token_that_is_refused_is_said_at_once(office, monkeypatch) -> None:
    office.open()
    right, office.token = office.token, "c" * 64
    office.announce()
    with pytest.raises(TokenRefused):
        at(office, monkeypatch)
    office.token = right


def test_a_daemon_of_another_protocol_is_said_before_anything_is_asked(office, monkeypatch) -> None:
    office.open()
    text = office.file.read_text().replace("SU/1", "SU/2")
    office.file.write_text(text)
    with pytest.raises(ProtocolTooNew, match="SU/2"):
        at(office, monkeypatch)
    assert office.asked == []


def test_a_daemon_that_accepts_but_never_answers_does_not_hold_a_host(office, monkeypatch) -> None:
    office.answers["hello"] = lambda message: None
    began = time.monotonic()
    with pytest.raises(TimedOut):
        at(office, monkeypatch, timeout=0.3)
    assert time.monotonic() - began < 3


def test_replies_that_cannot_be_read_are_an_error_not_a_hang(office, unit) -> None:
    office.answers["status"] = lambda message: None
    for parts, error in (
        ([b"SU/7", b"{}"], ProtocolTooNew),
        ([wire.PROTOCOL, b"[]"], FieldError),
        ([wire.PROTOCOL, b'{"kind":"error","id":"1","body":{"code":"E_DISK"}}'], DiskFull),
    ):
        before = len(office.kinds())
        threading.Thread(
            target=lambda parts=parts, before=before: (
                until(lambda: len(office.kinds()) > before),
                office.push_raw(*parts),
            )
        ).start()
        with pytest.raises(error):
            unit.status()


def test_a_busy_daemon_is_not_taken_for_a_dead_one(office, unit, monkeypatch) -> None:
    monkeypatch.setattr(links, "BEAT_S", 0.05)
    monkeypatch.setattr(links, "DEAD_S", 0.3)
    office.answers["status"] = lambda message: time.sleep(0.8) or {}  # three times DEAD_S
    unit.status()  # the router answers each PING by itself, however busy the daemon is
    assert not [event for event in unit.events() if event.kind == "gone"]


def test_a_daemon_that_is_there_but_dead_is_noticed(office, mute, monkeypatch) -> None:
    monkeypatch.setattr(links, "BEAT_S", 0.05)
    monkeypatch.setattr(links, "DEAD_S", 0.3)
    office.endpoint = mute
    with Unit(office.announce(), timeout=1.0) as unit:
        until(lambda: [event for event in unit.events() if event.kind == "gone"])


def test_waiting_ends_when_every_take_is_shot(office, unit) -> None:
    states = {"a": TakeState.waiting, "b": TakeState.pending_review}

    def take(message: Message) -> Any:
        name = message.body["take"]
        return {"take": {**plain(TAKE), "id": name, "state": states[name].value}}

    office.answers["take"] = take
    with pytest.raises(TimedOut, match="1 of 2 takes") as slow:
        unit.wait(["a", "b"], timeout=0.2)
    assert slow.value.data == {"takes": ["a"]}

    def shoot() -> None:
        time.sleep(0.2)
        states["a"] = TakeState.failed
        office.push(Message("entry", "7", plain(ENTRY)))

    threading.Thread(target=shoot).start()
    began = time.monotonic()
    shot = unit.wait(["b", "a"], timeout=10)
    assert time.monotonic() - began < 0.9  # the entry woke it, not the next look
    assert [(t.id, t.state) for t in shot] == [
        ("b", TakeState.pending_review),
        ("a", TakeState.failed),
    ]
    assert [event.kind for event in unit.events()] == ["entry"]  # waiting takes no event away
    assert unit.wait([], timeout=0) == ()


def test_a_closed_unit_says_so_and_ends_who_waits(office, unit) -> None:
    office.answers["status"] = lambda message: None
    errors: list[Exception] = []

    def ask() -> None:
        try:
            unit.status()
        except DaemonUnavailable as error:
            errors.append(error)

    waiting = threading.Thread(target=ask)
    waiting.start()
    until(lambda: office.kinds())
    unit.close()
    waiting.join(5)
    assert len(errors) == 1
    with pytest.raises(DaemonUnavailable, match="closed"):
        unit.status()
    unit.close()


class Room:
    """The daemon's side of slots, for one slot."""

    def __init__(self, folder: Path) -> None:
        self.file = SlotFile.create(folder, 1000)
        self.generation = 0
        self.released: list[Lease] = []

    def lease(self, message: Message) -> Any:
        self.generation += 1
        self.file.mark(self.generation, State.writing)
        lease = Lease(str(self.file.path), self.generation, self.file.nbytes)
        return {"lease": plain(lease)}

    def release(self, message: Message) -> Any:
        self.released.append(typed(Lease, message.body))
        return {}

    def rehearse(self, message: Message) -> Any:
        self.file.check(self.generation, State.ready)
        pixels = self.file.pixels
        frame = typed(Frame, message.body["frame"])
        pixels[: frame.nbytes] = bytes(255 - byte for byte in pixels[: frame.nbytes])
        self.file.mark(self.generation, State.result)
        return {}


@pytest.fixture
def room(office, tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    for verb in ("lease", "release", "rehearse"):
        office.answers[verb] = getattr(made, verb)
    yield made
    made.file.remove()


def test_a_live_frame_goes_through_a_slot_and_back(office, unit, room) -> None:
    slot = unit.lease(256)
    slot.write(Frame((4, 16, 4), "uint8"), bytes(range(256)))
    unit.rehearse(slot, "through", strength=0.5)
    assert bytes(slot.read()) == bytes(255 - n for n in range(256))
    asked = next(message for message in office.asked if message.kind == "rehearse")
    assert asked.body["lease"] == plain(slot.lease)
    assert asked.body["options"] == {"strength": 0.5}
    assert typed(Frame, asked.body["frame"]) == Frame((4, 16, 4), "uint8")
    unit.release(slot)
    assert room.released == [slot.lease]


def test_the_memory_of_a_slot_is_mapped_once_however_often_it_is_leased(unit, room) -> None:
    first = unit.lease(256)
    unit.release(first)
    second = unit.lease(256)
    assert second._file is first._file
    with pytest.raises(SlotLost):
        first.pixels  # noqa: B018 - reading it is the point
    assert second.pixels.nbytes == room.file.nbytes


def test_a_slot_that_was_not_written_or_was_taken_back_is_not_rehearsed(unit, room) -> None:
    slot = unit.lease(256)
    with pytest.raises(SlotLost, match="is writing, not ready"):
        unit.rehearse(slot)
    slot.write(Frame((4, 16, 4), "uint8"), bytes(256))
    room.generation += 1
    room.file.mark(room.generation, State.free)
    with pytest.raises(SlotLost, match="lease"):
        unit.rehearse(slot)


def test_errors_that_travel_keep_their_next_step(office, unit) -> None:
    body = error_body(DiskFull("full", hint="Make room."))
    office._reply = lambda message: Message("error", "e", body, message.id)
    with pytest.raises(DiskFull) as full:
        unit.lease(1)
    assert full.value.hint == "Make room."
    assert full.value.retryable
