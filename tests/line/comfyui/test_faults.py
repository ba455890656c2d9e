"""What a ComfyUI server can do to a take: die, refuse, break off, or mean harm."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from pathlib import Path

import comfy_nodes
import cv2
import numpy as np
import pytest
from comfy_server import Comfy
from comfy_studio import (
    COUNT,
    asked,
    beside,
    picture_of_theirs,
    stop_the_newest,
    until,
)
from secondunit.generators.comfyui.looking import FRESH_S
from secondunit_bridge.unit import Unit

pytestmark = pytest.mark.long  # off by default, and tests/models/comfyui tries it in parts


def png(width: int, height: int) -> bytes:
    return cv2.imencode(".png", np.zeros((height, width, 3), np.uint8))[1].tobytes()


WRONG = {
    "another size": lambda pngs: [png(64, 96) for _ in pngs],
    "one more": lambda pngs: [*pngs, png(96, 64)],
    "none": lambda pngs: [],
    "no picture": lambda pngs: [b"<html>no</html>" for _ in pngs],
    "a header alone": lambda pngs: [one[:60] for one in pngs],
    "a header that lies": lambda pngs: [_lying(one) for one in pngs],
}


def _lying(data: bytes) -> bytes:
    """A PNG that says to be 60,000 pixels a side: opened, it would take ten gigabytes."""
    return data[:16] + (60_000).to_bytes(4, "big") * 2 + data[24:]


@pytest.mark.some(3)
@pytest.mark.parametrize("what", WRONG)
def test_pictures_of_another_number_size_or_kind_end_the_take(su, added, server, plates, what):
    server.change = WRONG[what]
    said = su(*asked(plates))
    assert (said.code, said.error) == (1, "E_FRAMES"), said
    assert said.json["error"]["hint"]
    until(lambda: not server.ours())


NAMES = {
    "up and away": {"filename": "../../secret.png"},
    "from a folder above": {"subfolder": "../.."},
    "from the root": {"filename": "/etc/passwd", "subfolder": ""},
    "from the inputs": {"type": "input"},
    "of somebody else": {"filename": "ComfyUI_00001_.png"},
    "with a way in it": {"filename": "secondunit/../x.png"},
    "of no kind": {"filename": 7},
}


@pytest.mark.some(3)
@pytest.mark.parametrize("what", NAMES)
def test_a_result_that_lies_elsewhere_is_never_asked_for(su, added, server, plates, what):
    server.name = lambda told: {**told, **NAMES[what]}
    said = su(*asked(plates))
    assert (said.code, said.error) == (1, "E_ENGINE"), said
    assert not [words for _, path, words in server.calls if path == "/view"]


def test_a_redirect_is_not_followed(su, added, server: Comfy, plates: Path):
    with socket.socket() as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.listen()
        elsewhere.settimeout(0.2)
        server.redirect = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/x.png"
        said = su(*asked(plates))
        assert (said.code, said.error) == (1, "E_ENGINE"), said
        assert "elsewhere" in said.json["error"]["message"]
        with pytest.raises(TimeoutError):
            elsewhere.accept()


def test_an_answer_without_end_is_not_read(su, added, server: Comfy, plates: Path):
    server.huge = 400 << 20
    started = time.monotonic()
    said = su(*asked(plates))
    assert (said.code, said.error) == (1, "E_ENGINE"), said
    assert "larger than" in said.json["error"]["message"]
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    ("brief", "code", "word"),
    [("break off", "E_ENGINE", "the latent has no samples"), ("too much", "E_VRAM", "memory")],
)
def test_a_node_that_breaks_off_is_named(su, added, server, plates, brief, code, word):
    said = su(*asked(plates, "--brief", brief))
    assert (said.code, said.error) == (1, code), said
    assert "node 3 (KSampler)" in said.json["error"]["message"]
    assert word in said.json["error"]["message"]


@pytest.mark.parametrize("half_valid", [False, True])
def test_what_the_server_has_against_a_prompt_names_its_node(su, added, server, plates, half_valid):
    server.info["KSampler"]["input"]["required"]["sigmas"] = ["SIGMAS"]
    server.half_valid, server.gate = half_valid, None
    said = su(*asked(plates))
    assert (said.code, said.error) == (1, "E_ENGINE"), said
    assert "node 3 (KSampler): Required input is missing: sigmas" in said.json["error"]["message"]
    until(lambda: not server.ours())


def missing(server: Comfy) -> str:
    del server.info["VAEEncodeForInpaint"]
    return "has no node class VAEEncodeForInpaint"


def without_file(server: Comfy) -> str:
    server.info["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"] = [["other.ckpt"], {}]
    return "has no file studio-inpaint.safetensors"


def paid(server: Comfy) -> str:
    server.info["KSampler"]["api_node"] = True
    return "calls a service over the network"


def no_output(server: Comfy) -> str:
    server.info["SaveImage"]["output_node"] = False
    return "is no output node"


def nonsense(server: Comfy) -> str:
    server.lie = "<html>welcome</html>"
    return "does not speak as ComfyUI does"


@pytest.fixture(scope="module")
def forgotten() -> None:
    """What a good server had a moment ago does not count any more."""
    time.sleep(FRESH_S)


@pytest.mark.some(3)
@pytest.mark.parametrize("fault", [missing, without_file, paid, no_output, nonsense])
def test_what_a_server_lacks_is_refused_before_anything_is_put_in_line(
    su, added, server, plates, forgotten, fault
):
    word = fault(server)
    said = su(*asked(plates))
    assert (said.code, said.error) == (1, "E_NEEDS_MODEL"), said
    assert word in said.json["error"]["message"]
    assert not [path for _, path, _ in server.calls if path in ("/prompt", "/upload/image")]


def test_a_prompt_that_is_forgotten_at_the_server_ends_the_take(su, added, server, plates):
    server.forgets = True  # as after a start anew
    said = su(*asked(plates))
    assert (said.code, said.error) == (1, "E_ENGINE"), said
    assert "does not know the prompt any more" in said.json["error"]["message"]


def test_somebody_who_stops_our_prompt_at_the_server_is_no_stop_of_ours(su, added, server, plates):
    server.gate = threading.Event()

    def stop() -> None:
        until(lambda: server.running is not None)
        server.interrupted = True

    beside(stop)
    said = su(*asked(plates))
    assert (said.code, said.error) == (1, "E_ENGINE"), said
    assert "somebody stopped" in said.json["error"]["message"]


def test_an_older_server_gives_our_prompt_a_name_of_its_own(su, added, server, plates):
    server.takes_ids = False
    assert su(*asked(plates)).code in (0, 3)
    server.gate = threading.Event()

    def stop() -> None:
        until(lambda: server.running and server.running[1] in server.ours())
        stop_the_newest()

    beside(stop)
    assert su(*asked(plates)).error == "E_CANCELLED"
    until(lambda: not server.ours())


def test_a_stage_that_dies_leaves_nothing_of_ours_in_the_line(su, added, server, plates):
    server.gate = threading.Event()
    others = server.put(comfy_nodes.patch() | picture_of_theirs(server))
    until(lambda: server.running and server.running[1] == others)
    first: list[str] = []

    def kill() -> None:
        until(server.ours)
        first.extend(server.ours())
        with Unit.connect(host="test") as unit:
            stages = unit.status()["stages"]
        os.kill(next(iter(stages.values())), signal.SIGKILL)
        until(lambda: server.ours() and server.ours() != first)
        server.gate.set()

    thread = beside(kill)
    said = su(*asked(plates))
    thread.join(20)
    assert said.code in (0, 3), said
    assert len(first) == 1
    assert first[0] not in server.history
    assert server.history[others]["status"]["status_str"] == "success"
    assert len([p for p in server.history if p != others]) >= COUNT


@pytest.mark.slow
def test_a_server_that_dies_ends_the_take_and_one_that_comes_back_shoots_the_next(
    su, added, server, plates
):
    server.gate = threading.Event()

    def die() -> None:
        until(lambda: server.running is not None)
        server.die()

    thread = beside(die)
    said = su(*asked(plates))
    thread.join(20)
    assert (said.code, said.error) == (1, "E_ENGINE_OFFLINE"), said
    assert said.json["error"]["retryable"]
    said = su(*asked(plates))
    assert (said.code, said.error) == (1, "E_NEEDS_MODEL"), said
    assert "does not answer" in said.json["error"]["message"]
    back = Comfy(server.port)
    try:
        assert su(*asked(plates)).code in (0, 3)
    finally:
        back.die()
