"""Has the checks look at a sample, as a sweep would, and says how suspicious each found it."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from secondunit.continuity import examine
from secondunit.continuity.sweep import UNASKED
from secondunit.hookspecs import AnyCheck, Scope
from secondunit.plugins import Plugins
from secondunit_bridge.film import Finding, Outcome

from .metrics import Box, Score
from .samples import CLIP, Sample

NO_NEIGHBOUR = "no neighbour"  # a cut point has one side; nothing is said of the other


@dataclass(frozen=True)
class Looked:
    """What checks said of a sample: ``scores`` by check (1 is the check's limit, None abstained),
    ``flags`` are how many open findings each made, ``boxes`` where, ranked."""

    sample: Sample
    scores: Mapping[str, Score]
    flags: Mapping[str, int]
    boxes: Mapping[str, tuple[Box, ...]] = field(default_factory=dict)
    seconds: float = 0.0  # of CPU
    frames: int = 0  # of a run

    @property
    def score(self) -> Score:
        """By the check that must find it."""
        return self.scores.get(self.sample.check)

    @property
    def found(self) -> bool:
        """The check that must find it flagged it."""
        return self.flags.get(self.sample.check, 0) > 0


def pair_checks() -> dict[str, AnyCheck]:
    """What a sweep asks of two shots."""
    return {n: c for n, c in _of_cuts().items() if c.about.scope is Scope.pair}


def shot_checks() -> dict[str, AnyCheck]:
    """What a sweep asks of one shot."""
    return {n: c for n, c in _of_cuts().items() if c.about.scope is not Scope.pair}


def _of_cuts() -> dict[str, AnyCheck]:
    return {
        name: check
        for name, check in Plugins().checks.items()
        if name not in UNASKED and not check.about.works and not check.about.needs
    }


def look(samples: Iterable[Sample], only: Collection[str] = ()) -> Iterator[Looked]:
    """Every sample: all checks of its kind where it is clean, only the one it is for where not.

    ``only``: these checks, and the samples that they have to do with.
    """
    pairs, shots = pair_checks(), shot_checks()
    for sample in samples:
        checks = shots if sample.context == CLIP else pairs
        if not sample.clean:
            checks = {n: c for n, c in checks.items() if n == sample.check}
        if only:
            checks = {n: c for n, c in checks.items() if n in only}
        if checks or not only:
            yield look_at(sample, checks)


def look_at(sample: Sample, checks: Mapping[str, AnyCheck]) -> Looked:
    """One sample."""
    start = time.process_time()
    found = examine(sample.exam(*sample.shots), checks, "sample")
    seconds = time.process_time() - start
    by_check: dict[str, list[Finding]] = {name: [] for name in checks}
    for finding in found:
        if finding.reason != NO_NEIGHBOUR:
            by_check[finding.check].append(finding)
    return Looked(
        sample,
        {name: strongest(told) for name, told in by_check.items()},
        {name: sum(one.open for one in told) for name, told in by_check.items()},
        {name: tuple(one.region for one in _ranked(told) if one.region)
         for name, told in by_check.items()},
        seconds,
        sample.shots[0].count,
    )  # fmt: skip


def strongest(found: Sequence[Finding]) -> Score:
    """The most suspicious of a check's findings; None when it looked at nothing."""
    known = [strength(one) for one in found if one.outcome is not Outcome.not_checked]
    return max(known, default=None)


def strength(one: Finding) -> float:
    """How far a finding is on the way to its limit: 1 there, above where it is open."""
    value, limit = one.value, one.limit
    if value is None:
        return 1.0 if one.open else 0.0
    if one.check == "grain.level":
        far = abs(math.log(max(value, 1e-3))) / math.log(1.25)
    elif one.check in ("jump.host", "setup.match"):
        far = (30 / max(value, 1.0) if one.check == "jump.host" else 1.0) if one.open else 0.0
    else:
        far = abs(value) / limit if limit else float(one.open)
    return max(far, 1.0) if one.open else min(far, 0.999)


def _ranked(found: Sequence[Finding]) -> list[Finding]:
    return sorted((one for one in found if one.open), key=lambda one: -abs(one.value or 0))
