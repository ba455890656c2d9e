"""Drafts that nobody needs to watch are sorted out first: kept with the reason, brought back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from secondunit_bridge.unit import Unit
from studio_material import studio

ROUGH = '''
import cv2
import numpy as np
from secondunit.hookspecs import Developed, GeneratorAbout, OptionAbout, hookimpl
from secondunit_bridge.film import Work

FAULTS = ("none", "soft", "flickering", "frozen", "damaged")


class Rough:
    """Pans over a wall of blocks, well or badly."""

    about = GeneratorAbout(
        "rough", "1", "Pans over a wall.", (Work.insert,),
        options=(
            OptionAbout("quality", "finish", "how", choices=("draft", "finish")),
            OptionAbout("fault", "none", "what goes wrong", choices=FAULTS),
        ),
    )

    def plan(self, plan, elements):
        return plan

    def run(self, plan, elements, seed, watch):
        high, wide, fault = plan.height, plan.width, plan.options["fault"]
        noise = np.random.default_rng(7)
        blocks = noise.uniform(0.05, 0.6, (high // 20 + 1, wide // 10 + 1, 3)).astype(np.float32)
        wall = np.kron(blocks, np.ones((20, 20, 1), np.float32))
        for index, number in enumerate(plan.frames):
            watch.check()
            at = 2 * (0 if fault == "frozen" else index)
            made = np.ascontiguousarray(wall[:high, at : at + wide])
            if fault == "soft":
                made = cv2.GaussianBlur(made, (0, 0), wide / 150)
            if fault == "flickering":
                made = made * np.float32(1 + noise.normal(0, 0.06))
            if fault == "damaged" and index % 4 == 2:
                made[40:50, 40:50] = np.nan
            yield Developed(number, made)


@hookimpl
def secondunit_generators():
    return [Rough()]
'''


@pytest.fixture
def film(light_film: Path) -> Path:
    return light_film


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with studio(tmp_path_factory.mktemp("studio"), "rough", ROUGH) as place:
        yield place


@pytest.fixture
def shoot(su, film: Path, cuts):
    """Shoots one take of an insert in its own cut: ``shoot(fault, quality)``."""

    def run(fault: str, quality: str = "draft") -> dict:
        items = [
            cuts.clip("a", "bbb.mp4", 68, 24),
            cuts.hole(24),
            cuts.clip("b", "bbb.mp4", 92, 24),
        ]
        cut = cuts.write_cut(film / f"{fault} {quality}.otio", items)
        said = su("insert", cut, "--at", "01:00:01:00", "--frames", 8, "--generator", "rough",
                  "--option", f"quality={quality}", "--option", f"fault={fault}", "--hold",
                  "--out", film / f"{fault} out.otio", "--json", "--by", "Kim")  # fmt: skip
        assert said.code in (0, 3), said
        (take,) = said.json["takes"]
        return take

    return run


def test_bad_drafts_are_junk_with_the_reason_and_good_ones_are_not(su, shoot):
    faults = ("soft", "flickering", "frozen", "damaged")
    bad = {fault: shoot(fault) for fault in faults}
    assert {fault: take["state"] for fault, take in bad.items()} == dict.fromkeys(faults, "junk")
    for fault, take in bad.items():
        assert take["junk_reason"].startswith(f"{fault}: "), take
        assert take["media"]["digests"]  # nothing is deleted
    good, finish = shoot("none"), shoot("soft", "finish")
    assert "junk" not in (good["state"], finish["state"])
    assert (good["junk_reason"], finish["junk_reason"]) == ("", "")
    listed = su("takes", "--json").json
    frames = sum(len(take["media"]["digests"]) for take in bad.values())
    assert listed["junk"] == {"takes": 4, "seconds": round(frames / 24, 2)}
    told = su("takes").out
    assert "sorted out before anybody watched it, frozen: " in told
    assert "Junk: 4 of 6 takes, " in told
    with Unit.connect(host="test") as unit:
        entry = next(
            e for e in unit.entries(0) if (e.kind, e.subject) == ("take", bad["soft"]["take"])
        )
    assert entry.body["junk_reason"] == bad["soft"]["junk_reason"]


def test_a_person_brings_one_back_and_only_what_is_junk(su, shoot):
    take = shoot("soft")["take"]
    refused = su("finish", take, "--by", "Ada", "--json")
    assert refused.error == "E_LOCKED"
    assert "secondunit restore" in refused.json["error"]["hint"]
    assert su("restore", take, "--by", "", "--json").error == "E_NAME"
    before = su("takes", "--json").json["junk"]["takes"]
    back = su("restore", take, "--by", "Ada", "--reason", "soft on purpose", "--json")
    assert back.json["state"] == "blocked"  # what was found of it is still to be answered
    assert su("restore", take, "--by", "Ada", "--reason", "soft on purpose").code == 0
    assert su("takes", "--json").json["junk"]["takes"] == before - 1
    with Unit.connect(host="test") as unit:
        last = [e for e in unit.entries(0) if e.subject == take][-1]
    assert (last.by, last.body["reason"]) == ("Ada", "soft on purpose")
    assert su("restore", take, "--by", "Kim", "--json").error == "E_LOCKED"
    assert su("finish", take, "--by", "Ada", "--json").code in (0, 3)
