"""Each fault of the tests' Resolve bites whoever believes it, and the adapter survives it.

For each: what a naive script sees, which differs with the fault and without it (else the switch
stood for nothing), and what the adapter makes of it, which does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from fake_resolve import Faults, Media, World, fake
from fake_resolve.cut import BBB, cut_of, ours_track
from fake_resolve.handles import Handle
from fake_resolve.rendering import CODECS, Job
from fake_resolve.state import Item
from secondunit.editorial import read_cut
from secondunit.editorial.resolve_shape import shaped
from secondunit_bridge.errors import NoPlace, SecondUnitError
from secondunit_bridge.timing import FrameRange
from secondunit_resolve.acts import Bench
from secondunit_resolve.acts.self_test import self_test
from secondunit_resolve.collect.exported import own_export
from secondunit_resolve.collect.places import beside
from secondunit_resolve.collect.reading import read
from secondunit_resolve.place.delivery import Order, percent, queue
from secondunit_resolve.place.files import Frames
from secondunit_resolve.place.marks import colour, mark_timeline
from secondunit_resolve.place.playhead import go_to, kept
from secondunit_resolve.place.track import our_track, put, remove
from secondunit_resolve.port import Port
from secondunit_resolve.refusals import HostRefused
from secondunit_resolve.words import APPROVED, JUNKED, QUEUED, STALE, WARNS

START = 86400
FREE = FrameRange(START + 900, START + 909, Fraction(24))


class Edit:
    """A cut in a fake Resolve, as a script and as the adapter reach it."""

    def __init__(self, faults: Faults, movie: Path, folder: Path) -> None:
        self.edition = "free"
        self.folder = folder
        self.faults, self.movie = faults, movie
        self.open("free")

    def open(self, edition: str) -> Edit:
        self.world, self.handle = fake("20.3.2", edition, self.faults)
        cut_of(self.world, self.movie)
        self.port = Port(self.handle)
        return self

    @property
    def pool(self) -> Any:
        return self.port.pool()

    @property
    def timeline(self) -> Any:
        return self.port.timeline()

    def item(self, name: str) -> Any:
        """The item of that name of the two picture tracks."""
        tracks = self.world.timeline.tracks["video"]
        model = next(i for track in tracks for i in track.items if i.name == name)
        return Handle(self.world, "TimelineItem", model)

    def media(self, fps: float = 24.0) -> Any:
        return Handle(self.world, "MediaPoolItem", Media("ours", "/m/ours.0001.exr", 100, fps))

    def append(self, *spans: tuple[int, int, int], fps: float = 24.0, track: int = 2) -> list[Any]:
        """As a naive script does it: first and last media frame and the record frame."""
        return self.pool.AppendToTimeline([
            {"mediaPoolItem": self.media(fps), "startFrame": first, "endFrame": last,
             "mediaType": 1, "trackIndex": track, "recordFrame": at} for first, last, at in spans
        ])  # fmt: skip

    def put(self, fps: float = 24.0) -> Any:
        """As the adapter does it: ten frames on our track."""
        frames = Frames("ours", "", "", 1, 100, 8)
        track = our_track(self.port, self.timeline, FREE)
        return put(self.port, self.timeline, self.media(fps), frames, track, FREE)

    def ours(self) -> list[tuple[int, int, bool]]:
        return [(i.start, i.length, i.ghost) for i in ours_track(self.world).items]

    def reading(self) -> Any:
        return read(self.port, own_export(self.port))


Saw = Callable[[Edit], Any]


def _with_a_run(edit: Edit) -> Edit:
    items = edit.world.timeline.tracks["video"][0].items
    next(i for i in items if i.name == "A").media = Media(
        "r", "/m/r.1001.exr", 400, first_number=1001
    )
    return edit


def _name_there(edit: Edit) -> bool:
    seen = hasattr(edit.timeline, "MakeCoffee")
    edit.world.failures.clear()
    return seen


def _exported_by_word(edit: Edit) -> Any:
    return edit.timeline.Export(str(edit.folder / "x.otio"), "EXPORT_OTIO")


def _imported_raw(edit: Edit) -> bool:
    document = own_export(edit.port)
    document["tracks"]["children"][0]["name"] = "picture"
    path = edit.folder / "raw.otio"
    path.write_text(json.dumps(document))
    return edit.pool.ImportTimelineFromFile(str(path), {"timelineName": "raw"}) is not None


def _imported_in_shape(edit: Edit) -> bool:
    path = edit.folder / "cut.otio"
    for track in (t for kind in edit.world.timeline.tracks.values() for t in kind):
        track.items[:] = [item for item in track.items if item.name in ("A", "B")]
    path.write_text(json.dumps(own_export(edit.port)))
    path.write_text(json.dumps(shaped(read_cut(path, open_media=False))))
    return edit.pool.ImportTimelineFromFile(str(path), {"timelineName": "shaped"}) is not None


def _overlapping(edit: Edit) -> int:
    return sum(one is not None for one in edit.append((0, 20, START + 900), (0, 20, START + 905)))


def _refused_overlap(edit: Edit) -> str:
    edit.put()
    frames = Frames("more", "", "", 1, 100, 8)
    top = len(edit.world.timeline.tracks["video"])
    with pytest.raises(NoPlace):
        put(edit.port, edit.timeline, edit.media(), frames, top, FREE)
    return str(edit.ours())


def _put_at_its_place(edit: Edit) -> Any:
    item = edit.put()
    return edit.ours(), item.GetUniqueId() is not None


def _left_after_saving(edit: Edit) -> int:
    before = len(edit.world.timeline.tracks["video"][1].items)
    edit.append((0, 10, START + 900), (0, 500, START + 950))  # the second is longer than its media
    edit.handle.GetProjectManager().SaveProject()
    return len(edit.world.timeline.tracks["video"][1].items) - before


def _span_of(name: str) -> Saw:
    def saw(edit: Edit) -> Any:
        clip = next(clip for clip in edit.reading().clips if clip.name == name)
        return clip.span, clip.left, clip.retime

    return saw


def _reel(edit: Edit) -> None:
    reel = Media("reel", "/m/reel.mov", 500, start=86400)
    edit.world.timeline.tracks["video"][0].items.append(Item("reel", START + 700, 24, reel, 100))


def _source_start(edit: Edit) -> int:
    _reel(edit)
    return edit.item("reel").GetSourceStartFrame()


def _reel_read(edit: Edit) -> Any:
    _reel(edit)
    return _span_of("reel")(edit)


def _deleted_on(page: str, first: int) -> Saw:
    def saw(edit: Edit) -> Any:
        item = edit.append((0, 10, START + 900))[0]
        edit.world.page, edit.world.deletes = page, first
        return edit.timeline.DeleteClips([item], False)

    return saw


def _removed_from(page: str) -> Saw:
    def saw(edit: Edit) -> Any:
        item = edit.put()
        edit.world.page = page
        return remove(edit.port, edit.timeline, item), edit.ours(), edit.world.page

    return saw


def _untitled_saved(edit: Edit) -> bool:
    edit.world.project.name = "Untitled Project"
    saved = edit.handle.GetProjectManager().SaveProject()
    edit.world.failures.clear()
    return saved


def _untitled_left_alone(edit: Edit) -> Any:
    edit.world.project.name = "Untitled Project"
    return edit.port.save(), edit.world.saves


def _every_colour(edit: Edit) -> list[bool]:
    item = edit.item("A")
    return [colour(edit.port, item, c) for c in (QUEUED, WARNS, APPROVED, JUNKED, STALE, "Lime")]


def _title_coloured(edit: Edit) -> str:
    title = edit.item("title")
    assert title.SetClipColor("Orange") is True
    return title.GetClipColor()


def _title_told(edit: Edit) -> bool:
    title = edit.item("title")
    return colour(edit.port, title, "Orange") == (title.GetClipColor() == "Orange")


def _after_a_studio_call(edit: Edit) -> Any:
    timeline = edit.timeline
    timeline.CreateSubtitlesFromAudio()
    edit.world.failures.clear()
    return timeline.GetName()


def _ai_answer(edit: Edit) -> bool:
    return bool(edit.open("studio").timeline.CreateSubtitlesFromAudio())


def _ai_believed(edit: Edit) -> Any:
    timeline = edit.open("studio").timeline
    return edit.port.may(timeline, "CreateSubtitlesFromAudio", wanted=bool)


def _throwaway_gone(edit: Edit) -> Any:
    bench = Bench(edit.port, "Ada", folder=edit.folder)
    report = Path(self_test(bench, edit.folder / "self-test.json").facts["report"])
    told = json.loads(report.read_text())
    invented = [one for one in edit.world.failures if "SecondUnitWasHere" in one]  # tried there
    assert edit.world.failures == invented
    edit.world.failures.clear()
    return told["removed"], told["went_back"], [p.name for p in edit.world.projects]


def _two_markers(edit: Edit) -> list[bool]:
    return [edit.timeline.AddMarker(5, "Blue", name, "", 1, "") for name in "ab"]


def _two_marked(edit: Edit) -> Any:
    for guid in "ab":
        assert mark_timeline(edit.port, edit.timeline, 5, "SU", "", 1, {"guid": guid})
    return len(edit.world.timeline.markers)


def _locked(edit: Edit) -> World:
    edit.world.timeline.tracks["video"][1].locked = True
    edit.world.timeline.tracks["video"][1].name = "SU_INSERT"
    return edit.world


def _in_and_out(edit: Edit) -> int:
    edit.world.timeline.marks = (START + 60, START + 99)
    return edit.timeline.GetMarkInOut()["video"]["in"]


def _marks_read(edit: Edit) -> Any:
    edit.world.timeline.marks = (START + 60, START + 99)
    marks = edit.reading().marks
    return marks.first, marks.last


def _moved_on_media(edit: Edit) -> int:
    edit.world.page = "media"
    edit.timeline.SetCurrentTimecode("01:00:02:00")
    return edit.world.timeline.playhead


def _gone_to(edit: Edit) -> Any:
    edit.world.page, edit.world.timeline.playhead = "media", START + 7
    reading = edit.reading()
    seen = reading.playhead, edit.world.page
    with kept(edit.port, reading):
        go_to(edit.port, reading, START + 48)
        there = edit.world.timeline.playhead
    return (*seen, there, edit.world.timeline.playhead, edit.world.page)


def _names_read(edit: Edit) -> list[str]:
    return [clip.name for clip in edit.reading().clips]


def _order(edit: Edit, wide: int = 96) -> Order:
    return Order("x", edit.folder, START, START + 9, Fraction(24), (wide, 54))


def _rendered_over_a_sound_preset(edit: Edit) -> bool:
    project = edit.port.project()
    project.LoadRenderPreset("Audio Only")
    project.SetRenderSettings(_order(edit).settings)
    project.AddRenderJob()
    return edit.world.project.delivery.jobs[0].picture


def _queued_over_a_sound_preset(edit: Edit) -> bool:
    edit.port.project().LoadRenderPreset("Audio Only")
    queue(edit.port, _order(edit))
    return edit.world.project.delivery.jobs[0].picture


def _too_wide(edit: Edit) -> str:
    with pytest.raises(HostRefused) as refused:
        queue(edit.open("studio").port, _order(edit, 20000))
    assert edit.world.project.delivery.jobs == []
    return refused.value.code


def _done(edit: Edit) -> World:
    edit.world.project.delivery.jobs.append(Job("ours", {}, picture=True, done=100))
    return edit.world


def _kinds(edit: Edit) -> list[str]:
    told = [edit.item(name).GetMediaPoolItem() for name in ("angles", "gone")]
    return [told[0].GetClipProperty("Type"), told[1].GetClipProperty("Online Status")]


def _with_angles(edit: Edit) -> Edit:
    nest = next(i for i in edit.world.timeline.tracks["video"][0].items if i.name == "nest")
    nest.name, nest.media = "angles", Media("angles", "", 100, kind="Multicam")
    return edit


def _refused_beside(edit: Edit) -> list[str]:
    reading, codes = _with_angles(edit).reading(), []
    for name in ("angles", "gone"):
        clip = next(clip for clip in reading.clips if clip.name == name)
        alone = replace(reading, clips=(clip,))
        with pytest.raises(SecondUnitError) as refused:
            beside(alone, FrameRange(clip.last + 1, clip.last + 9, reading.rate))
        codes.append(refused.value.code)
    return codes


# What a naive script sees, what the adapter makes of it, and what that must be; None: as without
# the fault.
CASES: dict[str, tuple[Saw, Saw, Any]] = {
    "hasattr_lies": (_name_there, lambda e: e.port.can(e.timeline, "MakeCoffee"), False),
    "enums_from_the_handle_only": (
        _exported_by_word, lambda e: len(own_export(e.port)["tracks"]["children"]), 3),
    "otio_must_have_its_shape": (_imported_raw, _imported_in_shape, True),
    "later_overlap_is_dropped": (_overlapping, _refused_overlap, None),
    "appended_items_are_ghosts": (
        lambda e: e.append((0, 10, START + 900))[0].GetUniqueId() is None,
        _put_at_its_place, ([(FREE.first, 10, False)], True)),
    "errored_calls_vanish_at_save": (_left_after_saving, _put_at_its_place, None),
    "mixed_rates_are_floored": (
        lambda e: e.append((0, 10, START + 900), fps=25.0)[0].GetDuration(),
        lambda e: e.put(fps=25.0).GetDuration(), 10),
    "end_is_exclusive": (
        lambda e: e.append((0, 10, START + 900))[0].GetDuration(),
        lambda e: e.put().GetDuration(), 10),
    "speed_is_not_told": (
        lambda e: e.item("fast").GetProperty("Speed"), _span_of("fast"),
        ((400, 458), 400, "constant")),
    "source_start_is_off_by_one": (_source_start, _reel_read, ((100, 123), 100, "none")),
    "clips_go_on_the_edit_page_only": (
        _deleted_on("color", 1), _removed_from("color"), (True, [], "color")),
    "deleting_fails_once": (_deleted_on("edit", 0), _removed_from("edit"), (True, [], "edit")),
    "untitled_cannot_be_saved": (_untitled_saved, _untitled_left_alone, (False, 0)),
    "transitions_are_items": (
        lambda e: len(e.timeline.GetItemListInTrack("video", 1)), _names_read, None),
    "clip_colours_are_sixteen": (
        lambda e: e.item("A").SetClipColor("Cyan"), _every_colour, [True] * 6),
    "generators_take_no_colour": (_title_coloured, _title_told, True),
    "studio_calls_poison": (_after_a_studio_call, _put_at_its_place, None),
    "current_project_stays": (
        lambda e: e.handle.GetProjectManager().DeleteProject(e.world.project.name),
        _throwaway_gone, (True, True, ["Film"])),
    "one_marker_a_frame": (_two_markers, _two_marked, 2),
    "locked_tracks_take_nothing": (
        lambda e: _locked(e) and e.append((0, 10, START + 900))[0] is None,
        lambda e: _locked(e) and (e.put() is not None, len(e.world.timeline.tracks["video"])),
        (True, 3)),
    "ai_answers_are_words": (_ai_answer, _ai_believed, None),
    "playhead_is_of_five_pages": (
        _moved_on_media, _gone_to, (START + 7, "media", START + 48, START + 7, "media")),
    "marks_count_from_the_start": (_in_and_out, _marks_read, (START + 60, START + 99)),
    "presets_are_inherited": (_rendered_over_a_sound_preset, _queued_over_a_sound_preset, True),
    "refused_settings_say_yes": (
        lambda e: e.port.project().SetRenderSettings({"FormatWidth": 4096, "FormatHeight": 2160}),
        _too_wide, "E_HOST_REFUSED"),
    "listed_codecs_are_refused": (
        lambda e: e.port.project().SetCurrentRenderFormatAndCodec("mov", "ProRes422HQ"),
        lambda e: queue(e.port, _order(e)).codec in CODECS["mov"], True),
    "codecs_go_by_id": (
        lambda e: e.port.project().SetCurrentRenderFormatAndCodec("mov", "H.264"),
        lambda e: queue(e.port, _order(e)).codec, "DNxHR HQX 10-bit"),
    "runs_have_brackets": (
        lambda e: _with_a_run(e).item("A").GetMediaPoolItem().GetClipProperty("File Path"),
        lambda e: next((c.source.path, c.source.number)
                       for c in _with_a_run(e).reading().clips if c.name == "A"),
        ("/m/r.1001.exr", 1001)),
    "statuses_are_translated": (
        lambda e: _done(e) and e.port.project().GetRenderJobStatus("ours")["JobStatus"],
        lambda e: _done(e) and percent(e.port, e.port.project(), "ours"), 100),
    "kinds_are_translated": (
        lambda e: _kinds(_with_angles(e)), _refused_beside, ["E_NESTED", "E_MEDIA_OFFLINE"]),
}  # fmt: skip


def test_every_fault_is_among_these():
    assert sorted(CASES) == sorted(Faults.names())
    assert all(getattr(Faults(), name) for name in Faults.names())


@pytest.mark.parametrize("fault", CASES)
def test_a_fault_bites_a_naive_script_and_the_adapter_survives_it(fault, data, tmp_path):
    naive, adapter, wanted = CASES[fault]

    def edit(*, on: bool) -> Edit:
        return Edit(replace(Faults(), **{fault: on}), data / BBB, tmp_path)

    assert naive(edit(on=True)) != naive(edit(on=False)), "the switch changes nothing"
    seen = []
    for on in (True, False):
        one = edit(on=on)
        seen.append(adapter(one))
        assert one.world.failures == []
    assert seen[0] == seen[1]
    assert wanted is None or seen[0] == wanted
