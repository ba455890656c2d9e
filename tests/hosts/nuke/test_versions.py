"""Versions in the comp: up, down, compared, undone, extended, and what is written says of them."""

from __future__ import annotations

import hashlib

import numpy as np
import OpenImageIO as oiio
import pytest
from nuke_comp import Comp, bits, pixels
from secondunit.media.delivery import Attributes, write_exr
from secondunit_bridge import errors
from secondunit_bridge.film import TakeState
from secondunit_bridge.unit import Unit
from secondunit_nuke import node as nodes
from secondunit_nuke.collect.turnover import collect_extension, remembered
from secondunit_nuke.place import cutting

WIDE, HIGH, COUNT = 96, 54, 100
BOX = slice(20, 34), slice(40, 60)
FIRST = 993


@pytest.fixture(scope="module")
def unit(daemon):
    with Unit.connect(host="nuke", start=False) as unit:
        yield unit


@pytest.fixture(scope="module")
def plates(tmp_path_factory):
    """A hundred small frames from 993, each with a depth of its own, and a matte."""
    folder = tmp_path_factory.mktemp("plates")
    ramp = np.linspace(0, 1, WIDE, dtype=np.float32)[None].repeat(HIGH, axis=0)
    for index in range(COUNT):
        number = FIRST + index
        planes = [ramp * (1 + index / 50), ramp.T[:HIGH, :1] + ramp, 1 - ramp, ramp + index]
        values = np.stack([np.broadcast_to(one, ramp.shape) for one in planes], axis=-1)
        write_exr(
            folder / f"plate.{number:04}.exr", values.astype(np.float16),
            ("R", "G", "B", "depth.Z"), Attributes(),
        )  # fmt: skip
        soft = np.zeros((HIGH, WIDE, 4), np.float16)
        soft[(*BOX, 3)] = 1
        write_exr(folder / f"roto.{number:04}.exr", soft, ("R", "G", "B", "A"), Attributes())
    return folder


@pytest.fixture
def comp(nuke_fake, tmp_path, plates):
    made = Comp.made(
        nuke_fake(), tmp_path / "comp", plates / "plate.%04d.exr", plates / "roto.%04d.exr",
        channel="rgba.alpha",
    )  # fmt: skip
    made.node["su_generator"].setValue("slate")
    made.node["su_edge_zone"].setValue(0)
    return made


def custom(comp, first, last, head=0, tail=0):
    for name, value in (("range", "custom"), ("first", first), ("last", last), ("head", head),
                        ("tail", tail)):  # fmt: skip
        comp.node[f"su_{name}"].setValue(value)


def files(version):
    return {
        one.name: hashlib.sha256(one.read_bytes()).hexdigest()
        for one in sorted(pathlib_of(version).glob("exr/*.exr"))
    }


def pathlib_of(version):
    from pathlib import Path

    return Path(version.path)


def test_a_hundred_frames_go_there_and_back_with_their_own_numbers(comp, unit, tmp_path):
    version = comp.shot(unit)
    assert len(version.frames) == COUNT
    cut = comp.place(version)
    assert (cut.record.first, cut.record.last) == (FIRST, FIRST + COUNT - 1)
    unit.cut_in(cut)
    plate = comp.render(comp.plate, tmp_path / "plate", FIRST, FIRST + COUNT - 1)
    final = comp.render(comp.node, tmp_path / "final", FIRST, FIRST + COUNT - 1)
    alone = comp.render(comp.version_alone(), tmp_path / "alone", FIRST, FIRST + COUNT - 1)
    inside = np.zeros((HIGH, WIDE), bool)
    inside[BOX] = True
    for number in range(FIRST, FIRST + COUNT):
        was, now, made = (pixels(one, number) for one in (plate, final, alone))
        for name in "RGB":
            assert (bits(was, name) == bits(now, name))[~inside].all()
            assert (bits(made, name) == bits(now, name))[inside].all()
            assert (bits(made, name) == bits(was, name))[~inside].all()  # of this very frame
        assert (bits(was, "depth.Z") == bits(now, "depth.Z")).all()
        assert (now["R"] != was["R"])[inside].mean() > 0.5
    header = oiio.ImageInput.open(str(final) % 1000).spec()
    assert header.get_string_attribute("secondunit/take") == version.take
    assert header.get_string_attribute("secondunit/record") == version.record


def test_versions_go_up_and_down_by_one_step_of_undo_each(comp, unit):
    custom(comp, 1001, 1004)
    first = comp.shot(unit)
    comp.place(first)
    comp.node["su_seed"].setValue(7)
    second = comp.shot(unit)
    before, steps = comp.fake.text(), len(comp.fake.steps)
    comp.place(second)
    assert len(comp.fake.steps) == steps + 1
    read = comp.node.node("Version")
    assert second.name in read["file"].value()
    assert read["on_error"].value() == "error"
    assert (read["first"].value(), read["frame"].value()) == (1001, "1001")
    cutting.step(comp.port, comp.node, -1)
    assert nodes.state(comp.node).pieces[0].version == first.name
    with pytest.raises(errors.UnknownId, match="oldest"):
        cutting.step(comp.port, comp.node, -1)
    cutting.step(comp.port, comp.node, 1)
    assert nodes.state(comp.node).pieces[0].version == second.name
    assert len([n for n in comp.node.nodes() if n.Class() == "Read"]) == 1
    backdrops = comp.fake.nuke.allNodes("BackdropNode")
    assert [second.name in one["label"].value() for one in backdrops] == [True]
    for _ in range(3):
        comp.fake.nuke.undo()
    assert comp.fake.text() == before


def test_the_difference_outside_the_matte_is_black_and_shows_what_is_not_kept(comp, unit, tmp_path):
    custom(comp, 1001, 1003)
    comp.place(comp.shot(unit))
    result = comp.render(comp.node, tmp_path / "result", 1002, 1002)
    comp.node["su_view"].setValue("difference outside matte")
    black = comp.seen(comp.node, 1002)
    assert not any(black[name].any() for name in "RGB")
    comp.node.node("Version")["frame"].setValue("1002")  # somebody slips the version by a frame
    assert comp.seen(comp.node, 1003)["R"].any()
    comp.node.node("Version")["frame"].setValue("1001")
    # what is written is the result, whatever a person looks at: in Nuke's window, and on the farm
    for gui in (True, False):
        comp.fake.gui = gui
        written = comp.render(comp.node, tmp_path / f"written {gui}", 1002, 1002)
        for name in "RGB":
            assert (bits(pixels(written, 1002), name) == bits(pixels(result, 1002), name)).all()


def test_a_version_of_an_earlier_range_stands_where_it_was_shot(comp, unit, tmp_path):
    """The shot was turned over again with other frames since."""
    custom(comp, 1001, 1004, 1, 0)
    first = comp.shot(unit, code="0090")
    custom(comp, 1003, 1006)
    second = comp.shot(unit, code="0090")
    cut = comp.place(second)
    assert (cut.record.first, cut.record.last) == (1003, 1006)
    cutting.step(comp.port, comp.node, -1)
    piece = nodes.state(comp.node).pieces[0]
    assert (piece.version, piece.frames) == (first.name, (1000, 1004))
    now = pixels(comp.render(comp.node, tmp_path / "now", 1003, 1003), 1003)
    made = pixels(pathlib_of(first) / "exr" / f"{first.name}.%04d.exr", 1004)  # 1001 is 1000
    assert (bits(now, "R") == bits(made, "R"))[BOX].all()


def test_a_longer_cut_is_made_good_by_the_missing_frames_alone(comp, unit, tmp_path):
    custom(comp, 1001, 1012, 2, 0)
    first = comp.shot(unit, code="0050")
    comp.place(first)
    kept = files(first)
    before = comp.render(comp.node, tmp_path / "before", 999, 1012)
    lacks = cutting.recut(comp.port, comp.node, 1001, 1018)
    assert lacks.missing == ((1013, 1018),)
    assert "6 frames missing" in comp.node["label"].value()
    done = collect_extension(comp.port, comp.node, "Kim", lacks.missing[0], overlap=3)
    frames = done.turnover.elements[0].media.frames
    assert (frames.first, frames.last) == (1010, 1018)  # three of what is kept beside the six
    project = done.production.taken_up(unit, WIDE, HIGH)
    takes = unit.turn_over(done.of(project))
    nodes.keep(comp.node, remembered(nodes.state(comp.node), done, project, takes))
    assert unit.wait(takes, timeout=60)[0].state is TakeState.pending_review
    more = unit.circle(takes[0], "Lou")
    comp.place(more)
    assert files(first) == kept
    state = nodes.state(comp.node)
    assert [piece.frames for piece in state.pieces] == [(999, 1012), (1013, 1018)]
    assert cutting.lacking(state).missing == ()
    after = comp.render(comp.node, tmp_path / "after", 999, 1018)
    inside = np.zeros((HIGH, WIDE), bool)
    inside[BOX] = True
    for number in range(999, 1013):
        for name in "RGB":
            assert (bits(pixels(before, number), name) == bits(pixels(after, number), name)).all()
    for number in range(1013, 1019):
        made = pixels(pathlib_of(more) / "exr" / f"{more.name}.%04d.exr", number - 1010 + 1001)
        assert (bits(made, "R") == bits(pixels(after, number), "R"))[inside].all()
    bare = comp.again(comp.fake.text())
    again = bare.render(bare.node, tmp_path / "bare", 999, 1018)
    for number in (999, 1012, 1013, 1018):
        assert (bits(pixels(again, number), "R") == bits(pixels(after, number), "R")).all()


def test_a_softened_edge_is_live_and_keeps_the_plate_far_from_the_matte(comp, unit, tmp_path):
    custom(comp, 1001, 1001)
    comp.place(comp.shot(unit))
    hard = pixels(comp.render(comp.node, tmp_path / "hard", 1001, 1001), 1001)
    comp.node["su_soften"].setValue(4)
    soft = pixels(comp.render(comp.node, tmp_path / "soft", 1001, 1001), 1001)
    was = pixels(comp.render(comp.plate, tmp_path / "was", 1001, 1001), 1001)
    assert (bits(hard, "R") != bits(soft, "R")).any()
    assert (bits(was, "R") == bits(soft, "R"))[:, :20].all()


def test_grain_is_live_lies_on_the_version_alone_and_moves(comp, unit, tmp_path):
    custom(comp, 1001, 1002)
    comp.place(comp.shot(unit))
    none = comp.render(comp.node, tmp_path / "none", 1001, 1002)
    comp.node["su_grain"].setValue(1.0)
    some = comp.render(comp.node, tmp_path / "some", 1001, 1002)
    inside = np.zeros((HIGH, WIDE), bool)
    inside[BOX] = True
    added = []
    for number in (1001, 1002):
        clean, grainy = pixels(none, number), pixels(some, number)
        assert (bits(clean, "G") == bits(grainy, "G"))[~inside].all()
        added.append((grainy["G"].astype(np.float32) - clean["G"].astype(np.float32))[inside])
    assert np.std(added[0]) > 0.01
    assert abs(np.mean(added[0])) < 0.3 * np.std(added[0])
    assert np.corrcoef(*added)[0, 1] < 0.5


def test_an_insert_without_a_matte_covers_the_whole_frame_and_only_its_own_frames(
    comp, unit, tmp_path
):
    custom(comp, 1005, 1007)
    comp.node["su_work"].setValue("insert")
    comp.node.setInput(1, None)
    version = comp.shot(unit)
    comp.place(version)
    now = comp.render(comp.node, tmp_path / "now", 1004, 1007)
    was = comp.render(comp.plate, tmp_path / "was", 1004, 1007)
    assert (bits(pixels(now, 1004), "R") == bits(pixels(was, 1004), "R")).all()
    alone = comp.render(comp.version_alone(), tmp_path / "alone", 1006, 1006)
    for name in "RGB":
        assert (bits(pixels(now, 1006), name) == bits(pixels(alone, 1006), name)).all()


def test_a_matte_that_reaches_into_the_overscan_leaves_the_plates_own_there(
    nuke_fake, unit, tmp_path
):
    """A Roto may be drawn beyond the format; no version has anything there."""
    over, shape = (-8, -4, WIDE + 16, HIGH + 8), (HIGH + 8, WIDE + 16)
    folder = tmp_path / "in"
    folder.mkdir()
    ramp = np.linspace(0.2, 1, shape[1], dtype=np.float16)[None].repeat(shape[0], axis=0)
    soft = np.zeros((*shape, 4), np.float16)
    soft[:, :40, 3] = 1
    for name, values, letters in (("plate", np.dstack([ramp] * 3), "RGB"), ("roto", soft, "RGBA")):
        spec = oiio.ImageSpec(shape[1], shape[0], len(letters), "half")
        spec.channelnames = tuple(letters)
        spec.x, spec.y = over[:2]
        spec.full_width, spec.full_height = WIDE, HIGH
        out = oiio.ImageOutput.create("x.exr")
        assert out.open(str(folder / f"{name}.1001.exr"), spec)
        out.write_image(np.ascontiguousarray(values))
        out.close()
    comp = Comp.made(
        nuke_fake(), tmp_path / "comp", folder / "plate.%04d.exr", folder / "roto.%04d.exr",
        channel="rgba.alpha",
    )  # fmt: skip
    comp.node["su_generator"].setValue("slate")
    comp.node["su_edge_zone"].setValue(3)
    comp.place(comp.shot(unit))
    was = pixels(comp.render(comp.plate, tmp_path / "was", 1001, 1001), 1001)
    now = pixels(comp.render(comp.node, tmp_path / "now", 1001, 1001), 1001)
    inside = np.zeros(shape, bool)
    inside[4:-4, 8:-8] = True
    assert now["R"].shape == was["R"].shape == shape
    assert (bits(was, "R") == bits(now, "R"))[~inside].all()
    assert (bits(was, "R") != bits(now, "R"))[inside].any()


def unplugged(comp, patch):
    comp.node.setInput(1, None)


def other_colours(comp, patch):
    patch.setattr(comp.fake, "spaces", lambda: ["default (log)", "log"])


def emptied(comp, patch):
    comp.fake.nuke.delete(comp.node.node("Output1"))


def test_what_stands_against_a_version_is_told_before_anything_is_changed(comp, unit, monkeypatch):
    """Also in a Nuke that does not take back what was begun."""
    custom(comp, 1001, 1001)
    version, text = comp.shot(unit), comp.fake.text()
    monkeypatch.setattr(comp.fake.nuke.Undo, "cancel", comp.fake.nuke.Undo.end)
    for spoil, kind, words in (
        (unplugged, errors.NoPlace, "would cover the whole frame"),
        (other_colours, errors.ColorUnknown, "no colour space called Linear Rec.709"),
        (emptied, errors.NoPlace, "no Output1 inside any more"),
    ):
        comp.fake.open(text, str(comp.port.script()))
        comp.node = comp.fake.nuke.toNode("SecondUnit1")
        with monkeypatch.context() as patch:
            spoil(comp, patch)
            before, steps = comp.fake.text(), len(comp.fake.steps)
            with pytest.raises(kind, match=words):
                comp.place(version)
            assert comp.fake.text() == before
            assert len(comp.fake.steps) == steps


def test_an_empty_matte_is_never_the_whole_frame(comp, unit, plates):
    custom(comp, 1001, 1002)
    comp.node["su_matte_channel"].setValue("rgba.red")  # in which nothing is drawn
    takes = unit.wait(comp.turn_over(unit), timeout=60)
    assert takes[0].state is TakeState.failed
    told = [one.body["error"] for one in unit.entries(0) if isinstance(one.body.get("error"), dict)]
    assert told[-1]["code"] == "E_MATTE_MISSING"


def test_a_plate_of_another_size_than_the_versions_is_refused(comp, unit, tmp_path):
    custom(comp, 1001, 1002)
    version = comp.shot(unit)
    form = comp.fake.nuke.nodes.Reformat(name="Smaller")
    form.setInput(0, comp.plate)
    form["format"].fromScript("48 27 0 0 48 27 1 half")
    comp.node.setInput(0, form)
    before = comp.fake.text()
    with pytest.raises(errors.MediaChanged, match="48 x 27 now"):
        comp.place(version)
    assert comp.fake.text() == before


@pytest.mark.parametrize(
    ("name", "space"),
    [("Desk", "ACEScg"), pytest.param("CandleGlass", "ACEScg", marks=pytest.mark.long)],
)
def test_a_real_plate_of_high_range_keeps_every_bit_outside_the_matte(
    nuke_fake, unit, data, tmp_path, name, space
):
    """Through a Grade, so that Nuke writes the plate itself; half a stop brighter than it lies."""
    source = oiio.ImageBuf(str(data / "exr/plates" / f"{name}.exr"))
    wide, high = source.spec().width, source.spec().height
    folder = tmp_path / "in"
    folder.mkdir()
    full = np.asarray(source.get_pixels(oiio.HALF))[..., :3].reshape(high, wide, 3)
    crop = np.ascontiguousarray(full[high // 3 : high // 3 + 160, wide // 3 : wide // 3 + 240])
    soft = np.zeros((*crop.shape[:2], 4), np.float16)
    soft[40:80, 30:90, 3] = 1
    for number in (1001, 1002):
        write_exr(folder / f"plate.{number}.exr", crop, ("R", "G", "B"), Attributes())
        write_exr(folder / f"roto.{number}.exr", soft, ("R", "G", "B", "A"), Attributes())
    comp = Comp.made(
        nuke_fake(), tmp_path / "comp", folder / "plate.%04d.exr", folder / "roto.%04d.exr",
        space=space, channel="rgba.alpha",
    )  # fmt: skip
    grade = comp.fake.nuke.nodes.Grade(name="Half")
    grade.setInput(0, comp.plate)
    grade["multiply"].setValue(1.5)
    comp.node.setInput(0, grade)
    comp.node["su_generator"].setValue("slate")
    comp.node["su_edge_zone"].setValue(0)
    comp.place(comp.shot(unit))
    was = pixels(comp.render(grade, tmp_path / "was", 1001, 1002), 1002)
    now = pixels(comp.render(comp.node, tmp_path / "now", 1001, 1002), 1002)
    inside = soft[..., 3] > 0
    assert was["R"].max() > 1
    for channel in "RGB":
        assert (bits(was, channel) == bits(now, channel))[~inside].all()
        assert (bits(was, channel) != bits(now, channel))[inside].mean() > 0.9


def test_a_take_of_missing_frames_is_shot_again_as_those_frames(comp, unit):
    """Through the panel's acts: what was turned over last is the extension, not the whole shot."""
    import time

    from secondunit_nuke.acts import Acts
    from secondunit_nuke.session import Session

    custom(comp, 1001, 1004)
    comp.place(comp.shot(unit, code="0070"))
    session = Session(comp.port)
    acts, name = Acts(session), comp.node.fullName()

    def until(done):
        end = time.monotonic() + 60
        while not done():
            assert time.monotonic() < end
            session.beat()
            time.sleep(0.02)

    def takes():
        row = session.board.node(name)
        return [one for one in row.takes if "extends" in one.title] if row else []

    until(lambda: session.hello is not None and session.board.nodes)
    acts.recut(name, "1001-1006")
    acts.extend(name, "Kim")
    until(lambda: takes() and not takes()[0].under_way)
    acts.reshoot(takes()[0].id, "Kim", "softer")
    until(lambda: len(takes()) == 2 and not any(one.under_way for one in takes()))
    assert {one.title for one in takes()} == {
        "Take 1  extends 1005-1006",
        "Take 2  extends 1005-1006",
    }
    assert {one.state for one in takes()} == {TakeState.rejected, TakeState.pending_review}
    session.close()
