"""What every face check needs before it may look: a card that names people, and a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock

from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.film import Finding, Outcome

from ...exam import TAKE, Exam
from ...hookspecs import CheckAbout
from ..answers import finding, no_picture, not_checked
from ..sides import BAD_CARD, NO_CARD
from .approved import Actor, Approved
from .face import FaceModel

NO_MODEL = "no face model"
UNSAID = "not on the shot card"
NO_GALLERY = "no approved pictures"
NO_FACE = "no face found"
SMALL = "the face is too small"
WHO = "who is who cannot be told"
INSTALL = "pip install 'secondunit[faces]'"


@dataclass
class Faces:
    """The model of this installation, asked for when a card first names somebody.

    Checks of several shots ask at once; it is loaded once.
    """

    load: Callable[[], FaceModel | None]
    approved: Approved
    which: str = ""  # model this is, known without loading it
    _model: FaceModel | None = None
    _wrong: str | None = None  # None: not asked yet
    _lock: Lock = field(default_factory=Lock, repr=False)

    def by_model(self, about: CheckAbout) -> CheckAbout:
        """The check, with a version that says by which model it looks."""
        version = f"{about.version}+{self.which}" if self.which else about.version
        return replace(about, version=version)

    def model(self) -> FaceModel | None:
        """The model; None where there is none, and ``why`` says why."""
        with self._lock:
            if self._wrong is None:
                try:
                    self._model, self._wrong = self.load(), ""
                except SecondUnitError as error:
                    self._wrong = error.message
            return self._model

    @property
    def why(self) -> str:
        """A sentence about why there is no model."""
        if self._wrong:
            return f"The face model cannot be used: {self._wrong}."
        return f"There is no face model to look for faces with; to have one: {INSTALL}."

    @property
    def reason(self) -> str:
        """The same in few words."""
        return f"{NO_MODEL}: {self._wrong}" if self._wrong else NO_MODEL

    def actor(self, exam: Exam, name: str, model: FaceModel) -> Actor | None:
        """What is approved of somebody on a card."""
        people = exam.gallery.people if exam.gallery else {}
        return self.approved.of(people, name, model)

    def why_not(self, about: CheckAbout, exam: Exam) -> Finding | None:
        """Why a check of one shot's faces is not made; None when it may look."""
        side = exam.side(TAKE)
        slate = no_picture(about, exam)
        if slate:
            return slate
        if side.card_wrong:
            return not_checked(about, BAD_CARD, f"A shot card cannot be read: {side.card_wrong}.")
        if side.card is None:
            return not_checked(about, NO_CARD, "There is no shot card that says who is seen.")
        if about.name in side.card.allowed:
            says = f"The shot card says that {about.name} may differ in the take."
            return finding(about, Outcome.clear, says)
        if not side.card.cast:
            return not_checked(about, UNSAID, "The shot card names nobody who is seen.")
        if self.model() is None:
            return not_checked(about, self.reason, self.why)
        return None
