"""A file of many passes is decoded once, whoever asks and in whichever order."""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from secondunit.media import layers
from secondunit.media.delivery import Attributes, write_exr
from secondunit.media.open import open_footage
from secondunit_bridge.film import Media
from secondunit_bridge.timing import FrameRange

NAMES = ("R", "G", "B", "Depth.Z", "N.X", "N.Y", "N.Z")
SPAN = FrameRange(1, 4, Fraction(24))


@pytest.fixture
def pattern(tmp_path: Path) -> Path:
    for number in range(1, 5):
        pixels = np.random.default_rng(number).random((9, 16, 7)).astype(np.float16)
        write_exr(tmp_path / f"p.{number:04}.exr", pixels, NAMES, Attributes())
    return tmp_path / "p.%04d.exr"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What was decoded, in order: the channels of each file."""
    seen: list[tuple[str, ...]] = []
    whole = layers.read_alone

    def noted(path: Path, channels):
        seen.append((path.name, *channels))
        return whole(path, channels)

    monkeypatch.setattr(layers, "read_alone", noted)
    return seen


def media(pattern: Path, *channels: str) -> Media:
    return Media(SPAN, str(pattern), channels=channels, space="Raw")


def test_passes_of_one_file_are_decoded_once_and_are_what_they_are_alone(pattern, read):
    asked = [media(pattern, "R", "G", "B"), media(pattern, "Depth.Z"), media(pattern, "N.X", "N.Z")]
    shared = layers.Layers()
    shared.expect(asked)
    opened = [open_footage(one, read_still=shared.reader(one)) for one in asked]
    alone = [open_footage(one) for one in asked]
    for number in SPAN:
        frames = [one.frame(number) for one in opened]
        assert all((f == a.frame(number)).all() for f, a in zip(frames, alone, strict=True))
    for one in (*opened, *alone):
        one.close()
    assert sorted(name for name, *_ in read) == [f"p.{number:04}.exr" for number in SPAN]


def test_many_threads_at_once_wait_for_one(pattern, read):
    asked = [media(pattern, name) for name in NAMES]
    shared = layers.Layers()
    shared.expect(asked)
    readers = [shared.reader(one) for one in asked]
    path = Path(str(pattern) % 2)
    threads = [threading.Thread(target=reader, args=(path, one.channels))
               for reader, one in zip(readers, asked, strict=True)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read) == 1


def test_media_that_shares_nothing_or_names_no_channels_is_read_as_before(pattern):
    shared = layers.Layers()
    shared.expect([media(pattern, "R", "G", "B"), media(pattern)])
    assert shared.reader(media(pattern, "R", "G", "B")) is layers.read_alone
    shared.expect([media(pattern, "Depth.Z")])
    assert shared.reader(media(pattern, "Depth.Z")) is layers.read_alone
