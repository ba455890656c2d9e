"""Second Take from sample to table, on pictures made here: no Blender, no footage."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.second_take import baselines, readings, report, table
from benchmarks.second_take.looking import Looked, look
from benchmarks.second_take.pictures import delivered, grained
from benchmarks.second_take.plants import RUNS, changed
from benchmarks.second_take.running import of_run
from benchmarks.second_take.samples import RENDERED, SAME, UNSETTLED, Sample
from benchmarks.second_take.shots import Shot, beside_master

SIZE = (144, 256)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


def painted(seed: int = 0) -> np.ndarray:
    """A wall of soft stains with things standing before it."""
    draw = np.random.default_rng(seed)
    wall = cv2.GaussianBlur(draw.random((*SIZE, 3), np.float32), (0, 0), 3)
    wall = 0.25 + 0.4 * (wall - wall.min()) / np.ptp(wall)
    for x, y in draw.integers((10, 10), (230, 120), (30, 2)):
        cv2.rectangle(
            wall, (int(x), int(y)), (int(x) + 14, int(y) + 16), draw.random(3).tolist(), -1
        )
    return wall.astype(np.float32)


def shot(name: str, change=None, seed: int = 0) -> Shot:
    picture = painted()
    seen = picture if change is None else change(picture, 0)
    return Shot(name, lambda n: delivered(grained(seen, (seed, n))))


def pair(kind: str, change=None, **more) -> Sample:
    shots = shot("one"), shot("other", change, seed=1)
    return Sample(kind, RENDERED, SAME, False, shots, beside_master, **more)


def test_a_planted_error_is_found_a_clean_pair_is_not_and_both_come_through_to_the_page(
    tmp_path: Path,
):
    samples = [
        pair("exposure", changed("exposure", 1.0), check="colour.exposure", severity=3, amount=1.0),
        pair("retake"),
    ]
    file = tmp_path / "readings.jsonl"
    lines = [readings.line(one, baselines.read(one.sample)) for one in look(samples)]
    file.write_text("\n".join(lines))
    looked = [one for one, _ in readings.read([file])]
    error, clean = looked
    assert error.found
    assert error.score > 1
    assert clean.flags["colour.exposure"] == 0
    (row,) = table.rows(looked)
    assert (row.kind, row.n, row.auroc, row.met) == ("exposure", 1, 1.0, True)
    said = report.sections(looked, {})
    assert "n too small" in said["together"]["false flags per 100 clean cuts"]
    page = report.markdown("rendered", said)
    assert "| exposure | gross | 1 | 1 |" in page
    assert report.write(tmp_path, "tiny", said, page).read_text() == page


def test_a_check_that_is_read_again_replaces_only_what_it_said_itself():
    def said(name: str, **scores: float) -> str:
        return json.dumps({"name": name, "scores": scores, "flags": dict.fromkeys(scores, 0),
                           "boxes": {}, "beside": {}})  # fmt: skip

    old = [said("twice", a=1, b=2), said("twice", a=3, b=4), said("once", b=5)]
    new = [said("twice", a=10), said("twice", a=30), said("another", a=7)]
    now = [json.loads(line)["scores"] for line in readings.renewed(old, new)]
    assert now == [{"a": 10, "b": 2}, {"a": 30, "b": 4}, {"b": 5}, {"a": 7}]


def test_a_camera_that_exposes_itself_is_no_negative_of_exposure_and_one_of_everything_else():
    def told(kind: str, context: str, score: float, check: str = "") -> Looked:
        sample = Sample(kind, RENDERED, context, False, (), beside_master, check)
        return Looked(sample, {"colour.exposure": score, "prop.change": score}, {})

    clean = [told("retake", UNSETTLED, 0.9), told("retake", SAME, 0.1)]
    exposure = told("exposure", SAME, 0.5, "colour.exposure")
    prop = told("prop.gone", SAME, 0.5, "prop.change")
    assert table.negatives([exposure], [exposure, *clean]) == [0.1]
    assert table.negatives([prop], [prop, *clean]) == [0.9, 0.1]


def test_every_error_of_time_changes_the_frames_and_the_plain_ones_are_found():
    picture = np.concatenate([painted(1), painted(2)], axis=1)
    frames = [delivered(grained(picture[:, 4 * n : 4 * n + 256], (n,), 1.0)) for n in range(24)]
    samples = list(of_run("pan", frames, held=False))
    assert len(samples) == 1 + sum(len(plant.ladder) for plant in RUNS.values())
    gross = {one.kind: one for one in samples if one.severity == 3}
    for kind, sample in gross.items():
        made = [sample.shots[0].made(n) for n in range(24)]
        assert any(not np.array_equal(a, b) for a, b in zip(made, frames, strict=True)), kind
    found = {one.sample.kind: one.found for one in look([gross["range"], gross["duplicate"]])}
    assert found == {"range": True, "duplicate": True}


def test_baselines_say_nothing_of_a_still_picture_and_something_of_a_change():
    still = [delivered(painted())] * 3
    assert baselines.temporal_flickering(still) == 1.0
    assert baselines.ssim(still[0], still[0]) == pytest.approx(1)
    darker = (still[0] * 0.5).astype(np.uint8)
    assert baselines.temporal_flickering([still[0], darker]) < 0.9
    assert baselines.ssim(still[0], darker) < 0.95
