"""What a plan says before anything runs, what it refuses and why; drafts and finishes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from secondunit.contract import plan_for
from secondunit.generators.diffusion.bench import MEMORY
from secondunit.generators.diffusion.kits import kit_name, weighed
from secondunit.hookspecs import Plan
from secondunit.models.pool import History
from secondunit.models.pool.history import Run
from secondunit_bridge.errors import ExtraMissing, NeedsModel
from secondunit_bridge.film import Role, Turnover, Work
from studio import Studio, registered

SIZE = (64, 64)


def planned(studio: Studio, ask: Turnover) -> Plan:
    return plan_for(ask, studio.plugins.generators[ask.generator], studio.project)


def test_a_plan_tells_memory_and_that_stills_do_not_hold_together(studio: Studio):
    model = studio.model("sd15-inpaint")
    elements = [studio.reel(role, 3) for role in (Role.plate, Role.matte)]
    plan = planned(studio, studio.turnover("sd15-inpaint", Work.plate, *elements, count=3))
    assert not plan.refusals
    weights = sum(file.bytes for file in model.files if file.path.endswith(".safetensors"))
    assert plan.memory_bytes > weights
    assert any("nothing holds them together in time" in words for words in plan.remarks)
    frames = studio.run(plan.turnover)
    assert len(frames) == 3
    assert not np.array_equal(frames[0], frames[1])


def test_single_pictures_are_no_insert_of_many_frames(studio: Studio):
    studio.model("sd15")
    (words,) = planned(studio, studio.turnover("sd15", Work.insert, count=5)).refusals
    assert "5 of them would not belong together" in words
    assert not planned(studio, studio.turnover("sd15", Work.insert)).refusals


def test_a_port_that_is_not_there_is_named_with_who_has_it(studio: Studio):
    studio.model("sd15-inpaint")
    elements = [studio.reel(role, 1) for role in (Role.plate, Role.matte, Role.depth)]
    ask = studio.turnover("sd15-inpaint", Work.plate, *elements)
    (words,) = planned(studio, ask).refusals
    assert words.startswith("sd15-inpaint takes no depth.")
    assert "wan-vace" in words
    with pytest.raises(NeedsModel, match="takes no depth"):
        studio.shoot(studio.turnover(
            "sd15-inpaint", Work.plate, *(studio.pictures(e.role, 1) for e in elements)
        ))  # fmt: skip


@pytest.mark.parametrize(
    ("name", "work", "roles", "told", "words"),
    [
        (
            "wan-flf",
            Work.previs,
            (Role.first, Role.last),
            {"count": 85},
            "the picture a run ends on",
        ),
        ("wan-vace", Work.previs, (), {"count": 5, "brief": " "}, "needs a brief"),
        ("wan-vace", Work.previs, (Role.depth, Role.guide), {"count": 5}, "not both"),
        ("wan-flf", Work.previs, (), {"count": 5}, "needs a first"),
        ("wan-flf", Work.previs, (Role.first,), {"count": 5}, "needs a last"),
        ("sd15-inpaint", Work.plate, (Role.plate,), {}, "needs a matte"),
        ("sd15-depth", Work.insert, (Role.depth,), {}, "not for inserts"),
    ],
)
def test_what_cannot_be_made_is_refused_in_words(studio: Studio, name, work, roles, told, words):
    studio.model(name)
    ask = studio.turnover(name, work, *(studio.reel(role, 1) for role in roles), **told)
    assert any(words in refusal for refusal in planned(studio, ask).refusals)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"count": 6}, "in a run of 9 frames: 3 frames more"),
        ({"count": 5, "size": (64, 40)}, "mirrored to fill 64 x 48"),
        ({"count": 85}, "in 2 runs of"),
        ({"count": 5, "size": (2048, 1024)}, "Shot smaller, at"),
    ],
)
def test_what_the_model_cannot_make_as_it_stands_is_fitted_and_told(studio: Studio, told, words):
    studio.model("wan-vace")
    plan = planned(studio, studio.turnover("wan-vace", Work.previs, **told))
    assert not plan.refusals
    assert any(words in said for said in plan.remarks), plan.remarks


def test_a_part_that_was_not_registered_is_asked_for(studio: Studio):
    whole = registered(studio.folders.folder("sd15"), "bare", "sd15")
    studio.meet(replace(whole, card="sd15-depth"))
    ask = studio.turnover("bare", Work.previs, studio.reel(Role.depth, 1))
    (words,) = planned(studio, ask).refusals
    assert "has no controlnet registered with it" in words
    assert "--part controlnet=FOLDER" in words


def test_a_draft_is_smaller_and_rougher_and_leaves_the_finish_as_it_was(studio: Studio):
    studio.model("wan-vace")
    ask = studio.turnover("wan-vace", Work.previs, count=5, steps=6)
    draft = studio.turnover("wan-vace", Work.previs, count=5, quality="draft")
    finish = studio.run(ask, seed=2)
    (words,) = [said for said in planned(studio, draft).remarks if said.startswith("A draft")]
    assert "32 x 32, 8 steps, enlarged to 64 x 64" in words
    rough = studio.shoot(draft, seed=2)
    assert rough.frames.shape == finish.shape
    assert not np.array_equal(rough.frames, finish)
    assert rough.exactly["quality"] == "draft"
    assert rough.exactly["size"] == [32, 32, 5]
    assert rough.exactly["caches"] == ["first_block transformer"]
    assert rough.exactly["arguments"]["num_inference_steps"] == 8
    assert np.array_equal(studio.run(ask, seed=2), finish), "exact again after the caches"


def test_a_library_that_is_not_there_is_named(studio: Studio, monkeypatch: pytest.MonkeyPatch):
    import transformers

    def gone(*_: object, **__: object) -> None:
        raise ImportError("Qwen3 requires the frobnitz library. Install it.")

    monkeypatch.setattr(transformers.PreTrainedModel, "from_pretrained", gone)
    studio.model("z-image")
    with pytest.raises(ExtraMissing, match="not installed: Qwen3 requires the frobnitz"):
        studio.run(studio.turnover("z-image", Work.previs))


def test_a_pipeline_that_draws_at_a_size_of_its_own_says_so(studio: Studio):
    studio.model("qwen-image-edit-inpaint")
    pair = studio.reel(Role.plate, 1), studio.reel(Role.matte, 1)
    said = planned(studio, studio.turnover("qwen-image-edit-inpaint", Work.plate, *pair))
    words = "always draws about 1.0 megapixels; that is brought to 64 x 64."
    assert any(words in one for one in said.remarks)


def test_plans_are_made_without_a_model_library():
    """As in the daemon: the generators are there, and no torch."""
    code = (
        "import sys; from secondunit.plugins import Plugins; Plugins();"
        " assert 'secondunit.generators.diffusion.generator' in sys.modules;"
        " print([m for m in ('torch', 'diffusers', 'transformers', 'PIL') if m in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert said.stdout.strip() == "[]"


def test_a_plan_says_the_memory_that_earlier_takes_took_and_whether_it_was_measured(
    studio: Studio, places
):
    model = studio.model("wan-t2v")
    card = studio.card("wan-t2v")

    def asked(count: int) -> Plan:
        return planned(studio, studio.turnover("wan-t2v", Work.previs, count=count))

    estimated = asked(5)
    assert not estimated.memory_measured
    beside = 3 << 30
    History(places / MEMORY).learn(Run(kit_name(model, card, ()), 64, 64, 5), beside)
    measured = asked(5)
    assert measured.memory_measured
    assert measured.memory_bytes == weighed(model, card) + int(beside * 1.05)
    longer = asked(9)
    assert not longer.memory_measured  # set right by what was measured, and still a guess
    assert longer.memory_bytes > measured.memory_bytes
