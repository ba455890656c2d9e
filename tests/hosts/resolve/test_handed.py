"""What is handed on: lists that read back as the cut, a shape that is taken in, a self test."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from fake_resolve import Faults, fake
from fake_resolve.cut import BBB, cut_of, outside
from fake_resolve.doing import Managers
from fake_resolve.exporting import otio
from secondunit.editorial import read_cut
from secondunit.editorial.recut import compare
from secondunit.editorial.resolve_shape import bare, lapses, shaped
from secondunit.editorial.turnover_sheets import sheets
from secondunit_resolve.acts import Bench
from secondunit_resolve.acts.self_test import self_test
from secondunit_resolve.collect.turnover import Wish
from secondunit_resolve.panel import entry
from secondunit_resolve.port import Port
from secondunit_resolve.refusals import HostRefused

REPORTS = Path(__file__).parent / "reports"
FOREIGN = ("effects", "multitrack", "nested_example", "premiere_example", "screening_example",
           "simple_cut", "transition")  # fmt: skip


@pytest.fixture
def cut(data: Path, tmp_path: Path):
    """Three tracks with a dissolve, retimes, a freeze, a gap and a compound, as Resolve exports."""
    world, _ = fake()
    cut_of(world, data / BBB)
    path = tmp_path / "TCC.otio"
    path.write_text(otio(world.timeline))
    return read_cut(path, open_media=False)


def test_an_edit_list_reads_back_with_every_clip_at_its_place(cut, tmp_path: Path):
    made = sheets(cut, "TCC")
    text = made.files["TCC_V1.edl"]
    path = tmp_path / "TCC_V1.edl"
    path.write_text(text)
    back = read_cut(path, open_media=False)
    there = [s for s in cut.shots if s.track == "Video 1"]
    early = {join.at: join.in_offset for join in cut.transitions}  # a list begins with the dissolve
    firsts = [s.record.first - early.get(s.record.first, 0) for s in there]
    lasts = [s.record.last - early.get(s.record.last + 1, 0) for s in there]
    assert [(s.record.first, s.record.last) for s in back.shots] == list(
        zip(firsts, lasts, strict=True)
    )
    assert "M2   BIGBUCKB   048.0" in text
    assert "M2   BIGBUCKB   -024.0" in text
    assert "D    020" in text
    assert any("has 25 frames a second" in one for one in made.remarks)


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_cut_in_the_shape_is_taken_in_and_as_it_came_it_is_not(data, tmp_path, name):
    opened = read_cut(data / "otio" / f"{name}.otio", open_media=False)
    assert lapses(opened.document)
    document = shaped(opened)
    assert lapses(document) == ()
    path = tmp_path / f"{name}.otio"
    path.write_text(json.dumps(document))
    again = read_cut(path, open_media=False)
    assert [(s.record, len(s.frames)) for s in again.shots] == [
        (s.record, len(s.frames)) for s in opened.shots
    ]
    world, handle = fake()
    pool = Port(handle).pool()
    raw = tmp_path / "raw.otio"
    raw.write_text(json.dumps(opened.document))
    assert pool.ImportTimelineFromFile(str(raw), {"timelineName": "raw"}) is None
    if not any(s.nested for s in opened.shots):
        assert pool.ImportTimelineFromFile(str(path), {"timelineName": name}) is not None
        assert pool.ImportTimelineFromFile(str(path), {"timelineName": name}) is None
    assert world.failures == []


@pytest.mark.parametrize(("url", "path"), [
    ("file:///show/a%20b.mov", "/show/a b.mov"), ("/show/a.mov", "/show/a.mov"),
    ("file:///C:/show/a.mov", "C:/show/a.mov"), ("file://nas/show/a.mov", "//nas/show/a.mov"),
])  # fmt: skip
def test_paths_are_bare(url, path):
    assert bare(url) == path


@pytest.mark.parametrize("name", FOREIGN)
def test_recuts_of_foreign_cuts_are_told_shot_by_shot(data, tmp_path, name):
    path = data / "otio" / f"{name}.otio"
    old = read_cut(path, open_media=False)
    rng = random.Random(name)
    document = json.loads(path.read_text())
    tracks = document["tracks"]["children"] if "tracks" in document else []
    clips = [(t, i, c) for t in tracks for i, c in enumerate(t.get("children", ()))
             if str(c.get("OTIO_SCHEMA", "")).startswith("Clip") and c.get("source_range")
             and not c.get("effects") and t.get("kind", "Video") == "Video"
             and c["source_range"]["duration"]["value"] > 2]  # fmt: skip
    track, index, clip = rng.choice(clips)
    for item in (clip, track):
        if item.get("source_range"):  # a list's track says how long it is, too
            item["source_range"]["duration"]["value"] -= 1
    trimmed = tmp_path / "new.otio"
    trimmed.write_text(json.dumps(document))
    found = compare(old, read_cut(trimmed, open_media=False))
    assert [i.name for i in found.items if i.change.value == "trimmed"] == [clip["name"]]
    assert {i.change.value for i in found.items} <= {"same", "moved", "trimmed"}
    del track["children"][index]
    track["source_range"] = None
    trimmed.write_text(json.dumps(document))
    gone = compare(old, read_cut(trimmed, open_media=False))
    assert "omitted" in {i.change.value for i in gone.items}
    assert gone.generate_frames == 0


@pytest.mark.parametrize(("version", "edition"), [("18.5.1", "free"), ("21.0.4", "studio")])
def test_a_self_test_leaves_the_project_as_it_was_and_its_report_replays(
    tmp_path, data, version, edition
):
    told = []
    for run in ("first", "again"):
        world, handle = fake(version, edition)
        cut_of(world, data / BBB)
        before, project = outside(world), world.project
        bench = Bench(Port(handle), "Ada", Wish(), folder=tmp_path / run)
        said = self_test(bench)
        assert not said.wrong, said.text
        assert world.project is project
        assert world.projects == [project]
        assert outside(world) == before
        assert all("SecondUnitWasHere" in one for one in world.failures)  # asked for on purpose
        report = json.loads(Path(said.facts["report"]).read_text())
        told.append([(one["what"], one["ok"], one["said"]) for one in report["trials"]])
    assert told[0] == told[1]


def test_a_self_test_tries_nothing_in_the_project_of_an_editor(tmp_path, data, monkeypatch):
    world, handle = fake("21.0.4", "studio")
    cut_of(world, data / BBB)
    before, project, creates = outside(world), world.project, Managers.CreateProject

    def stays(w, m, name):  # it is made, and the editor's stays in front
        made = creates(w, m, name)
        w.project = project
        return made

    monkeypatch.setattr(Managers, "CreateProject", stays)
    with pytest.raises(HostRefused, match="nothing was tried"):
        self_test(Bench(Port(handle), "Ada", Wish(), folder=tmp_path))
    assert world.project is project
    assert world.projects == [project]
    assert outside(world) == before
    assert "ProjectManager.CloseProject" not in world.calls


def test_a_self_test_that_the_disk_stops_goes_back_and_says_so(tmp_path, data):
    world, handle = fake("21.0.4", "studio")
    cut_of(world, data / BBB)
    project = world.project
    (tmp_path / "self-test").write_text("a file where the folder would be")
    told = self_test(Bench(Port(handle), "Ada", Wish(), folder=tmp_path))
    assert told.wrong
    assert world.projects == [project]
    assert world.project is project
    assert str(tmp_path) not in "".join(
        one["said"] if isinstance(one["said"], str) else ""
        for one in json.loads(Path(told.facts["report"]).read_text())["trials"]
    )


def answers(report: dict) -> dict[str, tuple[bool, object]]:
    return {one["what"]: (one["ok"], one["said"]) for one in report["trials"]}


def replayed(report: dict, folder: Path) -> dict[str, tuple[bool, object]]:
    """What the tests' Resolve of that version and edition answers to the trials."""
    edition = "studio" if "Studio" in report["product"] else "free"
    _, handle = fake(".".join(map(str, report["version"])), edition)
    said = self_test(Bench(Port(handle), "Ada", Wish(), folder=folder))
    return answers(json.loads(Path(said.facts["report"]).read_text()))


def test_a_report_replays_and_one_from_a_resolve_that_is_otherwise_does_not(tmp_path):
    _, handle = fake("20.3.2", "studio", replace(Faults(), kinds_are_translated=False))
    said = self_test(Bench(Port(handle), "Ada", Wish(), folder=tmp_path / "theirs"))
    theirs = json.loads(Path(said.facts["report"]).read_text())
    ours = replayed(theirs, tmp_path / "ours")
    other = {what for what, told in answers(theirs).items() if ours[what] != told}
    assert other == {"a timeline as media"}
    assert ours["the order of a track"] == (True, {"starts": [0, 24], "gone": True})
    for file in sorted(REPORTS.glob("*.json")):  # those that people sent
        report = json.loads(file.read_text())
        assert replayed(report, tmp_path / file.stem) == answers(report)


@pytest.mark.usefixtures("alone")
def test_a_script_says_in_a_sentence_what_went_wrong(resolve, places, capsys):
    world, handle = resolve(faults=Faults())
    world.timeline.marks = None
    said = entry.run("new_insert", {"resolve": handle})
    assert said.wrong
    assert said.facts["code"] == "E_NO_PLACE"
    assert capsys.readouterr().out.startswith("Second Unit: In and Out are not set")
    said = entry.run("turn_over", {"bmd": type("bmd", (), {"scriptapp": lambda _, name: None})()})
    assert "Resolve is not there" in said.text
