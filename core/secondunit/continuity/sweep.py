"""A sweep: every shot of a cut by itself, and the pairs worth comparing, kept for the next sweep.

Nothing that is wrong with one shot hides another. What was found is kept by content: by the media
and the frames that are shown, the checks and their versions, and the colour they were seen in. The
next sweep looks only at what has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from secondunit_bridge import __version__
from secondunit_bridge.errors import Cancelled, ColorUnknown, SecondUnitError
from secondunit_bridge.film import Finding, Outcome, Work

from ..checks.lint.rules import NOBODY_SAYS
from ..checks.neighbours import ALONE
from ..checks.sides import NO_CARD, declared_same
from ..contract.receipt import NAME
from ..editorial import Cut, CutShot
from ..exam import BEFORE, NEAR, Exam
from ..hookspecs import AnyCheck, Scope
from ..media.own import own_version
from .drift import Curve, Curves, drifting
from .ends import Ends
from .examining import examine
from .further import Known, Line
from .held import THING
from .linting import lint, unreadable
from .pairs import (
    Kind,
    Pair,
    costumes,
    in_order,
    masters,
    meeting,
    returning,
    same_places,
    setups,
    wearing,
)
from .places import Digest, Place, named, placed
from .playing import Playback, compared, numbered
from .profile import in_force
from .recognising import Recogniser
from .remembered import Memory

WORN = ("wardrobe.hue",)  # checks of a costume, whatever else differs between two shots
UNASKED = ("frame_count",)  # compares with what was asked of a take; a cut asks nothing
Setups = Sequence[Sequence[CutShot]]
Tell = Callable[[int, int, str], None]
"""``tell(done, of, what)``: how far a sweep is."""


@dataclass(frozen=True)
class Job:
    """Shots to look at together, and the checks to look with."""

    checks: Mapping[str, AnyCheck]
    shots: tuple[CutShot, ...]
    pair: Pair | None = None

    @property
    def other(self) -> str:
        """What the first shot is to the second; empty where they meet."""
        return self.pair.called if self.pair else ""

    @property
    def says(self) -> str:
        """In a few words."""
        return " | ".join(shot.name for shot in self.shots)

    def worded(self, says: str) -> str:
        """A check's sentence with the names of the shots."""
        for words in ("the shot before the take", "the shot before it") if self.other else ():
            says = says.replace(words, self.other)
        for words in ("the take", "The take"):
            says = says.replace(words, f"“{self.shots[-1].name}”")
        return says


@dataclass
class Swept:
    """What was found over a cut."""

    findings: list[Finding] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)  # of each finding, in the same order
    not_checked: list[dict[str, Any]] = field(default_factory=list)
    pairs: int = 0
    frames: int = 0  # that were looked at now
    remembered: int = 0  # shots and pairs that an earlier sweep had looked at
    drift: list[Curve] = field(default_factory=list)  # of each actor who was measured

    def skip(self, checks: Sequence[str], shots: Sequence[str], reason: str) -> None:
        """Write down that checks could not be made, and why."""
        self.not_checked += [
            {"check": name, "shots": list(shots), "reason": reason} for name in checks
        ]

    def gather(self, reason: str) -> None:
        """Say once for each check what could not be made for this reason, over all shots."""
        shots: dict[str, list[str]] = {}
        for item in self.not_checked:
            if item["reason"] == reason:
                shots.setdefault(item["check"], []).extend(item["shots"])
        self.not_checked = [item for item in self.not_checked if item["reason"] != reason]
        for name, of in shots.items():
            self.skip([name], list(dict.fromkeys(of)), reason)

    def add(self, found: Sequence[Finding], job: Job, digest: Digest) -> None:
        """Take in findings; one that was not checked stands in its own list."""
        shots = tuple(shot.name for shot in job.shots)
        frames = compared(job.pair) if job.pair else ()
        for finding in found:
            if finding.outcome is Outcome.not_checked:
                self.skip([finding.check], shots, finding.reason or finding.sentence)
            else:
                place = placed(finding, job.shots, job.other, frames)
                told = replace(finding, shots=shots, sentence=job.worded(finding.sentence))
                self.findings.append(named(told, place, digest))
                self.places.append(place)

    def follow(self, curves: Curves, cut: Cut, digest: Digest) -> None:
        """Take in how actors' faces read over the cut; one that drifts away is a finding of the
        first shot and the last."""
        by_name = {shot.name: shot for shot in reversed(cut.shots)}
        self.drift = curves.all()
        for curve in self.drift:
            found = drifting(curve)
            if found is not None:
                ends = by_name[found.shots[0]], by_name[found.shots[-1]]
                middles = tuple(shot.frames[len(shot.frames) // 2] for shot in ends)
                place = Place(ends, middles, other="the first shot of the drift")
                self.findings.append(named(found, place, digest))
                self.places.append(place)


@dataclass(frozen=True)
class Looked:
    """What came of a job: findings and frames looked at now, or why nothing could be seen."""

    found: Sequence[Finding] = ()
    frames: int = 0
    remembered: bool = False
    why_not: str = ""


@dataclass(frozen=True)
class Sweep:
    """How to sweep: with which checks, how shots are played, and what is remembered.

    ``workers`` jobs are done beside each other. Checks are asked from several threads at once, each
    time about another exam.
    """

    checks: Mapping[str, AnyCheck]
    playback: Playback
    memory: Memory
    tell: Tell = lambda done, of, what: None
    workers: int = 1

    def over(self, cut: Cut) -> Swept:
        """Every shot by itself, every cut point, set-ups that come back, and masters."""
        swept = Swept()
        self.tell(0, len(cut.shots), "Recognising set-ups")
        self._lint(swept, cut)
        jobs, shots = self._jobs(cut)
        curves = Curves()
        with self._crew() as crew:
            looked = self._through(crew, jobs, swept)
            for job, seen in zip(jobs, looked, strict=True):
                if job.pair is None:
                    curves.add(job.says, seen.found)
            self._through(
                crew, self._further(crew, self._lines(cut, shots, _told(jobs, looked))), swept
            )
        for reason in (NO_CARD, NOBODY_SAYS):
            swept.gather(reason)
        swept.follow(curves, cut, self.memory.digest)
        return swept

    def _through(self, crew: ThreadPoolExecutor, jobs: Sequence[Job], swept: Swept) -> list[Looked]:
        """Every job, in their order."""
        looked: list[Looked] = []
        for job, seen in zip(jobs, crew.map(self._look, jobs), strict=True):
            self.tell(len(looked), len(jobs), job.says)
            self._take_in(swept, job, seen)
            looked.append(seen)
        self.tell(len(jobs), len(jobs), "")
        return looked

    @contextmanager
    def _crew(self) -> Iterator[ThreadPoolExecutor]:
        """Who looks. When somebody stops the sweep they stop within a frame.

        Each picture is worked on by one thread: how many share it changes last digits, and what is
        found must not hang on how many look.
        """
        import cv2

        shared = cv2.getNumThreads()
        cv2.setNumThreads(1)
        crew = ThreadPoolExecutor(self.workers)
        try:
            yield crew
        except BaseException:  # Ctrl-C is no Exception, and nobody waits for the rest of a cut
            self.playback.stopped.set()
            raise
        finally:
            crew.shutdown(cancel_futures=True)
            cv2.setNumThreads(shared)

    def _jobs(self, cut: Cut) -> tuple[list[Job], Setups]:
        """What is looked at anyway; and shots of one set-up, in their order."""
        alone = {n: c for n, c in self.checks.items()
                 if c.about.scope not in (Scope.pair, Scope.files) and _of_a_cut(c)}  # fmt: skip
        jobs = [Job({**alone, **_of_its_version(self.checks, shot)}, (shot,)) for shot in cut.shots]
        pairs, shots = self._pairs(cut)
        return jobs + [self._of_pair(pair) for pair in pairs], shots

    def _of_pair(self, pair: Pair) -> Job:
        checks = {n: c for n, c in self.checks.items() if c.about.scope is Scope.pair}
        only = WORN if pair.kind is Kind.wears else pair.checks or tuple(checks)
        return Job({n: c for n, c in checks.items() if n in only}, pair.shots, pair)

    def _further(self, crew: ThreadPoolExecutor, lines: Sequence[Line]) -> list[Job]:
        """Shots that became another little by little, each pair of them once."""
        found: dict[tuple[int, int], Pair] = {}
        for some in crew.map(lambda line: list(line.pairs()), lines):
            for pair in some:
                key = id(pair.earlier), id(pair.later)
                found[key] = pair.and_also(found[key]) if key in found else pair
        return [self._of_pair(pair) for pair in found.values()]

    def _lint(self, swept: Swept, cut: Cut) -> None:
        """The files of every shot first: it costs little."""
        files = {n: c for n, c in self.checks.items() if c.about.scope is Scope.files}
        for shot, found, why in lint(cut, files, self.playback.project, self.memory):
            swept.skip(sorted(files) if why else [], (shot.name,), why)
            swept.add(found, Job(files, (shot,)), self.memory.digest)

    def _pairs(self, cut: Cut) -> tuple[list[Pair], Setups]:
        known = list(meeting(cut))
        met = {(id(pair.earlier), id(pair.later)) for pair in known}
        known += [pair for pair in masters(cut) if (id(pair.earlier), id(pair.later)) not in met]
        with Recogniser(self.playback, self.memory).at_work() as recogniser:

            def alike(earlier: CutShot, later: CutShot) -> bool:
                seen = not unreadable(earlier) and not unreadable(later)
                return seen and recogniser.alike(earlier, later)

            known += list(returning(cut, alike, known))
            shots = setups(cut, alike)
        return known + list(wearing(cut, known)), shots

    def _lines(self, cut: Cut, shots: Setups, known: Known) -> list[Line]:
        """Set-ups and costumes that are seen more than twice."""
        order, ends = in_order(cut), Ends(self.playback, self.memory)
        limits = {n: c.about.limit for n, c in self.checks.items() if c.about.scope is Scope.pair}
        worn = {n: limit for n, limit in limits.items() if n in WORN}
        lines = [Line(one, order, ends, limits, known) for one in shots]
        lines += [Line(one, order, ends, worn, known, costume=True) for one in costumes(cut)]
        return [line for line in lines if len(line.shots) > 2]

    def _take_in(self, swept: Swept, job: Job, looked: Looked) -> None:
        if job.pair is not None and job.pair.kind is Kind.meets:
            swept.pairs += 1
        if looked.why_not:
            swept.skip(sorted(job.checks), tuple(shot.name for shot in job.shots), looked.why_not)
            return
        swept.frames += looked.frames
        swept.remembered += looked.remembered
        # A cut point has one side only; what is said of the other side is about nothing.
        told = [one for one in looked.found if one.reason != ALONE]
        swept.add(told, job, self.memory.digest)

    def _look(self, job: Job) -> Looked:
        """Examine; media that cannot be read makes the checks not checked, with the reason."""
        why = next((reason for reason in map(unreadable, job.shots) if reason), "")
        if why:
            return Looked(why_not=why)
        try:
            return self._found(job)
        except ColorUnknown as error:
            return Looked(why_not=f"{error.message}; give --space")
        except SecondUnitError as error:
            return Looked(why_not=error.message)

    def _found(self, job: Job) -> Looked:
        key = self._key(job)
        known = self.memory.recall(key)
        if known is not None:
            return Looked(known, remembered=True)
        if job.pair is None:
            found, frames = self._alone(job)
        else:
            found, frames = self._beside(job, job.pair)
        if self.playback.stopped.is_set():
            raise Cancelled("the sweep was stopped")  # what was found is of a part only
        self.memory.keep(key, found)
        return Looked(found, frames)

    def _alone(self, job: Job) -> tuple[Sequence[Finding], int]:
        (shot,) = job.shots
        shown = sorted(set(shot.frames))
        with self.playback.alone(shot) as exam:
            return numbered(examine(exam, job.checks, shot.name), shown), len(shown)

    def _beside(self, job: Job, pair: Pair) -> tuple[Sequence[Finding], int]:
        frames = sum(min(len(shot.frames), NEAR) for shot in job.shots)
        with self.playback.beside(pair) as exam:
            told = pair.kind is Kind.returns or set(pair.checks) - set(WORN)
            if told and not _one_setup(exam):
                return (), frames
            found = examine(exam, job.checks, job.says)
        return [one for one in found if not same_places(one.region, pair.but)], frames

    def _key(self, job: Job) -> str:
        """Everything that matters to what is found, as one digest."""
        said = {
            "release": __version__,
            "checks": in_force(job.checks),
            "colour": [self.playback.colour.digest, asdict(self.playback.project),
                       self.playback.space],
            "shots": [[self.memory.digest(shot.media or ""), shot.numbering, list(shot.frames),
                       str(shot.media_rate), shot.space, shot.marks.get("card")]
                      for shot in job.shots],
            "receipts": [self.memory.digest(str(Path(shot.media or "").parent.parent / NAME))
                         for shot in job.shots],
            "beside": [job.other, job.pair.but if job.pair else ()],
            "gallery": self.playback.approved(job.shots),
        }  # fmt: skip
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _told(jobs: Sequence[Job], looked: Sequence[Looked]) -> Known:
    """Pairs that were looked at, and where a thing was told."""
    return {
        (id(job.pair.earlier), id(job.pair.later)): tuple(
            one.region for one in seen.found if one.check == THING and one.open and one.region
        )
        for job, seen in zip(jobs, looked, strict=True)
        if job.pair is not None
    }


def _one_setup(exam: Exam) -> bool:
    """Cards say so, or the pictures do."""
    match = exam.setup(BEFORE)
    return declared_same(exam, BEFORE) or (match is not None and match.same)


def _of_its_version(checks: Mapping[str, AnyCheck], shot: CutShot) -> dict[str, AnyCheck]:
    """Checks of the work that a shot's version was made by, when it is one of ours."""
    own = own_version(Path(shot.media)) if shot.media else None
    works = [] if own is None else [work for work in Work if work.value == own.work]
    return {
        name: check
        for name, check in checks.items()
        if not check.about.needs and set(works) & set(check.about.works)
    }


def _of_a_cut(check: AnyCheck) -> bool:
    """It needs nothing but the pictures: no turnover's elements, and not what was asked."""
    return check.about.name not in UNASKED and not check.about.works and not check.about.needs
