"""What a take uses, as the gate asks it: its models, adapters and references, by their bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from hashlib import file_digest
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from secondunit_bridge.film import Element, Model, ModelKind, Role, Turnover

from ..models import licences
from ..models.card import Terms
from ..rights import (
    Asset,
    Declaration,
    Finding,
    Policy,
    Reference,
    Register,
    Use,
    Used,
    evaluate,
)

Look: TypeAlias = Callable[[Path], str]
_PERSON = "person"  # a word of modelspec.tags: the adapter was made of somebody
_LARGEST = 256 << 20  # bytes of a reference that is read to know it again
_PICTURES = ("reference", "stock")
_OWN = (Role.plate, Role.first, Role.last, Role.before, Role.after)


def use_of(
    turnover: Turnover,
    models: Sequence[Used],
    kind: str,
    register: Register,
    *,
    told: Mapping[str, Any] = MappingProxyType({}),
    look: Look | None = None,
) -> Use:
    """The use that a turnover makes. ``told`` is what the take's entry says of its record: the
    ``credentials`` and the sha256 (``files``) of what it was made from, by path, and ``egress``,
    where beyond this machine its stage connected to.

    References are read (``look``), to know them again, only when the register has any.
    """
    look = look or (digest_of if has_pictures(register) else _unread)
    return Use(
        kind=kind,
        project=turnover.shot.project,
        requested_by=turnover.artist,
        models=tuple(models),
        references=tuple(references(turnover, told, look)),
        egress=bool(told.get("egress", ())),
    )


def delivered_as(use: Use, declaration: Declaration | None) -> Use:
    """The same use as a delivery: where it goes and for how long, as somebody declared."""
    if declaration is None:
        return replace(use, declared=False)
    return replace(
        use,
        declared=declaration.answered,
        territories=declaration.territories,
        deliver=declaration.deliver,
        term=declaration.term,
    )


def gate(
    turnover: Turnover,
    taken: Mapping[str, Any],
    kind: str,
    register: Register,
    registered: Sequence[Model],
    by: str,
) -> tuple[Finding, ...]:
    """What the gate says of a take that is delivered as ``kind``, today: asked by whoever asked
    for the shot, or where nobody did, by who circled it (``by``). Every reference is read."""
    use = taken_use(turnover, taken, kind, register, registered, digest_of)
    use = replace(use, requested_by=turnover.artist or by)
    use = delivered_as(use, register.declaration(turnover.shot.project))
    return evaluate(use, register, Policy(), today())


def taken_use(
    turnover: Turnover,
    taken: Mapping[str, Any],
    kind: str,
    register: Register,
    registered: Iterable[Model],
    look: Look | None = None,
) -> Use:
    """The use that a take made, as its entry says: what it ran, read and connected to."""
    models, told = used_in(taken, registered), taken.get("generation", {})
    return use_of(turnover, models, kind, register, told=told, look=look)


def consents_of(taken: Mapping[str, Any], register: Register) -> tuple[str, ...]:
    """Ids of the consents that are bound to what a take ran."""
    ids = []
    for used in used_in(taken, ()):
        asset = register.asset(used.files, used.tensors, used.name)
        ids += [one.id for one in register.bound(asset.id)] if asset else []
    return tuple(dict.fromkeys(ids))


def used_models(models: Iterable[Model]) -> tuple[Used, ...]:
    """Registered models as the gate knows them."""
    return tuple(
        Used(
            model.name,
            tuple(file.sha256 for file in model.files),
            str(model.facts.get("tensors_sha256", "")),
            _PERSON in str(model.facts.get("tags", "")).casefold(),
        )
        for model in models
    )


def used_in(taken: Mapping[str, Any], registered: Iterable[Model]) -> tuple[Used, ...]:
    """The models that a take's entry names: the bytes it ran, whatever is registered now."""
    suspected = {one.name for one in used_models(registered) if one.suspected}
    return tuple(
        Used(
            str(one["name"]),
            tuple(digest for _, digest in one["files"]),
            str(one.get("tensors_sha256", "")),
            one["name"] in suspected,
        )
        for one in taken.get("models", ())
    )


def known_assets(
    models: Iterable[Model], terms: Mapping[str, Terms | None], use: licences.Use
) -> tuple[Asset, ...]:
    """Registered models as rows of the register, where no row of their own says more.

    What nobody has said of them stays unknown: a licence that needs no clearance is cleared, what
    a model was trained on is not disclosed.
    """
    return tuple(_asset(model, terms.get(model.name), use) for model in models)


def with_models(
    register: Register,
    models: Sequence[Model],
    terms: Mapping[str, Terms | None],
    use: licences.Use,
) -> Register:
    """The register, and what is known of models without a row."""
    return register.plus(known_assets(models, terms, use))


def _asset(model: Model, terms: Terms | None, use: licences.Use) -> Asset:
    refused = licences.refusals(model, terms, use)
    told = licences.terms_of(model.licence, terms)
    until = [one.until for one in licences.given_for(model)[-1:]]
    forbidden = terms is not None and told.commercial == "block" and bool(refused)
    return Asset(
        id=model.name,
        kind="lora" if model.kind is ModelKind.adapter else "model",
        name=model.name,
        files=tuple(file.sha256 for file in model.files),
        tensors=str(model.facts.get("tensors_sha256", "")),
        base=str(model.facts.get("base claimed", "")),
        licence=told.id,
        licence_text=model.licence.sha256,
        commercial="no" if forbidden else "unknown" if refused else "yes",
        training="undisclosed",
        not_after=until[0] if until else "",
        status="draft" if refused else "cleared",
    )


def references(turnover: Turnover, told: Mapping[str, Any], look: Look) -> list[Reference]:
    """Pictures from outside: a reference out of the footage that is cut is the production's own.
    Beside them anything else whose content credential is broken.

    ``told`` as in ``use_of``: the bytes that the take was made from count, whatever lies there now.
    ``look`` gives the sha256 of a file, empty when it is not known.
    """
    credentials, files = told.get("credentials", {}), told.get("files", {})
    found = [
        _reference(element.name, element.media.path, credentials, files, look)
        for _, element in outside(turnover)
    ]
    theirs = {element.media.path for _, element in outside(turnover)}
    return found + [
        Reference(Path(path).name, credential=word)
        for path, word in sorted(credentials.items())
        if word == "Invalid" and path not in theirs
    ]


def outside(turnover: Turnover) -> list[tuple[int, Element]]:
    """References that are no footage of the cut, with their places among the elements."""
    own = {one.media.path for one in turnover.elements if one.role in _OWN}
    return [
        (index, element)
        for index, element in enumerate(turnover.elements)
        if element.role is Role.reference and element.media.path not in own
    ]


def _reference(
    name: str, path: str, words: Mapping[str, str], files: Mapping[str, str], look: Look
) -> Reference:
    now, then = look(Path(path)) if path else "", files.get(path, "")
    return Reference(
        name or Path(path).name,
        then or now,
        words.get(path, "none"),
        changed=bool(now and then and now != then),
    )


def has_pictures(register: Register) -> bool:
    """Somebody wrote a row on a reference, so that files are worth reading to know them again."""
    return any(asset.kind in _PICTURES for asset in register.assets)


def digest_of(path: Path) -> str:
    """sha256 of a reference's file; empty for what is not one small file here."""
    try:
        if path.stat().st_size > _LARGEST:
            return ""
        with open(path, "rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _unread(_: Path) -> str:
    return ""


def today() -> date:
    """The day the gate judges by."""
    return date.today()
