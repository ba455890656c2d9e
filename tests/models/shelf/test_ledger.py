"""The ledger is the only place where models are registered: its views can be thrown away."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from secondunit.ledger import Draft, Ledger
from secondunit_bridge.film import Clearance, Model, ModelKind, ModelLicence
from secondunit_bridge.wire import plain


def test_models_and_clearances_are_the_same_when_the_views_are_made_again(tmp_path: Path):
    path = tmp_path / "ledger.sqlite"
    first = Model("b", ModelKind.base, "sd15", "", "/old", (), ModelLicence("MIT"), by="Ada")
    newer = replace(first, path="/new")
    other = replace(first, name="a", kind=ModelKind.adapter)
    given = Clearance("Grace", "read it", ModelLicence("MIT"))
    with closing(Ledger(path)) as ledger:
        for kind, name, value in (
            ("model", "b", first),
            ("clearance", "b", given),
            ("model", "a", other),
            ("model", "b", newer),
        ):
            ledger.record_all((Draft(kind, name, plain(value), by="Ada"),))
        told = ledger.views.models()
    assert told == (other, replace(newer, clearances=(given,)))
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("DROP TABLE model")
        raw.execute("DELETE FROM clearance")
        raw.commit()
    with closing(Ledger(path)) as ledger:
        assert ledger.views.models() == told
