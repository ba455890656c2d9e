"""The names cuts use for media, and the numbers their frames get."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from secondunit.editorial import CutShot, flattened, read_cut
from secondunit.editorial.media_search import MediaSearch, local_path


def touched(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def one(make: SimpleNamespace, ref: Any, source: Any, *speeds: float, **more: Any) -> CutShot:
    timecode_of, search = more.pop("timecode_of", None), more.pop("search", ())
    document = make.timeline(make.clip("a", source, *speeds, ref=ref), **more)
    return flattened(document, search=search, timecode_of=timecode_of).shots[0]


@pytest.mark.parametrize(
    ("url", "path", "reason"),
    [
        ("file:///m/a%20b.mov", "/m/a b.mov", ""),
        ("file://localhost/m/a.mov", "/m/a.mov", ""),
        ("file://localhost///m/a.mov", "/m/a.mov", ""),
        ("file://localhost/D%3a/media/a.mov", "D:/media/a.mov", ""),
        ("file:///C:/media/a.mov", "C:/media/a.mov", ""),
        ("file://C:/media/a.mov", "C:/media/a.mov", ""),
        ("C:\\media\\a.mov", "C:\\media\\a.mov", ""),
        ("media/a.mov", "media/a.mov", ""),
        ("/plates/p.%04d.exr", "/plates/p.%04d.exr", ""),
        ("file:///plates/p%20q.%04d.exr", "/plates/p q.%04d.exr", ""),
        ("/m/caf%C3%A9.mov", "/m/caf%C3%A9.mov", ""),
        ("//server/share/a.mov", "//server/share/a.mov", "network share"),
        ("\\\\server\\share\\a.mov", "\\\\server\\share\\a.mov", "network share"),
        ("file://server/share/a.mov", "//server/share/a.mov", "network share"),
        ("file:////server/share/a.mov", "//server/share/a.mov", "network share"),
        ("http://example.com/a.mov", "http://example.com/a.mov", "http addresses"),
        ("HTTPS://example.com/a.mov", "HTTPS://example.com/a.mov", "https addresses"),
        ("s3://bucket/a.mov", "s3://bucket/a.mov", "s3 addresses"),
        ("smb://server/a.mov", "smb://server/a.mov", "smb addresses"),
        ("/m/a\0b.mov", "/m/a?b.mov", "no path"),
    ],
)
def test_a_name_for_a_file_becomes_a_path_or_is_refused_quietly(
    url: str, path: str, reason: str
) -> None:
    found, why = local_path(url)
    assert (found, reason in why, bool(why)) == (path, True, bool(reason))


def test_media_are_found_where_the_cut_says(tmp_path: Path) -> None:
    touched(tmp_path, "media/a b.mov", "café.mov")
    search = MediaSearch(tmp_path)
    for url in (
        (tmp_path / "media/a b.mov").as_uri(),
        str(tmp_path / "media/a b.mov"),
        "media/a b.mov",
        "media/a%20b.mov",
        "media\\a b.mov",
        "./media/../media/a b.mov",
    ):
        assert search.find(url).path == str(tmp_path / "media" / "a b.mov"), url
    assert search.find("caf%C3%A9.mov").online


def test_moved_media_are_found_by_name_in_the_search_folders(tmp_path: Path) -> None:
    touched(tmp_path, "new/day1/a.mov", "other/deep/er/b.mov")
    search = MediaSearch(tmp_path / "cuts", [tmp_path / "new", tmp_path / "other"])
    assert search.find("D:\\rushes\\day1\\a.mov").path == str(tmp_path / "new/day1/a.mov")
    assert search.find("/Volumes/X/b.mov").path == str(tmp_path / "other/deep/er/b.mov")


def test_of_two_files_of_one_name_the_one_in_the_same_folder_is_taken(tmp_path: Path) -> None:
    touched(tmp_path, "day1/a.mov", "day2/a.mov")
    search = MediaSearch(tmp_path)
    assert search.find("/Volumes/X/day2/a.mov").path == str(tmp_path / "day2/a.mov")
    lost = search.find("/Volumes/X/day3/a.mov")
    assert not lost.online
    assert "2 files are called a.mov" in lost.reason
    assert lost.path == "/Volumes/X/day3/a.mov"


def test_what_is_not_a_file_is_offline(tmp_path: Path) -> None:
    search = MediaSearch(tmp_path)
    (tmp_path / "folder.mov").mkdir()
    os.mkfifo(tmp_path / "pipe.mov")
    for url in (
        "folder.mov",
        "pipe.mov",
        "/dev/zero",
        "x" * 4000,
        "x" * 5000,
        "",
        "a/../../..",
        ".",
    ):
        found = search.find(url)
        assert not found.online, url
        assert found.reason
    (tmp_path / "loop.mov").symlink_to(tmp_path / "loop.mov")
    assert not search.find("loop.mov").online


def test_sequences_are_found_by_any_pattern(tmp_path: Path) -> None:
    touched(tmp_path, *(f"plates/p.{n}.exr" for n in range(1001, 1011)))
    search = MediaSearch(tmp_path)
    for url in ("plates/p.%04d.exr", "plates/p.####.exr", "plates/p.[1001-1010].exr"):
        found = search.find(url)
        assert found.online, url
        assert found.path == str(tmp_path / "plates" / "p.%04d.exr")
        assert found.span == (1001, 1010)
    assert search.find("/Volumes/X/p.%04d.exr").path == str(tmp_path / "plates/p.%04d.exr")
    assert not search.find("plates/q.%04d.exr").online


def test_a_cut_looks_in_its_own_folder_and_the_given_ones(
    tmp_path: Path, make: SimpleNamespace
) -> None:
    touched(tmp_path, "show/a.mov", "rushes/b.mov")
    clips = [
        make.clip(n, make.span(0, 5), ref=make.media(f"/gone/{n}.mov", make.span(0, 9)))
        for n in "abc"
    ]
    path = make.write(tmp_path / "show", make.timeline(*clips))
    cut = read_cut(path, search=[tmp_path / "rushes"])
    assert [shot.online for shot in cut.shots] == [True, True, False]
    assert "no such file" in cut.shots[2].offline_reason


def test_sequences_count_by_the_number_in_the_file_name(make: SimpleNamespace) -> None:
    for available, source in (
        (make.span(1001, 100), make.span(1011, 3)),  # both by file number
        (make.span(0, 100), make.span(10, 3)),  # both from the first file
        (make.span(86400, 100), make.span(86410, 3)),  # both by timecode
        (make.span(0, 100), make.span(1011, 3)),  # Resolve writes this
        (make.span(1001, 100), make.span(10, 3)),  # Hiero wrote this
        (None, make.span(1011, 3)),
        (None, make.span(10, 3)),
    ):
        shot = one(make, make.files("p.", 1001, available), source)
        assert shot.frames == (1011, 1012, 1013), (available, source)
        assert shot.numbering == "file"
        assert shot.media == "/plates/p.%04d.exr"
        if available:
            assert shot.handles == (10, 87)
            assert shot.available == (1001, 1100)


def test_a_sequence_of_every_second_file_shows_each_twice(make: SimpleNamespace) -> None:
    ref = make.files("p.", 1001, make.span(0, 20), step=2)
    shot = one(make, ref, make.span(3, 5))
    assert shot.frames == (1003, 1005, 1005, 1007, 1007)


def test_patterns_and_single_files_of_a_sequence_count_by_file_name_too(
    tmp_path: Path, make: SimpleNamespace
) -> None:
    touched(tmp_path, *(f"p.{n}.exr" for n in range(1001, 1101)))
    for name, available in (
        ("p.%04d.exr", make.span(1001, 100)),
        ("p.%04d.exr", make.span(0, 100)),
        ("p.[1001-1100].exr", make.span(86400, 100)),
        ("p.1001.exr", make.span(0, 100)),
        ("p.1001.exr", make.span(1001, 100)),
        ("p.####.exr", None),
    ):
        start = 10 + (available["start_time"]["value"] if available else 1001)
        ref = make.media(name, available)
        shot = one(make, ref, make.span(start, 3), search=[tmp_path])
        assert shot.frames == (1011, 1012, 1013), (name, available)
        assert (shot.online, shot.numbering) == (True, "file")
        assert shot.handles == (10, 87)
        assert shot.media == str(tmp_path / "p.%04d.exr")


def test_a_still_shows_its_one_frame(make: SimpleNamespace) -> None:
    shot = one(make, make.media("/m/title_0003.png", make.span(0, 1)), make.span(0, 48))
    assert shot.frames == (0,) * 48
    assert (shot.retime, shot.speed, shot.numbering) == ("freeze", 0, "still")
    assert shot.handles == (None, None)
    assert shot.media == "/m/title_0003.png"


def test_movies_count_by_timecode_only_when_the_cut_and_the_movie_agree(
    tmp_path: Path, make: SimpleNamespace
) -> None:
    touched(tmp_path, "a.mov")
    ref = make.media(str(tmp_path / "a.mov"), make.span(86400, 100))

    def first(source: int, says: int | None, ref: Any = ref) -> tuple[int, str]:
        shot = one(make, ref, make.span(source, 3), timecode_of=lambda _: says)
        return shot.frames[0], shot.numbering

    assert first(86410, 86400) == (86410, "timecode")
    assert first(86410, None) == (10, "zero")
    assert first(86410, 90000) == (10, "zero")
    assert first(10, 86400) == (86410, "timecode")
    plain = make.media(str(tmp_path / "a.mov"), make.span(0, 100))
    assert first(10, 86400, plain) == (10, "zero")
    bare = make.media(str(tmp_path / "a.mov"))
    assert first(86410, 86400, bare) == (86410, "timecode")
    assert first(10, None, bare) == (10, "zero")


def test_offline_movies_count_as_the_cut_writes_them(make: SimpleNamespace) -> None:
    ref = make.media("/m/a.mov", make.span(86400, 100))
    shot = one(make, ref, make.span(86410, 3))
    assert (shot.frames[0], shot.numbering, shot.handles) == (86410, "timecode", (10, 87))
    shot = one(make, make.media("/m/a.mov"), make.span(10, 3))
    assert (shot.frames[0], shot.numbering, shot.handles) == (10, "cut", (None, None))


def test_a_real_movie_without_timecode_counts_from_zero_whatever_the_cut_says(
    data: Path, tmp_path: Path, make: SimpleNamespace
) -> None:
    movie = data / "footage" / "big-buck-bunny-480p-30s.mp4"
    ref = make.media(movie.as_uri(), make.span(86400, 720))
    path = make.write(tmp_path, make.timeline(make.clip("a", make.span(86500, 24), ref=ref)))
    shot = read_cut(path).shots[0]
    assert (shot.frames[0], shot.numbering, shot.handles) == (100, "zero", (100, 596))
    assert read_cut(path, open_media=False).shots[0].frames[0] == 86500


def test_handles_never_go_below_nothing(make: SimpleNamespace) -> None:
    ref = make.media("/m/a.mov", make.span(0, 10))
    shot = one(make, ref, make.span(5, 8))
    assert shot.handles == (5, 0)


def test_the_media_a_missing_reference_had_is_remembered(make: SimpleNamespace) -> None:
    ref = make.media(
        available=make.span(0, 10), metadata={"Resolve_OTIO": {"Media Url": "/x/a.mov"}}
    )
    shot = one(make, ref, make.span(0, 5))
    assert (shot.media, shot.online, shot.handles) == ("/x/a.mov", False, (0, 5))


def test_generators_and_old_clips_are_read(make: SimpleNamespace) -> None:
    bars = make.media(OTIO_SCHEMA="GeneratorReference.1", generator_kind="SMPTEBars", parameters={})
    shot = one(make, bars, make.span(0, 5))
    assert (shot.media, shot.online, shot.frames) == (None, False, (0, 1, 2, 3, 4))
    old = make.item("Clip.1", "old", None, media_reference=make.media("/m/o.mov", make.span(7, 5)))
    cut = flattened(make.timeline(old))
    assert (cut.shots[0].media, cut.shots[0].source) == ("/m/o.mov", (7, 11))
