"""``recut --apply``: the new cut with our shots in it is written and read back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import StoreError

if TYPE_CHECKING:
    from ..editorial import Cut, CutShot
    from ..editorial.recut import Recut
    from .recut_shooting import Made
    from .say import Say


def applied(
    say: Say, cuts: tuple[Cut, Cut], found: Recut, out: Path, made: Sequence[Made]
) -> dict[str, Any]:
    """Write the new cut to ``out``, pickups that have a version laid in; what was done.

    Raises what the disk refuses, StoreError when what was written does not read as it should.
    """
    from ..editorial import Inserted, read_cut, save
    from ..editorial.conforming import conformed
    from ..editorial.filled import Pick, filled

    document, mended = conformed(*cuts, found)
    picks: dict[str, list[Pick]] = {}
    for one in made:
        if one.version:
            name = one.pickup.turnover.shot.name
            laid = Pick(one.pickup.missing, Inserted.of(one.version, shot=name))
            picks.setdefault(one.pickup.of, []).append(laid)
    sentences = (*mended, *filled(document, cuts[1], found, picks))
    path = save(document, out)
    for sentence in sentences:
        say.line(f"  {sentence}")
    say.line(f"Cut written: {path}")
    again = read_cut(path, open_media=False)
    _same_outside(cuts[1], again)
    proof = _proof(say, again, set(picks))
    return {"otio": str(path), "mended": list(sentences), "kept": proof}


def _same_outside(new: Cut, again: Cut) -> None:
    """What is not ours stands where it stood; clips whose marks were put back are ours."""
    ours = {_seen(shot) for shot in again.shots if shot.guid}
    before = [one for one in map(_seen, _others(new)) if one not in ours]
    if before != [*map(_seen, _others(again))]:
        raise StoreError(
            "the cut that was written does not read as the new one does",
            hint="It was left where it is, for us to look at. Work on with your own.",
        )


def _others(cut: Cut) -> list[CutShot]:
    return [shot for shot in cut.shots if not shot.guid]


def _seen(shot: CutShot) -> tuple[object, ...]:
    return shot.name, shot.track, shot.record, shot.source, shot.retime, shot.speed


def _proof(say: Say, cut: Cut, guids: set[str]) -> dict[str, int]:
    """How many frames of the shots that grew play, and how many are byte for byte as published."""
    shown = identical = 0
    for shot in cut.shots:
        if shot.guid in guids and shot.media:
            listed = _listed(Path(shot.media).parent.parent)
            for path in _files(shot):
                shown += 1
                identical += _digest(path) == listed.get(f"exr/{path.name}", "?")
    if shown:
        say.line(f"Of {shown} frames kept, {identical} are byte for byte as they were published.")
    return {"frames": shown, "identical": identical}


def _files(shot: CutShot) -> Iterator[Path]:
    media = Path(str(shot.media))
    for number in dict.fromkeys(shot.frames):
        yield media.with_name(media.name % number) if "%" in media.name else media


def _listed(version: Path) -> dict[str, str]:
    """The sha256 of each frame as it was published; nothing where there is no list."""
    from ..packet.marks import HASH_LIST

    try:
        files = json.loads((version / HASH_LIST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return {}
    return {str(one["path"]): str(one["sha256"]) for one in files}


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
