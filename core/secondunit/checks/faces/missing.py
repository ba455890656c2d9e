"""Is somebody not seen in the frames in which the card says they are?

A face that is not found may be turned away, small or covered. So this is asked only of people whose
face is found elsewhere in the same shot, seen from in front, and never in those frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from secondunit_bridge.film import Finding, Outcome

from ...editorial.cards import CastMember
from ...exam import Exam
from ...hookspecs import CheckAbout, Scope, Viewing
from ...media.sight import Sight
from ..answers import finding, named, not_checked, spans
from .asked import NO_FACE, WHO, Faces
from .identity import Silent
from .looking import Looking, Track, looking, middle
from .seats import seats

AWAY = "turned away"
PROFILE = 0.22  # of the distance of the eyes: a head turned so far may go on turning
ABOUT = CheckAbout(
    name="face.missing",
    version="1",
    sentence="Whoever the card says is seen in some frames is seen there.",
    scope=Scope.shot,
    unit="frames",
    look=2,
    stop=None,
    source="the face of the same person is found elsewhere in the shot, in none of two frames or"
    " more",
    department="Script",
)


class FaceMissing:
    """Frames looked at in which somebody should be seen and is not."""

    def __init__(self, faces: Faces) -> None:
        self.about, self._faces = faces.by_model(ABOUT), faces

    def watch(self, exam: Exam) -> Viewing:
        """Looks at the frames that ``identity.face`` looks at."""
        why = self._faces.why_not(self.about, exam)
        return Silent((why,)) if why else _Watch(self.about, exam, self._faces)


class _Watch:
    def __init__(self, about: CheckAbout, exam: Exam, faces: Faces) -> None:
        model = faces.model()
        assert model is not None  # why_not has asked
        self._about, self._exam, self._faces, self._model = about, exam, faces, model
        self._looking: Looking = looking(exam, model)

    def see(self, sight: Sight) -> None:
        """A frame."""
        self._looking.see(sight)

    def told(self) -> Sequence[Finding]:
        """One finding for each name on the card, in its order."""
        cast = self._looking.cast
        who = seats(self._looking, lambda m: self._faces.actor(self._exam, m.name, self._model))
        return [
            replace(self._member(member, track), subject=member.name)
            for member, track in zip(cast, who, strict=True)
        ]

    def _member(self, member: CastMember, track: Track | None) -> Finding:
        about, name = self._about, member.name
        should = self._looking.when(member) & self._looking.found.keys()
        if track is None:
            says = f"No face was found that can be told to be that of {name}."
            return not_checked(about, NO_FACE, says, frames=spans(should))
        actor = self._faces.actor(self._exam, name, self._model)
        if actor and actor.faces and track.large:
            far = middle(actor.distance(face) for face in track.large)
            if far >= actor.limit:
                says = f"A face is seen that does not look like {name}."
                return not_checked(about, WHO, says, frames=spans(track.frames))
        there = track.frames & should
        if there:
            says = f"{name} is seen in {len(there)} of {len(should)} frames looked at."
            return finding(about, Outcome.clear, says, value=0, limit=about.look)
        if len(should) < 2:
            says = f"The card gives {name} too few frames to look at."
            return not_checked(about, NO_FACE, says, frames=spans(should))
        nearest = min(
            track.faces, key=lambda face: min(abs(face.frame - number) for number in should)
        )
        if abs(nearest.turn) > PROFILE:
            says = f"{name} is turned away beside these frames, and may be in them."
            return not_checked(about, AWAY, says, frames=spans(should))
        runs = spans(self._looking.when(member))
        elsewhere = named(spans(track.frames))
        says = f"{name} should be seen in {named(runs)}, and is found only in {elsewhere}."
        return finding(about, Outcome.look, says, value=len(should), limit=about.look, frames=runs)
