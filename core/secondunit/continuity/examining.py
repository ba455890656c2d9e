"""Runs every check over one take. A check that breaks says so; it never hides a take.

Checks that watch see each frame once, in order, all of them beside each other: a take is read one
time for all. Checks that examine read what they want themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.film import Finding, Outcome, Turnover

from ..hookspecs import AnyCheck, Check, Exam, Scope, Viewing, Watching
from ..media.sight import Shows, Sight
from ..plugins import ask, said

BROKE = "the check itself failed"
DIGITS = 4  # of what was measured
_SEVERITY = {Outcome.stop: 0, Outcome.look: 1, Outcome.not_checked: 2, Outcome.clear: 3}


def examine(
    exam: Exam, checks: Mapping[str, AnyCheck], take_id: str, *, shots: tuple[str, ...] = ()
) -> tuple[Finding, ...]:
    """Every check's findings, named ``take/check`` (then ``.2``, ``.3``) and ranked, worst first.

    ``shots`` are names put into findings that name none. Open findings are ranked from 1. A check
    that raises, or answers with anything that is no finding of its own, becomes a finding that was
    not checked, and the others go on.
    """
    found: list[Finding] = []
    answers = _watched(exam, {n: c for n, c in checks.items() if isinstance(c, Watching)})
    for name, check in checks.items():
        if not isinstance(check, Watching):
            answers[name] = _asked(name, check, exam)
        for count, finding in enumerate(answers[name], start=1):
            tail = "" if count == 1 else f".{count}"
            found.append(
                replace(
                    finding,
                    id=f"{take_id}/{name}{tail}",
                    shots=finding.shots or shots,
                    codes=codes_of(check),
                    limit_from=check.about.set_by,
                )
            )
    found.sort(key=_worst_first)
    return tuple(
        replace(finding, rank=place if finding.open else None)
        for place, finding in enumerate(found, start=1)
    )


def codes_of(check: AnyCheck) -> dict[str, str]:
    """What others call what a check finds: by whom, those that are known."""
    codes = check.about.codes
    known = {"netflix": codes.netflix, "ebu": codes.ebu}
    return {by: code for by, code in known.items() if code}


def _watched(exam: Exam, checks: Mapping[str, Watching]) -> dict[str, Sequence[Finding]]:
    """What the checks say that watch, after one pass over the frames. One that breaks is let go."""
    answers: dict[str, Sequence[Finding]] = {}
    watches: dict[str, Viewing] = {}
    for name, check in checks.items():
        begun = ask(check.watch, exam)
        if begun.raised is not None or begun.value is None:
            answers[name] = [_failed(name, check, begun.raised)]
        else:
            watches[name] = begun.value
    shows, sight = exam.shows or Shows(exam.take), None
    for number in exam.take.frames:
        sight = Sight(shows, number, sight)
        for name in list(watches):
            seen = ask(watches[name].see, sight)
            if seen.raised is not None:
                answers[name] = [_failed(name, checks[name], seen.raised)]
                del watches[name]
        if not watches:
            break
    for name, watch in watches.items():
        answers[name] = _answered(name, checks[name], watch.told)
    return answers


def meant_for(turnover: Turnover, checks: Mapping[str, AnyCheck]) -> dict[str, AnyCheck]:
    """The checks that have something to say of this turnover's takes: its work is theirs, and the
    elements that they need are there. A take has no files yet to be judged."""
    there = {element.role for element in turnover.elements}
    return {
        name: check
        for name, check in checks.items()
        if check.about.scope is not Scope.files
        and (not check.about.works or turnover.work in check.about.works)
        and there.issuperset(check.about.needs)
    }


def _asked(name: str, check: Check, exam: Exam) -> Sequence[Finding]:
    return _answered(name, check, lambda: check.examine(exam))


def _failed(name: str, check: AnyCheck, error: BaseException | None) -> Finding:
    if isinstance(error, SecondUnitError):  # of the media, not of the check
        return _unread(name, check, error)
    return _broke(name, check, said(error) if error else "it would not begin")


def _answered(
    name: str, check: AnyCheck, call: Callable[[], Sequence[Finding]]
) -> Sequence[Finding]:
    answer = ask(lambda: list(call()))  # the border: a third party's check may break
    if answer.raised is not None:
        return [_failed(name, check, answer.raised)]
    findings = answer.value or []
    if not findings:
        return [_broke(name, check, "it gave no finding")]
    strange = [f for f in findings if not isinstance(f, Finding) or f.check != name]
    if strange:
        return [_broke(name, check, "it answered with something that is no finding of its own")]
    return [_sound(finding) for finding in findings]


def _unread(name: str, check: AnyCheck, error: SecondUnitError) -> Finding:
    what = error.message.rstrip(".")
    return Finding(
        id="",
        check=name,
        outcome=Outcome.not_checked,
        sentence=f"The check {name} could not see every frame: {what}.",
        reason=what,
        department=check.about.department,
    )


def _broke(name: str, check: AnyCheck, what: str) -> Finding:
    return Finding(
        id="",
        check=name,
        outcome=Outcome.not_checked,
        sentence=f"The check {name} could not be run: {what}.",
        reason=BROKE,
        department=check.about.department,
    )


def _sound(finding: Finding) -> Finding:
    """With numbers that can be written down: neither NaN nor infinity, and no more digits than are
    meant. The last ones hang on where in memory a picture lay, and differ from run to run."""
    value, limit = (_written(number) for number in (finding.value, finding.limit))
    return replace(finding, value=value, limit=limit)


def _written(number: float | None) -> float | None:
    if number is None or not math.isfinite(number):
        return None
    whole = float(number).is_integer()  # a count is exact, however large
    return float(number) if whole else float(f"{number:.{DIGITS}g}")


def _worst_first(finding: Finding) -> tuple[int, float]:
    beyond = 0.0
    if finding.value is not None and finding.limit:
        beyond = abs(finding.value) / abs(finding.limit)
    return _SEVERITY[finding.outcome], -beyond
