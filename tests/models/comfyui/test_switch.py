"""The engine is off until a setting names a server on this machine, and nothing else is taken."""

from __future__ import annotations

import json
import socket
import threading
import time
from pathlib import Path

import comfy_nodes
import pytest
from comfy_server import comfy
from comfy_studio import asked, files, picture_of_theirs, plates_in, until
from secondunit.cli import main
from secondunit.generators.comfyui.feed import Feed
from secondunit.generators.comfyui.filling import Call
from secondunit.generators.comfyui.looking import Glance
from secondunit.generators.comfyui.server import Server
from secondunit.generators.comfyui.shooting import Shooting, Wanted
from secondunit.models.workflow_card import pair_at
from secondunit.settings import Settings, own_address
from secondunit_bridge.errors import EngineFailed, EngineOffline, SettingWrong
from secondunit_bridge.unit import Unit


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("http://127.0.0.1:8188", ("127.0.0.1", 8188)),
        ("http://localhost:8188/", ("127.0.0.1", 8188)),
        ("http://[::1]:9000", ("::1", 9000)),
        ("http://127.8.8.8", ("127.8.8.8", 80)),
    ],
)
def test_an_address_of_this_machine_is_taken(address: str, found: tuple[str, int]):
    assert own_address(address) == found
    assert Settings.load({"SECONDUNIT_COMFYUI": address}).comfyui == address


@pytest.mark.parametrize(
    "address",
    [
        "http://10.0.0.5:8188", "http://gpu-box:8188", "http://0.0.0.0:8188", "127.0.0.1:8188",
        "https://127.0.0.1:8188", "http://user@127.0.0.1:8188", "http://127.0.0.1:8188/proxy",
        "http://localhost.example:8188", "http://127.0.0.1:99999", "http://[::ffff:8.8.8.8]:80",
    ],
)  # fmt: skip
def test_any_other_address_is_refused_with_the_reason(address: str):
    with pytest.raises(SettingWrong) as raised:
        Settings.load({"SECONDUNIT_COMFYUI": address})
    assert "do not leave this machine" in raised.value.hint


@pytest.fixture
def studio(places: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """Runs commands in a home of this test's own; the daemon is stopped at the end."""

    def run(*words: object) -> tuple[int, dict]:
        capfd.readouterr()
        code = main([str(word) for word in words])
        return code, json.loads(capfd.readouterr().out)

    yield run
    main(["daemon", "stop", "--json"])


def test_without_the_setting_a_workflow_registers_and_is_refused_in_words(studio, tmp_path: Path):
    path = files(tmp_path, comfy_nodes.patch(), comfy_nodes.PATCH_CARD)
    assert studio("models", "add", path, "--by", "Ada", "--json")[0] == 0
    code, said = studio(*asked(plates_in(tmp_path / "plates")))
    assert code == 1
    error = said["error"]
    assert error["code"] in ("E_SETUP", "E_NEEDS_MODEL")
    assert "switched off" in error["message"]
    assert "comfyui" in error["message"] + error["hint"]


def test_a_server_that_is_not_there_is_refused_at_once(
    studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("SECONDUNIT_COMFYUI", f"http://127.0.0.1:{port}")
    path = files(tmp_path, comfy_nodes.patch(), comfy_nodes.PATCH_CARD)
    assert studio("models", "add", path, "--by", "Ada", "--json")[0] == 0
    code, said = studio(*asked(plates_in(tmp_path / "plates")))
    assert (code, said["error"]["code"]) == (1, "E_NEEDS_MODEL")
    assert "does not answer" in said["error"]["message"]
    with Unit.connect(host="test") as unit:
        assert unit.takes() == ()  # nothing was put in line for it


def test_a_licence_holds_for_a_workflow_as_for_any_model(
    studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    plates = plates_in(tmp_path / "plates")
    with comfy() as server:
        monkeypatch.setenv("SECONDUNIT_COMFYUI", server.address)
        card = comfy_nodes.PATCH_CARD.replace('commercial = "allow"', 'commercial = "acknowledge"')
        path = files(tmp_path, comfy_nodes.patch(), card)
        assert studio("models", "add", path, "--by", "Ada", "--json")[0] == 0
        code, said = studio(*asked(plates))
        assert code == 1
        assert "nobody has cleared" in said["error"]["message"]
        words = ("--by", "Ada", "--reason", "our own stills", "--json")
        assert studio("models", "clear", "harbour-patch", *words)[0] == 0
        assert studio(*asked(plates))[0] in (0, 3)
        path.write_text(path.read_text().replace("bad hands", "bad heads"))
        code, said = studio(*asked(plates))
        assert code == 1
        assert said["error"]["code"] == "E_MODEL_UNTRUSTED"
        assert "that Ada registered" in said["error"]["message"]


def test_a_server_that_says_nothing_is_given_up_in_time():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        server = Server(f"http://127.0.0.1:{silent.getsockname()[1]}")
        started = time.monotonic()
        with pytest.raises(EngineOffline):
            server.told("/queue", within_s=0.5)
        assert time.monotonic() - started < 2


def test_a_silent_server_does_not_hold_up_who_only_asks_for_a_plan(tmp_path: Path):
    pair = pair_at(files(tmp_path, comfy_nodes.patch(), comfy_nodes.PATCH_CARD))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        server = Server(f"http://127.0.0.1:{silent.getsockname()[1]}")
        glance, started = Glance(), time.monotonic()
        for _ in range(3):  # one thread looks, whoever asks
            looked = glance.now(server, pair, "harbour-patch")
            assert not looked.refusals
            assert "has not answered yet" in looked.remarks[0]
        assert time.monotonic() - started < 3


def test_a_prompt_of_which_nothing_is_heard_is_given_up_and_taken_out(tmp_path: Path):
    pair = pair_at(files(tmp_path, comfy_nodes.patch(), comfy_nodes.PATCH_CARD))
    with comfy() as there:
        there.gate = threading.Event()
        server = Server(there.address)
        feed = Feed(server, "ours", pair.workflow)
        prompt = comfy_nodes.patch() | picture_of_theirs(there)
        shooting = Shooting(server, pair.workflow, feed, "ours", tmp_path / "notes", lambda: None)
        wanted = Wanted("9", 96, 64, "")
        with pytest.raises(EngineFailed, match="said nothing of the prompt"):
            list(shooting.pictures(Call(prompt, (1001,)), wanted, silent_s=1.0))
        until(lambda: not there.ours())
        assert not list((tmp_path / "notes").iterdir())
        feed.close()


def test_nothing_of_the_environment_leads_elsewhere(monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://10.1.1.1:1")
    with comfy() as server:
        assert Server(server.address).told("/queue") == {"queue_running": [], "queue_pending": []}


def answering(said: bytes) -> str:
    """The address of a server that says the same to whoever comes first, and hangs up."""
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = door.accept()
        with door, line:
            line.recv(1 << 16)
            line.sendall(said)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{door.getsockname()[1]}"


def test_a_server_that_dies_in_the_middle_of_an_answer_is_gone_and_no_stranger():
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    assert Server(answering(whole)).told("/queue") == {}
    half = b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"queue_run'
    with pytest.raises(EngineOffline, match="broke off in the middle"):
        Server(answering(half)).told("/queue")


def test_the_doctor_says_whether_the_server_answers(studio, monkeypatch: pytest.MonkeyPatch):
    def said() -> dict:
        return next(
            one for one in studio("doctor", "--json")[1]["items"] if one["what"] == "ComfyUI"
        )

    assert said()["ok"]
    assert "Switched off" in said()["sentence"]
    with comfy() as server:
        monkeypatch.setenv("SECONDUNIT_COMFYUI", server.address)
        assert said()["ok"]
        assert f"answers at {server.address}" in said()["sentence"]
    assert not said()["ok"]
    assert "does not answer" in said()["sentence"]
    assert "setting comfyui" in said()["fix"]
