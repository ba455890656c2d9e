"""What people answer to findings of a cut, from the command line to the ledger and back."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest
from secondunit_bridge.errors import Locked, NameMissing
from secondunit_bridge.film import Answer, Seen, Waiver
from secondunit_bridge.unit import Unit
from secondunit_bridge.wire import typed

SHOTS = itertools.count(1)  # the ledger of this module remembers what it was told of a shot


@pytest.fixture
def film(light_film: Path) -> Path:
    return light_film


@pytest.fixture
def shot() -> str:
    return f"SC{next(SHOTS):02}"


@pytest.fixture
def stuck(film: Path, cuts, moving, shot: str) -> Path:
    """A cut of one shot with a repeated frame: a stop."""
    light = 1 - int(shot[2:]) / 20
    cuts.write_movie(film / "s_v003.mov", moving(24, repeat=(11,), gain=light))
    items = [cuts.clip(f"{shot}_v003", "s_v003.mov", 0, 24, has=24)]
    return cuts.write_cut(film / "stuck.otio", items)


def the_stop(answer: dict) -> dict:
    return next(f for f in answer["findings"] if f["outcome"] == "stop")


def accept(finding: str, **more: str) -> list[str]:
    said = {"answer": "creative_intent", "by": "Ada", "role": "script supervisor",
            "reason": "a stutter is wanted"} | more  # fmt: skip
    words = [word for name, value in said.items() for word in (f"--{name}", value)]
    return ["waive", finding, *words]


def test_a_stop_is_open_until_a_named_person_accepts_it(su, stuck: Path):
    said = su("check", stuck, "--json")
    assert said.code == 3
    found = the_stop(said.json)
    assert found["answer"] is None
    assert found["rank"] == 1
    assert su(*accept(found["id"], role=""), "--json").error == "E_NAME"
    assert su(*accept("dup.frame@000000000000"), "--json").error == "E_UNKNOWN_ID"
    assert su("waive", found["id"], "--json").code == 2
    assert su("waive", "--json").code == 2
    assert su(*accept(found["id"], answer="fix", role="")).code == 0
    fixing = su("check", stuck, "--json")
    assert fixing.code == 3  # a fix that is only asked for leaves it open
    assert the_stop(fixing.json)["answer"]["answer"] == "fix"
    assert su(*accept(found["id"])).code == 0
    done = su("check", stuck, "--json")
    assert done.code == 0
    answer = the_stop(done.json)["answer"]
    assert (answer["by"], answer["role"], answer["holds"]) == ("Ada", "script supervisor", True)
    assert the_stop(done.json)["rank"] is None
    assert "Accepted as creative intent by Ada (script supervisor)" in su("check", stuck).out


def test_answers_follow_the_media_into_a_re_cut_and_open_again_in_a_new_version(
    su, film: Path, stuck: Path, cuts, moving, shot: str
):
    found = the_stop(su("check", stuck, "--json").json)
    assert su(*accept(found["id"])).code == 0
    items = [cuts.clip("lead", "bbb.mp4", 68, 12), cuts.clip("alias", "s_v003.mov", 6, 14, has=24)]
    recut = su("check", cuts.write_cut(film / "recut.otio", items), "--json")
    assert recut.code == 0
    assert the_stop(recut.json)["answer"]["closes"]
    cuts.write_movie(film / "s_v004.mov", moving(24, repeat=(11,), gain=0.4))
    newer = cuts.write_cut(
        film / "v4.otio", [cuts.clip(f"{shot}_v004", "s_v004.mov", 0, 24, has=24)]
    )
    changed = su("check", newer, "--json")
    assert changed.code == 3
    answer = the_stop(changed.json)["answer"]
    assert not answer["holds"]
    assert answer["sentence"].startswith("Accepted as creative intent in v003 by Ada")
    assert answer["sentence"].endswith("Changed in v004.")
    copy = (film / "s_v003.mov").read_bytes() + b"\0"  # the file is another, the pictures are not
    (film / "s_v005.mov").write_bytes(copy)
    same = cuts.write_cut(
        film / "v5.otio", [cuts.clip(f"{shot}_v005", "s_v005.mov", 0, 24, has=24)]
    )
    assert su("check", same, "--json").code == 0


def test_pictures_of_open_findings_are_kept_and_not_made_again(su, film: Path, stuck: Path):
    found = the_stop(su("check", stuck, "--json").json)
    pictures = [Path(path) for path in found["evidence"]]
    assert len(pictures) == 2  # the frame before, and the repeat
    times = [path.stat().st_mtime_ns for path in pictures]
    assert the_stop(su("check", stuck, "--json").json)["evidence"] == found["evidence"]
    assert [path.stat().st_mtime_ns for path in pictures] == times
    (film / "s_v003.mov").rename(film / "away.mov")
    gone = su("check", stuck, "--json")
    assert gone.code == 0  # offline: not checked, and nothing breaks
    assert gone.json["findings"] == []


def test_a_page_of_answers_is_written_whole_but_flashes_are_left_for_one_by_one(
    su, film: Path, stuck: Path
):
    found = the_stop(su("check", stuck, "--json").json)
    seen = su(*accept(found["id"], answer="ask", reason="is it wanted?"), "--json").json["seen"]
    flash = {**seen, "check": "pse"}
    told = {"by": "Ben", "role": "editor", "reason": "seen", "note": ""}
    answers = [
        {"finding": found["id"], "answer": "best_possible", "seen": seen, **told},
        {"finding": "pse@1", "answer": "creative_intent", "seen": flash, **told},
        {"finding": "pse@2", "answer": "fix", "seen": flash, **told},
    ]
    page = film / "answers.json"
    page.write_text(json.dumps({"cut": "stuck", "answers": answers}))
    said = su("waive", "--from", page, "--json")
    assert said.json == {"answers": 2, "written": 2, "left": ["pse@1"]}
    assert said.code == 1
    assert (
        su("waive", "--from", page, "--json").json["written"] == 0
    )  # said twice, it happened once
    assert su("check", stuck, "--json").code == 0
    for wrong in ("{}", "[]", "no", json.dumps({"answers": [{**answers[0], "seen": None}]})):
        page.write_text(wrong)
        assert su("waive", "--from", page, "--json").error == "E_FIELD"


def test_the_desk_takes_all_answers_or_none_and_never_a_flash_among_others(su, stuck: Path):
    found = the_stop(su("check", stuck, "--json").json)
    seen = typed(Seen, su(*accept(found["id"], answer="ask"), "--json").json["seen"])
    flash = Waiver(
        "pse@7", Answer.best_possible, "Ben", "seen", "editor", seen=replace(seen, check="pse")
    )
    other = Waiver("range@7", Answer.fix, "Ben", "seen", seen=replace(seen, check="range"))
    unit = Unit.connect(host="test", start=False)
    try:
        with pytest.raises(Locked):
            unit.waive_all([other, flash])
        with pytest.raises(NameMissing):
            unit.waive_all([other, replace(flash, role="", seen=seen)])
        unit.waive(flash)  # by itself
        assert unit.waive_all([other]) == 1  # nothing of it had been written
        entries = [e for e in unit.entries(0) if e.kind == "answer" and e.by == "Ben"]
        assert [e.subject for e in entries][-2:] == ["pse@7", "range@7"]
    finally:
        unit.close()


def test_what_a_cut_is_called_cannot_become_part_of_the_page(su, film: Path, cuts, moving):
    evil = "</script><img src=x onerror=alert(1)>"
    cuts.write_movie(film / "s.mov", moving(24, repeat=(11,)))
    cut = cuts.write_cut(film / "evil.otio", [cuts.clip(evil, "s.mov", 0, 24, has=24)])
    assert su("check", cut, "--html", film / "page.html").code == 3
    page = (film / "page.html").read_text()
    assert "<img src=x" not in page
    assert page.count("</script>") == 2
    assert "\\u003c/script>" in page


def test_markers_of_open_findings_go_into_a_new_cut_and_never_into_the_cut_itself(
    su, film: Path, stuck: Path
):
    out = film / "marked.otio"
    assert su("check", stuck, "--markers", out).code == 3
    made = json.loads(out.read_text())["tracks"]["markers"]
    assert made[0]["metadata"]["secondunit"]["outcome"] == "stop"
    assert made[0]["color"] == "PURPLE"
    assert made[0]["marked_range"]["start_time"]["value"] == 11.0
    assert su("check", out, "--markers", film / "again.otio").code == 3
    again = json.loads((film / "again.otio").read_text())["tracks"]["markers"]
    assert again == made
    assert su("check", stuck, "--markers", stuck, "--json").error == "E_PATH"
