"""The sliders in the panel are the options of the generator, and its page names every operator."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest
from secondunit.generators.looks.options import ABOUT, LOOKS
from secondunit_blender.panel import looks
from secondunit_bridge.errors import FieldError

ROOT = Path(__file__).resolve().parents[4]
PANEL = ROOT / "hosts/blender/secondunit_blender/panel"


def test_every_slider_is_an_option_with_its_default_and_limits():
    told = {one.name: (one.default, one.low, one.high) for one in ABOUT}
    for slider in looks.SLIDERS:
        assert told[slider.name] == (slider.default, slider.low, slider.high)
        assert set(slider.looks) <= set(LOOKS)
    unseen = {"look", "camera", "light"}  # chosen above the sliders; handed over with the passes
    assert set(told) - unseen == {slider.name for slider in looks.SLIDERS}


def test_the_looks_of_the_generator_are_the_first_in_the_list():
    rows = looks.choices(["looks", "clean_plate", "slate", "wan_previs"])
    assert [row[0] for row in rows] == [*LOOKS, "slate", "wan_previs"]


def test_only_sliders_that_were_moved_and_belong_to_the_look_are_asked():
    panel = SimpleNamespace(**{f"look_{one.name}": one.default for one in looks.SLIDERS})
    assert looks.moved(panel, "toon") == {}
    panel.look_line, panel.look_fog = 0.5, 0.9
    assert looks.moved(panel, "toon") == {"line": 0.5}
    assert looks.moved(panel, "graded") == {"fog": 0.9}


def test_options_are_read_as_what_they_are():
    told = looks.options("line=0.6, bands=4, tint=blue, raw=true")
    assert told == {"line": 0.6, "bands": 4, "tint": "blue", "raw": True}
    with pytest.raises(FieldError, match="loud"):
        looks.options("line=1, loud")


def operators():
    for path in PANEL.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "bl_idname":
                name = str(ast.literal_eval(node.value))
                if name.startswith("secondunit."):
                    yield name.partition(".")[2]


def test_every_operator_is_on_the_page_for_artists():
    page = (ROOT / "docs/blender.md").read_text(encoding="utf-8")
    found = list(operators())
    assert len(found) > 15
    assert not [name for name in found if f"`{name}`" not in page]
