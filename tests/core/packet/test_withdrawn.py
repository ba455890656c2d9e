"""A version stands in the packet as approved only while what it was made with may be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from paper_cut import gathered, rights
from secondunit.packet.gather import with_rights
from secondunit.rights import Asset, Register


@pytest.fixture
def taken(tmp_path: Path) -> Mapping[str, Any]:
    """What the ledger holds of a take that ran a model with an adapter."""
    return next(one.taken for one in gathered(tmp_path, 6, 4).made if one.taken["models"])


def withdrawn(name: str) -> Register:
    held = rights()
    rows = dict(held.rows)
    asset = rows["asset", name]
    assert isinstance(asset, Asset)
    rows["asset", name] = replace(asset, status="withdrawn", reason="the contract ended")
    return Register(rows)


@pytest.mark.parametrize("name", ["flux-dev", "hero"])
def test_a_model_or_an_adapter_that_was_withdrawn_is_said_of_what_it_made(taken, name: str):
    assert with_rights("approved", taken, withdrawn(name)) == "approved (rights withdrawn)"
    assert with_rights("final (stale)", taken, withdrawn(name)).endswith("(rights withdrawn)")


def test_what_stands_and_what_was_withdrawn_of_others_say_nothing(taken):
    assert with_rights("approved", taken, rights()) == "approved"
    assert with_rights("approved", taken, withdrawn("hero-scan")) == "approved"
