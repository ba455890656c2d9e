"""The whole line for one place in a cut: turn over, shoot, circle the best, cut in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import Cancelled, NeedsModel, OwnWork, SecondUnitError
from secondunit_bridge.film import (
    Outcome,
    Project,
    Take,
    TakeState,
    Turnover,
    Version,
    VersionClass,
)
from secondunit_bridge.wire import dumps, plain

from .asking import Wish, insert_turnover
from .cutting import Where, cut_in
from .forms import finding_line, in_brief, plan_json, stops, take_json, version_json
from .project import say_ocio
from .say import COULD_NOT, DONE, STOPS_OPEN, STYLES, Say
from .shooting import Watching
from .takes import every_take

if TYPE_CHECKING:
    from secondunit_bridge.unit import Unit

    from ..editorial import Cut, Place


OTHERWISE = (
    "Or change the ask, or take another generator; they are listed by: secondunit generators"
)

ONE_COMMAND = "asked for and circled in one command"  # why the asker approves; on the record


@dataclass(frozen=True)
class Shoot:
    """What came of an ask: the turnover, its takes, and the plan they were shot by, as JSON."""

    turnover: Turnover
    takes: tuple[Take, ...]
    plan: dict[str, Any]

    @property
    def best(self) -> Take | None:
        """The take a machine may propose: no open finding, the highest confidence, the earliest."""
        clean = [take for take in self.takes if take.state is TakeState.pending_review]
        return max(clean, key=lambda take: (take.confidence or 0.0, -take.number), default=None)

    @property
    def stopped(self) -> bool:
        """Nothing can be circled, and a finding of outcome ``stop`` is among the reasons."""
        return self.best is None and any(stops(take.findings) for take in self.takes)


@dataclass(frozen=True)
class Made:
    """A circled take, published and cut in."""

    take: Take
    version: Version
    otio: Path
    track: str


def shoot(unit: Unit, say: Say, cut: Cut, place: Place, project: Project, wish: Wish) -> Shoot:
    """Turn over and wait until every take is shot. Ctrl-C stops the takes, then goes on up.

    Raises what the daemon refuses the turnover for, NeedsModel when the generator refuses it; when
    every take failed, why the first did.
    """
    unit.project(project)
    say_ocio(say, project)
    known = {take.shot: take.name for take in every_take(unit)}
    turnover = insert_turnover(cut, place, project, wish, known)
    record = place.record
    told = (
        f"Turned over {turnover.shot.name}: {len(record)} frames at {cut.timecode(record.first)},"
        f" {_neighbours(place)}, generator {wish.generator}."
    )
    return shot(unit, say, turnover, told)


def shot(
    unit: Unit, say: Say, turnover: Turnover, told: str, *, previews: Path | None = None
) -> Shoot:
    """Turn over, say ``told``, and wait until every take is shot; else as ``shoot``.

    In the folder ``previews`` lies meanwhile the latest picture of each take.
    """
    plan = unit.plan(turnover)
    refusals = plan["refusals"]
    if refusals:  # told before anything is queued
        raise NeedsModel(" ".join(refusals), hint=OTHERWISE)
    watching = Watching(unit, unit.turn_over(turnover), say, previews=previews)
    say.line(told)
    if expected := plan.get("predicted"):
        say.line(
            f"    Expected: {expected['seconds']:.1f} s a take, as {expected['takes']} before."
        )
    for remark in plan["remarks"]:
        say.line(f"    {remark}", style="bright_black")
    takes = watching.until_shot(by=turnover.artist)
    failed = [take for take in takes if take.media is None]
    if len(failed) == len(takes):
        raise _why(watching, failed[0])
    for take in failed:
        say.line(f"Take {take.number} {take.state.value}: {watching.why(take.id).message}")
    return Shoot(turnover, takes, plan)


def circle(
    unit: Unit, say: Say, cut: Cut, place: Place, shot: Shoot, *, kind: VersionClass, out: Path
) -> Made | None:
    """Circle the best take in the name of who asked, publish it, write the new cut, record it.

    None where somebody else must: ``publish`` has said so.
    """
    best = shot.best
    assert best is not None  # callers ask for ``best`` first
    version = publish(unit, say, shot, kind)
    if version is None:
        return None
    where = Where(cut, place, shot.turnover.shot.name)
    by = shot.turnover.artist
    return Made(best, version, out, cut_in(unit, where, version, by=by, out=out))


def exit_code(shot: Shoot, *, published: bool, hold: bool) -> int:
    """What a script hears: nothing to find is never 0, unless it asked for nothing but takes."""
    if published:
        return DONE
    if shot.stopped:
        return STOPS_OPEN
    return DONE if hold else COULD_NOT


def publish(unit: Unit, say: Say, shot: Shoot, kind: VersionClass) -> Version | None:
    """Circle the best take in the name of who asked; it becomes the shot's next version.

    None in a production of several people: somebody else decides, and that is said.
    """
    best = shot.best
    assert best is not None  # callers ask for ``best`` first
    with say.busy(f"Publishing take {best.number}"), suppress(OwnWork):
        return unit.circle(best.id, shot.turnover.artist, kind, reason=ONE_COMMAND)
    words = f"{shot.turnover.artist} asked for it, and somebody else in this production decides."
    say.line(words, style="yellow")
    return None


def circled_sentence(shot: Shoot, version: Version) -> str:
    """Who chose which take, and what became of it."""
    number = next(take.number for take in shot.takes if take.id == version.take)
    return (
        f"Circled take {number} as {version.kind.value} in the name of {version.by}:"
        f" {version.name}, published."
    )


def say_takes(say: Say, takes: Sequence[Take]) -> None:
    """Each take with what continuity found."""
    for take in takes:
        sure = "" if take.confidence is None else f"  confidence {take.confidence:.2f}"
        say.line(f"Take {take.number}  {take.id}  seed {take.seed}{sure}", style="bold")
        for finding in in_brief(take.findings):
            if finding.outcome is not Outcome.clear:
                say.line(f"    {finding_line(finding)}", style=STYLES[finding.outcome.value])
        clear = Counter(f.check for f in take.findings if f.outcome is Outcome.clear)
        names = (name if count == 1 else f"{name} x{count}" for name, count in clear.items())
        say.line(f"    {'clear':<11}  {', '.join(names) or 'nothing'}", style=STYLES["clear"])
        for remark in dict.fromkeys(take.remarks):
            say.line(f"    {remark}", style="bright_black")


def shoot_json(shot: Shoot, made: Made | None) -> dict[str, Any]:
    """The JSON that programs rely on: shot, takes, what was circled, where the new cut is."""
    return {
        "shot": shot.turnover.shot.name,
        "guid": shot.turnover.shot.guid,
        "turnover": sha256(dumps(plain(shot.turnover))).hexdigest(),
        "plan": plan_json(shot.plan),
        "takes": [take_json(take) for take in shot.takes],
        "circled": made.take.id if made else None,
        "version": version_json(made.version) if made else None,
        "otio": str(made.otio) if made else None,
    }


def _neighbours(place: Place) -> str:
    before, after = place.before, place.after
    if before and after:
        return f"between {before.name} and {after.name}"
    if before:
        return f"after {before.name}"
    return f"before {after.name}" if after else "with no shot beside it"


def _why(watching: Watching, take: Take) -> SecondUnitError:
    if take.state is TakeState.cancelled:
        return Cancelled("every take was stopped", hint="Ask again when you want it after all.")
    return watching.why(take.id)
