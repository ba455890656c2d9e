"""What stands against using registered models: files that are gone, terms, LoRAs that do not fit.

The list of models, the plan of a take and the take itself are told the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

from secondunit_bridge.errors import (
    CardWrong,
    MediaOffline,
    ModelMissing,
    RightsRefused,
    SecondUnitError,
    SetupError,
)
from secondunit_bridge.film import Model, ModelKind

from ..settings import Settings
from .disks import Disks, NotYet

if TYPE_CHECKING:
    from ..models.card import Card
    from ..models.shelf import Shelf
    from ..models.workflow_card import WorkflowCard


class Standing:
    """Looks at models with the settings of this process, and with the cards as they lie there."""

    def __init__(self, settings: Settings, disks: Disks) -> None:
        self._settings, self._disks = settings, disks
        self._read: Shelf | None = None

    @property
    def shelf(self) -> Shelf:
        """The cards as they lie there now: the studio may have changed one meanwhile."""
        from ..models.shelf import Shelf

        if self._read is None or self._read.stale:
            self._read = Shelf(self._settings.home)
        return self._read

    def card(self, model: Model) -> Card | WorkflowCard | None:
        """The card of a base; None for a LoRA. Raises CardWrong when it is gone."""
        from ..models.workflow_card import card_of, is_workflow

        if is_workflow(model):
            return card_of(model)
        return self.shelf.card(model.card) if model.card else None

    def against(self, models: Sequence[Model]) -> list[SecondUnitError]:
        """Against a base with these LoRAs on it. Files are looked at, not read."""
        found = [problem for model in models for problem in self.alone(model)]
        try:
            card = self.card(models[0]) if models else None
        except CardWrong:
            return found  # it was said of the base itself
        found += _misfits(models) + _unread(models, card)
        return found or self._unlike(models)

    def alone(self, model: Model) -> list[SecondUnitError]:
        """Against one model: its files, then its terms."""
        from ..models import licences

        problem = self.absent(model)
        found = [*self._switched_off(model), *([problem] if problem else [])]
        try:
            card = self.card(model)
        except CardWrong as error:
            return [*found, error]
        use = licences.use_of(self._settings)
        return found + [
            RightsRefused(no.says, hint=no.way, data={"model": model.name, "clause": no.clause})
            for no in licences.refusals(model, card.licence if card else None, use)
        ]

    def absent(self, model: Model) -> SecondUnitError | None:
        """What is wrong with its files as far as can be seen without reading them, or None.

        Raises NotYet while their disk takes its time.
        """
        from ..models.presence import absent

        try:
            return self._disks.ask(
                model.path, partial(absent, model), what=f"{model.name} in {model.path}"
            )
        except MediaOffline as error:
            return ModelMissing(error.message, hint=error.hint, data=error.data)

    def baseless(self, models: Collection[Model]) -> dict[str, str]:
        """LoRAs that no registered base can wear, by name: a sentence that says so.

        Files are looked at only of models that lie where they were registered.
        """
        bases = [model for model in models if model.kind is ModelKind.base]
        said = {model.name: self._alone(model, bases) for model in models if model not in bases}
        return {name: words for name, words in said.items() if words}

    def _alone(self, lora: Model, bases: Sequence[Model]) -> str:
        family = lora.facts.get("family", "")
        own = [base for base in bases if base.facts.get("family") == family]
        if family and not own:
            return (
                f"{lora.name} was trained for {family}, and no model of that family is registered:"
                " it can be put on none."
            )
        try:
            there = [base for base in own if self.absent(base) is None]
            if not there or self.absent(lora) is not None:
                return ""
            reasons = [self._unlike((base, lora)) for base in there]
        except NotYet:  # what lies on a disk that takes its time cannot be looked at
            return ""
        return sentence(reasons[0][0]) if all(reasons) else ""

    def _unlike(self, models: Sequence[Model]) -> list[SecondUnitError]:
        """Adapters whose layers have other widths than those of the base, by their files' heads."""
        if len(models) < 2:
            return []
        base, what = models[0].path, " with ".join(model.path for model in models)
        try:
            return self._disks.ask(base, partial(_unlike, models), what=what)
        except MediaOffline as error:
            return [ModelMissing(error.message, hint=error.hint, data=error.data)]

    def _switched_off(self, model: Model) -> list[SecondUnitError]:
        from ..models.workflow_card import SWITCH, is_workflow, switched_off

        if self._settings.comfyui or not is_workflow(model):
            return []
        return [SetupError(switched_off(model.name), hint=SWITCH, data={"model": model.name})]

    def notices(self, models: Sequence[Model]) -> list[str]:
        """What a person should know before the take: credits to show, who cleared what."""
        from ..models import licences

        said: list[str] = []
        for model in models:
            card = self.card(model)
            said += licences.notices(model, card.licence if card else None)
            if card and card.digest != model.card_digest:
                said.append(f"{model.name}: its card {card.name} was changed since it was added.")
        return said


def sentence(problem: SecondUnitError) -> str:
    """A problem and the way out, as sentences that can stand among others."""
    end = "" if problem.message.endswith((".", "!", "?")) else "."
    return f"{problem.message}{end} {problem.hint}".strip()


def _unlike(models: Sequence[Model]) -> list[SecondUnitError]:
    from ..models.likeness import unlike

    said = [(lora, unlike(lora, models[0])) for lora in models[1:]]
    return [
        ModelMissing(
            words,
            hint="Leave it out, or add the model it was trained on.",
            data={"model": lora.name, "base": models[0].name},
        )
        for lora, words in said
        if words
    ]


def _misfits(models: Sequence[Model]) -> list[SecondUnitError]:
    """Adapters that were trained for another family than the base."""
    families = {str(model.facts.get("family", "")) for model in models[:1]}
    return [
        ModelMissing(
            f"{model.name} was trained for {model.facts['family']}, and {models[0].name} is"
            f" {models[0].facts.get('family')}",
            hint="Leave it out, or use a base of its family.",
            data={"model": model.name},
        )
        for model in models[1:]
        if model.kind is ModelKind.adapter
        and model.facts.get("family")
        and model.facts["family"] not in families
    ]


def _unread(models: Sequence[Model], card: Card | WorkflowCard | None) -> list[SecondUnitError]:
    """Adapters in a format that the base's card does not take."""
    taken = card.adapters.formats if card else ()
    return [
        ModelMissing(
            f"{model.name} is written in the format {model.facts['format']}, and {models[0].name}"
            f" takes {' and '.join(taken) or 'none'}",
            hint="Leave it out, or convert it.",
            data={"model": model.name},
        )
        for model in models[1:]
        if model.facts.get("format") and model.facts["format"] not in taken
    ]
