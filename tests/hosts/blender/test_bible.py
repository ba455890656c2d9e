"""Who is where: tags, positions and regions in a real Blender, and the cards made of them."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from secondunit.editorial.cards import handed_card
from secondunit_blender.collect.beside import cards_beside
from secondunit_blender.collect.cards import Setting, angle_between, card_beside, eyeline, side_of
from secondunit_blender.collect.shots import SceneShot
from secondunit_bridge.timing import FrameRange


@pytest.fixture(scope="module")
def cards(rendered):
    """The card of each of the three set-ups."""
    made = {}
    for code, setup in (("0010", "A"), ("0020", "B"), ("0030", "C")):
        found = rendered(code, "workbench")
        setting = Setting(scene="12", day="1", setup=setup, master=setup == "A")
        made[code] = card_beside(str(found.folder), setting)
    return made


def test_tags_last_and_an_object_s_own_beats_its_collection_s(inside, tmp_path: Path):
    told = inside("tags", tmp_path)
    assert told["found"] == {
        "Anna": ["character", ["Anna Body"], True],
        "Ben": ["character", ["Ben Body", "Ben Head"], True],
        "Glass": ["prop", ["Glass"], False],
        "desk": ["prop", ["Table"], False],
        "hat": ["prop", ["Anna Head"], False],
        "Wall": ["set", ["Wall"], False],
    }
    assert told["axis"] == ["Ben", "Anna"]
    assert sorted(told["numbers"].values()) == sorted([*told["found"], "Floor"])
    assert "desk" not in told["left"]
    assert told["refused"] == ["E_FIELD", "E_NAME"]


def test_an_instance_of_a_tagged_collection_is_that_character(inside):
    told = inside("instanced")
    anna = told["people"]["Anna"]
    assert anna["position"] == pytest.approx([1.1, 3, 0], abs=1e-3)  # turned about, then moved
    assert anna["eyes"][2] == pytest.approx(1.66, abs=0.02)
    x, _, w, _ = anna["region"]
    assert 0.5 < x < x + w < 0.75
    assert list(told["numbers"].values()) == ["Anna"]
    assert told["worn"] == [int(number) for number in told["numbers"]]


def test_a_thing_has_the_same_number_in_every_shot(rendered):
    tables = [rendered(code, "workbench").scene["ids"] for code in ("0010", "0020", "0030")]
    assert tables[0] == tables[1] == tables[2]
    assert set(tables[0].values()) == {"Anna", "Ben", "Glass", "Wall", "Table", "Floor"}
    assert all(0 < int(number) <= 2048 for number in tables[0])


def test_a_region_holds_all_pixels_of_a_person_and_little_else(rendered):
    wide = rendered("0010", "workbench")
    row = wide.scene["rows"][2]
    for name in ("Anna", "Ben"):
        x, y, w, h = row["people"][name]["region"]
        mask = wide.mask(name, row["number"])
        down, across = np.nonzero(mask)
        high, wide_px = mask.shape
        left, right = across.min() / wide_px, (across.max() + 1) / wide_px
        top, bottom = down.min() / high, (down.max() + 1) / high
        assert x <= left + 0.01
        assert x + w >= right - 0.01
        assert y <= top + 0.01
        assert y + h >= bottom - 0.01
        assert w * h < 1.5 * (right - left) * (bottom - top)


def test_the_glass_is_where_its_pixels_are(rendered):
    wide = rendered("0010", "workbench")
    x, y, w, h = wide.scene["rows"][2]["props"]["Glass"]["region"]
    down, across = np.nonzero(wide.mask("Glass", 1003))
    assert (x + w / 2) * 160 == pytest.approx(across.mean() + 0.5, abs=1)
    assert (y + h / 2) * 90 == pytest.approx(down.mean() + 0.5, abs=1)


def test_a_folder_without_passes_has_no_card(tmp_path: Path):
    assert card_beside(str(tmp_path)) is None


def test_a_card_says_who_is_left_from_every_set_up_on_one_side_of_the_axis(cards):
    for card in cards.values():
        assert card["axis"] == {"left": "Anna", "right": "Ben"}
        assert card["people"]["positions"]["Anna"][0] == pytest.approx(-1.1, abs=1e-3)
        assert 1.5 < card["people"]["positions"]["Anna"][2] < 1.8  # her head
        ways = card["people"]["gaze"]
        assert ways["Anna"] == pytest.approx([2.2, 0, 0], abs=0.1)  # from there to Ben's eyes
        assert ways["Ben"] == pytest.approx([-2.2, 0, 0], abs=0.1)
    assert [who["name"] for who in cards["0010"]["cast"]] == ["Anna", "Ben"]
    assert [who["name"] for who in cards["0020"]["cast"]] == ["Anna"]
    assert cards["0010"]["cast"][0]["frames"] == [[1002, 1013]]
    assert cards["0010"]["master"]
    assert cards["0010"]["camera"]["focal_mm"] == 35
    assert cards["0010"]["camera"]["look_at"] == pytest.approx([0, 0, 1.5], abs=0.1)


def test_a_camera_across_the_line_swaps_the_sides_and_one_on_it_has_none(rendered):
    found = rendered("0010", "workbench")
    row, positions = found.cameras[1], {"Anna": [-1.1, 0, 0], "Ben": [1.1, 0, 0]}
    across = {**row, "world": [[-1, 0, 0, 0], [0, 0, 1, 6], [0, 1, 0, 1.5], [0, 0, 0, 1]]}
    on_line = {**row, "world": [[0, 0, 1, 4], [1, 0, 0, 0], [0, 1, 0, 1.5], [0, 0, 0, 1]]}
    pair = ("Anna", "Ben")
    assert side_of(row, positions, pair) == {"left": "Anna", "right": "Ben"}
    assert side_of(row, positions, ("Ben", "Anna")) == {"left": "Anna", "right": "Ben"}
    assert side_of(across, positions, pair) == {"left": "Ben", "right": "Anna"}
    assert side_of(on_line, positions, pair) is None
    assert side_of(row, {"Anna": [0, 0, 0]}, pair) is None


def test_looks_pass_the_lens_on_opposite_sides_in_a_pair_of_singles(cards):
    assert 20 < cards["0020"]["eyelines"]["Anna"] < 60  # she looks to the right of the picture
    assert -140 < cards["0030"]["eyelines"]["Ben"] < -20  # and he to the left


def test_angles_between_set_ups_and_eyelines_are_those_of_the_geometry(rendered):
    over, other = (rendered(code, "workbench").cameras[1] for code in ("0020", "0030"))
    assert angle_between(over, other, (0, 0, 1.7)) == pytest.approx(72.05, abs=0.1)
    assert angle_between(over, over, (0, 0, 1.7)) == 0
    eyes = (-1.1, 0, 1.6)
    lens = [over["world"][i][3] for i in range(3)]
    assert eyeline(over, eyes, lens) == pytest.approx(0, abs=1e-3)


def test_a_prop_s_place_is_told_at_the_first_middle_and_last_frame(cards):
    (glass,) = cards["0010"]["props"]
    assert glass["name"] == "Glass"
    assert list(glass["world"]) == ["first", "middle", "last"]
    for world in glass["world"].values():
        assert [row[3] for row in world[:3]] == pytest.approx([0.1, 0, 0.89])


def test_a_shot_is_turned_over_with_its_card_and_those_of_the_shots_it_meets(
    rendered, tmp_path: Path
):
    folders = {}
    for code in ("0010", "0020", "0030"):
        folders[code] = tmp_path / f"{code}_guid" / "p001"
        folders[code].mkdir(parents=True)
        for name in ("order.json", "cameras.json", "scene.json"):
            shutil.copy(Path(rendered(code, "workbench").folder) / name, folders[code])
    first, last = json.loads((folders["0020"] / "order.json").read_text())["shot"]["frames"]
    shot = SceneShot("guid", "0020", "m", "c", FrameRange(first, last, Fraction(24)))
    found = cards_beside(str(folders["0020"]), shot)
    assert sorted(found) == ["after", "before", "take"]
    read = {name: handed_card(found, name) for name in found}
    assert [wrong for _, wrong in read.values()] == ["", "", ""]
    assert read["before"][0].camera.focal_mm == 35
    assert read["take"][0].people.positions
    shutil.copytree(folders["0010"].parent, tmp_path / "0010_copy")  # nobody knows which is cut in
    assert sorted(cards_beside(str(folders["0020"]), shot)) == ["after", "take"]
