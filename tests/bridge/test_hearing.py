"""What a panel makes of the daemon's words: who is there, what is under way, what went wrong."""

from __future__ import annotations

from secondunit_bridge.announcements import Event, Hello
from secondunit_bridge.errors import DaemonUnavailable, DiskFull
from secondunit_bridge.film import Entry, Finding, Outcome, Take, TakeState
from secondunit_bridge.hearing import Hearing
from secondunit_bridge.saying import Said, findings_said


class Panel(Hearing):
    """A host that knows two shots."""

    def __init__(self):
        super().__init__(starts="It starts with the first shot.")
        self.looked = 0

    def look_for_daemon(self, *, start=False):
        self.looked += 1

    def shots_of(self, subject, body):
        return {"one"} if subject == "a.1" else {"one", "two"}


def take(state=TakeState.failed, **more):
    return Take("a.1", "digest", "one", "sq_0010", 1, 0, state, **more)


def entry(kind, subject, body):
    told = Entry(1, kind, subject, 0.0, "Kim", body, "")
    return Event("entry", told)


def test_the_daemon_goes_and_comes_back():
    panel = Panel()
    panel.hello = Hello("0.1.0", "SU1", 1)
    panel.hear([Event("gone", body={"message": "no daemon runs"})])
    assert panel.hello is None
    assert panel.daemon == Said("No daemon runs.", "It starts with the first shot.")
    panel.changed = False
    panel.away(DaemonUnavailable("no daemon runs"))
    assert not panel.changed  # nothing new
    panel.hear([Event("back")])
    assert panel.looked == 1


def test_progress_is_kept_until_the_take_is_there():
    panel = Panel()
    panel.hear([Event("progress", body={"take": "a.1", "done": 0.5, "says": "frame 3"}),
                Event("progress", body={"take": 7, "done": "half"})])  # fmt: skip
    assert panel.progress == {"a.1": (0.5, "frame 3")}
    panel.hear([entry("take", "a.1", {})])
    assert panel.progress == {}
    assert panel.stale == {"one"}


def test_why_a_take_failed_stands_among_its_remarks():
    panel = Panel()
    error = {"code": "E_DISK_FULL", "message": "the disk is full", "hint": "Make room."}
    panel.hear([entry("state", "a.1", {"error": error})])
    assert panel.with_reason(take()).remarks == ("The disk is full. Make room.",)
    assert panel.with_reason(take(remarks=("old",))).remarks[0] == "old"


def test_a_project_or_a_note_makes_nothing_stale():
    panel = Panel()
    panel.hear([entry("project", "film", {}), entry("note", "a.1", {})])
    assert panel.stale == set()


def test_the_newest_sentences_stay_and_none_stands_twice():
    panel = Panel()
    for text in ("one", "two", "three", "two", "four"):
        panel.say(Said(text))
    assert [one.what for one in panel.said] == ["four", "two", "three"]
    panel.fail(DiskFull("the disk is full", hint="Make room."))
    assert panel.said[0].wrong


def test_what_could_not_be_checked_for_one_reason_is_said_once():
    def finding(name, outcome, sentence, frames=()):
        return Finding(name, name, outcome, sentence, frames=frames)

    rows = findings_said(take(TakeState.blocked, findings=(
        finding("a", Outcome.clear, "fine"),
        finding("b", Outcome.not_checked, "no shot stands beside it"),
        finding("c", Outcome.not_checked, "no shot stands beside it"),
        finding("d", Outcome.look, "it flickers", ((3, 5),)),
        finding("e", Outcome.look, "it flickers", ((3, 5),)),
    )))  # fmt: skip
    assert [(one.id, text, is_open) for one, text, is_open in rows] == [
        ("b", "Not checked: No shot stands beside it.", False),
        ("d", "Look: It flickers. Frames 3 to 5.", True),
        ("e", "Look: It flickers. Frames 3 to 5.", True),
    ]
