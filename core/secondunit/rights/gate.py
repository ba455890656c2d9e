"""The gate: twelve rules between a use and a class of delivery. A pure function of values.

Every refusal names the clause it rests on and the way out. A waiver opens a rule for one asset when
a producer or a lawyer signed it who is not the person that asks; consent cannot be waived at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from hashlib import sha256
from types import MappingProxyType

from .approving import plain_name
from .register import Register
from .rows import CLASSES, WAIVER_ROLES, Asset, Consent


class Level(Enum):
    """How hard a rule is."""

    allow = "allow"
    warn = "warn"
    block = "block"


# Rule: what it is, and how hard for previs, temp, final. The reasons are in docs/provenance.md.
_RULES = (
    ("R1", "its file is not registered", "warn", "block", "block"),
    ("R2", "its licence is not cleared", "warn", "warn", "block"),
    ("R3", "its terms forbid the use", "warn", "block", "block"),
    ("R4", "outside its dates", "warn", "block", "block"),
    ("R5", "not where it is delivered", "allow", "warn", "block"),
    ("R6", "a likeness without a consent that covers the use", "block", "block", "block"),
    ("R7", "withdrawn, revoked, on hold, or a minor without guardian", "block", "block", "block"),
    ("R8", "nobody says what it was trained on", "allow", "warn", "block"),
    ("R9", "a reference without clearance", "warn", "warn", "block"),
    ("R10", "an input is damaged, or another than recorded", "warn", "block", "block"),
    ("R11", "the buyer's declaration is missing", "allow", "warn", "block"),
    ("R12", "the run used the network", "block", "block", "block"),
)
MATRIX: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {rule: (previs, temp, final) for rule, _, previs, temp, final in _RULES}
)
CLAUSES: Mapping[str, str] = MappingProxyType({rule: clause for rule, clause, *_ in _RULES})
_KEY = 16  # digits of a sha256 that stand for a file without a row
NEVER_WAIVED = ("R6", "R7", "R12")


@dataclass(frozen=True)
class Used:
    """A model or adapter that a take runs, by its bytes."""

    name: str
    files: tuple[str, ...]
    tensors: str = ""
    suspected: bool = False  # its own metadata speaks of a person


@dataclass(frozen=True)
class Reference:
    """A picture from outside the production that a take is made from."""

    name: str
    file: str = ""  # sha256; empty when nobody read it
    credential: str = "none"  # Trusted, Valid, Invalid or none
    changed: bool = False  # it is not the file that the record speaks of


@dataclass(frozen=True)
class Use:
    """What is to be done, with what, for whom."""

    kind: str  # previs, temp or final
    project: str
    requested_by: str = ""
    models: tuple[Used, ...] = ()
    references: tuple[Reference, ...] = ()
    territories: tuple[str, ...] = ()
    deliver: str = ""  # day of the delivery; empty: today
    term: str = ""  # last day of what was sold; empty: no end is known
    declared: bool = True  # a declaration is there, or this is no delivery
    egress: bool = False


@dataclass(frozen=True)
class Policy:
    """How hard each rule is, and whether the network may be used."""

    matrix: Mapping[str, tuple[str, str, str]] = field(default_factory=lambda: MATRIX, hash=False)
    local_only: bool = True

    def level(self, rule: str, kind: str) -> Level:
        """How hard a rule is for a class of delivery."""
        return Level(self.matrix[rule][CLASSES.index(kind)])

    @property
    def sha256(self) -> str:
        """What the policy is called by in the ledger."""
        rows = "\n".join(f"{rule} {' '.join(row)}" for rule, row in sorted(self.matrix.items()))
        return sha256(f"{rows}\nlocal_only {self.local_only}".encode()).hexdigest()


@dataclass(frozen=True)
class Finding:
    """One rule that a use meets. ``waived`` names who answers for it; then it does not stop."""

    rule: str
    level: Level
    asset: str
    text: str
    remedy: str
    waived: str = ""

    @property
    def stops(self) -> bool:
        """It keeps the use from going on."""
        return self.level is Level.block and not self.waived


def evaluate(use: Use, register: Register, policy: Policy, today: date) -> tuple[Finding, ...]:
    """Every rule that the use meets and that is not allowed for its class, hardest first."""
    found = []
    for rule, asset, text, remedy in _met(use, register, policy, today):
        level = policy.level(rule, use.kind)
        if level is not Level.allow:
            by = _waived(rule, asset, use, register, today)
            found.append(Finding(rule, level, asset, text, remedy, by))
    return tuple(sorted(found, key=lambda one: (not one.stops, int(one.rule[1:]))))


Met = tuple[str, str, str, str]  # rule, asset, what is, what to do


def _met(use: Use, register: Register, policy: Policy, today: date) -> Iterator[Met]:
    for used in use.models:
        asset = register.asset(used.files, used.tensors, used.name)
        if asset is None:
            yield (
                "R1",
                _bytes_of(used.name, *used.files),
                f"{used.name}: nobody has registered these weights",
                f"secondunit rights add lora {used.name} --by NAME",
            )
            if used.suspected:
                yield _likeness(used.name, used.name)
            continue
        yield from _of_asset(asset, use, register, today)
        if used.suspected and asset.likeness == "none" and asset.status == "draft":
            yield _likeness(used.name, asset.id)
    for reference in use.references:
        yield from _of_reference(reference, use, register, today)
    if not use.declared:
        yield (
            "R11",
            use.project,
            "the buyer's five questions have not been answered",
            f"secondunit rights declare {use.project} --by NAME --role producer",
        )
    if use.egress and policy.local_only:
        yield (
            "R12",
            use.project,
            "the take was made with the network in use",
            "Shoot it again on a machine that keeps everything to itself.",
        )


def _bytes_of(name: str, *files: str) -> str:
    """What is called so without a row is waived by its bytes: a name may be anything's."""
    return next((digest[:_KEY] for digest in files if digest), name)


def _likeness(name: str, asset: str) -> Met:
    text = f"{name}: its own metadata speaks of a person, and no row says who that is"
    return "R6", name, text, f"secondunit rights add lora {asset} --set likeness=person --by NAME"


def _of_asset(asset: Asset, use: Use, register: Register, today: date) -> Iterator[Met]:
    clear = f"secondunit rights add {asset.kind} {asset.id} --set status=cleared --by NAME"
    name = asset.name
    if asset.status == "withdrawn":
        why = asset.reason or "no reason given"
        yield "R7", asset.id, f"{name} was withdrawn: {why}", "Shoot it again without it."
    if asset.status == "blocked":
        yield "R3", asset.id, f"{name} is blocked: {asset.reason or 'no reason given'}", clear
    if asset.status == "draft" or asset.commercial == "unknown":
        said = f"the licence of {name} ({asset.licence or 'none named'}) is not cleared"
        yield "R2", asset.id, said, clear
    if asset.commercial == "no" or asset.forbids:
        clause = asset.forbids or "its licence forbids commercial use"
        yield "R3", asset.id, f"{name}: {clause}", "Use another, or buy a licence."
    if asset.training in ("unknown", "undisclosed"):
        said = f"nobody says what {name} was trained on"
        yield "R8", asset.id, said, f"{clear} --set training=licensed; or a waiver"
    yield from _scope(asset, use, today, clear)
    if asset.likeness != "none":
        yield from _consented(asset, use, register, today)


def _scope(asset: Asset, use: Use, today: date, clear: str) -> Iterator[Met]:
    name = asset.name
    for words in _dates(asset.not_before, asset.not_after, use, today):
        yield "R4", asset.id, f"{name}: its right {words}", f"Renew it: {clear} --set not_after=DAY"
    if asset.projects and use.project not in asset.projects:
        said = f"{name} may be used for {', '.join(asset.projects)}, and this is {use.project}"
        yield "R3", asset.id, said, "Use another, or widen its right."
    if CLASSES.index(use.kind) > CLASSES.index(asset.most):
        said = f"{name} may go as far as {asset.most}, and this is {use.kind}"
        yield "R3", asset.id, said, "Use another, or widen its right."
    outside = _outside(asset.allow, asset.deny, use.territories)
    if outside:
        said = f"{name} may not be shown in {', '.join(outside)}"
        yield "R5", asset.id, said, f"Get its right for there: {clear} --set allow=CODE"


def _consented(asset: Asset, use: Use, register: Register, today: date) -> Iterator[Met]:
    bound = register.bound(asset.id)
    if not bound:
        yield (
            "R6",
            asset.id,
            f"{asset.name} is the likeness of a person, and no consent is bound to it",
            f"secondunit rights bind {asset.id} CONSENT --by NAME",
        )
        return
    for consents in register.people(asset.id):  # each of them must have agreed
        faults = [(one.id, list(_faults(one, use, today))) for one in consents]
        if all(found for _, found in faults):
            for id, found in faults:
                for rule, words, way in found:
                    yield rule, asset.id, f"{asset.name}: the consent {id} {words}", way


def _faults(consent: Consent, use: Use, today: date) -> Iterator[tuple[str, str, str]]:
    """What keeps a consent from covering the use: rule, words, way out."""
    again = "Get it anew, and: secondunit rights consent ID --by NAME"
    if consent.revoked and consent.revoked <= str(today):
        yield "R7", f"was revoked on {consent.revoked}", "Shoot it again without the likeness."
    if consent.strike_hold:
        yield "R7", "is on hold for a strike", "Wait until the hold is lifted."
    if consent.minor and not consent.guardian:
        yield "R7", "is of a minor, and no guardian has signed", again
    if not consent.signed or not consent.instrument:
        yield "R6", "is not signed, or its paper is not on file", again
    for words in _dates(consent.not_before, consent.not_after, use, today):
        yield "R6", words, again
    if not consent.performer:
        yield "R6", "does not say whose it is", f"{again} --performer WHO"
    if use.project not in consent.projects:  # a consent is given for a production, never for all
        told = (
            f"is for {', '.join(consent.projects)}" if consent.projects else "names no production"
        )
        yield "R6", f"{told}, and this is {use.project}", f"{again} --set projects={use.project}"
    outside = _outside(consent.territories, (), use.territories)
    if outside:
        yield "R6", f"does not hold in {', '.join(outside)}", again


def _of_reference(reference: Reference, use: Use, register: Register, today: date) -> Iterator[Met]:
    name, way = reference.name, "secondunit rights add reference ID --file FILE --by NAME"
    if reference.credential == "Invalid":
        yield (
            "R10",
            name,
            f"{name}: its content credential is broken, it was changed after it was signed",
            "Get the picture again from where it came.",
        )
    if reference.changed:
        yield (
            "R10",
            name,
            f"{name} is not the file that the take was made from",
            "Bring that file back, or shoot again.",
        )
    asset = register.asset((reference.file,)) if reference.file else None
    if asset is None or asset.status == "draft":
        said = f"nobody has cleared the reference {name}"
        key = asset.id if asset is not None else _bytes_of(name, reference.file)
        yield "R9", key, said, f"{way} --set status=cleared; or a waiver of {key}"
    if asset is not None:
        yield from (
            one for one in _of_asset(asset, use, register, today) if one[0] not in ("R2", "R8")
        )


def _dates(first: str, last: str, use: Use, today: date) -> Iterator[str]:
    """Why dates do not cover the use: now, on the day of delivery, and to the end of the term."""
    days = {"today": str(today), "on the day of delivery": use.deliver}
    for when, day in days.items():
        if day and first and day < first:
            yield (
                f"begins on {first}, after {when} ({day})"
                if when == "today"
                else (f"begins on {first}, later than it is delivered ({day})")
            )
            return
        if day and last and day > last:
            yield f"ended on {last}" if when == "today" else f"ends on {last}, before delivery"
            return
    if last and use.term and use.term > last:
        yield f"ends on {last}, before the term that was sold ends ({use.term})"


def _outside(allow: tuple[str, ...], deny: tuple[str, ...], wanted: tuple[str, ...]) -> list[str]:
    return [code for code in wanted if code in deny or (allow and code not in allow)]


def _waived(rule: str, asset: str, use: Use, register: Register, today: date) -> str:
    """Who answers for it; empty when nobody may or did."""
    if rule in NEVER_WAIVED:
        return ""
    asker = plain_name(use.requested_by)
    for waiver in register.waivers:
        named = waiver.rule == rule and waiver.asset == asset and waiver.role in WAIVER_ROLES
        valid = str(today) <= waiver.until and plain_name(waiver.by) != asker
        if named and valid:
            return f"{waiver.by} ({waiver.role}): {waiver.reason}"
    return ""
