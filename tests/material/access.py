"""What axe-core, the usual judge of access, says of a page as it stands."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from browser import Page

SERIOUS = ("serious", "critical")


def faults(page: Page, within: str = "") -> list[str]:
    """Its serious findings, a line each: what, and where. ``within`` is the part that is looked at;
    the whole page when empty. The test skips where the package with axe-core is missing.
    """
    return [_line(one) for one in _found(page, within) if one["impact"] in SERIOUS]


def _found(page: Page, within: str) -> list[dict[str, Any]]:
    pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
    if page.tell("typeof axe") == "undefined":
        page.tell(files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    part = f"document.querySelector({within!r})" if within else "document"
    page.tell(
        f"window.judged = null; void axe.run({part}, {{resultTypes: ['violations']}})"
        ".then((said) => { window.judged = said.violations })"
    )
    page.until("window.judged !== null")
    found: list[dict[str, Any]] = page.tell("window.judged")
    return found


def _line(one: dict[str, Any]) -> str:
    where = "; ".join(str(node["target"][0]) for node in one["nodes"][:4])
    why = one["nodes"][0].get("failureSummary", "").replace("\n", " ")
    return f"{one['impact']} {one['id']}: {one['help']} at {where}: {why}"
