"""How far this show trusts each check, from what people answered, and which checks go quiet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from secondunit_bridge.film import Answer, Finding, Outcome, Waiver

ENOUGH = 30  # answers, from which a rate is one
TOO_OFTEN = 0.20  # share of "not an error", beyond which a check goes quiet
_JUDGES = (Answer.fix, Answer.creative_intent, Answer.best_possible, Answer.not_an_error)
_CHECK = re.compile(r".*/([a-z][a-z0-9_.-]*?)(?:\.\d+)?")


@dataclass(frozen=True)
class Answered:
    """What a person said to one finding of a check."""

    check: str
    answer: Answer


@dataclass(frozen=True)
class Trust:
    """The answers a check has had on this show."""

    answers: int
    not_errors: int

    @property
    def rate(self) -> float:
        """The share of false alarms, 0..1."""
        return self.not_errors / self.answers if self.answers else 0.0

    @property
    def quiet(self) -> bool:
        """The check has cried wolf too often to be heard without being asked."""
        return self.answers >= ENOUGH and self.rate > TOO_OFTEN

    @property
    def words(self) -> str:
        """``12 of 40 were no error (30 %)``."""
        return f"{self.not_errors} of {self.answers} were no error ({self.rate:.0%})"


def trust(answered: Iterable[Answered]) -> dict[str, Trust]:
    """What each check has earned. A question is no answer yet, and is not counted."""
    counts: dict[str, list[int]] = {}
    for one in answered:
        if one.answer in _JUDGES:
            count = counts.setdefault(one.check, [0, 0])
            count[0] += 1
            count[1] += one.answer is Answer.not_an_error
    return {name: Trust(*count) for name, count in sorted(counts.items())}


def hushed(findings: Sequence[Finding], earned: Mapping[str, Trust]) -> list[Finding]:
    """The findings, those of checks that have gone quiet marked so and not open any more.

    What stops is never hushed: it is a fact, such as a pixel that changed, and no estimate.
    """
    return [_hushed(one, earned.get(one.check)) for one in findings]


def of_cuts(waivers: Iterable[Waiver]) -> list[Answered]:
    """The answers in waivers of findings of cuts, in order; of several to one the last counts."""
    last = {one.finding: one for one in waivers}
    return [Answered(one.seen.check, one.answer) for one in last.values() if one.seen]


def of_waivers(waivers: Iterable[Waiver]) -> list[Answered]:
    """The answers in waivers of takes, by their findings' ids: ``take/check``."""
    return of_answers({one.finding: one.answer for one in waivers})


def of_answers(said: Mapping[str, Answer]) -> list[Answered]:
    """Answers to findings of takes by their ids: ``take/check``."""
    read = ((_CHECK.fullmatch(finding), answer) for finding, answer in said.items())
    return [Answered(match[1], answer) for match, answer in read if match]


def _hushed(finding: Finding, earned: Trust | None) -> Finding:
    if earned is None or not earned.quiet or finding.outcome is not Outcome.look:
        return finding
    return replace(finding, quiet=f"quiet on this show: {earned.words}", rank=None)
