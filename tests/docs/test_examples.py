"""What the pages and docstrings show works when it is typed in."""

from __future__ import annotations

import doctest
import importlib
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "bridge", ROOT / "core"]


def modules_with_examples() -> list[str]:
    return sorted(
        ".".join(file.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        for folder in SOURCES
        for file in folder.rglob("*.py")
        if re.search(r"^\s*>>> ", file.read_text(encoding="utf-8"), re.MULTILINE)
    )


def test_the_examples_in_docstrings_give_what_they_say() -> None:
    failed = {}
    for name in modules_with_examples():
        outcome = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
        if outcome.failed:
            failed[name] = outcome
    assert not failed


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The plug-in of the hooks page, installed as a distribution with its entry point."""
    text = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    entry = re.search(r"```toml\n.*?^fade = \"(\w+)\"", text, re.DOTALL | re.MULTILINE)
    assert code
    assert entry
    (tmp_path / f"{entry[1]}.py").write_text(code[1], encoding="utf-8")
    papers = tmp_path / "studio_fade-1.dist-info"
    papers.mkdir()
    (papers / "METADATA").write_text("Metadata-Version: 2.1\nName: studio-fade\nVersion: 1\n")
    (papers / "entry_points.txt").write_text(f"[secondunit]\nfade = {entry[1]}\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "fade"
    sys.modules.pop(entry[1], None)


def test_the_plug_in_of_the_hooks_page_is_taken_when_allowed_and_only_then(plugin: str) -> None:
    from secondunit.plugins import Plugins

    shut, open_ = Plugins(), Plugins((plugin,))
    assert "fade" not in shut.generators
    assert "fade" in open_.generators
    assert "not_black" in open_.checks
    assert not [name for name in open_.refused if "fade" in name]


def test_the_plug_in_of_the_hooks_page_shoots_checks_and_listens(
    plugin: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from fractions import Fraction

    import numpy as np
    from secondunit.hookspecs import Developed, Exam, Plan
    from secondunit.plugins import Plugins
    from secondunit_bridge.film import Entry, Outcome, Role, Shot, Turnover, Work
    from secondunit_bridge.timing import FrameRange

    asked = FrameRange(1001, 1010, Fraction(24))
    before = Grey(FrameRange(1, 5, Fraction(24)), 0.5)
    ask = Turnover(Shot("P", "S", "0010", "guid", asked), Work.insert, "fade")
    plugins = Plugins((plugin,))
    fade, check = plugins.generators["fade"], plugins.checks["not_black"]
    plan = fade.plan(Plan(ask, asked, 4, 2, options={"grey": 0.18}), None)
    shot = [
        said for said in fade.run(plan, Before(before), 0, Nobody()) if isinstance(said, Developed)
    ]
    assert [said.frame for said in shot] == list(asked)
    assert np.allclose(shot[-1].pixels, 0.18)
    assert check.examine(Exam(before, before.frames, before.frames))[0].outcome is Outcome.clear
    black = Grey(before.frames, 0.0)
    assert check.examine(Exam(black, black.frames, black.frames))[0].outcome is Outcome.look
    hear = dict(plugins.listeners())[plugin]
    hear(Entry(1, "version", "S_0010_v001", 0.0, "Ada", {}, ""))
    assert "S_0010_v001 is published" in capsys.readouterr().out
    assert Role.before in {port.role for port in fade.about.ports}


class Grey:
    """Footage of one grey."""

    width, height, channels, space = 4, 2, ("R", "G", "B"), "ACEScg"

    def __init__(self, frames, level):
        self.frames, self._level = frames, level

    def frame(self, number):
        import numpy as np

        return np.full((self.height, self.width, 3), self._level, np.float32)


class Before:
    """Elements of a turnover that has only a shot before."""

    def __init__(self, footage):
        self._footage = footage

    def one(self, role):
        return self._footage if role.value == "before" else None

    def all(self, role):
        return tuple(filter(None, [self.one(role)]))


class Nobody:
    """Nobody stops this take."""

    def check(self):
        return None
