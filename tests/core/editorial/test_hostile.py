"""Cuts made to break the reader: clear errors, soon, and the one who asked lives."""

from __future__ import annotations

import contextlib
import json
import os
import random
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.editorial import read_cut, reader
from secondunit.editorial.parse import DEEPEST, depth
from secondunit_bridge.errors import (
    CutUnreadable,
    ExtraMissing,
    OverLimits,
    RateMismatch,
    SecondUnitError,
)


@pytest.fixture(autouse=True)
def _soon() -> Any:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 20


def nested(levels: int) -> str:
    head = '{"OTIO_SCHEMA":"Stack.1","name":"n","children":['
    return (
        '{"OTIO_SCHEMA":"Timeline.1","name":"bomb","tracks":' + head * levels + "]}" * levels + "}"
    )


@pytest.mark.parametrize("levels", [101, 1000, 20_000, 200_000])
def test_deep_nesting_is_refused_before_anything_recursive_sees_it(
    tmp_path: Path, make: SimpleNamespace, levels: int
) -> None:
    path = make.write(tmp_path, nested(levels))
    with pytest.raises(OverLimits, match="200 levels"):
        read_cut(path)


def test_deep_lists_in_metadata_are_refused_too(tmp_path: Path, make: SimpleNamespace) -> None:
    text = '{"OTIO_SCHEMA":"Timeline.1","metadata":{"x":' + "[" * 50_000 + "]" * 50_000 + "}}"
    with pytest.raises(OverLimits):
        read_cut(make.write(tmp_path, text))


def test_nesting_within_the_limit_is_read(tmp_path: Path, make: SimpleNamespace) -> None:
    document = make.clip("deep", make.span(0, 5))
    for _ in range(90):
        document = make.stack("n", None, inside=[document])
    cut = read_cut(make.write(tmp_path, make.timeline(make.track(document))))
    assert [shot.name for shot in cut.shots] == ["deep"]
    assert len(cut.shots[0].nested) == 90


@pytest.mark.parametrize("rate", ["0", "0.0", "-24", "NaN", "Infinity", '"24"', "null", "true"])
@pytest.mark.parametrize("where", ["source", "global", "marker"])
def test_rates_that_are_none_are_refused(
    tmp_path: Path, make: SimpleNamespace, rate: str, where: str
) -> None:
    clip = make.clip("a", make.span(0, 5))
    document = make.timeline(clip)
    if where == "source":
        clip["source_range"]["duration"]["rate"] = "@"
    elif where == "global":
        document["global_start_time"]["rate"] = "@"
    else:
        clip["markers"] = [{"OTIO_SCHEMA": "Marker.2", "marked_range": make.span(0, 1)}]
        clip["markers"][0]["marked_range"]["start_time"]["rate"] = "@"
    path = make.write(tmp_path, json.dumps(document).replace('"@"', rate))
    with pytest.raises(RateMismatch, match="frames a second"):
        read_cut(path)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", '"1"', "null", "[]"])
def test_times_and_speeds_that_are_no_numbers_are_refused(
    tmp_path: Path, make: SimpleNamespace, value: str
) -> None:
    for at in ("time", "speed"):
        clip = make.clip("a", make.span(0, 5), 2.0)
        if at == "time":
            clip["source_range"]["start_time"]["value"] = "@"
        else:
            clip["effects"][0]["time_scalar"] = "@"
        path = make.write(tmp_path, json.dumps(make.timeline(clip)).replace('"@"', value))
        with pytest.raises(CutUnreadable, match=f"holds a {at}"):
            read_cut(path)


@pytest.mark.parametrize("length", [1e9, 1e15, 1e300])
def test_a_clip_that_claims_to_be_endless_is_refused(
    tmp_path: Path, make: SimpleNamespace, length: float
) -> None:
    path = make.write(tmp_path, make.timeline(make.clip("a", make.span(0, length))))
    with pytest.raises(OverLimits):
        read_cut(path)


def test_many_long_clips_together_are_refused(tmp_path: Path, make: SimpleNamespace) -> None:
    tracks = [make.track(make.clip("a", make.span(0, 2_000_000))) for _ in range(12)]
    with pytest.raises(OverLimits, match="20,000,000"):
        read_cut(make.write(tmp_path, make.timeline(*tracks)))


def test_an_absurd_speed_is_refused(tmp_path: Path, make: SimpleNamespace) -> None:
    path = make.write(tmp_path, make.timeline(make.clip("a", make.span(0, 5), 1e30)))
    with pytest.raises(OverLimits, match="times its speed"):
        read_cut(path)


@pytest.mark.parametrize("suffix", ["otio", "edl", "xml", "aaf"])
def test_a_file_of_a_gigabyte_is_refused_by_its_size(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"big.{suffix}"
    with open(path, "wb") as file:
        file.truncate(1 << 30)
    began = time.monotonic()
    with pytest.raises(OverLimits, match="1,073,741,824 bytes"):
        read_cut(path)
    assert time.monotonic() - began < 1


def test_a_bundle_whose_timeline_unpacks_to_a_gigabyte_is_refused(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "bomb.otioz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle,
        bundle.open("content.otio", "w") as file,
    ):
        for _ in range(160):
            file.write(b" " * (1 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(OverLimits, match="larger than"):
        read_cut(tmp_path / "bomb.otioz")


def test_an_xml_that_expands_without_end_is_refused(tmp_path: Path) -> None:
    entities = ['<!ENTITY a "ha">']
    for n in range(30):
        entities.append(f'<!ENTITY a{n} "{("&a" + (str(n - 1) if n else "") + ";") * 10}">')
    text = f"<!DOCTYPE xmeml [{''.join(entities)}]><xmeml><name>&a29;</name></xmeml>"
    (tmp_path / "bomb.xml").write_text(text)
    with pytest.raises((CutUnreadable, OverLimits)):
        read_cut(tmp_path / "bomb.xml")


def test_an_xml_cannot_read_another_file(tmp_path: Path) -> None:
    text = (
        '<!DOCTYPE xmeml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        "<xmeml><sequence><name>&x;</name></sequence></xmeml>"
    )
    (tmp_path / "steal.xml").write_text(text)
    with pytest.raises(CutUnreadable) as caught:
        read_cut(tmp_path / "steal.xml")
    assert "root:" not in caught.value.message


def test_truncated_cuts_are_refused_at_any_length(tmp_path: Path, make: SimpleNamespace) -> None:
    whole = json.dumps(make.timeline(make.clip("a", make.span(0, 5), 2.0)))
    for length in range(0, len(whole), max(1, len(whole) // 12)):
        with pytest.raises(CutUnreadable):
            read_cut(make.write(tmp_path, whole[:length]))


@pytest.mark.parametrize("suffix", ["otio", "otioz", "edl", "xml", "aaf"])
def test_random_bytes_are_refused(tmp_path: Path, suffix: str) -> None:
    for seed in range(4):
        path = tmp_path / f"noise.{suffix}"
        path.write_bytes(random.Random(seed).randbytes(4096))
        with pytest.raises((CutUnreadable, RateMismatch)):
            read_cut(path)


def test_aaf_headers_with_noise_behind_them_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise.aaf"
    magic = bytes.fromhex("d0cf11e0a1b11ae1")
    for seed in range(4):
        path.write_bytes(magic + random.Random(seed).randbytes(8192))
        with pytest.raises((CutUnreadable, OverLimits)):
            read_cut(path)


def test_changed_bytes_are_read_or_refused_but_never_crash(
    tmp_path: Path, make: SimpleNamespace
) -> None:
    whole = json.dumps(make.timeline(make.clip("a", make.span(0, 5), 2.0))).encode()
    for seed in range(12):
        dice = random.Random(seed)
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[dice.randrange(len(damaged))] = dice.randrange(32, 127)
        path = tmp_path / "cut.otio"
        path.write_bytes(damaged)
        with contextlib.suppress(SecondUnitError):
            read_cut(path)


def test_a_child_that_dies_or_hangs_is_told_in_plain_words(
    tmp_path: Path, make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make.write(tmp_path, make.timeline(make.clip("a", make.span(0, 5))))
    child = tmp_path / "child.py"
    monkeypatch.setattr(reader.parse, "__file__", str(child))
    for text, error, words in (
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", CutUnreadable, "stopped by it"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", OverLimits, "more memory"),
        ("raise MemoryError", OverLimits, "more memory"),
        ("raise KeyError('surprise')", CutUnreadable, "surprise"),
        ("import no_such_adapter", ExtraMissing, "not installed"),
        (
            "import opentimelineio as o; o.adapters.read_from_file('cut.unheard')",
            ExtraMissing,
            "not installed",
        ),
    ):
        child.write_text(text)
        with pytest.raises(error, match=words):
            read_cut(path)
    child.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(reader, "_WALL_S", 0.5)
    with pytest.raises(OverLimits, match="not read within"):
        read_cut(path)


@pytest.mark.skipif(os.name != "posix", reason="address space has no limit on this system")
def test_the_child_cannot_take_more_memory_than_it_may(tmp_path: Path) -> None:
    import subprocess
    import sys

    from secondunit.editorial import parse

    script = (
        f"import sys; sys.path.insert(0, {str(Path(parse.__file__).parent)!r})\n"
        "import parse; parse.limit()\n"
        "try: bytearray(4 << 30)\nexcept MemoryError: print('held')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "held"


def test_manifests_and_linkers_in_the_environment_are_not_run(
    tmp_path: Path, make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTIO_PLUGIN_MANIFEST_PATH", str(tmp_path / "evil.json"))
    monkeypatch.setenv("OTIO_DEFAULT_MEDIA_LINKER", "evil")
    (tmp_path / "evil.json").write_text("{")
    list_ = tmp_path / "cut.edl"
    list_.write_text("TITLE: t\n\n001  AX V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n")
    assert read_cut(list_).length == 24
    xml = tmp_path / "cut.xml"
    xml.write_text("<xmeml><sequence/></xmeml>")
    assert read_cut(xml).length == 0


@given(
    st.recursive(
        st.one_of(st.none(), st.text(alphabet='ab"\\{}[]', max_size=8), st.integers()),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=20,
    )
)
def test_depth_is_counted_as_the_parser_would_nest(value: Any) -> None:
    def deep(node: Any) -> int:
        inner = node.values() if isinstance(node, dict) else node
        if not isinstance(node, (dict, list)):
            return 0
        return 1 + max(map(deep, inner), default=0)

    assert depth(json.dumps(value).encode()) == deep(value)


def test_depth_stops_counting_just_past_the_limit() -> None:
    assert depth(b"[" * 10_000_000) == DEEPEST + 1


def test_newer_schemas_than_the_installed_library_knows_are_kept(
    tmp_path: Path, make: SimpleNamespace
) -> None:
    marker = {
        "OTIO_SCHEMA": "Marker.99",
        "name": "m",
        "color": dict.fromkeys("rgba", 1.0) | {"OTIO_SCHEMA": "Color.1", "name": "RED"},
        "marked_range": make.span(2, 1),
    }
    odd = {"OTIO_SCHEMA": "Unheard.3", "anything": [1, 2.50, {"x": None}]}
    clip = make.clip("a", make.span(0, 5), markers=[marker], metadata={"odd": odd})
    document = make.timeline(clip)
    cut = read_cut(make.write(tmp_path, document))
    assert cut.document == document
    assert cut.markers[0].color == "RED"
