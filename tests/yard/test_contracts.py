"""Who may import whom holds, and each rule bites when it is broken on purpose."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATHS = ("core", "bridge", "hosts/blender", "hosts/nuke", "hosts/resolve")

BRIDGE = "Hosts and core meet only at the bridge; the bridge knows nobody"
ROOMS = "The core is a straight line of rooms"
LIBRARY = "A host's Python needs the standard library only"
SCENE = "What reads a Blender scene is given it, and never imports Blender"
PANEL = "In Blender the panel stands above all, and what reads and places knows no panel"
SCRIPT = "What reads a Nuke script is given it, and never imports Nuke or Qt"
NUKE_PANEL = "In Nuke the panel stands above all, and what reads and places knows no panel"
MODELS = "The daemon's own rooms never reach a model library"

PLANTS = [
    ("bridge/secondunit_bridge/planted.py", "import numpy", LIBRARY),
    ("bridge/secondunit_bridge/planted.py", "import secondunit", BRIDGE),
    ("hosts/blender/secondunit_blender/planted.py", "import secondunit_nuke", BRIDGE),
    ("hosts/resolve/secondunit_resolve/planted.py", "import zmq", LIBRARY),
    ("hosts/blender/secondunit_blender/collect/planted.py", "import bpy", SCENE),
    ("hosts/blender/secondunit_blender/place/planted.py", "import bpy", SCENE),
    ("hosts/blender/secondunit_blender/place/planted.py", "import secondunit_blender.panel", PANEL),
    ("hosts/nuke/secondunit_nuke/collect/planted.py", "import nuke", SCRIPT),
    ("hosts/nuke/secondunit_nuke/planted.py", "import PySide6.QtCore", SCRIPT),
    ("hosts/nuke/secondunit_nuke/place/planted.py", "import secondunit_nuke.panel", NUKE_PANEL),
    ("core/secondunit/desk/planted.py", "import torch", MODELS),
    ("core/secondunit/media/planted.py", "import secondunit.desk", ROOMS),
    ("core/secondunit/generators/planted.py", "import secondunit.checks", ROOMS),
    ("core/secondunit/settings/planted.py", "import secondunit.ledger", ROOMS),
    ("core/secondunit/planted.py", "", ROOMS),  # a new room that nobody gave a place
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's Python files and contracts, free to be spoilt."""
    root = tmp_path_factory.mktemp("contracts")
    shutil.copy(ROOT / "pyproject.toml", root)
    for name in PATHS:
        for file in (ROOT / name).rglob("*.py"):
            to = root / file.relative_to(ROOT)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, to)
    return root


def lint(root: Path) -> tuple[int, str]:
    path = os.pathsep.join(str(root / name) for name in PATHS)
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as m; m()"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_every_contract_is_kept(copy: Path) -> None:
    code, said = lint(copy)
    assert code == 0, said


@pytest.mark.parametrize(("file", "line", "contract"), PLANTS)
def test_a_planted_import_breaks_its_contract(
    copy: Path, file: str, line: str, contract: str
) -> None:
    planted = copy / file
    flat = planted.parent.with_suffix(".py")  # the room is one module, not a folder
    plant_in = flat if flat.is_file() else planted
    before = plant_in.read_text(encoding="utf-8") if plant_in.is_file() else None
    plant_in.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        code, said = lint(copy)
    finally:
        if before is None:
            plant_in.unlink()
        else:
            plant_in.write_text(before, encoding="utf-8")
    assert code != 0
    assert f"{contract} BROKEN" in said
