"""Fixtures every part of the suite shares."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data() -> Path:
    """Real footage, EXR and timelines that lie beside the checkout; absent on a bare clone."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of real material (shared/data beside the checkout) is absent")
    return folder


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch):
    """A home and a runtime folder of this test's own, in the environment; short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="su-") as folder:
        home, run = Path(folder) / "home", Path(folder) / "run"
        for place in (home, run):
            place.mkdir(mode=0o700)
        monkeypatch.setenv("SECONDUNIT_HOME", str(home))
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(run))
        os.chmod(folder, 0o700)
        yield home
