"""Approvals follow a re-cut: each change is an entry, nothing is edited, the way back is open."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from secondunit.desk.following import Following
from secondunit.desk.people import Book, Client
from secondunit.jobs import Job, Jobs
from secondunit.ledger import Draft, Ledger
from secondunit_bridge import errors
from secondunit_bridge.film import (
    Project,
    Shot,
    Take,
    TakeState,
    Turnover,
    Version,
    VersionClass,
    Work,
)
from secondunit_bridge.recutting import Recutting
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.wire import Message, plain

WHOLE, LONGER = "1009-1048 of SQ_0010", "1009-1060 of SQ_0010"
CLIENT = Client(b"cli", "cli")


class Cutting:
    """A ledger in which one shot has an approved version, and takes that wait."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ledger.sqlite"
        self.ledger, self.jobs = Ledger(self.path), Jobs()
        self.book = Book(self.ledger)
        span = FrameRange(86400, 86439, Fraction(24))
        shot = Shot("film", "SQ", "0010", "G-1", span)
        asked = plain(Turnover(shot, Work.insert, "slate"))
        takes = [{"id": f"aa.{n}", "number": n, "seed": n} for n in (1, 2)]
        body = {"turnover": asked, "takes": takes, "client": "cli", "ask": ""}
        version = Version("SQ_0010_v001", "G-1", "aa.1", 1, VersionClass.temp, "Ada", "/s", span,
                          record="ab", handles=shot.handles)  # fmt: skip
        self.book.write(
            Draft("project", "film", plain(Project("film", Fraction(24), 96, 54))),
            Draft("turnover", "aa", body),
            Draft("take", "aa.1", plain(Take("aa.1", "aa", "G-1", "SQ_0010", 1, 1,
                                             TakeState.pending_review))),
            Draft("version", version.name, plain(version), by="Ada"),
            Draft("version_state", version.name, {"state": "approved", "reason": "circled"}),
        )  # fmt: skip
        self.jobs.add(Job("aa.2", "aa", "cli", 0))

    def cut(self, was: str, now: str, *, name: str = "v2", **more: Any) -> dict[str, Any]:
        one = Recutting("G-1", more.pop("change", "trimmed"), was, now, **more)
        body = {"cut": name, "by": "Kim", "shots": plain((one,))}
        return Following(self.book, self.jobs).follow(CLIENT, Message("follow", "m", body)).body

    @property
    def state(self) -> str:
        return self.book.views.version_state("SQ_0010_v001")

    @property
    def said(self) -> list[tuple[str, str]]:
        told = self.book.entries(kind="version_state")
        return [(str(one.body["state"]), one.by) for one in told]


@pytest.fixture
def cutting(tmp_path: Path) -> Iterator[Cutting]:
    made = Cutting(tmp_path)
    yield made
    assert made.ledger.verify() == ()
    made.ledger.close()


def test_a_shot_that_grew_is_stale_and_says_which_frames_stay_approved(cutting: Cutting):
    told = cutting.cut(WHOLE, LONGER, change="extended_beyond", keep=((1009, 1056),),
                       missing=((1057, 1060),))  # fmt: skip
    (changed,) = told["changed"]
    assert cutting.state == changed["state"] == "stale"
    assert changed["reason"] == ("extended beyond in v2; frames kept as they were: 48, to make: 4")
    assert (changed["keep"], changed["was"]) == ([[1009, 1056]], "approved")


def test_a_shot_that_moved_or_is_used_twice_keeps_its_approval(cutting: Cutting):
    for change in ("same", "moved", "split", "duplicated"):
        assert cutting.cut(WHOLE, WHOLE, change=change)["changed"] == []
    assert cutting.said == [("approved", "")]


def test_a_shot_that_left_is_parked_and_is_back_with_its_approval_when_it_returns(cutting):
    told = cutting.cut(WHOLE, "", change="omitted")
    assert (cutting.state, told["parked"]) == ("omitted", ["aa.2"])
    assert cutting.book.views.take("aa.2").state is TakeState.suspended
    told = cutting.cut("", WHOLE, change="added", name="v3")
    assert (cutting.state, told["back"]) == ("approved", ["aa.2"])
    assert cutting.jobs.waits("aa.2")
    assert cutting.said == [("approved", ""), ("omitted", "Kim"), ("approved", "Kim")]


def test_what_was_told_twice_is_written_once(cutting: Cutting):
    for _ in range(2):
        cutting.cut(WHOLE, LONGER)
    assert cutting.said == [("approved", ""), ("stale", "Kim")]


def test_a_recalled_version_and_an_unknown_shot_stay_as_they_are(cutting: Cutting):
    recalled = {"state": "recalled", "reason": "soft"}
    cutting.book.write(Draft("version_state", "SQ_0010_v001", recalled, by="Ada"))
    assert cutting.cut(WHOLE, "")["changed"] == []
    assert cutting.cut("", WHOLE)["changed"] == []
    assert cutting.state == "recalled"
    other = plain((Recutting("G-9", "omitted", WHOLE, ""),))
    body = {"cut": "v2", "by": "Kim", "shots": other}
    following = Following(cutting.book, cutting.jobs)
    assert following.follow(CLIENT, Message("follow", "m", body)).body["states"] == {}
    with pytest.raises(errors.NameMissing):
        following.follow(CLIENT, Message("follow", "m", {**body, "by": " "}))


@pytest.mark.parametrize("seed", range(8))
def test_after_any_number_of_cuts_the_state_is_what_the_last_one_shows(tmp_path: Path, seed: int):
    cutting, draw = Cutting(tmp_path), random.Random(seed)
    shown, entries = WHOLE, 1
    for number in range(12):
        before, shown = shown, draw.choice((WHOLE, WHOLE, LONGER, "1009-1040 of SQ_0010", ""))
        cutting.cut(before, shown, name=f"v{number}")
        assert cutting.state == {WHOLE: "approved", "": "omitted"}.get(shown, "stale")
        assert len(cutting.said) >= entries  # the ledger only grows
        entries = len(cutting.said)
    cutting.ledger.close()
