"""What is drawn over a frame: places of the picture, a number of them that the mark has."""

from __future__ import annotations

import pytest
from secondunit_bridge.drawn import MOST_POINTS, MOST_STROKES, Mark, Stroke, too_much

HERE, THERE = (0.0, 0.25), (1.0, 0.75)


def test_a_line_has_points_and_an_arrow_and_a_box_have_two() -> None:
    assert Stroke(Mark.line, (HERE,)).points == (HERE,)
    for mark in (Mark.arrow, Mark.box):
        assert Stroke(mark, (HERE, THERE)).mark is mark
        for points in ((), (HERE,), (HERE, THERE, HERE)):
            with pytest.raises(ValueError, match="expected 2"):
                Stroke(mark, points)
    for points in ((), (HERE,) * (MOST_POINTS + 1)):
        with pytest.raises(ValueError, match="expected 1"):
            Stroke(Mark.line, points)


@pytest.mark.parametrize("place", [-0.01, 1.01, float("nan"), float("inf")])
def test_nothing_is_drawn_outside_the_picture(place: float) -> None:
    with pytest.raises(ValueError, match="of the picture"):
        Stroke(Mark.box, (HERE, (0.5, place)))


def test_a_note_holds_so_much_and_no_more() -> None:
    box = Stroke(Mark.box, (HERE, THERE))
    long = Stroke(Mark.line, (HERE,) * (MOST_POINTS - 2))
    assert too_much(()) == too_much((box,) * MOST_STROKES) == too_much((long, box)) == ""
    assert "strokes" in too_much((box,) * (MOST_STROKES + 1))
    assert "points" in too_much((long, box, box))
