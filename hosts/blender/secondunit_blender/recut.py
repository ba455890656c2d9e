"""A cut that comes back from editorial: what became of each shot, and its markers moved to match.

Only markers and the recorded ends of shots change, never animation. A scene shows one camera at a
time, so where two shots of a cut use the same scene frames each keeps its own range all the same:
a marker says where a shot begins, and its recorded end where it ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from secondunit_bridge.errors import NotPermitted, TurnoverRejected
from secondunit_bridge.timing import FrameRange, rate_name

from .collect.doubts import animated
from .collect.identities import keep_ends, keep_identities, recorded
from .collect.shots import SceneShot, read_shots
from .cut_reading import Use, read_cut

OMITTED = "OMIT "  # begins the name of a marker whose shot is not in the cut


@dataclass(frozen=True)
class RecutRow:
    """What became of one shot. Ranges are scene frames, both ends inclusive.

    ``kind`` is one of same, moved, slipped, trimmed, extended_in_handles, extended_beyond,
    retimed, split, duplicated, omitted, added. ``missing`` frames are not rendered. ``change`` is
    what applying does; empty when nothing.
    """

    name: str
    guid: str
    kind: str
    old: Optional[Tuple[int, int]] = None
    new: Optional[Tuple[int, int]] = None
    change: str = ""
    missing: Tuple[Tuple[int, int], ...] = ()
    warnings: Tuple[str, ...] = ()


@dataclass(frozen=True)
class RecutTable:
    """The comparison of a cut with a scene."""

    cut: str
    rows: Tuple[RecutRow, ...]
    problems: Tuple[str, ...] = ()

    @property
    def changes(self) -> Tuple[RecutRow, ...]:
        """The rows that change markers."""
        return tuple(row for row in self.rows if row.change)


def recut_table(
    scene: Any, path: str, *, rendered: Optional[Mapping[str, FrameRange]] = None
) -> RecutTable:
    """Compare the cut in a file with the scene; changes nothing.

    ``rendered`` are the scene frames there are passes of, by GUID; a shot that is not in it counts
    as rendered with its handles. Raises MediaOffline, CutUnreadable.
    """
    cut, shots = read_cut(path), read_shots(scene).shots
    uses: Dict[str, List[Use]] = {}
    for use in cut.uses:
        uses.setdefault(use.guid, []).append(use)
    kept = [shot.guid for shot in shots if shot.guid]
    moved = _out_of_order([guid for guid in uses if guid in kept], kept)
    rows, problems = [], list(cut.notes)
    for shot in shots:
        there = (rendered or {}).get(shot.guid) or shot.frames.with_handles(shot.handles)
        rows.append(_row(scene, shot, uses.get(shot.guid, []), there, moved=shot.guid in moved))
    rows += [
        RecutRow(use.name, use.guid, "added")
        for guid, found in uses.items() if not guid or guid not in kept
        for use in found
    ]  # fmt: skip
    if not any(guid in kept for guid in uses):
        problems.append("No clip of this cut is a shot of this scene: is it the right file?")
    return RecutTable(cut.name, tuple(_apart(rows, problems)), tuple(problems))


def apply_markers(scene: Any, table: RecutTable) -> Tuple[str, ...]:
    """Move markers to where their shots begin now; what was done, in sentences.

    The caller makes it one step of undo. Raises TurnoverRejected when the scene is no longer the
    one that was compared, NotPermitted when it is linked.
    """
    if scene.library is not None:
        raise NotPermitted(
            f"the scene {scene.name} comes from another file", hint="Open that file instead."
        )
    shots = {shot.guid: shot for shot in read_shots(scene).shots}
    markers = {}
    for row in table.changes:
        shot = shots.get(row.guid)
        marker = _marker(scene, shot) if shot else None
        if shot is None or marker is None or row.old != (shot.frames.first, shot.frames.last):
            raise TurnoverRejected(
                f"{row.name} has changed since the cut was compared", hint="Compare it again."
            )
        markers[row.guid] = marker
    for row in table.changes:
        marker = markers[row.guid]
        if row.new is None:
            marker.camera, marker.name = None, OMITTED + marker.name
        else:
            marker.frame = row.new[0]
    _keep(scene, table)
    return tuple(f"{row.name}: {row.change}" for row in table.changes)


def _keep(scene: Any, table: RecutTable) -> None:
    """Identities as the markers lie now, and the end of each shot that stays in the cut."""
    before = {row.guid: row for row in recorded(scene)}
    changed = {row.guid: row for row in table.changes}
    ends = {row.guid: row.new[1] for row in table.changes if row.new}
    ends.update({row.guid: row.old[1] for row in table.rows if row.old and row.guid not in changed})
    moves = {row.guid: row.new[0] for row in table.changes if row.new}
    moved = [replace(row, first=moves.get(guid, row.first)) for guid, row in before.items()]
    keep_identities(scene, table=moved)
    keep_ends(scene, ends)


def _row(
    scene: Any, shot: SceneShot, uses: Sequence[Use], there: FrameRange, *, moved: bool
) -> RecutRow:
    old = (shot.frames.first, shot.frames.last)
    row = RecutRow(f"{shot.code} {shot.marker}", shot.guid, "same", old, old)
    if not shot.guid:
        return replace(row, warnings=("It has no identity yet: no clip can be known as it.",))
    if not uses:
        change = f"marker {shot.marker} is unbound from {shot.camera} and named as omitted"
        return replace(row, kind="omitted", new=None, change=change)
    played = [_played(shot, use) for use in uses]
    new = (min(first for first, _ in played), max(last for _, last in played))
    row = replace(row, new=new, missing=_missing(new, there))
    odd = [use for use in uses if use.rate != shot.frames.rate]
    if odd or any(use.retimed for use in uses):
        why = "is retimed in the cut"
        if odd:
            why = (f"is cut at {rate_name(odd[0].rate)} frames a second and the scene runs at"
                   f" {rate_name(shot.frames.rate)}")  # fmt: skip
        return replace(row, kind="retimed", warnings=(f"It {why}: markers cannot follow that.",))
    if len(uses) > 1:
        spans = sorted(played)
        apart = all(a[1] < b[0] for a, b in zip(spans, spans[1:]))
        says = f"It plays {len(uses)} times: its marker stays as it is."
        return replace(row, kind="split" if apart else "duplicated", warnings=(says,))
    kind = _kind(old, new, missing=bool(row.missing), moved=moved)
    if kind in ("same", "moved"):
        return replace(row, kind=kind)
    return replace(
        row,
        kind=kind,
        change=_told(shot, old, new),
        warnings=_warned(scene, shot, row.missing, new),
    )


def _kind(old: Tuple[int, int], new: Tuple[int, int], *, missing: bool, moved: bool) -> str:
    if new == old:
        return "moved" if moved else "same"
    if new[1] - new[0] == old[1] - old[0]:
        return "slipped"
    if missing:
        return "extended_beyond"
    longer = new[0] < old[0] or new[1] > old[1]
    return "extended_in_handles" if longer else "trimmed"


def _played(shot: SceneShot, use: Use) -> Tuple[int, int]:
    """Scene frames that a clip shows."""
    start = use.offset
    if start is None:  # no mark of ours: media with handles, or without when it is just the shot
        bare = use.media_count == len(shot.frames)
        start = shot.frames.first - (0 if bare else shot.handles.head)
    return start + use.first, start + use.last


def _missing(new: Tuple[int, int], there: FrameRange) -> Tuple[Tuple[int, int], ...]:
    head, tail = (new[0], min(new[1], there.first - 1)), (max(new[0], there.last + 1), new[1])
    return tuple(part for part in (head, tail) if part[0] <= part[1])


def _told(shot: SceneShot, old: Tuple[int, int], new: Tuple[int, int]) -> str:
    parts = []
    if new[0] != old[0]:
        parts.append(f"marker {shot.marker} moves from frame {old[0]} to {new[0]}")
    if new[1] != old[1]:
        parts.append(f"the shot ends on frame {new[1]} instead of {old[1]}")
    return ", ".join(parts)


def _warned(
    scene: Any, shot: SceneShot, missing: Tuple[Tuple[int, int], ...], new: Tuple[int, int]
) -> Tuple[str, ...]:
    warnings = [f"Frames {a} to {b} are not rendered yet: render its passes." for a, b in missing]
    keyed = animated(scene.objects.get(shot.camera))
    if keyed and keyed[1] >= shot.frames.last and new[1] > keyed[1]:
        warnings.append(f"Camera {shot.camera} is animated to frame {keyed[1]:g} only.")
    if keyed and keyed[0] <= shot.frames.first and new[0] < keyed[0]:
        warnings.append(f"Camera {shot.camera} is animated from frame {keyed[0]:g} only.")
    if new[1] > scene.frame_end:
        warnings.append(f"The scene ends on frame {scene.frame_end}: end it on {new[1]}.")
    return tuple(warnings)


def _apart(rows: List[RecutRow], problems: List[str]) -> List[RecutRow]:
    """No two shots may begin on one frame: a marker there would be no shot. The later one stays."""
    taken: Dict[int, str] = {}
    found = []
    for row in rows:
        begin = row.new[0] if row.new and row.change else row.old[0] if row.old else None
        if row.kind not in ("omitted", "added") and begin is not None:
            if begin in taken:
                problems.append(
                    f"{row.name} and {taken[begin]} would both begin on frame {begin}, and a scene"
                    f" holds one camera a frame: {row.name} is left as it is."
                )
                row = replace(row, change="")
            taken.setdefault(begin, row.name)
        found.append(row)
    return found


def _marker(scene: Any, shot: SceneShot) -> Optional[Any]:
    """The marker a shot hangs on; of equal ones the nearest before its first frame."""
    alike = [
        marker
        for marker in scene.timeline_markers
        if marker.name == shot.marker and marker.camera and marker.camera.name == shot.camera
    ]
    return min(alike, key=lambda marker: abs(int(marker.frame) - shot.frames.first), default=None)


def _out_of_order(played: Sequence[str], scene: Sequence[str]) -> List[str]:
    """Those that do not lie on the longest run that kept its order."""
    places = [scene.index(guid) for guid in played]
    best: List[List[int]] = []
    for index, place in enumerate(places):
        before = [run for run in best if places[run[-1]] < place]
        best.append([*_longest(before), index])
    kept = set(_longest(best))
    return [guid for index, guid in enumerate(played) if index not in kept]


def _longest(runs: List[List[int]]) -> List[int]:
    return max(runs, key=lambda run: len(run)) if runs else []
