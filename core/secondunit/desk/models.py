"""Registered models: added and cleared by people, and what stands against using them.

The ledger is the truth; what is held here follows from it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from secondunit_bridge.errors import (
    CardWrong,
    FieldError,
    Locked,
    ModelMissing,
    ModelUntrusted,
    RightsRefused,
    SecondUnitError,
    SetupError,
    UnknownId,
)
from secondunit_bridge.film import Clearance, Model, ModelKind, Turnover
from secondunit_bridge.wire import Message, plain, typed

from ..ledger import Draft
from ..plugins import Plugins
from ..settings import Settings
from .asks import words_of
from .listing import page_of
from .people import Book, Client, Reply, named, reasoned

if TYPE_CHECKING:
    from ..models.card import Card
    from ..models.shelf import Shelf
    from ..models.workflow_card import WorkflowCard

NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
MAX_MODEL = 2 << 20  # bytes of a model as JSON: it is told to every host, in one message


class Models:
    """Weights on this machine that a person has registered."""

    def __init__(self, book: Book, plugins: Plugins, settings: Settings) -> None:
        self._book, self._plugins, self._settings = book, plugins, settings
        self._held = {model.name: model for model in book.views.models()}
        self._read: Shelf | None = None
        plugins.meet(tuple(self._held.values()))

    def models(self, client: Client, message: Message) -> Reply:
        """Every registered model by name, as it is now; after a name when given."""
        after = words_of(message.body, "after")["after"]
        return page_of("models", [plain(self._held[n]) for n in sorted(self._held) if n > after])

    def add_model(self, client: Client, message: Message) -> Reply:
        """Register weights that the asker has scanned; the newest entry of a name counts."""
        model = replace(typed(Model, message.body), clearances=())
        by = named(model.by, "adding a model")
        self._sound(model)
        before = self._held.get(model.name)
        self._book.write_once(Draft("model", model.name, plain(model), by=by))
        model = replace(model, clearances=before.clearances if before else ())
        return self._now(model)

    def clear_model(self, client: Client, message: Message) -> Reply:
        """A person says that a model's licence covers this production."""
        body = message.body if isinstance(message.body, dict) else {}
        model = self._model(words_of(body, "name")["name"])
        clearance = typed(Clearance, body.get("clearance"), "clearance")
        by = named(clearance.by, "clearing a licence")
        reasoned(clearance.reason, "clearing a licence")
        _dated(clearance)
        from ..models.licences import digest_of

        there = digest_of(model)
        if clearance.licence != model.licence or clearance.weights not in ("", there):
            raise Locked(
                f"{model.name} came with other terms or other weights meanwhile",
                hint="Look at it again with `secondunit models list`, then clear it.",
            )
        clearance = replace(clearance, weights=there)
        self._book.write_once(Draft("clearance", model.name, plain(clearance), by=by))
        known = clearance in model.clearances
        return self._now(model if known else _with(model, clearance))

    def needed(self, turnover: Turnover) -> tuple[Model, ...]:
        """The base that the generator runs, then the adapters asked for, as they are registered.

        Raises ModelMissing for one that is not registered.
        """
        generator = self._plugins.generators.get(turnover.generator)
        if generator is None or not generator.about.models:
            return ()
        from ..models.adapters import worn

        adapters = worn(turnover.options)
        for name in (*generator.about.models, *adapters):
            wanted = ModelKind.adapter if name in adapters else ModelKind.base
            if name not in self._held or self._held[name].kind is not wanted:
                there = [m.name for m in self._held.values() if m.kind is wanted]
                raise ModelMissing(
                    f"no {wanted.value} model called {name!r:.80} is registered",
                    hint=f"There are: {', '.join(sorted(there)) or 'none'}."
                    " Register it with: secondunit models add",
                    data={"model": name},
                )
        return tuple(self._held[name] for name in (*generator.about.models, *adapters))

    def against(self, turnover: Turnover) -> tuple[SecondUnitError, ...]:
        """What stands against this turnover: weights that are gone, terms that forbid it.

        Files are looked at, not read. Without models there is nothing.
        """
        found: list[SecondUnitError] = []
        try:
            models = self.needed(turnover)
            for model in models:
                found += self._switched_off(model)
                found += self._absent(model)
                found += self._forbidden(model)
            found += _misfits(models) + _unread(models, self._card(models[0]) if models else None)
        except (ModelMissing, CardWrong) as error:
            found.append(error)
        return tuple(found)

    def notices(self, turnover: Turnover) -> tuple[str, ...]:
        """What a person should know before the take: credits to show, who cleared what."""
        from ..models import licences

        said: list[str] = []
        for model in self.needed(turnover):
            card = self._card(model)
            said += licences.notices(model, card.licence if card else None)
            if card and card.digest != model.card_digest:
                said.append(f"{model.name}: its card {card.name} was changed since it was added.")
        return tuple(said)

    def _shelf(self) -> Shelf:
        """The cards as they lie there now: the studio may have changed one meanwhile."""
        from ..models.shelf import Shelf

        if self._read is None or self._read.stale:
            self._read = Shelf(self._settings.home)
        return self._read

    def _card(self, model: Model) -> Card | WorkflowCard | None:
        from ..models.workflow_card import card_of, is_workflow

        if is_workflow(model):
            return card_of(model)
        return self._shelf().card(model.card) if model.card else None

    def _switched_off(self, model: Model) -> list[SecondUnitError]:
        from ..models.workflow_card import SWITCH, is_workflow, switched_off

        if self._settings.comfyui or not is_workflow(model):
            return []
        return [SetupError(switched_off(model.name), hint=SWITCH, data={"model": model.name})]

    def _absent(self, model: Model) -> list[SecondUnitError]:
        from ..models.presence import absent

        problem = absent(model)
        return [problem] if problem else []

    def _forbidden(self, model: Model) -> list[SecondUnitError]:
        from ..models import licences

        use = licences.use_of(self._settings)
        card = self._card(model)
        return [
            RightsRefused(no.says, hint=no.way, data={"model": model.name, "clause": no.clause})
            for no in licences.refusals(model, card.licence if card else None, use)
        ]

    def _sound(self, model: Model) -> None:
        """Raises what is wrong with a model that is to be registered."""
        from ..models.scan import within

        if not NAME.fullmatch(model.name):
            raise FieldError(f"Model.name: {model.name!r:.80} is not a plain lower-case word")
        held = self._held.get(model.name)
        if held is None and model.name in self._plugins.generators:
            raise Locked(
                f"{model.name} is the name of a generator already",
                hint="Give the model another one with --name.",
            )
        if held is not None and held.kind is not model.kind:
            raise Locked(
                f"{model.name} is registered as a model of another kind ({held.kind.value})",
                hint="Give this one another name with --name.",
            )
        if not model.files:
            raise ModelUntrusted(f"{model.name} names no files", hint="Use: secondunit models add")
        for place in (model.path, *model.parts.values()):
            within(Path(place), self._settings.model_roots)
        if model.kind is ModelKind.base:
            self._carded(model)
        for problem in self._absent(model):
            raise problem

    def _carded(self, model: Model) -> None:
        """Raises CardWrong when the card of a base model is not there, or not what it says."""
        from ..models.workflow_card import is_workflow, registered_pair

        if is_workflow(model):
            registered_pair(model)
        else:
            self._shelf().card(model.card)

    def _model(self, name: str) -> Model:
        if name not in self._held:
            raise UnknownId(
                f"there is no model called {name!r:.80}",
                hint="There are: " + (", ".join(sorted(self._held)) or "none") + ".",
            )
        return self._held[name]

    def _now(self, model: Model) -> Reply:
        self._held[model.name] = model
        self._plugins.meet((model,))
        return Reply({"model": plain(model)})


def _with(model: Model, clearance: Clearance) -> Model:
    return replace(model, clearances=(*model.clearances, clearance))


def _dated(clearance: Clearance) -> None:
    try:
        if clearance.until:
            date.fromisoformat(clearance.until)
    except ValueError as error:
        raise FieldError(
            f"Clearance.until: {clearance.until!r:.40} is not a day",
            hint="Write it as 2027-03-31.",
        ) from error
    for code in clearance.territories:
        if not re.fullmatch(r"[A-Z]{2}", code):
            raise FieldError(
                f"Clearance.territories: {code!r:.20} is not a code of two letters",
                hint="For example: --territory US --territory GB.",
            )


def _misfits(models: tuple[Model, ...]) -> list[SecondUnitError]:
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


def _unread(models: tuple[Model, ...], card: Card | WorkflowCard | None) -> list[SecondUnitError]:
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
