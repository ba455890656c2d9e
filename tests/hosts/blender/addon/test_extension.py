"""The extension as Blender gets it: a sound zip that turns on and off without leaving anything."""

from __future__ import annotations

import tomllib
import zipfile
from pathlib import Path

import pytest
from secondunit_bridge import __version__

WORDS = 4  # of a tooltip, at least


def test_blenders_own_tool_finds_the_zip_sound_and_would_pack_the_same(
    archive, studio, in_blender, tmp_path
):
    source = tmp_path / "source"
    with zipfile.ZipFile(archive) as found:
        found.extractall(source)
        names = set(found.namelist())
    seen = in_blender(studio, "packed", archive, source).answer
    assert (seen["valid"], seen["built"]) == (0, 0), seen["said"]
    (theirs,) = seen["zips"]
    with zipfile.ZipFile(theirs) as built:
        assert {name for name in built.namelist() if not name.endswith("/")} == names


def test_the_manifest_says_our_version_licence_and_why_it_wants_the_network(archive):
    with zipfile.ZipFile(archive) as found:
        told = tomllib.loads(found.read("blender_manifest.toml").decode())
    assert told["version"] == __version__
    assert told["license"] == ["SPDX:Apache-2.0"]
    assert "this machine" in told["permissions"]["network"]
    assert "wheels" not in told


def test_the_zip_holds_no_compiled_file_and_nothing_of_the_core(archive):
    with zipfile.ZipFile(archive) as found:
        names = found.namelist()
    assert not [n for n in names if not n.endswith((".py", ".toml", "py.typed"))]
    assert "secondunit_bridge/unit.py" in names
    assert not [n for n in names if n.startswith(("secondunit/", "core/"))]


@pytest.fixture(scope="module")
def on_and_off(archive, studio, in_blender):
    return in_blender(studio, "on_and_off", archive)


def test_it_turns_on_and_off_again_and_leaves_nothing(on_and_off):
    seen = on_and_off.answer
    assert seen["enabled"] == ["bl_ext.user_default.secondunit"]
    assert "user_default/secondunit/secondunit_bridge" in seen["bridge"].replace("\\", "/")
    assert seen["on"]["property"]
    assert seen["on"]["handlers"]
    assert "shoot" in seen["on"]["operators"]
    nothing = {"bridge": [], "modules": [], "threads": [], "handlers": [], "operators": []}
    assert seen["off"] == {**nothing, "property": False}
    assert seen["end"] == seen["off"]
    assert seen["again"]["operators"] == seen["on"]["operators"]
    assert on_and_off.code == 0


def test_every_operator_has_a_tooltip(on_and_off):
    tips = on_and_off.answer["tips"]
    assert len(tips) > 15
    assert not [name for name, tip in tips.items() if len(tip.split()) < WORDS]


def test_blender_ends_although_the_add_on_was_left_on(archive, daemon, in_blender):
    ended = in_blender(daemon, "left_on", archive)
    assert "secondunit link" in ended.answer["threads"]
    assert ended.code == 0


def test_another_version_of_the_bridge_is_refused_in_words(archive, studio, in_blender, tmp_path):
    other = tmp_path / "secondunit_bridge"
    other.mkdir()
    (other / "__init__.py").write_text("")
    (other / "_version.py").write_text('__version__ = "9.9"\n')
    seen = in_blender(studio, "other_bridge", archive, tmp_path).answer
    assert seen["operators"] == []
    assert "9.9" in seen["said"]
    assert str(other) in seen["said"]
    assert "Update that one" in seen["said"]


def test_the_same_version_installed_elsewhere_is_used(archive, studio, in_blender, tmp_path):
    other = tmp_path / "secondunit_bridge"
    other.mkdir()
    with zipfile.ZipFile(archive) as found:
        for name in found.namelist():
            if name.startswith("secondunit_bridge/"):
                (tmp_path / name).write_bytes(found.read(name))
    seen = in_blender(studio, "other_bridge", archive, tmp_path).answer
    assert seen["said"] == ""
    assert seen["bridge"] == str(other / "__init__.py")
    assert "shoot" in seen["operators"]


def test_the_manifest_lies_in_the_package_that_the_wheel_brings():
    root = Path(__file__).resolve().parents[4]
    assert (root / "hosts/blender/secondunit_blender/blender_manifest.toml").is_file()
