"""Proxies: what is watched of a large take, made beside the line, deletable, remade on need."""

from __future__ import annotations

import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from secondunit.colour import PINNED, Colour
from secondunit.media.delivery import Attributes, write_exr
from secondunit.media.frames import digest
from secondunit.stage import proxies
from secondunit.stage.frames import keep_frame
from secondunit.stage.orders import MakeProxies
from secondunit.stage.posters import poster
from secondunit.vault import Vault
from secondunit.web.pictures import Look, Pictures
from secondunit.web.reel import Reel
from secondunit_bridge.errors import Cancelled, FramesMissing
from secondunit_bridge.film import Entry, Media
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.wire import plain

RATE = Fraction(24)
EXCERPT = Path(__file__).parents[2] / "core/secondunit/cli/demo/excerpt.mp4"


class Going:
    """Nobody stops it."""

    def check(self) -> None:
        """Go on."""


class Stopped:
    """Somebody has stopped it."""

    def check(self) -> None:
        """Say so."""
        raise Cancelled("stopped", hint="")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two large frames of the film in its vault."""
    import av

    folder = tmp_path_factory.mktemp("store")
    with av.open(str(EXCERPT)) as film:
        for frame, _ in zip(film.decode(video=0), range(2), strict=False):
            large = cv2.resize(frame.to_ndarray(format="rgb24"), (1400, 788)).astype(np.float32)
            keep_frame(Vault(folder / "vault"), ((large / 255) ** 2.2).astype(np.float16),
                       ("R", "G", "B"))  # fmt: skip
    return folder


@pytest.fixture
def media(store: Path) -> Media:
    """A take of those two frames."""
    names = tuple(sorted(path.stem for path in (store / "vault").rglob("*.exr")))
    return Media(FrameRange(1001, 1002, RATE), "", 1400, 788, space="ACEScg", digests=names)


def order(store: Path, media: Media) -> MakeProxies:
    return MakeProxies("aa.1", media, str(store), PINNED)


def page(store: Path, media: Media) -> Pictures:
    """The page's pictures of a project with that one take."""
    shot = {"project": "p", "sequence": "TCC", "code": "0010", "guid": "g",
            "cut": {"first": 0, "last": 1, "rate": "24"}}  # fmt: skip
    turnover = {"shot": shot, "work": "insert", "generator": "slate"}
    take = {"id": "aa.1", "turnover": "aa", "shot": "g", "name": "TCC_0010", "number": 1,
            "seed": 1, "state": "pending_review", "media": plain(media)}  # fmt: skip
    project = {"name": "p", "rate": "24", "width": 1400, "height": 788, "store": str(store),
               "ocio": PINNED}  # fmt: skip
    day = [("project", "p", project), ("turnover", "aa", {"turnover": turnover, "takes": [
        {"id": "aa.1", "number": 1, "seed": 1}]}), ("take", "aa.1", take)]  # fmt: skip
    reel = Reel()
    reel.absorb(Entry(n + 1, k, s, 1e9, "", dict(b), "") for n, (k, s, b) in enumerate(day))
    return Pictures(reel, store)


def seen(data: bytes) -> NDArray[np.float32]:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture.astype(np.float32)


def test_a_large_take_gets_proxies_once_and_the_page_serves_those(
    store: Path, media: Media
) -> None:
    made = proxies.make(order(store, media), Going())
    assert (made.frames, proxies.told(store)["frames"]) == (2, 2)
    assert made.bytes == proxies.told(store)["bytes"] > 10_000
    assert proxies.make(order(store, media), Going()).frames == 0  # they are there
    kept = proxies.Proxies(store, Colour(PINNED)).path(media.digests[0], media.space)
    assert page(store, media).jpeg("aa.1", 1001, Look()) == kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0  # as private as the vault
    small = seen(page(store, media).jpeg("aa.1", 1001, Look(240)))
    assert small.shape[1] == 240


def test_what_is_deleted_or_half_written_is_made_again_when_somebody_looks(
    store: Path, media: Media
) -> None:
    proxies.make(order(store, media), Going())
    kept = proxies.Proxies(store, Colour(PINNED)).path(media.digests[1], media.space)
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    assert page(store, media).jpeg("aa.1", 1002, Look()) == whole == kept.read_bytes()
    shutil.rmtree(proxies.folder(store))
    assert page(store, media).jpeg("aa.1", 1002, Look()) == whole
    assert proxies.told(store)["frames"] == 1


def test_exposure_and_gamma_are_of_the_frame_and_never_of_its_proxy(
    store: Path, media: Media
) -> None:
    pictures = page(store, media)
    plain_one = seen(pictures.jpeg("aa.1", 1001, Look()))
    for look, brighter in ((Look(stops=-2), False), (Look(gamma=1.6), True)):
        other = seen(pictures.jpeg("aa.1", 1001, look))
        assert (other.mean() > plain_one.mean() + 4) == brighter
        assert abs(other.mean() - plain_one.mean()) > 4
    middle = 128.0 * np.ones(1)
    bent = 255 * (middle / 255) ** (1 / 1.6)
    codes = seen(pictures.jpeg("aa.1", 1001, Look(gamma=1.6)))
    near = np.abs(plain_one - 128) < 1
    assert abs(float(codes[near].mean()) - float(bent[0])) < 2.5  # codes to the power of 1 / gamma
    assert proxies.told(store)["frames"] <= 2


def test_a_small_take_needs_none_and_one_that_is_stopped_leaves_what_is_whole(
    store: Path, media: Media, tmp_path: Path
) -> None:
    assert proxies.wanted(media)
    assert not proxies.wanted(replace(media, width=854, height=480))
    assert not proxies.wanted(None)
    with pytest.raises(Cancelled):
        proxies.make(order(store, media), Stopped())
    with pytest.raises(FramesMissing):
        proxies.make(order(tmp_path, media), Going())
    assert proxies.told(tmp_path) == {"frames": 0, "bytes": 0}


def test_what_a_lens_squeezed_is_seen_as_wide_as_it_was(tmp_path: Path, media: Media) -> None:
    pixels = np.zeros((48, 40, 3), np.float16)
    pixels[12:36, 10:30] = 0.5
    name, vault = digest(pixels, ("R", "G", "B")), Vault(tmp_path / "vault")
    scope = Attributes(space="ACEScg", pixel_aspect=Fraction(2))
    vault.keep(name, lambda path: write_exr(path, pixels, ("R", "G", "B"), attributes=scope))
    rate = FrameRange(1001, 1001, RATE)
    take = replace(media, frames=rate, width=40, height=48, digests=(name,))
    data = page(tmp_path, take).jpeg("aa.1", 1001, Look())
    for shown in (seen(data), seen(poster(take, vault, Colour(PINNED)))):
        assert shown.shape == (48, 80, 3)
        assert (shown > 90).any(axis=2).sum() == pytest.approx(24 * 40, rel=0.1)
    assert seen(page(tmp_path, take).jpeg("aa.1", 1001, Look(stops=1))).shape == (48, 80, 3)
    large = replace(take, width=2000, height=1000)  # as its takes' proxies are made
    assert proxies.make(order(tmp_path, large), Going()).frames == 1
    (kept,) = proxies.folder(tmp_path).rglob("*.jpg")
    assert seen(kept.read_bytes()).shape == (48, 80, 3)
    assert page(tmp_path, large).jpeg("aa.1", 1001, Look()) == kept.read_bytes()
