"""Samples of the rendered scenes: errors that were rendered, clean pairs, confounders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from random import Random

from .metrics import Box
from .pictures import Picture, region
from .plan import held_out
from .plants import (
    GRAIN_LADDER,
    MORE_GRAIN,
    STILL_LADDERS,
    changed,
    exposed,
    shifted,
    softened,
    tinted,
)
from .samples import OTHER, RENDERED, SAME, Sample
from .scenes import Grained, Scene, looking
from .shots import Shot, beside_master, meeting

CHECK_OF = {
    "prop.move": "prop.change",
    "prop.gone": "prop.change",
    "costume.hue": "wardrobe.hue",
    "key.yaw": "light.side",
    "axis": "axis.host",
    "angle": "jump.host",
    "exposure": "colour.exposure",
    "white balance": "colour.wb",
    "black": "colour.black",
}
ANGLES = 96  # clean cuts between angles of a scene
EYELINES = (3.0, 7.0, 15.0, 40.0)  # degrees
PICTURE_CHECKS = ("colour.exposure", "colour.wb", "colour.black", "colour.palette", "light.side",
                  "prop.change", "wardrobe.hue")  # fmt: skip


def errors_of(scene: Scene) -> Iterator[Sample]:
    """Every error of a scene, and the clean pairs that are made beside them."""
    for made in (_rendered, _hosts, _post, _grains, _soft):
        yield from made(scene)


def clean_of(scene: Scene) -> Iterator[Sample]:
    """Every pair of a scene in which nothing is wrong."""
    for made in (_same, _confounders, _angles):
        yield from made(scene)


def _pair(scene: Scene, kind: str, shots: Sequence[Shot], context: str = SAME, **more) -> Sample:
    exam = beside_master if context == SAME else meeting
    held = held_out(scene.seed)
    return Sample(kind, RENDERED, context, held, tuple(shots), exam, **more)


def _same(scene: Scene) -> Iterator[Sample]:
    """Takes of one set-up, of which nothing is wrong."""
    for setup in "ABCDEF":
        clean = [take.name for take in scene.takes if take.setup == setup and not take.plant]
        for one, other in combinations(clean, 2):
            grain = Grained(seed=len(other))
            shots = scene.shot(one, ends=True), scene.shot(other, grain=grain)
            yield _pair(scene, "retake", shots)
            later = Grained(seed=5 + len(other))
            shots = scene.shot(other, ends=True, grain=later), scene.shot(one)
            yield _pair(scene, "retake", shots)
            if setup in "ABC":  # graded again: a hair brighter, and the frame a pixel over
                shots = (scene.shot(other, ends=True, change=_hair), scene.shot(one, grain=grain))
                yield _pair(scene, "retake", shots)


def _hair(picture: Picture, _: int) -> Picture:
    return shifted(exposed(picture, 0.02), 0.7, -0.4, 1.004)


def _angles(scene: Scene) -> Iterator[Sample]:
    """Cuts between different angles."""
    draw = Random(scene.seed)
    clean = [take for take in scene.takes if not take.plant and take.setup in "ABCDEF"]
    pairs = [(a.name, b.name) for a in clean for b in clean if a.setup != b.setup]
    for one, other in draw.sample(pairs, min(ANGLES, len(pairs))):
        shots = scene.shot(one, ends=True), scene.shot(other)
        yield _pair(scene, "cut to another angle", shots, OTHER)


def _confounders(scene: Scene) -> Iterator[Sample]:
    """What looks like an error and is none: declared, or part of the shot."""
    master = scene.shot("A0", ends=True)
    may = {"allowed": ("prop.change",)}
    for name in ("prop.gone.0", "prop.move.3"):
        yield _pair(scene, "declared: prop handled", (master, scene.shot(name, **may)))
    lit = scene.shot("lamp", allowed=PICTURE_CHECKS)
    yield _pair(scene, "declared: practical on", (master, lit))
    night = scene.shot("A1", change=lambda p, _: tinted(exposed(p, -1.5), -0.3),
                       day="2", allowed=PICTURE_CHECKS)  # fmt: skip
    yield _pair(scene, "declared: night", (master, night))
    pull = scene.shot("A2", change=lambda p, n: softened(p, 0.25 * n) if n > 3 else p)
    yield _pair(scene, "focus pull", (master, pull))
    pan = scene.shot("A1", change=lambda p, n: shifted(p, 1.5 * n, 0, 1.1))
    yield _pair(scene, "pan", (master, pan))
    yield _pair(scene, "cutaway", (scene.shot("A1", ends=True), scene.shot("F0")), OTHER)


def _rendered(scene: Scene) -> Iterator[Sample]:
    """Errors that were rendered, beside two clean takes of the set-up."""
    for take in scene.takes:
        if take.plant not in ("prop.move", "prop.gone", "costume.hue", "key.yaw"):
            continue
        truth = _truth(scene, take.name) if take.plant.startswith("prop") else ()
        for master in ("A0", f"A{1 + take.severity}"):
            shots = scene.shot(master, ends=True), scene.shot(take.name)
            yield _pair(scene, take.plant, shots, check=CHECK_OF[take.plant],
                        severity=take.severity, amount=take.amount, truth=truth)  # fmt: skip


def _truth(scene: Scene, name: str) -> tuple[Box, ...]:
    """Where the prop was, and where it is now."""
    index = scene.shown(name).truth["planted"]["index"]
    boxes = (region(scene.shown(which).ids, index) for which in ("A0", name))
    return tuple(box for box in boxes if box is not None)


def _hosts(scene: Scene) -> Iterator[Sample]:
    """What cards say exactly: the line, the angle, the eyes."""
    ends = scene.shot("B0", ends=True)
    for name in ("A0", "B1", "C0"):
        yield _pair(scene, "axis", (scene.shot(name, ends=True), scene.shot("axis.0")), OTHER,
                    check="axis.host", severity=3)  # fmt: skip
    for take in scene.takes:
        if take.plant == "angle":
            wide = take.amount >= 30
            shots = scene.shot("A0", ends=True), scene.shot(take.name)
            yield _pair(scene, "cut to another angle" if wide else "angle", shots, OTHER,
                        check="" if wide else "jump.host", severity=take.severity,
                        amount=take.amount)  # fmt: skip
    heads = scene.shown("C0").truth["people"]["positions"]
    for rung, degrees in enumerate(EYELINES):
        off = scene.shot("C0", people=looking(heads, degrees))
        yield _pair(scene, "eyeline", (ends, off), OTHER, check="eyeline.host", severity=rung,
                    amount=degrees)  # fmt: skip


def _post(scene: Scene) -> Iterator[Sample]:
    """Exposure, balance and blacks, either way, on retakes of the master."""
    for kind in ("exposure", "white balance", "black"):
        for rung, amount in enumerate(STILL_LADDERS[kind]):
            for n, sign in ((1, 1), (2, -1), (3, 1)):
                if kind == "black":
                    sign = 1
                shots = (scene.shot("A0", ends=True),
                         scene.shot(f"A{n}", change=changed(kind, sign * amount)))  # fmt: skip
                yield _pair(scene, kind, shots, check=CHECK_OF[kind], severity=rung,
                            amount=sign * amount)  # fmt: skip


def _grains(scene: Scene) -> Iterator[Sample]:
    """Grain that is less or more than the neighbour's, fine or coarse, at any angle."""
    pairs = (("A0", "A1", SAME), ("A0", "D0", OTHER), ("B0", "C0", OTHER), ("A2", "F0", OTHER))
    for kind, soft in (("grain", 0.0), ("coarse grain", 0.9)):
        for rung, (less, more) in enumerate(zip(GRAIN_LADDER, MORE_GRAIN, strict=True)):
            for n, (one, other, context) in enumerate(pairs):
                times = more if n % 2 else less
                usual = Grained(3.0, soft)
                planted = replace(usual, sigma=3.0 * times, seed=1)
                shots = (scene.shot(one, ends=True, grain=usual),
                         scene.shot(other, grain=planted))  # fmt: skip
                yield _pair(scene, kind, shots, context, check="grain.level", severity=rung,
                            amount=times)  # fmt: skip
        for n, (one, other, context) in enumerate(pairs):
            grain = Grained(3.0, soft, seed=10 + n)
            shots = (
                scene.shot(one, ends=True, grain=Grained(3.0, soft)),
                scene.shot(other, grain=grain),
            )
            yield _pair(scene, f"like {kind}", shots, context)


def _soft(scene: Scene) -> Iterator[Sample]:
    """Out of focus: beside the same set-up, and beside another angle; deep and shallow lenses."""
    pairs = (("soft", "A0", "A1", SAME), ("soft", "A0", "B0", OTHER), ("soft", "B0", "C1", OTHER),
             ("soft", "D0", "F0", OTHER), ("soft, shallow", "D0", "D1", SAME),
             ("soft, shallow", "A0", "D0", OTHER),
             ("soft, shallow", "D0", "E0", OTHER))  # fmt: skip
    for kind, one, other, context in pairs:
        for rung, pixels in enumerate(STILL_LADDERS["soft"]):
            shots = scene.shot(one, ends=True), scene.shot(other, change=changed("soft", pixels))
            yield _pair(scene, kind, shots, context, check="focus.soft", severity=rung,
                        amount=pixels)  # fmt: skip
