"""What takes cost: device seconds, energy where it was measured, people's minutes, and what of it
was for nothing; and what the machine time was expected to be before.

People's time is counted from the ledger where they answered one take after the other, and assumed
where nobody can know (``Rates.looks``); how much of each is said.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from fractions import Fraction
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import SettingWrong
from secondunit_bridge.film import Take, TakeState

from .judging import Judged
from .pace import Predicted

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
    pause_minutes: float = 5.0  # the longest gap between two answers of one sitting
    budget_hours: float = 0.0  # that the production plans for these shots; 0: nobody has said

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

    @classmethod
    def at(cls, home: Path) -> Rates | None:
        """The card of a home; None where nobody wrote one. Raises SettingWrong."""
        path = home / FILE
        if not path.is_file():
            return None
        try:
            return cls.of(tomllib.loads(path.read_text(encoding="utf-8")))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingWrong(
                f"{path} cannot be read: {error}", hint="Write name = number."
            ) from error

    def machine(self, seconds: float, device: str) -> float:
        """What machine time costs; energy, which is measured when it was used, is not in it."""
        return seconds / 3600 * (self.device_hour if is_card(device) else self.processor_hour)


def is_card(device: str) -> bool:
    """A device that takes tell is a graphics card."""
    return bool(device) and not device.startswith("cpu")


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
    counted_s: float = 0.0  # of review_s: from the ledger, not assumed
    expected_s: float = 0.0  # of machine time, before; of the takes below
    came_s: float = 0.0  # what those takes then took
    foreseen: int = 0  # takes that something could be expected of
    measured: int = 0  # takes whose energy was measured

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
            self.counted_s + other.counted_s,
            self.expected_s + other.expected_s,
            self.came_s + other.came_s,
            self.foreseen + other.foreseen,
            self.measured + other.measured,
        )

    @property
    def off(self) -> float | None:
        """By how much machine time missed what was expected: 0.1 is a tenth more."""
        return self.came_s / self.expected_s - 1 if self.expected_s else None


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


@dataclass(frozen=True)
class Known:
    """What the ledger says of takes beside themselves, by their id. Empty: all is assumed."""

    judged: Mapping[str, Judged] = field(default_factory=dict)
    expected: Mapping[str, Predicted | None] = field(default_factory=dict)


NOTHING = Known()


def spent(
    shot: str, takes: Iterable[Take], plays: Fraction, rates: Rates, known: Known = NOTHING
) -> Spent:
    """What the takes of one shot used; ``plays`` is how many seconds of it are in the cut."""
    total = Spent(shot, accepted_s=plays)
    for take in takes:
        total += _of_take(shot, take, rates, known)
    return total


def looked_s(take: Take, rates: Rates) -> float:
    """The seconds that one look at a take, and the decision, are taken to need."""
    length = len(take.media.frames) / take.media.frames.rate if take.media else Fraction(0)
    return float(length) * rates.looks + rates.decision_minutes * 60


def _of_take(shot: str, take: Take, rates: Rates, known: Known) -> Spent:
    seen = take.state not in _UNSEEN
    people = known.judged.get(take.id) or Judged(assumed=looked_s(take, rates) if seen else 0.0)
    on_device = is_card(take.cost.device)
    before = known.expected.get(take.id) if take.media else None
    energy = take.cost.energy_wh
    return Spent(
        shot,
        takes=1,
        accepted=int(take.state is TakeState.circled),
        junk=int(take.state in _LOST),
        device_s=take.cost.seconds if on_device else 0.0,
        processor_s=0.0 if on_device else take.cost.seconds,
        review_s=people.counted + people.assumed,
        energy_wh=energy,
        counted_s=people.counted,
        expected_s=before.seconds if before else 0.0,
        came_s=take.cost.seconds if before else 0.0,
        foreseen=int(before is not None),
        measured=int(energy is not None),
    )


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
    qc_hours: float = 0.0  # people's time on takes
    qc_budget_hours: float = 0.0  # a tenth of the hours planned, or of those counted so far
    expected_machine: float | None = None  # what machines were expected to cost, for what was


def bill(all_: Spent, shots: int, rates: Rates) -> Bill:
    """The bill for what was spent on so many shots."""
    energy = (all_.energy_wh or 0.0) / 1000 * rates.kilowatt_hour
    hours = all_.device_s * rates.device_hour + all_.processor_s * rates.processor_hour
    machine, people = hours / 3600 + energy, all_.review_s / 3600 * rates.person_hour
    total, seconds = machine + people, float(all_.accepted_s)
    work = all_.device_s + all_.processor_s + all_.review_s
    ratio = all_.expected_s / all_.came_s if all_.came_s else None
    return Bill(
        machine=round(machine, 4),
        people=round(people, 4),
        total=round(total, 4),
        per_accepted_second=round(total / seconds, 4) if seconds else None,
        per_shot=round(total / shots, 4) if shots else None,
        per_finished_minute=round(total / seconds * 60, 2) if seconds else None,
        junk_ratio=round(all_.junk / all_.takes, 4) if all_.takes else 0.0,
        qc_share=round(all_.review_s / work, 4) if work else 0.0,
        qc_hours=round(all_.review_s / 3600, 4),
        qc_budget_hours=round((rates.budget_hours or work / 3600) * QC_SHARE, 4),
        expected_machine=round((machine - energy) * ratio, 4) if ratio is not None else None,
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
    missed = None if part.off is None else round(part.off, 4)
    return {**rounded, "off": missed, **asdict(bill(part, shots, rates))}


def fates(takes: Iterable[Take]) -> dict[str, int]:
    """How many takes stand where."""
    return dict(Counter(take.state.value for take in takes))
