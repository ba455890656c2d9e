"""What Second Take reports, against numbers worked out by hand."""

from __future__ import annotations

import math

import pytest

from benchmarks.second_take import metrics


def test_auroc_is_the_share_of_pairs_in_order_and_ties_count_half():
    assert metrics.auroc([3, 4], [1, 2]) == 1.0
    assert metrics.auroc([1, 4], [2, 3]) == 0.5
    assert metrics.auroc([2], [2, 1]) == 0.75
    assert metrics.auroc([], [1]) is None


def test_an_error_that_was_not_looked_at_was_missed():
    assert metrics.auroc([None, 5], [1, 2]) == 0.5
    assert metrics.recall_at([None, 5], [1, 2], 0.02) == 0.5
    assert metrics.recall_at([None, None], [None, None], 1.0) == 0.0
    assert metrics.abstained([None, 5, 1, None]) == 0.5


def test_recall_is_taken_where_so_many_clean_ones_are_flagged():
    clean = list(range(100))  # two in a hundred may be flagged: 98 and 99
    assert metrics.recall_at([97, 97.5, 98, 120], clean, 0.02) == 0.75
    assert metrics.threshold(clean, 0.02) == math.nextafter(97, math.inf)
    assert metrics.threshold([1, 2], 1.0) == -math.inf


def test_no_rate_is_said_of_fewer_than_300_clean_pairs():
    assert metrics.false_rate(0, 299, 100).startswith(metrics.TOO_FEW)
    assert metrics.false_rate(0, 300, 100) == "0 (at most 1, n 300)"
    assert "at most" in metrics.false_rate(6, 300, 100)


def test_bounds_are_those_of_the_books():
    assert metrics.at_most(0, 300) == pytest.approx(0.01)
    low, high = metrics.wilson(5, 10)
    assert (low, high) == (pytest.approx(0.2366, abs=1e-3), pytest.approx(0.7634, abs=1e-3))
    assert metrics.wilson(0, 0) == (0.0, 1.0)


def test_boxes_overlap_as_areas_do_and_the_first_that_hits_is_the_place():
    one, half = (0.0, 0.0, 0.2, 0.2), (0.1, 0.0, 0.2, 0.2)
    assert metrics.overlap(one, one) == pytest.approx(1)
    assert metrics.overlap(one, half) == pytest.approx(1 / 3)
    away = (0.5, 0.5, 0.1, 0.1)
    assert metrics.overlap(one, away) == 0
    assert metrics.place([away, half], [one]) == 2
    assert metrics.place([away], [one]) is None
