"""Which shots are compared, over random orders of set-ups."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from secondunit.continuity.pairs import FAR, Kind, masters, meeting, returning
from secondunit.editorial import Cut, CutShot
from secondunit.editorial.retime import Played
from secondunit_bridge.timing import FrameRange

RATE = Fraction(24)
SETUPS = st.lists(st.sampled_from("ABCD"), min_size=1, max_size=70)


def shot(index: int, angle: str, **card) -> CutShot:
    """Twelve frames of a take of its own, in the angle its name begins with."""
    record = FrameRange(12 * index, 12 * index + 11, RATE)
    return CutShot(
        name=f"{angle}{index}", guid=None, track="V1", index=index, layer=0, record=record,
        media=f"/rushes/{angle}{index}.mov", online=True, offline_reason="", media_rate=RATE,
        source=(0, 11), played=Played(Fraction(0), Fraction(1), 12), speed=Fraction(1),
        retime="none", marks={"card": card} if card else {},
    )  # fmt: skip


def cut(shots: list[CutShot]) -> Cut:
    return Cut("cut", None, RATE, 0, 12 * len(shots), drop=False, shots=tuple(shots), document={})


def alike(earlier: CutShot, later: CutShot) -> bool:
    return earlier.name[0] == later.name[0]


def never(earlier: CutShot, later: CutShot) -> bool:
    raise AssertionError("cards say it: nothing is to be recognised")


def apart(pairs) -> list[tuple[str, str]]:
    return [(pair.earlier.name, pair.later.name) for pair in pairs]


@given(SETUPS)
def test_every_shot_is_held_against_the_last_of_its_angle_or_meets_it(setups):
    shots = [shot(index, setup) for index, setup in enumerate(setups)]
    meets = list(meeting(cut(shots)))
    assert apart(meets) == [(a.name, b.name) for a, b in pairwise(shots)]
    back = apart(returning(cut(shots), alike, meets))
    for index, later in enumerate(shots):
        before = [one for one in shots[max(0, index - FAR) : index] if alike(one, later)]
        if before and before[-1] is not shots[index - 1]:
            assert (before[-1].name, later.name) in back
        else:
            assert later.name not in [name for _, name in back]


@given(SETUPS)
def test_cards_decide_where_there_are_any(setups):
    shots = [shot(i, "X", scene="12", setup=setup) for i, setup in enumerate(setups)]
    back = list(returning(cut(shots), never, list(meeting(cut(shots)))))
    assert all(
        one.earlier.marks["card"]["setup"] == one.later.marks["card"]["setup"] for one in back
    )
    assert all(one.kind is Kind.returns for one in back)


def test_another_day_is_another_day_and_one_take_is_not_held_against_itself():
    def two(**second) -> list[CutShot]:
        return [shot(0, "A", scene="12", day="1"), shot(1, "B"), shot(2, "A", **second)]

    assert apart(returning(cut(two(scene="12", day="1")), alike, ())) == [("A0", "A2")]
    assert apart(returning(cut(two(scene="12", day="2")), alike, ())) == []
    assert apart(returning(cut(two(scene="13")), alike, ())) == []
    again = [shot(0, "A"), shot(1, "B"), shot(0, "A")]
    assert apart(returning(cut(again), alike, ())) == []


def test_a_master_is_found_wherever_it_plays_and_is_not_compared_with_itself():
    shots = [
        shot(0, "A", scene="1", setup="A"),
        shot(1, "B", scene="1", setup="B"),
        shot(2, "A", scene="1", setup="A", master=True),
    ]
    assert apart(masters(cut(shots))) == [("A2", "A0")]
