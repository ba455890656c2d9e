"""The desk on bad days: messages that come twice, stops that race, disks and stores that refuse."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from office import NUKE, OVER, Office
from secondunit.desk import listing
from secondunit.desk.people import Book, Later
from secondunit.ledger import Draft, Ledger
from secondunit.vault import Vault
from secondunit_bridge import errors
from secondunit_bridge.film import (
    Finding,
    Outcome,
    Project,
    Shot,
    TakeState,
    Turnover,
    Version,
    VersionClass,
    Work,
)
from secondunit_bridge.places import slot_folders
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.wire import MAX_HEAD, Message, dumps, plain


@pytest.fixture
def office(places: Path) -> Iterator[Office]:
    made = Office(places)
    yield made
    made.close()


def ask_for(
    code: str = "0010", *, project: str = "default", sequence: str = "TCC", frames: int = 2,
    **changes: Any,
) -> Turnover:  # fmt: skip
    cut = FrameRange(100, 99 + frames, Fraction(24))
    shot = Shot(project, sequence, code, f"{project}-{sequence}-{code}", cut, Handles(0, 0))
    return Turnover(
        shot, Work.insert, **{"generator": "slate", "width": 96, "height": 64, **changes}
    )


def long_take(office: Office) -> str:
    """A take that is being shot and goes on for some seconds."""
    (take,) = office.ask("turn_over", ask_for(frames=90, width=640, height=360))["takes"]
    office.until(lambda: office.take(take).state is TakeState.shooting)
    return str(take)


def test_shots_of_one_name_in_two_projects_both_become_versions(office: Office):
    for name in ("one", "two"):
        office.ask("project", Project(name, Fraction(24), 96, 64))
    first, second = (office.shot_take(ask_for(project=name)) for name in ("one", "two"))
    versions = [office.circle(take) for take in (first, second)]
    assert [version.take for version in versions] == [first.id, second.id]
    assert len({version.name for version in versions}) == 2
    assert office.shot_take(ask_for("0020")).state is TakeState.pending_review


def test_shots_whose_names_only_look_alike_both_become_versions(office: Office):
    takes = [
        office.shot_take(ask_for("C", sequence="A_B")),
        office.shot_take(ask_for("B_C", sequence="A")),
    ]
    assert len({office.circle(take).name for take in takes}) == 2


def test_a_take_that_was_stopped_and_asked_again_is_shot(office: Office):
    take = long_take(office)
    office.until(office.desk.asides)  # the stage tells of a frame: between frames it hears the stop
    office.ask("cancel", {"take": take, "by": "Kim"})
    office.until(lambda: office.ask("status")["shooting"] == [], seconds=10)
    assert office.ask("status")["stages"], "the stage stopped by itself and still runs"
    office.ask("retry", {"take": take})
    office.until(lambda: office.take(take).state in OVER)
    assert office.take(take).state is TakeState.pending_review


def test_a_stop_is_in_the_ledger_when_it_is_answered(places: Path):
    office = Office(places)
    take = long_take(office)
    assert office.ask("cancel", {"take": take, "by": "Kim"}) == {"cancelled": 1}
    assert office.take(take).state is TakeState.cancelled
    office.close()  # as if it were killed: nothing more is heard
    office = Office(places)
    assert office.ask("queue") == {"queue": []}
    assert office.take(take).state is TakeState.cancelled
    office.close()


def test_what_a_stopped_take_still_says_is_void(office: Office):
    (take,) = office.ask("turn_over", ask_for())["takes"]
    office.until(lambda: office.take(take).state is not TakeState.waiting)
    time.sleep(2)  # shot meanwhile, but nobody has listened yet
    office.ask("cancel", {"take": take, "by": "Kim"})
    office.until(lambda: office.ask("status")["shooting"] == [])
    assert office.take(take).state is TakeState.cancelled
    assert office.kinds(take)[-1] == "state"


def test_a_message_that_comes_twice_is_answered_twice_and_written_once(office: Office):
    take = office.shot_take(ask_for())
    version = office.circle(take).name
    other = office.shot_take(ask_for("0020"))
    cut = {
        "version": version, "shot": take.shot, "host": "resolve", "cut": "reel 1",
        "track": "SU_INSERT", "record": plain(FrameRange(100, 101, Fraction(24))), "by": "Kim",
    }  # fmt: skip
    for kind, body, subject in (
        ("note", {"take": take.id, "by": "Kim", "text": "closer"}, take.id),
        ("cut_in", cut, version),
        ("promote", {"version": version, "by": "Kim"}, version),
        ("recall", {"version": version, "by": "Kim", "reason": "too dark"}, version),
        ("reject", {"take": other.id, "by": "Kim", "reason": "soft"}, other.id),
    ):
        first = office.ask(kind, body)
        entries = office.kinds(subject)
        assert office.ask(kind, body) == first
        assert office.kinds(subject) == entries


def test_a_resting_take_can_be_told_to_rest_twice(office: Office):
    (take,) = office.ask("turn_over", ask_for())["takes"]
    for kind in ("suspend", "suspend", "resume", "resume"):
        assert office.ask(kind, {"take": take}) == {"take": take}
    assert office.kinds(take) == ["state", "state"]


def test_the_id_of_one_ask_is_refused_for_another(office: Office):
    office.ask("turn_over", ask_for(), id="1")
    with pytest.raises(errors.FieldError, match=r"message\.id"):
        office.ask("turn_over", ask_for("0020"), id="1")


def test_a_take_whose_version_was_recalled_is_not_circled_in_silence(office: Office):
    take = office.shot_take(ask_for())
    version = office.circle(take)
    office.ask("recall", {"version": version.name, "by": "Kim", "reason": "too dark"})
    with pytest.raises(errors.Locked, match="recalled") as caught:
        office.circle(take)
    assert caught.value.hint


def test_a_take_is_published_after_its_project_moved(office: Office, tmp_path: Path):
    take = office.shot_take(ask_for())
    project = Project("default", Fraction(24), 1920, 1080, store=str(tmp_path / "new"))
    office.ask("project", project)
    version = office.circle(take)
    assert version.path.startswith(str(tmp_path / "new"))
    record = json.loads((Path(version.path) / "record.json").read_bytes())
    assert len(record["frames"]) == 2


def test_a_folder_that_is_no_version_of_ours_is_never_taken_for_one(office: Office):
    take = office.shot_take(ask_for())
    store = Path(os.environ["SECONDUNIT_HOME"]) / "projects/default"
    (store / "TCC/TCC_0010/v001").mkdir(parents=True)
    with pytest.raises(errors.Locked) as caught:
        office.circle(take)
    assert "next number" in caught.value.hint
    assert office.circle(take).number == 2


def test_a_store_that_cannot_be_written_does_not_keep_the_desk_shut(
    places: Path, small_disk, monkeypatch: pytest.MonkeyPatch
):
    office = Office(places)
    office.ask("project", Project("far", Fraction(24), 96, 64, store=str(small_disk.folder)))
    office.close()
    left = small_disk.folder / "vault/aa/.x.0000-1-0000-aa.part"
    left.parent.mkdir(parents=True)
    left.touch()
    os.utime(left, (0, 0))
    assert Vault(small_disk.folder / "vault")
    small_disk.lock()
    office = Office(places)
    assert office.shot_take(ask_for()).state is TakeState.pending_review
    office.close()


def test_a_stage_that_cannot_be_started_fails_the_take_and_the_desk_goes_on(
    office: Office, places: Path
):
    (places / "logs").write_text("a file where the folder of logs should be")
    (take,) = office.ask("turn_over", ask_for())["takes"]
    office.until(lambda: office.take(take).state is TakeState.failed)
    (places / "logs").unlink()
    office.ask("retry", {"take": take})
    office.until(lambda: office.take(take).state is TakeState.pending_review)


def test_the_log_of_a_stage_is_kept_small(office: Office, places: Path):
    (places / "logs").mkdir()
    (places / "logs/stage.log").write_bytes(b"x" * 3_000_000)
    office.shot_take(ask_for())
    assert (places / "logs/stage.log").stat().st_size < 1_000_000
    assert (places / "logs/stage.1.log").stat().st_size == 3_000_000


@pytest.mark.parametrize(
    "changes",
    [
        {"priority": 10**30},
        {"frames": 10**30},
        {"frames": 20_001},
        {"options": {"note": "x" * (3 << 20)}},
    ],
)
def test_an_ask_beyond_what_can_be_written_or_told_is_refused_with_its_limits(
    office: Office, changes: dict[str, Any]
):
    with pytest.raises(errors.OverLimits) as caught:
        office.ask("turn_over", ask_for(**changes))
    assert caught.value.hint
    assert office.ask("takes")["takes"] == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"rate": Fraction(0)}, errors.RateMismatch),
        ({"rate": Fraction(-24)}, errors.RateMismatch),
        ({"width": 0}, errors.OverLimits),
        ({"height": 10**30}, errors.OverLimits),
        ({"store": "frames"}, errors.PathRefused),
    ],
)
def test_a_project_that_cannot_be_shot_is_refused(office: Office, changes, error):
    given = {"name": "odd", "rate": Fraction(24), "width": 96, "height": 64, **changes}
    with pytest.raises(error) as caught:
        office.ask("project", Project(**given))
    assert caught.value.hint


def test_lists_that_do_not_fit_a_message_say_that_there_is_more(office: Office):
    for number in range(6):
        office.ask("turn_over", ask_for(f"{number:04}", options={"x": "y" * 1_900_000}))
    after, numbers, more = 1, [], True
    while more:
        page = office.ask("entries", {"after": after})
        assert len(dumps(page)) < MAX_HEAD
        numbers += [entry["number"] for entry in page["entries"]]
        after, more = numbers[-1], page["more"]
    assert numbers == list(range(2, 8))


def test_shots_and_versions_that_do_not_fit_a_message_come_page_by_page(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    versions = [office.circle(office.shot_take(ask_for(code))).name for code in ("0010", "0020")]
    whole = office.ask("shots", {})
    assert whole["more"] is False
    monkeypatch.setattr(listing, "MAX_PAGE", 300)  # less than two rows
    first = office.ask("shots", {})
    rest = office.ask("shots", {"after": first["shots"][-1]["guid"]})
    assert (first["more"], rest["more"]) == (True, False)
    assert first["shots"] + rest["shots"] == whole["shots"]
    first = office.ask("versions", {})
    rest = office.ask("versions", {"after": versions[0]})
    assert (first["more"], rest["more"]) == (True, False)
    assert [*first["states"], *rest["states"]] == versions
    assert [one["name"] for one in first["versions"] + rest["versions"]] == versions
    with pytest.raises(errors.UnknownId, match="no version"):
        office.ask("versions", {"after": "gone"})


def test_a_full_disk_leaves_a_take_as_the_ledger_says(
    places: Path, small_disk, monkeypatch: pytest.MonkeyPatch
):
    home = small_disk.folder / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("SECONDUNIT_HOME", str(home))
    office = Office(home)
    (take,) = office.ask("turn_over", ask_for())["takes"]
    stopper = small_disk.fill()

    def ask_on() -> None:
        for number in range(400):  # until SQLite's own slack is used up
            office.ask("turn_over", ask_for(f"{number:04}", takes=64))

    with pytest.raises(errors.DiskFull):
        ask_on()
    waiting = len(office.ask("queue")["queue"])
    for kind in ("suspend", "cancel"):
        with pytest.raises(errors.DiskFull):
            office.ask(kind, {"take": take})
    assert len(office.ask("queue")["queue"]) == waiting
    stopper.unlink()
    office.close()


def test_a_version_the_ledger_will_never_take_is_told_and_new_takes_are_shot(office: Office):
    take, other = office.shot_take(ask_for()), office.shot_take(ask_for("0020"))
    asked = office.desk.answer(NUKE, Message("circle", "1", {"take": take.id, "by": "Kim"}))
    assert isinstance(asked, Later)
    cut, none = FrameRange(100, 101, Fraction(24)), Handles(0, 0)
    kind = VersionClass.temp
    there = Version(asked.work, other.shot, other.id, 1, kind, "Bo", "/x", cut, none, "")
    office.ledger.record(Draft("version", asked.work, plain(there), by="Bo"))
    office.until(lambda: asked.work in office.late)
    assert "in the ledger already" in office.late[asked.work].message
    assert office.take(take.id).state is TakeState.pending_review
    assert office.shot_take(ask_for("0030")).state is TakeState.pending_review
    assert any(asked.work in trouble for trouble in office.desk.troubles())


@pytest.mark.parametrize(
    "never",
    [
        Draft("state", "nobody.1", {"state": "failed", "reason": "it is not there"}),
        Draft("attempt", "nobody.1", {"number": 10**30}),
        Draft("replay", "nobody.1", {"told": "\ud800"}),
    ],
)
def test_what_the_ledger_will_never_take_is_let_go_and_what_follows_is_written(
    tmp_path: Path, never: Draft
):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        book, refused = Book(ledger), []
        book.owe(never, then=lambda: refused.append(None), instead=refused.append)
        book.owe(Draft("note", "a.1", {"text": "closer"}))
        assert [type(error).__name__ for error in refused] != ["NoneType"]
        assert [entry.kind for entry in ledger.entries()] == ["note"]
        (trouble,) = book.troubles()
    assert f"{never.kind} of nobody.1" in trouble


def test_a_take_is_blocked_only_while_a_finding_is_open(office: Office):
    take = office.shot_take(ask_for())
    open_ = Finding(f"{take.id}/exposure", "exposure", Outcome.look, "It is 1.2 stops darker.")
    shown = plain(dataclasses.replace(take, findings=(open_,), state=TakeState.blocked))
    office.ledger.record(Draft("take", take.id, {**shown, "used": {}}))
    for answer, state, left in (
        ("ask", TakeState.blocked, [open_.id]),
        ("creative_intent", TakeState.pending_review, []),
        ("creative_intent", TakeState.pending_review, []),
        ("fix", TakeState.blocked, [open_.id]),
    ):
        waiver = {"finding": open_.id, "answer": answer, "by": "Kim", "reason": "the director"}
        assert office.ask("waive", waiver)["open"] == left
        assert office.take(take.id).state is state
    assert office.kinds(open_.id) == ["waiver"] * 3


def test_a_frame_that_was_changed_in_the_vault_is_not_published(office: Office, places: Path):
    take, other = office.shot_take(ask_for()), office.shot_take(ask_for("0020"))
    assert take.media is not None
    assert other.media is not None
    vault = Vault(places / "projects/default/vault")
    shutil.copy(vault.path(other.media.digests[0]), vault.path(take.media.digests[0]))
    with pytest.raises(errors.MediaDamaged) as caught:
        office.circle(take)
    assert caught.value.hint
    assert not list((places / "projects/default").glob("TCC/*/v*"))


@pytest.mark.parametrize("wrong", [{"options": {"x": [1]}}, {"options": 7}, {"generator": 7}])
def test_a_live_frame_with_wrong_words_is_refused_and_the_stage_goes_on(
    office: Office, wrong: dict[str, Any]
):
    lease = office.ask("lease", {"nbytes": 4096})["lease"]
    with pytest.raises(errors.FieldError):
        office.ask("rehearse", {"lease": lease, "generator": "through", **wrong})
    assert office.shot_take(ask_for()).state is TakeState.pending_review
    office.ask("release", lease)


def test_a_desk_that_closes_leaves_no_folder_of_slots(places: Path):
    office = Office(places)
    office.ask("lease", {"nbytes": 4096})
    assert slot_folders()
    office.close()
    assert slot_folders() == ()
