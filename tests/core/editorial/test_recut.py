"""A changed picture lock: 1,000 random re-cuts of shots of ours, each class against the truth."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secondunit.editorial import Cut, CutShot
from secondunit.editorial.missing import pickups
from secondunit.editorial.recut import Change, compare, recut_json
from secondunit.editorial.retime import Played
from secondunit_bridge import film
from secondunit_bridge.timing import FrameRange

RATE = Fraction(24)
DELIVERED = (1001, 1056)  # 40 frames and handles of 8


@dataclass(frozen=True)
class Clip:
    """A clip as an editor thinks of it."""

    name: str
    first: int
    length: int
    guid: str | None = None
    media: str = ""
    speed: Fraction = Fraction(1)
    backwards: bool = False
    available: tuple[int, int] | None = DELIVERED


def ours(index: int) -> Clip:
    return Clip(f"SH{index:02}", 1009, 40, f"guid-{index}", f"/store/SQ_{index}_v001.%04d.exr")


def shot(clip: Clip, record: int, index: int, rate: Fraction = RATE) -> CutShot:
    step = clip.speed * RATE / rate
    played = Played(Fraction(clip.first), step, clip.length, clip.backwards)
    kind = {1: "none", 0: "freeze"}.get(int(clip.speed) if clip.speed in (0, 1) else 2, "constant")
    kind = "reverse" if clip.backwards else kind
    return CutShot(
        name=clip.name, guid=clip.guid, track="V2", index=index, layer=1,
        record=FrameRange(record, record + clip.length - 1, rate), media=clip.media or None,
        online=False, offline_reason="not looked for", media_rate=RATE, source=played.ends(),
        played=played, speed=-clip.speed if clip.backwards else clip.speed, retime=kind,
        available=clip.available, numbering="file",
    )  # fmt: skip


def cut(clips: list[Clip | int], name: str = "cut", rate: Fraction = RATE) -> Cut:
    """Clips one after the other; a number is a gap of so many frames."""
    shots, at = [], 86400
    for index, clip in enumerate(clips):
        if isinstance(clip, int):
            at += clip
        else:
            shots.append(shot(clip, at, index, rate))
            at += clip.length
    return Cut(name, None, rate, 86400, at - 86400, drop=False, shots=tuple(shots), document={})


def classes(old: list[Clip | int], new: list[Clip | int]) -> dict[str, str]:
    return {item.name: item.change.value for item in compare(cut(old), cut(new)).items}


@pytest.mark.parametrize(
    ("new", "change", "keep", "missing", "handles"),
    [
        (ours(0), "same", [[1009, 1048]], [], [8, 8]),
        (replace(ours(0), length=30), "trimmed", [[1009, 1038]], [], [8, 18]),
        (replace(ours(0), first=1004, length=45), "extended_in_handles", [[1004, 1048]], [],
         [3, 8]),
        (replace(ours(0), length=60), "extended_beyond", [[1009, 1056]], [[1057, 1068]], [8, 0]),
        (replace(ours(0), first=997, length=52), "extended_beyond", [[1001, 1048]],
         [[997, 1000]], [0, 8]),
        (replace(ours(0), first=1013), "slipped", [[1013, 1052]], [], [12, 4]),
        (replace(ours(0), first=1020), "slipped", [[1020, 1056]], [[1057, 1059]], [19, 0]),
        (replace(ours(0), backwards=True), "retimed", [[1009, 1048]], [], [8, 8]),
        (replace(ours(0), length=20, speed=Fraction(2)), "retimed",
         [[n, n] for n in range(1009, 1049, 2)], [], [8, 9]),
        (replace(ours(0), media="/other/B007.mov"), "source_swapped", [], [[1009, 1048]],
         [None, None]),
    ],
)  # fmt: skip
def test_what_became_of_a_shot_and_what_must_be_made(new, change, keep, missing, handles):
    said = recut_json(compare(cut([ours(0)]), cut([new])))
    (item,) = said["items"]
    assert (item["class"], item["keep"], item["missing"]) == (change, keep, missing)
    assert item["handles"] == handles
    assert said["generate_frames"] == sum(b - a + 1 for a, b in missing)


def test_split_duplicated_moved_omitted_and_added():
    old = [ours(0), ours(1), ours(2), ours(3)]
    halves = replace(ours(1), length=20), replace(ours(1), first=1029, length=20)
    new = [12, ours(0), *halves, ours(2), ours(2), ours(9)]
    assert classes(old, new) == {
        "SH00": "moved", "SH01": "split", "SH02": "duplicated", "SH03": "omitted",
        "SH09": "added",
    }  # fmt: skip


def test_foreign_clips_are_found_again_by_their_source_and_frames():
    def part(first: int, length: int, name: str = "interview.mov") -> Clip:
        return Clip(name, first, length, None, "/rushes/interview.mov", available=(0, 5000))

    old = [part(0, 48), part(100, 48), part(400, 24), part(2000, 40)]
    items = compare(cut(old), cut([part(0, 40), part(110, 48), part(400, 24), 30])).items
    assert [item.change.value for item in items] == ["trimmed", "slipped", "moved", "omitted"]
    assert compare(cut(old), cut(old)).generate_frames == 0
    renamed = [replace(old[0], name="A"), replace(old[1], name="B")]
    items = compare(cut(old[:2]), cut(renamed)).items
    assert [item.change.value for item in items] == ["same", "same"]


def day(name: str, first: int = 40, length: int = 24) -> Clip:
    return Clip(name, first, length, None, f"/rushes/{name}.mov", available=(0, 500))


@pytest.mark.parametrize(("new", "change", "beside"), [
    ([day("A"), ours(0), day("B")], "same", {}),
    ([day("A"), ours(0), day("C")], "same", {"after": "C plays after it, not B"}),
    ([day("A"), ours(0)], "same", {"after": "B does not play after it any more"}),
    ([day("A", length=20), ours(0), day("B")], "moved",
     {"before": "A before it ends on another frame"}),
    ([day("A"), ours(0), 12, day("B")], "same", {"after": "B does not play after it any more"}),
    ([30, day("A"), ours(0), day("B", first=41)], "moved",
     {"after": "B after it begins on another frame"}),
    ([day("A"), replace(ours(0), length=20), replace(ours(0), first=1029, length=20), day("C")],
     "split", {"after": "C plays after it, not B"}),
])  # fmt: skip
def test_a_join_that_is_another_one_is_told_of_a_shot_that_may_be_just_as_it_was(
    new, change, beside
):
    (item,) = [one for one in compare(cut([day("A"), ours(0), day("B")]), cut(new)).items
               if one.guid]  # fmt: skip
    assert (item.change.value, dict(item.beside)) == (change, beside)
    assert ("look at the cut point" in item.remarks) == bool(beside)


@pytest.mark.parametrize("other", ["B", "C"])
def test_a_pickup_is_not_held_against_a_neighbour_that_is_not_there_any_more(other):
    old = cut([day("A"), ours(0), day("B")])
    grown = replace(ours(0), length=52)  # four frames beyond the handle
    (item,) = [one for one in compare(old, cut([day("A"), grown, day(other)])).items if one.guid]
    media = film.Media(FrameRange(1001, 1056, RATE), "/store/v.%04d.exr", 96, 54)
    near = film.Media(FrameRange(40, 42, RATE), "/rushes/B.mov", 96, 54)
    shot_of = film.Shot("F", "SQ", "0010", "guid-0", FrameRange(86424, 86463, RATE))
    asked = film.Turnover(shot_of, film.Work.insert, "reframe",
                          elements=(film.Element(film.Role.after, near, "B"),))  # fmt: skip
    (pickup,) = pickups(item, asked, media, {}, "Ada")
    roles = [element.role.value for element in pickup.turnover.elements]
    assert roles == (["before", "after"] if other == "B" else ["before"])


def test_a_newer_version_of_a_shot_is_the_shot_and_another_folder_is_the_same_source():
    newer = replace(ours(0), media="/elsewhere/SQ_0_v002.%04d.exr")
    assert classes([ours(0)], [newer]) == {"SH00": "same"}


def test_a_shot_whose_marks_were_lost_on_the_way_is_found_by_its_files():
    bare = replace(ours(0), guid=None, length=44)
    assert classes([ours(0), ours(1)], [ours(1), bare])["SH00"] == "extended_in_handles"


EDITS = st.sampled_from(
    ["same", "trim", "extend", "beyond", "slip", "slide", "split", "duplicate", "reverse", "double",
     "half", "freeze", "omit", "insert", "swap"]
)  # fmt: skip
RATES = st.sampled_from([RATE, RATE, RATE, Fraction(24000, 1001), Fraction(25)])


def edited(clip: Clip, edit: str, chance: random.Random) -> tuple[list[Clip | int], Change]:
    """The clip after an edit with what stands beside it, and its class where it is not moved."""
    n = chance.randrange(1, 8)
    far = chance.randrange(1, 15)
    head, at = chance.randrange(0, n + 1), chance.randrange(1, 40)
    parts = replace(clip, length=at), replace(clip, first=1009 + at, length=40 - at)
    other = Clip(f"new-{clip.name}", 0, 12, None, f"/rushes/new-{clip.name}.mov", available=(0, 99))
    done: dict[str, tuple[list[Clip | int], Change]] = {
        "same": ([clip], Change.same),
        "trim": ([replace(clip, first=1009 + head, length=40 - n)], Change.trimmed),
        "extend": ([replace(clip, length=40 + n)], Change.extended_in_handles),
        "beyond": ([replace(clip, length=48 + n)], Change.extended_beyond),
        "slip": ([replace(clip, first=1009 + far)], Change.slipped),
        "slide": ([n, clip], Change.moved),
        "split": (list(parts), Change.split),
        "duplicate": ([clip, clip], Change.duplicated),
        "reverse": ([replace(clip, backwards=True)], Change.retimed),
        "double": ([replace(clip, length=20, speed=Fraction(2))], Change.retimed),
        "half": ([replace(clip, length=60, speed=Fraction(1, 2))], Change.retimed),
        "freeze": ([replace(clip, speed=Fraction(0))], Change.retimed),
        "omit": ([], Change.omitted),
        "insert": ([clip, other], Change.same),
        "swap": ([replace(clip, media=f"/rushes/other-{clip.name}.mov")], Change.source_swapped),
    }
    return done[edit]


def counted(clip: Clip, rate: Fraction) -> set[int]:
    """Frames of the version that a clip shows, counted by hand."""
    step = clip.speed * RATE / rate
    return {clip.first + int(index * step) for index in range(clip.length)}


@settings(max_examples=1000)
@given(st.lists(EDITS, min_size=1, max_size=6), RATES, st.randoms(use_true_random=False))
def test_every_class_of_a_random_re_cut_is_the_editors_and_only_missing_frames_are_made(
    edits, rate, chance
):
    old = [ours(index) for index in range(len(edits))]
    told = [edited(clip, edit, chance) for clip, edit in zip(old, edits, strict=True)]
    pieces = [clips for clips, _ in told]
    if chance.random() < 0.3:
        chance.shuffle(pieces)  # moved
    before = cut(old)
    after = cut([clip for clips in pieces for clip in clips], rate=rate)
    places = {shot.guid: shot.record.first for shot in before.shots}
    compared = compare(before, after).items
    items = {item.guid: item for item in compared if item.guid}
    assert set(items) == set(places)
    new = [item.name for item in compared if item.change is Change.added]
    assert sorted(new) == sorted(f"new-{c.name}" for c, e in zip(old, edits, strict=True)
                                 if e == "insert")  # fmt: skip
    for clip, (clips, change) in zip(old, told, strict=True):
        item = items[clip.guid]
        if change not in (Change.omitted, Change.source_swapped) and rate == 25:
            change = Change.retimed  # a frame is shown twice each second
        if change in (Change.same, Change.moved):
            here = item.new[0].record.first == places[clip.guid]
            change = Change.same if here else Change.moved
        assert item.change is change
        missing = {n for a, b in item.missing for n in range(a, b + 1)}
        keep = {n for a, b in item.keep for n in range(a, b + 1)}
        if change is Change.source_swapped:
            assert (missing, keep) == (set(range(1009, 1049)), set())
            continue
        uses = [c for c in clips if isinstance(c, Clip) and c.guid]
        shown = {n for use in uses for n in counted(use, rate)}
        assert keep == {n for n in shown if n <= DELIVERED[1]}
        assert missing == {n for n in shown if n > DELIVERED[1]}


def test_two_cuts_of_two_thousand_clips_are_compared_at_once():
    def of(shift: int) -> Cut:
        return cut([
            Clip("day.mov", 50 * n + shift, 40, None, f"/rushes/day{n % 3}.mov", available=None)
            for n in range(2000)
        ])  # fmt: skip

    began = time.process_time()
    items = compare(of(0), of(3)).items
    assert {item.change.value for item in items} == {"slipped"}
    assert time.process_time() - began < 10  # about one second; this is no benchmark
