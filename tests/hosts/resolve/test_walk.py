"""An editor's ten steps, in order and in one timeline: what is in the cut, the bins, the ledger."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_resolve import fake
from fake_resolve.cut import BBB, IN, cut_of, ours_track, outside, shortened
from fake_resolve.long_cut import Costly
from fake_resolve.rendering import press_render
from secondunit.cli import main
from secondunit.editorial.resolve_shape import lapses
from secondunit_bridge.unit import Unit
from secondunit_resolve.acts import Bench, bring_takes
from secondunit_resolve.acts.contact import contact_sheet
from secondunit_resolve.acts.delivering import deliver
from secondunit_resolve.acts.estimating import agreed
from secondunit_resolve.acts.going import go_to_next
from secondunit_resolve.acts.sweeping import sweep
from secondunit_resolve.acts.telling import status
from secondunit_resolve.acts.turning_over import turn_over
from secondunit_resolve.collect.turnover import Wish
from secondunit_resolve.pacing import Pace
from secondunit_resolve.port import Port
from studio_material import studio

OUT = IN + 15
LONG_S = 200.0  # an errand is a Python of its own, and machines of tests are slow
# Takes of the film itself, as drafts and at full quality: both are told apart and both are shot.
PUNCH = '''
from dataclasses import replace
from secondunit.generators.reframe import Reframe
from secondunit.hookspecs import OptionAbout, hookimpl


class Punch(Reframe):
    """Punches in to a neighbouring shot."""

    about = replace(Reframe.about, name="punch", options=(
        *Reframe.about.options,
        OptionAbout("quality", "finish", "How well.", choices=("draft", "finish")),
    ))


@hookimpl
def secondunit_generators():
    return [Punch()]
'''
HELD = {"region": "0.1,0.1,0.8,0.8", "move": "hold", "grade": 0.0, "quality": "draft"}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Iterator[Path]:
    with studio(tmp_path_factory.mktemp("studio"), "punch", PUNCH) as place:
        yield place


class Edit:
    """An editor at a timeline. After every step all that is not ours is as it was."""

    def __init__(self, data: Path, home: Path) -> None:
        self.world, handle = fake()
        cut_of(self.world, data / BBB)
        shortened(self.world, home, OUT)
        self.before = outside(self.world)
        self.clock = Costly(self.world)
        self.pace = Pace(pause=self.clock.pause, clock=self.clock.now)
        wish = Wish(
            generator="punch", brief="her hand", takes=3, artist="Ada", options=HELD, stills=True
        )
        self.bench = Bench(Port(handle, self.pace), "Ada", wish, folder=home / "resolve")
        self.said: dict[str, Any] = {}

    @property
    def ours(self) -> Any:
        (item,) = ours_track(self.world).items
        return item

    def bins(self) -> dict[str, list[str]]:
        return {
            f.name: [clip.name.partition(".")[0] for clip in f.clips]
            for f in self.world.project.root.walk()
        }

    def untouched(self) -> bool:
        self.before[2] = self.world.timeline.marks
        return outside(self.world) == self.before and self.world.failures == []

    def lies(self) -> tuple[int, int, int]:
        return self.ours.start, self.ours.length, self.ours.left


def entries(kind: str) -> list[dict[str, Any]]:
    with Unit.connect() as unit:
        return [entry.body for entry in unit.entries(0) if entry.kind == kind]


def sees_that_all_is_there(edit: Edit) -> None:
    """Step 1: the daemon, which this starts, its line, and what the machine has free."""
    told = status(edit.bench)
    assert "is there; it shoots nothing now, and nothing waits." in told.text
    assert any(line.startswith("The computer: ") for line in told.lines)


def marks_a_place_and_asks(edit: Edit) -> None:
    """Steps 2 to 5: In and Out, what it takes, a slate at once, the shot and its neighbours."""
    edit.world.timeline.marks = (IN, OUT)
    asked = agreed(edit.bench, "new_insert")
    assert "3 takes of 32 frames, 96 x 54, with handles" in asked.text
    assert "Nothing leaves this machine." in asked.lines
    assert entries("turnover") == []
    assert "Shoot it? (New insert from In-Out)" in go_to_next(edit.bench).text
    assert edit.world.timeline.playhead == IN
    edit.said = agreed(edit.bench, "new_insert").facts
    assert edit.world.timeline.tracks["video"][-1].name == "SU_INSERT"
    assert edit.lies() == (IN, 16, 8)
    assert edit.ours.colour == "Orange"
    assert edit.ours.media.path.endswith("_slate.1001.png")
    (marker,) = edit.world.timeline.markers.values()
    assert marker["name"] == "SU 0010"
    assert edit.said["guid"] in marker["customData"]
    (asked,) = entries("turnover")
    turnover = asked["turnover"]
    assert (turnover["brief"], turnover["takes"], turnover["artist"]) == ("her hand", 3, "Ada")
    assert [(one["role"], one["name"]) for one in turnover["elements"]] == [
        ("before", "A"), ("after", "B"), ("reference", "A"), ("reference", "A, graded"),
        ("reference", "B, graded")]  # fmt: skip
    assert turnover["elements"][0]["media"]["frames"]["last"] == 309  # A plays 286 to 309


def sees_what_was_shot(edit: Edit) -> None:
    """Step 6: takes in their bin and on one sheet, the one that is put aside in ``_junk``."""
    with Unit.connect() as unit:
        takes = unit.wait(edit.said["takes"], timeout=LONG_S)
        unit.reject(takes[2].id, "Ada", "soft")
    bring_takes(edit.bench)
    shown = edit.bins()
    assert [name.rpartition("_")[2] for name in shown["0010"]] == ["slate", "t001", "t002"]
    assert [name.rpartition("_")[2] for name in shown["_junk"]] == ["t003"]
    (aside,) = next(f for f in edit.world.project.root.walk() if f.name == "_junk").clips
    assert (aside.metadata["Comments"], aside.colour) == ("soft", "Pink")  # the editor's own word
    assert len(edit.ours.takes) == 3  # the slate and two takes
    edit.world.timeline.playhead = IN
    sheet = contact_sheet(edit.bench, patience_s=LONG_S)
    page = Path(sheet.facts["page"]).read_text(encoding="utf-8")
    assert sheet.facts["takes"] == edit.said["takes"]
    assert all(take in page for take in edit.said["takes"])
    assert page.count("data:image/jpeg") == 9

    assert contact_sheet(edit.bench).facts == sheet.facts  # it lies there until a take changes


def auditions_and_circles(edit: Edit) -> None:
    """Step 7: the editor's choice in the selector stays, and the version of it plays."""
    first, second = edit.said["takes"][:2]
    edit.world.timeline.playhead = IN - 10
    assert "its takes can be looked at" in go_to_next(edit.bench).text
    assert edit.world.timeline.playhead == IN
    edit.ours.take = 3  # by the number keys, in the take selector
    edit.ours.media = edit.ours.takes[2].media
    told = bring_takes(edit.bench)
    assert told.facts[edit.said["guid"]]["plays"] == second != first
    assert edit.ours.take == 3
    with Unit.connect() as unit:
        version = unit.circle(second, "Kim")
    bring_takes(edit.bench)
    assert version.name in edit.ours.media.path
    assert edit.ours.colour == "Green"
    assert edit.lies() == (IN, 16, 8)
    (cut_in,) = entries("cut_in")
    assert cut_in["version"] == version.name


def findings_of(edit: Edit) -> dict[int, str]:
    """Our markers of findings: offset and the finding's id."""
    marks = {f: json.loads(m["customData"] or "{}") for f, m in edit.world.timeline.markers.items()}
    told = {f: mark.get("secondunit", {}) for f, mark in marks.items()}
    return {f: mark["guid"] for f, mark in told.items() if mark.get("kind") == "finding"}


def finishes(edit: Edit) -> str:
    """Step 8: the draft in the cut at full quality, with its seed; the draft stays a take."""
    draft = edit.ours.media.path
    assert "at full quality" in agreed(edit.bench, "finish").text
    (told,) = agreed(edit.bench, "finish").facts.values()
    with Unit.connect() as unit:
        (made,) = unit.wait([told["finish"]], timeout=LONG_S)
        assert made.seed == unit.take(told["draft"]).seed
        version = unit.circle(made.id, "Kim")
    agreed(edit.bench, "finish")
    assert version.name in edit.ours.media.path != draft
    assert draft in [take.media.path for take in edit.ours.takes]
    assert (edit.lies(), edit.ours.colour) == ((IN, 16, 8), "Green")
    assert [cut_in["version"] for cut_in in entries("cut_in")][1:] == [version.name]
    return version.name


def sweeps_and_answers(edit: Edit) -> None:
    """Step 9: findings as markers, the playhead goes from one to the next, an answer closes one."""
    timeline = edit.world.timeline
    timeline.markers[3] = {"color": "Blue", "name": "mine", "note": "", "duration": 1.0,
                           "customData": ""}  # fmt: skip
    swept = sweep(edit.bench, patience_s=LONG_S)
    found = findings_of(edit)
    assert len(found) == swept.facts["markers"] > 0  # the rabbit's film begins black
    assert Path(swept.facts["page"]).is_file()
    timeline.playhead = timeline.start - 1
    seen = [go_to_next(edit.bench).facts["frame"] - timeline.start for _ in found]
    assert seen == sorted(found)
    assert go_to_next(edit.bench).facts["frame"] - timeline.start == seen[0]  # round again
    words = ("--answer", "not_an_error", "--by", "Ada", "--role", "editor", "--reason", "as shot")
    assert main(["waive", found[seen[0]], *words]) == 0
    sweep(edit.bench, patience_s=LONG_S)
    assert set(findings_of(edit).values()) == set(found.values()) - {found[seen[0]]}
    assert timeline.markers[3]["name"] == "mine"
    assert sum('"shot"' in marker["customData"] for marker in timeline.markers.values()) == 1


def turns_over(edit: Edit, version: str, out: Path) -> None:
    """Step 10: lists, a count sheet and the packet, as an assistant editor reads them."""
    turn_over(edit.bench, out, patience_s=LONG_S)
    rows = list(csv.DictReader((out / "TCC_v01_count.csv").read_text().splitlines()))
    assert [(row["shot"], row["frames"]) for row in rows] == [("TCC_0010", "16"), ("1 shot", "16")]
    assert rows[0]["version"] == version
    assert (rows[0]["record in"], rows[0]["record out"]) == ("01:00:02:12", "01:00:03:04")
    assert (rows[0]["first frame"], rows[0]["last frame"]) == ("1009", "1024")
    assert (rows[0]["head handle"], rows[0]["tail handle"]) == ("8", "8")
    lists = sorted(path.name for path in out.glob("*.edl"))
    assert lists == ["TCC_v01_SU_INSERT.edl", "TCC_v01_V1.edl", "TCC_v01_V2.edl"]
    text = (out / lists[0]).read_text()
    assert "01:00:02:12 01:00:03:04" in text
    assert version in text
    shaped = json.loads((out / "TCC_v01.otio").read_text())
    assert not [one for one in lapses(shaped) if "music" not in one]


def delivers(edit: Edit, out: Path) -> None:
    """Step 10, the file: a job of ours in the queue, the editor presses Render, it is whole."""
    assert "waits in the render queue" in deliver(edit.bench, out).text
    press_render(edit.world)
    long = edit.world.timeline.end - edit.world.timeline.start
    assert f"is whole: {long} frames of 96 x 54" in deliver(edit.bench, out).text


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_editor_goes_through_the_ten_steps(data: Path, home: Path, tmp_path: Path):
    edit = Edit(data, home)
    sees_that_all_is_there(edit)
    marks_a_place_and_asks(edit)
    assert edit.untouched()
    sees_what_was_shot(edit)
    assert edit.untouched()
    auditions_and_circles(edit)
    assert edit.untouched()
    version = finishes(edit)
    assert edit.untouched()
    sweeps_and_answers(edit)
    assert edit.untouched()
    turns_over(edit, version, tmp_path / "out")
    delivers(edit, tmp_path / "out")
    assert edit.untouched()
    assert 0 < edit.pace.longest <= 0.1
