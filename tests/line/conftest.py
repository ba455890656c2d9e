"""The line as a person runs it: a home of its own, real footage, cuts made for the purpose."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from secondunit.cli import main

EXCERPT = Path(__file__).parents[2] / "core/secondunit/cli/demo/excerpt.mp4"


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
    """A home and a runtime folder of this module's own; its daemon is stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="su-") as folder, pytest.MonkeyPatch.context() as patch:
        place, run = Path(folder) / "home", Path(folder) / "run"
        for path in (place, run):
            path.mkdir(mode=0o700)
        patch.setenv("SECONDUNIT_HOME", str(place))
        patch.setenv("XDG_RUNTIME_DIR", str(run))
        yield place
        main(["daemon", "stop", "--json"])


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
    folder = tmp_path / "film"
    folder.mkdir()
    os.symlink(EXCERPT, folder / "bbb.mp4")
    (folder / "secondunit.toml").write_text(
        'name = "film"\nrate = "24"\nwidth = 320\nheight = 180\nspace = "ACEScg"\n'
        'movie_space = "Gamma 2.4 Encoded Rec.709"\nstore = "store"\n'
    )
    return folder


def clip(
    name: str, media: object, first: int, count: int, *, speed: float = 1.0, has: int = 214
) -> dict[str, Any]:
    """A clip of a cut; ``has`` frames of media from 0."""
    warp = {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "metadata": {}}
    warp |= {"effect_name": "LinearTimeWarp", "time_scalar": speed}
    return {
        "OTIO_SCHEMA": "Clip.1",
        "name": name,
        "source_range": _range(first, count),
        "effects": [warp] if speed != 1 else [],
        "media_reference": {
            "OTIO_SCHEMA": "ExternalReference.1",
            "target_url": str(media),
            "available_range": _range(0, has),
        },
    }


def hole(count: int) -> dict[str, Any]:
    """A gap."""
    return {"OTIO_SCHEMA": "Gap.1", "name": "", "source_range": _range(0, count)}


def write_cut(path: Path, items: Sequence[dict[str, Any]], *, rate: float = 24) -> Path:
    """A cut of one track that starts at 01:00:00:00."""
    for item in items:
        for time in item["source_range"].values():
            if isinstance(time, dict):
                time["rate"] = rate
    document = {
        "OTIO_SCHEMA": "Timeline.1",
        "name": path.stem,
        "global_start_time": {
            "OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": round(rate) * 3600,
        },
        "tracks": {
            "OTIO_SCHEMA": "Stack.1",
            "children": [
                {"OTIO_SCHEMA": "Track.1", "name": "V1", "kind": "Video", "children": list(items)}
            ],
        },
    }  # fmt: skip
    path.write_text(json.dumps(document))
    return path


def write_movie(path: Path, pictures: Sequence[np.ndarray], *, rate: int = 24) -> Path:
    """Pictures, uint8 RGB, as a lossless movie tagged BT.709."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"qp": "0", "g": "1"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv444p"
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _range(start: int, count: int) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": start},
        "duration": {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": count},
    }


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
