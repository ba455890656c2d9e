"""A model's take is watched while it denoises: the same small pictures as of any other take."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from secondunit_bridge.unit import Unit

sys.path.insert(0, str(Path(__file__).parent))
import renders
import tiny_models

sys.path.pop(0)

STEPS = 100  # at about a hundredth of a second each


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> tiny_models.Folders:
    return tiny_models.Folders(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module", autouse=True)
def one_thread(home: Path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECONDUNIT_MODEL_THREADS", "1")
        yield


class Eye(threading.Thread):
    """Another client that listens meanwhile, as a host's panel does."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: list[tuple[float, int, np.ndarray]] = []
        self.done = threading.Event()

    def run(self) -> None:
        with Unit.connect(host="eye") as unit:
            while not self.done.is_set():
                for event in unit.events():
                    if event.kind == "preview":
                        jpeg = np.frombuffer(event.parts[0], np.uint8)
                        picture = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
                        self.seen.append((time.monotonic(), event.body["frame"], picture))
                time.sleep(0.01)


def test_previews_of_a_model_arrive_as_events_and_in_the_command_line(su, weights, tmp_path: Path):
    tiny_models.registered(su, weights, "sd15", folder="sd15_clear")
    render = renders.written(tmp_path / "render")
    said = su("generators", "--json")
    assert said.code == 0
    eye = Eye()
    eye.start()
    try:
        said = su("previs", "--passes", render, "--frames", "1-1",
                  "--out", tmp_path / "out",
                  "--brief", "a red ball", "--by", "Kim", "--generator", "sd15",
                  "--option", f"steps={STEPS}", "--seed", 3)  # fmt: skip
    finally:
        eye.done.set()
        eye.join(5)
    assert said.code in (0, 3), said
    assert "what is being made:" in said.err
    while_it_denoised = eye.seen[:-1]  # the last is the finished frame
    assert while_it_denoised, said
    assert all(picture.std() > 1 for _, _, picture in while_it_denoised)
    shapes = {picture.shape for _, _, picture in eye.seen}
    assert len(shapes) == 1, "what is coming is shown as large as what came"
