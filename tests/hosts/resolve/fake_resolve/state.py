"""What lies in a fake Resolve: projects, bins, media, timelines, and which faults are on."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

API = json.loads((Path(__file__).parent / "resolve_api.json").read_text(encoding="utf-8"))
COLOURS = [
    "Orange",
    "Apricot",
    "Yellow",
    "Lime",
    "Olive",
    "Green",
    "Teal",
    "Navy",
    "Blue",
    "Purple",
    "Violet",
    "Pink",
    "Tan",
    "Beige",
    "Brown",
    "Chocolate",
]
_ids = itertools.count(1)


@dataclass(frozen=True)
class Faults:
    """Each published bug or limit that something here meets is on unless a test turns it off.

    What the adapter has no use for is not done at all: such a call fails the test. `test_faults.py`
    shows of each that it bites, and that the adapter survives it.
    """

    hasattr_lies: bool = True  # any name seems to be there; what is not is None
    enums_from_the_handle_only: bool = True  # EXPORT_* as words are refused silently
    otio_must_have_its_shape: bool = True
    later_overlap_is_dropped: bool = True
    appended_items_are_ghosts: bool = True  # answered items have no id
    errored_calls_vanish_at_save: bool = True
    mixed_rates_are_floored: bool = True
    end_is_exclusive: bool = True
    speed_is_not_told: bool = True
    source_start_is_off_by_one: bool = True  # where media have timecode
    clips_go_on_the_edit_page_only: bool = True
    deleting_fails_once: bool = True
    untitled_cannot_be_saved: bool = True
    transitions_are_items: bool = True
    clip_colours_are_sixteen: bool = True
    generators_take_no_colour: bool = True
    studio_calls_poison: bool = True  # the free edition asks in a window, and all else fails
    current_project_stays: bool = True  # and cannot be deleted
    one_marker_a_frame: bool = True
    locked_tracks_take_nothing: bool = True
    ai_answers_are_words: bool = True  # an error as a string, which counts as true
    playhead_is_of_five_pages: bool = True  # on Media and Fusion it is neither told nor moved
    marks_count_from_the_start: bool = True  # In and Out as offsets; off: record frames
    presets_are_inherited: bool = True  # a loaded preset without picture wins over all settings
    refused_settings_say_yes: bool = True  # what the edition cannot render is left out silently
    listed_codecs_are_refused: bool = True
    codecs_go_by_id: bool = True  # and not by the words that people see
    runs_have_brackets: bool = True  # numbered frames are told as name.[1001-1056].exr
    statuses_are_translated: bool = True  # a job's status is a word in the menus' language
    kinds_are_translated: bool = True  # and so, as nobody says otherwise, are types of media

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(one.name for one in fields(cls))


def new_id(kind: str) -> str:
    return f"{kind}-{next(_ids):06}"


@dataclass(eq=False)
class Media:
    """A clip of the media pool. ``kind`` is what Resolve's property Type says."""

    name: str
    path: str = ""
    frames: int = 0
    fps: float = 24.0
    start: int = 0  # embedded timecode, as frames at its own rate
    kind: str = "Video"
    size: tuple[int, int] = (854, 480)
    online: bool = True
    first_number: int = 0  # of a sequence's files
    id: str = field(default_factory=lambda: new_id("media"))
    colour: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    third: dict[str, str] = field(default_factory=dict)
    markers: dict[int, dict[str, Any]] = field(default_factory=dict)


@dataclass(eq=False)
class Take:
    media: Media
    first: int
    last: int


@dataclass(eq=False)
class Item:
    """An item of a track. ``left`` frames of the media play before it, in media frames."""

    name: str
    start: int
    length: int
    media: Media | None = None
    left: int = 0
    speed: float = 1.0  # below zero is backwards, 0 stands still
    kind: str = "clip"  # clip, transition, generator
    curve: bool = False
    colour: str = ""
    enabled: bool = True
    id: str = field(default_factory=lambda: new_id("item"))
    markers: dict[int, dict[str, Any]] = field(default_factory=dict)
    takes: list[Take] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)  # set by hand or by a script
    take: int = 0  # the one that plays, from 1; 0: it has no take selector
    ghost: bool = False
    doomed: bool = False

    @property
    def end(self) -> int:
        return self.start + self.length

    @property
    def span(self) -> float:
        return self.length * abs(self.speed)


@dataclass(eq=False)
class Track:
    name: str
    items: list[Item] = field(default_factory=list)
    locked: bool = False
    enabled: bool = True


@dataclass(eq=False)
class Timeline:
    name: str
    fps: float = 24.0
    start: int = 86400
    tracks: dict[str, list[Track]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    markers: dict[int, dict[str, Any]] = field(default_factory=dict)
    playhead: int = 86400
    marks: tuple[int, int] | None = None  # record frames, both inclusive
    selected: list[Item] = field(default_factory=list)
    drop: bool = False
    id: str = field(default_factory=lambda: new_id("timeline"))

    def __post_init__(self) -> None:
        for kind in ("video", "audio", "subtitle"):
            self.tracks.setdefault(kind, [])

    @property
    def end(self) -> int:
        ends = [i.end for tracks in self.tracks.values() for t in tracks for i in t.items]
        return max(ends, default=self.start)


@dataclass(eq=False)
class Folder:
    name: str
    clips: list[Media] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    id: str = field(default_factory=lambda: new_id("folder"))

    def walk(self):
        yield self
        for folder in self.folders:
            yield from folder.walk()


@dataclass(eq=False)
class Project:
    name: str
    root: Folder = field(default_factory=lambda: Folder("Master"))
    timelines: list[Timeline] = field(default_factory=list)
    current: Timeline | None = None
    folder: Folder | None = None
    settings: dict[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: new_id("project"))

    @cached_property
    def delivery(self):
        from .rendering import Delivery

        return Delivery()


@dataclass(eq=False)
class World:
    """One running Resolve."""

    version: tuple[int, ...] = (20, 3, 2)
    edition: str = "free"
    faults: Faults = Faults()
    page: str = "edit"
    projects: list[Project] = field(default_factory=list)
    project: Project | None = None
    failures: list[str] = field(default_factory=list)  # what no adapter may do
    calls: list[str] = field(default_factory=list)
    modal: bool = False
    wedged: bool = False
    deletes: int = 0
    enums: dict[str, object] = field(default_factory=dict)
    saves: int = 0

    @property
    def timeline(self) -> Timeline:
        assert self.project is not None
        assert self.project.current is not None
        return self.project.current

    def has(self, since: str) -> bool:
        return self.version >= tuple(int(part) for part in since.split("."))
