"""The cut that the next one is compared with: as our shots were last put into it.

Commands that put something of ours there keep it anew. What an editor changed meanwhile would be
forgotten with that: such clips stay as they were there, until *Compare cut* has seen to them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

from secondunit_bridge.timeline import KEY

from ..collect.exported import cut_document, plain_cut, save_document
from ..collect.reading import Reading
from .bench import Bench

KEPT = "cut.otio"
_MOST = 50  # cuts of other timelines that are looked at
_CHANGED = "The cut was changed since: run Compare cut to see what became of which shot."
_Use = Tuple[float, float, str]  # frames of the media before it, its length, its speed


def kept_at(bench: Bench, reading: Reading) -> Path:
    """Where the cut of a timeline is kept."""
    return bench.cuts(reading) / KEPT


def kept_for(bench: Bench, reading: Reading) -> Optional[Path]:
    """What a timeline is compared with: its own cut, else the newest of which it has half of the
    shots that are ours. A lock often changes in a copy of the timeline; selects are no such copy.
    """
    own = kept_at(bench, reading)
    if own.is_file():
        return own
    guids = {str(clip.mark["guid"]) for clip in reading.clips if clip.mark}
    others = [path for path in own.parent.parent.glob(f"*/{KEPT}") if guids]
    for path in sorted(others, key=lambda one: one.stat().st_mtime, reverse=True)[:_MOST]:
        cut = _read(path)
        bench.port.pace.step()
        there = set(_uses(cut)) if cut else set()
        if there and 2 * len(there & guids) >= len(there):
            return path
    return None


def keep_cut(bench: Bench, *, seen: bool = False) -> Tuple[str, ...]:
    """Keep the cut in front as it is now; what is to be said of it.

    Unless its changes were ``seen`` to, clips of ours that an editor changed are kept as they lay
    before, with the media that they play now.
    """
    reading = plain_cut(bench.reading())
    path, now = kept_at(bench, reading), cut_document(reading)
    older = None if seen else kept_for(bench, reading)
    before = None if older is None else _read(older)
    bench.port.pace.step()
    if before is None or not _changed(before, now):
        save_document(now, path, bench.port.pace)
        return ()
    save_document(_as_before(before, now), path, bench.port.pace)
    return (_CHANGED,)


def _read(path: Path) -> Optional[Dict[str, Any]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "tracks" in found else None


def _changed(before: Dict[str, Any], now: Dict[str, Any]) -> bool:
    """A clip of ours that was there shows other frames, is in other pieces, or is gone."""
    uses = _uses(now)
    return any(uses.get(guid) != told for guid, told in _uses(before).items())


def _uses(document: Dict[str, Any]) -> Dict[str, List[_Use]]:
    found: Dict[str, List[_Use]] = defaultdict(list)
    for guid, clip in _ours(document):
        played, pace = clip["source_range"], json.dumps(clip.get("effects") or [], sort_keys=True)
        first = played["start_time"]["value"] - _start(clip)
        found[guid].append((round(first, 3), round(played["duration"]["value"], 3), pace))
    return {guid: sorted(uses) for guid, uses in found.items()}


def _as_before(before: Dict[str, Any], now: Dict[str, Any]) -> Dict[str, Any]:
    """The older cut; our clips in it play what they play now, and of that what they showed."""
    there = dict(_ours(now))
    for guid, clip in _ours(before):
        new = there.get(guid)
        if new is not None:
            clip["source_range"]["start_time"]["value"] += _start(new) - _start(clip)
            clip |= {key: new[key] for key in ("name", "metadata", "media_references")}
    return before


def _ours(document: Dict[str, Any]) -> Iterator[Tuple[str, Dict[str, Any]]]:
    """Our clips with the GUIDs of their shots, track after track."""
    for track in document["tracks"].get("children") or ():
        for child in track.get("children") or ():
            guid = ((child.get("metadata") or {}).get(KEY) or {}).get("guid")
            if isinstance(guid, str) and child.get("source_range"):
                yield guid, child


def _start(clip: Dict[str, Any]) -> float:
    """The number of the first frame that there is."""
    media = (clip.get("media_references") or {}).get(clip.get("active_media_reference_key")) or {}
    there = media.get("available_range")
    return float(there["start_time"]["value"]) if there else 0.0
