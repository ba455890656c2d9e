"""The rights register as the page shows it: each row's state today, what lapses, what used it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..rights import Asset, Consent, Declaration, Register
from ..rights.rows import QUESTIONS

AHEAD = 30  # days
REFERENCE = "reference"
Uses = dict[str, list[dict[str, Any]]]
"""By id of an asset, where it was used."""


@dataclass(frozen=True)
class Ran:
    """A take ran these weights: name, sha256 of each file, sha256 of the numbers in them.

    Or it was made from this picture, where ``kind`` says so.
    """

    guid: str
    shot: str
    take: int
    version: str
    name: str
    files: tuple[str, ...]
    tensors: str = ""
    kind: str = ""
    seen: str = ""  # address of a picture of it
    frames: int = 0  # that were handed over

    def plain(self) -> dict[str, Any]:
        """Where it was used."""
        return {"guid": self.guid, "shot": self.shot, "take": self.take, "version": self.version}


def told(register: Register, ran: Iterable[Ran], today: date) -> dict[str, Any]:
    """Assets, consents, waivers and declarations as JSON, with what ends within ``AHEAD`` days."""
    uses, unwritten, seen = _uses(register, ran)
    covered = {one.id: _covered(one, register) for one in register.consents}
    by_consent = {id_: [u for asset in ids for u in uses.get(asset, ())]
                  for id_, ids in covered.items()}  # fmt: skip
    where = {"asset": uses, "consent": by_consent, "waiver": {
        one.id: uses.get(one.asset, []) for one in register.waivers
    }}  # fmt: skip
    return {
        "assets": [
            *(_asset(one, register, uses.get(one.id, ()), today) | seen.get(one.id, {})
              for one in register.assets),
            *(_asset(Asset(name, REFERENCE, name, most=""), register, used, today) | seen[name]
              for name, used in sorted(unwritten.items())),
        ],
        "consents": [
            _consent(one, covered[one.id], by_consent[one.id], today) for one in register.consents
        ],
        "waivers": [
            {"id": one.id, "rule": one.rule, "asset": one.asset, "by": one.by, "role": one.role,
             "reason": one.reason, "until": one.until,
             "state": "lapsed" if one.until < str(today) else "cleared"}
            for one in register.waivers
        ],
        "declarations": [_declaration(row) for row in register.rows.values()
                         if isinstance(row, Declaration)],
        "lapses": [
            {"what": one.what, "id": one.id, "on": one.on, "past": one.on < str(today),
             "left": (date.fromisoformat(one.on) - today).days, "sentence": one.sentence,
             "uses": where[one.what].get(one.id, [])}
            for one in register.lapses(today, AHEAD)
        ],
        "ahead": AHEAD,
    }  # fmt: skip


def state_of(asset: Asset, today: date) -> str:
    """Where an asset stands: its status, or ``lapsed`` once its last day has passed."""
    lapsed = asset.not_after and asset.not_after < str(today)
    return "lapsed" if lapsed and asset.status == "cleared" else asset.status


def consent_state(consent: Consent, today: date) -> str:
    """Where a consent stands in one word: the hardest that holds of it today."""
    day = str(today)
    if consent.revoked and consent.revoked <= day:
        return "revoked"
    if consent.strike_hold:
        return "hold"
    whole = consent.signed and consent.instrument and consent.performer and consent.projects
    if not whole or (consent.minor and not consent.guardian):
        return "unsigned"
    return "lapsed" if consent.not_after and consent.not_after < day else "cleared"


def _uses(register: Register, ran: Iterable[Ran]) -> tuple[Uses, Uses, dict[str, dict[str, Any]]]:
    """Where each asset was used, and each reference that nobody wrote a row on, by its name; and
    of references how they look and how many frames they are, by id or name."""
    found: Uses = {}
    unwritten: Uses = {}
    seen: dict[str, dict[str, Any]] = {}
    for one in ran:
        picture = one.kind == REFERENCE  # a name alone says nothing of a picture, as for the gate
        known = not picture or one.files
        asset = register.asset(one.files, one.tensors, one.name) if known else None
        rows = found.setdefault(asset.id, []) if asset else unwritten.setdefault(one.name, [])
        if (asset or picture) and one.plain() not in rows[-1:]:
            rows.append(one.plain())
        if picture:
            seen[asset.id if asset else one.name] = {"seen": one.seen, "frames": one.frames}
    return found, {name: rows for name, rows in unwritten.items() if rows}, seen


def _covered(consent: Consent, register: Register) -> list[str]:
    return sorted({one.asset for one in register.bindings if one.consent == consent.id})


def _asset(
    one: Asset, register: Register, uses: Sequence[Mapping[str, Any]], today: date
) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "name": one.name,
        "licence": one.licence,
        "state": state_of(one, today),
        "most": one.most,
        "likeness": one.likeness,
        "training": one.training,
        "until": one.not_after,
        "projects": list(one.projects),
        "reason": one.reason or one.forbids,
        "entry": register.numbers.get(("asset", one.id), 0),  # 0: nobody wrote a row of its own
        "consents": [consent.id for consent in register.bound(one.id)],
        "uses": list(uses),
    }


def _consent(
    one: Consent, covers: Sequence[str], uses: Sequence[Mapping[str, Any]], today: date
) -> dict[str, Any]:
    return {
        "id": one.id,
        "performer": one.performer,
        "kind": one.kind,
        "scope": one.scope,
        "state": consent_state(one, today),
        "signed": one.signed,
        "until": one.not_after,
        "territories": list(one.territories),
        "covers": list(covers),
        "uses": list(uses),
    }


def _declaration(one: Declaration) -> dict[str, Any]:
    pairs = zip(QUESTIONS, one.answers, strict=True)
    return {
        "project": one.id,
        "by": one.by,
        "role": one.role,
        "signed": one.signed,
        "whole": one.answered,
        "answers": [{"asked": question, "said": answer} for question, answer in pairs],
    }
