"""A studio's ComfyUI workflows through the product: a real daemon, a server that others use too."""

from __future__ import annotations

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
    HIGH,
    WIDE,
    asked,
    beside,
    picture_of_theirs,
    stop_the_newest,
    taken,
    until,
)
from secondunit_bridge.unit import Unit


def test_a_plate_is_filled_in_and_kept_outside_its_matte(su, added, server: Comfy, plates: Path):
    said = su(*asked(plates, "--seed", 7, "--option", "steps=2"))
    assert said.code in (0, 3), said
    assert said.json["receipt"]["kept"] is True
    assert said.json["receipt"]["changed_in_protected"] == 0
    assert said.json["receipt"]["changed_inside"] > 0
    prompts = [body for _, path, body in server.calls if path == "/prompt"]
    assert len(prompts) == COUNT  # one picture a prompt
    sent = prompts[0]["prompt"]
    assert sent["3"]["inputs"]["seed"] == 7
    assert sent["3"]["inputs"]["steps"] == 2
    assert sent["6"]["inputs"]["text"] == "a red door"
    assert sent["7"]["inputs"]["text"] == "bad hands"  # the workflow's own, when nobody says
    assert sent["9"]["inputs"]["filename_prefix"].startswith("secondunit/")
    kept = taken(said.json["takes"][0]["take"])["exactly"]
    assert kept["server"]["comfyui_version"] == "0.9.1"
    assert kept["node_classes"] == sorted(kept["node_classes"])
    assert "VAEEncodeForInpaint" in kept["node_classes"]
    assert kept["models"] == ["studio-inpaint.safetensors"]
    assert "not known" in kept["models_are"]
    assert kept["replay"].startswith("not guaranteed")
    assert len(kept["workflow_sha256"]) == 64
    assert "Ada" in kept["licence"]["word_of"]
    words = " ".join(taken(said.json["takes"][0]["take"])["remarks"])
    assert "8 bits" in words


def test_the_same_take_again_is_compared_and_nothing_in_its_record_differs(
    su, added, server: Comfy, plates: Path
):
    said = su(*asked(plates, "--seed", 11))
    assert said.code in (0, 3), said
    again = su("replay", said.json["takes"][0]["take"], "--json")
    assert again.code == 0, again
    assert again.json["equal"] is True
    assert again.json["facts"] == []


def test_what_is_uploaded_is_ours_by_name_and_sixteen_bits_deep(su, added, server, plates: Path):
    server.files.clear()
    assert su(*asked(plates)).code in (0, 3)
    inputs = {name: data for (kind, _, name), data in server.files.items() if kind == "input"}
    assert {folder for kind, folder, _ in server.files} == {"secondunit"}
    assert len(inputs) == 2 * COUNT
    shown = [cv2.imdecode(np.frombuffer(data, np.uint8), -1) for data in inputs.values()]
    assert all(one.dtype == np.uint16 and one.shape == (HIGH, WIDE, 3) for one in shown)
    masks = [one for one in shown if set(np.unique(one)) == {0, 65535}]
    assert len(masks) == COUNT
    assert sorted(int((one[..., 0] > 0).sum()) for one in masks) == [32 * 47, 32 * 48]


def test_an_insert_moves_on_from_its_neighbour(su, added, server: Comfy, film: Path, cuts):
    (film / "secondunit.toml").write_text(
        'name = "small"\nrate = "24"\nwidth = 64\nheight = 32\nspace = "ACEScg"\n'
        'movie_space = "Gamma 2.4 Encoded Rec.709"\nstore = "store"\n'
    )
    items = [
        cuts.clip("bird 1", "bbb.mp4", 68, 24), cuts.hole(6), cuts.clip("bird 2", "bbb.mp4", 98, 24)
    ]  # fmt: skip
    cut, out = cuts.write_cut(film / "cut.otio", items), film / "new.otio"
    said = su("insert", cut, "--at", "01:00:01:00", "--frames", 6, "--generator", "harbour-move",
              "--brief", "a bird lands", "--by", "Ada", "--hold", "--out", out, "--takes", 2,
              "--json")  # fmt: skip
    assert said.code in (0, 3), said
    takes = [taken(take["take"]) for take in said.json["takes"]]
    assert [len(take["media"]["digests"]) for take in takes] == [22, 22]
    assert takes[0]["media"]["digests"] != takes[1]["media"]["digests"]  # another seed
    prompts = [body["prompt"] for _, path, body in server.calls if path == "/prompt"]
    assert [p["12"]["inputs"]["amount"] for p in prompts] == [25, 25]  # 4n + 1, the rest dropped
    assert "first picture is the first frame of the reference" in " ".join(takes[0]["remarks"])


def test_progress_and_previews_are_of_our_own_prompt(su, added, server: Comfy, plates: Path):
    server.step_s, heard = 0.15, []
    other = cv2.imencode(".jpg", np.full((64, 96, 3), 255, np.uint8))[1].tobytes()

    def listen() -> None:
        with Unit.connect(host="listener") as unit:
            end = time.monotonic() + 20
            while time.monotonic() < end and not done.is_set():
                heard.extend(unit.events())
                for client in list(server.sockets):  # another's, sent to us by mistake
                    server.show(other, "not-ours", "3", client)
                    about = {"value": 1, "max": 1, "prompt_id": "not-ours", "node": "99"}
                    server.tell("progress", about, client)
                time.sleep(0.02)

    done = threading.Event()
    thread = beside(listen)
    assert su(*asked(plates, "--option", "steps=6")).code in (0, 3)
    done.set()
    thread.join(10)
    words = [event.body["says"] for event in heard if event.kind == "progress"]
    assert any("KSampler" in word and "of 6" in word for word in words), words
    pictures = [event.parts[0] for event in heard if event.kind == "preview"]
    assert pictures
    shown = [cv2.imdecode(np.frombuffer(one, np.uint8), 1) for one in pictures]
    assert not [one for one in shown if one.mean() > 250]


def test_stop_takes_a_waiting_prompt_out_and_leaves_the_one_that_runs(
    su, added, server: Comfy, plates: Path
):
    server.gate = threading.Event()
    others = server.put(comfy_nodes.patch() | picture_of_theirs(server))
    until(lambda: server.running and server.running[1] == others)

    def stop() -> None:
        until(server.ours)
        stop_the_newest()

    thread = beside(stop)
    said = su(*asked(plates))
    thread.join(10)
    assert said.code == 1, said
    assert said.error == "E_CANCELLED", said
    until(lambda: not server.ours())
    assert not [path for _, path, _ in server.calls if path == "/interrupt"]
    assert server.running[1] == others
    server.gate.set()
    until(lambda: others in server.history)
    assert server.history[others]["status"]["status_str"] == "success"


@pytest.mark.parametrize("targeted", [True, False])
def test_stop_ends_our_prompt_where_it_runs_and_leaves_those_that_wait(
    su, added, server: Comfy, plates: Path, targeted: bool
):
    server.gate, server.targeted = threading.Event(), targeted

    def stop() -> None:
        until(lambda: server.running and server.running[1] in server.ours())
        server.put(comfy_nodes.patch() | picture_of_theirs(server), id=others)
        stop_the_newest()
        until(lambda: server.running is None or server.running[1] == others)
        server.gate.set()

    others = f"theirs-{targeted}"
    thread = beside(stop)
    started = time.monotonic()
    said = su(*asked(plates))
    thread.join(10)
    assert said.error == "E_CANCELLED", said
    assert time.monotonic() - started < 20
    until(lambda: others in server.history)
    assert server.history[others]["status"]["status_str"] == "success"
    (interrupt,) = [body for _, path, body in server.calls if path == "/interrupt"]
    assert interrupt["prompt_id"] not in (others, "")
