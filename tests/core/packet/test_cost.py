"""Costs: what was expected before and came after, whose minutes are counted, what a card used."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import count
from math import log
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import pytest
from paper_cut import ARTISTS, gathered
from secondunit.ledger import Ledger
from secondunit.packet.cost import Known, Rates, added, bill, spent, told
from secondunit.packet.costs_told import assumed, facts
from secondunit.packet.judging import Answer, Judged, judged
from secondunit.packet.known import known
from secondunit.packet.pace import Pace, Predicted, Size
from secondunit.stage.energy import Meter, joules
from secondunit_bridge.film import Cost, Take, TakeState

RATES = Rates(person_hour=60.0, device_hour=36.0, processor_hour=3.6)


@pytest.fixture
def takes(tmp_path: Path) -> tuple[Take, ...]:
    """Three takes of one shot, the last circled."""
    return gathered(tmp_path, 1, 1).made[0].tries


def test_twenty_jobs_come_within_fifteen_percent_of_what_was_expected():
    noise, pace, expected, came = Random(7), Pace(), 0.0, 0.0
    for number in range(60):
        steps, frames, pixels = noise.choice((4, 30)), noise.randrange(24, 120), 2.07
        size = Size("flux", frames * pixels, (("steps", steps),))
        seconds = (1.5 + frames * pixels * steps * 0.011) * noise.uniform(0.93, 1.07)
        told = pace.expected(size)
        if number >= 40:
            assert told is not None
            expected, came = expected + told.seconds, came + seconds
        pace.add(size, seconds)
    assert came == pytest.approx(expected, rel=0.15)


def test_other_settings_are_not_taken_for_the_same_and_nothing_is_made_up():
    pace, quick, slow = Pace(), Size("flux", 100.0, (("steps", 4),)), Size("flux", 100.0)
    assert pace.expected(quick) is None
    pace.add(quick, 10.0)
    pace.add(slow, 100.0)
    assert pace.expected(replace(quick, work=200.0)) == Predicted(20.0, 1)
    assert pace.expected(slow) == Predicted(100.0, 1)
    assert pace.expected(Size("slate", 100.0)) is None


def test_the_nearest_takes_are_those_that_sorting_all_of_them_gives():
    noise, pace, shot = Random(11), Pace(), list[tuple[float, float]]()
    for _ in range(400):
        work, seconds = noise.choice((1.0, 2.0, 4.0, 8.0, 3.7, noise.uniform(1, 9))), noise.random()
        near = sorted(shot, key=lambda one: abs(log(one[0]) - log(work)))[:9]  # stable: the first
        told = pace.expected(Size("flux", work))
        if near:
            assert told is not None
            assert told.takes == len(near)
            assert told.seconds == pytest.approx(work * median(s / w for w, s in near), abs=1e-3)
        shot.append((work, seconds))
        pace.add(Size("flux", work), seconds)


def test_answers_that_follow_each_other_count_and_the_first_of_a_sitting_is_assumed():
    times = (("Kim", 1000, "a"), ("Lou", 1010, "b"), ("Kim", 1040, "b"), ("Kim", 1100, "b"),
             ("Kim", 9000, "c"), ("Lou", 9001, "a"))  # fmt: skip
    said = [Answer(by, float(at), take) for by, at, take in times]
    found = judged(said, lambda take: 25.0, pause_s=300)
    assert found == {
        "a": Judged(assumed=25.0),  # Lou's word on it comes hours later, and is not counted again
        "b": Judged(counted=100.0, assumed=25.0),
        "c": Judged(assumed=25.0),
    }


def test_a_bill_says_what_is_counted_assumed_expected_and_not_measured(takes: tuple[Take, ...]):
    plain = spent("S", takes, Fraction(2), RATES)
    assert (plain.takes, plain.accepted, plain.junk) == (3, 1, 2)
    assert plain.energy_wh == pytest.approx(27.3)
    length = 64 / 24 * RATES.looks + 30
    assert plain.review_s == pytest.approx(3 * length)
    assert assumed(plain, RATES).startswith("Of people's time 0.0 minutes are counted")
    told_ = dict(facts(plain, bill(plain, 1, RATES), RATES))
    assert told_["Expected before"].startswith("nothing")
    more = Known(
        judged={take.id: Judged(counted=60.0) for take in takes},
        expected={take.id: Predicted(60.0, 5) for take in takes[1:]},
    )
    counted = spent("S", takes, Fraction(2), RATES, more)
    assert assumed(counted, RATES) == "People's time is counted from their answers in the ledger."
    assert counted.off == pytest.approx(61.5 / 60 - 1)
    assert bill(counted, 1, RATES).people == pytest.approx(3.0)
    assert bill(counted, 1, RATES).expected_machine == pytest.approx(3 * 61.5 / 100 * 60 / 61.5)
    cold = [replace(take, cost=Cost(5.0, 1, "cpu")) for take in takes]
    said = dict(facts(spent("S", cold, Fraction(2), RATES), bill(plain, 1, RATES), RATES))
    assert said["Energy"] == "not measured: no device reported it"


@pytest.mark.parametrize(("hours", "word"), [(0.0, "over"), (100.0, "within")])
def test_hours_of_quality_control_stand_against_a_tenth_of_the_work(
    takes: tuple[Take, ...], hours: float, word: str
):
    rates = replace(RATES, budget_hours=hours)
    total = added([spent("S", takes, Fraction(2), rates)], "all")
    said = dict(facts(total, bill(total, 1, rates), rates))["Quality control"]
    assert f"; {word} the limit of " in said
    assert ("100 hours planned" in said) == bool(hours)
    assert told(total, 1, rates)["qc_hours"] > 0


class _Card:
    """A driver whose first card uses 250 joules a look, and whose second says nothing."""

    def __init__(self, cards: int = 1) -> None:
        self._reads, self._cards = count(), cards

    def __call__(self) -> dict[int, float]:
        read = next(self._reads)
        return {number: 1000.0 + 250.0 * (number + 1) * read for number in range(self._cards)}


@pytest.mark.parametrize(
    ("device", "cards", "environ", "used"),
    [
        ("cuda:0", 1, {}, 250 / 3600),
        ("cuda:0", 1, {"CUDA_VISIBLE_DEVICES": "3"}, 250 / 3600),
        ("cpu", 1, {}, None),
        ("cuda:0", 0, {}, None),  # no driver counts
        ("cuda:1", 2, {}, None),  # which card CUDA means is not known
        ("cuda:1", 2, {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, 500 / 3600),
        ("cuda:0", 2, {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": "1"}, 500 / 3600),
    ],
)
def test_energy_is_what_the_card_counts_or_not_measured(
    device: str, cards: int, environ: dict[str, str], used: float | None
):
    found = Meter(_Card(cards)).watt_hours(device, environ)
    assert found is None if used is None else found == pytest.approx(used, abs=1e-4)


def test_this_machine_s_own_driver_is_asked_without_harm():
    assert all(number >= 0 and used > 0 for number, used in joules().items())


def test_the_ledger_s_own_order_says_what_was_expected_and_who_looked(tmp_path: Path):
    from secondunit.ledger import Draft
    from secondunit_bridge.wire import plain

    made = gathered(tmp_path, 1, 1).made[0]
    with Ledger(tmp_path / "ledger.sqlite", durability="off") as book:
        for number in (1, 2):
            asked: dict[str, Any] = {
                "ask": f"ask{number}", "client": "t", "turnover": plain(made.turnover),
                "takes": [{"id": f"abcd.{number}", "number": number, "seed": number}]}  # fmt: skip
            book.record(Draft("turnover", "abcd", asked, by=ARTISTS[0]))
            shot = replace(made.take, id=f"abcd.{number}", state=TakeState.pending_review)
            book.record(Draft("take", shot.id, plain(shot)))
            book.record(Draft("note", shot.id, {"text": "warmer"}, by="Kim"))
        found = known(book, RATES)
    first, second = found.expected["abcd.1"], found.expected["abcd.2"]
    assert first is None
    assert second == Predicted(61.5, 1)
    assert found.judged["abcd.1"].assumed == pytest.approx(64 / 24 * 3 + 30)
    assert 0 <= found.judged["abcd.2"].counted < 60


def test_a_finish_is_not_foretold_by_drafts_nor_a_draft_by_finishes():
    pace, finish = Pace(), Size("painter", 100.0)
    pace.add(replace(finish, draft=True), 2.0, "cuda:0")
    assert pace.expected(finish) is None
    pace.add(finish, 60.0, "cpu")
    assert pace.expected(finish) == Predicted(60.0, 1, "cpu")
    assert pace.expected(replace(finish, draft=True)).seconds == 2.0


def test_machine_time_is_priced_by_where_it_ran_and_by_the_card_of_the_home(tmp_path):
    assert Rates.at(tmp_path) is None
    (tmp_path / "rates.toml").write_text("device_hour = 7.2\nprocessor_hour = 0.36\n")
    rates = Rates.at(tmp_path)
    assert rates.machine(1000, "cuda:0") == pytest.approx(2.0)
    assert rates.machine(1000, "cpu") == rates.machine(1000, "") == pytest.approx(0.1)
