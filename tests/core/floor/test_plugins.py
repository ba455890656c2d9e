from __future__ import annotations

import sys
from pathlib import Path

import pytest
from secondunit.plugins import BUILT_IN, Plugins
from secondunit_bridge.errors import PlugInRefused
from secondunit_bridge.film import Entry

GOOD = """
from secondunit.hookspecs import hookimpl, GeneratorAbout, CheckAbout, Scope
from secondunit_bridge.film import Work
HEARD = []
class G:
    about = GeneratorAbout("{name}", "1", "A test generator.", (Work.insert,))
    def plan(self, plan, elements): return plan
    def run(self, plan, elements, seed, watch): return iter(())
@hookimpl
def secondunit_generators(): return [G()]
@hookimpl
def secondunit_recorded(entry): HEARD.append(entry)
"""


OURS = {"looks", "slate", "reframe", "clean_plate", "plate_in"}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Installs a distribution with one entry point, as pip would leave it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(name: str, source: str, *, point: str = "") -> None:
        module = name.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(source.replace("{name}", name))
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[secondunit]\n{point or name} = {module}\n")

    before = set(sys.modules)
    yield install
    for name in set(sys.modules) - before:
        if name.startswith("su_"):
            del sys.modules[name]


def test_the_built_ins_come_in_through_the_plug_in_manager_only():
    plugins = Plugins()
    assert set(plugins.generators) == OURS
    assert set(plugins.checks) == {
        "frame_count", "range", "dup.frame", "freeze", "colour.exposure", "colour.wb",
        "flicker.global", "flicker.boil", "pse", "block", "band", "dead.cut",
        "setup.match", "grain.level", "focus.soft", "focus.take", "axis.host", "jump.host",
        "eyeline.host",
        "colour.black", "colour.palette", "light.side", "prop.change", "wardrobe.hue",
        "obey.silhouette", "obey.missing", "obey.camera", "obey.eyeline",
        "delivery.frames", "delivery.whole", "delivery.mixed", "delivery.name", "delivery.size",
        "delivery.depth", "delivery.compression", "delivery.windows", "delivery.aspect",
        "delivery.colour", "delivery.rate", "delivery.timecode", "plate.integrity", "matte.seam",
        "axis.pixels", "delivery.slate",
        "identity.face", "face.missing", "face.direction",
    }  # fmt: skip
    assert not plugins.refused
    assert not Plugins(built_in=()).generators
    assert len(BUILT_IN) == 33


def test_a_third_partys_plug_in_is_not_even_imported_unless_it_is_allowed(installed):
    installed("su-fog", GOOD)
    plugins = Plugins(("something-else",))
    assert "su_fog" not in sys.modules
    assert "su-fog" not in plugins.generators
    assert "not on the allow-list" in plugins.refused["su-fog"].message
    assert "not installed" in plugins.refused["something-else"].message
    assert not Plugins().refused, "without an allow-list nothing is scanned"


@pytest.mark.parametrize("word", ["su-fog", "su_fog", "SU_Fog", "fog-point"])
def test_an_allowed_plug_in_loads_by_the_name_of_its_point_its_package_or_its_distribution(
    installed, word
):
    installed("su-fog", GOOD, point="fog-point")
    plugins = Plugins((word,))
    assert plugins.generators["su-fog"].about.sentence == "A test generator."
    assert not plugins.refused


def limited(limit: str) -> str:
    return GOOD.replace("(Work.insert,))", f"(Work.insert,), {limit})")


MARK = "from secondunit.hookspecs import hookimpl\n@hookimpl\n"
BAD = {
    "raises": ("raise RuntimeError('no licence found')", "no licence found"),
    "exits": ("import sys; sys.exit(3)", "SystemExit"),
    "syntax": ("def (:", "SyntaxError"),
    "empty": ("x = 1", "none of the hooks"),
    "typo": (
        MARK + "def secondunit_generator(): return []",
        "a hook that is not one: secondunit_generator",
    ),
    "arguments": (
        MARK + "def secondunit_checks(x): return []",
        "does not fit the hooks",
    ),
    "none": (GOOD.replace("return [G()]", "return None"), "gives no generators"),
    "hook-raises": (GOOD.replace("return [G()]", "1/0"), "ZeroDivisionError"),
    "no-about": (GOOD.replace("about =", "other ="), "without a GeneratorAbout"),
    "name": (GOOD.replace("{name}", "Bad Name!"), "not a plain lower-case word"),
    "double": (GOOD.replace("[G()]", "[G(), G()]"), "a second generator"),
    "taken": (GOOD.replace("{name}", "slate"), "a second generator called slate"),
    "cannot-run": (GOOD.replace("def run(", "def walk("), "cannot run"),
    "multiple": (limited("size_multiple=0"), "size_multiple is 0"),
    "half": (limited("most_pixels=0.5"), "most_pixels is 0.5"),
    "rule": (limited("frame_rule=4"), "frame_rule is 4"),
    "overlap": (limited("overlap=-1"), "overlap is -1"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_plug_in_is_refused_by_name_and_the_rest_loads(installed, kind):
    source, says = BAD[kind]
    installed(f"su-{kind}", source)
    installed("su-good", GOOD)
    plugins = Plugins((f"su-{kind}", "su-good"))
    refused = plugins.refused[f"su-{kind}"]
    assert isinstance(refused, PlugInRefused)
    assert says in refused.message
    assert f"su-{kind}" in refused.message
    assert refused.hint
    assert "\n" not in refused.message
    assert OURS | {"su-good"} == set(plugins.generators)


def test_a_listener_that_raises_is_told_and_the_others_still_hear(installed):
    installed("su-deaf", GOOD.replace("HEARD.append(entry)", "1/0"))
    installed("su-ear", GOOD)
    plugins = Plugins(("su-deaf", "su-ear"))
    entry = Entry(1, "note", "a.1", 0.0, "Ana", {}, "00")
    answers = {name: hear(entry) for name, hear in plugins.listeners()}
    assert [name for name, answer in answers.items() if answer.raised] == ["su-deaf"]
    assert [entry] == sys.modules["su_ear"].HEARD


def test_describing_what_is_installed_imports_no_picture_library(run_python):
    loaded = run_python(
        "import sys; from secondunit.plugins import Plugins; p = Plugins();"
        "[x.about for x in (*p.generators.values(), *p.checks.values())];"
        "print([m for m in ('cv2', 'av', 'torch', 'OpenImageIO', 'opentimelineio',"
        "'importlib.metadata') if m in sys.modules and m != 'importlib.metadata'])"
    )
    assert loaded.strip() == "[]"


@pytest.fixture
def run_python():
    import subprocess

    def run(code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout

    return run
