"""The page for compositors names every option of the two plate generators, and its default."""

from __future__ import annotations

from pathlib import Path

import pytest
from secondunit.generators.clean_plate import CleanPlate
from secondunit.generators.plate_in import PlateIn

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plates.md"


@pytest.mark.parametrize("generator", [CleanPlate(), PlateIn()], ids=lambda one: one.about.name)
def test_every_option_is_in_its_table_with_its_default(generator):
    part = (
        PAGE.read_text(encoding="utf-8").split(f"## `{generator.about.name}`")[1].split("\n## ")[0]
    )
    rows = [row.split("|") for row in part.splitlines() if row.startswith("| `")]
    told = {row[1].strip(" `"): row[2].strip(" `") for row in rows}
    for option in generator.about.options:
        default = option.default
        if isinstance(default, bool):
            said = str(default).lower()
        elif isinstance(default, (int, float)):
            said = f"{default:g}"
        else:
            said = default or "empty"
        assert told[option.name] == said
    assert set(told) == {option.name for option in generator.about.options}
