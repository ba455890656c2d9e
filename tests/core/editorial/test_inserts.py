"""Cutting an insert in: what is written, and that everything else is left alone."""

from __future__ import annotations

import copy
import json
import os
import stat
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secondunit.editorial import (
    Cut,
    Document,
    Place,
    flattened,
    holes,
    insert,
    place,
    read_cut,
    save,
)
from secondunit.editorial.insert import TRACK
from secondunit_bridge.errors import (
    DiskFull,
    NoPlace,
    NotPermitted,
    PathRefused,
    RateMismatch,
    StoreError,
)
from secondunit_bridge.timeline import stamp_of

NTSC_DROP = 30000 / 1001


def without_inserts(document: dict[str, Any]) -> dict[str, Any]:
    rest = copy.deepcopy(dict(document))
    rest["tracks"]["children"] = [
        track for track in rest["tracks"]["children"] if not track["name"].startswith(TRACK)
    ]
    return rest


def test_an_insert_lies_on_its_own_track_above_with_all_that_tells_what_it_is(
    cut: Cut, make: SimpleNamespace
) -> None:
    version = make.inserted(24)
    document = insert(cut, place(cut, at="01:00:04:00", frames=24), version)
    *old, new = document["tracks"]["children"]
    assert old == cut.document["tracks"]["children"]
    assert (new["name"], new["kind"]) == ("SU_INSERT", "Video")
    before, clip = new["children"]
    assert before["source_range"] == make.span(0, 96)
    assert clip["source_range"] == make.span(1009, 24)
    stamp = stamp_of(clip["metadata"])
    assert stamp
    assert (stamp.guid, stamp.take, stamp.version) == ("5f0c", "ab12cd34.1", "TCC_0010_v003")
    assert clip["metadata"]["secondunit"]["record"] == "ee" * 32
    assert "demo" not in str(clip["metadata"])  # who circled is in the ledger, and no cut tells
    reference = clip["media_references"][clip["active_media_reference_key"]]
    assert reference["available_range"] == make.span(1001, 40)
    assert reference["target_url_base"] == "/show/TCC/TCC_0010/v003/exr"
    shots = flattened(document).shots
    assert shots[:-1] == cut.shots
    assert (shots[-1].guid, shots[-1].frames[0], shots[-1].handles) == ("5f0c", 1009, (8, 8))
    assert shots[-1].media == "/show/TCC/TCC_0010/v003/exr/TCC_0010_v003.%04d.exr"


def test_the_new_clip_has_the_shape_that_resolve_reads(cut: Cut, make: SimpleNamespace) -> None:
    document = insert(cut, place(cut, at="01:00:04:00", frames=24), make.inserted(24))
    assert document["global_start_time"]
    for entry in document["tracks"]["children"][-1]["children"]:
        assert entry["enabled"] is True
        assert isinstance(entry["metadata"], dict)
    clip = document["tracks"]["children"][-1]["children"][-1]
    assert clip["OTIO_SCHEMA"] == "Clip.2"
    reference = clip["media_references"][clip["active_media_reference_key"]]
    assert not reference["target_url_base"].startswith("file:")
    shown, there = clip["source_range"], reference["available_range"]
    for key in ("start_time", "duration"):
        assert shown[key]["rate"] == there[key]["rate"] == 24.0
    first = there["start_time"]["value"]
    assert first <= shown["start_time"]["value"]
    end = shown["start_time"]["value"] + shown["duration"]["value"]
    assert end <= first + there["duration"]["value"]


def test_what_is_written_opens_again(cut: Cut, make: SimpleNamespace, tmp_path: Path) -> None:
    document = insert(cut, place(cut, at="01:00:04:00", frames=24), make.inserted(24))
    path = save(document, tmp_path / "new.otio")
    again = read_cut(path)
    assert again.document == document
    assert again.shots == flattened(document).shots
    opened = otio.adapters.read_from_file(str(path))
    (clip,) = [c for c in opened.find_clips() if c.metadata]
    assert clip.name == "TCC_0010_v003"
    assert clip.media_reference.frame_for_time(clip.source_range.start_time) == 1009
    assert clip.range_in_parent().start_time.value == 96


def test_a_second_insert_shares_the_track_and_one_that_does_not_fit_gets_its_own(
    cut: Cut, make: SimpleNamespace
) -> None:
    spots = (("01:00:04:00", 24), ("01:00:06:00", 24), ("01:00:01:00", 24), ("01:00:04:12", 24))
    now, old = cut, list(cut.shots)
    for n, (at, frames) in enumerate(spots):
        version = make.inserted(frames, number=n + 1)
        now = flattened(insert(now, place(now, at=at, frames=frames), version))
        ours = [shot for shot in now.shots if shot.guid]
        assert [shot for shot in now.shots if not shot.guid] == old
        assert len(ours) == n + 1
    tracks = [track["name"] for track in now.document["tracks"]["children"]]
    assert tracks == ["V1", "SU_INSERT", "SU_INSERT_2"]
    spans = [(s.name[-1], s.track, s.record.first - 86400) for s in now.shots if s.guid]
    assert spans == [
        ("3", "SU_INSERT", 24),
        ("1", "SU_INSERT", 96),
        ("2", "SU_INSERT", 144),
        ("4", "SU_INSERT_2", 108),
    ]


def test_an_insert_goes_above_the_editors_newer_tracks_and_below_the_sound(
    make: SimpleNamespace,
) -> None:
    ours = make.track(make.gap(5), name="SU_INSERT")
    title = make.track(make.clip("title", make.span(0, 48)), name="V3")
    sound = make.track(make.clip("wav", make.span(0, 48)), name="A1", kind="Audio")
    low = make.track(make.clip("low", make.span(0, 48)))
    cut = flattened(make.timeline(low, ours, title, sound))
    document = insert(cut, place(cut, at="01:00:00:00", frames=24), make.inserted(24))
    names = [track["name"] for track in document["tracks"]["children"]]
    assert names == ["V1", "SU_INSERT", "V3", "SU_INSERT_2", "A1"]


def test_an_insert_of_another_length_or_rate_is_refused(cut: Cut, make: SimpleNamespace) -> None:
    spot = place(cut, at="01:00:04:00", frames=24)
    with pytest.raises(NoPlace, match="25 frames without handles, the place 24"):
        insert(cut, spot, make.inserted(25))
    with pytest.raises(RateMismatch, match="has 25 frames a second, the cut 24"):
        insert(cut, spot, make.inserted(24, rate=Fraction(25)))


def test_a_timeline_that_is_retimed_as_a_whole_takes_no_insert(make: SimpleNamespace) -> None:
    document = make.timeline(make.clip("a", make.span(0, 48)))
    document["tracks"]["effects"] = [make.warp(2.0)]
    cut = flattened(document)
    with pytest.raises(NoPlace, match="whole timeline is retimed"):
        insert(cut, place(cut, at="01:00:00:00", frames=5), make.inserted(5))


def test_a_trimmed_timeline_takes_its_insert_at_the_right_frame(make: SimpleNamespace) -> None:
    document = make.timeline(make.clip("a", make.span(0, 96)), source=make.span(24, 48))
    cut = flattened(document)
    assert (cut.length, cut.shots[0].frames[0]) == (48, 24)
    new = flattened(insert(cut, place(cut, at="01:00:00:10", frames=5), make.inserted(5)))
    assert new.shots[-1].record.first == 86410
    assert new.shots[0] == cut.shots[0]


@pytest.mark.some(2)
@pytest.mark.parametrize(
    "name",
    [
        "effects",
        "multitrack",
        "nested_example",
        "premiere_example",
        "screening_example",
        "simple_cut",
        "transition",
    ],
)
def test_real_timelines_take_an_insert_at_every_place_and_stay_as_they_are(
    data: Path, tmp_path: Path, make: SimpleNamespace, name: str
) -> None:
    cut = read_cut(data / "otio" / f"{name}.otio")
    original = json.loads((data / "otio" / f"{name}.otio").read_text())
    assert cut.document == original
    version = None
    for spot in every_place(cut):
        version = make.inserted(len(spot.record), rate=cut.rate)
        document = insert(cut, spot, version)
        assert without_inserts(document) == original
        shots = flattened(document).shots
        (new,) = [shot for shot in shots if shot.guid]
        assert tuple(shot for shot in shots if not shot.guid) == cut.shots
        assert (new.record, new.frames[0]) == (spot.record, 1009)
    assert version
    path = save(document, tmp_path / "new.otio")
    assert json.loads(path.read_text()) == document
    assert read_cut(path).shots == shots


def every_place(cut: Cut) -> Iterator[Place]:
    """One place at each end of each shot and hole, as long as fits, up to a second."""
    starts = {shot.record.first for shot in cut.shots}
    starts |= {shot.record.last + 1 for shot in cut.shots} | {hole.first for hole in holes(cut)}
    for first in sorted(starts):
        room = min(24, cut.last - first + 1)
        if room > 0:
            yield place(cut, at=cut.timecode(first), frames=room)


def documents() -> st.SearchStrategy[tuple[Any, ...]]:
    """Tracks as (name, kind, items); an item is a gap, a clip or a nest of some frames."""
    items = st.tuples(
        st.sampled_from(["gap", "clip", "clip", "nest", "dissolve", "off"]),
        st.integers(1, 40),
        st.sampled_from([1.0, 1.0, 2.0, -1.0, 0.5, 0]),
        st.integers(0, 1000),
    )
    track = st.tuples(st.lists(items, min_size=1, max_size=6), st.sampled_from(["Video", "Audio"]))
    junk = st.dictionaries(
        st.text(max_size=4),
        st.one_of(st.floats(allow_nan=False), st.integers(-(2**53), 2**53), st.text(max_size=6)),
        max_size=3,
    )
    return st.tuples(
        st.lists(track, min_size=1, max_size=4),
        junk,
        st.sampled_from([24, 23.976, 25.0, NTSC_DROP, 60]),
        st.one_of(st.none(), st.integers(0, 200_000)),
    )


def built(make: SimpleNamespace, parts: tuple[Any, ...]) -> Document:
    tracks, junk, rate, start = parts

    def item(kind: str, length: int, speed: float, at: int) -> dict[str, Any]:
        if kind == "gap":
            return make.gap(length, rate)
        if kind == "dissolve":
            offsets = {"in_offset": make.time(1, rate), "out_offset": make.time(1, rate)}
            return {
                "OTIO_SCHEMA": "Transition.1",
                "metadata": junk,
                "name": "",
                "transition_type": "SMPTE_Dissolve",
                **offsets,
            }
        clip = make.clip(f"c{at}", make.span(at, length, rate), speed, metadata=junk)
        if kind == "nest":
            return make.stack(f"n{at}", make.span(0, length, rate), inside=[make.track(clip)])
        return clip | {"enabled": kind != "off"}

    laid = [
        make.track(*(item(*i) for i in items), name=f"T{n}", kind=kind)
        for n, (items, kind) in enumerate(tracks)
    ]
    document = make.timeline(*laid, start=start, rate=rate, metadata=junk)
    document["unheard"] = {"OTIO_SCHEMA": "Odd.7", "kept": junk}
    return document


@settings(deadline=None)
@given(documents(), st.data())
def test_any_cut_takes_any_number_of_inserts_and_stays_as_it_was(
    make: SimpleNamespace, parts: tuple[Any, ...], more: st.DataObject
) -> None:
    document = built(make, parts)
    written = json.dumps(document)
    cut = now = flattened(document)
    placed = []
    for _ in range(more.draw(st.integers(1, 4))):
        if not cut.length:
            return
        first = more.draw(st.integers(cut.start, cut.last))
        length = more.draw(st.integers(1, cut.last - first + 1))
        spot = place(now, at=now.timecode(first), frames=length)
        document = insert(now, spot, make.inserted(length, rate=cut.rate))
        now = flattened(document)
        placed.append((spot.record.first, spot.record.last))
        assert without_inserts(document) == json.loads(written)
        assert [shot for shot in now.shots if not shot.guid] == list(cut.shots)
        ours = sorted((s.record.first, s.record.last) for s in now.shots if s.guid)
        assert ours == sorted(placed)
        for shot in now.shots:
            assert not shot.guid or shot.frames[0] == 1009
    assert json.dumps(cut.document) == written


def _clips(node: dict[str, Any]) -> Iterator[SimpleNamespace]:
    if node["OTIO_SCHEMA"] == "Clip.2":
        yield SimpleNamespace(name=node["name"])
    for child in node.get("children", ()):
        yield from _clips(child)


@settings(deadline=None, max_examples=15)
@given(documents())
def test_what_is_saved_opens_in_opentimelineio_with_the_same_clips(
    make: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory, parts: tuple[Any, ...]
) -> None:
    cut = flattened(built(make, parts))
    if not cut.length:
        return
    spot = place(cut, at=cut.timecode(cut.start), frames=cut.length)
    document = insert(cut, spot, make.inserted(cut.length, rate=cut.rate))
    path = save(document, tmp_path_factory.mktemp("o") / "new.otio")
    opened = otio.adapters.read_from_file(str(path))
    names = [clip.name for clip in opened.find_clips()]
    assert json.loads(path.read_text()) == document
    assert names.count("TCC_0010_v003") == 1
    assert [n for n in names if n != "TCC_0010_v003"] == [
        clip.name
        for track in json.loads(path.read_text())["tracks"]["children"]
        for clip in _clips(track)
        if not track["name"].startswith(TRACK)
    ]


def test_the_cut_that_was_read_is_never_overwritten(make: SimpleNamespace, tmp_path: Path) -> None:
    path = make.write(tmp_path, make.timeline(make.clip("a", make.span(0, 48))))
    before = path.read_bytes()
    cut = read_cut(path)
    document = insert(cut, place(cut, at="01:00:00:00", frames=5), make.inserted(5))
    os.link(path, tmp_path / "hard.otio")
    (tmp_path / "soft.otio").symlink_to(path)
    (tmp_path / "sub").mkdir()
    for same in ("cut.otio", "hard.otio", "soft.otio", "sub/../cut.otio"):
        with pytest.raises(PathRefused, match="never overwritten"):
            save(document, tmp_path / same)
    assert path.read_bytes() == before
    save(document, tmp_path / "new.otio")
    save(document, tmp_path / "new.otio")


def test_cuts_are_written_where_they_can_be_and_as_otio_only(
    cut: Cut, make: SimpleNamespace, tmp_path: Path
) -> None:
    document = insert(cut, place(cut, at="01:00:00:00", frames=5), make.inserted(5))
    with pytest.raises(PathRefused, match="is not there"):
        save(document, tmp_path / "absent" / "new.otio")
    with pytest.raises(PathRefused, match=r"written as \.otio"):
        save(document, tmp_path / "new.edl")
    (tmp_path / "folder.otio").mkdir()
    with pytest.raises(PathRefused, match="is a folder"):
        save(document, tmp_path / "folder.otio")
    path = save(document, tmp_path / "new.otio")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    assert os.listdir(tmp_path).count("new.otio") == 1
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


@pytest.mark.parametrize(
    ("number", "error"), [(28, DiskFull), (122, DiskFull), (13, NotPermitted), (5, StoreError)]
)
def test_a_disk_that_does_not_take_it_leaves_nothing_behind(
    cut: Cut,
    make: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    error: type[StoreError],
) -> None:
    def full(_: int) -> None:
        raise OSError(number, os.strerror(number))

    document = insert(cut, place(cut, at="01:00:00:00", frames=5), make.inserted(5))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(error) as caught:
        save(document, tmp_path / "new.otio")
    assert caught.value.hint
    assert os.listdir(tmp_path) == []


def test_a_reader_never_sees_half_a_cut(cut: Cut, make: SimpleNamespace, tmp_path: Path) -> None:
    document = insert(cut, place(cut, at="01:00:00:00", frames=5), make.inserted(5))
    path = save(document, tmp_path / "new.otio")
    over = threading.Event()

    def again() -> None:
        for _ in range(30):
            save(document, path)
        over.set()

    writer = threading.Thread(target=again)
    writer.start()
    while not over.is_set():
        assert json.loads(path.read_text()) == document
    writer.join()
