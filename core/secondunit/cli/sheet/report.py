"""The report page of a cut: what was found, with pictures, to be read and answered from the keys.

One file that stands alone: pictures, style and script are in it, and its policy lets nothing else
in. It cannot write; answers are kept in the browser and saved as a file for ``secondunit waive``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondunit_bridge.film import Answer, Outcome
from secondunit_bridge.timing import rate_name
from secondunit_bridge.wire import plain

from ...desk.seen import ONE_BY_ONE
from .filled import beside, filled
from .page import spoken

if TYPE_CHECKING:
    from ...continuity.reported import Shown
    from ..carding import CardDesk
    from ..check import Looked

ANSWERS = tuple(answer.value for answer in Answer)  # in the order of their keys, 1 to 5


def write_report(answer: dict[str, Any], looked: Looked, path: Path) -> None:
    """Write the page, UTF-8; ``answer`` is what ``check --json`` says. Raises OSError."""
    page, _ = report_page(answer, looked)
    path.write_text(page, encoding="utf-8")


@dataclass(frozen=True)
class Desk:
    """Where a served page sends what a person gives: addresses of its own server, and the cards as
    they are shown."""

    answers: str = ""
    cards: str = ""
    again: str = ""
    carded: CardDesk | None = None


def report_page(
    answer: dict[str, Any], looked: Looked, desk: Desk | None = None
) -> tuple[str, str]:
    """The page and its policy. With a desk, what a person gives is sent to its own server."""
    parts = ["report", "cards"] if desk and desk.carded else ["report"]
    style, script = (_joined(parts, kind) for kind in ("css", "js"))
    data = _data(looked) | {"send": desk.answers if desk else ""}
    if desk and desk.carded:
        shown = desk.carded.shown(looked, data["pictures"])
        data["cards"] = shown | {"send": desk.cards, "again": desk.again}
    policy = _policy(style, script, sending=desk is not None)
    quiet = [one.finding for one in looked.shown if one.finding.quiet]
    clear = [one.finding for one in looked.shown if one.finding.outcome is Outcome.clear]
    page = filled(
        "report.html",
        {"spoken": spoken},
        answer=answer,
        cover=looked.cover,
        counted=_cut_words(looked),
        folded=[row for row in data["rows"] if row["because"]],
        found=sum(map(len, data["spots"])),
        spots=[[data["rows"][i] for i in spot] for spot in data["spots"]],
        clear=sorted({finding.check for finding in clear}),
        clear_count=len(clear),
        quiet=quiet,
        curves=[_curve(curve.plain()) for curve in looked.swept.drift],
        reasons=_reasons(answer["not_checked"]),
        style=style,
        script=script,
        carding=bool(desk and desk.carded),
        data=json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
        policy=policy,
    )
    return page, policy


def _joined(parts: Sequence[str], kind: str) -> str:
    return "\n".join(beside(f"{part}.{kind}") for part in parts)


def _policy(style: str, script: str, *, sending: bool) -> str:
    """What the page may load and run: itself, as it was written here."""
    own = [
        base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        for part in (style, script)
    ]
    rules = [
        "default-src 'none'",
        "img-src data:",
        f"style-src 'sha256-{own[0]}'",
        f"script-src 'sha256-{own[1]}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join([*rules, *(["connect-src 'self'"] if sending else [])])


def _cut_words(looked: Looked) -> str:
    cut = looked.cut
    if not cut.length:
        return "empty"
    ends = f"{cut.timecode(cut.start)} to {cut.timecode(cut.last)}"
    return f"{ends} · {rate_name(cut.rate)} fps"


def _data(looked: Looked) -> dict[str, Any]:
    cut, pictures = looked.cut, dict[str, str]()
    found = sorted((one for one in looked.shown if one.finding.open), key=_in_cut_order)
    rows = [_row(one, looked, pictures) for one in found]
    listed = [i for i, one in enumerate(found) if not one.because]
    spots = list(dict.fromkeys(_spot(found[i]) for i in listed))
    shots = sorted({s.record.first: s for s in cut.shots}.values(), key=lambda s: s.record.first)
    return {
        "cut": cut.name,
        "key": hashlib.sha256(f"{cut.name}|{cut.path}".encode()).hexdigest()[:16],
        "span": [cut.start, cut.length],
        "shots": [[s.name, s.record.first, len(s.record)] for s in shots],
        "answers": list(ANSWERS),
        "alone": list(ONE_BY_ONE),
        "rows": rows,
        "spots": [[i for i in listed if _spot(found[i]) == spot] for spot in spots],
        "pictures": pictures,
    }


def _spot(one: Shown) -> tuple[Any, ...]:
    """The shot a finding is at, in itself or against shots before it: they stand in one row."""
    shot = one.place.shots[-1]
    return shot.record.first, shot.layer, shot.level, shot.name


def _in_cut_order(one: Shown) -> tuple[Any, ...]:
    """By the shot in the cut; there what is open and worst first."""
    return (*_spot(one), not one.open, one.finding.outcome is not Outcome.stop, -one.weight)


def _row(one: Shown, looked: Looked, pictures: dict[str, str]) -> dict[str, Any]:
    finding, place, cut = one.finding, one.place, looked.cut
    about = one.about.about if one.about else None
    return {
        "id": finding.id,
        "check": finding.check,
        "outcome": finding.outcome.value,
        "names": list(finding.shots),
        "slug": (" ⇢ " if place.other else " → ").join(finding.shots),
        "link": "beside" if place.other else "to",
        "tc": cut.timecode(place.start),
        "at": place.start,
        "department": finding.department,
        "sentence": one.sentence,
        "measured": finding.sentence if one.sentence != finding.sentence else "",
        "explains": list(one.cause.explains) if one.cause else [],
        "because": one.because,
        "value": finding.value,
        "limit": finding.limit,
        "unit": finding.unit,
        "frames": [list(span) for span in finding.frames],
        "about": about.sentence if about else "",
        "source": finding.limit_from or (about.source if about else ""),
        "codes": [f"{by} {code}" for by, code in finding.codes.items()],
        "region": finding.region,
        "pair": place.pair,
        "stills": [_still(path, pictures) for path in one.stills],
        "labels": _labels(one),
        "weight": round(one.weight, 4),
        "open": one.open,
        "standing": one.standing.plain() if one.standing else None,
        "seen": plain(one.seen),
    }


def _labels(one: Shown) -> list[str]:
    place = one.place
    if place.pair:
        return [f"{s.name} · frame {n}" for s, n in zip(place.shots, place.frames, strict=True)]
    name = place.shots[0].name
    before = [] if place.before is None else [f"{name} · frame {place.before}, just before"]
    return [*before, f"{name} · frame {place.frames[0]}"]


def _still(path: Path, pictures: dict[str, str]) -> str:
    """The key of a picture that is embedded once, however many findings show it."""
    key = path.stem[:12]
    if key not in pictures:
        pictures[key] = embedded(path.read_bytes())
    return key


def embedded(jpeg: bytes) -> str:
    """A JPEG as the address of itself."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"


def _curve(said: dict[str, Any]) -> dict[str, Any]:
    """An actor's distance from the approved pictures as a line over a box of 100 by 30."""
    values = [point["distance"] for point in said["curve"]]
    top = max([said["limit"] * 1.3, *values]) or 1.0
    step = 100 / max(1, len(values) - 1)
    line = " ".join(f"{n * step:.1f},{30 - 30 * v / top:.1f}" for n, v in enumerate(values))
    ends = f"{values[0]:.2f} to {values[-1]:.2f} over {len(values)} shots"
    return {"name": said["name"], "line": line, "limit": 30 - 30 * said["limit"] / top,
            "ends": f"{ends}, limit {said['limit']:.2f}"}  # fmt: skip


def _reasons(skipped: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was not looked at, by reason: its checks, and its shots."""
    grouped: dict[str, dict[str, Any]] = {}
    for item in skipped:
        group = grouped.setdefault(item["reason"], {"checks": {}, "shots": {}})
        group["checks"][item["check"]] = None
        group["shots"][" → ".join(item["shots"]) if len(item["shots"]) == 2 else
                       f"{len(item['shots'])} shots" if len(item["shots"]) > 2 else
                       "".join(item["shots"])] = None  # fmt: skip
    return [
        {"reason": reason, "checks": list(group["checks"]), "shots": list(group["shots"])}
        for reason, group in grouped.items()
    ]
