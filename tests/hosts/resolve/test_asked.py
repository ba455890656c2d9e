"""Before a shoot: what is free, what it would take, and a person's yes; then a draft's finish.

One daemon, whose generator shoots drafts and finishes and whose machine has the card the test says.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fake_resolve.cut import ours_track
from fake_resolve.state import Item
from screening import ACTOR
from secondunit.cli import main
from secondunit_bridge import errors
from secondunit_bridge.film import Answer, TakeState, Waiver
from secondunit_bridge.memory import NO_CARD
from secondunit_bridge.unit import Unit
from secondunit_resolve.acts import Bench, bring_takes, estimating
from secondunit_resolve.acts.estimating import agreed, estimate
from secondunit_resolve.acts.finishing import finish
from secondunit_resolve.acts.freeing import free_card
from secondunit_resolve.acts.telling import status
from secondunit_resolve.collect.turnover import Wish
from secondunit_resolve.panel import entry
from secondunit_resolve.port import Port
from studio_material import studio

IN, OUT = 86460, 86463
DRAFT = {"quality": "draft"}
SMI = """#!/bin/sh
[ -f "$CARD" ] || exit 9
case "$1" in
*gpu=*) cat "$CARD" ;;
esac
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A driver's program stands in the way of the machine's own; it tells what the file says."""
    folder = tmp_path_factory.mktemp("studio")
    driver = folder / "bin"
    driver.mkdir()
    (driver / "nvidia-smi").write_text(SMI)
    (driver / "nvidia-smi").chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARD", str(folder / "card"))
        patch.setenv("PATH", f"{driver}{os.pathsep}{os.environ['PATH']}")
        with studio(folder, "actor", ACTOR) as place:
            assert main(["daemon", "start", "--json"]) == 0
            yield place


@pytest.fixture
def at(resolve, home):
    def start(version="20.3.2", edition="free", faults=None, **wish):
        world, handle = resolve(version, edition, faults)
        world.timeline.marks = (IN, OUT)
        asked = {"generator": "actor", "takes": 1, "artist": "Ada", "options": DRAFT, **wish}
        return world, Bench(Port(handle), "Ada", Wish(**asked), folder=home / "resolve")

    return start


def stop(takes) -> None:
    """They were asked for, which is all that is looked at."""
    with Unit.connect() as unit:
        assert sum(unit.cancel(take=take, by="Ada") for take in takes) == len(takes)


def questions(world) -> list[dict]:
    return [m for m in world.timeline.markers.values() if '"question"' in m["customData"]]


def test_without_a_card_it_is_said_plainly_and_with_one_what_is_free_on_it(at, home):
    world, bench = at()
    told = status(bench)
    assert NO_CARD in told.lines
    assert told.lines[0].endswith("is there; it shoots nothing now, and nothing waits.")
    assert any(line.startswith("The computer: ") and "GB free" in line for line in told.lines)
    card = Path(os.environ["CARD"])
    card.write_text("0, NVIDIA RTX 6000, 12288, 49140\n")
    with Unit.connect() as unit:
        seen = unit.status()["memory"]
        while not (seen and seen[0]["device"]):
            seen = unit.status()["memory"]
    told = status(bench)
    assert "NVIDIA RTX 6000: 38.6 of 51.5 GB free." in told.lines
    assert NO_CARD not in told.lines
    card.unlink()
    assert world.calls == [call for call in world.calls if "Set" not in call]


@pytest.mark.parametrize(("version", "edition"), [("18.5", "free"), ("20.3.2", "free"),
                                                  ("21.0.4", "studio")])  # fmt: skip
def test_a_question_stands_over_the_place_and_the_second_run_is_the_yes(
    at, outside, version, edition
):
    world, bench = at(version, edition)
    if version == "18.5":  # tells no In and Out
        world.timeline.markers[60] = {"color": "Cyan", "name": "", "note": "", "duration": 4.0,
                                      "customData": ""}  # fmt: skip
    before = outside(world)
    with Unit.connect() as unit:
        had = len(unit.shots())
    told = agreed(bench, "new_insert")
    assert told.facts["question"]
    assert "1 take of 20 frames, 96 x 54, with handles" in told.text
    assert "Nothing leaves this machine." in told.lines
    (marker,) = questions(world)
    assert (marker["color"], marker["duration"]) == ("Sand", 4.0)
    assert "Run New insert from In-Out again" in marker["note"]
    assert all(track.name != "SU_INSERT" for track in world.timeline.tracks["video"])
    with Unit.connect() as unit:
        assert len(unit.shots()) == had
    done = agreed(bench, "new_insert")
    assert len(done.facts["takes"]) == 1
    assert questions(world) == []
    assert (ours_track(world).items[0].start, ours_track(world).items[0].length) == (IN, 4)
    assert outside(world) == before
    stop(done.facts["takes"])


def test_no_is_a_deleted_marker_another_place_another_wish_or_an_hour(at, monkeypatch):
    world, bench = at()
    agreed(bench, "new_insert")
    for frame in [f for f, m in world.timeline.markers.items() if '"question"' in m["customData"]]:
        del world.timeline.markers[frame]
    assert agreed(bench, "new_insert").facts["question"]
    world.timeline.marks = (IN, OUT + 1)
    assert agreed(bench, "new_insert").facts["question"]
    bench.wish = Wish("actor", takes=2, artist="Ada", options=DRAFT)
    assert "2 takes of 21 frames" in agreed(bench, "new_insert").text
    assert len(questions(world)) == 1
    monkeypatch.setattr(estimating, "FRESH_S", -1.0)
    assert agreed(bench, "new_insert").facts["question"]
    assert all(track.name != "SU_INSERT" for track in world.timeline.tracks["video"])


def test_a_track_of_ours_that_nobody_sees_is_said_before_anything_is_shot_on_it(at):
    world, bench = at()
    ours = world.timeline.tracks["video"][1]
    ours.name, ours.enabled = "SU_INSERT", False
    assert "SU_INSERT (V2) is switched off" in agreed(bench, "new_insert").text


def test_what_cannot_be_shot_is_refused_and_asks_nothing(at):
    world, bench = at(generator="clean_plate", options={})
    with pytest.raises(errors.NeedsModel, match="not for inserts"):
        agreed(bench, "new_insert")
    assert world.timeline.markers == {}


def test_a_time_is_told_from_takes_before_and_its_money_by_the_rates_of_the_home(at, home):
    _, bench = at()
    agreed(bench, "new_insert")
    with Unit.connect() as unit:
        unit.wait(agreed(bench, "new_insert").facts["takes"], timeout=90)
    _, bench = at()
    told = estimate(bench, "new_insert")
    assert "The time is that of 1 take before" in told.text
    assert ", the latest on the processor." in told.text
    assert "(by example rates; set yours in rates.toml)" in told.text
    (home / "rates.toml").write_text('currency = "EUR"\nprocessor_hour = 36000\n')
    mine = estimate(bench, "new_insert")
    (plan,) = mine.facts["plans"]
    assert plan["cost"]["amount"] == pytest.approx(plan["predicted"]["seconds"] * 10, abs=0.01)
    assert f"Machine time would cost {plan['cost']['amount']:.2f} EUR (by your rates)." in mine.text
    bench.wish = Wish("actor", takes=1, artist="Ada", options={"quality": "finish"})
    other = estimate(bench, "new_insert")
    assert "How long it takes is not known before the first take of its kind." in other.text
    assert "Machine time" not in other.text
    (home / "rates.toml").unlink()


class Window:
    """What Studio's window would hear: the wish as it is, then yes or no."""

    def __init__(self, yes: bool) -> None:
        self.yes, self.shown = yes, []

    def ask(self, wish):
        return wish

    def agrees(self, said):
        self.shown.append(said.text)
        return self.yes

    def say(self, said):
        self.shown.append(said.text)


def test_in_studio_the_window_asks_and_no_marker_does(at):
    world, bench = at("20.3.2", "studio")
    no, yes = Window(yes=False), Window(yes=True)
    assert entry._asked("new_insert", bench, no) == entry.NOTHING
    assert "1 take of 20 frames" in no.shown[0]
    assert world.timeline.markers == {}
    done = entry._asked("new_insert", bench, yes)
    assert len(done.facts["takes"]) == 1
    assert questions(world) == []
    stop(done.facts["takes"])


def circled(bench, world, takes) -> str:
    """The take is waited for, answered for, and circled by another than who asked."""
    with Unit.connect() as unit:
        (take,) = unit.wait(takes, timeout=90)
        for one in take.findings if take.state is TakeState.blocked else ():
            unit.waive(Waiver(one.id, Answer.creative_intent, "Kim", "a test"))
        version = unit.circle(take.id, "Kim")
    bring_takes(bench)
    assert version.name in ours_track(world).items[0].media.path
    return take.id


def test_a_circled_draft_is_finished_from_the_menu_and_its_version_plays(at, outside):
    world, bench = at()
    world.timeline.playhead = IN
    with pytest.raises(errors.UnknownId, match="no circled draft plays in TCC_v01"):
        agreed(bench, "finish")
    agreed(bench, "new_insert")
    draft = circled(bench, world, agreed(bench, "new_insert").facts["takes"])
    item, before = ours_track(world).items[0], outside(world)
    plays = item.media.path
    asked = agreed(bench, "finish")
    assert asked.facts["question"]
    assert "at full quality" in asked.text
    (told,) = [one for one in agreed(bench, "finish").facts.values()]
    assert told["draft"] == draft
    assert item.media.path == plays
    with Unit.connect() as unit:
        (made,) = unit.wait([told["finish"]], timeout=90)
        assert made.seed == unit.take(draft).seed
    (there,) = agreed(bench, "finish").facts.values()  # nothing to ask: it goes into the selector
    assert told["finish"] in there["takes"]
    assert item.media.path == plays  # a person has to circle it first
    assert any(made.id.rpartition(".")[2] in take.media.path for take in item.takes)
    count = len(item.takes)
    assert circled(bench, world, [made.id]) == made.id
    assert len(item.takes) == count + 1
    with Unit.connect() as unit:
        first, second = sorted(unit.versions(made.shot), key=lambda one: one.number)
    assert second.name in item.media.path
    assert any(first.name in take.media.path for take in item.takes)  # the draft is kept
    assert "plays as " + second.name in finish(bench).text
    assert outside(world) == before


def test_the_card_is_given_back_unless_a_take_is_being_shot(at):
    world, bench = at(options={**DRAFT, "seconds": 0.2})
    world.timeline.playhead = IN
    agreed(bench, "new_insert")
    takes = agreed(bench, "new_insert").facts["takes"]
    with Unit.connect() as unit:
        while not unit.status()["shooting"]:
            pass
        with pytest.raises(errors.Locked, match="the device is in use"):
            free_card(bench)
        unit.wait(takes, timeout=90)
    assert free_card(bench).lines[0].startswith("Nothing of ours lay on the card.")


def test_amid_a_gap_who_needs_no_neighbour_is_asked_and_who_does_is_refused(at):
    world, bench = at()
    world.timeline.marks = (IN + 4, IN + 7)
    assert "1 take of 20 frames" in estimate(bench, "new_insert").text
    bench.wish = Wish("reframe", takes=1, artist="Ada")
    with pytest.raises(errors.NeedsModel, match="no shot to make the insert from"):
        estimate(bench, "new_insert")


def test_a_slug_that_is_selected_is_the_place_where_resolve_tells_it(at):
    world, bench = at("21.0.4", "studio")
    world.timeline.marks = None
    slug = Item("slug", IN, 6, kind="generator")
    world.timeline.tracks["video"][1].items.append(slug)
    with pytest.raises(errors.NoPlace):
        estimate(bench, "new_insert")
    world.timeline.selected = [slug]
    told = estimate(bench, "new_insert")
    assert (told.facts["first"], told.facts["last"]) == (IN, IN + 5)
    world.timeline.marks = (IN, OUT)  # In and Out come first
    assert estimate(bench, "new_insert").facts["last"] == OUT
    older, bench = at("20.3.2", "studio")
    older.timeline.marks, older.timeline.selected = None, [slug]
    with pytest.raises(errors.NoPlace):
        estimate(bench, "new_insert")


def test_a_take_that_is_no_draft_is_not_finished(at):
    world, bench = at(options={"quality": "finish"})
    world.timeline.playhead = IN
    agreed(bench, "new_insert")
    circled(bench, world, agreed(bench, "new_insert").facts["takes"])
    with pytest.raises(errors.UnknownId, match="no circled draft plays at 01:00:02:12"):
        agreed(bench, "finish")
    assert questions(world) == []


def test_more_takes_are_brought_in_without_turning_the_selector(at):
    world, bench = at()
    world.timeline.playhead = IN
    agreed(bench, "new_insert")
    circled(bench, world, agreed(bench, "new_insert").facts["takes"])
    item = ours_track(world).items[0]
    plays = item.take
    assert agreed(bench, "reshoot").facts["question"]
    more = agreed(bench, "reshoot").facts["takes"]
    with Unit.connect() as unit:
        unit.wait(more, timeout=90)
    bring_takes(bench)
    assert item.take == plays
    assert len(item.takes) > plays


def test_a_marker_that_is_not_kept_is_an_error_and_nothing_is_asked_for(at, monkeypatch):
    world, bench = at()
    monkeypatch.setattr(estimating, "COLOUR", "Orange")  # a clip's colour: markers take none of it
    with pytest.raises(errors.SecondUnitError) as refused:
        agreed(bench, "new_insert")
    assert refused.value.code == "E_HOST_REFUSED"
    assert world.timeline.markers == {}
