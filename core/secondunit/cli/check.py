"""``check``: the checks over a whole cut, without a daemon and without shooting anything."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from secondunit_bridge import __version__
from secondunit_bridge.film import Outcome, Project
from secondunit_bridge.timing import exact_rate

from .cards import sheet_beside, with_cards
from .cutting import new_cut_words
from .say import DONE, STOPS_OPEN, STYLES, JsonFlag, Say, console

if TYPE_CHECKING:
    from secondunit_bridge.film import Finding

    from ..continuity.reported import Shown
    from ..continuity.stills import Stills
    from ..continuity.sweep import Swept, Tell
    from ..editorial import Cut, CutShot
    from ..editorial.bible import Bible
    from ..hookspecs import AnyCheck

WORKING = "ACEScg"
REMEMBERED = "sweeps"  # folder in the home; may be thrown away at any time
STILLS = "stills"  # folder in that


@dataclass(frozen=True)
class Looked:
    """A cut that was looked at: what the sweep found, and how it is shown."""

    cut: Cut
    swept: Swept
    shown: list[Shown]
    cover: str
    show: Callable[[], list[Shown]]
    stills: Stills
    checks: Mapping[str, AnyCheck]

    @property
    def compared(self) -> dict[str, str]:
        """Checks of two shots by name, with what each is about: a card may allow their findings."""
        about = {name: check.about for name, check in sorted(self.checks.items())}
        return {name: one.sentence for name, one in about.items() if one.scope.value == "pair"}

    def middle(self, shot: CutShot) -> Path | None:
        """The picture of a shot's middle frame; None where it cannot be shown."""
        from ..continuity.places import Place

        place = Place((shot,), (shot.frames[len(shot.frames) // 2],))
        self.stills.make([place])
        return next(iter(self.stills.of(place)), None)

    @property
    def stops(self) -> bool:
        """A stop is open that nobody has accepted."""
        return any(one.stops for one in self.shown)

    def now(self) -> Looked:
        """The same, with the answers that have been given since."""
        from ..continuity.reported import cover

        shown = self.show()
        return replace(self, shown=shown, cover=cover(self.swept, self.cut, shown))


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(check)


def check(
    cut: Annotated[Path, typer.Argument(metavar="CUT.otio", help="The timeline to look at.")],
    html: Annotated[
        Path | None, typer.Option("--html", help="Write the report page too, to read and answer.")
    ] = None,
    markers: Annotated[
        Path | None,
        typer.Option("--markers", help="Write a new cut with a marker on each open finding."),
    ] = None,
    space: Annotated[str, typer.Option(help="Colour space of files that do not say.")] = "",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Look at everything again, whatever is remembered.")
    ] = False,
    sheet: Annotated[
        Path | None,
        typer.Option("--cards", metavar="FILE", help="Shot cards beside the cut: see cards."),
    ] = None,
    json: JsonFlag = False,
) -> int:
    """Look for what is wrong in a cut: in each shot, and where two shots meet."""
    say, began = Say(as_json=json), time.monotonic()
    if markers:
        new_cut_words(markers, cut)
    looked = look(cut, space, say, fresh=fresh, sheet=sheet)
    answer = summary(looked) | {"seconds": round(time.monotonic() - began, 2)}
    _tell(say, answer, looked)
    if html:
        from .sheet.report import write_report

        write_report(answer, looked, html)
        say.line(f"Page: {html.resolve()}")
    if markers:
        from .marking import write_markers

        count = write_markers(looked, markers)
        say.line(f"{count} markers: {markers.resolve()}")
    say.done({**answer, "findings": [one.plain() for one in looked.shown]})
    return STOPS_OPEN if looked.stops else DONE


def look(
    path: Path, space: str, say: Say, *, fresh: bool = False, sheet: Path | None = None
) -> Looked:
    """Sweep a cut, make its pictures, and find the answers that were given to what is in it."""
    from ..colour import Colour
    from ..continuity.playing import Playback
    from ..continuity.profile import profile_of, tuned
    from ..continuity.remembered import Memory, keep_seen
    from ..continuity.reported import reported
    from ..continuity.stills import Stills
    from ..continuity.sweep import Sweep
    from ..continuity.trust import hushed
    from ..editorial.gallery import gallery_of
    from ..editorial.show import show_of
    from ..plugins import Plugins
    from ..settings import Settings
    from .answered import earned_on
    from .given import given_answers

    settings, cut = Settings.load(os.environ), _with_cards(path, sheet, say)
    folder, project = settings.home / REMEMBERED, _project(path, cut)
    memory, whole = Memory(None if fresh else folder), show_of(project)
    cut = whole.over(cut)
    playback = Playback(Colour(project.ocio), project, space, gallery_of(cut) or whole.gallery())
    checks = Plugins(settings.plugins).checks
    checks = tuned(checks, profile_of(project, checks))
    with _bar(say) as tell:
        swept = Sweep(checks, playback, memory, tell, os.cpu_count() or 1).over(cut)
    _without_masters(swept, cut, whole.bible, checks)
    stills = Stills(folder / STILLS, playback, memory.digest)

    def show() -> list[Shown]:
        given = given_answers(settings.home)
        earned = earned_on(project, settings.home, given, say)
        heard = replace(swept, findings=hushed(swept.findings, earned))
        return reported(heard, cut, stills, given, checks)

    looked = Looked(cut, swept, [], "", show, stills, checks).now()
    keep_seen(folder, {one.finding.id: one.seen for one in looked.shown if one.finding.open})
    return looked


def summary(looked: Looked) -> dict[str, Any]:
    """What ``--json`` says, without the findings and the time it took."""
    swept = looked.swept
    return {
        "cut": looked.cut.name,
        "shots": len(looked.cut.shots),
        "pairs": swept.pairs,
        "cover": looked.cover,
        "not_checked": swept.not_checked,
        "drift": [curve.plain() for curve in swept.drift],
        "frames": swept.frames,
        "remembered": swept.remembered,
        "version": __version__,
    }


def _with_cards(path: Path, sheet: Path | None, say: Say) -> Cut:
    """The cut, its cards completed from a sheet and from the bible."""
    from ..editorial import read_cut
    from ..editorial.bible import completed

    cut, strange = with_cards(read_cut(path), sheet or sheet_beside(path))
    for name in strange:
        say.line(f"On the sheet of cards, but no clip of the cut: {name}", style="yellow")
    return completed(cut)


def _without_masters(swept: Swept, cut: Cut, show: Bible, checks: Mapping[str, AnyCheck]) -> None:
    """Write down what the bibles of cut and show say that could not be gone by."""
    from ..editorial.bible import bible_of, not_met

    pairs = sorted(name for name, check in checks.items() if check.about.scope.value == "pair")
    bible, wrong = bible_of(cut)
    if wrong:
        every = [shot.name for shot in cut.shots]
        swept.skip(pairs, every, f"the bible of the cut cannot be read: {wrong}")
    for reason, shots in (not_met(cut, bible) | not_met(cut, show)).items():
        swept.skip(pairs, shots, reason)


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


def _tell(say: Say, answer: dict[str, Any], looked: Looked) -> None:
    say.line(f"{looked.cut.name}. {looked.cover}.")
    for one in looked.shown:
        finding = one.finding
        if not finding.open or one.because:
            continue
        where = " | ".join(finding.shots)
        word = finding.outcome.value if one.open else "clear"
        says = f"  {word:<5} {where}: {one.sentence}{_limit(finding)}"
        say.line(says, style=STYLES[word])
        if one.cause:
            say.line(f"        The cause of {_also(one.cause.explains, looked)} too.")
        if one.standing:
            say.line(f"        {one.standing.sentence}")
    for finding in (one.finding for one in looked.shown if one.finding.quiet):
        say.line(f"  quiet {' | '.join(finding.shots)}: {finding.sentence} ({finding.quiet})")
    clear = sum(one.finding.outcome is Outcome.clear for one in looked.shown)
    say.line(f"{clear} checks are clear, {len(answer['not_checked'])} could not be made:")
    reasons = dict.fromkeys(
        (_where(item["shots"]), item["reason"]) for item in answer["not_checked"]
    )
    for shots, reason in reasons:
        say.line(f"  {shots}: {reason}", style=STYLES["not_checked"])
    known = f"; {answer['remembered']} places known from before" if answer["remembered"] else ""
    say.line(f"{answer['frames']} frames looked at in {answer['seconds']:.1f} seconds{known}.")


def _also(ids: Sequence[str], looked: Looked) -> str:
    """Findings in a few words: which checks, between which shots."""
    by_check: dict[str, list[str]] = {}
    for one in looked.shown:
        if one.finding.id in ids:
            by_check.setdefault(one.finding.check, []).append(" | ".join(one.finding.shots))
    return "; ".join(f"{check} {', '.join(shots)}" for check, shots in by_check.items())


def _limit(finding: Finding) -> str:
    """Where the limit of a finding comes from, when it is this show's own."""
    if not finding.limit_from or finding.limit is None:
        return ""
    return f" (limit {finding.limit:g}: {finding.limit_from})"


def _where(shots: list[str]) -> str:
    """Shots in a few words."""
    return " | ".join(shots) if len(shots) <= 2 else f"{len(shots)} shots"
