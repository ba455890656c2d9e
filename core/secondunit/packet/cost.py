"""What takes cost: device seconds, energy where it was measured, people's minutes, and what of it
was for nothing.

Nobody measures how long a person looks at a take: that is assumed (``Rates.looks``) and said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from typing import Any

from secondunit_bridge.errors import SettingWrong
from secondunit_bridge.film import Take, TakeState

FILE = "rates.toml"
QC_SHARE = 0.10  # of the work that may go into quality control before it is told (field R22)


@dataclass(frozen=True)
class Rates:
    """A rate card. The defaults are examples of a rented card and a small company."""

    currency: str = "USD"
    device_hour: float = 2.50  # of a graphics card
    processor_hour: float = 0.40
    kilowatt_hour: float = 0.30
    person_hour: float = 65.0
    looks: float = 3.0  # times its own length that a person needs to judge a take
    decision_minutes: float = 0.5  # for each take that a person judged

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Rates:
        """The card of a ``rates.toml``. Raises SettingWrong for a name or a number that is none."""
        known = {one.name: one.type for one in fields(cls)}
        for name, value in said.items():
            number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
            if name not in known or (name != "currency" and not number):
                raise SettingWrong(
                    f"{FILE}: {name} = {value!r:.40} is no rate",
                    hint=f"There are: {', '.join(known)}; amounts are numbers.",
                )
        return cls(**said)


@dataclass(frozen=True)
class Spent:
    """What one shot used. Seconds of devices and of people, and how many takes of which fate."""

    shot: str
    takes: int = 0
    accepted: int = 0
    junk: int = 0  # sorted out unwatched, rejected, failed or cancelled
    device_s: float = 0.0
    processor_s: float = 0.0
    review_s: float = 0.0
    energy_wh: float | None = None
    accepted_s: Fraction = Fraction(0)  # of picture, as it plays in the cut

    def __add__(self, other: Spent) -> Spent:
        energy = [one for one in (self.energy_wh, other.energy_wh) if one is not None]
        return Spent(
            self.shot,
            self.takes + other.takes,
            self.accepted + other.accepted,
            self.junk + other.junk,
            self.device_s + other.device_s,
            self.processor_s + other.processor_s,
            self.review_s + other.review_s,
            sum(energy) if energy else None,
            self.accepted_s + other.accepted_s,
        )


_LOST = (TakeState.junk, TakeState.rejected, TakeState.failed, TakeState.cancelled)
_UNSEEN = (
    TakeState.junk,
    TakeState.failed,
    TakeState.cancelled,
    TakeState.waiting,
    TakeState.shooting,
    TakeState.checking,
    TakeState.suspended,
)


def spent(shot: str, takes: Iterable[Take], plays: Fraction, rates: Rates) -> Spent:
    """What the takes of one shot used; ``plays`` is how many seconds of it are in the cut."""
    total = Spent(shot, accepted_s=plays)
    for take in takes:
        length = len(take.media.frames) / take.media.frames.rate if take.media else Fraction(0)
        seen = take.state not in _UNSEEN
        minutes = float(length) * rates.looks + rates.decision_minutes * 60 if seen else 0.0
        on_device = not take.cost.device.startswith("cpu") and bool(take.cost.device)
        total += Spent(
            shot,
            takes=1,
            accepted=int(take.state is TakeState.circled),
            junk=int(take.state in _LOST),
            device_s=take.cost.seconds if on_device else 0.0,
            processor_s=0.0 if on_device else take.cost.seconds,
            review_s=minutes,
        )
    return total


@dataclass(frozen=True)
class Bill:
    """What was spent, in money. Amounts per unit are None where nothing was accepted."""

    machine: float
    people: float
    total: float
    per_accepted_second: float | None
    per_shot: float | None
    per_finished_minute: float | None
    junk_ratio: float  # takes for nothing, of all
    qc_share: float  # of people's and machines' time together


def bill(all_: Spent, shots: int, rates: Rates) -> Bill:
    """The bill for what was spent on so many shots."""
    energy = (all_.energy_wh or 0.0) / 1000 * rates.kilowatt_hour
    hours = all_.device_s * rates.device_hour + all_.processor_s * rates.processor_hour
    machine, people = hours / 3600 + energy, all_.review_s / 3600 * rates.person_hour
    total, seconds = machine + people, float(all_.accepted_s)
    work = all_.device_s + all_.processor_s + all_.review_s
    return Bill(
        machine=round(machine, 4),
        people=round(people, 4),
        total=round(total, 4),
        per_accepted_second=round(total / seconds, 4) if seconds else None,
        per_shot=round(total / shots, 4) if shots else None,
        per_finished_minute=round(total / seconds * 60, 2) if seconds else None,
        junk_ratio=round(all_.junk / all_.takes, 4) if all_.takes else 0.0,
        qc_share=round(all_.review_s / work, 4) if work else 0.0,
    )


def added(parts: Iterable[Spent], name: str) -> Spent:
    """All of it together."""
    total = Spent(name)
    for part in parts:
        total += part
    return total


def told(part: Spent, shots: int, rates: Rates) -> dict[str, Any]:
    """One row as JSON: what was used, and the bill."""
    used = {**asdict(part), "accepted_s": round(float(part.accepted_s), 4)}
    rounded = {
        name: round(value, 3) if isinstance(value, float) else value for name, value in used.items()
    }
    return {**rounded, **asdict(bill(part, shots, rates))}


def fates(takes: Iterable[Take]) -> dict[str, int]:
    """How many takes stand where."""
    return dict(Counter(take.state.value for take in takes))
