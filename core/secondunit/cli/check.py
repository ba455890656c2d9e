"""``check``: the checks over a whole cut, without a daemon and without shooting anything."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from secondunit_bridge import __version__
from secondunit_bridge.errors import ColorUnknown, SecondUnitError
from secondunit_bridge.film import Finding, Outcome, Project
from secondunit_bridge.timing import FrameRange, exact_rate

from .say import DONE, STOPS_OPEN, STYLES, JsonFlag, Say

if TYPE_CHECKING:
    from ..colour import Colour
    from ..editorial import Cut, CutShot
    from ..hookspecs import AnyCheck, Exam
    from ..media.footage import Footage

WORKING = "ACEScg"
KEPT = 512 << 20  # bytes; a short shot is decoded and converted once for all its checks
NEAR = 3  # frames on either side of a cut point that are compared
UNASKED = ("frame_count",)  # compares with what was asked of a take; a cut asks nothing


@dataclass
class Swept:
    """What was found over a cut."""

    findings: list[Finding] = field(default_factory=list)
    not_checked: list[dict[str, Any]] = field(default_factory=list)
    pairs: int = 0
    frames: int = 0

    def skip(self, checks: Sequence[str], shots: Sequence[str], reason: str) -> None:
        """Write down that checks could not be made, and why."""
        self.not_checked += [
            {"check": name, "shots": list(shots), "reason": reason} for name in checks
        ]

    def add(self, found: Sequence[Finding], shots: tuple[str, ...]) -> None:
        """Take in findings; one that was not checked stands in its own list."""
        for finding in found:
            if finding.outcome is Outcome.not_checked:
                self.skip([finding.check], shots, finding.reason or finding.sentence)
            else:
                says = finding.sentence.replace("the take", f"“{shots[-1]}”")
                self.findings.append(replace(finding, shots=shots, sentence=says))


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(check)


def check(
    cut: Annotated[Path, typer.Argument(metavar="CUT.otio", help="The timeline to look at.")],
    html: Annotated[Path | None, typer.Option("--html", help="Write a page of it too.")] = None,
    space: Annotated[str, typer.Option(help="Colour space of files that do not say.")] = "",
    json: JsonFlag = False,
) -> int:
    """Look for what is wrong in a cut: in each shot, and where two shots meet."""
    from ..editorial import read_cut
    from ..plugins import Plugins
    from ..settings import Settings

    say, began = Say(as_json=json), time.monotonic()
    opened = read_cut(cut)
    plugins = Plugins(Settings.load(os.environ).plugins)
    swept = swept_cut(opened, plugins.checks, _project(cut, opened), space)
    answer = {
        "cut": opened.name,
        "shots": len(opened.shots),
        "pairs": swept.pairs,
        "findings": _ranked(swept.findings),
        "not_checked": swept.not_checked,
        "seconds": round(time.monotonic() - began, 2),
        "frames": swept.frames,
        "version": __version__,
    }
    _tell(say, answer)
    if html:
        from .sheet.findings import write_findings

        write_findings(answer, opened, html)
        say.line(f"Page: {html.resolve()}")
    say.done(answer)
    return STOPS_OPEN if any(f.outcome is Outcome.stop for f in swept.findings) else DONE


def swept_cut(cut: Cut, checks: dict[str, AnyCheck], project: Project, space: str) -> Swept:
    """Every shot by itself, then every cut point. Nothing wrong with one hides the others."""
    from ..colour import Colour
    from ..hookspecs import Scope

    swept, colour = Swept(), Colour(project.ocio)
    pairs = {n: c for n, c in checks.items() if c.about.scope is Scope.pair}
    alone = {n: c for n, c in checks.items() if n not in pairs and n not in UNASKED}
    for shot in cut.shots:
        why = _unreadable(shot)
        if why:
            swept.skip(sorted(alone), [shot.name], why)
            continue
        _guarded(swept, alone, (shot,), _Desk(colour, project, space, cut.rate))
    for before, after in cut_points(cut):
        swept.pairs += 1
        why = _unreadable(before) or _unreadable(after)
        if why:
            swept.skip(sorted(pairs), [before.name, after.name], why)
            continue
        _guarded(swept, pairs, (before, after), _Desk(colour, project, space, cut.rate))
    return swept


def cut_points(cut: Cut) -> Iterator[tuple[CutShot, CutShot]]:
    """Shots that are seen to meet: the one seen last before, and the one seen first after."""
    from ..editorial import visible

    seen = zip(cut.shots, visible(cut), strict=True)
    parts = [(part, shot) for shot, parts in seen for part in parts]
    parts.sort(key=lambda pair: pair[0].first)
    for (one, before), (other, after) in pairwise(parts):
        if one.last + 1 == other.first and before is not after:
            yield before, after


@dataclass(frozen=True)
class _Desk:
    """What is needed to look at a shot's pictures in the working space."""

    colour: Colour
    project: Project
    space: str
    rate: Any

    def exam(self, shots: tuple[CutShot, ...], opened: list[Any]) -> Exam:
        """One shot by itself, or the later of two with the earlier before it."""
        from ..hookspecs import Exam

        if len(shots) == 1:
            take = self._footage(shots[0], sorted(set(shots[0].frames)), opened)
            return Exam(take=take, asked=take.frames, cut=take.frames)
        before = self._footage(shots[0], list(shots[0].frames[-NEAR:]), opened)
        take = self._footage(shots[1], list(shots[1].frames[:NEAR]), opened)
        return Exam(take=take, asked=take.frames, cut=take.frames, before=before)

    def _footage(self, shot: CutShot, frames: list[int], opened: list[Any]) -> Footage:
        from ..contract.conform import Conformed
        from ..media.open import open_footage
        from .asking import media_of

        media = media_of(shot, min(frames), max(frames), self.space)
        footage = open_footage(
            media, movie_space=self.project.movie_space, decide=self.colour.space_of
        )
        opened.append(footage)
        seen = Conformed(footage, space=self.project.space, convert=self._convert)
        return _Played(seen, frames)

    def _convert(self, pixels: Any, from_space: str) -> Any:
        return self.colour.convert(pixels, from_space, self.project.space)


class _Played:
    """Footage as it plays: numbered from the first to the last frame shown, in that order."""

    def __init__(self, footage: Footage, shown: list[int]) -> None:
        self._footage, self._shown = footage, shown
        first = shown[0]
        self.frames = FrameRange(first, first + len(shown) - 1, footage.frames.rate)
        self.width, self.height = footage.width, footage.height
        self.channels, self.space = footage.channels, footage.space
        size = 16 * self.width * self.height  # bytes of a frame: float32, up to four channels
        self._keeps = size * len(set(shown)) <= KEPT
        self._kept: dict[int, Any] = {}

    def frame(self, number: int) -> Any:
        """One frame, the caller's own. Raises FramesMissing, MediaOffline, MediaDamaged."""
        source = self._shown[number - self.frames.first]
        if source in self._kept:
            return self._kept[source].copy()
        picture = self._footage.frame(source)
        if self._keeps:
            self._kept[source] = picture.copy()
        return picture


def _guarded(
    swept: Swept, checks: dict[str, AnyCheck], shots: tuple[CutShot, ...], desk: _Desk
) -> None:
    """Examine; media that cannot be read makes the checks not checked, with the reason."""
    from ..continuity import examine

    names = tuple(shot.name for shot in shots)
    opened: list[Any] = []
    try:
        exam = desk.exam(shots, opened)
        name = " | ".join(names)
        found = examine(exam, checks, name, shots=names)
        swept.frames += len(exam.take.frames) + (len(exam.before.frames) if exam.before else 0)
        # A cut point has one side only; what is said of the other side is about nothing.
        swept.add([f for f in found if f.reason != "no neighbour"], names)
    except ColorUnknown as error:
        swept.skip(sorted(checks), names, f"{error.message}; give --space")
    except SecondUnitError as error:
        swept.skip(sorted(checks), names, error.message)
    finally:
        for footage in opened:
            footage.close()


def _unreadable(shot: CutShot) -> str:
    if not shot.online or not shot.media:
        return f"offline: {shot.offline_reason or shot.media or 'the clip names no media'}"
    if not shot.frames:
        return f"its speed change cannot be followed ({shot.retime})"
    return ""


def _project(path: Path, cut: Cut) -> Project:
    from .project import project_near, session_ocio

    near = project_near(path.resolve().parent)
    rate = exact_rate(cut.rate)
    return near or Project("check", rate, 1920, 1080, space=WORKING, ocio=session_ocio())


def _ranked(findings: list[Finding]) -> list[Finding]:
    """Worst first; open ones are numbered from 1."""
    order = [Outcome.stop, Outcome.look, Outcome.not_checked, Outcome.clear]
    worst = sorted(findings, key=lambda f: (order.index(f.outcome), f.rank or 0))
    return [
        replace(finding, rank=place if finding.open else None)
        for place, finding in enumerate(worst, start=1)
    ]


def _tell(say: Say, answer: dict[str, Any]) -> None:
    say.line(f"{answer['cut']}: {answer['shots']} shots, {answer['pairs']} cut points.")
    for finding in answer["findings"]:
        if finding.open:
            where = " | ".join(finding.shots)
            words = f"{finding.outcome.value:<5} {where}: {finding.sentence}"
            say.line(f"  {words}", style=STYLES[finding.outcome.value])
    clear = sum(finding.outcome is Outcome.clear for finding in answer["findings"])
    say.line(f"{clear} checks are clear, {len(answer['not_checked'])} could not be made:")
    reasons = dict.fromkeys(
        (" | ".join(item["shots"]), item["reason"]) for item in answer["not_checked"]
    )
    for shots, reason in reasons:
        say.line(f"  {shots}: {reason}", style=STYLES["not_checked"])
    say.line(f"{answer['frames']} frames looked at in {answer['seconds']:.1f} seconds.")
