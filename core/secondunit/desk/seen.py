"""Answers to findings of a cut: what a person must say, and what is never accepted in one go."""

from __future__ import annotations

from secondunit_bridge.errors import FieldError, NameMissing
from secondunit_bridge.film import Outcome, Waiver
from secondunit_bridge.wire import plain

from ..ledger import Draft
from .people import named, reasoned

# What can hurt a viewer, and what was promised to be untouched: each is looked at by itself.
ONE_BY_ONE = ("pse", "plate.integrity")


def alone(waiver: Waiver) -> bool:
    """It accepts what may only be accepted by itself."""
    return waiver.answer.accepts and waiver.seen is not None and waiver.seen.check in ONE_BY_ONE


def answer_draft(waiver: Waiver) -> Draft:
    """The ledger entry of an answer to a finding of a cut. Raises NameMissing, FieldError."""
    seen = waiver.seen
    if seen is None or not seen.shots or not waiver.finding:
        raise FieldError("Waiver.seen: expected the shots that the finding is about")
    by = named(waiver.by, "an answer")
    reasoned(waiver.reason, "an answer")
    if seen.outcome is Outcome.stop and waiver.answer.accepts and not waiver.role.strip():
        raise NameMissing(
            "accepting a stop needs the person's role in the production",
            hint="Say it, for example: --role 'script supervisor'.",
            data={"finding": waiver.finding},
        )
    return Draft("answer", waiver.finding, plain(waiver), by=by)
