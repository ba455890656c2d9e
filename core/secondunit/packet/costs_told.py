"""The figures of a bill in words, the same in the terminal and in the packet."""

from __future__ import annotations

from .cost import QC_SHARE, Bill, Rates, Spent


def facts(total: Spent, money: Bill, rates: Rates) -> tuple[tuple[str, str], ...]:
    """Each figure with its name: time, energy, money by unit, expectation, quality control."""
    unit = rates.currency
    each, shot, minute = money.per_accepted_second, money.per_shot, money.per_finished_minute
    whole = f"{money.total:,.2f} {unit}: machines {money.machine:,.2f}, people {money.people:,.2f}"
    return (
        ("For nothing", f"{money.junk_ratio:.0%} of all takes"),
        ("Machine time", _machine(total)),
        ("Expected before", _expected(total)),
        ("Energy", _energy(total)),
        ("People's time", _people(total)),
        ("Cost", whole),
        ("Per accepted second", "nothing accepted" if each is None else f"{each:,.2f} {unit}"),
        ("Per shot", "-" if shot is None else f"{shot:,.2f} {unit}"),
        ("Per finished minute", "-" if minute is None else f"{minute:,.2f} {unit}"),
        ("Quality control", _quality(money, rates)),
    )


def assumed(total: Spent, rates: Rates) -> str:
    """What of people's time nobody counted, and how it was reckoned."""
    left = total.review_s - total.counted_s
    if left <= 0:
        return "People's time is counted from their answers in the ledger."
    return (
        f"Of people's time {total.counted_s / 60:.1f} minutes are counted, from answers in the"
        f" ledger that follow each other within {rates.pause_minutes:g} minutes; {left / 60:.1f}"
        f" minutes are assumed: {rates.looks:g} times a take's length and"
        f" {rates.decision_minutes:g} minutes to decide. The rates are the production's own card."
    )


def _machine(total: Spent) -> str:
    seconds = total.device_s + total.processor_s
    return f"{seconds / 60:.1f} minutes, of which {total.device_s / 60:.1f} on a graphics card"


def _expected(total: Spent) -> str:
    if not total.foreseen or total.off is None:
        return "nothing: these are the first takes of their generators here"
    some = "" if total.foreseen == total.takes else f" for {total.foreseen} of {total.takes} takes"
    return (
        f"{total.expected_s / 60:.1f} minutes of machine time{some}; they took"
        f" {total.came_s / 60:.1f} ({total.off:+.0%})"
    )


def _energy(total: Spent) -> str:
    if total.energy_wh is None:
        return "not measured: no device reported it"
    some = "" if total.measured == total.takes else f", of {total.measured} of {total.takes} takes"
    return f"{total.energy_wh:,.1f} Wh, as the graphics card counts{some}"


def _people(total: Spent) -> str:
    left = max(0.0, total.review_s - total.counted_s)
    return (
        f"{total.review_s / 60:.1f} minutes with takes: {total.counted_s / 60:.1f} counted,"
        f" {left / 60:.1f} assumed"
    )


def _quality(money: Bill, rates: Rates) -> str:
    of = f"{rates.budget_hours:g} hours planned" if rates.budget_hours else "all time counted here"
    over = money.qc_hours > money.qc_budget_hours
    return (
        f"{_time(money.qc_hours)}; {'over' if over else 'within'} the limit of"
        f" {_time(money.qc_budget_hours)}, {QC_SHARE:.0%} of {of}"
    )


def _time(hours: float) -> str:
    return f"{hours:.1f} hours" if hours >= 1 else f"{60 * hours:.1f} minutes"
