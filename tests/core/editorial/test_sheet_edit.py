"""A sheet of cards changed from the page: only what was changed is written anew."""

from __future__ import annotations

import pytest
from secondunit.editorial.sheet_edit import with_bible, with_card, with_sequence, without_card
from secondunit_bridge.errors import CardWrong

SHEET = """\
# ours, do not touch
[bible]
gallery = "cast"   # five of each

[[card]]
clip = "12A/3"
scene = "12"   # the kitchen
day = "2"

[[card]]
clip = "12B/1"
guid = "G-2"
setup = "12B"
"""


def test_a_changed_card_leaves_everything_else_as_people_wrote_it():
    now = with_card(SHEET, "kitchen", "12A/3", None, {"scene": "12", "setup": "12A"})
    assert now == SHEET.replace('day = "2"\n', 'setup = "12A"\n')


def test_a_clip_is_found_by_its_guid_whatever_it_is_called_now():
    now = with_card(SHEET, "kitchen", "12B/1 new", "G-2", {"setup": "12C"})
    assert now == SHEET.replace('setup = "12B"', 'setup = "12C"')


def test_a_clip_that_is_not_on_the_sheet_gets_a_row_and_a_cut_without_a_sheet_a_sheet():
    now = with_card(SHEET, "kitchen", "12D/1", "G-4", {"key_side": "left"})
    assert now.startswith(SHEET)
    assert now[len(SHEET) :].split("\n") == [
        "", "[[card]]", 'clip = "12D/1"', 'guid = "G-4"', 'key_side = "left"', ""
    ]  # fmt: skip
    new = with_card("", "Shot cards of kitchen.", "12D/1", None, {"master": True})
    assert new.startswith("# Shot cards of kitchen.\n")
    assert new.endswith('[[card]]\nclip = "12D/1"\nmaster = true\n')


def test_a_card_that_says_nothing_any_more_still_hides_the_one_in_the_cut():
    assert with_card("", "x", "A", None, {}).endswith('clip = "A"\nallowed = []\n')


def test_a_card_that_a_show_does_not_say_any_more_goes_and_the_others_stay():
    now = without_card(SHEET, "show", "12A/3", None)
    assert now == SHEET.replace(
        '[[card]]\nclip = "12A/3"\nscene = "12"   # the kitchen\nday = "2"\n\n', ""
    )
    assert "card" not in without_card(now, "show", "12B/1", "G-2")
    assert without_card(SHEET, "show", "of another scene", None) == SHEET


def test_the_bible_is_written_whole_and_keeps_what_is_the_same():
    now = with_bible(SHEET, "kitchen", {"gallery": "cast", "masters": {"12A": "12A/3"}})
    assert 'gallery = "cast"   # five of each\n' in now
    assert 'masters = {12A = "12A/3"}' in now


def test_a_changed_set_up_or_prop_keeps_what_people_wrote_beside_the_others():
    sheet = """\
# the kitchen
[bible.setups.12A]
key_side = "left"  # the window
[bible.setups.12B]
scene = "12"  # the hall

[[card]]
clip = "12C/1"
props = [
  { name = "glass", state = "full" },  # she drinks later
  { name = "plate" },  # stays
]
"""
    setups = {"12A": {"key_side": "right"}, "12B": {"scene": "12"}}
    now = with_bible(sheet, "x", {"setups": setups})
    assert now == sheet.replace('"left"', '"right"')
    props = [{"name": "glass", "state": "empty"}, {"name": "plate"}]
    assert with_card(now, "x", "12C/1", None, {"props": props}) == now.replace("full", "empty")


def test_what_stands_over_a_table_stays_when_the_one_before_it_is_changed_or_goes():
    sheet = """\
# the kitchen
[bible.setups.12A]
key_side = "left"

# the hall, all in
# one night
[bible.setups.12B]
scene = "12"

# rain
[sequences.TCC]
day = "3"

# Mara alone
[[card]]
clip = "A"

# and with Ben
[[card]]
clip = "B"
"""
    setups = {"12A": {"key_side": "left", "day": "2"}, "12B": {"scene": "12"}}
    more = with_bible(sheet, "x", {"setups": setups})
    assert more == sheet.replace('"left"\n', '"left"\nday = "2"\n')
    gone = with_bible(sheet, "x", {"setups": {"12A": {"key_side": "left"}}})
    assert gone == sheet.replace('[bible.setups.12B]\nscene = "12"\n', "")
    assert "\n# Mara alone\n[[card]]" in with_sequence(sheet, "x", "TCC", {})
    assert "# and with Ben\n[[card]]" in without_card(sheet, "x", "A", None)
    assert without_card(sheet, "x", "B", None).count("# Mara alone") == 1


def test_what_every_shot_of_a_sequence_says_is_put_in_changed_and_taken_off_again():
    cast = {"scene": "12", "cast": [{"name": "Mara"}]}
    new = with_sequence(SHEET, "show", "TCC", cast)
    assert new.startswith(SHEET)
    assert new[len(SHEET) :].strip() == ('[sequences.TCC]\nscene = "12"\ncast = [{name = "Mara"}]')
    noted = new.replace('scene = "12"\ncast', 'scene = "12"  # the kitchen\ncast')
    now = with_sequence(noted, "show", "TCC", {**cast, "day": "3"})
    assert now == noted.replace('"Mara"}]', '"Mara"}]\nday = "3"')
    assert with_sequence(new, "show", "TCC", {}).strip() == SHEET.strip()
    assert "[sequences.TCC]" in with_sequence("", "show", "TCC", cast)
    with pytest.raises(CardWrong, match=r"sequences\.TCC: 'sceen' is no field"):
        with_sequence(SHEET, "show", "TCC", {"sceen": "12"})


@pytest.mark.parametrize(
    ("card", "says"),
    [({"key_side": "above"}, "key_side"), ({"sceen": "12"}, "'sceen' is no field"),
     ({"props": [{"name": "mug", "region": [0.5, 0.5, 0.9, 0.1]}]}, "props")],
)  # fmt: skip
def test_a_field_that_is_wrong_is_named_and_nothing_is_given_back(card: dict, says: str):
    with pytest.raises(CardWrong, match=says):
        with_card(SHEET, "kitchen", "12A/3", None, card)


def test_a_sheet_that_is_no_toml_is_left_alone():
    with pytest.raises(CardWrong, match="cannot be read"):
        with_card("[[card", "kitchen", "12A/3", None, {"scene": "12"})
