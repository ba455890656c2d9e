"""The pages for artists name every option of the generators without a model, and its default."""

from __future__ import annotations

from pathlib import Path

import pytest
from secondunit.generators.clean_plate import CleanPlate
from secondunit.generators.looks import Looks
from secondunit.generators.plate_in import PlateIn

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ((CleanPlate(), "plates"), (PlateIn(), "plates"), (Looks(), "looks"))


@pytest.mark.parametrize(("generator", "page"), PAGES)
def test_every_option_is_in_its_table_with_its_default(generator, page):
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    part = text.split(f"## `{generator.about.name}`")[1].split("\n## ")[0]
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
