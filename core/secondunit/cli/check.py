"""``check``: the checks over a whole cut, without a daemon and without shooting anything."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from secondunit_bridge import __version__
from secondunit_bridge.film import Finding, Outcome, Project
from secondunit_bridge.timing import exact_rate

from .say import DONE, STOPS_OPEN, STYLES, JsonFlag, Say, console

if TYPE_CHECKING:
    from ..continuity.sweep import Swept, Tell
    from ..editorial import Cut

WORKING = "ACEScg"
REMEMBERED = "sweeps"  # folder in the home; may be thrown away at any time


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(check)


def check(
    cut: Annotated[Path, typer.Argument(metavar="CUT.otio", help="The timeline to look at.")],
    html: Annotated[Path | None, typer.Option("--html", help="Write a page of it too.")] = None,
    space: Annotated[str, typer.Option(help="Colour space of files that do not say.")] = "",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Look at everything again, whatever is remembered.")
    ] = False,
    json: JsonFlag = False,
) -> int:
    """Look for what is wrong in a cut: in each shot, and where two shots meet."""
    from ..editorial import read_cut

    say, began = Say(as_json=json), time.monotonic()
    opened = read_cut(cut)
    swept = _swept(opened, _project(cut, opened), space, say, fresh=fresh)
    answer = {
        "cut": opened.name,
        "shots": len(opened.shots),
        "pairs": swept.pairs,
        "findings": _ranked(swept.findings),
        "not_checked": swept.not_checked,
        "drift": [curve.plain() for curve in swept.drift],
        "seconds": round(time.monotonic() - began, 2),
        "frames": swept.frames,
        "remembered": swept.remembered,
        "version": __version__,
    }
    _tell(say, answer)
    if html:
        from .sheet.findings import write_findings

        write_findings(answer, opened, html)
        say.line(f"Page: {html.resolve()}")
    say.done(answer)
    return STOPS_OPEN if any(f.outcome is Outcome.stop for f in swept.findings) else DONE


def _swept(cut: Cut, project: Project, space: str, say: Say, *, fresh: bool) -> Swept:
    """The sweep, with progress on a terminal."""
    from ..colour import Colour
    from ..continuity.playing import Playback
    from ..continuity.remembered import Memory
    from ..continuity.sweep import Sweep
    from ..editorial.gallery import gallery_of
    from ..plugins import Plugins
    from ..settings import Settings

    settings = Settings.load(os.environ)
    memory = Memory(None if fresh else settings.home / REMEMBERED)
    playback = Playback(Colour(project.ocio), project, space, gallery_of(cut))
    checks = Plugins(settings.plugins).checks
    with _bar(say) as tell:
        return Sweep(checks, playback, memory, tell).over(cut)


@contextmanager
def _bar(say: Say) -> Iterator[Tell]:
    """A bar on a terminal; nothing where nobody looks."""
    if not say.live:
        yield lambda done, of, what: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    words = TextColumn("{task.description}")
    with Progress(words, BarColumn(), MofNCompleteColumn(), console=console(beside=True)) as bars:
        task = bars.add_task("Looking at the cut")

        def tell(done: int, of: int, what: str) -> None:
            bars.update(task, completed=done, total=of, description=what or "Looked at the cut")

        yield tell


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
        (_where(item["shots"]), item["reason"]) for item in answer["not_checked"]
    )
    for shots, reason in reasons:
        say.line(f"  {shots}: {reason}", style=STYLES["not_checked"])
    known = f"; {answer['remembered']} places known from before" if answer["remembered"] else ""
    say.line(f"{answer['frames']} frames looked at in {answer['seconds']:.1f} seconds{known}.")


def _where(shots: list[str]) -> str:
    """Shots in a few words."""
    return " | ".join(shots) if len(shots) <= 2 else f"{len(shots)} shots"
