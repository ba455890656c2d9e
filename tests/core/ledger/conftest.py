"""A ledger of the test's own, and somebody who writes a plausible history into it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import pytest
from secondunit.ledger import Draft, Ledger
from secondunit_bridge.film import (
    Answer,
    CutIn,
    Entry,
    Finding,
    Media,
    Note,
    Outcome,
    Project,
    Shot,
    Take,
    TakeState,
    Turnover,
    Version,
    VersionClass,
    Waiver,
    Work,
)
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.wire import dumps, plain

RATE = Fraction(24000, 1001)


class Story:
    """Writes what a desk would write, entry by entry."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.asks = 0

    def record(self, kind: str, subject: str, body: dict, by: str = "") -> Entry:
        return self.ledger.record(Draft(kind, subject, body, by))

    def project(self, name: str = "tcc", width: int = 1920) -> Project:
        project = Project(name, RATE, width, 1080)
        self.record("project", name, plain(project))
        return project

    def turnover(self, code: str = "0010", brief: str = "a hand on the door") -> Turnover:
        shot = Shot("tcc", "TCC", code, f"guid-{code}", FrameRange(1, 24, RATE), Handles(8, 8))
        return Turnover(shot, Work.insert, "reframe", brief, takes=1, seed=7, artist="Ada")

    def turn_over(self, code: str = "0010", takes: int = 1, client: str = "nuke") -> list[str]:
        self.asks += 1
        turnover = self.turnover(code, f"brief {self.asks}")
        return self.ask(turnover, f"ask-{self.asks}", takes, client)

    def ask(self, turnover: Turnover, ask: str, takes: int = 1, client: str = "nuke") -> list[str]:
        body = plain(turnover)
        digest = sha256(dumps(body)).hexdigest()
        first = 1 + self.ledger.views.count_takes(turnover.shot.guid)
        made = [
            {"id": f"{digest[:8]}.{n}", "number": n, "seed": turnover.seed + n - first}
            for n in range(first, first + takes)
        ]
        asked = {"ask": ask, "client": client, "turnover": body, "takes": made}
        self.record("turnover", digest, asked, by=turnover.artist)
        return [take["id"] for take in made]

    def state(self, take: str, state: TakeState, reason: str = "") -> None:
        self.record("state", take, {"state": state.value, "reason": reason})

    def lose(self, take: str, number: int = 1) -> None:
        self.record("attempt", take, {"number": number, "error": {"code": "E_WORKER_DIED"}})

    def shoot(self, take: str, *outcomes: Outcome) -> Take:
        findings = tuple(
            Finding(f"{take}/check{i}", f"check{i}", outcome, f"measured {i}", value=0.5, unit="EV")
            for i, outcome in enumerate(outcomes)
        )
        blocked = any(finding.open for finding in findings)
        state = TakeState.blocked if blocked else TakeState.pending_review
        media = Media(FrameRange(1001, 1040, RATE), digests=("a" * 64, "b" * 64))
        asked = self.ledger.views.take(take)
        shot = Take(
            take,
            asked.turnover,
            asked.shot,
            asked.name,
            asked.number,
            asked.seed,
            state,
            media=media,
            confidence=0.75,
            findings=findings,
            remarks=("enlarged 1.4 times",),
        )
        self.record("take", take, {**plain(shot), "used": {"generator": "reframe 1"}})
        return shot

    def waive(self, finding: str, answer: Answer, by: str = "Ada") -> None:
        waiver = Waiver(finding, answer, by, "as the director wants it")
        body = {**plain(waiver), "take": finding.partition("/")[0]}
        self.record("waiver", finding, body, by=by)

    def note(self, take: str, text: str = "warmer") -> None:
        self.record("note", take, plain(Note(take, "Ada", text, ((1001, 1010),))))

    def circle(self, take: str, kind: VersionClass = VersionClass.temp) -> Version:
        asked = self.ledger.views.take(take)
        number = self.ledger.views.next_number(asked.shot)
        name = f"{asked.name}_v{number:03}"
        self.record(
            "circled", take, {"version": name, "number": number, "kind": kind.value}, by="Ada"
        )
        frames = FrameRange(1001, 1040, RATE)
        path = f"/store/TCC/{asked.name}/v{number:03}"
        return Version(
            name, asked.shot, take, number, kind, "Ada", path, frames, Handles(8, 8), "c" * 64
        )

    def publish(self, version: Version) -> None:
        self.record("version", version.name, plain(version), by=version.by)

    def version_state(self, name: str, state: str) -> None:
        self.record("version_state", name, {"state": state, "reason": "so"}, by="Ada")

    def cut_in(self, version: Version) -> CutIn:
        placed = CutIn(
            version.name, version.shot, "nuke", "reel1.otio", "V2", FrameRange(1, 24, RATE), "Ada"
        )
        self.record("cut_in", version.name, plain(placed), by="Ada")
        return placed

    def whole(self, code: str = "0010") -> Version:
        """One shot from the turnover to the cut."""
        take = self.turn_over(code)[0]
        self.state(take, TakeState.shooting)
        self.state(take, TakeState.checking)
        self.shoot(take, Outcome.clear, Outcome.look)
        self.note(take)
        self.waive(f"{take}/check1", Answer.creative_intent)
        version = self.circle(take)
        self.publish(version)
        self.cut_in(version)
        return version


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "ledger.sqlite"


@pytest.fixture
def ledger(file: Path) -> Iterator[Ledger]:
    with Ledger(file, durability="off") as ledger:
        yield ledger


@pytest.fixture
def story(ledger: Ledger) -> Story:
    return Story(ledger)


@pytest.fixture(scope="session")
def tell() -> type[Story]:
    """For tests that open ledgers themselves."""
    return Story
