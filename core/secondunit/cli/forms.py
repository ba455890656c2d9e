"""Film values in the JSON forms that other programs rely on, and in lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from secondunit_bridge.film import Finding, Outcome, Take, Version
from secondunit_bridge.wire import plain

RECORD = "record.json"


def take_json(take: Take) -> dict[str, Any]:
    """A take: ``take, number, seed, media, confidence, findings`` and where it stands."""
    return {
        "take": take.id,
        "number": take.number,
        "seed": take.seed,
        "media": plain(take.media),
        "confidence": take.confidence,
        "findings": plain(take.findings),
        "state": take.state.value,
        "shot": take.name,
        "guid": take.shot,
        "turnover": take.turnover,
        "remarks": list(dict.fromkeys(take.remarks)),
        "junk_reason": take.junk_reason,
        "seconds": take.cost.seconds,
    }


def plan_json(plan: dict[str, Any]) -> dict[str, Any]:
    """What was planned, from the daemon's answer: ``frames, width, height, shooting, remarks,
    predicted``.

    ``shooting`` is None when the generator's limits ask for nothing; else its ``runs``, and the
    ``framing`` unless that depends on what lies in the plate and the matte.
    """
    frames = plan["frames"]
    told = {name: plan[name] for name in ("width", "height", "shooting", "remarks")}
    told["predicted"] = plan.get("predicted")  # seconds of one take, and from how many takes
    return {"frames": [frames["first"], frames["last"]], "rate": frames["rate"]} | told


def version_json(version: Version) -> dict[str, Any]:
    """A version: ``name, path, frames, handles, record`` and who circled it."""
    return {
        "name": version.name,
        "path": version.path,
        "frames": [version.frames.first, version.frames.last],
        "handles": [version.handles.head, version.handles.tail],
        "record": str(Path(version.path) / RECORD),
        "take": version.take,
        "guid": version.shot,
        "number": version.number,
        "class": version.kind.value,
        "by": version.by,
    }


def finding_line(finding: Finding) -> str:
    """One finding as a line: outcome, check, sentence."""
    return f"{finding.outcome.value.replace('_', ' '):<11}  {finding.check:<15} {finding.sentence}"


def in_brief(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings, those that say one thing of several checks that were not made said once."""
    said: dict[str, Finding] = {}
    for finding in findings:
        key = finding.sentence if finding.outcome is Outcome.not_checked else f"{len(said)}"
        known = said.get(key)
        if known is None:
            said[key] = finding
        elif finding.check not in known.check.split(", "):
            said[key] = replace(known, check=f"{known.check}, {finding.check}")
    return tuple(said.values())


def stops(findings: tuple[Finding, ...]) -> bool:
    """Whether one of them is of outcome ``stop``."""
    return any(finding.outcome is Outcome.stop for finding in findings)


def confidence(take: Take) -> str:
    """A take's confidence in two digits, or a dash."""
    return "-" if take.confidence is None else f"{take.confidence:.2f}"
