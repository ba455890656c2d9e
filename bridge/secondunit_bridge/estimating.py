"""What a turnover would take, said before it is asked for: time, memory, money."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence, Tuple

from .memory import Memory, room_said
from .saying import counted, sentence

HERE = "Nothing leaves this machine."
UNKNOWN = "How long it takes is not known before the first take of its kind."


def needs_said(plan: Mapping[str, Any], takes: int = 1) -> str:
    """Memory and time, to end a sentence with: ``, 3.21 GB of memory, about 4 min of shooting``."""
    said = ""
    memory = plan.get("memory_bytes")
    if isinstance(memory, int) and memory:
        said += f", {memory / 1e9:.2f} GB of memory"
    known = seconds_of(plan)
    return said + (f", about {lasting(known * takes)} of shooting" if known else "")


def seconds_of(plan: Mapping[str, Any]) -> Optional[float]:
    """Of one take: as takes like it took here, else as the generator says; None: nobody knows."""
    predicted = plan.get("predicted")
    known = predicted.get("seconds") if isinstance(predicted, Mapping) else plan.get("seconds")
    return float(known) if isinstance(known, (int, float)) and known > 0 else None


def remarks_said(plan: Mapping[str, Any]) -> Tuple[str, ...]:
    """What is remarked on, then what speaks against it, a sentence each."""
    rows = (plan.get(name) for name in ("remarks", "refusals"))
    return tuple(sentence(str(one)) for row in rows if isinstance(row, list) for one in row)


def plan_said(
    plan: Mapping[str, Any], takes: int, free: Optional[Sequence[Memory]] = None
) -> Tuple[str, ...]:
    """A plan of so many takes: how much, how long and from where that is known, room, money."""
    frames = plan.get("frames") or {}
    count = int(frames.get("last", 0)) - int(frames.get("first", 0)) + 1
    size = f"{plan.get('width')} x {plan.get('height')}"
    first = f"{counted(takes, 'take')} of {counted(count, 'frame')}, {size}, with handles"
    lines = [f"{first}{needs_said(plan, takes)}.", _known(plan)]
    lines.append(room_said(free, int(plan.get("memory_bytes") or 0)))
    lines.append(money_said(plan))
    return (*filter(None, lines), HERE, *remarks_said(plan))


def money_said(plan: Mapping[str, Any]) -> str:
    """What machine time would cost; empty where nothing is known. Rates nobody set are named so."""
    cost = plan.get("cost")
    if not isinstance(cost, Mapping):
        return ""
    amount, currency = float(cost.get("amount") or 0.0), str(cost.get("currency") or "")
    said = f"{amount:.2f} {currency}" if amount >= 0.01 else f"less than 0.01 {currency}"
    rates = "example rates; set yours in rates.toml" if cost.get("example") else "your rates"
    return f"Machine time would cost {said} (by {rates})."


def lasting(seconds: float) -> str:
    """``1 s``, ``40 s``, ``3 min``, ``2.5 h``."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _known(plan: Mapping[str, Any]) -> str:
    predicted = plan.get("predicted")
    if not isinstance(predicted, Mapping):
        return "" if seconds_of(plan) else UNKNOWN
    takes = int(predicted.get("takes") or 0)
    device = str(predicted.get("device") or "")
    where = "the processor" if device.startswith("cpu") else device
    return f"The time is that of {counted(takes, 'take')} before" + (
        f", the latest on {where}." if where else "."
    )
