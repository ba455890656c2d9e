"""*Compare cut*: what a changed lock did to our shots. First the plan, then the missing frames.

The first run compares and shows; nothing is made. Run again with the cut as it is, the core makes
the frames that are missing and measures the seams; run once more, they are put on our track.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Mapping

from secondunit_bridge.errands import Errand
from secondunit_bridge.film import Shot
from secondunit_bridge.recutting import standing_words
from secondunit_bridge.saying import counted
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.unit import Unit

from ..collect.exported import plain_cut, save_cut
from ..collect.places import shut
from ..collect.reading import Reading
from ..collect.wished import wished
from ..place.bins import bin_of, imported
from ..place.files import of_take
from ..place.marks import mark_item, remark_item, shown
from ..place.rebuild import rebuilt
from ..place.track import our_track, put, slipped
from ..words import APPROVED, STALE, WARNS, Said
from .bench import Bench
from .inserting import mark_of_shot
from .keeping import keep_cut, kept_for
from .turning_over import hash_of

_SWAPPED = (
    "Where other media play, nothing is made: Reshoot makes takes of the shot as it lies now, or"
    " choose one of ours in the take selector."
)


def compare_cut(bench: Bench, *, patience_s: float = 0.0) -> Said:
    """The next step of the comparison of the cut in front with the one our shots were put into.

    Raises what the core said went wrong.
    """
    reading = bench.reading()
    folder = bench.cuts(reading)
    old = kept_for(bench, reading)
    if old is None:
        return Said((f"There is no older cut of {reading.name} to compare with.",
                     "One is kept with each New insert and Bring in takes."), {})  # fmt: skip
    new = save_cut(wished(plain_cut(reading)), folder / "now.otio", bench.port.pace)
    about = f"{hash_of(old)} {hash_of(new)}"
    plan, made = Errand(folder / "errands" / "recut"), Errand(folder / "errands" / "shoot")
    if plan.about() != about:
        page = folder / "plan.html"  # where no window shows the plan, the browser does
        plan.start(("recut", str(old), str(new), "--html", str(page)), about=about)
    found = plan.answer(patience_s)
    if found is None:
        return Said(("The cuts are being compared.", "Run Compare cut again in a moment."),
                    {"running": True})  # fmt: skip
    shown = folder / "shown.txt"
    if not shown.is_file() or shown.read_text(encoding="utf-8") != about:
        shown.write_text(about, encoding="utf-8")
        return _plan(bench, reading, found)
    if not _changed(found):
        return _plan(bench, reading, found)
    make = _to_make(found)
    if made.about() != about:
        words = ("recut", str(old), str(new), "--apply", "--hold", "--by", bench.artist,
                 "--out", str(folder / "conformed.otio"))  # fmt: skip
        made.start((*words, "--shoot") if make else words, about=about)
    came = made.answer(patience_s)
    if came is None:
        what = f"{counted(make, 'missing frame')} are being made" if make else "Approvals follow"
        return Said((f"{what}.", "Run Compare cut again in a while."),
                    {"running": True, "shooting": bool(make)})  # fmt: skip
    return _placed(bench, reading, found, came)


def _changed(found: Mapping[str, Any]) -> bool:
    """Something became of a shot of ours that its approval has to follow."""
    return any(item["guid"] and item["class"] not in ("same", "moved") for item in found["items"])


def _to_make(found: Mapping[str, Any]) -> int:
    """Frames that the next run makes: where the editor put other media, none."""
    return sum(
        last - first + 1
        for item in found["items"] if item["guid"] and item["class"] != "source_swapped"
        for first, last in item["missing"]
    )  # fmt: skip


def _plan(bench: Bench, reading: Reading, found: Mapping[str, Any]) -> Said:
    """Say what became of our shots, and turn those that need work Purple."""
    lines = [f"Compared with {found['old']}."] if found["old"] != reading.name else []
    stale: List[str] = []
    for item in found["items"]:
        if item["guid"] is None:
            continue
        word = str(item["class"]).replace("_", " ")
        looks = [f"look at the cut point: {said}" for said in item["beside"].values()]
        note = "; ".join([item["note"]] * bool(item["note"]) + looks)
        lines.append(f"{item['name']}: {word}" + f" ({note})" * bool(note))
        if item["missing"] or item["class"] in ("source_swapped", "retimed"):
            stale.append(str(item["guid"]))
    if any(item["guid"] and item["class"] == "source_swapped" for item in found["items"]):
        lines.append(_SWAPPED)
    for clip in reading.clips:
        if str(clip.mark.get("guid")) in stale:
            lines += shown(bench.port, clip.item, STALE, clip.name)
    make = _to_make(found)
    others = [item for item in found["items"] if item["guid"] is None]
    changed = sum(item["class"] not in ("same", "moved") for item in others)
    lines.append(f"Of the other {counted(len(others), 'clip')}, {changed} were changed.")
    lines.append(
        f"{counted(make, 'frame')} to make. Run Compare cut again to make them."
        if make
        else "Nothing is to be made."
    )
    if _changed(found) and not make:
        does = "open the handles" if _opens(reading) else "have approvals follow"
        lines.append(f"Run Compare cut again to {does}.")
    lines += shut(reading)
    facts = {"items": found["items"], "generate_frames": make, "stale": stale,
             "page": found.get("page")}  # fmt: skip
    return Said(tuple(lines), facts)


def _placed(
    bench: Bench, reading: Reading, found: Mapping[str, Any], came: Mapping[str, Any]
) -> Said:
    """Have approvals follow, open handles, and put pickups where frames are missing: each is a
    clip of its own on our track."""
    lines: List[str] = _followed(bench, reading, came["statuses"])
    shot = came.get("shot") or ()
    told = {name: found[name] for name in ("items", "generate_frames")}
    facts: Dict[str, Any] = {**told, "shot": list(shot), "statuses": came["statuses"]}
    with bench.unit() as unit:
        shots = {shot.guid: shot for shot in unit.shots()}
        lines += _grown(bench, reading)
        for one in shot:
            seam = one["seam"]
            said = _put(bench, unit, reading, shots[one["guid"]], one)
            lines.append(
                f"{one['shot']}: frames {one['missing'][0]} to {one['missing'][1]}, seam"
                f" {seam['value']:g} {seam['unit']}: {seam['outcome']}."
            )
            lines += said
    keep_cut(bench, seen=True)
    return Said((*lines, "The cut as it is now is the one that the next is compared with."), facts)


def _followed(bench: Bench, reading: Reading, statuses: Mapping[str, Any]) -> List[str]:
    """What became of approvals, on the clips that play them: their colour and their marker."""
    said = []
    for one in statuses["changed"]:
        stale = one["state"] == "stale"
        why = f"{one['version']} is {standing_words(one['state'])}: {one['reason']}."
        said.append(why)
        for clip in reading.clips:
            if clip.mark.get("version") == one["version"]:
                remark_item(bench.port, clip.item, clip.mark, why)
                shade = STALE if stale else APPROVED
                said += shown(bench.port, clip.item, shade, clip.name)
    return said


def _opens(reading: Reading) -> bool:
    cut = plain_cut(reading)
    return wished(cut).clips != cut.clips


def _grown(bench: Bench, reading: Reading) -> List[str]:
    """Have our clips play into the handles they have, where a hole opened beside them."""
    said = []
    before = {clip.id: clip for clip in reading.clips if clip.mark}
    for clip in wished(plain_cut(reading)).clips:
        old = before.get(clip.id)
        if old is None or old.source is None or (old.first, old.last) == (clip.first, clip.last):
            continue
        head = min(old.first - clip.first, old.left)
        behind = old.source.count - old.left - (old.last - old.first + 1)
        tail = min(clip.last - old.last, max(0, behind))
        if head or tail:
            span = FrameRange(old.first - head, old.last + tail, reading.rate)
            lost = rebuilt(bench.port, reading.timeline, old, span)
            said.append(f"{old.mark.get('code') or old.name} plays {head} frames of its head handle"
                        f" and {tail} of its tail. It was put there anew: if it was graded, grade"
                        " it again.")  # fmt: skip
            said += lost
    return said


def _put(
    bench: Bench, unit: Unit, reading: Reading, shot: Shot, one: Mapping[str, Any]
) -> List[str]:
    """Put a pickup wherever the cut shows its frames and it does not lie yet; what is to be said
    of that."""
    port = bench.port
    project = next(p for p in unit.projects() if p.name == shot.project)
    take = unit.take(str(one["take"]["take"]))
    frames = of_take(take, shot, project, port.pace)
    mark = {**mark_of_shot(shot), "take": take.id, "brought": take.id}
    note = f"frames {one['missing'][0]} to {one['missing'][1]}"
    media = imported(port, bin_of(port, (shot.sequence, shot.code)), frames)
    there: List[str] = []
    said: List[str] = []
    for at, first, last in one["places"]:
        span = FrameRange(at, at + last - first, reading.rate)
        if _lies(reading, shot.guid, span):
            continue
        head = frames.head + first - one["missing"][0]
        track = our_track(port, reading.timeline, span)
        item = put(port, reading.timeline, media, replace(frames, head=head), track, span)
        mark_item(port, item, mark, note)
        said += slipped(port, item, head, shot.name)
        if one["seam"]["outcome"] != "clear":
            said += shown(port, item, WARNS, shot.name)
        there.append(reading.timecode(at))
    if len(there) > 1:
        said.append(f"It is used {len(there)} times: put at {', '.join(there)}.")
    if not one["places"]:
        said.append("The cut shows it at another speed: cut it in by hand, from its bin.")
    return said


def _lies(reading: Reading, guid: str, span: FrameRange) -> bool:
    """A clip of that shot plays somewhere in it already."""
    return any(
        clip.mark.get("guid") == guid and clip.first <= span.last and clip.last >= span.first
        for clip in reading.clips
    )
