"""Views: what the ledger says now, and that it always follows from the entries."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from secondunit.ledger import Ledger
from secondunit_bridge.errors import UnknownId
from secondunit_bridge.film import Answer, Outcome, TakeState, VersionClass

WAITING, SHOOTING = TakeState.waiting, TakeState.shooting


def test_a_turnover_makes_waiting_takes_with_their_numbers_and_seeds(story, ledger):
    ids = story.turn_over("0010", takes=3)
    takes = ledger.views.takes()
    assert [take.id for take in takes] == ids
    assert [(t.number, t.seed, t.state, t.name) for t in takes] == [
        (1, 7, WAITING, "TCC_0010"),
        (2, 8, WAITING, "TCC_0010"),
        (3, 9, WAITING, "TCC_0010"),
    ]
    assert ledger.views.count_takes("guid-0010") == 3
    assert ledger.views.count_takes("guid-0020") == 0
    assert ledger.views.turnover(takes[0].turnover).brief == "brief 1"
    assert ledger.views.asked("ask-1") == tuple(ids)
    assert ledger.views.asked("ask-2") is None


def test_the_same_turnover_asked_twice_gets_further_takes_under_one_digest(story, ledger):
    turnover = story.turnover()
    first, second = story.ask(turnover, "one"), story.ask(turnover, "two")
    assert [t.number for t in ledger.views.takes()] == [1, 2]
    assert len({t.turnover for t in ledger.views.takes()}) == 1
    assert ledger.views.asked("one") == tuple(first)
    assert ledger.views.asked("two") == tuple(second)
    assert ledger.views.turnover(ledger.views.take(first[0]).turnover) == turnover


def test_a_seed_of_more_than_64_bits_survives(story, ledger):
    turnover = replace(story.turnover(), seed=2**80)
    take = story.ask(turnover, "one")[0]
    assert ledger.views.take(take).seed == 2**80


def test_a_take_that_was_shot_has_its_media_findings_and_present_state(story, ledger):
    take = story.turn_over()[0]
    shot = story.shoot(take, Outcome.clear, Outcome.stop)
    assert ledger.views.take(take) == shot
    assert ledger.views.take(take).state is TakeState.blocked
    story.state(take, TakeState.rejected, "too soft")
    assert ledger.views.take(take) == replace(shot, state=TakeState.rejected)
    assert ledger.views.finding(f"{take}/check1") == (
        ledger.views.take(take),
        shot.findings[1],
    )


def test_takes_are_listed_by_shot_and_state_and_page_by_page(story, ledger):
    tens, twenties = story.turn_over("0010", takes=3), story.turn_over("0020", takes=3)
    story.state(twenties[1], SHOOTING)
    ids = lambda **which: [take.id for take in ledger.views.takes(**which)]  # noqa: E731 - short
    assert ids() == tens + twenties
    assert ids(shot="guid-0020") == twenties
    assert ids(state=SHOOTING) == [twenties[1]]
    assert ids(shot="guid-0020", state=WAITING) == [twenties[0], twenties[2]]
    assert ids(limit=2) == tens[:2]
    assert ids(limit=3, after=tens[1]) == [tens[2], *twenties[:2]]
    assert ids(after=twenties[2]) == []
    with pytest.raises(UnknownId):
        ids(after="gone.1")


def test_the_queue_is_told_what_is_unfinished_with_its_lost_attempts(story, ledger):
    first, second, third = story.turn_over(takes=3, client="blender")
    story.state(first, SHOOTING)
    story.lose(first, 1)
    story.state(first, SHOOTING)
    story.state(second, TakeState.suspended)
    story.shoot(third)
    left = ledger.views.unfinished()
    assert [(u.take, u.state, u.attempts) for u in left] == [
        (first, SHOOTING, 1),
        (second, TakeState.suspended, 0),
    ]
    assert left[0].client == "blender"
    assert left[0].turnover == ledger.views.take(first).turnover
    assert left[0].order < left[1].order


def test_lost_attempts_are_forgiven_when_a_failed_take_is_asked_for_again(story, ledger):
    take = story.turn_over()[0]
    story.state(take, SHOOTING)
    story.lose(take, 3)
    story.state(take, WAITING, "the daemon restarted")
    assert ledger.views.unfinished()[0].attempts == 3
    story.state(take, TakeState.failed)
    assert ledger.views.unfinished() == []
    story.state(take, WAITING, "asked again")
    assert ledger.views.unfinished()[0].attempts == 0


def test_a_finding_is_open_until_an_answer_accepts_it_and_the_last_answer_counts(story, ledger):
    take = story.turn_over()[0]
    story.shoot(take, Outcome.look, Outcome.stop, Outcome.clear, Outcome.not_checked)
    still_open = lambda: [f.check for f in ledger.views.open_findings(take)]  # noqa: E731 - short
    assert still_open() == ["check0", "check1"]
    story.waive(f"{take}/check0", Answer.ask)
    assert still_open() == ["check0", "check1"]
    story.waive(f"{take}/check0", Answer.creative_intent)
    assert still_open() == ["check1"]
    story.waive(f"{take}/check0", Answer.fix)
    assert still_open() == ["check0", "check1"]
    story.waive(f"{take}/check0", Answer.best_possible)
    story.waive(f"{take}/check1", Answer.not_an_error)
    assert still_open() == []
    assert [w.answer for w in ledger.views.waivers(take)][:2] == [
        Answer.ask,
        Answer.creative_intent,
    ]


def test_answers_to_the_pictures_of_an_earlier_attempt_do_not_count_for_new_ones(story, ledger):
    take = story.turn_over()[0]
    story.shoot(take, Outcome.stop)
    story.waive(f"{take}/check0", Answer.creative_intent)
    assert ledger.views.open_findings(take) == ()
    story.shoot(take, Outcome.stop)
    assert len(ledger.views.open_findings(take)) == 1
    assert len(ledger.views.waivers(take)) == 1


def test_a_circled_take_is_listed_until_its_version_comes(story, ledger):
    take = story.turn_over()[0]
    story.shoot(take)
    version = story.circle(take, VersionClass.previs)
    assert ledger.views.take(take).state is TakeState.circled
    (circled,) = ledger.views.circled_without_version()
    assert (circled.take, circled.version, circled.number) == (take, "TCC_0010_v001", 1)
    assert (circled.kind, circled.by) == (VersionClass.previs, "Ada")
    assert ledger.views.versions() == ()
    story.publish(version)
    assert ledger.views.circled_without_version() == ()
    assert ledger.views.versions("guid-0010") == (version,)
    assert ledger.views.version_state(version.name) == "approved"


def test_a_take_that_is_put_back_after_circling_is_not_published_and_its_number_not_reused(
    story, ledger
):
    take = story.turn_over()[0]
    story.shoot(take)
    story.circle(take)
    story.state(take, TakeState.pending_review, "there is no room on the disk")
    assert ledger.views.circled_without_version() == ()
    assert ledger.views.next_number("guid-0010") == 2
    again = story.circle(take)
    assert again.name == "TCC_0010_v002"
    assert [c.version for c in ledger.views.circled_without_version()] == ["TCC_0010_v002"]


def test_a_version_is_approved_then_final_when_promoted_or_recalled(story, ledger):
    version = story.whole("0010")
    assert ledger.views.version(version.name) == version
    story.version_state(version.name, "final")
    assert ledger.views.version_state(version.name) == "final"
    assert ledger.views.version(version.name).kind is VersionClass.final
    other = story.whole("0020")
    story.version_state(other.name, "recalled")
    assert ledger.views.version_state(other.name) == "recalled"
    assert ledger.views.version(other.name) == other
    assert [v.name for v in ledger.views.versions()] == [version.name, other.name]
    take = story.turn_over("0030")[0]
    story.shoot(take)
    final = story.circle(take, VersionClass.final)
    story.publish(final)
    assert ledger.views.version_state(final.name) == "final"


def test_notes_cut_ins_projects_and_shots_are_read_back(story, ledger):
    story.project("tcc")
    wide = story.project("tcc", width=3840)
    other = story.project("abc")
    version = story.whole()
    assert ledger.views.project("tcc") == wide
    assert ledger.views.projects() == (other, wide)
    assert [note.text for note in ledger.views.notes(version.take)] == ["warmer"]
    assert [cut.host for cut in ledger.views.cut_ins(version.name)] == ["nuke"]
    assert [shot.name for shot in ledger.views.shots()] == ["TCC_0010"]


def test_what_is_not_there_is_said_with_a_hint(ledger):
    views = ledger.views
    for ask in (
        views.take,
        views.turnover,
        views.version,
        views.version_state,
        views.project,
        views.finding,
        views.open_findings,
    ):
        with pytest.raises(UnknownId) as caught:
            ask("nothing")
        assert "nothing" in caught.value.message
        assert caught.value.hint
    assert views.notes("nothing") == views.waivers("nothing") == views.cut_ins("nothing") == ()
    assert views.next_number("nothing") == 1


# --- the views follow from the entries -------------------------------------------------------

steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "ask",
                "state",
                "lose",
                "shoot",
                "waive",
                "note",
                "circle",
                "publish",
                "put back",
                "version state",
                "cut in",
                "project",
                "twice",
            ]
        ),
        st.integers(0, 5),
        st.integers(0, 10),
    ),
    max_size=40,
)


def _live(story, history) -> None:
    """Some sequence of entries a ledger accepts, however unlikely on a set."""
    takes: list[str] = []
    promised, versions = [], []
    for step, a, b in history:
        if step == "ask":
            takes += story.turn_over(f"00{a}0", takes=1 + b % 3, client=f"client {b % 2}")
        elif step == "twice":
            takes += story.ask(story.turnover(f"00{a}0"), f"again {len(takes)}.{a}.{b}")
        elif step == "project":
            story.project(f"p{a}", width=100 + b)
        elif takes:
            take = takes[(a * 11 + b) % len(takes)]
            if step == "state":
                story.state(take, list(TakeState)[b % len(TakeState)])
            elif step == "lose":
                story.lose(take, b)
            elif step == "shoot":
                story.shoot(take, *list(Outcome)[: b % 5])
            elif step == "waive":
                story.waive(f"{take}/check{b % 3}", list(Answer)[a % len(Answer)])
            elif step == "note":
                story.note(take)
            elif step == "circle":
                promised.append(story.circle(take, list(VersionClass)[a % 3]))
            elif step == "publish" and promised:
                versions.append(promised.pop(b % len(promised)))
                story.publish(versions[-1])
            elif step == "put back" and promised:
                story.state(promised[-1].take, TakeState.pending_review)
            elif step == "version state" and versions:
                story.version_state(versions[b % len(versions)].name, ["final", "recalled"][a % 2])
            elif step == "cut in" and versions:
                story.cut_in(versions[b % len(versions)])


def _rows(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every view, read without our own code."""
    db = sqlite3.connect(file)
    names = {n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"take", "version", "waiver", "circle", "shot", "asked", "project"} <= names
    rows = {n: sorted(db.execute(f"SELECT * FROM {n}")) for n in names - {"entry", "about"}}
    db.close()
    return rows


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_replaying_any_history_gives_the_same_rows_as_living_it(tell, history):
    with TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.sqlite"
        with Ledger(file, durability="off") as ledger:
            _live(tell(ledger), history)
            lived, said = _rows(file), ledger.views.takes(limit=10_000)
            ledger.rebuild_views()
            assert _rows(file) == lived
            assert ledger.verify() == ()
            assert ledger.views.takes(limit=10_000) == said


def test_views_that_were_thrown_away_are_there_again_at_the_next_opening(file, tell):
    with Ledger(file, durability="off") as ledger:
        version = tell(ledger).whole()
    lived = _rows(file)
    db = sqlite3.connect(file)
    for name in lived:
        db.execute(f"DROP TABLE {name}")
    db.close()
    with Ledger(file, durability="off") as ledger:
        assert ledger.views.version(version.name) == version
        assert ledger.verify() == ()
    assert _rows(file) == lived


def test_views_of_another_make_are_rebuilt_at_the_next_opening(file, tell):
    with Ledger(file, durability="off") as ledger:
        tell(ledger).whole()
    lived = _rows(file)
    db = sqlite3.connect(file)
    db.execute("UPDATE about SET value = 0 WHERE name = 'views'")
    db.execute("UPDATE take SET state = 'waiting'")
    db.commit()
    db.close()
    with Ledger(file, durability="off") as ledger:
        assert ledger.verify() == ()
    assert _rows(file) == lived


def test_ten_thousand_waiting_takes_are_listed_in_no_time(story, ledger):
    import time

    from secondunit.ledger import Draft

    drafts = []
    for i in range(10_000):
        shot = {"guid": f"g{i % 97}", "sequence": "TCC", "code": f"{i % 97:04}"}
        body = {"shot": shot, "priority": i % 3}
        takes = [{"id": f"{i:08x}.1", "number": 1, "seed": i}]
        asked = {"ask": str(i), "client": "nuke", "turnover": body, "takes": takes}
        drafts.append(Draft("turnover", f"{i:064x}", asked))
    ledger.record_all(drafts)

    def fastest(question) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            question()
            times.append(time.perf_counter() - start)
        return min(times)

    assert len(ledger.views.unfinished()) == 10_000
    assert fastest(ledger.views.takes) < 0.5  # the figure is measured in benchmarks
    assert (
        fastest(lambda: ledger.views.takes(shot="g7", state=WAITING)) < 0.5
    )  # the figure is measured in benchmarks
    assert (
        fastest(lambda: ledger.views.takes(state=TakeState.blocked)) < 0.5
    )  # the figure is measured in benchmarks
    assert fastest(lambda: ledger.views.take("00002000.1")) < 0.1
    assert fastest(ledger.views.unfinished) < 1
