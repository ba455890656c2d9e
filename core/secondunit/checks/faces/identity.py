"""Does each of the cast look like the approved pictures of them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from secondunit_bridge.film import Finding, Outcome

from ...editorial.cards import CastMember
from ...exam import Exam
from ...hookspecs import CheckAbout, Scope, Viewing
from ...media.sight import Sight
from ..answers import finding, not_checked, spans
from .approved import Actor
from .asked import NO_FACE, NO_GALLERY, SMALL, WHO, Faces
from .face import Face
from .looking import Looking, Track, looking, middle
from .seats import seats

ABOUT = CheckAbout(
    name="identity.face",
    version="1",
    sentence="Each of the cast looks like the approved pictures of them.",
    scope=Scope.shot,
    unit="distance",
    look=0.55,
    stop=None,
    source="one person's photographs lie .2 to .45 apart, two people's .7 and more; from five"
    " approved pictures on each actor's own spread",
    department="Casting",
)


class IdentityFace:
    """The distance of the face on screen from the approved ones, for each name on the card."""

    def __init__(self, faces: Faces) -> None:
        self.about, self._faces = faces.by_model(ABOUT), faces

    def watch(self, exam: Exam) -> Viewing:
        """Looks at a few frames."""
        why = self._faces.why_not(self.about, exam)
        return Silent((why,)) if why else _Watch(self.about, exam, self._faces)


@dataclass
class Silent:
    """A viewing that looks at nothing: what it says was known before."""

    findings: Sequence[Finding]

    def see(self, sight: Sight) -> None:
        """Not looked at."""

    def told(self) -> Sequence[Finding]:
        """What was known."""
        return self.findings


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
        who = seats(self._looking, lambda m: self._actor(m.name))
        many = bool(self._looking.tracks())
        found = [self._member(*one, many) for one in zip(cast, who, strict=True)]
        credit = f" {self._model.credit}" if self._model.credit else ""
        return [
            replace(one, subject=member.name, sentence=one.sentence + credit)
            for member, one in zip(cast, found, strict=True)
        ]

    def _actor(self, name: str) -> Actor | None:
        return self._faces.actor(self._exam, name, self._model)

    def _member(self, member: CastMember, track: Track | None, many: bool) -> Finding:
        about, name = self._about, member.name
        actor = self._actor(name)
        if actor is None or not actor.faces:
            return not_checked(about, NO_GALLERY, self._no_pictures(name, actor))
        if track is None and many:
            says = f"Faces are seen, but which of them is {name} cannot be told."
            return not_checked(about, WHO, says)
        if track is None:
            says = f"No face of {name} was found: turned away, small, covered or drawn."
            return not_checked(about, NO_FACE, says)
        if not track.large:
            says = f"The face of {name} is too small to tell whether it is {name}."
            return not_checked(about, SMALL, says, frames=spans(track.frames))
        return self._compared(name, actor, track.large)

    def _compared(self, name: str, actor: Actor, faces: Sequence[Face]) -> Finding:
        about, limit = self._about, round(actor.limit, 4)
        far = middle(actor.distance(face) for face in faces)
        frames = spans(face.frame for face in faces)
        largest = max(faces, key=lambda face: face.wide)
        seen = f"in {len(faces)} frames looked at" if len(faces) > 1 else "in one frame looked at"
        if far < limit:
            says = f"{name} looks like {name}: {far:.2f} from the approved pictures, {seen}."
            return finding(about, Outcome.clear, says, value=far, limit=limit, frames=frames)
        says = f"This does not look like {name}: {far:.2f} from the approved pictures, {seen};"
        says += f" the limit {actor.source} is {limit:.2f}{self._instead(name, faces)}."
        return finding(
            about, Outcome.look, says, value=far, limit=limit, frames=frames, region=largest.region
        )

    def _instead(self, name: str, faces: Sequence[Face]) -> str:
        """Whom of the gallery it looks like instead, if anybody."""
        people = self._exam.gallery.people if self._exam.gallery else {}
        for other in people:
            actor = self._actor(other) if other != name else None
            near = actor is not None and bool(actor.faces)
            if actor and near and middle(actor.distance(face) for face in faces) < actor.limit:
                return f"; it does look like {other}"
        return ""

    def _no_pictures(self, name: str, actor: Actor | None) -> str:
        if self._exam.gallery is None:
            return "The bible of the cut names no gallery of approved pictures."
        if self._exam.gallery.wrong:
            return f"There are no approved pictures: {self._exam.gallery.wrong}."
        if actor is None:
            return f"The gallery has no pictures of {name}."
        return f"In none of the {actor.pictures} approved pictures of {name} a face can be told."
