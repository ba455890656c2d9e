"""The desk without sockets: every verb, with a real ledger, real stages and the slate generator."""

from __future__ import annotations

import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from office import Office
from secondunit.stage import proxies
from secondunit_bridge import errors
from secondunit_bridge.film import (
    Answer,
    Element,
    Media,
    Outcome,
    Project,
    Role,
    Seen,
    SeenShot,
    Shot,
    TakeState,
    Turnover,
    Version,
    Waiver,
    Work,
)  # fmt: skip
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.wire import dumps, plain, typed


@pytest.fixture
def office(places: Path) -> Iterator[Office]:
    made = Office(places)
    yield made
    made.close()


def ask_for(code: str = "0010", **changes: Any) -> Turnover:
    frames = FrameRange(100, 101, Fraction(24))
    shot = Shot("default", "TCC", code, f"guid-{code}", frames, Handles(1, 1))
    given = {"generator": "slate", "width": 96, "height": 64, **changes}
    return Turnover(shot, Work.insert, **given)


def test_a_turnover_is_shot_checked_circled_and_published(office: Office):
    take = office.shot_take(ask_for())
    assert take.state is TakeState.pending_review, take
    assert take.media is not None
    assert len(take.media.digests) == 4
    version = typed(Version, office.ask("circle", {"take": take.id, "by": "Kim"})["version"])
    assert version.name == "TCC_0010_v001"
    folder = Path(version.path)
    assert sorted(p.name for p in (folder / "exr").iterdir())[0] == "TCC_0010_v001.1001.exr"
    assert (folder / "record.json").exists()
    assert list((folder / "review").iterdir())
    assert office.take(take.id).state is TakeState.circled
    assert office.ask("versions")["states"] == {version.name: "approved"}


def crossing(left: str = "ana") -> dict[str, str]:
    """Cards of a take and of the shot before it, in which two people have changed sides."""
    right = {"ana": "ben", "ben": "ana"}
    sides = {"take": left, "before": right[left]}
    cards = {
        n: {"scene": "12", "axis": {"left": one, "right": right[one]}} for n, one in sides.items()
    }
    return {name: dumps(card).decode() for name, card in cards.items()}


def test_cards_that_come_with_a_turnover_are_checked_when_the_take_is(office: Office):
    take = office.shot_take(ask_for(cards=crossing()))
    axis = next(one for one in take.findings if one.check == "axis.host")
    assert (axis.outcome, take.state) == (Outcome.look, TakeState.blocked)
    assert "crosses the line of ana and ben" in axis.sentence
    kept = {**crossing(), "before": crossing("ben")["before"]}
    take = office.shot_take(ask_for("0020", cards=kept))
    outcomes = {one.outcome for one in take.findings if one.check == "axis.host"}
    assert outcomes == {Outcome.clear, Outcome.not_checked}  # there is no shot after it
    assert take.state is TakeState.pending_review
    take = office.shot_take(ask_for("0030", cards={**kept, "take": '{"axis": "left"}'}))
    broken = [one.sentence for one in take.findings if one.check == "axis.host"]
    assert any("A shot card cannot be read: card.axis" in says for says in broken), broken


def test_a_check_that_cried_wolf_on_this_show_keeps_no_take_from_review(office: Office):
    shots = tuple(SeenShot(name, name, name, ((1, 1),)) for name in "ab")
    seen = Seen("axis.host", "1", Outcome.look, "They changed sides.", shots)
    for n in range(30):
        said = Waiver(f"axis.host@{n}", Answer.not_an_error, "Kim", "no line here", seen=seen)
        office.ask("waive", said)
    take = office.shot_take(ask_for(cards=crossing()))
    axis = next(one for one in take.findings if one.check == "axis.host")
    assert (axis.outcome, axis.open) == (Outcome.look, False)
    assert "30 of 30 were no error" in axis.quiet
    assert take.state is TakeState.pending_review
    assert office.ask("circle", {"take": take.id, "by": "Kim"})["version"]


def test_circling_twice_gives_the_same_version(office: Office):
    take = office.shot_take(ask_for())
    first = office.ask("circle", {"take": take.id, "by": "Kim"})
    assert office.ask("circle", {"take": take.id, "by": "Kim"}) == first


def test_the_same_message_sent_twice_is_one_ask(office: Office):
    first = office.ask("turn_over", ask_for(takes=2), id="same")
    assert office.ask("turn_over", ask_for(takes=2), id="same") == first
    assert len(office.ask("takes")["takes"]) == 2


def test_takes_of_one_shot_are_numbered_on(office: Office):
    first = office.ask("turn_over", ask_for(takes=2))["takes"]
    second = office.ask("turn_over", ask_for(brief="closer"))["takes"]
    assert [take.split(".")[1] for take in first + second] == ["1", "2", "3"]


def test_an_unknown_generator_is_named_with_those_there_are(office: Office):
    with pytest.raises(errors.UnknownGenerator) as caught:
        office.ask("turn_over", ask_for(generator="sora"))
    assert "slate" in caught.value.hint
    assert office.ask("takes")["takes"] == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"takes": 0}, errors.OverLimits),
        ({"takes": 65}, errors.OverLimits),
        ({"width": 100_000}, errors.OverLimits),
        ({"brief": "x" * 20_001}, errors.OverLimits),
    ],
)
def test_an_absurd_ask_is_refused_with_its_limits(office: Office, changes, error):
    with pytest.raises(error) as caught:
        office.ask("turn_over", ask_for(**changes))
    assert caught.value.hint


def test_a_shot_cannot_be_named_out_of_the_store(office: Office):
    with pytest.raises(errors.PathRefused):
        office.ask("turn_over", ask_for("../../etc"))


def test_two_shots_cannot_have_one_name(office: Office):
    office.ask("turn_over", ask_for())
    other = Shot("default", "TCC", "0010", "another", FrameRange(0, 1, Fraction(24)))
    with pytest.raises(errors.Locked):
        office.ask("turn_over", Turnover(other, Work.insert, "slate"))


@pytest.mark.parametrize("path", ["/nowhere/plate.mov", "/nowhere/plate.%04d.exr"])
def test_offline_media_is_named_before_anything_is_queued(office: Office, path: str):
    element = Element(Role.before, Media(FrameRange(0, 9, Fraction(24)), path=path))
    with pytest.raises(errors.MediaOffline) as caught:
        office.ask("turn_over", ask_for(elements=(element,)))
    assert path in str(caught.value)


@pytest.mark.parametrize("path", ["plate.mov", "//server/share/plate.mov", "\\\\server\\x.mov"])
def test_media_must_be_named_by_a_full_local_path(office: Office, path: str):
    element = Element(Role.before, Media(FrameRange(0, 9, Fraction(24)), path=path))
    with pytest.raises(errors.PathRefused):
        office.ask("turn_over", ask_for(elements=(element,)))


def test_an_unknown_verb_is_answered_with_those_there_are(office: Office):
    with pytest.raises(errors.UnknownVerb) as caught:
        office.ask("dance")
    assert "turn_over" in caught.value.hint


def test_a_bad_field_is_named(office: Office):
    body = plain(ask_for())
    body["seed"] = "seven"
    with pytest.raises(errors.FieldError, match=r"Turnover\.seed: expected int, got str"):
        office.ask("turn_over", body)


def test_waiting_takes_are_cancelled_by_take_turnover_and_client(office: Office):
    takes = office.ask("turn_over", ask_for(takes=3))["takes"]
    assert office.ask("cancel", {"take": takes[0], "by": "Kim"}) == {"cancelled": 1}
    assert office.take(takes[0]).state is TakeState.cancelled
    digest = office.take(takes[1]).turnover
    assert office.ask("cancel", {"turnover": digest}) == {"cancelled": 2}
    office.ask("turn_over", ask_for("0020"))
    assert office.ask("cancel", {"client": "nuke"}) == {"cancelled": 1}
    with pytest.raises(errors.UnknownId):
        office.ask("cancel", {"take": "none.1"})
    with pytest.raises(errors.FieldError):
        office.ask("cancel", {})


def test_a_take_in_the_making_stops_when_it_is_cancelled_and_can_be_retried(office: Office):
    frames = FrameRange(0, 400, Fraction(24))
    shot = Shot("default", "TCC", "0030", "guid-30", frames, Handles(0, 0))
    (take,) = office.ask("turn_over", Turnover(shot, Work.insert, "slate", width=640, height=360))["takes"]  # fmt: skip  # noqa: E501 - one ask, one line
    office.until(lambda: office.take(take).state is TakeState.shooting)
    office.ask("cancel", {"take": take, "by": "Kim"})
    office.until(lambda: office.take(take).state is TakeState.cancelled, seconds=5)
    with pytest.raises(errors.Locked):
        office.ask("circle", {"take": take, "by": "Kim"})
    office.ask("retry", {"take": take})
    assert office.take(take).state is TakeState.waiting


def test_a_take_rests_and_goes_on(office: Office):
    (take,) = office.ask("turn_over", ask_for())["takes"]
    office.ask("suspend", {"take": take})
    assert office.take(take).state is TakeState.suspended
    assert office.ask("queue") == {"queue": []}
    office.ask("resume", {"take": take})
    assert [row[0] for row in office.ask("queue")["queue"]] == [take]


def test_decisions_need_a_name_and_often_a_reason(office: Office):
    take = office.shot_take(ask_for())
    for kind, body in (
        ("circle", {"take": take.id, "by": " "}),
        ("reject", {"take": take.id, "by": "Kim", "reason": ""}),
        ("note", {"take": take.id, "by": "", "text": "nice"}),
    ):
        with pytest.raises(errors.NameMissing):
            office.ask(kind, body)
    office.ask("reject", {"take": take.id, "by": "Kim", "reason": "too soft"})
    assert office.take(take.id).state is TakeState.rejected
    with pytest.raises(errors.Locked):
        office.ask("circle", {"take": take.id, "by": "Kim"})


def test_a_version_is_recalled_promoted_and_cut_in(office: Office):
    take = office.shot_take(ask_for())
    version = office.ask("circle", {"take": take.id, "by": "Kim"})["version"]["name"]
    cut = {
        "version": version, "shot": take.shot, "host": "resolve", "cut": "reel 1",
        "track": "SU_INSERT", "record": plain(FrameRange(100, 101, Fraction(24))), "by": "Kim",
    }  # fmt: skip
    office.ask("cut_in", cut)
    folder = Path(office.ask("versions")["versions"][0]["path"])
    frame = next((folder / "exr").iterdir())
    before = frame.read_bytes()
    frame.write_bytes(before[:-9] + bytes([before[-9] ^ 1]) + before[-8:])
    with pytest.raises(errors.Locked, match="not those that were approved"):
        office.ask("promote", {"version": version, "by": "Kim"})
    frame.write_bytes(before)
    office.ask("promote", {"version": version, "by": "Kim"})
    assert office.ask("versions")["states"] == {version: "final"}
    office.ask("recall", {"version": version, "by": "Kim", "reason": "the wrong glass"})
    with pytest.raises(errors.Locked):
        office.ask("cut_in", cut)


@pytest.mark.parametrize("wanted", ["large", "none"])
def test_a_large_take_has_its_proxies_soon_unless_nobody_wants_them(
    places: Path, monkeypatch: pytest.MonkeyPatch, wanted: str
):
    monkeypatch.setenv("SECONDUNIT_PROXIES", wanted)
    office = Office(places)
    try:
        small, large = ask_for(), ask_for("0020", width=1000, height=640)
        office.shot_take(small)
        take = office.shot_take(large)
        store = places / "projects" / "default"
        assert take.media is not None
        if wanted == "none":
            assert "proxies" not in office.ask("status")["stages"]
        else:
            count = len(take.media.frames)
            office.until(lambda: proxies.told(store)["frames"] == count, seconds=90)
    finally:
        office.close()


def test_the_queue_has_a_limit(places: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECONDUNIT_MAX_WAITING", "3")
    office = Office(places)
    office.ask("turn_over", ask_for(takes=3))
    with pytest.raises(errors.QueueFull) as caught:
        office.ask("turn_over", ask_for("0020"))
    assert caught.value.data["limit"] == 3
    office.close()


def test_a_new_daemon_takes_up_what_the_last_one_left(places: Path):
    office = Office(places)
    takes = office.ask("turn_over", ask_for(takes=2))["takes"]
    office.ask("suspend", {"take": takes[1]})
    office.close()
    office = Office(places)
    assert [row[0] for row in office.ask("queue")["queue"]] == takes[:1]
    office.until(lambda: office.take(takes[0]).state is TakeState.pending_review)
    assert office.take(takes[1]).state is TakeState.suspended
    office.close()


def test_entries_are_told_once_and_can_be_asked_again(office: Office):
    office.desk.told()
    office.ask("turn_over", ask_for())
    (entry,) = office.desk.told()
    assert entry.kind == "turnover"
    assert office.desk.told() == []
    found = office.ask("entries", {"after": entry.number - 1})["entries"]
    assert found[0]["number"] == entry.number
    with pytest.raises(errors.FieldError):
        office.ask("entries", {"after": -1})


def test_a_full_disk_refuses_new_asks_but_loses_no_take_that_was_shot(
    places: Path, small_disk, monkeypatch: pytest.MonkeyPatch
):
    home = small_disk.folder / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("SECONDUNIT_HOME", str(home))
    office = Office(home)
    store = places / "store"
    office.ask("project", Project("roomy", Fraction(24), 96, 54, store=str(store)))
    frames = FrameRange(0, 30, Fraction(24))
    shot = Shot("roomy", "TCC", "0010", "guid-full", frames, Handles(0, 0))
    (take,) = office.ask("turn_over", Turnover(shot, Work.insert, "slate"))["takes"]
    office.until(lambda: office.take(take).state is TakeState.shooting)
    stopper = small_disk.fill()

    def ask_on() -> None:
        for number in range(400):  # until SQLite's own slack is used up
            office.ask("turn_over", ask_for(f"{number:04}", takes=64))

    with pytest.raises(errors.DiskFull):
        ask_on()
    deadline = time.monotonic() + 4
    while time.monotonic() < deadline:  # the take is shot meanwhile; its entry is owed
        office.desk.tick()
        time.sleep(0.02)
    assert office.take(take).state is TakeState.shooting
    stopper.unlink()
    office.until(lambda: office.take(take).state is TakeState.pending_review)
    office.close()


def test_a_slate_between_two_shots_is_not_compared_as_a_picture(office: Office, data: Path):
    movie = str(data / "footage" / "big-buck-bunny-480p-30s.mp4")
    elements = (
        Element(Role.before, Media(FrameRange(100, 110, Fraction(24)), path=movie)),
        Element(Role.after, Media(FrameRange(300, 310, Fraction(24)), path=movie)),
    )
    take = office.shot_take(ask_for(elements=elements))
    assert take.state is TakeState.pending_review
    why = {f.reason for f in take.findings if f.check in ("colour.exposure", "colour.wb")}
    assert why == {"the take is a placeholder"}
    used = next(e.body["used"] for e in office.ledger.entries(kind="take", subject=take.id))
    assert used == {}


def test_what_was_used_of_one_movie_by_several_elements_is_all_in_the_record(
    office: Office, data: Path
):
    movie = str(data / "footage" / "big-buck-bunny-480p-30s.mp4")
    parts = {Role.before: (100, 110), Role.reference: (120, 135), Role.after: (140, 150)}
    elements = tuple(
        Element(role, Media(FrameRange(first, last, Fraction(24)), path=movie))
        for role, (first, last) in parts.items()
    )
    frames = FrameRange(100, 107, Fraction(24))
    shot = Shot("default", "TCC", "0070", "guid-70", frames, Handles(1, 1))
    ask = Turnover(shot, Work.insert, "reframe", elements=elements, width=320, height=180)
    take = office.shot_take(ask)
    used = next(e.body["used"] for e in office.ledger.entries(kind="take", subject=take.id))
    numbers = set(map(int, used[movie]))
    assert numbers & set(range(120, 136))
    assert 110 in numbers
    assert 140 in numbers
