"""``check`` over whole cuts: what is planted is found, what is clean stays clean."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def film(light_film: Path) -> Path:
    return light_film


def outcomes(answer: dict, check: str) -> list[tuple[tuple[str, ...], str]]:
    return [(tuple(f["shots"]), f["outcome"]) for f in answer["findings"] if f["check"] == check]


def test_a_clean_cut_is_clear_at_its_cut_point(su, film: Path, cuts):
    items = [cuts.clip("a", "bbb.mp4", 68, 12), cuts.clip("b", "bbb.mp4", 82, 12)]
    said = su("check", cuts.write_cut(film / "clean.otio", items), "--json")
    assert said.code == 0, said
    answer = said.json
    keys = {"cut", "shots", "pairs", "findings", "not_checked", "seconds", "frames", "version"}
    assert set(answer) >= keys
    assert (answer["shots"], answer["pairs"]) == (2, 1)
    assert answer["frames"] > 0
    assert outcomes(answer, "colour.exposure") == [(("a", "b"), "clear")]
    assert outcomes(answer, "dup.frame") == [(("a",), "clear"), (("b",), "clear")]
    reasons = {item["reason"] for item in answer["not_checked"]}
    assert reasons == {"no shot card", "nobody says how the files should be"}


def test_a_shot_that_is_a_stop_darker_is_found_at_the_cut_point(su, film: Path, cuts, moving):
    cuts.write_movie(film / "dark.mov", moving(24, gain=0.7))
    cuts.write_movie(film / "as is.mov", moving(24))
    items = [cuts.clip("a", "as is.mov", 0, 12, has=24), cuts.clip("b", "dark.mov", 12, 12, has=24)]
    answer = su("check", cuts.write_cut(film / "dark.otio", items), "--json").json
    assert outcomes(answer, "colour.exposure") == [(("a", "b"), "look")]
    found = next(f for f in answer["findings"] if f["check"] == "colour.exposure")
    assert found["rank"]
    assert "darker" in found["sentence"]


def test_a_repeated_frame_is_a_stop_and_ends_with_three(su, film: Path, cuts, moving):
    cuts.write_movie(film / "stuck.mov", moving(24, repeat=(11,)))
    cut = cuts.write_cut(film / "stuck.otio", [cuts.clip("stuck", "stuck.mov", 0, 24, has=24)])
    page = film / "page.html"
    said = su("check", cut, "--json", "--html", page)
    assert said.code == 3
    assert outcomes(said.json, "dup.frame") == [(("stuck",), "stop")]
    assert "exact repeat" in page.read_text()
    assert "stuck" in su("check", cut).out


def test_slow_motion_is_not_taken_for_repeated_frames(su, film: Path, cuts):
    items = [cuts.clip("slow", "bbb.mp4", 68, 24, speed=0.5)]
    answer = su("check", cuts.write_cut(film / "slow.otio", items), "--json").json
    assert outcomes(answer, "dup.frame") == [(("slow",), "clear")]


def test_offline_media_is_not_checked_and_says_why(su, film: Path, cuts):
    items = [cuts.clip("gone", "gone.mov", 0, 24), cuts.clip("here", "bbb.mp4", 68, 12)]
    said = su("check", cuts.write_cut(film / "half.otio", items), "--json")
    assert said.code == 0
    skipped = {(item["check"], tuple(item["shots"])) for item in said.json["not_checked"]}
    assert {("dup.frame", ("gone",)), ("colour.exposure", ("gone", "here"))} <= skipped
    assert all(item["reason"] for item in said.json["not_checked"])
    assert outcomes(said.json, "dup.frame") == [(("here",), "clear")]


def test_damaged_media_does_not_hide_the_other_shots(su, film: Path, cuts):
    whole = (film / "bbb.mp4").read_bytes()
    (film / "torn.mp4").write_bytes(whole[: len(whole) // 3])
    items = [cuts.clip("torn", "torn.mp4", 100, 24), cuts.clip("here", "bbb.mp4", 68, 12)]
    said = su("check", cuts.write_cut(film / "torn.otio", items), "--json")
    assert said.code in (0, 3)
    assert outcomes(said.json, "dup.frame")[-1] == (("here",), "clear")
    assert any("torn" in item["shots"] for item in said.json["not_checked"])


@pytest.mark.parametrize(
    "name",
    ["effects", "multitrack", "nested_example", "premiere_example", "screening_example",
     "simple_cut", "transition"],
)  # fmt: skip
@pytest.mark.some(2)
def test_timelines_of_other_software_are_listed_and_checked(su, data: Path, name: str):
    cut = data / "otio" / f"{name}.otio"
    listed = su("shots", cut, "--json").json
    assert {"timeline", "rate", "shots"} <= set(listed)
    for shot in listed["shots"]:
        assert set(shot) >= {
            "name", "guid", "track", "index", "record", "record_tc", "media", "online",
            "media_rate", "source", "frames", "speed", "retime", "handles", "nested",
        }  # fmt: skip
    assert su("shots", cut).code == 0
    said = su("check", cut, "--json")
    assert said.code == 0
    assert said.json["findings"] == []
    first = listed["shots"][0]
    refused = su("insert", cut, "--at", first["record_tc"][0], "--frames", 1, "--out",
                 "/tmp/never.otio", "--json")  # fmt: skip
    assert refused.code == 1
    assert not Path("/tmp/never.otio").exists()


def test_a_second_sweep_looks_only_at_what_has_changed(su, film: Path, cuts, moving):
    for name, gain in (("a", 1.0), ("b", 0.99), ("c", 0.98)):
        cuts.write_movie(film / f"{name}.mov", moving(24, gain=gain))
    items = [cuts.clip(name, f"{name}.mov", 0, 12, has=24) for name in ("a", "b", "c")]
    cut = cuts.write_cut(film / "three.otio", items)
    first = su("check", cut, "--json").json
    again = su("check", cut, "--json").json
    assert (first["remembered"], first["frames"] > 36) == (0, True)
    assert (again["remembered"], again["frames"]) == (5, 0)  # three shots, two cut points
    assert again["findings"] == first["findings"]
    cuts.write_movie(film / "c.mov", moving(24, gain=0.5))
    changed = su("check", cut, "--json").json
    assert changed["remembered"] == 3  # a, b, and where they meet
    assert outcomes(changed, "colour.exposure") == [(("b", "c"), "look"), (("a", "b"), "clear")]
    assert su("check", cut, "--fresh", "--json").json["remembered"] == 0


def test_light_that_pumps_in_one_shot_is_named_with_its_frames(su, film: Path, cuts, moving):
    gains = np.random.default_rng(3).normal(1, 0.03, 24)
    frames = [
        np.clip(f * g, 0, 255).astype(np.uint8) for f, g in zip(moving(24), gains, strict=True)
    ]
    cuts.write_movie(film / "pumps.mov", frames)
    cut = cuts.write_cut(film / "pumps.otio", [cuts.clip("pumps", "pumps.mov", 2, 20, has=24)])
    answer = su("check", cut, "--json").json
    found = next(f for f in answer["findings"] if f["check"] == "flicker.global")
    assert (found["outcome"], found["frames"]) == ("look", [[2, 21]])
    assert "pumps by" in found["sentence"]


def test_frames_that_are_left_out_keep_the_medias_own_numbers(su, film: Path, cuts, moving):
    cuts.write_movie(film / "stuck.mov", moving(48, repeat=(19, 20)))
    cut = cuts.write_cut(film / "fast.otio", [cuts.clip("fast", "stuck.mov", 0, 24, speed=2.0)])
    answer = su("check", cut, "--json").json
    found = next(f for f in answer["findings"] if f["check"] == "dup.frame")
    assert found["frames"] == [[20, 20]]


def test_a_shows_own_limit_is_gone_by_and_makes_the_sweep_look_again(su, film: Path, cuts, moving):
    cuts.write_movie(film / "a.mov", moving(24))
    cuts.write_movie(film / "b.mov", moving(24, gain=0.93))
    items = [cuts.clip("a", "a.mov", 0, 12, has=24), cuts.clip("b", "b.mov", 12, 12, has=24)]
    cut = cuts.write_cut(film / "own.otio", items)
    assert outcomes(su("check", cut, "--json").json, "colour.exposure") == [(("a", "b"), "clear")]
    (film / "profile.toml").write_text(
        '[checks."colour.exposure"]\nlimit = 0.1\nfrom = "calibrated, n = 48"\n'
    )
    answer = su("check", cut, "--json").json
    found = next(f for f in answer["findings"] if f["check"] == "colour.exposure")
    assert (found["outcome"], found["limit"]) == ("look", 0.1)
    assert found["limit_from"] == "this show's, calibrated, n = 48"
    (film / "profile.toml").write_text('[checks."colour.exposure"]\nlimit = 99\nfrom = "x"\n')
    assert su("check", cut, "--json").json["error"]["code"] == "E_SETTING"


def carded(item: dict, **card) -> dict:
    return {**item, "metadata": {"secondunit": {"card": card}}}


def test_a_shot_is_compared_with_its_master_however_far_apart_they_are(su, film: Path, cuts):
    a, b = cuts.clip("a", "bbb.mp4", 68, 24), cuts.clip("b", "bbb.mp4", 100, 24)
    items = [carded(a, setup="A", master=True), cuts.hole(24), carded(b, setup="A", master=None)]
    answer = su("check", cuts.write_cut(film / "master.otio", items), "--json").json
    assert answer["pairs"] == 0
    assert [shots for shots, _ in outcomes(answer, "setup.match")] == [("a", "b")]
    found = next(f for f in answer["findings"] if f["check"] == "setup.match")
    assert "“b” and its master are the same set-up" in found["sentence"]
    bare = [carded(a, setup="A", master=True), cuts.hole(24), carded(b, setup="B")]
    answer = su("check", cuts.write_cut(film / "bare.otio", bare), "--json").json
    assert outcomes(answer, "setup.match") == []


def test_a_master_that_is_not_in_the_cut_and_a_bible_that_cannot_be_read_are_told(
    su, film: Path, cuts
):
    item = carded(cuts.clip("b", "bbb.mp4", 100, 12), setup="A")
    cut = cuts.write_cut(film / "alone.otio", [item])

    def reasons(bible: dict) -> dict:
        document = json.loads(cut.read_text())
        document["metadata"] = {"secondunit": {"bible": bible}}
        cut.write_text(json.dumps(document))
        told = su("check", cut, "--json").json["not_checked"]
        return {one["reason"]: one["shots"] for one in told if one["check"] == "light.side"}

    assert reasons({}) == {}
    assert reasons({"masters": {"A": "12A/9"}}) == {
        "the master of set-up A, “12A/9”, is not in the cut": ["b"]
    }
    (wrong,) = reasons({"masters": ["12A/9"]})
    assert wrong.startswith("the bible of the cut cannot be read: bible.masters: expected")


def test_cards_are_read_where_two_shots_meet_and_a_changed_card_is_looked_at_again(
    su, film: Path, cuts
):
    def said(right: str, **more):
        clips = cuts.clip("a", "bbb.mp4", 68, 12), cuts.clip("b", "bbb.mp4", 80, 12)
        items = [carded(clips[0], axis={"left": "Ada", "right": "Ben"}),
                 carded(clips[1], axis={"left": "Ben" if right == "Ada" else "Ada",
                                        "right": right}, **more)]  # fmt: skip
        return su("check", cuts.write_cut(film / "axis.otio", items), "--json").json

    assert outcomes(said("Ben"), "axis.host") == [(("a", "b"), "clear")]
    assert outcomes(said("Ada"), "axis.host") == [(("a", "b"), "look")]
    assert outcomes(said("Ada", allowed=["axis.host"]), "axis.host") == [(("a", "b"), "clear")]
    wrong = {item["check"]: item["reason"] for item in said("Ada", day=3)["not_checked"]}
    assert wrong["axis.host"] == "the shot card cannot be read"


def test_a_take_that_goes_on_across_a_cut_does_not_jump_and_one_with_a_hole_does(
    su, film: Path, cuts
):
    def jump(second: int):
        items = [cuts.clip("a", "bbb.mp4", 68, 12), cuts.clip("b", "bbb.mp4", second, 12)]
        answer = su("check", cuts.write_cut(film / "jump.otio", items), "--json").json
        return outcomes(answer, "setup.match")

    assert jump(80) == [(("a", "b"), "clear")]
    assert jump(92) == [(("a", "b"), "look")]


def test_a_cut_without_cards_says_so_once_for_each_check(su, film: Path, cuts):
    items = [cuts.clip(name, "bbb.mp4", 68 + 12 * n, 12) for n, name in enumerate("abc")]
    cut = cuts.write_cut(film / "three.otio", items)
    bare = [i for i in su("check", cut, "--json").json["not_checked"] if i["check"] == "axis.host"]
    assert bare == [{"check": "axis.host", "shots": ["a", "b", "c"], "reason": "no shot card"}]
    assert "  3 shots: no shot card" in su("check", cut).out


def test_another_colour_space_on_the_clip_is_looked_at_again(su, film: Path, cuts, moving):
    cuts.write_movie(film / "spaced.mov", moving(24))
    clip = cuts.clip("a", "spaced.mov", 0, 12, has=24)
    cut = cuts.write_cut(film / "spaced.otio", [clip])
    assert su("check", cut, "--json").json["remembered"] == 0
    assert su("check", cut, "--json").json["remembered"] == 1
    clip["media_reference"]["metadata"] = {"secondunit": {"space": "ACEScg"}}
    assert su("check", cuts.write_cut(cut, [clip]), "--json").json["remembered"] == 0
