"""From a comp's plate to a version in it, rendered to EXR, with the plug-in and without."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from nuke_comp import Comp, bits, pixels
from plate_material import grown, matte, picture, written
from secondunit_bridge.unit import Unit

ZONE = 6


@pytest.fixture(scope="module")
def unit(daemon):
    with Unit.connect(host="nuke", start=False) as unit:
        yield unit


@pytest.fixture
def comp(nuke_fake, tmp_path):
    plates = tmp_path / "plates"
    plate = written(plates, "box", picture, suffix=".exr")
    roto = written(plates, "roto", lambda i: matte(i).repeat(3, axis=2), suffix=".exr")
    made = Comp.made(nuke_fake(), tmp_path / "comp", plate, roto)
    made.node["su_edge_zone"].setValue(ZONE)
    return made


def test_what_is_removed_comes_back_into_the_comp_and_nothing_else_moves(comp, unit, tmp_path):
    version = comp.shot(unit)
    comp.place(version)
    plate = comp.render(comp.plate, tmp_path / "of plate", 1001, 1006)
    final = comp.render(comp.node, tmp_path / "of comp", 1001, 1006)
    alone = comp.render(comp.version_alone(), tmp_path / "of version", 1001, 1006)
    for index in range(6):
        was, now, made = (pixels(one, 1001 + index) for one in (plate, final, alone))
        near = grown(matte(index), 2 * ZONE)
        inside = matte(index)[..., 0] > 0
        for name in "RGB":
            assert (bits(was, name) == bits(now, name))[~near].all()
            assert (bits(made, name) == bits(now, name))[inside].all()
            assert (bits(was, name) != bits(now, name))[inside].mean() > 0.9
    text = comp.fake.text()
    for name in [name for name in sys.modules if name.startswith("secondunit_nuke")]:
        sys.modules.pop(name)
    again = comp.again(text)
    bare = again.render(again.node, tmp_path / "without us", 1001, 1006)
    for number in range(1001, 1007):
        first, second = pixels(final, number), pixels(bare, number)
        assert first.keys() == second.keys()
        assert all((bits(first, name) == bits(second, name)).all() for name in first)
    assert np.isfinite(pixels(bare, 1003)["R"]).all()
