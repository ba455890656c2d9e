"""Objects of a Cryptomatte by name as the matte: shot, placed and rendered, with no node for it."""

from __future__ import annotations

import json
import os
import subprocess
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
from secondunit_bridge.film import Answer, Waiver
from secondunit_bridge.unit import Unit
from secondunit_nuke import node as nodes
from secondunit_nuke.collect.turnover import collect, collect_extension, remembered
from secondunit_nuke.place import cutting

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


def test_frames_that_a_longer_cut_wants_come_with_a_matte_of_their_own(comp, unit, tmp_path):
    comp.node["su_range"].setValue("custom")
    comp.node["su_last"].setValue(1002)
    comp.place(comp.shot(unit, code="0045"))
    lacks = cutting.recut(comp.port, comp.node, 1001, LAST)
    done = collect_extension(comp.port, comp.node, "Kim", lacks.missing[0])
    project = done.production.taken_up(unit, done.turnover.width, done.turnover.height)
    takes = unit.turn_over(done.of(project))
    nodes.keep(comp.node, remembered(nodes.state(comp.node), done, project, takes))
    (take,) = unit.wait(takes, timeout=60)
    for one in take.open_findings:
        unit.waive(Waiver(one.id, Answer.creative_intent, "Kim", "a test"))
    comp.place(unit.circle(take.id, "Ada"))
    assert comp.node.node("OwnMatte2")["file"].value() != comp.node.node("OwnMatte")["file"].value()
    was = pixels(comp.render(comp.plate, tmp_path / "was", LAST, LAST), LAST)
    now = pixels(comp.render(comp.node, tmp_path / "now", LAST, LAST), LAST)
    crate = matte(LAST - 1001)[..., 0] > 0
    assert (bits(was, "R") == bits(now, "R"))[~crate].all()
    assert (bits(was, "R") != bits(now, "R"))[crate & ~edge(LAST - 1001)].mean() > 0.9


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


CYCLES = """
import sys

import bpy

bpy.ops.mesh.primitive_uv_sphere_add(location=(2, 0, 0))
bpy.context.object.name = "ball red"
scene, layer = bpy.context.scene, bpy.context.scene.view_layers[0]
scene.render.engine, scene.cycles.samples = "CYCLES", 4
scene.render.resolution_x, scene.render.resolution_y = 96, 54
layer.use_pass_cryptomatte_object = layer.use_pass_cryptomatte_material = True
scene.frame_start = scene.frame_end = 1001
for name, kind, depth in (("multi", "OPEN_EXR_MULTILAYER", "32"), ("beauty", "OPEN_EXR", "16")):
    scene.render.image_settings.file_format = kind
    scene.render.image_settings.color_depth = depth
    scene.render.filepath = f"{sys.argv[-1]}/{name}.####"
    bpy.ops.render.render(animation=True)
"""


@pytest.mark.long
def test_what_cycles_renders_is_a_matte_by_names(nuke_fake, unit, blender, tmp_path):
    """The plate is one render and the Cryptomatte another, handed on through a Grade."""
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([blender, "-c", CYCLES, str(tmp_path)], check=True, env=bare, timeout=120,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    comp = Comp.made(
        nuke_fake(), tmp_path / "comp", tmp_path / "beauty.%04d.exr", tmp_path / "multi.%04d.exr"
    )
    grade = comp.fake.nuke.nodes.Grade(name="Grade1")
    grade.setInput(0, comp.matte)
    comp.node.setInput(1, grade)
    for name, value in (("generator", "slate"), ("edge_zone", 0), ("cryptomatte", "ball*")):
        comp.node[f"su_{name}"].setValue(value)
    comp.place(comp.shot(unit, code="0070"))
    was = pixels(comp.render(comp.plate, tmp_path / "was", 1001, 1001), 1001)
    now = pixels(comp.render(comp.node, tmp_path / "now", 1001, 1001), 1001)
    ball = covered(tmp_path / "multi.1001.exr", "ball red")
    assert (ball > 0).sum() > 100
    assert (bits(was, "R") == bits(now, "R"))[ball == 0].all()
    assert (bits(was, "R") != bits(now, "R"))[ball > 0.9].mean() > 0.9


def covered(file, name):
    """How much of each pixel an object covers, by the specification."""
    source = oiio.ImageInput.open(str(file))
    names, pixels = source.spec().channelnames, source.read_image("float")
    said = {one.name: one.value for one in source.spec().extra_attribs}
    source.close()
    listed = [json.loads(text) for key, text in said.items() if key.endswith("/manifest")]
    bits = np.uint32(int(next(one[name] for one in listed if name in one), 16))
    out = np.zeros(pixels.shape[:2], np.float32)
    for at, channel in enumerate(names):
        if "CryptoObject" in channel and channel[-1] in "rb":
            there = np.ascontiguousarray(pixels[..., at]).view(np.uint32) == bits
            out += np.where(there, pixels[..., at + 1], 0)
    return out


def test_an_input_that_lost_its_cryptomatte_says_so(comp):
    only = comp.fake.nuke.nodes.Remove(name="Remove1")
    only.setInput(0, comp.plate)
    only["operation"].setValue("keep")
    only["channels"].setValue("rgba")
    comp.node.setInput(0, only)
    with pytest.raises(MatteMissing, match="Remove1 carries no Cryptomatte"):
        collect(comp.port, comp.node, "Kim", code="0060")
