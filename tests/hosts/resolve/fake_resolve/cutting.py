"""Timelines and their items in the fake: what the edit page does, and fails to do."""

from __future__ import annotations

from dataclasses import replace
from math import floor
from pathlib import Path
from typing import Any

from .exporting import edl, otio
from .handles import Handle, model_of
from .marking import Marked
from .state import COLOURS, Item, Media, Project, Timeline, Track, World, new_id


class TimelineItems:
    """TimelineItem, but for its takes and markers."""

    def GetName(w: World, i: Item) -> str:
        return i.name

    def GetStart(w: World, i: Item, *sub: bool) -> int:
        return i.start

    def GetEnd(w: World, i: Item, *sub: bool) -> int:
        return i.end

    def GetDuration(w: World, i: Item, *sub: bool) -> int:
        return i.length

    def GetLeftOffset(w: World, i: Item, *sub: bool) -> Any:
        if i.media is None:
            return 0
        return i.left if i.speed == 1 else round(i.left / (abs(i.speed) or 1))

    def GetRightOffset(w: World, i: Item, *sub: bool) -> Any:
        return 0 if i.media is None else max(0, i.media.frames - i.left - round(i.span))

    def GetSourceStartFrame(w: World, i: Item) -> Any:
        if i.media is None:
            return 0
        off = w.faults.source_start_is_off_by_one and i.media.start > 0
        return i.media.start + i.left + off

    def GetSourceEndFrame(w: World, i: Item) -> Any:
        return 0 if i.media is None else i.media.start + i.left + max(1, round(i.span)) - 1

    def GetMediaPoolItem(w: World, i: Item) -> Any:
        return Handle(w, "MediaPoolItem", i.media) if i.media and i.kind == "clip" else None

    def GetUniqueId(w: World, i: Item) -> Any:
        return None if i.ghost else i.id

    def GetProperty(w: World, i: Item, *key: str) -> Any:
        if i.kind == "transition":
            return {} if not key else None
        if key and key[0] == "Speed":
            return None if w.faults.speed_is_not_told else i.speed
        told = {"Pan": 0.0, "ZoomX": 1.0, "RetimeProcess": 0, "Opacity": 100.0,
                **i.properties}  # fmt: skip
        return told.get(key[0]) if key else told

    def SetProperty(w: World, i: Item, key: str, value: Any) -> bool:
        if key in ("Speed", "Start", "End"):
            return False
        i.properties[key] = value
        return True

    def GetClipEnabled(w: World, i: Item) -> bool:
        return i.enabled

    def SetClipEnabled(w: World, i: Item, on: bool) -> bool:
        i.enabled = on
        return True

    def GetClipColor(w: World, i: Item) -> str:
        return i.colour

    def SetClipColor(w: World, i: Item, colour: str) -> bool:
        if w.faults.clip_colours_are_sixteen and colour not in COLOURS:
            return False
        if w.faults.generators_take_no_colour and i.kind == "generator":
            return True
        i.colour = colour
        return True

    def ClearClipColor(w: World, i: Item) -> bool:
        i.colour = ""
        return True

    def GetTrackTypeAndIndex(w: World, i: Item) -> Any:
        assert w.project is not None
        for timeline in w.project.timelines:
            for kind, tracks in timeline.tracks.items():
                for index, track in enumerate(tracks, 1):
                    if i in track.items:
                        return [kind, index]
        return [None, 0]


class Timelines(Marked):
    """Timeline."""

    def fresh(count: int, word: str) -> list[Track]:
        return [Track(f"{word} {number}") for number in range(1, count + 1)]

    def GetName(w: World, t: Timeline) -> str:
        return t.name

    def GetUniqueId(w: World, t: Timeline) -> str:
        return t.id

    def GetStartFrame(w: World, t: Timeline) -> int:
        return t.start

    def GetEndFrame(w: World, t: Timeline) -> int:
        return t.end

    def GetStartTimecode(w: World, t: Timeline) -> str:
        return _timecode(t.start, t)

    def SetStartTimecode(w: World, t: Timeline, text: str) -> bool:
        t.start = _frame(text, t)
        return True

    def GetCurrentTimecode(w: World, t: Timeline) -> Any:
        return _timecode(t.playhead, t) if _has_playhead(w) else None

    def SetCurrentTimecode(w: World, t: Timeline, text: str) -> bool:
        if _has_playhead(w):
            t.playhead = _frame(text, t)
        return _has_playhead(w)

    def GetSetting(w: World, t: Timeline, *name: str) -> Any:
        told = {"timelineFrameRate": t.fps, "timelineDropFrameTimecode": "1" if t.drop else "0",
                "timelineResolutionWidth": "854", "timelineResolutionHeight": "480",
                "colorScienceMode": "davinciYRGB", "colorSpaceTimeline": "Rec.709 (Scene)",
                "colorSpaceOutput": "Rec.709 Gamma 2.4", **t.settings}  # fmt: skip
        return told.get(name[0], "") if name else told

    def GetTrackCount(w: World, t: Timeline, kind: str) -> Any:
        return len(t.tracks[kind]) if kind in t.tracks else None

    def GetTrackName(w: World, t: Timeline, kind: str, index: int) -> Any:
        track = _track(t, kind, index)
        return track.name if track else None

    def SetTrackName(w: World, t: Timeline, kind: str, index: int, name: str) -> bool:
        track = _track(t, kind, index)
        if track:
            track.name = name
        return track is not None

    def GetIsTrackLocked(w: World, t: Timeline, kind: str, index: int) -> Any:
        track = _track(t, kind, index)
        return track.locked if track else None

    def GetIsTrackEnabled(w: World, t: Timeline, kind: str, index: int) -> Any:
        track = _track(t, kind, index)
        return track.enabled if track else None

    def AddTrack(w: World, t: Timeline, kind: str, *sub: Any) -> bool:
        if kind not in t.tracks or (kind == "video" and sub and sub[0]):
            return False
        t.tracks[kind].append(Track(f"{kind.capitalize()} {len(t.tracks[kind]) + 1}"))
        return True

    def DeleteTrack(w: World, t: Timeline, kind: str, index: int) -> bool:
        track = _track(t, kind, index)
        if track:
            t.tracks[kind].remove(track)
        return track is not None

    def GetItemListInTrack(w: World, t: Timeline, kind: str, index: int) -> Any:
        track = _track(t, kind, index)
        if track is None:
            return None
        shown = w.faults.transitions_are_items
        items = [item for item in track.items if shown or item.kind != "transition"]
        return [Handle(w, "TimelineItem", item) for item in sorted(items, key=lambda i: i.start)]

    def GetMediaPoolItem(w: World, t: Timeline) -> Any:
        return Handle(
            w, "MediaPoolItem", Media(t.name, "", t.end - t.start, t.fps, kind="Timeline")
        )

    def GetCurrentVideoItem(w: World, t: Timeline) -> Any:
        for track in reversed(t.tracks["video"]):
            for item in track.items:
                if item.kind != "transition" and item.start <= t.playhead < item.end:
                    return Handle(w, "TimelineItem", item)
        return None

    def GetMarkInOut(w: World, t: Timeline) -> Any:
        if t.marks is None:
            return {}
        base = t.start if w.faults.marks_count_from_the_start else 0
        span = {"in": t.marks[0] - base, "out": t.marks[1] - base}
        return {"video": dict(span), "audio": dict(span)}

    def SetMarkInOut(w: World, t: Timeline, first: int, last: int, *kind: str) -> bool:
        base = t.start if w.faults.marks_count_from_the_start else 0
        t.marks = (first + base, last + base)
        return True

    def ClearMarkInOut(w: World, t: Timeline, *kind: str) -> bool:
        t.marks = None
        return True

    def GetSelectedClips(w: World, t: Timeline) -> list[Any]:
        return [Handle(w, "TimelineItem", item) for item in t.selected]

    def DeleteClips(w: World, t: Timeline, items: list[Any], *ripple: bool) -> bool:
        if w.faults.clips_go_on_the_edit_page_only and w.page != "edit":
            return False
        w.deletes += 1
        if w.faults.deleting_fails_once and w.deletes == 1:
            return False
        gone = [model_of(item) for item in items]
        for tracks in t.tracks.values():
            for track in tracks:
                track.items[:] = [item for item in track.items if item not in gone]
        return True

    def DuplicateTimeline(w: World, t: Timeline, *name: str) -> Any:
        assert w.project is not None
        made = Timeline(name[0] if name else f"{t.name} copy", t.fps, t.start, drop=t.drop)
        for kind, tracks in t.tracks.items():
            made.tracks[kind] = [
                replace(track, items=[replace(i, id=new_id("item")) for i in track.items])
                for track in tracks
            ]
        w.project.timelines.append(made)
        return Handle(w, "Timeline", made)

    def Export(w: World, t: Timeline, path: str, kind: Any, sub: Any = None) -> bool:
        names = {id(value): name for name, value in w.enums.items()}
        word = names.get(id(kind), "")
        if not word and not w.faults.enums_from_the_handle_only and isinstance(kind, str):
            word = kind
        if not word or (sub is not None and id(sub) not in names):
            return False
        if word == "EXPORT_OTIO":
            Path(path).write_text(otio(t), encoding="utf-8")
        elif word == "EXPORT_EDL":
            Path(path).write_text(edl(t), encoding="utf-8")
        else:
            return False
        return True

    def InsertGeneratorIntoTimeline(w: World, t: Timeline, name: str) -> Any:
        w.failures.append("a generator was inserted: it goes to whatever track is chosen")
        return None

    def CreateSubtitlesFromAudio(w: World, t: Timeline, *settings: Any) -> Any:
        return "No speech was found." if w.faults.ai_answers_are_words else False

    def append(w: World, p: Project, asked: list[Any]) -> Any:
        """AppendToTimeline: what came later and overlaps is dropped, and nobody says so."""
        timeline = p.current
        if timeline is None or not asked:
            return []
        made: list[Any] = []
        errored = False
        for info in asked:
            item = _appended(w, timeline, info)
            errored |= item is None
            made.append(item)
        for item in made:
            if item is not None and errored and w.faults.errored_calls_vanish_at_save:
                item.doomed = True
        return [Handle(w, "TimelineItem", item) if item else None for item in made]


def _appended(w: World, t: Timeline, info: Any) -> Item | None:
    if not isinstance(info, dict):
        return None
    media = model_of(info.get("mediaPoolItem"))
    track = _track(t, "video", int(info.get("trackIndex", 1)))
    if not isinstance(media, Media) or track is None:
        return None
    if w.faults.locked_tracks_take_nothing and track.locked:
        return None
    first, last = int(info.get("startFrame", 0)), int(info.get("endFrame", media.frames))
    count = last - first + (not w.faults.end_is_exclusive)
    length = round(count * t.fps / media.fps)
    if media.fps != t.fps and w.faults.mixed_rates_are_floored:
        length = floor(count * t.fps / media.fps)
    record = int(info.get("recordFrame", t.end)) if w.has("18.5") else t.end
    if length < 1 or last > media.frames:
        return None
    free = all(record >= i.end or record + length <= i.start for i in track.items)
    if w.faults.later_overlap_is_dropped and not free:
        return None
    item = Item(media.name, record, length, media, first)
    item.ghost = w.faults.appended_items_are_ghosts
    track.items.append(item)
    return item


def _track(t: Timeline, kind: str, index: int) -> Track | None:
    tracks = t.tracks.get(kind, [])
    return tracks[index - 1] if 1 <= index <= len(tracks) else None


def _has_playhead(w: World) -> bool:
    return not (w.faults.playhead_is_of_five_pages and w.page in ("media", "fusion"))


def _timecode(frame: int, t: Timeline) -> str:
    from secondunit_bridge.timing import exact_rate, to_timecode

    return to_timecode(frame, exact_rate(t.fps), drop=t.drop)


def _frame(text: str, t: Timeline) -> int:
    from secondunit_bridge.timing import exact_rate, from_timecode

    return from_timecode(text, exact_rate(t.fps))
