"""What a person looks at is never what is handed over or written; what stands, in which order."""

from __future__ import annotations

import numpy as np
import OpenImageIO as oiio
import pytest
from nuke_comp import Comp, bits, pixels
from secondunit.media.delivery import Attributes, write_exr
from secondunit_nuke import node as nodes
from secondunit_nuke.collect.turnover import collect
from secondunit_nuke.place.wiring import wire
from secondunit_nuke.state import Piece, State

WIDE, HIGH = 32, 18
BOX = slice(4, 12), slice(8, 20)


def files(folder, name, value, box=None):
    folder.mkdir(exist_ok=True)
    values = np.full((HIGH, WIDE, 4), 0 if box else value, np.float16)
    if box:
        values[box] = value
    for number in (1001, 1002):
        write_exr(folder / f"{name}.{number}.exr", values, tuple("RGBA"), Attributes())
    return folder / f"{name}.%04d.exr"


@pytest.fixture
def comp(nuke_fake, tmp_path):
    """A node with a version in it, which a person has turned to the plate."""
    place = tmp_path / "in"
    made = Comp.made(
        nuke_fake(), tmp_path / "comp", files(place, "plate", 0.25), files(place, "roto", 1, BOX)
    )
    version = files(place, "version", 0.75).as_posix()
    piece = Piece("g", "c_v001", "t", 1, "0" * 64, version, 1001, 1002, 1001, start=1001, end=1002)
    made.node["su_edge_zone"].setValue(0)
    wire(made.port, made.node, nodes.state(made.node).with_piece(piece))
    made.node["su_view"].setValue("plate")
    return made


def test_a_node_behind_another_is_handed_its_result_whatever_is_looked_at(comp):
    comp.node.setSelected(True)
    comp.plate.setSelected(False)
    second = nodes.make(comp.port)
    assert second.input(0) is comp.node
    second.setInput(1, comp.matte)
    before, steps = comp.fake.text(), len(comp.fake.steps)
    done = collect(comp.port, second, "Kim", code="0020")
    plate = pixels(done.turnover.elements[0].media.path, 1002)
    assert (plate["R"][BOX] == np.float16(0.75)).all()
    assert (plate["R"][0] == np.float16(0.25)).all()
    assert comp.node["su_view"].value() == "plate"
    assert (comp.fake.text(), len(comp.fake.steps)) == (before, steps)


def test_a_write_in_nukes_own_window_is_given_the_result(comp, tmp_path):
    assert (comp.seen(comp.node, 1001)["R"] == 0.25).all()
    written = pixels(comp.render(comp.node, tmp_path / "final", 1001, 1001), 1001)
    assert (written["R"][BOX] == np.float16(0.75)).all()
    bare = comp.again(comp.fake.text())
    again = pixels(bare.render(bare.node, tmp_path / "bare", 1001, 1001), 1001)
    assert (bits(written, "R") == bits(again, "R")).all()


def test_of_nodes_one_behind_the_other_each_version_is_named_in_what_is_written(comp, tmp_path):
    comp.plate.setSelected(False)
    comp.node.setSelected(True)
    second = nodes.make(comp.port)
    second.setInput(1, comp.matte)
    stood = comp.node.node("Version")["file"].value()
    added = Piece("h", "d_v004", "u", 4, "1" * 64, stood, 1001, 1002, 1001, start=1001, end=1002)
    wire(comp.port, second, nodes.state(second).with_piece(added))
    final = comp.render(second, tmp_path / "final", 1001, 1001)
    header = oiio.ImageInput.open(str(final) % 1001).spec()
    assert header.get_string_attribute("secondunit/placed/c_v001") == f"t {'0' * 64}"
    assert header.get_string_attribute("secondunit/placed/d_v004") == f"u {'1' * 64}"
    assert header.get_string_attribute("secondunit/take") == "u"


@pytest.mark.parametrize("channel", ["matte", "Y"])
def test_a_versions_own_matte_is_found_however_nuke_ranges_and_names_its_files(
    comp, tmp_path, channel
):
    for number in (1001, 1002):
        lone = np.zeros((HIGH, WIDE, 1), np.float16)
        lone[BOX] = 1
        write_exr(tmp_path / f"own.{number}.exr", lone, (channel,), Attributes())
    comp.fake.ranged = False  # a Read that is not told its frames has frame 1, which is none
    stood = comp.node.node("Version")["file"].value()
    own = Piece("g", "c_v002", "t", 2, "0" * 64, stood, 1001, 1002, 1001, start=1001, end=1002,
                matte=(tmp_path / "own.%04d.exr").as_posix())  # fmt: skip
    wire(comp.port, comp.node, nodes.state(comp.node).with_piece(own))
    written = pixels(comp.render(comp.node, tmp_path / "final", 1002, 1002), 1002)
    assert (written["R"][BOX] == np.float16(0.75)).all()
    assert (written["R"][0] == np.float16(0.25)).all()


def piece(guid, first, last, at=None):
    return Piece(guid, f"{guid}_v1", "t", 1, "", "/p", first, last, at or first)


@pytest.mark.parametrize(
    ("there", "new", "stands"),
    [
        # a new version of all frames covers what had been shot for the missing ones
        ([("main", 1001, 1012), ("more", 1013, 1018)], ("main", 1001, 1018), [(1001, 1018)]),
        ([("main", 1001, 1012), ("more", 1013, 1018)], ("main", 1001, 1014),
         [(1001, 1014), (1015, 1018)]),
        ([("main", 1001, 1012), ("head", 995, 1000)], ("main", 998, 1012),
         [(995, 997), (998, 1012)]),
        ([("main", 1001, 1018)], ("more", 1005, 1008), [(1001, 1018), (1005, 1008)]),
        ([("main", 1001, 1012)], ("more", 1013, 1018), [(1001, 1012), (1013, 1018)]),
        ([("main", 1001, 1012)], ("main", 1003, 1004), [(1003, 1004)]),
    ],
)  # fmt: skip
def test_of_two_pieces_the_one_that_was_placed_last_is_seen(there, new, stands):
    now = State("main")
    for one in there:
        now = now.with_piece(piece(*one))
    now = now.with_piece(piece(*new))
    assert [one.frames for one in now.pieces] == stands
    for one in now.pieces:  # each frame is still the frame that was shot for it
        assert one.first == one.at
