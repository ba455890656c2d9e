"""*Self test*: tries in a throwaway project what Second Unit relies on, and writes what it saw.

For people who have Resolve: none of us has. The report says what each call answered, with no paths,
names or pictures of anybody's; it can be replayed against the Resolve of our tests.
"""

from __future__ import annotations

import json
import time
import uuid
from fractions import Fraction
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

from secondunit_bridge import __version__
from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.film import Shot
from secondunit_bridge.saying import counted
from secondunit_bridge.timing import FrameRange, Handles

from ..collect.exported import own_export
from ..collect.ours import mark_of
from ..collect.reading import read
from ..place.bins import bin_of, imported
from ..place.delivery import PRESET, Order, job_of, presets, queue, withdraw
from ..place.files import Frames
from ..place.marks import colour, mark_item
from ..place.playhead import go_to
from ..place.slate import slate
from ..place.takes import add_take, select
from ..place.track import our_track, put, remove
from ..port import Port
from ..refusals import HostRefused
from ..words import QUEUED, Said
from .bench import Bench

NAME = "Second Unit self test"
Trial = Callable[["Ground"], Any]


class Ground:
    """The throwaway project: what each trial works on and leaves for the next."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.port: Port = bench.port
        self.folder = folder
        self.timeline: Any = None
        self.media: Any = None
        self.item: Any = None
        self.frames: List[Frames] = []
        self.span = FrameRange(0, 0, Fraction(24))


def self_test(bench: Bench, report: Path = Path()) -> Said:
    """Run every trial and write the report, beside the home unless another file is named.

    The project that was open is loaded again at the end. Raises HostRefused when Resolve opens no
    new project; nothing is tried then.
    """
    path = report if report.name else bench.folder / "self-test.json"
    port = bench.port
    boss = port.thing(port.root, "GetProjectManager")
    before = port.may(port.project(), "GetName", wanted=str) or ""
    if before in ("", "Untitled Project"):
        raise HostRefused(
            "the open project was never saved, and it could not be opened again after the test",
            hint="Save the project, or open a saved one, then run this again.",
        )
    port.save()
    name = _opened(port, boss)
    ground = Ground(bench, bench.folder / "self-test")
    back = gone = False
    try:
        seen = [_tried(title, trial, ground) for title, trial in TRIALS]
    finally:
        if _in_front(port, name):  # closing discards what was not saved: ours, and no other
            port.may(boss, "CloseProject", port.project(), wanted=bool)
        back = port.may(boss, "LoadProject", before, wanted=object) is not None
        gone = port.may(boss, "DeleteProject", name, wanted=bool) is True
    told = {"schema": 1, "secondunit": __version__, "product": port.product,
            "version": list(port.version), "trials": seen, "went_back": back,
            "removed": gone}  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    wrong = [one for one in seen if not one["ok"]]
    lines = [f"{counted(len(seen), 'trial')}, {len(wrong)} went wrong. The report: {path}"]
    lines += [f"  {one['what']}: {one['said']}" for one in wrong]
    return Said(tuple(lines), {"report": str(path), "wrong": len(wrong)}, wrong=bool(wrong))


def _opened(port: Port, boss: Any) -> str:
    """A throwaway project in front; its name. Raises HostRefused: nothing is ever tried in a
    project of somebody's."""
    name, hint = f"{NAME} {uuid.uuid4().hex[:6]}", "Load another project, then run this again."
    port.thing(boss, "CreateProject", name, hint=hint)
    if not _in_front(port, name):
        port.may(boss, "DeleteProject", name, wanted=bool)
        raise HostRefused(
            "Resolve made a new project and did not open it: nothing was tried", hint=hint
        )
    return name


def _in_front(port: Port, name: str) -> bool:
    """The open project is the one of that name."""
    boss = port.thing(port.root, "GetProjectManager")
    project = port.may(boss, "GetCurrentProject", wanted=object)
    return port.may(project, "GetName", wanted=str) == name


def _tried(what: str, trial: Trial, ground: Ground) -> Dict[str, Any]:
    began = time.perf_counter()
    try:
        said, ok = trial(ground), True
    except SecondUnitError as error:
        said, ok = f"{error.code}: {error.message}", False
    except OSError as error:  # told without its path: a report names none
        said, ok = f"{type(error).__name__}: {error.strerror}", False
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # What an earlier trial should have left is not there, or an answer has a shape of its own.
        said, ok = f"{type(error).__name__}: not tried to its end", False
    ms = round((time.perf_counter() - began) * 1000, 1)
    return {"what": what, "ok": ok, "said": said, "ms": ms}


def _timeline(ground: Ground) -> Any:
    ground.timeline = ground.port.thing(ground.port.pool(), "CreateEmptyTimeline", NAME)
    reading = read(ground.port)
    return {"rate": str(reading.rate), "start": reading.start, "tracks": len(reading.tracks)}


def _sequences(ground: Ground) -> Any:
    """Two slates of other lengths as media: the placeholder, and what stands for a take."""
    reading = read(ground.port)
    first = reading.start + 24
    ground.span = FrameRange(first, first + 23, reading.rate)
    for code, handles in (("0010", Handles(8, 8)), ("0020", Handles(8, 12))):
        shot = Shot("selftest", "TEST", code, code, ground.span, handles)
        ground.frames.append(slate(shot, "self test", ground.folder))
    folder = bin_of(ground.port, ("TEST", "0010"))
    ground.media = [imported(ground.port, folder, frames) for frames in ground.frames]
    return [
        ground.port.may(m, "GetClipProperty", "Frames", wanted=(str, int)) for m in ground.media
    ]


def _appended(ground: Ground) -> Any:
    port = ground.port
    track = our_track(port, ground.timeline, ground.span)
    ground.item = put(port, ground.timeline, ground.media[0], ground.frames[0], track, ground.span)
    return {"track": track, "left": port.may(ground.item, "GetLeftOffset", wanted=(int, float)),
            "id": port.may(ground.item, "GetUniqueId", wanted=str) is not None}  # fmt: skip


def _marked(ground: Ground) -> Any:
    mark_item(ground.port, ground.item, {"guid": "0010", "code": "0010"}, "self test")
    return sorted(ground.port.may(ground.item, "GetMarkers", wanted=dict) or {})


def _coloured(ground: Ground) -> Any:
    return colour(ground.port, ground.item, QUEUED)


def _take(ground: Ground) -> Any:
    port = ground.port
    at = add_take(port, ground.item, ground.media[1], ground.frames[1], len(ground.span))
    select(port, ground.item, at)
    told = port.may(ground.item, "GetTakeByIndex", at, wanted=dict) or {}
    return {"index": at, "start": told.get("startFrame"), "end": told.get("endFrame"),
            "mark_stays": bool(mark_of(port, ground.item)),
            "left": port.may(ground.item, "GetLeftOffset", wanted=(int, float))}  # fmt: skip


def _order(ground: Ground) -> Any:
    """Where the clips of a track lie, as it lists them: the one behind was put there first."""
    port, span = ground.port, ground.span
    before = FrameRange(span.first - len(span), span.first - 1, span.rate)
    track = our_track(port, ground.timeline, before)
    other = put(port, ground.timeline, ground.media[1], ground.frames[1], track, before)
    items = port.listed(ground.timeline, "GetItemListInTrack", "video", track)
    told = [port.whole(item, "GetStart") - before.first for item in items]
    return {"starts": told, "gone": remove(port, ground.timeline, other)}


def _nest(ground: Ground) -> Any:
    """How a timeline is told where it is media: in which words, and whether it has a file."""
    if not ground.port.can(ground.timeline, "GetMediaPoolItem"):
        return "not in this version"
    media = ground.port.may(ground.timeline, "GetMediaPoolItem", wanted=object)
    told: Dict[str, Any] = ground.port.may(media, "GetClipProperty", wanted=dict) or {}
    return {"type": told.get("Type"), "online": told.get("Online Status"),
            "has_file": bool(told.get("File Path"))}  # fmt: skip


def _in_out(ground: Ground) -> Any:
    port = ground.port
    if not port.can(ground.timeline, "SetMarkInOut"):
        return "not in this version"
    port.may(ground.timeline, "SetMarkInOut", 10, 20, wanted=bool)
    told = port.may(ground.timeline, "GetMarkInOut", wanted=dict)
    port.may(ground.timeline, "ClearMarkInOut", wanted=bool)
    return told


def _export(ground: Ground) -> Any:
    found = own_export(ground.port)
    if found is None:
        return "not in this version"
    clips = [c for t in found["tracks"]["children"] for c in t["children"]
             if str(c.get("OTIO_SCHEMA", "")).startswith("Clip.")]  # fmt: skip
    kinds = [(c.get("media_references") or {}).get("DEFAULT_MEDIA", {}).get("OTIO_SCHEMA")
             for c in clips]  # fmt: skip
    return {"clips": [c["OTIO_SCHEMA"] for c in clips], "media": kinds,
            "ranges": [c.get("source_range") for c in clips]}  # fmt: skip


def _strange_name(ground: Ground) -> Any:
    """Whether an invented name seems to be there: only ``dir`` is believed."""
    return {"in_dir": "SecondUnitWasHere" in dir(ground.timeline),
            "hasattr": hasattr(ground.timeline, "SecondUnitWasHere")}  # fmt: skip


def _playhead(ground: Ground) -> Any:
    port, reading = ground.port, read(ground.port)
    go_to(port, reading, ground.span.first)
    told = {page: _told_on(ground, page) for page in ("media", "color", "edit")}
    return {"there": True, "told_on": told}


def _told_on(ground: Ground, page: str) -> bool:
    """Whether the playhead's timecode is said while that page is in front."""
    ground.port.open_page(page)
    return bool(ground.port.may(ground.timeline, "GetCurrentTimecode", wanted=str))


def _still(ground: Ground) -> Any:
    project, path = ground.port.project(), ground.folder / "still.png"
    if not ground.port.can(project, "ExportCurrentFrameAsStill"):
        return "not in this version"
    path.unlink(missing_ok=True)
    said = ground.port.may(project, "ExportCurrentFrameAsStill", str(path), wanted=bool)
    return {"said": said is True, "written": path.is_file()}


def _removed(ground: Ground) -> Any:
    return remove(ground.port, ground.timeline, ground.item)


def _render_job(ground: Ground) -> Any:
    """A job that is made, read back and taken out; nothing is rendered, and no preset stays."""
    port = ground.port
    project, had = port.project(), presets(port, port.project())
    span, rate = ground.span, ground.span.rate
    made = queue(port, Order("selftest", ground.folder, span.first, span.last, rate, (1280, 720)))
    row = job_of(port, project, made.job)
    withdraw(port, project, made.job)
    if PRESET not in had:
        port.may(project, "DeleteRenderPreset", PRESET, wanted=bool)
    return {"codec": made.codec, "base": made.base, "put_back": made.put_back,
            "listed": sorted(map(str, row)), "first": row.get("MarkIn"), "last": row.get("MarkOut"),
            "gone": not job_of(port, project, made.job)}  # fmt: skip


TRIALS: Tuple[Tuple[str, Trial], ...] = (
    ("an empty timeline", _timeline), ("numbered frames as media", _sequences),
    ("a clip on a track of its own", _appended), ("a marker with custom data", _marked),
    ("the order of a track", _order), ("a timeline as media", _nest),
    ("a clip colour", _coloured), ("a take of another length", _take),
    ("the playhead", _playhead), ("a still of the frame", _still),
    ("In and Out", _in_out), ("the export as OTIO", _export), ("an invented name", _strange_name),
    ("a render job", _render_job), ("a clip taken out", _removed),
)  # fmt: skip
