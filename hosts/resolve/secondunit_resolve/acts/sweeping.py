"""*Sweep sequence*: the core looks for what is wrong in the cut; findings become markers.

A page to read and answer them is written beside. The second run shows what the first one began.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple

from secondunit_bridge.errands import Errand
from secondunit_bridge.saying import counted

from ..collect.exported import save_cut
from ..collect.reading import Clip, Reading
from ..place.marks import clear_timeline, mark_timeline
from ..words import Said
from .bench import Bench
from .turning_over import hash_of

KIND = "finding"
_COLOURS = {"stop": "Red", "look": "Yellow"}
_MOST = 200  # markers; the page has all


def sweep(bench: Bench, *, patience_s: float = 0.0) -> Said:
    """Begin to look at the cut in front, or show what was found in it.

    Markers of an older sweep go, and those of findings that were answered; nobody else's are
    touched. Raises what the core said went wrong.
    """
    reading = bench.reading()
    folder = bench.cuts(reading)
    cut = save_cut(reading, folder / "sweep.otio", bench.port.pace)
    page = folder / "sweep.html"
    errand = Errand(folder / "errands" / "sweep")
    about = f"{reading.name} {hash_of(cut)}"
    if errand.about() != about:
        errand.start(("check", str(cut), "--html", str(page)), about=about)
    found = errand.answer(patience_s)
    if found is None:
        return Said((f"{reading.name} is being looked at.",
                     "Run Sweep sequence again in a while to see what was found."),
                    {"running": True})  # fmt: skip
    errand.forget()  # answers that are given from now on count in the next sweep
    return _shown(bench, reading, found, page)


def _shown(bench: Bench, reading: Reading, found: Mapping[str, Any], page: Path) -> Said:
    port, timeline = bench.port, reading.timeline
    clear_timeline(port, timeline, KIND)
    open_ones = [one for one in found["findings"] if one.get("rank")]  # nobody has accepted it
    lines: List[str] = []
    marked = 0
    for finding in open_ones:
        place = record_place(reading, finding)
        if place is not None and marked < _MOST:
            first, long = place
            mark: Dict[str, Any] = {"guid": str(finding["id"]), "kind": KIND}
            note = f"{finding['sentence']}{_where(finding)}"
            marked += mark_timeline(
                port, timeline, first - reading.start, str(finding["check"]), note, long, mark,
                _COLOURS[str(finding["outcome"])],
            )  # fmt: skip
        at = reading.timecode(place[0]) if place else "??:??:??:??"
        shots = " | ".join(map(str, finding.get("shots") or ()))
        lines.append(f"{at}  {finding['outcome']}  {shots}: {finding['sentence']}")
    head = f"{reading.name}: {counted(len(open_ones), 'finding')} to look at, {marked} marked."
    unseen = len(found.get("not_checked") or ())
    tail = (f"{counted(unseen, 'check')} could not be made; the page says why: {page}",)
    facts = {"findings": len(open_ones), "markers": marked, "page": str(page)}
    return Said((head, *lines[:20], *tail), facts)


def _where(finding: Mapping[str, Any]) -> str:
    """Where in the picture it is, in words: a marker holds no box."""
    region = finding.get("region")
    if not region:
        return ""
    left, top, wide, high = (100 * float(part) for part in region)
    return (f" In the picture: {left:.0f} to {left + wide:.0f} % from the left,"
            f" {top:.0f} to {top + high:.0f} % from the top.")  # fmt: skip


def record_place(reading: Reading, finding: Mapping[str, Any]) -> Optional[Tuple[int, int]]:
    """First record frame and length of a finding; None when its shot is not in the timeline."""
    names = [str(name) for name in finding.get("shots") or ()]
    clip = next((c for name in names for c in reading.clips if c.name == name), None)
    if clip is None:
        return None
    spans = finding.get("frames") or ()
    if not spans or clip.source is None or clip.retime != "none":
        return clip.first, clip.last - clip.first + 1
    first, last = int(spans[0][0]), int(spans[0][1])
    start = _played(clip, first)
    end = min(clip.last, start + max(0, last - first))
    return start, max(1, end - start + 1)


def _played(clip: Clip, frame: int) -> int:
    """The record frame that shows a frame of the media, by its number or from its beginning."""
    source = clip.source
    assert source is not None
    for base in (source.first, source.number, 0):
        at = clip.first + frame - base - clip.left
        if clip.first <= at <= clip.last:
            return at
    return clip.first
