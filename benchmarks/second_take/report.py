"""The table of a run as text, as Markdown and as JSON, with what was missed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .looking import Looked
from .metrics import auroc
from .table import Row, false_alarms, negatives, rows, together

SEVERITY = ("below notice", "just noticed", "obvious", "gross")


def sections(looked: Sequence[Looked], beside: Mapping[str, Sequence[Looked]]) -> dict[str, Any]:
    """All figures of one source of material; ``beside`` are the baselines' by name."""
    table = rows(looked)
    return {
        "rows": [asdict(row) for row in table],
        "together": together(looked),
        "held alone": together([one for one in looked if one.sample.held]),
        "false alarms": false_alarms(looked),
        "clean": _counts(looked),
        "missed targets": [_missed(row) for row in table if row.met is False],
        "baselines": {
            f"{row.kind}/{row.severity}": _baselines(row, beside) for row in table
        },
    }  # fmt: skip


def _baselines(row: Row, beside: Mapping[str, Sequence[Looked]]) -> dict[str, float | None]:
    """The AUROC of each baseline for this class and severity, where it says anything of it."""
    told = {}
    for name, ones in beside.items():
        mine = [
            one for one in ones
            if (one.sample.kind, one.sample.severity) == (row.kind, row.severity)
            and not one.sample.clean
        ]  # fmt: skip
        if mine:
            told[name] = auroc([one.score for one in mine], negatives(mine, ones))
    return told


def _counts(looked: Sequence[Looked]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in looked:
        if one.sample.clean:
            counts[one.sample.kind] = counts.get(one.sample.kind, 0) + 1
    return counts


def _missed(row: Row) -> str:
    reached = {"AUROC": row.auroc, "recall at 2 %": row.recall, "flagged": row.flagged}
    name = row.goal.rsplit(" ", 1)[0]
    return f"{row.kind}, {SEVERITY[row.severity]}: {row.goal} wanted, {_figure(reached[name])}"


def markdown(title: str, section: Mapping[str, Any]) -> str:
    """One source of material as a page's part."""
    lines = [f"## {title}", ""]
    heads = ["class", "severity", "amount", "n", "AUROC", "recall at 2 %", "flagged", "abstained",
             "top 1", "IoU", "goal", "", "best of the others"]  # fmt: skip
    lines += ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for row in section["rows"]:
        mark = {None: "", True: "met", False: "**missed**"}[row["met"]]
        cells = [row["kind"], SEVERITY[row["severity"]], f"{row['amount']:g}", row["n"]]
        cells += [_figure(row[n]) for n in ("auroc", "recall", "flagged", "abstained", "top1",
                                            "iou")]  # fmt: skip
        best = _best(section["baselines"][f"{row['kind']}/{row['severity']}"])
        lines.append("| " + " | ".join(map(str, [*cells, row["goal"], mark, best])) + " |")
    for which, title in (("together", "All classes together"), ("held alone", "Held alone")):
        lines += ["", f"{title}:", ""]
        lines += [f"* {name}: {value}" for name, value in section[which].items()]
    counts = ", ".join(f"{n} {kind}" for kind, n in section["clean"].items())
    lines += ["", f"Clean samples: {counts}.", "", "False alarms at the limits as they ship:", ""]
    lines += [f"* `{one['check']}`: {one['flagged']} of {one['of']} ({one['clean']})"
              for one in section["false alarms"]] or ["* none"]  # fmt: skip
    lines += ["", "AUROC of baselines on the same samples:", "", *_beside(section["baselines"]), ""]
    return "\n".join(lines)


def _best(told: Mapping[str, float | None]) -> str:
    """Which baseline tells this class best, and how well."""
    known = {name: figure for name, figure in told.items() if figure is not None}
    name = max(known, key=lambda one: known[one], default="")
    return f"{_figure(known[name])} {name}" if name else ""


def _beside(baselines: Mapping[str, Mapping[str, float | None]]) -> list[str]:
    names = list(dict.fromkeys(name for told in baselines.values() for name in told))
    lines = ["| class and severity | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for which, told in baselines.items():
        if told:
            cells = [_figure(told.get(name)) for name in names]
            lines.append(f"| {which} | " + " | ".join(cells) + " |")
    return lines


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}" if value < 0.995 else f"{value:.3g}"


def write(folder: Path, name: str, answer: Mapping[str, Any], page: str) -> Path:
    """The figures beside each other as ``NAME.json`` and ``NAME.md``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(answer, indent=1))
    (folder / f"{name}.md").write_text(page)
    return folder / f"{name}.md"
