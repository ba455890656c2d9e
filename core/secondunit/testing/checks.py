"""What every check must do, as functions that say what it did not."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from secondunit_bridge.film import Finding, Outcome
from secondunit_bridge.timing import FrameRange

from ..hookspecs import AnyCheck, Exam, Watching
from ..media.footage import Footage, Picture
from ..media.sight import Shows, Sight
from ..plugins import ask, said
from .material import RATE, Reel, scene


def comply_check(check: AnyCheck) -> None:
    """All of it. Raises AssertionError saying what is wrong."""
    describes_itself(check)
    answers_well_formed(check)
    never_raises_for_a_bad_picture(check)
    says_the_same_twice(check)


def examined(check: AnyCheck, exam: Exam) -> list[Finding]:
    """What the check finds, whichever way it looks; raises what the check raises."""
    if not isinstance(check, Watching):
        return list(check.examine(exam))
    viewing, shows, sight = check.watch(exam), exam.shows or Shows(exam.take), None
    for number in exam.take.frames:
        sight = Sight(shows, number, sight)
        viewing.see(sight)
    return list(viewing.told())


def describes_itself(check: AnyCheck) -> None:
    """Name, version, sentence, unit, source of the limits and department are there."""
    about = check.about
    for name in ("name", "version", "sentence", "unit", "source", "department"):
        assert getattr(about, name), f"{about.name or 'the check'} has no {name}"


def answers_well_formed(check: AnyCheck) -> None:
    """On a plain take: findings of its own, unnamed, with a sentence; open ones with frames."""
    findings = examined(check, _exam(scene(24), scene(seed=1), scene(seed=2)))
    _well_formed(check, findings)
    alone = examined(check, _exam(scene(24), None, None))
    _well_formed(check, alone)


def never_raises_for_a_bad_picture(check: AnyCheck) -> None:
    """NaN, infinity, black, one pixel, huge and negative values, one frame: it answers."""
    for name, take in _bad():
        for neighbour in (None, take, scene()):
            answer = ask(examined, check, _exam(take, neighbour, neighbour))
            if answer.raised is not None:
                says = f"{check.about.name} raised for {name}: {said(answer.raised)}"
                raise AssertionError(says) from answer.raised
            _well_formed(check, list(answer.value or ()))


def says_the_same_twice(check: AnyCheck) -> None:
    """Two examinations of one take give equal findings."""
    exam = _exam(scene(16), scene(seed=1), None)
    assert examined(check, exam) == examined(check, exam), "two runs, two answers"


def _well_formed(check: AnyCheck, findings: list[Finding]) -> None:
    name = check.about.name
    assert findings, f"{name} answered nothing; say clear, or not_checked and why"
    for finding in findings:
        assert isinstance(finding, Finding), f"{name} answered {type(finding).__name__}"
        assert finding.check == name, f"{name} answered a finding of {finding.check!r}"
        assert finding.id == "", f"{name} named a finding {finding.id!r}; the core names them"
        assert finding.sentence.strip(), f"{name} gave a finding without a sentence"
        assert finding.department, f"{name} gave a finding without a department"
        for number in (finding.value, finding.limit):
            assert number is None or math.isfinite(number), f"{name} gave the number {number}"
        if finding.outcome is Outcome.not_checked:
            assert finding.reason, f"{name} did not check and does not say why"
        if finding.open:
            assert finding.value is not None, f"{name} gave an open finding without a value"
            assert finding.unit, f"{name} gave a value without a unit"
            assert finding.frames, f"{name} does not say which frames to look at"
        for first, last in finding.frames:
            assert first <= last, f"{name} gave the frames {first} to {last}"


def _exam(take: Footage, before: Footage | None, after: Footage | None) -> Exam:
    frames = take.frames
    cut = FrameRange(min(frames.first + 2, frames.last), max(frames.last - 2, frames.first), RATE) \
        if len(frames) > 4 else frames  # fmt: skip
    return Exam(take=take, asked=frames, cut=cut, before=before, after=after)


def _bad() -> Iterator[tuple[str, Footage]]:
    for name, value in (
        ("NaN", np.nan), ("infinity", np.inf), ("black", 0.0), ("huge values", 3e38),
        ("negative values", -2.0), ("the smallest values", 1e-42),
    ):  # fmt: skip
        yield name, _flat(value, 64, 36, 12)
    yield "one pixel", _flat(0.2, 1, 1, 12)
    yield "a line", _flat(0.2, 64, 1, 12)
    yield "one frame", _flat(0.2, 64, 36, 1)
    yield "alpha of nothing", _flat(0.0, 64, 36, 12, channels=4)
    noise = np.random.default_rng(0).normal(0, 1e4, (36, 64, 3)).astype(np.float32)
    noise[::2, ::3] = np.nan
    yield "noise with NaN", Reel(FrameRange(1, 12, RATE), 64, 36, lambda number: noise * number)


def _flat(value: float, width: int, height: int, count: int, *, channels: int = 3) -> Footage:
    def made(number: int) -> Picture:
        return np.full((height, width, channels), value, np.float32)

    names = ("R", "G", "B", "A")[:channels]
    return Reel(FrameRange(1, count, RATE), width, height, made, names)
