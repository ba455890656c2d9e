"""Scripts are well formed, open without us, and the self test's report can be held against them."""

from __future__ import annotations

import json
import runpy
import socket
import sys

import numpy as np
import pytest
from nuke_comp import Comp
from nuke_fake import nk, port
from secondunit.media.delivery import Attributes, write_exr
from secondunit_nuke import node as nodes
from secondunit_nuke import selftest
from secondunit_nuke.state import Asked, Piece, State, read, written

FOREIGN = r"""#! /opt/Nuke/Nuke13.2 -nx
version 13.2 v5
define_window_layout_xml {<?xml version="1.0" encoding="UTF-8"?>
<layout version="1.0"> </layout>
}
Root {
 inputs 0
 name /jobs/sh010/comp_v012.nk
 format "2048 1556 0 0 2048 1556 1 2K_Super_35(full-ap)"
 proxy_format "1024 778 0 0 1024 778 1 1K_Super_35(full-ap)"
 views "{left #ff0000}
{right #00ff00}"
}
Read {
 inputs 0
 file "/jobs/sh010/plate one/plate.####.exr"
 format "2048 1152 0 0 2048 1152 1 "
 first 1001
 last 1113
 name Read1
 xpos -40
}
set N70b33a0 [stack 0]
Grade {
 white {1.1 1 0.9 1}
 black {{curve x1001 0 x1050 0.25}}
 maskChannelMask -rgba.alpha
 name Grade1
 label "\[value white]\n\{odd"
}
push $N70b33a0
Merge2 {
 inputs 2
 operation screen
 name Merge1
 disable {{"parent.Grade1.disable == 1 ? 0 : 1"}}
}
push 0
Keymix {
 inputs 3
 name Keymix1
}
Group {
 inputs 2
 name Group1
 addUserKnob {20 User}
 addUserKnob {41 which_1 l which T Switch1.which}
}
 Input {
  inputs 0
  name Input1
 }
push $cut_paste_input
 Output {
  name Output1
 }
end_group
ModifyMetaData {
 metadata {
  {set exr/shot/delivery_conform 1}
 }
 name ModifyMetaData1
}
"""


CLONED = r"""
set cut_paste_input [stack 0]
push $cut_paste_input
add_layer {mask mask.a}
clone node7f6100171d00|Blur|21972 Blur {
 size {{"\[value root.frame] > 5 ? 3 : 0" x1001 7}}
 name Blur1
}
set C171d00 [stack 0]
set N1 [stack 0]
Gizmo_of_a_studio {
 knobChanged "__import__('studio').changed(\"\{\")"
 name Gizmo1
}
clone $C171d00 {
 xpos 40
}
push $N1
Copy {
 inputs 2+1
 from0 -rgba.alpha
 name Copy1
}
Group {
 inputs 0
 name Group1
}
 push 0
 Group {
  name Inner
 }
  Input {
   inputs 0
   name Input1
  }
 end_group
end_group
Viewer {
 inputs 2
 frame_range 1-100
 name Viewer1
}
"""


def test_clones_gizmos_and_groups_in_groups_of_others_are_read():
    found = {one.name or one.kind: one for one in nk.parsed(CLONED)}
    blurs = [one for one in nk.parsed(CLONED) if one.kind == "Blur"]
    assert len(blurs) == 2
    assert blurs[1].knobs["size"] == blurs[0].knobs["size"]
    assert [one.name for one in blurs[1].inputs] == ["Gizmo1"]
    assert [one and one.kind for one in found["Copy1"].inputs] == ["Blur", "Blur", None]
    assert [one.name for one in found["Group1"].inside] == ["Inner"]
    assert [one.name for one in found["Group1"].inside[0].inside] == ["Input1"]
    assert [one.name for one in found["Viewer1"].inputs] == ["Group1", "Copy1"]


def test_scripts_of_others_are_read():
    found = nk.parsed(FOREIGN)
    kinds = [one.kind for one in found]
    assert kinds == ["Root", "Read", "Grade", "Merge2", "Keymix", "Group", "ModifyMetaData"]
    by_name = {one.name: one for one in found}
    assert by_name["Read1"].knobs["file"][0] == "/jobs/sh010/plate one/plate.####.exr"
    assert [one.name for one in by_name["Merge1"].inputs] == ["Read1", "Grade1"]
    assert [one.kind for one in by_name["Group1"].inside] == ["Input", "Output"]
    assert by_name["Grade1"].knobs["label"][0] == "[value white]\n{odd"


@pytest.mark.parametrize(
    "bad",
    [
        "Read {\n name a",
        "Group {\n}\n",
        "end_group\n",
        'Read {\n label "a\n}',
        "push $N7\nRead {\n}",
    ],
)
def test_a_script_that_is_none_is_told_from_one(bad):
    with pytest.raises(nk.NotNuke):
        nk.parsed(bad)


@pytest.fixture
def wired(nuke_fake, tmp_path):
    for name in ("plate", "roto", "version"):
        (tmp_path / name).mkdir()
        for number in range(1001, 1004):
            values = np.full((18, 32, 4), 0.25, np.float16)
            file = tmp_path / name / f"{name}.{number}.exr"
            write_exr(file, values, ("R", "G", "B", "A"), Attributes())
    comp = Comp.made(
        nuke_fake(), tmp_path / "comp", tmp_path / "plate/plate.%04d.exr",
        tmp_path / "roto/roto.%04d.exr",
    )  # fmt: skip
    return comp, tmp_path


def test_the_node_is_ordinary_nodes_that_every_nuke_has(wired):
    from secondunit_nuke.place.wiring import wire

    comp, folder = wired
    piece = Piece(
        "g", "v", "t", 1, "0" * 64, f"{folder}/version/version.%04d.exr", 1001, 1003, 1001
    )
    wire(comp.port, comp.node, nodes.state(comp.node).with_piece(piece))
    group = next(one for one in nk.parsed(comp.fake.text()) if one.kind == "Group")
    ordinary = {"Input", "Output", "Read", "Merge2", "Copy", "Expression", "Dilate", "Blur",
                "Switch", "ModifyMetaData"}  # fmt: skip
    assert {one.kind for one in group.inside} <= ordinary
    callbacks = {"onCreate", "knobChanged", "updateUI", "beforeRender", "autolabel", "onScriptLoad"}
    assert not callbacks & set(group.knobs)
    code = [text for text in group.user if text.startswith("22 ")]
    assert code
    assert all("secondunit_nuke.panel.buttons" in text for text in code)
    assert any("INVISIBLE" in text and nodes.STATE in text for text in group.user)


def test_what_a_node_remembers_comes_back_as_it_was():
    piece = Piece('g"[x]', "v{1}", "$t", 3, "ab", "/a b/c.%04d.exr", 1001, 1004, 990, "ACEScg")
    now = State(
        "g", "s", "0010", "p", pieces=(piece,), asked=(Asked("g", "0010", 990, (990, 993)),)
    )
    assert read(written(now)) == now
    assert written(now).isascii()
    assert "\n" not in written(now)


def test_terminal_mode_loads_no_ui_and_calls_no_daemon(nuke_fake, monkeypatch):
    from importlib.resources import files

    nuke_fake(gui=False)
    for name in [one for one in sys.modules if one.startswith(("secondunit_nuke", "PySide"))]:
        monkeypatch.delitem(sys.modules, name)

    def refused(*_):
        raise AssertionError("the daemon was called")

    monkeypatch.setattr(socket, "socket", refused)
    startup = files("secondunit_nuke.startup")
    runpy.run_path(str(startup / "init.py"))
    runpy.run_path(str(startup / "menu.py"))
    loaded = [one for one in sys.modules if one.startswith(("secondunit_nuke.", "PySide"))]
    assert [one for one in loaded if one != "secondunit_nuke.startup"] == []


def test_an_old_nuke_is_told_so_in_one_line(capsys, monkeypatch):
    from importlib.resources import files

    monkeypatch.setattr(sys, "version_info", (3, 7, 7))
    for name in ("init.py", "menu.py"):
        runpy.run_path(str(files("secondunit_nuke.startup") / name))
    assert capsys.readouterr().err.splitlines() == [
        "Second Unit needs Nuke 14 or newer; in this one it is left out."
    ]


REPORTED = {  # of the self test: what must be true in every Nuke, the fake included
    "a layer by itself": ["depth.Z"],
    "its metadata": "depth",
    "grain spares the plate": True,
    "grain is there": True,
    "grain moves": True,
    "memory survives": True,
    "renders give the result": True,
    "read in place": True,
    "outside the matte it is the plate": True,
    "inside it is the version": True,
    "plate and version differ": True,
    "range": [1001, 1003],
    "size": [64, 36],
    "files": 3,
}
WITH_GUI = {"taken back": True}  # a Nuke in a terminal keeps no steps of undo


@pytest.mark.parametrize("gui", [False, True])
def test_the_self_test_runs_and_its_report_says_what_the_fake_does(nuke_fake, tmp_path, gui):
    nuke_fake(gui=gui)
    said = selftest.run(port(), tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert said == "10 steps tried; failed: none.", report["steps"]
    assert differs(report) == {}


def differs(report):
    """What a report says otherwise than the fake does."""
    assert report["schema"] == selftest.SCHEMA
    wanted = {**REPORTED, **(WITH_GUI if report["gui"] else {})}
    found = {key: report["facts"].get(key) for key in wanted}
    failed = {one["step"]: one["said"] for one in report["steps"] if not one["ok"]}
    return {key: value for key, value in found.items() if value != wanted[key]} | failed


def replayed(folder):
    """What each report says otherwise, by its file."""
    said = {one.name: json.loads(one.read_text(encoding="utf-8")) for one in folder.glob("*.json")}
    return {name: differs(report) for name, report in said.items() if differs(report)}


def test_reports_of_real_nukes_say_what_the_fake_does(nuke_fake, tmp_path):
    """None has come yet. Each is a file in ``reports`` beside this one, named by its Nuke."""
    from pathlib import Path

    assert replayed(Path(__file__).parent / "reports") == {}
    nuke_fake(gui=False)
    selftest.run(port(), tmp_path / "Nuke15.1v3.json")
    assert replayed(tmp_path) == {}
    report = json.loads((tmp_path / "Nuke15.1v3.json").read_text())
    report["facts"]["range"] = [1, 1]
    report["steps"][3] |= {"ok": False, "said": "NameError: knob raw does not exist"}
    (tmp_path / "Nuke16.0v2.json").write_text(json.dumps(report))
    assert replayed(tmp_path) == {
        "Nuke16.0v2.json": {
            "range": [1, 1],
            "the node is built and wired": "NameError: knob raw does not exist",
        }
    }


def test_the_self_test_finds_a_nuke_that_loses_the_nodes_memory(nuke_fake, tmp_path):
    fake = nuke_fake(gui=False)
    opened = fake.open
    fake.open = lambda text, path="": opened(text.replace("su_state", "su_lost"), path)
    selftest.run(port(), tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert [one["step"] for one in report["steps"] if not one["ok"]]
    assert "memory survives" in differs(report)


def test_the_self_test_finds_a_nuke_whose_merge_is_not_exact(nuke_fake, tmp_path, monkeypatch):
    from nuke_fake.pixels import Evaluator

    exact = Evaluator._Merge2

    def rounding(self, node, frame):
        image = exact(self, node, frame)
        image.channels = {name: one * np.float32(1.002) for name, one in image.channels.items()}
        return image

    monkeypatch.setattr(Evaluator, "_Merge2", rounding)
    nuke_fake(gui=False)
    selftest.run(port(), tmp_path / "report.json")
    said = differs(json.loads((tmp_path / "report.json").read_text()))
    assert {"outside the matte it is the plate", "inside it is the version"} <= set(said)


def test_the_self_test_finds_a_nuke_that_renders_what_is_looked_at(nuke_fake, tmp_path):
    fake = nuke_fake(gui=True)
    evaluated = fake.evaluated
    fake.evaluated = lambda text, node, **at: evaluated(
        text.replace("[python {int(nuke.executing())}]", "0"), node, **at
    )
    selftest.run(port(), tmp_path / "report.json")
    assert set(differs(json.loads((tmp_path / "report.json").read_text()))) == {
        "renders give the result"
    }


def test_every_file_is_python_that_the_oldest_nuke_reads():
    import ast
    from pathlib import Path

    here = Path(selftest.__file__).parent
    files = sorted(here.rglob("*.py"))
    assert len(files) > 20
    for file in files:
        ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 9))
    for name in ("init.py", "menu.py"):  # and these an older one too, to be told so
        text = (here / "startup" / name).read_text(encoding="utf-8")
        ast.parse(text, feature_version=(3, 7))
        assert "import annotations" not in text
