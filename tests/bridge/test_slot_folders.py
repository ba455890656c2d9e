"""Where slots lie: shared memory is open to everybody, so nobody may block it for somebody else."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from secondunit_bridge.errors import NotPermitted
from secondunit_bridge.places import private_folder, runtime, slot_folder, slot_folders

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="shared memory is a folder there")


@pytest.fixture
def shared(places: Path) -> Iterator[Path]:
    """The folder of this home in shared memory."""
    folder = slot_folder(0)
    if folder.parent != Path("/dev/shm"):
        pytest.skip("shared memory has no room here")
    yield folder
    shutil.rmtree(folder)


def test_a_folder_of_somebody_else_in_shared_memory_does_not_stop_us(shared: Path) -> None:
    shared.chmod(0o755)  # as one that another user made: not ours alone
    with pytest.raises(NotPermitted):
        private_folder(shared)
    assert slot_folder(0) == runtime() / "slots"
    assert shared not in slot_folders()


def test_slots_are_looked_for_wherever_they_may_have_been_put(shared: Path) -> None:
    assert slot_folders() == (shared,)
    other = private_folder(runtime() / "slots")
    assert set(slot_folders()) == {shared, other}
    os.rmdir(other)
