"""What a background render says is read while it runs, however it is cut into pieces."""

from __future__ import annotations

from pathlib import Path

from secondunit_blender.collect.progress import ProgressReader, told

LINES = [
    "Blender 4.5.15 (hash)",
    told("started", count=3, runs=2, backend="workbench", space="x", size=[4, 4]),
    "Fra:1 Mem:20M", told("said", sentence="Two view layers."),
    *(told("part", number=number, seconds=0.5, run="picture") for number in (1001, 1002, 1003)),
    told("frame", number=1001, seconds=0.5, run="passes"), "EGL Error (0x3009)",
    told("frame", number=1002, seconds=0.25, run="passes"),
]  # fmt: skip
TEXT = "".join(f"\n{line}\n" for line in LINES).encode()


def test_pieces_of_any_size_tell_the_same():
    for size in (1, 7, 100, len(TEXT)):
        reader = ProgressReader("nowhere")
        for at in range(0, len(TEXT), size):
            reader.feed(TEXT[at : at + size])
        now = reader.progress
        assert (now.state, now.done, now.count) == ("rendering", (1001, 1002), 3)
        assert (now.seconds, now.said) == (2.25, ("Two view layers.",))
        assert now.share == 5 / 6
        assert not now.ended


def test_a_log_that_is_not_there_yet_and_one_that_grows_are_both_only_read(tmp_path: Path):
    log = tmp_path / "render.log"
    reader = ProgressReader(str(log))
    assert reader.poll().state == "waiting"
    log.write_bytes(TEXT[:90])
    reader.poll()
    log.write_bytes(TEXT)
    assert reader.poll().done == (1001, 1002)
    with log.open("ab") as more:
        more.write(f"\n{told('done', files={'guide': {}})}\n".encode())
    assert reader.poll(0).state == "done"


def test_a_process_that_ended_without_a_word_failed(tmp_path: Path):
    log = tmp_path / "render.log"
    log.write_bytes(b"could not open a display\n")
    failure = ProgressReader(str(log)).poll(-11).failure
    assert failure is not None
    assert failure.code == "E_RENDER_BACKEND"
    assert "could not open a display" in failure.hint
    log.write_bytes(TEXT)
    after = ProgressReader(str(log)).poll(-9)
    assert (after.state, after.failure.code) == ("failed", "E_RENDER")
    assert "after 2 of 3 frames (exit code -9)" in after.failure.message
