"""The line as a person runs it: a home of its own, real footage, cuts made for the purpose."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cut_material import clip, film_folder, hole, small_excerpt, write_cut, write_movie
from own_home import own_home
from secondunit.cli import main


@dataclass(frozen=True)
class Said:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON document it must be."""
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The code of the error, in its JSON form."""
        return str(self.json["error"]["code"])


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home of this module's own; its daemon is stopped at the end."""
    with own_home() as place:
        yield place


@pytest.fixture
def su(home: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs one command of the command line in this process."""

    def run(*words: object) -> Said:
        capfd.readouterr()
        code = main([str(word) for word in words])
        out, err = capfd.readouterr()
        return Said(code, out, err)

    return run


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A folder of a small project, 24 frames a second and 320x180, with the excerpt in it."""
    return film_folder(tmp_path / "film", 320, 180)


@pytest.fixture(scope="session")
def excerpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The excerpt at half its size."""
    return small_excerpt(tmp_path_factory.mktemp("excerpt"))


@pytest.fixture
def light_film(tmp_path: Path, excerpt: Path) -> Path:
    """As ``film``, but its movie is half as large and so read in a third of the time."""
    return film_folder(tmp_path / "film", 320, 180, excerpt)


@pytest.fixture
def small_film(tmp_path: Path, excerpt: Path) -> Path:
    """As ``film`` in small, 128x72: for takes that need not be large to show what is shown."""
    return film_folder(tmp_path / "film", 128, 72, excerpt)


@pytest.fixture
def moving() -> Callable[..., list[np.ndarray]]:
    """Pictures of a textured scene that pans; ``repeat`` names frames shown as the one before."""

    def made(count: int, *, repeat: Sequence[int] = (), gain: float = 1.0) -> list[np.ndarray]:
        rng = np.random.default_rng(7)
        wide = np.kron(rng.random((12, 40, 3)), np.ones((16, 16, 1))) * 0.6 + 0.1
        pictures: list[np.ndarray] = []
        for number in range(count):
            seen = wide[:180, number * 3 : number * 3 + 320] * gain
            picture = (np.clip(seen, 0, 1) * 255).astype(np.uint8)
            pictures.append(pictures[-1] if number in repeat else picture)
        return pictures

    return made


@pytest.fixture
def cuts() -> Any:
    """The makers of cuts and movies: ``clip``, ``hole``, ``write_cut``, ``write_movie``."""

    class Makers:
        pass

    makers = Makers()
    for maker in (clip, hole, write_cut, write_movie):
        setattr(makers, maker.__name__, maker)
    return makers
