"""Slots: the same memory in two processes, and every way in which one can be lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from secondunit_bridge.errors import DiskFull, FieldError, NotPermitted, SecondUnitError, SlotLost
from secondunit_bridge.slots import (
    HEADER,
    LARGEST,
    SMALLEST,
    Frame,
    Lease,
    Slot,
    SlotFile,
    State,
    size_class,
    sweep,
)

HD = Frame((4, 8, 4), space="ACEScg", number=1009, timecode="01:00:00:09", data_window=(0, 0, 8, 4))
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and tmpfs")


@pytest.fixture
def file(tmp_path: Path):
    made = SlotFile.create(tmp_path, 1000)
    yield made
    made.close()


def leased(file: SlotFile, generation: int = 1) -> Slot:
    file.mark(generation, State.writing)
    return Slot(file, Lease(str(file.path), generation, file.nbytes))


def test_a_frame_written_in_one_process_is_worked_on_in_place_by_another(file) -> None:
    slot = leased(file)
    slot.write(HD, bytes(range(256)))
    file.mark(1, State.stage)
    stage = (
        "import sys; from pathlib import Path\n"
        "from secondunit_bridge.slots import SlotFile, State\n"
        "slot = SlotFile.attach(Path(sys.argv[1])); slot.check(1, State.stage)\n"
        "frame = slot.described(); room = slot.pixels[:frame.nbytes]\n"
        "room[:] = bytes(255 - b for b in room); room.release()\n"
        "slot.mark(1, State.result); slot.close()\n"
        "print(frame.space, frame.number, frame.timecode, frame.data_window)"
    )
    done = subprocess.run(
        [sys.executable, "-c", stage, str(file.path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "ACEScg 1009 01:00:00:09 (0, 0, 8, 4)"
    slot.check(State.result)
    assert bytes(slot.read()) == bytes(255 - n for n in range(256))


def test_a_host_can_paint_in_the_slot_without_any_copy(file) -> None:
    slot = leased(file)
    slot.pixels[:3] = b"abc"
    slot.write(HD)
    assert bytes(slot.read()[:3]) == b"abc"
    assert file.state is State.ready


def test_a_slot_works_with_numpy_without_copying(file) -> None:
    numpy = pytest.importorskip("numpy")
    slot = leased(file)
    picture = numpy.arange(128, dtype=numpy.float16).reshape(4, 8, 4)
    slot.write(HD, picture)
    seen = numpy.frombuffer(slot.read(), numpy.float16).reshape(HD.shape)
    assert (seen == picture).all()
    slot.pixels[:2] = b"\0\x3c"
    assert seen[0, 0, 0] == 1.0
    slot.close()  # a view that lives on keeps the memory
    assert seen[0, 0, 0] == 1.0


def test_whoever_comes_late_is_found_out(file) -> None:
    late = leased(file, 1)
    late.write(HD, bytes(256))
    leased(file, 2)
    for too_late in (
        lambda: late.pixels,
        lambda: late.frame,
        lambda: late.read(),
        lambda: late.write(HD, bytes(256)),
        lambda: late.check(State.ready),
    ):
        with pytest.raises(SlotLost, match="hand-out 1, now 2") as lost:
            too_late()
        assert lost.value.retryable


def test_it_must_be_the_right_turn(file) -> None:
    slot = leased(file)
    with pytest.raises(SlotLost, match="is writing, not ready or result"):
        slot.check(State.ready, State.result)


def test_a_frame_that_does_not_fit_or_does_not_agree_is_refused(file) -> None:
    slot = leased(file)
    with pytest.raises(FieldError, match="does not fit") as big:
        slot.write(Frame((2000, 2000, 4)))
    assert "Lease" in big.value.hint
    for pixels in (bytes(255), bytes(257), b"", object(), memoryview(bytes(512))[::2]):
        with pytest.raises(FieldError, match="buffer of 256 bytes"):
            slot.write(HD, pixels)


@pytest.mark.parametrize(
    "wrong",
    [
        {"shape": (0, 1, 4)},
        {"shape": (1, 1 << 17, 4)},
        {"shape": (1, 1, 3)},
        {"shape": (1, 1)},
        {"dtype": "float64"},
        {"channels": ("R",)},
    ],
)
def test_a_frame_that_cannot_be_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match=r"shape|dtype|channel"):
        Frame(**{"shape": (1, 1, 4), **wrong})


def test_the_file_is_its_owner_s_alone_and_fully_reserved(file) -> None:
    found = file.path.stat()
    assert found.st_size == HEADER + SMALLEST
    if sys.platform != "win32":
        assert found.st_mode & 0o777 == 0o600
        assert found.st_blocks * 512 >= found.st_size


def test_a_removed_slot_is_gone_for_who_attaches_and_over_for_who_has_it(file) -> None:
    other = SlotFile.attach(file.path)
    held = leased(other)
    file.remove()
    with pytest.raises(SlotLost):
        held.check()
    with pytest.raises(SlotLost, match="gone"):
        SlotFile.attach(file.path)
    other.close()


@pytest.mark.parametrize("size", [0, 10, HEADER, HEADER + 1, HEADER + SMALLEST - 4096])
def test_a_file_shorter_than_it_says_is_refused_not_touched(file, size: int) -> None:
    copy = file.path.with_name("copy")
    copy.write_bytes(file.path.read_bytes()[:size])
    with pytest.raises(SlotLost, match="not a slot"):
        SlotFile.attach(copy)


def test_a_file_of_another_layout_is_refused(file) -> None:
    for at in (0, 8):
        copy = bytearray(file.path.read_bytes())
        copy[at] ^= 0xFF
        other = file.path.with_name("other")
        other.write_bytes(copy)
        with pytest.raises(SlotLost):
            SlotFile.attach(other)


@given(st.binary(max_size=200), st.integers(8, 200))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_header_scribbled_over_never_breaks_who_reads_it(file, data: bytes, at: int) -> None:
    file.mark(1, State.ready)
    file.describe(HD)
    with open(file.path, "r+b") as raw:
        raw.seek(at)
        raw.write(data)
    slot = Slot(file, Lease(str(file.path), 1, file.nbytes))
    try:
        slot.check(State.ready)
        assert len(slot.read()) <= file.nbytes
    except SecondUnitError:
        return


def test_a_header_that_names_more_pixels_than_there_are_is_refused(file) -> None:
    large = SlotFile.create(file.path.parent, 2 * SMALLEST)
    large.describe(Frame((1000, 1000, 4)))
    words = large.path.read_bytes()[32:HEADER]  # length of the description, the description
    with open(file.path, "r+b") as raw:
        raw.seek(32)
        raw.write(words)
    with pytest.raises(SlotLost, match="more bytes than it has"):
        file.described()
    large.remove()


@linux
def test_a_link_in_place_of_a_slot_is_not_followed(file) -> None:
    link = file.path.with_name("link")
    link.symlink_to(file.path)
    with pytest.raises(NotPermitted):
        SlotFile.attach(link)


@given(st.integers(1, LARGEST))
def test_a_size_class_holds_the_frame_and_wastes_little(nbytes: int) -> None:
    room = size_class(nbytes)
    assert room >= nbytes
    assert room == SMALLEST or room <= nbytes * 1.25
    assert room % 4096 == 0
    assert size_class(room) == room


@pytest.mark.parametrize("nbytes", [0, -1, LARGEST + 1])
def test_a_slot_of_no_size_or_too_much_is_refused(nbytes: int) -> None:
    with pytest.raises(FieldError):
        size_class(nbytes)


def test_there_are_few_size_classes() -> None:
    sizes = {size_class(n << 20) for n in range(1, 1024)}
    assert len(sizes) <= 4 * 8 + 1
    assert size_class(3840 * 2160 * 8) == 64 << 20  # a 4K half frame: 63.3 MiB


@linux
def test_slots_of_a_maker_that_was_killed_are_swept_and_those_of_the_living_stay(file) -> None:
    folder = file.path.parent
    maker = (
        "import sys; from pathlib import Path; from secondunit_bridge.slots import SlotFile\n"
        "SlotFile.create(Path(sys.argv[1]), 1000); import os; os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", maker, str(folder)], check=False)
    (folder / "unrelated").touch()
    assert len(list(folder.iterdir())) == 3
    assert sweep(folder) == 1
    assert sorted(p.name for p in folder.iterdir()) == [file.path.name, "unrelated"]
    assert sweep(folder / "missing") == 0


FILL = (
    "import sys; from pathlib import Path; from secondunit_bridge.slots import SlotFile\n"
    "from secondunit_bridge.errors import DiskFull\n"
    "if len(sys.argv) > 2:\n"
    "    import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)\n"
    "try: SlotFile.create(Path(sys.argv[1]), 16 << 20)\n"
    "except DiskFull as error: print(error.message, '|', error.hint, '|', error.data['bytes'])"
)


@linux
def test_no_room_is_said_when_the_slot_is_made_never_at_the_first_write(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(tmp_path), str(8 << 20)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("there is no room for a slot of 16 MiB")
    assert done.stdout.strip().endswith(str(16 << 20))
    assert list(tmp_path.iterdir()) == []


@linux
def test_a_full_memory_disk_is_said(tmp_path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(tmp_path)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a small memory disk can only be mounted by root")
    try:
        with pytest.raises(DiskFull) as full:
            SlotFile.create(tmp_path, 16 << 20)
        assert full.value.retryable
        assert list(tmp_path.iterdir()) == []
        SlotFile.create(tmp_path, 1000).remove()
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@linux
def test_a_folder_that_cannot_be_written_is_said() -> None:
    with pytest.raises(NotPermitted):
        SlotFile.create(Path("/proc"), 1000)
    assert os.path.exists("/proc")
