"""A server of ComfyUI's manners, a studio's workflows added, and plates to shoot with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from comfy_server import Comfy, comfy
from comfy_studio import add_both, plates_in


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Comfy]:
    """The server, named in the setting before this module's daemon starts."""
    with comfy() as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECONDUNIT_COMFYUI", made.address)
        yield made
        assert not made.faults


@pytest.fixture(autouse=True)
def restored(server: Comfy) -> Iterator[None]:
    """Every test meets a server that means well, and leaves nothing in its line."""
    server.restore()
    server.calls.clear()
    yield
    if server.gate is not None:
        server.gate.set()
    server.restore()


@pytest.fixture(scope="module")
def added(home: Path, server: Comfy, tmp_path_factory: pytest.TempPathFactory) -> None:
    add_both(tmp_path_factory.mktemp("workflows"))


@pytest.fixture(scope="module")
def plates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plates_in(tmp_path_factory.mktemp("plates"))
