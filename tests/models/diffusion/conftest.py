"""Tiny models registered as a person would, shot by the stage's own ``shoot`` in this process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tiny pipelines lie there
sys.path.insert(0, str(Path(__file__).parent))

from studio import Studio
from tiny import families


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> families.Folders:
    """Every tiny pipeline as a folder on disk, built when it is first asked for."""
    return families.Folders(tmp_path_factory.mktemp("weights"))


@pytest.fixture
def studio(folders: families.Folders, tmp_path: Path, places: Path) -> Studio:
    """A home, a store, and the means to shoot."""
    return Studio(folders, tmp_path / "store")
