"""What the panel says of a take, what a shot is asked for, and which scene a shot belongs to."""

from __future__ import annotations

import json
from types import SimpleNamespace

from secondunit_blender.board import shot_row
from secondunit_blender.briefs import Briefs
from secondunit_blender.collect.identities import OWNER, PROPERTY, part_copies
from secondunit_blender.collect.shots import SceneShot
from secondunit_bridge.film import Finding, Outcome, Take, TakeState
from secondunit_bridge.timing import FrameRange, exact_rate

SHOT = SceneShot("", "0010", "wide", "Cam", FrameRange(1, 12, exact_rate(24)))


class Scene(dict):
    """As much of a scene as identities ask for."""

    def __init__(self, name, *guids, owner=None, library=None):
        row = {"code": "0010", "marker": "wide", "camera": "Cam", "first": 1}
        super().__init__({PROPERTY: json.dumps([{"guid": guid, **row} for guid in guids])})
        self.name, self.library = name, library
        if owner:
            self[OWNER] = owner

    __eq__, __hash__ = object.__eq__, object.__hash__  # two scenes with the same values are two


def finding(number, outcome, says):
    return Finding(f"f{number}", f"check{number}", outcome, says)


def rows(*findings):
    take = Take("t.1", "t", "guid", "sq_0010", 1, 0, TakeState.blocked, findings=findings)
    row = shot_row(SHOT, [take], [], going=None, progress={}, posters={}, placed="", look=False)
    return row.takes[0].findings


def test_the_same_sentence_of_two_checks_is_said_once_and_open_findings_each():
    same = "there is no shot before to compare with"
    seen = rows(
        finding(1, Outcome.not_checked, same),
        finding(2, Outcome.not_checked, same),
        finding(3, Outcome.look, "it jumps"),
        finding(4, Outcome.look, "it jumps"),
    )
    assert [row.id for row in seen] == ["f1", "f3", "f4"]


def test_a_brief_written_before_a_shot_has_its_guid_stays_with_it():
    briefs = Briefs()
    briefs.write(SHOT, "Anna turns")
    kept = SceneShot("guid", *list(vars(SHOT).values())[1:])
    assert briefs.whole(kept, "at night") == "at night Anna turns"
    briefs.write(kept, "")
    assert briefs.whole(kept, "at night") == "at night"
    assert briefs.noted() == {}


def test_of_scenes_with_the_same_shots_the_one_that_wrote_them_keeps_them():
    first = Scene("B", "guid", owner="B")
    copy = Scene("A copy", "guid", owner="B")
    assert not part_copies(first, [copy, first])
    assert part_copies(copy, [copy, first])
    assert PROPERTY not in copy
    assert PROPERTY in first


def test_scenes_of_different_shots_and_renamed_or_linked_ones_keep_theirs():
    renamed, other = (
        Scene("new name", "one", owner="old name"),
        Scene("Scene", "two", owner="Scene"),
    )
    linked = Scene("Z", "two", owner="Scene", library=SimpleNamespace())
    for scene in (renamed, other, linked):
        assert not part_copies(scene, [renamed, other, linked])
