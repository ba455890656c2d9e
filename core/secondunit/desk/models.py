"""Registered models: added, cleared and taken off the list by people; what a turnover needs.

The ledger is the truth; what is held here follows from it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from secondunit_bridge.errors import (
    FieldError,
    Locked,
    ModelMissing,
    ModelUntrusted,
    SecondUnitError,
    UnknownGenerator,
    UnknownId,
)
from secondunit_bridge.film import Clearance, Model, ModelKind, Turnover
from secondunit_bridge.wire import Message, plain, typed

from ..ledger import Draft
from ..plugins import Plugins
from ..rights import Asset
from ..settings import Settings
from .asks import words_of
from .disks import Disks
from .listing import page_of
from .people import Book, Client, Reply, named, reasoned
from .standing import Standing, sentence

NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
MAX_MODEL = 2 << 20  # bytes of a model as JSON: it is told to every host, in one message


class Models:
    """Weights on this machine that a person has registered."""

    def __init__(self, book: Book, plugins: Plugins, settings: Settings, disks: Disks) -> None:
        self._book, self._plugins, self._settings = book, plugins, settings
        self._held = {model.name: model for model in book.views.models()}
        self._standing = Standing(settings, disks)
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
        draft = Draft("model", model.name, plain(model), by=by)
        (self._book.write_once if before else self._book.write)(draft)
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
        if clearance in model.clearances:
            return self._now(model)  # the message came twice
        self._book.write(Draft("clearance", model.name, plain(clearance), by=by))
        return self._now(replace(model, clearances=(*model.clearances, clearance)))

    def remove_model(self, client: Client, message: Message) -> Reply:
        """Take a model off the list, by name and with a reason. Its files stay where they are."""
        words = words_of(message.body, "name", "by", "reason")
        name, by = words["name"], named(words["by"], "taking a model off the list")
        draft = Draft("removal", name, {"reason": reasoned(words["reason"], "it")}, by=by)
        if name in self._held or not self._book.says(draft):
            self._model(name)
            before = self._standing.baseless(self._held.values())
            self._book.write(draft)
            del self._held[name]
            self._plugins.forget(name)
        else:
            before = {}  # the message came twice
        left = [one for one in self._standing.baseless(self._held.values()) if one not in before]
        return Reply({"left": left})

    def model_refusals(self, client: Client, message: Message) -> Reply:
        """What stands against each registered model now, in the sentences of a plan."""
        alone = self._standing.baseless(self._held.values())
        return Reply(
            {
                "against": {
                    name: [*map(sentence, self._standing.alone(model)), *_of(alone, name)]
                    for name, model in sorted(self._held.items())
                }
            }
        )

    @property
    def held(self) -> tuple[Model, ...]:
        """Every registered model."""
        return tuple(self._held.values())

    def known(self) -> tuple[Asset, ...]:
        """Registered models as rows of the rights register, for those that have none there."""
        from ..models.licences import use_of
        from ..packet.uses import known_assets

        shelf, use = self._standing.shelf, use_of(self._settings)
        cards = {one.name: shelf.card(one.card) for one in self.held if one.card in shelf}
        terms = {name: card.licence for name, card in cards.items()}
        return known_assets(self.held, terms, use)

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
                    " Add it with: secondunit models add DIR --by NAME",
                    data={"model": name},
                )
        return tuple(self._held[name] for name in (*generator.about.models, *adapters))

    def against(self, turnover: Turnover) -> tuple[SecondUnitError, ...]:
        """What stands against this turnover: weights that are gone, terms that forbid it.

        Files are looked at, not read. Without models there is nothing.
        """
        if turnover.generator not in self._plugins.generators:
            return (self.missing(turnover.generator),)
        try:
            return tuple(self._standing.against(self.needed(turnover)))
        except ModelMissing as error:
            return (error,)

    def notices(self, turnover: Turnover) -> tuple[str, ...]:
        """What a person should know before the take: credits to show, who cleared what."""
        return tuple(self._standing.notices(self.needed(turnover)))

    def missing(self, generator: str) -> UnknownGenerator:
        """No generator has that name: who took its model off the list, and which there are."""
        removals = self._book.entries(kind="removal", subject=generator)[-1:]
        gone = [
            f"Its model was taken off the list by {e.by}: {e.body['reason']}." for e in removals
        ]
        there = ", ".join(sorted(self._plugins.generators))
        return UnknownGenerator(
            f"there is no generator called {generator!r}",
            hint=" ".join([*gone, f"Installed: {there}."]),
        )

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
        problem = self._standing.absent(model)
        if problem:
            raise problem

    def _carded(self, model: Model) -> None:
        """Raises CardWrong when the card of a base model is not there, or not what it says."""
        from ..models.workflow_card import is_workflow, registered_pair

        if is_workflow(model):
            registered_pair(model)
        else:
            self._standing.shelf.card(model.card)

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


def _of(said: dict[str, str], name: str) -> list[str]:
    return [said[name]] if name in said else []


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
