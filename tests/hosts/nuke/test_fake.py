"""What Nuke refuses the fake refuses too: each refusal is seen to bite, and what is allowed not."""

from __future__ import annotations

import inspect
import threading
from functools import partial

import numpy as np
import pytest
from nuke_fake import Fake, nk
from secondunit.media.delivery import Attributes, write_exr

FREE = {  # of the module: what Nuke lets every thread ask for
    "executeInMainThread", "executeInMainThreadWithResult", "executing", "tprint", "warning",
}  # fmt: skip


@pytest.fixture
def fake():
    return Fake()


@pytest.fixture
def nuke(fake):
    return fake.nuke


def test_what_nuke_does_not_have_is_not_there(nuke):
    read = nuke.nodes.Read()
    for reach in (
        lambda: nuke.executeEverything,
        lambda: nuke.nodes.Magic(),
        lambda: read.setPosition,
        lambda: read["file"].changeValue,
        lambda: setattr(read, "file", "x"),
        lambda: setattr(read["file"], "text", "x"),
    ):
        with pytest.raises(AttributeError):
            reach()
    with pytest.raises(NameError):
        read["files"]
    assert read.knob("files") is None


def test_values_of_another_kind_are_refused(nuke):
    read, expression = nuke.nodes.Read(), nuke.nodes.Expression()
    for knob, value, kind in (
        (read["first"], "1001", TypeError),
        (read["raw"], "true", TypeError),
        (expression["expr0"], 1, TypeError),
        (read["on_error"], "shrug", ValueError),
    ):
        with pytest.raises(kind):
            knob.setValue(value)
    read["on_error"].setValue("black")
    read["first"].setValue(1001)


def test_a_new_file_undoes_what_was_set_before(fake, tmp_path):
    for number in (1001, 1002):
        write_exr(
            tmp_path / f"a.{number}.exr", np.zeros((4, 4, 3), np.float16), tuple("RGB"),
            Attributes(),
        )  # fmt: skip
    read = fake.nuke.nodes.Read()
    for knob, value in (("colorspace", "ACEScg"), ("on_error", "black"), ("raw", True),
                        ("frame_mode", "start at"), ("frame", "7"), ("first", 5)):  # fmt: skip
        read[knob].setValue(value)
    read["file"].setValue(f"{tmp_path}/a.%04d.exr")
    assert [read[one].value() for one in ("on_error", "raw", "frame_mode", "frame")] == [
        "error", False, "expression", "",
    ]  # fmt: skip
    assert read["colorspace"].value().startswith("default")
    assert (read["first"].value(), read["last"].value()) == (1001, 1002)
    fake.ranged = False  # a Nuke that leaves the range to whoever names the file
    read["file"].setValue(f"{tmp_path}/a.%04d.exr")
    assert (read["first"].value(), read["last"].value()) == (1, 1)
    write = fake.nuke.nodes.Write()
    assert write.knob("datatype") is None
    write["file_type"].setValue("exr")
    assert write.knob("datatype") is not None


def test_what_is_made_for_a_person_is_connected_to_what_is_selected(nuke):
    first = nuke.nodes.NoOp()
    first.setSelected(True)
    assert nuke.nodes.NoOp().input(0) is None
    assert nuke.createNode("NoOp", inpanel=False).input(0) is first


def test_groups_keep_their_nodes_and_what_is_deleted_is_gone(nuke):
    group, outer = nuke.nodes.Group(), nuke.nodes.NoOp()
    with group:
        inner = nuke.nodes.NoOp()
    with pytest.raises(ValueError, match="another group"):
        outer.setInput(0, inner)
    nuke.delete(outer)
    with pytest.raises(ValueError, match="not attached"):
        outer.name()


def test_a_render_is_let_alone_and_is_the_only_one(fake, tmp_path):
    write = fake.nuke.nodes.Write()
    write.setInput(0, fake.nuke.nodes.Expression())
    for knob, value in (("file", f"{tmp_path}/x.%04d.exr"), ("file_type", "exr"), ("raw", True)):
        write[knob].setValue(value)
    said = []

    def meddle():
        for act in (lambda: write["raw"].setValue(False), lambda: fake.nuke.execute(write, 1, 1)):
            with pytest.raises(RuntimeError) as refused:
                act()
            said.append(str(refused.value))

    fake.timers = [meddle]
    fake.nuke.execute(write, 1, 1)
    assert said == ["nothing may change while a render runs", "a render runs already"]
    assert (tmp_path / "x.0001.exr").is_file()
    write["file"].setValue(f"{tmp_path}/[date].%04d.exr")  # code, not a name
    with pytest.raises(RuntimeError, match="TCL"):
        fake.nuke.execute(write, 1, 1)


def test_threads_are_kept_off_the_nodes_and_lose_their_errors(fake, capsys):
    node = fake.nuke.nodes.NoOp()
    seen = []

    def elsewhere():
        try:
            node["label"].setValue("x")
        except RuntimeError as error:
            seen.append(str(error))
        seen.append(fake.nuke.executeInMainThreadWithResult(lambda: 1 / 0))
        seen.append(fake.nuke.executeInMainThreadWithResult(node.name))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    while thread.is_alive():
        fake.spin()
        thread.join(0.01)
    assert seen == ["nodes are touched on the main thread only", None, "NoOp1"]
    assert "ZeroDivisionError" in capsys.readouterr().err  # printed, and lost
    assert len(fake.violations) == 1
    with pytest.raises(RuntimeError, match="for ever"):
        fake.nuke.executeInMainThreadWithResult(node.name)
    assert len(fake.violations) == 2


def asks(thing, *more):
    """Every public way to ask a thing of Nuke, with as many blanks as it needs."""
    for name in dir(thing):
        if not name.startswith("_") and callable(getattr(thing, name)):
            spec = inspect.getfullargspec(getattr(thing, name))
            needed = len(spec.args) - 1 - len(spec.defaults or ())
            yield name, partial(getattr(thing, name), *[None] * needed)
    yield from ((f"asked for {one}", partial(thing.__getitem__, one)) for one in more)


def test_nothing_of_a_script_can_be_asked_from_another_thread(fake):
    group, read = fake.nuke.nodes.Group(), fake.nuke.nodes.Read()
    things = [
        *asks(read, "file"), *asks(group), *asks(fake.nuke.root()),
        *(one for knob in read.knobs().values() for one in asks(knob)),
        *((name, ask) for name, ask in asks(fake.nuke) if name not in FREE and name[0].islower()),
    ]  # fmt: skip
    answered = []

    def elsewhere():
        for name, ask in things:
            try:
                ask()
            except RuntimeError as error:
                if "main thread" in str(error):
                    continue
            except Exception as error:  # noqa: BLE001 - whatever it says, it was not refused
                answered.append((name, error))
                continue
            answered.append((name, "answered"))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(things) > 300
    assert not answered, sorted({name for name, _ in answered})
    assert len(fake.violations) == len(things)


def test_a_terminal_has_no_windows_and_takes_nothing_back():
    fake = Fake(gui=False)
    for ask in (
        lambda: fake.nuke.menu("Nuke"),
        lambda: fake.nuke.message("x"),
        lambda: fake.nuke.createNode("NoOp"),
    ):
        with pytest.raises(RuntimeError):
            ask()
    assert len(fake.violations) == 3
    fake.nuke.Undo.begin("a step")
    fake.nuke.nodes.Dot()
    fake.nuke.Undo.cancel()
    assert len(fake.nuke.allNodes("Dot")) == 1
    assert not fake.steps


def test_a_step_of_undo_is_taken_back_whole_and_one_left_open_is_seen(fake):
    fake.nuke.nodes.NoOp()
    before = fake.text()
    fake.nuke.Undo.begin("two")
    for _ in range(2):
        fake.nuke.nodes.Dot()
    assert not fake.balanced
    fake.nuke.Undo.end()
    assert fake.balanced
    fake.nuke.undo()
    assert fake.text() == before


def test_scripts_with_what_nuke_does_not_know_do_not_open(fake):
    for text, kind in (
        ("Magic {\n inputs 0\n name M\n}\n", RuntimeError),
        ("NoOp {\n inputs 0\n wand 3\n}\n", RuntimeError),
        ("NoOp {\n inputs 1\n}\n", nk.NotNuke),
    ):
        with pytest.raises(kind):
            fake.open(text)
    fake.open("NoOp {\n inputs 0\n name N\n}\n")
    assert fake.nuke.toNode("N") is not None
