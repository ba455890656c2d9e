"""From a cut to a cut with an insert in it, over a real daemon, on real pictures."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from secondunit.ledger import Ledger

TAKE_KEYS = {"take", "number", "seed", "media", "confidence", "findings"}
FINDING_KEYS = {
    "id", "check", "outcome", "reason", "value", "unit", "limit", "shots", "frames", "region",
    "sentence", "department", "evidence", "rank", "codes", "limit_from", "quiet", "subject",
}  # fmt: skip


@pytest.fixture(autouse=True)
def one_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """The production of these tests is Ada's alone, whoever runs them."""
    monkeypatch.setenv("LOGNAME", "Ada")


@pytest.fixture
def film(small_film: Path) -> Path:
    return small_film


@pytest.fixture
def cut(film: Path, cuts) -> Path:
    """The bird, a hole of 6 frames, the bird again."""
    items = [
        cuts.clip("bird 1", "bbb.mp4", 68, 24),
        cuts.hole(6),
        cuts.clip("bird 2", "bbb.mp4", 98, 24),
    ]
    return cuts.write_cut(film / "cut.otio", items)


def plain_shots(su, cut: Path) -> list[dict]:
    """The editor's own shots of a cut, without what is seen of them under an insert."""
    listed = su("shots", cut, "--json").json["shots"]
    ours = [shot for shot in listed if not shot["guid"]]
    return [{k: v for k, v in shot.items() if k != "visible"} for shot in ours]


def test_an_insert_is_shot_checked_circled_published_and_cut_in(su, home: Path, cut: Path):
    out = cut.with_name("new.otio")
    said = su("insert", cut, "--at", "01:00:01:00", "--frames", 6, "--takes", 2, "--by", "Ada",
              "--out", out, "--json")  # fmt: skip
    assert said.code == 0, said
    answer = said.json
    assert {"shot", "guid", "turnover", "takes", "circled", "version", "otio"} <= set(answer)
    assert answer["shot"] == "cut_0010"
    assert [take["number"] for take in answer["takes"]] == [1, 2]
    assert all(set(take) >= TAKE_KEYS for take in answer["takes"])
    assert all(set(finding) == FINDING_KEYS for finding in answer["takes"][0]["findings"])
    best = max(answer["takes"], key=lambda take: (take["confidence"], -take["number"]))
    assert answer["circled"] == best["take"]
    version = answer["version"]
    assert version["name"] == "cut_0010_v001"
    assert version["frames"] == [1001, 1022]
    assert version["handles"] == [8, 8]
    assert Path(version["record"]).is_file()
    folder = Path(version["path"])
    assert len(list((folder / "exr").glob("*.exr"))) == 22
    assert (folder / "review" / "cut_0010_v001.mov").stat().st_size > 0
    assert answer["otio"] == str(out)
    assert_it_stands_in_the_cut(su, cut, out, answer)
    with Ledger(home / "ledger.sqlite", reading=True) as ledger:
        (placed,) = ledger.views.cut_ins(version["name"])
    assert (placed.cut, placed.track, placed.by) == (str(out), "SU_INSERT", "Ada")
    assert (placed.record.first, placed.record.last) == (86424, 86429)


def assert_it_stands_in_the_cut(su, cut: Path, out: Path, answer: dict) -> None:
    listed = su("shots", out, "--json").json["shots"]
    new = next(shot for shot in listed if shot["guid"] == answer["guid"])
    assert new["record"] == [86424, 86429]
    assert new["frames"] == [1009, 1010, 1011, 1012, 1013, 1014]
    assert new["online"]
    assert plain_shots(su, out) == plain_shots(su, cut)
    marks = json.loads(out.read_text())
    assert answer["circled"] in json.dumps(marks)
    assert su("verify", out, "--json").json["ok"]
    assert su("verify", answer["version"]["path"]).code == 0


def test_the_same_place_is_the_same_shot_and_its_versions_go_on_counting(su, cut: Path):
    words = ("insert", cut, "--after", "bird 1", "--frames", 6, "--by", "Ada", "--json", "--out")
    one, two = (su(*words, cut.with_name(name)) for name in ("one.otio", "two.otio"))
    assert (one.code, two.code) == (0, 0), (one, two)
    first, second = one.json, two.json
    assert first["guid"] == second["guid"]
    assert second["takes"][0]["number"] == first["takes"][0]["number"] + 1
    assert second["version"]["name"][-1] == str(int(first["version"]["name"][-1]) + 1)


def test_another_place_in_the_cut_is_another_shot(su, cut: Path):
    words = ("insert", cut, "--json", "--hold", "--out", cut.with_name("new.otio"))
    one = su(*words, "--at", "01:00:01:00", "--frames", 6).json
    other = su(*words, "--at", "01:00:01:12", "--frames", 5).json
    assert one["guid"] != other["guid"]
    assert int(other["shot"][-4:]) > int(one["shot"][-4:])


def test_held_takes_wait_for_a_person_who_notes_rejects_circles_and_recalls(su, cut: Path):
    out = cut.with_name("new.otio")
    said = su("insert", cut, "--at", "01:00:01:00", "--frames", 7, "--takes", 2, "--hold",
              "--out", out, "--json")  # fmt: skip
    assert said.code == 0
    answer = said.json
    assert (answer["circled"], answer["version"], answer["otio"]) == (None, None, None)
    assert not out.exists()
    one, two = (take["take"] for take in answer["takes"])
    by = ("--by", "Ada", "--json")
    assert su("note", one, "softer, please", "--frames", "1010-1012", *by).json["frames"] == [
        [1010, 1012]
    ]
    assert su("reject", one, "--reason", "too soft", *by).code == 0
    assert su("circle", one, *by).error == "E_LOCKED"
    assert su("circle", two, "--class", "final", *by).error == "E_OWN_WORK"
    circled = su("circle", two, "--class", "final", "--reason", "nobody else is here", *by)
    assert circled.json["version"]["class"] == "final"
    name = circled.json["version"]["name"]
    assert su("recall", name, "--reason", "the scene is cut", *by).code == 0
    assert su("recall", name, "--reason", "again", *by).error == "E_LOCKED"
    states = {take["take"]: take["state"] for take in su("takes", "--json").json["takes"]}
    assert (states[one], states[two]) == ("rejected", "circled")
    shots = su("shots", "--json").json["shots"]
    assert name in next(shot for shot in shots if shot["guid"] == answer["guid"])["versions"]


def still_cut(film: Path, cuts, pictures) -> Path:
    cuts.write_movie(film / "made.mov", pictures)
    items = [cuts.clip("made", "made.mov", 0, 24, has=len(pictures)), cuts.hole(4)]
    items.append(cuts.clip("bird", "bbb.mp4", 68, 24))
    return cuts.write_cut(film / "made.otio", items)


WHOLE = ("--option", "move=hold", "--region", "0,0,1,1", "--option", "grade=0", "--json")


def test_a_take_to_be_looked_at_is_not_circled_until_a_person_answers(su, film, cuts, moving):
    cut = still_cut(film, cuts, moving(1) * 60)
    out = film / "new.otio"
    said = su("insert", cut, "--after", "made", "--frames", 4, "--out", out, *WHOLE)
    assert said.code == 1  # a script looks for the new cut
    answer = said.json
    assert (answer["circled"], answer["otio"]) == (None, None)
    assert "open findings" in answer["sentence"]
    assert not out.exists()
    take = answer["takes"][0]
    open_ = [f["id"] for f in take["findings"] if f["outcome"] in ("look", "stop")]
    assert open_
    held = su("insert", cut, "--after", "made", "--frames", 4, "--out", out, "--hold", *WHOLE)
    assert held.code == 0  # takes were asked for, and there they are
    refused = su("circle", take["take"], "--by", "Ada", "--json")
    assert refused.code == 1
    assert refused.error == "E_QC_FAIL"
    for finding in open_:
        waived = su("waive", finding, "--answer", "creative_intent", "--by", "Ada", "--reason",
                    "it is a still", "--json")  # fmt: skip
        assert waived.code == 0
    words = ("circle", take["take"], "--by", "Ada", "--cut", cut, "--out", out, "--json")
    circled = su(*words)
    assert circled.code == 0
    assert circled.json["otio"] == str(out)
    assert su(*words).json["version"] == circled.json["version"]  # asked again: the same version
    (ours,) = (shot for shot in su("shots", out, "--json").json["shots"] if shot["guid"])
    assert ours["record_tc"] == ["01:00:01:00", "01:00:01:03"]
    assert ours["name"] == circled.json["version"]["name"]
    assert ours["online"]


def test_a_circled_take_is_not_published_when_its_new_cut_could_not_be_written(su, cut: Path):
    said = su("insert", cut, "--at", "01:00:01:00", "--frames", 5, "--hold",
              "--out", cut.with_name("n.otio"), "--json")  # fmt: skip
    take = said.json["takes"][0]["take"]
    by = ("--by", "Ada", "--json")
    assert su("circle", take, "--cut", cut, *by).code == 2
    assert su("circle", take, "--cut", cut, "--out", cut, *by).error == "E_PATH"
    gone = ("--cut", cut.with_name("no.otio"), "--out", cut.with_name("n.otio"))
    assert su("circle", take, *gone, *by).error == "E_CUT"
    states = {one["take"]: one["state"] for one in su("takes", "--json").json["takes"]}
    assert states[take] == "pending_review"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told_before_anything_is_shot(su, cut: Path):
    closed = cut.parent / "closed"
    closed.mkdir(mode=0o500)
    words = ("--at", "01:00:01:00", "--frames", 5, "--out", closed / "n.otio", "--json")
    before = su("takes", "--json").json["takes"]
    assert su("insert", cut, *words).error == "E_PERMISSION"
    assert su("takes", "--json").json["takes"] == before


def test_a_take_that_is_stopped_ends_with_exit_code_three(su, film, cuts, moving):
    cut = still_cut(film, cuts, moving(60, repeat=(30, 31)))
    said = su("insert", cut, "--after", "made", "--frames", 4, "--out", film / "new.otio", *WHOLE)
    assert said.code == 3
    outcomes = {f["check"]: f["outcome"] for f in said.json["takes"][0]["findings"]}
    assert outcomes["dup.frame"] == "stop"


def test_an_insert_beside_offline_media_is_refused_before_anything_is_queued(su, film, cuts):
    items = [cuts.clip("gone", "gone.mov", 0, 24), cuts.hole(6), cuts.clip("too", "too.mov", 0, 9)]
    cut = cuts.write_cut(film / "gone.otio", items)
    said = su("insert", cut, "--after", "gone", "--frames", 6, "--out", film / "n.otio", "--json")
    assert said.code == 1
    assert said.error == "E_MEDIA_OFFLINE"
    assert said.json["error"]["hint"]
    assert "gone.otio" not in su("takes", "--json").out


def test_one_neighbour_offline_is_enough_to_go_on_with_the_other(su, film, cuts):
    items = [cuts.clip("gone", "gone.mov", 0, 24), cuts.hole(6), cuts.clip("b", "bbb.mp4", 98, 24)]
    cut = cuts.write_cut(film / "half.otio", items)
    said = su("insert", cut, "--after", "gone", "--frames", 6, "--out", film / "n.otio", "--json")
    assert said.code == 0, said
    checks = said.json["takes"][0]["findings"]
    alone = [f for f in checks if f["check"] == "colour.exposure" and f["outcome"] == "not_checked"]
    assert alone


def test_a_cut_of_another_rate_than_the_project_is_refused_with_both_rates(su, film, cuts):
    cut = cuts.write_cut(film / "pal.otio", [cuts.clip("b", "bbb.mp4", 68, 24)], rate=25)
    said = su("insert", cut, "--at", "01:00:00:05", "--frames", 6, "--out", film / "n.otio",
              "--json")  # fmt: skip
    assert (said.code, said.error) == (1, "E_RATE_MISMATCH")
    assert said.json["error"]["data"] == {"cut": "25", "project": "24"}


def test_media_slower_than_the_cut_is_refused_and_never_repeated(su, film, cuts, moving):
    cuts.write_movie(film / "slow.mov", moving(60), rate=10)
    items = [cuts.clip("slow", "slow.mov", 0, 24, has=60), cuts.hole(6)]
    items.append(cuts.clip("b", "gone.mp4", 68, 24))
    cut = cuts.write_cut(film / "slow.otio", items)
    document = json.loads(cut.read_text())
    slow = document["tracks"]["children"][0]["children"][0]["media_reference"]["available_range"]
    for time in ("start_time", "duration"):
        slow[time]["rate"] = 10
    cut.write_text(json.dumps(document))
    said = su("insert", cut, "--after", "slow", "--frames", 6, "--out", film / "n.otio", "--json")
    assert said.code == 1
    assert said.error == "E_RATE_MISMATCH"
    assert "10 frames a second" in said.json["error"]["message"]
    assert "repeat" in said.json["error"]["message"]


@pytest.mark.some(3)
@pytest.mark.parametrize("speed", [2.0, 0.5, -1.0])
def test_a_retimed_neighbour_can_be_used(su, film, cuts, speed: float):
    items = [cuts.clip("retimed", "bbb.mp4", 90, 24, speed=speed), cuts.hole(6)]
    items.append(cuts.clip("bird", "bbb.mp4", 98, 24))
    cut = cuts.write_cut(film / f"retimed{speed}.otio", items)
    said = su("insert", cut, "--after", "retimed", "--frames", 6, "--out", film / "n.otio",
              "--json")  # fmt: skip
    assert said.code == 0, said
    assert len(said.json["takes"]) == 1


def test_an_insert_may_lie_over_a_shot_and_the_shot_stays_as_it_was(su, film, cuts):
    cut = cuts.write_cut(film / "one.otio", [cuts.clip("bird", "bbb.mp4", 68, 60)])
    out = film / "new.otio"
    said = su("insert", cut, "--at", "01:00:01:00", "--frames", 6, "--out", out, "--json")
    assert said.code == 0, said
    assert plain_shots(su, out) == plain_shots(su, cut)
    new = next(shot for shot in su("shots", out, "--json").json["shots"] if shot["guid"])
    assert new["record"] == [86424, 86429]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--at", "01:00:09:00", "--frames", "6"), "E_NO_PLACE"),
        (("--at", "01:00:01:20", "--frames", "600"), "E_NO_PLACE"),
        (("--at", "1:2", "--frames", "6"), "E_TC"),
        (("--at", "01:00:01;00", "--frames", "6"), "E_TC_DROP"),
        (("--after", "nobody", "--frames", "6"), "E_NO_PLACE"),
        (("--at", "01:00:01:00", "--frames", "6", "--generator", "magic"), "E_GENERATOR"),
        (("--at", "01:00:01:00", "--frames", "6", "--option", "zoom=99"), "E_LIMITS"),
        (("--at", "01:00:01:00", "--frames", "6", "--option", "nope=1"), "E_FIELD"),
        (("--at", "01:00:01:00", "--frames", "6", "--shot", "../x"), "E_PATH"),
        (("--at", "01:00:01:00", "--frames", "6", "--space", "Mars"), "E_COLOR_UNKNOWN"),
    ],
)
def test_what_cannot_be_done_has_a_code_a_sentence_and_a_next_step(su, cut, words, code):
    said = su("insert", cut, *words, "--out", cut.with_name("n.otio"), "--json")
    assert said.code == 1, said
    error = said.json["error"]
    assert set(error) == {"code", "message", "hint", "data", "retryable"}
    assert error["code"] == code
    assert error["message"]
    assert error["hint"]
    assert not cut.with_name("n.otio").exists()


def test_the_editors_cut_is_never_the_one_written(su, cut: Path):
    before = cut.read_bytes()
    said = su("insert", cut, "--at", "01:00:01:00", "--frames", 6, "--out", cut, "--json")
    assert said.error == "E_PATH"
    assert cut.read_bytes() == before


def test_people_read_what_was_done_in_the_words_of_the_trade(su, cut: Path):
    out = cut.with_name("new.otio")
    said = su("insert", cut, "--at", "01:00:01:00", "--frames", 6, "--by", "Ada", "--out", out)
    assert said.code == 0
    for words in ("Turned over", "Take ", "Circled take", "published and cut in", str(out)):
        assert words in said.out
    assert "Traceback" not in said.out + said.err


def test_the_second_unit_shoots_for_a_cut_of_real_footage(su, data: Path, film: Path, cuts):
    footage = data / "footage" / "big-buck-bunny-480p-30s.mp4"
    items = [
        cuts.clip("grass", footage, 300, 48, has=720),
        cuts.clip("bird", footage, 378, 48, has=720),
        cuts.hole(12),
        cuts.clip("burrow", footage, 556, 40, has=720),
    ]
    cut, out = cuts.write_cut(film / "real.otio", items), film / "new.otio"
    said = su("insert", cut, "--after", "bird", "--frames", 12, "--takes", 2, "--out", out,
              "--json")  # fmt: skip
    assert said.code == 0, said
    answer = said.json
    shot = [f for take in answer["takes"] for f in take["findings"]]
    assert {f["check"] for f in shot} >= {
        "colour.exposure",
        "colour.wb",
        "frame_count",
        "dup.frame",
    }
    if answer["circled"]:
        assert su("verify", out, "--json").json["ok"]


def lone_film(folder: Path, cuts, shade: int, *, last: int = 12) -> Path:
    """A cut called Timeline 1 that lies in no project, its footage called as everybody's is."""
    folder.mkdir(parents=True)
    rows = np.arange(54)[:, None, None] * 2
    pictures = [
        np.full((54, 96, 3), shade + n, np.uint8) + rows.astype(np.uint8) for n in range(40)
    ]
    movie = cuts.write_movie(folder / "C0001.mov", pictures)
    return lone_cut(folder, cuts, movie, last=last)


def lone_cut(folder: Path, cuts, movie: Path, *, last: int) -> Path:
    items = [cuts.clip("one", movie.name, 0, 12, has=40), cuts.hole(4)]
    return cuts.write_cut(
        folder / "Timeline 1.otio", [*items, cuts.clip("two", movie.name, 16, last, has=40)]
    )


def test_two_films_of_one_name_in_no_project_never_share_a_shot(su, cuts, tmp_path: Path):
    def asked(cut: Path) -> dict:
        said = su("insert", cut, "--at", "01:00:00:12", "--frames", 4, "--hold", "--by", "Ada",
                  "--out", cut.with_name("new.otio"), "--json")  # fmt: skip
        assert said.code == 0, said
        return said.json

    first = asked(lone_film(tmp_path / "one", cuts, 10))
    other = lone_film(tmp_path / "two", cuts, 120)
    assert asked(other)["guid"] != first["guid"], "the same place and name, another film"
    (tmp_path / "one").rename(tmp_path / "archive")  # moved, and exported once more, a clip shorter
    again = asked(lone_cut(tmp_path / "archive", cuts, Path("C0001.mov"), last=9))
    assert (again["guid"], again["takes"][0]["number"]) == (first["guid"], 2)
    again = asked(lone_cut(tmp_path / "two", cuts, Path("C0001.mov"), last=9))
    assert again["takes"][0]["number"] == 2
    names = [line["name"] for line in su("shots", "--json").json["shots"]]
    assert len(names) == len(set(names)), "people can tell them apart as well"
