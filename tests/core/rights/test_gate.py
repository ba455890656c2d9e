"""The gate: twelve rules for three classes, who may waive, and what a refusal says."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from secondunit.rights import (
    Asset,
    Binding,
    Consent,
    Policy,
    Reference,
    Register,
    Use,
    Used,
    Waiver,
    evaluate,
)
from secondunit.rights.gate import MATRIX, NEVER_WAIVED
from secondunit.rights.rows import CLASSES, table_of

TODAY = date(2026, 11, 22)
HERO = Asset("hero", "lora", "Hero", files=("aa",), licence="LicenseRef-1", commercial="yes",
             training="licensed", status="cleared")  # fmt: skip
FACE = replace(HERO, likeness="person")
SIGNED = Consent("c1", "P-1", "employment_replica", projects=("HAL",), signed="2026-01-02",
                 instrument="bb", territories=("US", "GB"), not_after="2027-01-01")  # fmt: skip
BOUND = Binding("b1", "hero", "c1")
USE = Use("final", "HAL", "Ada", models=(Used("hero", ("aa",)),))
STILL = Asset("still", "reference", "A still", files=("cc",), status="cleared", commercial="yes")


def register(*rows: Any) -> Register:
    return Register({(table_of(row), row.id): row for row in rows})


def rules(use: Use, *rows: Any, today: date = TODAY) -> set[str]:
    return {one.rule for one in evaluate(use, register(*rows), Policy(), today)}


def refers(**more: Any) -> Use:
    return replace(USE, models=(), references=(Reference("a still", **more),))


# What plants each rule: the rows, and the use.
PLANTED: dict[str, tuple[tuple[Any, ...], Use]] = {
    "R1": ((), USE),
    "R2": ((replace(HERO, commercial="unknown"),), USE),
    "R3": ((replace(HERO, commercial="no"),), USE),
    "R4": ((replace(HERO, not_after="2026-11-21"),), USE),
    "R5": ((replace(HERO, deny=("CN",)),), replace(USE, territories=("US", "CN"))),
    "R6": ((FACE,), USE),
    "R7": ((FACE, replace(SIGNED, revoked="2026-05-05"), BOUND), USE),
    "R8": ((replace(HERO, training="undisclosed"),), USE),
    "R9": ((), refers(file="cc")),
    "R10": ((STILL,), refers(file="cc", credential="Invalid")),
    "R11": ((HERO,), replace(USE, declared=False)),
    "R12": ((HERO,), replace(USE, egress=True)),
}


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("rule", MATRIX)
def test_each_rule_is_as_hard_as_the_matrix_says_for_each_class(rule: str, kind: str):
    rows, use = PLANTED[rule]
    found = evaluate(replace(use, kind=kind), register(*rows), Policy(), TODAY)
    level = MATRIX[rule][CLASSES.index(kind)]
    assert [(one.rule, one.level.value) for one in found] == (
        [] if level == "allow" else [(rule, level)]
    )
    assert all(one.text and one.remedy and one.stops == (level == "block") for one in found)


def test_what_is_cleared_and_consented_passes_as_final():
    use = replace(USE, territories=("US",), deliver="2026-12-01", term="2026-12-31")
    assert rules(use, FACE, SIGNED, BOUND) == set()
    assert rules(refers(file="cc"), STILL) == set()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"projects": ("OTHER",)}, "R6"), ({"projects": ()}, "R6"), ({"performer": ""}, "R6"),
        ({"territories": ("GB",)}, "R6"), ({"signed": ""}, "R6"),
        ({"instrument": ""}, "R6"), ({"not_after": "2026-11-21"}, "R6"),
        ({"not_before": "2026-11-23"}, "R6"), ({"strike_hold": True}, "R7"),
        ({"minor": True}, "R7"), ({"revoked": "2026-11-22"}, "R7"),
    ],
)  # fmt: skip
def test_a_consent_that_does_not_cover_the_use_stops_even_a_previs(change: dict, rule: str):
    use = replace(USE, kind="previs", territories=("US",))
    found = evaluate(use, register(FACE, replace(SIGNED, **change), BOUND), Policy(), TODAY)
    assert [(one.rule, one.stops) for one in found] == [(rule, True)]
    assert "c1" in found[0].text
    assert rules(use, FACE, replace(SIGNED, minor=True, guardian=True), BOUND) == set()


def test_of_two_people_in_one_adapter_each_must_have_agreed():
    second = replace(SIGNED, id="c2", performer="P-2")
    both = (FACE, SIGNED, BOUND, Binding("b2", "hero", "c2"))
    assert rules(USE, *both, second) == set()
    assert rules(USE, *both, replace(second, revoked="2026-05-05")) == {"R7"}
    renewed = replace(second, performer="P-1", not_after="2025-01-01")  # an old paper of the first
    assert rules(USE, *both, renewed) == set()


@pytest.mark.parametrize(
    ("change", "use", "rule"),
    [
        ({"not_after": "2026-11-30"}, {"deliver": "2026-12-01"}, "R4"),
        ({"not_after": "2026-12-30"}, {"deliver": "2026-12-01", "term": "2030-01-01"}, "R4"),
        ({"not_before": "2026-12-30"}, {}, "R4"),
        ({"allow": ("US",)}, {"territories": ("FR",)}, "R5"),
        ({"projects": ("OTHER",)}, {}, "R3"), ({"most": "temp"}, {}, "R3"),
        ({"forbids": "no weapons"}, {}, "R3"), ({"status": "withdrawn"}, {}, "R7"),
        ({"status": "blocked"}, {}, "R3"), ({"status": "draft"}, {}, "R2"),
    ],
)  # fmt: skip
def test_scope_and_dates_of_an_adapter_are_kept(change: dict, use: dict, rule: str):
    assert rules(replace(USE, **use), replace(HERO, **change)) == {rule}


def test_an_adapter_is_known_by_its_numbers_when_its_metadata_was_edited_and_by_nothing_else():
    tuned = replace(HERO, tensors="dd")
    assert rules(replace(USE, models=(Used("renamed", ("ee",), "dd"),)), tuned) == set()
    assert rules(replace(USE, models=(Used("hero", ("ee",), "ff"),)), tuned) == {"R1"}


def test_metadata_that_speaks_of_a_person_stops_until_somebody_says_who_that_is():
    use = replace(USE, kind="previs", models=(Used("hero", ("aa",), suspected=True),))
    assert "R6" in rules(use)
    assert "R6" in rules(use, replace(HERO, status="draft"))
    assert rules(use, HERO) == set()


def waiver(rule: str = "R8", **more: Any) -> Waiver:
    made = Waiver("w", rule, "hero", "seen by counsel", "legal", "Lou", "2026-12-31")
    return replace(made, **more)


@pytest.mark.parametrize(
    ("given", "stops"),
    [
        (waiver(), False), (waiver(role="producer"), False), (waiver(role="artist"), True),
        (waiver(by=" ada"), True), (waiver(until="2026-11-21"), True), (waiver(rule="R2"), True),
        (waiver(asset="other"), True),
    ],
)  # fmt: skip
def test_only_a_producer_or_a_lawyer_who_did_not_ask_waives_and_only_that_until_then(given, stops):
    unknown = replace(HERO, training="undisclosed")
    (found,) = evaluate(USE, register(unknown, given), Policy(), TODAY)
    assert found.stops is stops
    assert ("Lou" in found.waived) is not stops


@pytest.mark.parametrize("rule", NEVER_WAIVED)
def test_nobody_consents_for_another(rule: str):
    rows, use = PLANTED[rule]
    asset = "HAL" if rule == "R12" else "hero"
    found = evaluate(use, register(*rows, waiver(rule, asset=asset)), Policy(), TODAY)
    assert all(one.stops for one in found if one.rule == rule)


def test_the_gate_answers_within_a_millisecond_for_fifty_assets():
    many = [replace(HERO, id=f"a{n}", files=(f"f{n}",)) for n in range(50)]
    known = register(*many, FACE, SIGNED, BOUND)
    began = time.process_time()
    for _ in range(50):
        evaluate(USE, known, Policy(), TODAY)
    assert (time.process_time() - began) / 50 < 0.001
