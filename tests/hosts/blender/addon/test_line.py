"""From three bound cameras to an edit and back: a layout artist's day in a real Blender."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio
import opentimelineio as otio
import pytest
from secondunit_blender.collect.passes import LOG
from secondunit_blender.collect.progress import ProgressReader

HANDLES = 8
WALL_AHEAD = 15.0  # metres along the lens of the first camera
RATE = 24000 / 1001


@pytest.fixture(scope="module", params=["oldest", "newest"])
def a_blender(request):
    """The oldest Blender that tests run in, then the newest where there is one."""
    return request.getfixturevalue(
        "in_blender" if request.param == "oldest" else "in_newest_blender"
    )


@pytest.fixture(scope="module")
def place(a_blender, tmp_path_factory):
    return tmp_path_factory.mktemp("film")


@pytest.fixture(scope="module")
def sequence(a_blender, place):
    """Of its own for each Blender: names of versions are given out once in a daemon."""
    return f"sq{place.name.removeprefix('film')}"


@pytest.fixture(scope="module")
def day(archive, daemon, a_blender, place, sequence):
    ended = a_blender(daemon, "whole_line", archive, place, sequence)
    assert ended.code == 0, ended.out[-3000:]
    assert "Traceback" not in ended.out, ended.out[-5000:]
    return ended.answer


@pytest.fixture(scope="module")
def passes(day, place, as_rendered):
    """The passes that a shot of the day was shot from last."""

    def of(code):
        folder = sorted(place.glob(f"secondunit/passes/{code}_*/p???"))[-1]
        told = ProgressReader(str(folder / LOG)).poll()
        assert told.state == "done"
        return as_rendered(folder, {"files": told.files, "facts": told.facts})

    return of


@pytest.mark.timeout(420)
def test_what_cannot_be_done_is_a_sentence_and_leaves_the_file_alone(day):
    assert day["valid"]["valid"] == 0, day["valid"]["said"]
    assert "never saved" in day["never saved"]
    assert "Save it" in day["never saved"]
    assert day["untouched"] == []
    assert "0090" in day["no such shot"]
    assert "0010, 0020, 0030" in day["no such shot"]
    assert "loud" in day["bad option"]
    assert "no edit" in day["no edit"]
    assert day["kept by refusals"] == []


def test_shooting_does_not_write_the_artists_file_and_leaves_no_copy(day):
    assert day["same file"] is True
    assert day["copies left"] == []


def test_every_shot_has_a_take_to_look_at(day):
    for shot in day["shots"].values():
        (take,) = shot["takes"]
        assert take["state"] == "pending_review"
        assert take["placed"]
        assert take["poster"]


def test_takes_lie_on_the_channel_above_the_grey_at_the_same_in_and_out(day):
    assert [(s["first"], s["end"]) for s in day["grey"]] == [(1, 13), (13, 25), (25, 37)]
    assert [(s["first"], s["end"]) for s in day["looks"]] == [(1, 13), (13, 25), (25, 37)]
    assert {s["channel"] for s in day["grey"]} == {1}
    assert {s["channel"] for s in day["looks"]} == {2}
    assert [s["start"] for s in day["looks"]] == [1 - HANDLES, 13 - HANDLES, 25 - HANDLES]
    assert {s["files"] for s in day["looks"]} == {12 + 2 * HANDLES}
    assert {s["space"] for s in day["looks"]} == {"ACEScg"}


def test_the_layout_scene_still_renders_its_own_view(day):
    assert day["strips of layout"] == 0


def test_a_beat_never_holds_blender_up(day):
    assert day["longest beat"] < 250  # ms of processor; the longest places a take


def test_drawing_reads_what_is_ready_and_asks_nobody(day):
    drawn = day["drawn"]
    assert drawn["ms"] < 2
    assert drawn["asked"] == 0
    assert drawn["unknown icons"] == []
    assert drawn["rows"] == 3
    names = [name for kind, name, _ in drawn["lines"] if kind == "operator"]
    assert {"secondunit.shoot_all", "secondunit.circle", "secondunit.reshoot"} <= set(names)


def test_a_circled_take_becomes_the_version_that_plays(day, sequence):
    (take,) = day["circled"]["takes"]
    assert take["state"] == "circled"
    assert take["version"] == f"{sequence}_0010_v001"
    strip = day["strip of the version"]
    assert strip["version"] == f"{sequence}_0010_v001"
    assert Path(strip["folder"]).name == "exr"
    assert (strip["first"], strip["end"]) == (1, 13)


def test_a_decision_without_a_reason_or_a_take_is_refused_in_words(day):
    assert "No reason" in day["no reason"]
    assert "nobody.7" in day["circled twice"]


def test_a_reshoot_puts_the_old_take_aside_and_takes_its_place(day):
    new, other, old = day["reshot"]["takes"]
    assert (old["state"], new["state"]) == ("rejected", "pending_review")
    assert (other["seed"], new["seed"]) == (old["seed"] + 1, old["seed"] + 2)
    assert new["placed"]
    strip = day["strip of the second"]
    assert strip["take"] == new["id"]
    assert (strip["first"], strip["end"], strip["channel"]) == (13, 25, 2)
    assert day["trimmed"]["channel"] == 2


def test_grey_and_look_change_places_for_all_or_one(day):
    assert day["grey shown"] == [True, True, True]
    assert day["one look shown"] == [True, False, True]


def test_a_trim_and_a_move_by_hand_stay_when_the_take_changes(day):
    assert (day["trimmed"]["first"], day["trimmed"]["end"]) == (15, 22)
    assert day["trimmed"]["start"] == 13 - HANDLES
    before, after = day["moved before"], day["moved"]
    assert before["take"] != after["take"]
    assert [before[k] for k in ("first", "end", "start")] == [
        after[k] for k in ("first", "end", "start")
    ]


def test_an_undo_takes_nothing_of_ours_back(day):
    assert day["takes after undo"]
    assert day["guid after undo"]


def test_a_render_that_is_stopped_is_gone_at_once(day):
    assert day["render ended"]
    assert day["after stop"] == "to review"  # the take it had before


def test_a_recut_is_told_first_and_then_applied(day):
    assert any("0020" in row and "trimmed" in row for row in day["table"])
    assert day["span after"] == "13-20 (8)"
    assert day["markers"] == [1, 13, 25]
    assert day["strips after"] == [[1, 13], [13, 21], [25, 37]] * 2
    assert "No re-cut was read" in day["applied twice"]
    assert "nothing.otio" in day["no such cut"]


def test_a_finding_is_answered_by_name_and_then_the_take_can_be_circled(day, sequence):
    assert day["stuck take"]["state"] == "blocked"
    assert day["findings"]
    assert "No reason" in day["unreasoned answer"]
    assert day["stuck take circled"]["version"] == f"{sequence}_0010_v002"


def test_passes_of_the_day_are_of_what_stands_in_the_scene(day, passes):
    wide = passes("0010")
    assert wide.answer["facts"]["blender"] == day["blender"]
    wall = wide.mask("Wall", 1009)
    assert (
        np.abs(wide.values("depth", 1009)[wall] - 15.0).max() < 1e-3
    )  # metres, square to the lens
    assert np.abs(wide.values("normal", 1009)[wall] - np.float32((0, -1, 0))).max() < 2e-3
    anna, ben = (np.nonzero(wide.mask(name, 1009))[1] for name in ("Anna", "Ben"))
    assert 300 < len(anna) == pytest.approx(len(ben), rel=0.05)
    assert anna.max() < 80 < ben.min()  # she stands left of him
    paint = wide.values("guide", 1009)[wide.mask("Anna", 1009)].mean(0)
    assert paint[0] > 1.3 * paint[2]  # and is warm


def test_a_look_is_drawn_without_a_model_along_the_silhouettes_of_the_passes(day, passes):
    assert day["toon"]["state"] in ("pending_review", "blocked")
    assert day["toon"]["placed"]
    assert 0.01 < passes("0020").answer["facts"]["light"] < 1  # which all shots share
    assert "light" not in passes("0010").answer["facts"]  # no look was asked for
    anna = passes("0020").mask("Anna", 1012)
    drawn = oiio.ImageBuf(sorted(map(str, Path(day["toon folder"]).glob("*.exr")))[11])
    light = drawn.get_pixels(oiio.FLOAT)[..., :3].max(-1)
    edge = cv2.morphologyEx(anna.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3))) > 0
    around = cv2.erode(light, np.ones((3, 3)))
    inside = cv2.erode(anna.astype(np.uint8), np.ones((7, 7))) > 0
    assert np.quantile(around[edge], 0.9) < 0.2  # ink goes all the way around her
    assert np.median(around[inside]) > 0.35  # and she is not filled with it


def test_identities_that_an_undo_took_come_back(day):
    assert day["identity came back"]


def test_the_ledger_has_what_was_decided_and_what_was_cut_in(day):
    assert {"turnover", "take", "note", "waiver", "version", "cut_in"} <= set(day["ledger"])


@pytest.fixture(scope="module")
def again(day, archive, daemon, a_blender, place, sequence):
    """The file of the day in a Blender of the next day."""
    return a_blender(daemon, "opened_again", archive, place / f"{sequence}_v002.blend").answer


@pytest.mark.timeout(240)
def test_a_file_that_is_opened_again_shows_its_takes(again, sequence):
    seen = again
    assert seen["shots"]["0010"]["takes"][0]["version"] == f"{sequence}_0010_v002"
    assert [take["placed"] for take in seen["shots"]["0010"]["takes"]] == [True, False]
    assert len(seen["looks"]) == 3


def test_the_edit_stays_right_when_the_scene_begins_elsewhere_or_has_another_rate(again):
    grown = again["grown"]
    assert grown["in place"] == [True, True, True]
    assert grown["plays"] == grown["first"]  # each frame of the cut shows the same of the scene
    assert grown["rate"] == [25, 1.001]


def test_a_copy_under_another_name_is_asked_about_and_a_version_is_not(again, sequence):
    assert again["version asks"] == []
    (question,) = again["copy asks"]
    assert f"shot as {sequence}" in question
    assert "would be other" in question
    assert again["button"]


def test_new_shots_have_no_takes_and_the_strips_of_the_edit_wait_for_theirs(again):
    assert again["new"]
    assert again["codes"] == ["0010", "0020", "0030"]
    assert (again["asked after"], again["takes after"]) == ([], [])
    assert again["strips after"]


def test_nothing_is_left_when_it_is_turned_off(day):
    assert day["end"]["threads"] == []
    assert day["end"]["modules"] == []
    assert day["end"]["handlers"] == []


@pytest.fixture(scope="module")
def cut(day, place):
    return place / "cut.otio"


def test_opentimelineio_reads_both_tracks_with_exact_rates_and_available_ranges(day, cut):
    timeline = otio.adapters.read_from_file(str(cut))
    grey, look = timeline.tracks
    assert (grey.name, look.name) == ("GREY", "LOOK")
    for track in (grey, look):
        for clip in track.find_clips():
            assert clip.source_range.duration.rate == RATE
            assert clip.available_range().start_time.value == 1001
            assert clip.available_range().duration.value == 12 + 2 * HANDLES
            assert clip.source_range.start_time.value == 1001 + HANDLES
    assert [c.source_range.duration.value for c in look.find_clips()] == [12, 12, 12]
    assert timeline.global_start_time.value == 1


def test_media_say_their_colour_space_so_that_a_check_of_the_cut_need_not_be_told(day, cut, capsys):
    grey, look = otio.adapters.read_from_file(str(cut)).tracks
    for track, space in ((grey, "Linear Rec.709 (sRGB)"), (look, "ACEScg")):
        for clip in track.find_clips():
            assert clip.media_reference.metadata["secondunit"]["space"] == space
    from secondunit.cli import main

    main(["check", str(cut), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [one for one in told["not_checked"] if "--space" in one["reason"]] == []
    assert told["frames"] > 0


def test_markers_and_clips_carry_the_shots_guids(day, cut):
    timeline = otio.adapters.read_from_file(str(cut))
    guids = [day["shots"][code]["guid"] for code in ("0010", "0020", "0030")]
    assert [m.metadata["secondunit"]["guid"] for m in timeline.tracks.markers] == guids
    for track in timeline.tracks:
        assert [c.metadata["secondunit"]["guid"] for c in track.find_clips()] == guids


def test_clips_carry_their_shot_cards_for_continuity(day, cut):
    timeline = otio.adapters.read_from_file(str(cut))
    for track in timeline.tracks:
        for clip in track.find_clips():
            card = clip.metadata["secondunit"]["card"]
            assert card["camera"]["focal_mm"] in (35, 50)
            assert len(card["camera"]["position"]) == 3


def test_fcp_xml_keeps_the_same_ranges(day, cut, tmp_path):
    timeline = otio.adapters.read_from_file(str(cut))
    path = str(tmp_path / "cut.xml")
    otio.adapters.write_to_file(timeline, path)
    back = otio.adapters.read_from_file(path)
    back = back if isinstance(back, otio.schema.Timeline) else back[0]
    for mine, theirs in zip(timeline.tracks, back.tracks, strict=True):
        for before, after in zip(mine.find_clips(), theirs.find_clips(), strict=True):
            assert after.source_range == before.source_range
            assert after.available_range() == before.available_range()


def test_the_core_reads_the_cut_as_shots_with_their_frames(day, cut, capsys):
    from secondunit.cli import main

    assert main(["shots", str(cut), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert Fraction(told["rate"]) == Fraction(24000, 1001)
    look = [shot for shot in told["shots"] if shot["track"] == "LOOK"]
    assert [shot["record"] for shot in look] == [[1, 12], [13, 24], [25, 36]]
    assert all(shot["online"] for shot in told["shots"])
    assert look[0]["frames"] == list(range(1009, 1021))
    assert {tuple(shot["handles"]) for shot in told["shots"]} == {(HANDLES, HANDLES)}


def test_the_core_knows_the_version_in_the_cut_by_its_stamp(day, cut, sequence):
    from secondunit_bridge.timeline import stamp_of

    clips = list(otio.adapters.read_from_file(str(cut)).tracks[1].find_clips())
    plain = json.loads(otio.adapters.write_to_string(clips[0], "otio_json"))["metadata"]
    stamp = stamp_of(plain)
    assert stamp.version == f"{sequence}_0010_v001"
    assert stamp.guid == day["shots"]["0010"]["guid"]
    assert len(stamp.record) == 64


@pytest.mark.timeout(300)
def test_without_a_daemon_it_says_so_and_the_passes_are_kept(
    archive, studio_alone, in_blender, tmp_path
):
    seen = in_blender(studio_alone, "without_daemon", archive, tmp_path).answer
    assert "no daemon" in seen["away"].lower()
    assert "first shot you order" in seen["away"]
    assert "/nowhere/python" in seen["waited"]
    assert "SECONDUNIT_PYTHON" in seen["waited"]
    assert seen["shot"]["status"] == "did not work"
    assert seen["edit"]
    assert list(tmp_path.rglob("*.exr"))
