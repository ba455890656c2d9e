"""What comes back is cut in: takes as they are shot, versions as they are circled."""

from __future__ import annotations

from typing import Iterable, Mapping, Optional, Tuple

from secondunit_bridge.errors import MediaOffline, TurnoverRejected, UnknownId
from secondunit_bridge.film import Take, TakeState, Version
from secondunit_bridge.saying import UNDER_WAY, Said

from .collect.shots import SceneShot
from .place.edit import TAKE, Piece, edit_of, look_strips, make_edit
from .place.footage import Footage, of_take, of_version
from .place.strips import as_cut_in, cut_in, refit
from .productions import folder_beside
from .session import Session
from .words import SHOT


def place_awaited(session: Session) -> None:
    """Cut in the takes that were ordered here and are shot now; one of each shot, the best.

    Those of a scene that is not in front wait until it is.
    """
    done = [
        (take, guid)
        for take_id, guid in session.awaited_here.items()
        for take in session.takes.get(guid, ())
        if take.id == take_id and take.state not in UNDER_WAY
    ]
    for guid in dict.fromkeys(guid for _, guid in done):
        if any(
            other not in {take.id for take, _ in done}
            for other, of in session.awaited.items()
            if of == guid
        ):
            continue  # the best is known when the last of them is shot
        if guid not in session.turned:
            continue  # how the shot lay when it was turned over is not known yet
        takes = [take for take, of in done if of == guid]
        for take in takes:
            session.awaited.pop(take.id, None)
        best = _best(takes)
        if best is not None:
            place(session, guid, best)


def place(session: Session, guid: str, take: Take, *, by: str = "") -> None:
    """Cut a take in, as its version when it was circled; the artist can undo it.

    Raises UnknownId, MediaOffline, TurnoverRejected; the scene is then as it was.
    """
    shot = scene_shot(session, guid)
    footage = _footage(session, shot, take)
    layout, scenes = session.host.layout(), session.host.scenes()
    piece = Piece(shot.guid, shot.code, shot.camera, shot.frames)
    edit = make_edit(layout, scenes, pieces_of(session))
    strip, swapped = cut_in(edit, layout, piece, footage)
    session.host.remember(f"Second Unit: {shot.code} {footage.label}")
    session.changed = True
    doing = "now plays" if swapped else "is in the edit with"
    session.say(Said(f"{shot.code} {doing} {footage.label}."))
    if footage.version:
        placed = as_cut_in(strip, edit, shot.frames, by)
        session.caller.ask(lambda unit: unit.cut_in(placed), lambda _: None, session.fail)


def follow_markers(session: Session, before: Mapping[str, Tuple[int, int]]) -> None:
    """Have the edit's strips follow shots that changed; ``before`` is first and last by GUID."""
    layout = session.host.layout()
    edit = edit_of(layout, session.host.scenes()) if layout is not None else None
    if edit is not None:
        moves = [(one, before[one.guid]) for one in pieces_of(session) if one.guid in before]
        refit(edit, layout, moves)


def pieces_of(session: Session) -> Tuple[Piece, ...]:
    """Every shot of the scene that has an identity, as the edit needs it."""
    return tuple(
        Piece(shot.guid, shot.code, shot.camera, shot.frames)
        for shot in session.list.shots
        if shot.guid
    )


def scene_shot(session: Session, code_or_guid: str) -> SceneShot:
    """A shot of the scene by code or GUID. Raises UnknownId."""
    wanted = code_or_guid.strip()
    for shot in session.list.shots:
        if wanted and wanted in (shot.guid, shot.code, shot.marker):
            return shot
    there = ", ".join(shot.code for shot in session.list.shots)
    raise UnknownId(
        f"there is no shot called {wanted or '(nothing)'} in this scene",
        hint=f"There are: {there}." if there else "Bind cameras to markers: View > Bind Camera.",
    )


def placed_take(session: Session, guid: str) -> str:
    """The take that the edit has of a shot; empty when it has none."""
    layout = session.host.layout()
    edit = edit_of(layout, session.host.scenes()) if layout is not None else None
    strip = next(look_strips(edit, guid), None) if edit is not None else None
    return str(strip[TAKE]) if strip is not None else ""


def stand_in(session: Session, guid: str) -> Take:
    """The take to bring in for a shot: the circled one, else the best. Raises MediaOffline."""
    best = _best(session.takes.get(guid, ()))
    if best is None:
        raise MediaOffline(
            f"nothing was shot for {scene_shot(session, guid).code} yet",
            hint="Shoot it first, or press Refresh.",
        )
    return best


def beside(session: Session, guid: str, steps: int) -> Take:
    """The take so many further than the one that is in the edit. Raises MediaOffline."""
    shot = [t for t in session.takes.get(guid, ()) if t.state in SHOT or _circled(t)]
    shot.sort(key=lambda take: take.number)
    if not shot:
        return stand_in(session, guid)
    now = placed_take(session, guid)
    at = next((n for n, take in enumerate(shot) if take.id == now), len(shot) - 1)
    return shot[(at + steps) % len(shot)]


def _footage(session: Session, shot: SceneShot, take: Take) -> Footage:
    blend = session.host.blend()
    if not blend:
        raise TurnoverRejected(
            "the file was never saved, and takes lie beside it", hint="Save it, then try again."
        )
    turned, store = session.turned.get(shot.guid), session.store_of(shot.guid)
    if turned is None or not store:
        raise MediaOffline(
            "the daemon has not told where the frames are", hint="Press Refresh, then try again."
        )
    version = _version(session, take)
    if version is not None:
        return of_version(version, turned, take.media.space if take.media else "")
    return of_take(take, turned, store, folder_beside(blend) / "takes", "")


def _version(session: Session, take: Take) -> Optional[Version]:
    return next((v for v in session.versions.get(take.shot, ()) if v.take == take.id), None)


def _circled(take: Take) -> bool:
    return take.state is TakeState.circled


def _best(takes: Iterable[Take]) -> Optional[Take]:
    """A circled take, else the surest one that can be looked at, the newest of equals."""
    there = [take for take in takes if take.state in SHOT and take.state is not TakeState.junk]
    circled = [take for take in there if _circled(take)]
    if circled:
        return max(circled, key=lambda take: take.number)
    return max(
        there,
        key=lambda take: (
            take.state is TakeState.pending_review, take.confidence or 0.0, take.number,
        ),
        default=None,
    )  # fmt: skip
