"""Deliver: a job that no inherited preset spoils, and the file that it came to."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from fake_resolve import Faults
from fake_resolve.rendering import press_render
from secondunit_bridge.errors import MediaOffline
from secondunit_resolve.acts import Bench
from secondunit_resolve.acts.delivering import deliver
from secondunit_resolve.collect.rendered import Rendered, rendered
from secondunit_resolve.place.delivery import PRESET, Order, queue
from secondunit_resolve.port import Port
from secondunit_resolve.refusals import HostLacks, HostRefused

EDITIONS = [("17.4", "free"), ("18.5", "studio"), ("20.3.2", "free"), ("21.0.4", "studio")]


@pytest.fixture
def at(resolve, tmp_path: Path):
    """A cut of a second, and the Deliver page as its editor left it after a sound delivery."""

    def start(version="20.3.2", edition="free", faults=None):
        world, handle = resolve(version, edition, faults)
        for track in (t for tracks in world.timeline.tracks.values() for t in tracks):
            track.items[:] = track.items[:1]
            for item in track.items:
                item.start, item.length = 86400, 24
        project = world.project.delivery
        project.held = replace(project.presets["Audio Only"], settings={"MarkIn": 5})
        return world, Bench(Port(handle), "Ada", folder=tmp_path / "resolve")

    return start


@pytest.mark.parametrize(("version", "edition"), EDITIONS)
def test_a_cut_is_queued_looked_at_when_rendered_and_the_page_is_as_it_was(
    at, outside, tmp_path, version, edition
):
    world, bench = at(version, edition)
    before, items = world.project.delivery.held, outside(world)
    said = deliver(bench, tmp_path / "out")
    (job,) = world.project.delivery.jobs
    assert (job.told["MarkIn"], job.told["MarkOut"]) == (86400, 86423)
    assert (job.told["FormatWidth"], job.told["FormatHeight"]) == (96, 54)
    assert job.told["OutputFilename"] == "TCC_v01.mov"
    assert "24 frames, 96 x 54, DNxHR HQX 10-bit." in said.lines[0]
    assert "Nothing is burnt in" in said.text
    assert world.page == "deliver"
    held = world.project.delivery.held
    assert replace(held, preset="") == replace(before, preset="")
    assert sorted(world.project.delivery.presets) == ["Audio Only", "H.264 Master", PRESET]
    assert deliver(bench, tmp_path / "out").facts["percent"] == 0
    assert len(world.project.delivery.jobs) == 1
    press_render(world)
    whole = deliver(bench, tmp_path / "out")
    assert whole.lines[0] == "TCC_v01.mov is whole: 24 frames of 96 x 54 and 1 sound track."
    assert outside(world) == items
    assert "Project.DeleteAllRenderJobs" not in world.calls
    assert "Project.StartRendering" not in world.calls


def test_an_inherited_preset_spoils_a_naive_job_whose_listing_says_picture(at, tmp_path):
    world, bench = at()
    project = bench.port.project()
    order = Order("naive", tmp_path, 86400, 86423, Fraction(24), (96, 54))
    assert project.SetCurrentRenderFormatAndCodec("mov", "H264") is True
    assert project.SetRenderSettings(order.settings) is True
    project.AddRenderJob()
    assert project.GetRenderJobList()[0]["IsExportVideo"] is True
    press_render(world)
    assert rendered(tmp_path / "naive.mov") == Rendered(sounds=1)


def test_a_file_without_picture_is_found_out_and_the_next_run_queues_anew(at, tmp_path):
    world, bench = at()
    deliver(bench, tmp_path)
    theirs = replace_job(world)
    world.project.delivery.jobs[0].picture = False  # a preset was chosen by hand for that job
    press_render(world)
    with pytest.raises(HostRefused, match="it has no picture, only sound") as refused:
        deliver(bench, tmp_path)
    assert refused.value.code == "E_HOST_REFUSED"
    assert [job.id for job in world.project.delivery.jobs] == [theirs]
    again = deliver(bench, tmp_path)
    assert again.facts["job"] != theirs
    assert len(world.project.delivery.jobs) == 2


def replace_job(world) -> str:
    """A job of the editor's own, beside ours."""
    from fake_resolve.rendering import Job

    mine = world.project.delivery.jobs[0]
    told = {**mine.told, "OutputFilename": "theirs.mov"}
    world.project.delivery.jobs.append(Job("theirs", told, picture=True))
    return "theirs"


def test_a_file_that_lacks_frames_is_found_out(at, tmp_path):
    world, bench = at()
    deliver(bench, tmp_path)
    press_render(world, short=1)
    with pytest.raises(HostRefused, match="it has 23 frames and not 24"):
        deliver(bench, tmp_path)


def test_a_cut_that_has_changed_is_queued_anew_and_only_our_old_job_goes(at, tmp_path):
    world, bench = at()
    deliver(bench, tmp_path)
    theirs = replace_job(world)
    for item in world.timeline.tracks["video"][0].items:
        item.length = 20
    world.timeline.tracks["audio"][0].items.clear()
    world.timeline.tracks["video"][1].items.clear()
    deliver(bench, tmp_path)
    jobs = world.project.delivery.jobs
    assert [job.id == theirs for job in jobs] == [True, False]
    assert jobs[1].told["MarkOut"] == 86419


def test_the_free_edition_is_told_what_it_does_not_render_and_studio_renders_it(at, tmp_path):
    wide = {"timelineResolutionWidth": "4096", "timelineResolutionHeight": "2160"}
    world, bench = at()
    world.timeline.settings |= wide
    with pytest.raises(HostLacks, match="no more than 3840 x 2160") as lacks:
        deliver(bench, tmp_path)
    assert lacks.value.code == "E_HOST_EDITION"
    assert world.project.delivery.jobs == []
    world, bench = at("20.3.2", "studio")
    world.timeline.settings |= wide
    deliver(bench, tmp_path)
    assert world.project.delivery.jobs[0].told["FormatWidth"] == 4096


def test_a_setting_that_came_to_nothing_is_read_back_and_leaves_no_job(at, tmp_path):
    world, bench = at("20.3.2", "studio")
    before = world.project.delivery.held
    order = Order("x", tmp_path, 86400, 86423, Fraction(24), (20000, 54))
    with pytest.raises(HostRefused, match="FormatWidth 1920 and not 20000"):
        queue(bench.port, order)
    assert world.project.delivery.jobs == []
    assert replace(world.project.delivery.held, preset="") == replace(before, preset="")


def test_where_no_preset_with_picture_is_left_nothing_is_queued(at, tmp_path):
    world, bench = at()
    del world.project.delivery.presets["H.264 Master"]
    with pytest.raises(HostRefused, match="no render preset that is known to have picture"):
        deliver(bench, tmp_path)
    assert world.project.delivery.jobs == []
    bench.port.project().SaveAsNewRenderPreset("Second Unit base")
    assert deliver(bench, tmp_path).facts["base"] == "Second Unit base"


def test_what_the_page_held_is_put_back_also_after_a_run_that_was_cut_off(at, tmp_path):
    world, bench = at()
    held = "Second Unit: what was set before"
    world.project.delivery.presets[held] = world.project.delivery.presets["H.264 Master"]
    before = world.project.delivery.held
    deliver(bench, tmp_path)
    assert world.project.delivery.held.settings == before.settings
    assert world.project.delivery.held.picture is False  # the editor's sound delivery, as it was
    assert held not in world.project.delivery.presets


def test_while_resolve_renders_nothing_is_touched(at, tmp_path):
    world, bench = at()
    world.project.delivery.rendering = True
    with pytest.raises(HostRefused, match="is rendering now"):
        deliver(bench, tmp_path)
    assert world.project.delivery.jobs == []


def test_a_burn_in_preset_of_ours_is_loaded_and_that_it_stays_is_said(at, tmp_path):
    world, bench = at()
    world.project.delivery.burn_ins.append("Second Unit")
    said = deliver(bench, tmp_path)
    assert said.facts["burn_in"]
    assert "is on for the whole project" in said.text


@pytest.mark.parametrize("faults", [Faults(), Faults(listed_codecs_are_refused=False)])
def test_the_best_codec_that_is_really_taken_is_used(at, tmp_path, faults):
    _, bench = at(faults=faults)
    refused = faults.listed_codecs_are_refused
    assert deliver(bench, tmp_path).facts["codec"] == (
        "DNxHR HQX 10-bit" if refused else "Apple ProRes 422 HQ"
    )


def test_a_file_that_was_not_rendered_to_its_end_is_said_to_be_unreadable(tmp_path):
    half = tmp_path / "half.mov"
    half.write_bytes(b"\0\0\0\x14ftypqt  \0\0\0\0qt  \0\0\xff\xffmdat1234")
    with pytest.raises(MediaOffline, match="cannot be read"):
        rendered(half)
    (tmp_path / "empty.mov").write_bytes(b"")
    with pytest.raises(MediaOffline, match="not rendered to its end"):
        rendered(tmp_path / "empty.mov")


def test_a_real_camera_file_is_read_as_it_is(data):
    found = rendered(data / "footage/big-buck-bunny-480p-30s.mp4")
    assert (found.frames, found.size, found.pictures) == (720, (854, 480), 1)
