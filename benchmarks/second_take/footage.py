"""Samples on real footage: stretches as they are, and with errors planted. Reported by themselves.

A locked-off table in a room, people who cross a street, and an animated film: see the folder's own
README for sources and licences. Without the folder there are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .pictures import Picture, delivered, grained
from .plants import STILL_LADDERS, changed, exposed, shifted, softened
from .running import of_run
from .samples import LIVE, OTHER, SAME, UNSETTLED, Sample
from .shots import COUNT, Shot, beside_master, meeting

TABLE, STREET, FILM = "one-by-one-person.mp4", "seeking-480i.mp4", "big-buck-bunny-480p-30s.mp4"
EMPTY = (0, 15, 30, 452, 470, 706, 716)  # first frames of stretches in which the table is alone
# The camera exposes itself. Somebody has just left: at the cut it is brighter than in the first
# stretch by .12 and .07 stops (median over all pixels; the others by less than .05, the least that
# is planted), and by .03 stops bluer.
SETTLING = (452, 706)
STREETS = (0, 90)
SHOTS = (70, 300, 400, 515, 600)  # within five shots of the film
ONE_FRAMING = {400, 515}  # a bird on a bough, and the bough without: no cut to another angle
RUNS = (70, 300, 515, 600)
CUP = (0.030, 0.11)  # how wide and high, in widths and heights of the picture
SPOTS = ((0.53, 0.15), (0.56, 0.14), (0.54, 0.15), (0.57, 0.16))  # on the table


def of_footage(folder: Path) -> Iterator[Sample]:
    """Every sample of the real footage."""
    if not (folder / TABLE).exists():
        return
    yield from _retakes(folder)
    yield from _planted(folder)
    yield from _cups(folder)
    yield from _cuts(folder)
    for name, firsts in ((STREET, STREETS), (FILM, RUNS), (TABLE, (330, 640))):
        for n, first in enumerate(firsts):
            frames = list(stretch(folder / name, first, 24))
            yield from of_run(f"{name}/{first}", frames, n % 2 == 1, LIVE, seed=first)


@lru_cache(maxsize=64)
def stretch(path: Path, first: int, count: int = COUNT) -> tuple[NDArray[np.uint8], ...]:
    """Frames of a movie as 8-bit RGB."""
    import av

    with av.open(str(path)) as movie:
        stream = movie.streams.video[0]
        rate = Fraction(stream.average_rate)
        movie.seek(int(max(0, first - 30) / rate / stream.time_base), stream=stream)
        kept = []
        for frame in movie.decode(stream):
            number = round(frame.pts * stream.time_base * rate)
            if number >= first:
                kept.append(frame.to_ndarray(format="rgb24"))
            if len(kept) == count:
                break
    return tuple(kept)


@dataclass(frozen=True)
class _Reel:
    """A stretch as a shot; ``change`` is done to its codes, grain of so many codes added."""

    path: Path
    first: int

    def shot(self, change=None, grain: float = 0.0, soft: float = 0.5) -> Shot:
        def made(number: int) -> NDArray:
            codes = stretch(self.path, self.first)[number]
            if change is None and not grain:
                return codes
            picture: Picture = codes.astype(np.float32) / np.float32(255)
            if change is not None:
                picture = change(picture, number)
            return delivered(grained(picture, (self.first, number), grain, soft))

        return Shot(f"{self.path.name}/{self.first}", made, COUNT)


def _held(first: int) -> bool:
    return first >= 400


def _context(one: int, other: int) -> str:
    return UNSETTLED if {one, other} & set(SETTLING) else SAME


def _retakes(folder: Path) -> Iterator[Sample]:
    """The empty table at different times, the same street, parts of one film shot."""
    for one, other in combinations(EMPTY, 2):
        context = _context(one, other)
        shots = _Reel(folder / TABLE, one).shot(), _Reel(folder / TABLE, other).shot()
        yield _sample("retake", context, _held(one), shots)
        graded = _Reel(folder / TABLE, other).shot(lambda p, _: shifted(exposed(p, 0.02), 0.6, 0.4))
        yield _sample("retake", context, _held(one), (shots[0], graded))


def _planted(folder: Path) -> Iterator[Sample]:
    check = {"exposure": "colour.exposure", "white balance": "colour.wb", "soft": "focus.soft"}
    reels = [(_Reel(folder / TABLE, 0), _Reel(folder / TABLE, first)) for first in (30, 470, 716)]
    reels += [(_Reel(folder / FILM, 75), _Reel(folder / FILM, 70)),
              (_Reel(folder / FILM, 520), _Reel(folder / FILM, 515))]  # fmt: skip
    for one, other in reels:
        for kind, name in check.items():
            for rung, amount in enumerate(STILL_LADDERS[kind]):
                shots = one.shot(), other.shot(changed(kind, amount))
                yield _sample(kind, SAME, _held(other.first), shots, check=name, severity=rung,
                              amount=amount)  # fmt: skip
        for kind, soft in (("grain", 0.0), ("coarse grain", 0.9)):
            for rung, more in enumerate((1.2, 1.5, 2.0, 3.0)):
                shots = one.shot(grain=3.0, soft=soft), other.shot(grain=3.0 * more, soft=soft)
                yield _sample(kind, SAME, _held(other.first), shots, check="grain.level",
                              severity=rung, amount=more)  # fmt: skip
        for rung, (x, scale) in enumerate(((1, 1.0), (3, 1.005), (8, 1.02), (16, 1.04))):
            reframed = other.shot(lambda p, _, x=x, scale=scale: shifted(p, x, x / 2, scale))
            yield _sample("framed again", SAME, _held(other.first), (one.shot(), reframed),
                          severity=rung, amount=x)  # fmt: skip


def _cups(folder: Path) -> Iterator[Sample]:
    """A cup on the table: there and gone, or moved by so many widths of its own."""
    for n, (one, other) in enumerate([(0, 30), (15, 470), (30, 716), (452, 15)]):
        before, after = _Reel(folder / TABLE, one), _Reel(folder / TABLE, other)
        spot = SPOTS[n]
        cases = [("prop.gone", 3, None, 1.0)]
        cases += [("prop.move", rung, (spot[0] + far * CUP[0], spot[1]), far)
                  for rung, far in enumerate((0.1, 0.35, 1.0, 2.5))]  # fmt: skip
        for kind, rung, to, far in cases:
            shots = before.shot(cup(spot)), after.shot(cup(to) if to else None)
            truth = tuple((x, y, *CUP) for x, y in filter(None, (spot, to)))
            yield _sample(kind, SAME, _held(other), shots, check="prop.change", severity=rung,
                          amount=far, truth=truth)  # fmt: skip
        stays = before.shot(cup(spot)), after.shot(cup(spot))
        yield _sample("retake", _context(one, other), _held(other), stays)


def cup(at: tuple[float, float]):
    """A blue cup with its shade and shadow put into a picture, its top left corner ``at``."""

    def change(picture: Picture, _: int) -> Picture:
        rows, columns = picture.shape[:2]
        x, y = round(at[0] * columns), round(at[1] * rows)
        wide, high = round(CUP[0] * columns), round(CUP[1] * rows)
        across = np.linspace(-1, 1, wide, dtype=np.float32)
        shade = (0.75 + 0.35 * across - 0.3 * across**2)[None, :, None]
        out = picture.copy()
        out[y + high - 3 : y + high + 4, x : x + 2 * wide] *= np.float32(0.8)
        out[y : y + high, x : x + wide] = np.array([0.22, 0.36, 0.62], np.float32) * shade
        out[y : y + 4, x : x + wide] = np.array([0.5, 0.62, 0.8], np.float32)
        return softened(out, 0.5)

    return change


def _cuts(folder: Path) -> Iterator[Sample]:
    """Cuts between shots of one film."""
    reels = [_Reel(folder / FILM, first) for first in SHOTS]
    for one, other in permutations(reels, 2):
        if {one.first, other.first} == ONE_FRAMING:
            continue
        sample = _sample(
            "cut to another angle", OTHER, _held(other.first), (one.shot(), other.shot())
        )
        yield replace(sample, exam=meeting)


def _sample(kind: str, context: str, held: bool, shots, **more) -> Sample:
    return Sample(kind, LIVE, context, held, tuple(shots), beside_master, **more)
