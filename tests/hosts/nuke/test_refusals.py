"""What cannot be handed over or placed is said in plain words, and the comp is untouched."""

from __future__ import annotations

import os
import shutil
from collections import namedtuple
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from nuke_comp import Comp, pixels
from secondunit.media.delivery import Attributes, write_exr
from secondunit_bridge import errors
from secondunit_bridge.caller import Caller
from secondunit_bridge.film import Project
from secondunit_nuke import node as nodes
from secondunit_nuke.acts import Acts
from secondunit_nuke.collect.looking import unchanged
from secondunit_nuke.collect.turnover import collect, remembered
from secondunit_nuke.place import cutting
from secondunit_nuke.session import Session
from secondunit_nuke.state import Piece

WIDE, HIGH = 32, 18


def sequence(folder, name, count=4, size=(WIDE, HIGH), first=1001):
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        values = np.full((size[1], size[0], 4), 0.1 * (index + 1), np.float16)
        write_exr(
            folder / f"{name}.{first + index}.exr", values, ("R", "G", "B", "A"), Attributes()
        )
    return folder / f"{name}.%04d.exr"


@pytest.fixture
def comp(nuke_fake, tmp_path):
    plate, roto = sequence(tmp_path / "in", "plate"), sequence(tmp_path / "in", "roto")
    return Comp.made(nuke_fake(), tmp_path / "comp", plate, roto)


def two_views(comp, patch):
    comp.fake.views = ["left", "right"]


def proxy(comp, patch):
    comp.fake._root["proxy"].setValue(True)


def no_matte(comp, patch):
    comp.node.setInput(1, None)


def no_such_channel(comp, patch):
    comp.node["su_matte_channel"].setValue("rgba.alfa")


def no_plate(comp, patch):
    comp.node.setInput(0, None)


def unsaved(comp, patch):
    comp.fake._root._knobs["name"]._value = ""


def gap(comp, patch):
    file = comp.plate["file"].value()
    os.unlink(file % 1002)


def gap_in_the_matte(comp, patch):
    os.unlink(comp.matte["file"].value() % 1002)


def gap_below_a_grade(comp, patch):
    gap(comp, patch)
    graded(comp, patch)


def graded(comp, patch):
    grade = comp.fake.nuke.nodes.Grade(name="Grade1")
    grade.setInput(0, comp.plate)
    grade["multiply"].setValue(2.0)
    comp.node.setInput(0, grade)


def beyond(comp, patch):
    comp.node["su_range"].setValue("custom")
    comp.node["su_first"].setValue(990)


def backwards(comp, patch):
    comp.node["su_range"].setValue("custom")
    comp.node["su_first"].setValue(1003)


def other_size(comp, patch):
    file = comp.matte["file"].value()
    for number in range(1001, 1005):
        os.unlink(file % number)
    folder = os.path.dirname(file)
    from pathlib import Path

    sequence(Path(folder), "roto", size=(16, 9))


def full(comp, patch):
    graded(comp, patch)
    room = namedtuple("room", "total used free")(1, 1, 1)
    patch.setattr(shutil, "disk_usage", lambda place: room)


def full_on_the_way(comp, patch):
    graded(comp, patch)
    comp.fake.fail_at = 1003


def stopped(comp, patch):
    graded(comp, patch)
    comp.fake.cancel_at = 1003


def stopped_at_the_matte(comp, patch):
    graded(comp, patch)
    crop = comp.fake.nuke.nodes.Crop(name="Crop1")
    crop.setInput(0, comp.matte)
    crop["box"].setValue((2, 2, 20, 12))
    comp.node.setInput(1, crop)
    render = comp.fake.render

    def second_is_stopped(*what):
        if comp.fake.renders:
            comp.fake.cancel_at = 1002
        render(*what)

    patch.setattr(comp.fake, "render", second_is_stopped)


def closed(comp, patch):
    patch.setattr(os, "access", lambda path, mode: False)


def lost_reference(comp, patch):
    comp.node["su_references"].setValue("/nowhere/clean.exr")


CASES = [
    (two_views, errors.TurnoverRejected, "2 views: left, right"),
    (proxy, errors.TurnoverRejected, "proxy mode"),
    (no_matte, errors.MatteMissing, "no matte"),
    (no_such_channel, errors.MatteMissing, "Roto has no channel rgba.alfa"),
    (no_plate, errors.TurnoverRejected, "no plate"),
    (unsaved, errors.PathRefused, "never saved"),
    (gap, errors.FramesMissing, "frames of Plate are not on disk, the first is 1002"),
    (gap_in_the_matte, errors.FramesMissing, "1 of 4 frames of Roto are not on disk"),
    (gap_below_a_grade, errors.FramesMissing, "1002"),
    (beyond, errors.FramesMissing, "not 990"),
    (backwards, errors.TurnoverRejected, "ends (1001) before it starts (1003)"),
    (other_size, errors.OverLimits, "the matte is 16 x 9"),
    (full, errors.DiskFull, "free"),
    (full_on_the_way, errors.DiskFull, "full"),
    (stopped, errors.Cancelled, "stopped"),
    (stopped_at_the_matte, errors.Cancelled, "stopped"),
    (closed, errors.NotPermitted, "may not write"),
    (lost_reference, errors.TurnoverRejected, "/nowhere/clean.exr"),
]


@pytest.mark.parametrize(
    ("spoil", "kind", "words"), CASES, ids=lambda one: getattr(one, "__name__", "")
)
def test_what_cannot_be_handed_over_is_said_and_nothing_changes(
    comp, monkeypatch, tmp_path, spoil, kind, words
):
    spoil(comp, monkeypatch)
    before, steps = comp.fake.text(), len(comp.fake.steps)
    with pytest.raises(kind) as told:
        collect(comp.port, comp.node, "Kim", code="0010")
    assert words in told.value.message
    assert told.value.hint
    assert comp.fake.text() == before
    assert len(comp.fake.steps) == steps
    assert not list((tmp_path / "comp").rglob("*.exr"))


def test_a_sound_comp_is_handed_over_and_nothing_changes_either(comp, monkeypatch):
    before = comp.fake.text()
    done = collect(comp.port, comp.node, "Kim", code="0010")
    assert done.turnover.elements[0].media.path == comp.plate["file"].value()
    assert not comp.fake.renders
    assert comp.fake.text() == before
    graded(comp, monkeypatch)
    before = comp.fake.text()
    done = collect(comp.port, comp.node, "Kim", code="0010")
    assert comp.fake.renders == [("SecondUnitWrite", 1001, 1004)]
    assert done.turnover.elements[0].media.space == "ACEScg"
    assert os.path.isfile(done.turnover.elements[0].media.path % 1004)
    assert comp.fake.text() == before


def test_a_read_that_only_nuke_can_follow_is_written_out(comp, monkeypatch):
    file = comp.plate["file"].value()
    monkeypatch.chdir(os.path.dirname(os.path.dirname(file)))
    comp.plate["file"].setValue("in/plate.%04d.exr")  # of the folder that Nuke was started in
    comp.plate["colorspace"].setValue("ACEScg")
    done = collect(comp.port, comp.node, "Kim", code="0010")
    assert len(comp.fake.renders) == 1
    assert os.path.isabs(done.turnover.elements[0].media.path)
    comp.plate["file"].setValue(file)
    comp.plate["disable"].setValue(True)
    assert unchanged(comp.plate, (1001, 1004), "ACEScg") is None
    comp.plate["disable"].setValue(False)
    assert unchanged(comp.plate, (1001, 1004), "ACEScg").pattern == file


def test_a_matte_of_one_frame_that_its_read_holds_is_the_matte_of_every_frame(comp):
    comp.matte["first"].setValue(1002)
    comp.matte["last"].setValue(1002)
    for number in (1001, 1003, 1004):
        os.unlink(comp.matte["file"].value() % number)
    done = collect(comp.port, comp.node, "Kim", code="0010")
    matte = done.turnover.elements[1].media
    assert comp.fake.renders == [("SecondUnitWrite", 1001, 1004)]
    held = [pixels(matte.path, number)["A"] for number in range(1001, 1005)]
    assert all((one == np.float16(0.2)).all() for one in held)


def test_a_plate_that_its_read_shifts_is_read_in_place_by_its_own_numbers(comp):
    comp.plate["frame_mode"].setValue("offset")
    comp.plate["frame"].setValue("1000")  # files 1001 to 1004 are the script's 1 to 4
    comp.matte["frame_mode"].setValue("start at")
    comp.matte["frame"].setValue("1")
    done = collect(comp.port, comp.node, "Kim", code="0010")
    assert not comp.fake.renders
    assert done.asked.show == (1, 4)
    for one in done.turnover.elements:
        assert (one.media.frames.first, one.media.frames.last) == (1001, 1004)


def test_odd_pixels_and_overscan_are_kept_and_said(comp, monkeypatch):
    crop, form = (comp.fake.nuke.nodes.Crop(), comp.fake.nuke.nodes.Reformat())
    crop.setInput(0, comp.plate)
    crop["box"].setValue((-4, -4, WIDE + 4, HIGH + 4))
    form.setInput(0, crop)
    form["format"].fromScript(f"{WIDE} {HIGH} 0 0 {WIDE} {HIGH} 2 wide")
    comp.node.setInput(0, form)
    done = collect(comp.port, comp.node, "Kim", code="0010")
    assert any("2 wide" in words for words in done.said)
    assert any("overscan" in words for words in done.said)
    import OpenImageIO as oiio

    spec = oiio.ImageInput.open(done.turnover.elements[0].media.path % 1002).spec()
    assert (spec.x, spec.y, spec.width, spec.height) == (-4, -4, WIDE + 8, HIGH + 8)
    assert (spec.full_width, spec.full_height) == (WIDE, HIGH)
    assert spec.get_float_attribute("PixelAspectRatio") == 2.0


def copied(comp, name, copy):
    """A script in which somebody copied and pasted the node."""
    text = comp.fake.text().replace("name SecondUnit1\n", f"name {name}\n")
    group = text[text.index("Group {") : text.index("end_group") + len("end_group")]
    again = group.replace(f"name {name}\n", f"name {copy}\n")
    comp.fake.open(text + f"\npush 0\npush 0\n{again}\n", str(comp.port.script()))
    return comp.fake.nuke.toNode(name), comp.fake.nuke.toNode(copy)


@pytest.mark.parametrize(
    ("name", "copy", "known"),
    [
        ("SecondUnit1", "SecondUnit2", False),
        ("SecondUnit9", "SecondUnit10", False),  # letters would put the copy first
        ("removal", "SecondUnit1", True),  # the first of two is a copy, as the panel saw
    ],
)
def test_a_copied_node_is_a_shot_of_its_own_and_the_first_keeps_its(comp, name, copy, known):
    here = nodes.state(comp.node)
    stands = Piece(here.guid, "c_v001", "t", 1, "0" * 64, "/x.%04d.exr", 1001, 1004, 1001)
    nodes.keep(comp.node, here.with_piece(stands))
    first, second = copied(comp, name, copy)
    assert nodes.part(nodes.ours(comp.port), {here.guid: name} if known else {}) == [second]
    assert nodes.state(first) == here.with_piece(stands)
    assert nodes.state(second).guid != here.guid
    assert nodes.state(second).standing == "c_v001"  # which goes on standing there
    assert not nodes.part(nodes.ours(comp.port), {})


def handed(comp, *takes):
    """The node after a turnover of its plate."""
    done = collect(comp.port, comp.node, "Kim", code="0010")
    project = Project("p", Fraction(24), 32, 18, "ACEScg")
    return remembered(nodes.state(comp.node), done, project, takes)


@pytest.mark.parametrize(
    ("script", "plate", "another"),
    [
        ("comp/sh010_comp_v002.nk", "plate", False),
        ("comp/sh010_comp_v002.nk", "newer", False),  # the same shot has a new plate
        ("comp/final.nk", "plate", False),  # renamed
        ("moved/sh010_comp_v001.nk", "plate", False),
        ("comp/sh020_comp_v001.nk", "newer", True),
        ("sh020/sh010_comp_v001.nk", "newer", True),
    ],
)
def test_a_script_that_was_copied_for_another_plate_hands_over_a_shot_of_its_own(
    comp, monkeypatch, tmp_path, script, plate, another
):
    nodes.keep(comp.node, first := handed(comp, "a.1"))
    session = Session(comp.port)
    acts, given = Acts(session), []
    monkeypatch.setattr(acts, "_hand_over", lambda name, done: given.append(done))
    (tmp_path / script).parent.mkdir(exist_ok=True)
    comp.fake.nuke.scriptSaveAs(str(tmp_path / script), 1)
    comp.plate["file"].setValue(str(sequence(tmp_path / "in", plate)))
    comp.plate["colorspace"].setValue("ACEScg")
    acts.turn_over(comp.node.fullName(), "Kim")
    now = nodes.state(comp.node)
    assert (now.guid != first.guid) is another
    assert (now.asked == ()) is another
    assert now.guid == given[0].shot.guid == given[0].turnover.shot.guid == given[0].asked.guid
    assert any("a shot of its own now" in one.what for one in session.said) is another
    session.close()


def test_who_presses_twice_hands_over_once(comp, monkeypatch):
    session = Session(comp.port)
    acts, name, asked = Acts(session), comp.node.fullName(), []
    monkeypatch.setattr(session.caller, "ask", lambda *what, **how: asked.append(what))
    acts.turn_over(name, "Kim")
    with pytest.raises(errors.TurnoverRejected, match="is being handed over"):
        acts.turn_over(name, "Kim")
    (_, _, failed), *more = asked
    assert not more
    failed(errors.DaemonUnavailable("no daemon runs"))
    acts.turn_over(name, "Kim")  # what was refused is asked for again
    assert len(asked) == 2
    session.close()


def test_an_estimate_goes_when_the_node_asks_for_something_else(comp):
    session = Session(comp.port)
    acts, name = Acts(session), comp.node.fullName()
    acts.estimate(name)
    session.read_script()
    assert session.estimates[name][0].startswith("4 frames")
    steps = len(comp.fake.steps)
    acts.view(name, "plate")  # which asks for nothing, and is no step of undo
    session.read_script()
    assert comp.node["su_view"].value() == "plate"
    assert len(comp.fake.steps) == steps
    assert name in session.estimates
    beyond(comp, None)
    session.read_script()
    assert name not in session.estimates
    session.close()


def test_a_node_is_made_beside_what_is_selected_in_a_group_too(comp):
    group = comp.fake.nuke.nodes.Group(name="Precomp")
    comp.plate.setSelected(False)
    with group:
        comp.fake.nuke.nodes.Read(name="Inner").setSelected(True)
        made = nodes.make(comp.port)
    assert made.parent() is group
    assert made.input(0).name() == "Inner"
    assert made in nodes.ours(comp.port)


def test_an_undo_takes_back_what_stands_and_not_what_was_handed_over(comp):
    session = Session(comp.port)
    with comp.port.no_undo():
        nodes.keep(comp.node, handed(comp, "a.1"))
    session.read_script()
    stands = Piece(
        nodes.state(comp.node).guid, "c_v001", "a.1", 1, "0" * 64, "/x", 1001, 1004, 1001
    )
    with comp.port.one_undo("Second Unit c_v001"):
        nodes.keep(comp.node, nodes.state(comp.node).with_piece(stands))
    with comp.port.no_undo():
        nodes.keep(comp.node, replace(nodes.state(comp.node), takes=("a.1", "a.2")))
    session.read_script()
    comp.port.undo()
    session.read_script()
    now = nodes.state(nodes.ours(comp.port)[0])
    assert now.pieces == ()
    assert now.takes == ("a.1", "a.2")
    session.close()


def test_the_panels_timer_leaves_the_script_alone_while_nuke_renders(comp, monkeypatch):
    graded(comp, monkeypatch)
    session = Session(comp.port)
    seen = []
    comp.fake.timers = [session.beat, lambda: session.guarded(lambda: seen.append("pressed"))]
    monkeypatch.setattr(session, "read_script", lambda: seen.append("read"))
    collect(comp.port, comp.node, "Kim", code="0010")
    assert comp.fake.renders
    assert seen == []
    assert session.said[0].what == "Nuke is rendering."
    comp.fake.timers = []
    session.beat()
    assert seen == ["read"]
    session.close()


def test_a_matte_that_its_read_converts_is_written_as_the_comp_has_it(comp):
    comp.matte["raw"].setValue(False)
    comp.matte["colorspace"].setValue("sRGB Encoded Rec.709 (sRGB)")
    done = collect(comp.port, comp.node, "Kim", code="0010")
    assert comp.fake.renders == [("SecondUnitWrite", 1001, 1004)]
    assert done.turnover.elements[1].name == "alpha"
    comp.node["su_matte_channel"].setValue("rgba.alpha")  # no colour: as it lies
    done = collect(comp.port, comp.node, "Kim", code="0010")
    assert len(comp.fake.renders) == 1


def test_without_a_daemon_the_panel_says_so_and_the_comp_is_untouched(comp, monkeypatch, tmp_path):
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("SECONDUNIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    session = Session(comp.port)
    before = comp.fake.text()
    for _ in range(400):
        session.beat()
        if "starts with the first" in session.daemon.hint:
            break
        import time

        time.sleep(0.01)
    assert session.daemon.hint == "It starts with the first turnover."
    assert session.board.connected is False
    session.guarded(lambda: Acts(session).circle("none", "Kim"))
    assert session.said[0].wrong
    assert comp.fake.text() == before
    session.close()


def test_a_version_that_does_not_fit_is_refused_and_the_comp_is_untouched(comp, tmp_path):
    with pytest.raises(errors.MediaOffline):
        cutting.place(comp.port, comp.node, str(tmp_path / "nothing"))
    (tmp_path / "v001").mkdir()
    (tmp_path / "v001" / "record.json").write_text("{}")
    before = comp.fake.text()
    with pytest.raises(errors.MediaDamaged):
        cutting.place(comp.port, comp.node, str(tmp_path / "v001"))
    with pytest.raises(errors.UnknownId):
        cutting.step(comp.port, comp.node, 1)
    assert comp.fake.text() == before


def test_nodes_are_never_touched_by_another_thread(comp):
    found = []
    caller = Caller("nuke", turn_on="Open its panel again.", log="the terminal")
    comp.fake.violations = []
    import threading

    thread = threading.Thread(target=lambda: found.append(_name(comp.node)))
    thread.start()
    thread.join()
    assert found == ["refused"]
    assert len(comp.fake.violations) == 1
    comp.fake.violations = []
    caller.close()


def _name(node):
    try:
        return node.name()
    except RuntimeError:
        return "refused"
