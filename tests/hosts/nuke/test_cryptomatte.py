"""Objects of a Cryptomatte by name as the matte: shot, placed and rendered, with no node for it."""

from __future__ import annotations

from dataclasses import replace

import cryptomatte_material
import numpy as np
import OpenImageIO as oiio
import pytest
from cryptomatte_material import LAYER, edge, with_cryptomatte
from nuke_comp import LINEAR, Comp, bits, pixels
from plate_material import matte
from secondunit.generators.slate import Slate
from secondunit.media.open import open_footage
from secondunit.stage.mattes import matte_of
from secondunit.testing import ask
from secondunit_bridge.errors import MatteMissing
from secondunit_bridge.unit import Unit
from secondunit_nuke import node as nodes
from secondunit_nuke.collect.turnover import collect

LAST = 1003


@pytest.fixture(scope="module")
def unit(daemon):
    with Unit.connect(host="nuke", start=False) as unit:
        yield unit


@pytest.fixture(scope="module")
def render(tmp_path_factory):
    return with_cryptomatte(tmp_path_factory.mktemp("render"))


@pytest.fixture
def comp(nuke_fake, tmp_path, render):
    made = Comp.made(nuke_fake(), tmp_path / "comp", render, render, space=LINEAR)
    made.node.setInput(1, None)
    made.node["su_generator"].setValue("slate")
    made.node["su_edge_zone"].setValue(0)
    made.node["su_cryptomatte"].setValue("crate_hero")
    return made


def graded(comp):
    grade = comp.fake.nuke.nodes.Grade(name="Grade1")
    grade.setInput(0, comp.plate)
    grade["multiply"].setValue(1.5)
    comp.node.setInput(0, grade)
    return grade


def the_crate_alone_changed(comp, source, folder):
    """Outside the object the plate's bits, inside the version's."""
    was = comp.render(source, folder / "was", 1001, LAST)
    now = comp.render(comp.node, folder / "now", 1001, LAST)
    alone = comp.render(comp.version_alone(), folder / "alone", 1001, LAST)
    for index in range(LAST - 1000):
        before, after, made = (pixels(one, 1001 + index) for one in (was, now, alone))
        crate = matte(index)[..., 0] > 0
        for name in "RGB":
            assert (bits(before, name) == bits(after, name))[~crate].all()
            assert (bits(made, name) == bits(after, name))[crate].all()
            assert (bits(before, name) != bits(after, name))[crate & ~edge(index)].mean() > 0.9
    return now


def the_plate_is_kept(comp, source, folder):
    was = comp.render(source, folder / "was", 1002, LAST)
    now = comp.render(comp.node, folder / "now", 1002, LAST)
    for index in range(1, LAST - 1000):
        outside = matte(index)[..., 0] == 0
        before, after = pixels(was, 1001 + index), pixels(now, 1001 + index)
        assert (bits(before, "R") == bits(after, "R"))[outside].all()


def test_the_plates_own_object_is_replaced_and_the_script_renders_without_us(comp, unit, tmp_path):
    comp.place(comp.shot(unit, code="0010"))
    assert not comp.fake.renders  # read where it lies
    now = the_crate_alone_changed(comp, comp.plate, tmp_path)
    comp.node.node("Version")["frame"].setValue("1002")  # a version that is another outside, too
    the_plate_is_kept(comp, comp.plate, tmp_path / "slipped")
    comp.node.node("Version")["frame"].setValue("1001")
    again = comp.again(comp.fake.text())
    bare = again.render(again.node, tmp_path / "bare", 1001, LAST)
    assert all((bits(pixels(now, n), c) == bits(pixels(bare, n), c)).all()
               for n in range(1001, LAST + 1) for c in "RGB")  # fmt: skip


def test_a_plate_that_nuke_must_write_gives_its_ids_whole(comp, unit, tmp_path):
    grade = graded(comp)
    comp.node["su_crypto_layer"].setValue(LAYER)
    done = collect(comp.port, comp.node, "Kim", code="0020")
    element = done.turnover.elements[1]
    assert element.name == f"cryptomatte[{LAYER}]:crate_hero"
    spec = oiio.ImageInput.open(element.media.path % 1002).spec()
    assert str(spec.format) == "float"
    assert sorted({name.partition(".")[0] for name in spec.channelnames}) == [
        f"{LAYER}00", f"{LAYER}01",
    ]  # fmt: skip
    comp.place(comp.shot(unit, code="0020"))
    the_crate_alone_changed(comp, grade, tmp_path)


def test_the_object_may_come_by_the_matte_input(comp):
    graded(comp)
    comp.node.setInput(1, comp.matte)
    done = collect(comp.port, comp.node, "Kim", code="0030")
    assert done.turnover.elements[1].media.path == comp.matte["file"].value()
    assert [one[0] for one in comp.fake.renders] == ["SecondUnitWrite"]  # the plate alone


def test_a_version_by_channel_and_one_by_names_follow_each_other(comp, unit, tmp_path):
    comp.place(comp.shot(unit, code="0040"))
    assert comp.node.node("OwnMatte") is not None
    comp.node["su_cryptomatte"].setValue("")
    comp.node["su_matte_channel"].setValue(f"{LAYER}00.green")  # of rank 0: all but the edge's half
    comp.node.setInput(1, comp.matte)
    comp.place(comp.shot(unit, code="0040"))
    assert comp.node.node("OwnMatte") is None
    assert [piece.matte for piece in nodes.state(comp.node).pieces] == [""]


@pytest.mark.parametrize(
    ("names", "layer", "words", "hint"),
    [
        ("crate_hreo", "", "has 'crate_hreo'", "crate_hero"),
        ("crate_hero", "CryptoMaterial", "no Cryptomatte CryptoMaterial", LAYER),
    ],
)
def test_what_is_misspelt_is_told_before_anything_is_written(comp, names, layer, words, hint):
    graded(comp)
    comp.node["su_cryptomatte"].setValue(names)
    comp.node["su_crypto_layer"].setValue(layer)
    with pytest.raises(MatteMissing, match=words) as told:
        collect(comp.port, comp.node, "Kim", code="0050")
    assert hint in told.value.hint
    assert not comp.fake.renders


def test_a_layer_that_nuke_spells_otherwise_is_found_again(nuke_fake, tmp_path, monkeypatch):
    """Nuke writes ``ViewLayer_CryptoObject`` where the file's metadata say ``ViewLayer.``"""
    monkeypatch.setattr(cryptomatte_material, "LAYER", "ViewLayer.CryptoObject")
    render = with_cryptomatte(tmp_path / "render", 1)
    comp = Comp.made(nuke_fake(), tmp_path / "comp", render, render, space=LINEAR)
    comp.node.setInput(1, None)
    comp.node["su_cryptomatte"].setValue("crate_*")
    graded(comp)
    element = collect(comp.port, comp.node, "Kim", code="0060").turnover.elements[1]
    spec = oiio.ImageInput.open(element.media.path % 1001).spec()
    assert "ViewLayer_CryptoObject00.red" in spec.channelnames
    asked = replace(ask(Slate()).plan.turnover, elements=(element,))
    found = matte_of(asked, lambda media: open_footage(media, decide=lambda *_: ("Raw", "")))
    assert (found.source.soft(1001) == np.where(edge(0), 0.5, matte(0)[..., 0])).all()
    found.footage.close()


def test_an_input_that_lost_its_cryptomatte_says_so(comp):
    only = comp.fake.nuke.nodes.Remove(name="Remove1")
    only.setInput(0, comp.plate)
    only["operation"].setValue("keep")
    only["channels"].setValue("rgba")
    comp.node.setInput(0, only)
    with pytest.raises(MatteMissing, match="Remove1 carries no Cryptomatte"):
        collect(comp.port, comp.node, "Kim", code="0060")
