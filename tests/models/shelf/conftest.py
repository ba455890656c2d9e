"""A sound folder, and a home to register it in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from secondunit.cli import main

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tiny pipelines lie there
sys.path.insert(0, str(Path(__file__).parent))

from written import pipeline


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound pipeline."""
    return pipeline(tmp_path / "sound")


@pytest.fixture
def su(places: Path, capfd: pytest.CaptureFixture[str]):
    """Runs one command in this process, in a home of the test's own; the daemon ends with it."""

    def run(*words: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([str(word) for word in words])
        return (code, *capfd.readouterr())

    yield run
    main(["daemon", "stop"])
