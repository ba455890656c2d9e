"""What shooting a take again would take, and every option that its generator has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from secondunit_bridge.estimating import HERE, plan_said
from secondunit_bridge.film import Option
from secondunit_bridge.saying import sentence


def planned(plan: Mapping[str, Any], takes: int) -> dict[str, Any]:
    """A plan of so many takes as the page tells it: ``says`` and ``refusals`` are sentences."""
    said = plan_said({**plan, "refusals": []}, takes)
    return {
        "says": [one for one in said if one != HERE],
        "refusals": [sentence(str(one)) for one in plan.get("refusals", ())],
        "options": [
            {**one, "kind": _kind(one), "sentence": sentence(one["sentence"])}
            for one in plan.get("declared", ())
        ],
    }


def _kind(option: Mapping[str, Any]) -> str:
    """How a person sets it. A browser cannot tell 1.0 from 1, so it is said here."""
    default: Option = option["default"]
    if option.get("choices"):
        return "choice"
    if isinstance(default, bool):
        return "switch"
    if isinstance(default, str):
        return "words"
    return "whole" if isinstance(default, int) else "number"
