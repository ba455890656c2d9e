"""Whether the terms of a model let this production use it: a pure function, and what we know.

Facts read at the sources that the cards name; none of it is legal advice, and a person decides by
clearing a licence with name and reason. A clearance counts for the terms it was given for only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from secondunit_bridge.film import Clearance, Model, ModelLicence

from ..settings import Settings
from .card import Terms
from .pasted import clear

# Member states (Treaty on European Union, consolidated 2020).
EU = frozenset(
    (
        *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE"),
        *("IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
    )
)

NO_LICENCE = "none"  # the identifier of what came without one
ANEW = "Settings are read when the daemon starts; to start it anew: secondunit daemon stop"
_ORDER = ("allow", "acknowledge", "block")


def _known(id: str, name: str, commercial: str, **more: object) -> Terms:
    source = str(more.pop("source", "the licence's own text"))
    terms = Terms(id, name, commercial, source, "yes" if commercial == "allow" else "verify")
    return replace(terms, **more)  # type: ignore[arg-type]  # fields of Terms, by name


# What can be said of a licence by its identifier alone, lower case. Others need a person.
KNOWN = {
    terms.id.lower(): terms
    for terms in (
        _known("Apache-2.0", "Apache License 2.0", "allow"),
        _known("MIT", "MIT License", "allow"),
        _known("CC0-1.0", "Creative Commons Zero", "allow"),
        _known("CC-BY-4.0", "Creative Commons Attribution 4.0", "allow", must_show="the author"),
        _known("CC-BY-NC-4.0", "Creative Commons Attribution-NonCommercial 4.0", "block"),
        _known("CreativeML-OpenRAIL-M", "CreativeML Open RAIL-M", "acknowledge"),
        _known("openrail++", "CreativeML Open RAIL++-M", "acknowledge"),
        _known("flux-1-dev-non-commercial-license", "FLUX.1 [dev] Non-Commercial", "block"),
        _known("flux-non-commercial-license", "FLUX Non-Commercial", "block"),
        _known(
            "LicenseRef-LTX-Community",
            "LTX Community Licence",
            "acknowledge",
            revenue_cap_usd=10_000_000,
        ),
        _known(
            "tencent-hunyuan-community",
            "Tencent Hunyuan Community Licence",
            "block",
            territories_excluded=("EU", "GB", "KR"),
        ),
        _known("LicenseRef-CogVideoX", "CogVideoX License", "acknowledge"),
    )
}


@dataclass(frozen=True)
class Use:
    """What the production is, as its settings say.

    ``territories`` are ISO 3166 codes of where it works and delivers, empty when nobody said;
    ``revenue_usd`` is what the whole group earns in a year, below 0 when nobody said.
    """

    commercial: bool = True
    territories: tuple[str, ...] = ()
    revenue_usd: int = -1
    strict: bool = False  # only licences that need no clearance
    day: date | None = None  # None is today


def use_of(settings: Settings) -> Use:
    """What the settings say of the production."""
    return Use(
        commercial=settings.production_use == "commercial",
        territories=settings.production_territories,
        revenue_usd=settings.production_revenue_usd,
        strict=settings.licence_policy == "free",
    )


@dataclass(frozen=True)
class Refusal:
    """One clause that forbids the use, and what would open the way."""

    clause: str  # "commercial", "unread", "territory", "revenue", "expired", "policy"
    says: str
    way: str

    def __str__(self) -> str:
        return f"{self.says} {self.way}"


def terms_of(licence: ModelLicence, card: Terms | None) -> Terms:
    """The terms that count: the hardest of the card's, of what a person says, and of all claims.

    A claim alone grants nothing, and a licence nobody knows is one that a person must read.
    """
    own = [_told(id) for id in (licence.id, *licence.claims) if id or card is None]
    if card is not None:
        own = [card, *(terms for terms in own if terms.id.lower() != card.id.lower())]
    caps = [terms.revenue_cap_usd for terms in own if terms.revenue_cap_usd]
    excluded = {code for terms in own for code in terms.territories_excluded}
    hardest = max(own, key=lambda terms: _ORDER.index(terms.commercial))
    return (
        hardest
        if len(own) == 1
        else replace(
            hardest,
            territories_excluded=tuple(sorted(excluded)),
            revenue_cap_usd=min(caps, default=0),
            must_show="; ".join(dict.fromkeys(terms.must_show for terms in own if terms.must_show)),
        )
    )


def _told(id: str) -> Terms:
    """What can be said by an identifier alone."""
    return KNOWN.get(id.lower()) or Terms(
        id or NO_LICENCE, id or "no licence", "acknowledge", "nobody here has read it", "verify"
    )


def refusals(model: Model, card: Terms | None, use: Use) -> tuple[Refusal, ...]:
    """Every clause that forbids this use of the model; none when it may be used."""
    terms = terms_of(model.licence, card)
    day = use.day or date.today()
    given = given_for(model)
    valid = [c for c in given if not c.until or day <= date.fromisoformat(c.until)]
    found = _clauses(model.name, terms, use)
    if use.strict and valid and found:
        return (*found, _not_in_policy(model.name, terms))
    left = tuple(refusal for refusal in found if not _cleared(refusal, terms, valid, use))
    if left and given and not valid:
        return (_expired(model.name, given[-1]), *left)
    return left


def digest_of(model: Model) -> str:
    """One digest of all files of a model; empty when it names none."""
    told = "\n".join(sorted(f"{file.sha256} {file.path}" for file in model.files))
    return hashlib.sha256(told.encode()).hexdigest() if told else ""


def given_for(model: Model) -> list[Clearance]:
    """Clearances that hold for these terms, the newest last.

    Where the terms are not a known licence with its text, they hold for the same files only:
    nothing else says that other weights under the name came with the same terms.
    """
    certain = bool(model.licence.sha256) and model.licence.id.lower() in KNOWN
    there = digest_of(model)
    return [
        clearance
        for clearance in model.clearances
        if clearance.licence == model.licence and (certain or clearance.weights == there)
    ]


def notices(model: Model, card: Terms | None) -> tuple[str, ...]:
    """What the terms want shown, and who cleared them, for the plan and the credits."""
    terms = terms_of(model.licence, card)
    shown = (f"{model.name}, {terms.name}: {terms.must_show}",) if terms.must_show else ()
    cleared = given_for(model)[-1:]
    return shown + tuple(f"{model.name}: licence cleared by {c.by}: {c.reason}" for c in cleared)


def _clauses(name: str, terms: Terms, use: Use) -> tuple[Refusal, ...]:
    found = []
    if terms.commercial == "block" and use.commercial:
        says = f"{name}: {terms.name} forbids commercial use, and this production is commercial."
        way = f"Use another model; or buy a licence, and then: {clear(name)}"
        found.append(Refusal("commercial", says, way))
    elif terms.id == NO_LICENCE:
        says = f"{name}: no licence is recorded, so nobody knows what it may be used for."
        way = f"Find out what its maker allows; if that covers this production: {clear(name)}"
        found.append(Refusal("unread", says, way))
    elif terms.commercial != "allow":
        says = f"{name}: {terms.name} has conditions that nobody has cleared for this production."
        way = f"Read it ({terms.source}); if it covers this production: {clear(name)}"
        found.append(Refusal("unread", says, way))
    return (*found, *_territory(name, terms, use), *_revenue(name, terms, use))


def _territory(name: str, terms: Terms, use: Use) -> tuple[Refusal, ...]:
    excluded = _countries(terms.territories_excluded)
    if not excluded:
        return ()
    told = ", ".join(terms.territories_excluded)
    if not use.territories:
        says = f"{name}: {terms.name} does not hold in {told}, and nobody said where this is made."
        way = f"Set production_territories, for example to US. {ANEW}"
        return (Refusal("territory", says, way),)
    met = sorted(excluded & _countries(use.territories))
    if not met:
        return ()
    here = _briefly(met)
    says = f"{name}: {terms.name} does not hold in {told}; this production works in"
    says += f" {', '.join(here)}."
    way = f"Use another model; or get terms for {', '.join(here)}, and then: {clear(name, here)}"
    return (Refusal("territory", says, way),)


def _revenue(name: str, terms: Terms, use: Use) -> tuple[Refusal, ...]:
    cap = terms.revenue_cap_usd
    if not cap or 0 <= use.revenue_usd < cap:
        return ()
    free = f"{name}: {terms.name} is free for groups that earn less than {cap:,} US dollars a year"
    if use.revenue_usd < 0:
        says = f"{free}, and nobody said what this one earns."
        return (Refusal("revenue", says, f"Set production_revenue_usd. {ANEW}"),)
    way = f"Use another model; or buy a licence, and then: {clear(name)}"
    return (Refusal("revenue", f"{free}; this one earns more.", way),)


def _cleared(refusal: Refusal, terms: Terms, clearances: Sequence[Clearance], use: Use) -> bool:
    """A clearance opens every clause; a territory that is left out only when one names it."""
    if refusal.clause != "territory":
        return bool(clearances)
    wanted = _countries(use.territories) & _countries(terms.territories_excluded)
    named = _countries([code for c in clearances for code in c.territories])
    return bool(wanted) and wanted <= named


def _not_in_policy(name: str, terms: Terms) -> Refusal:
    return Refusal(
        "policy",
        f"{name}: it was cleared, and here only licences that need no clearance are used.",
        f"Use another model, or set licence_policy to cleared ({terms.name}). {ANEW}",
    )


def _expired(name: str, clearance: Clearance) -> Refusal:
    return Refusal(
        "expired",
        f"{name}: {clearance.by} cleared it until {clearance.until}.",
        f"Clear it anew: {clear(name)}",
    )


def _briefly(codes: Sequence[str]) -> list[str]:
    """The same countries; the Union by its own code where all of it is meant."""
    return (
        ["EU", *(code for code in codes if code not in EU | {"EU"})] if "EU" in codes else [*codes]
    )


def _countries(codes: Sequence[str]) -> frozenset[str]:
    named = {code.upper() for code in codes}
    return frozenset(named | (EU if "EU" in named else frozenset()))
