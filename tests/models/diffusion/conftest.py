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


@pytest.fixture
def small_edits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Qwen's editors work on a megapixel of every picture they are shown; here on fewer pixels."""
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_inpaint as inside
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus as plus

    sized = inside.calculate_dimensions
    monkeypatch.setattr(inside, "calculate_dimensions", lambda area, ratio: sized(96 * 96, ratio))
    monkeypatch.setattr(plus, "VAE_IMAGE_SIZE", 96 * 96)
