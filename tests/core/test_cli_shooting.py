"""Takes that are watched: what is said of one that failed, however its news come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from secondunit.cli import shooting
from secondunit.cli.say import Say
from secondunit.cli.shooting import Watching
from secondunit_bridge.announcements import Event
from secondunit_bridge.errors import FramesMissing, error_body
from secondunit_bridge.film import Entry, Take, TakeState


def news(number: int, **body: object) -> Event:
    return Event("entry", Entry(number, "state", "t.1", 0.0, "", body, ""))


class Ahead:
    """A daemon whose answers are ahead of its events: the take it speaks of has failed already."""

    def __init__(self, *batches: list[Event]) -> None:
        self._batches = iter(batches)

    def events(self) -> Iterator[Event]:
        return iter(next(self._batches, []))

    def take(self, name: str) -> Take:
        return Take(name, name, "t", "g", 1, 0, TakeState.failed)


def test_the_reason_is_waited_for_when_a_take_has_failed_before_it_was_told():
    why = error_body(FramesMissing("frame 7 is not there", hint="Render it."))
    unit = Ahead([news(1, state="shooting")], [], [], [news(2, state="failed", error=why)])
    watching = Watching(unit, ["t.1"], Say(as_json=True))
    (take,) = watching.until_shot(by="Kim")
    assert take.state is TakeState.failed
    assert watching.why("t.1").code == "E_FRAMES_MISSING"
    assert watching.why("t.1").hint == "Render it."


def test_a_reason_that_never_comes_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shooting, "TOLD_S", 0.2)
    watching = Watching(Ahead([news(1, state="shooting")]), ["t.1"], Say(as_json=True))
    watching.until_shot(by="Kim")
    assert watching.why("t.1").code == "E_TAKE"
