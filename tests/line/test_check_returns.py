"""A set-up that comes back after other shots is compared with where it was seen last."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest


def found(answer: dict, check: str) -> list[dict]:
    return [one for one in answer["findings"] if one["check"] == check]


@pytest.fixture
def dialogue(film: Path, cuts, moving):
    """Her, him, her again: two angles that share nothing; ``write`` makes the third shot."""
    cuts.write_movie(film / "her.mov", moving(12))
    him = [np.ascontiguousarray(one[::-1, ::-1]) for one in moving(40)[20:32]]
    cuts.write_movie(film / "him.mov", him)

    def write(third: list[np.ndarray], **card) -> Path:
        cuts.write_movie(film / "her again.mov", third)
        items = [
            cuts.clip("her", "her.mov", 0, 12, has=12),
            cuts.clip("him", "him.mov", 0, 12, has=12),
            cuts.clip("her again", "her again.mov", 0, 12, has=12),
        ]
        for item in items if card else ():
            item["metadata"] = {"secondunit": {"card": card | {"setup": item["name"]}}}
        return cuts.write_cut(film / "dialogue.otio", items)

    return write


def test_her_second_shot_is_held_against_her_first_across_his(su, dialogue, moving):
    cut = dialogue(moving(24, gain=0.7)[12:])
    answer = su("check", cut, "--json").json
    between = [one for one in found(answer, "colour.exposure") if one["shots"][0] == "her"]
    dark = next(one for one in between if one["shots"][-1] == "her again")
    assert dark["outcome"] == "look"
    assert "darker than the earlier “her”" in dark["sentence"]
    assert answer["pairs"] == 2
    again = su("check", cut, "--json").json
    assert again["frames"] == 0
    assert again["findings"] == answer["findings"]


def test_a_set_up_that_comes_back_as_it_was_is_clear(su, dialogue, moving):
    answer = su("check", dialogue(moving(24)[12:]), "--json").json
    (same,) = [one for one in found(answer, "colour.exposure") if "again" in one["shots"][-1]
               and one["shots"][0] == "her"]  # fmt: skip
    assert same["outcome"] == "clear"


def test_shots_whose_cards_name_other_set_ups_are_not_held_against_each_other(su, dialogue, moving):
    answer = su("check", dialogue(moving(24, gain=0.7)[12:], scene="12"), "--json").json
    assert ["her", "her again"] not in [one["shots"] for one in answer["findings"]]


def test_a_coat_is_held_against_where_it_was_seen_last_from_whatever_angle(su, dialogue, moving):
    coat = {"name": "Mara's coat", "region": [0.2, 0.2, 0.6, 0.6]}

    def said(third: list[np.ndarray]) -> list[tuple[list[str], str]]:
        cut = dialogue(third, scene="12")
        document = json.loads(cut.read_text())
        for clip in document["tracks"]["children"][0]["children"]:
            if clip["name"].startswith("her"):
                clip["metadata"]["secondunit"]["card"]["wardrobe"] = [coat]
        cut.write_text(json.dumps(document))
        answer = su("check", cut, "--json").json
        assert not [one for one in found(answer, "focus.soft") if "her" in one["shots"][:-1]
                    and one["shots"][-1] == "her again"]  # fmt: skip
        return [(one["shots"], one["outcome"]) for one in found(answer, "wardrobe.hue")]

    as_it_was = moving(24)[12:]
    assert said(as_it_was) == [(["her", "her again"], "clear")]
    other = [np.ascontiguousarray(one[..., ::-1]) for one in as_it_was]  # blue for red
    assert said(other) == [(["her", "her again"], "look")]
