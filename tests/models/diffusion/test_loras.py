"""LoRAs by the turnover: with weights, several, changed, taken off, never left behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from loras import as_kohya, trained
from secondunit.generators.diffusion.loading import quietly
from secondunit_bridge.errors import FieldError, NeedsModel, OverLimits
from secondunit_bridge.film import Role, Work
from studio import Studio, adapter, called, noise, opened


@pytest.fixture(scope="module")
def files(folders, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two LoRAs, and the first one in kohya's words."""
    place = tmp_path_factory.mktemp("loras")
    pipeline = opened(folders.folder("sd15"), "StableDiffusionPipeline")
    look = trained(pipeline, place / "look.safetensors", seed=1)
    return {
        "look": look,
        "grain": trained(pipeline, place / "grain.v2.safetensors", seed=2),
        "kohya": as_kohya(look, place / "kohya.safetensors"),
    }


@pytest.fixture
def shot(studio: Studio, files: dict[str, Path]):
    """Shoots a picture with these LoRA options."""
    studio.model("sd15")
    studio.meet(*(adapter(file, name) for name, file in files.items()))

    def made(**options: float) -> np.ndarray:
        return studio.run(studio.turnover("sd15", Work.previs, steps=2, **options), seed=4)

    return made


def by_diffusers(folders, worn: dict[str, tuple[Path, float]]) -> np.ndarray:
    pipeline = opened(folders.folder("sd15"), "StableDiffusionPipeline")
    with quietly():
        for name, (file, _) in worn.items():
            pipeline.load_lora_weights(str(file.parent), weight_name=file.name, adapter_name=name)
        pipeline.set_adapters(list(worn), [weight for _, weight in worn.values()])
    return called(
        pipeline, prompt="a red door", width=64, height=64, num_inference_steps=2,
        guidance_scale=7.5, generator=noise(4),
    )  # fmt: skip


def test_two_with_weights_are_what_diffusers_gives_and_come_off_without_a_trace(
    shot, folders, files
):
    base = shot()
    both = shot(lora__look=0.6, lora__grain=-0.4)
    order = {"grain": (files["grain"], -0.4), "look": (files["look"], 0.6)}  # by name, as ours
    assert np.array_equal(both, by_diffusers(folders, order))
    assert not np.array_equal(both, base)
    one = shot(lora__look=0.6)
    assert np.array_equal(one, by_diffusers(folders, {"look": (files["look"], 0.6)}))
    assert np.array_equal(shot(), base), "off again: the base, bit for bit"
    assert np.array_equal(shot(lora__look=0.0), base), "weight 0 is without it"
    assert np.array_equal(shot(lora__grain=-0.4, lora__look=0.6), both)


def test_one_card_does_not_wear_what_another_put_on_the_weights_they_share(studio: Studio, shot):
    studio.model("sd15-img2img")
    guide = studio.reel(Role.guide, 1)
    ask = studio.turnover("sd15-img2img", Work.previs, guide, steps=4)
    before = studio.run(ask)
    shot(lora__look=1.0)
    assert np.array_equal(studio.run(ask), before)


def test_a_file_in_kohyas_words_gives_the_same_picture(shot):
    assert np.array_equal(shot(lora__kohya=0.8), shot(lora__look=0.8))


def test_the_take_says_which_and_how_much(studio: Studio, files):
    studio.model("sd15")
    one = adapter(files["look"], "look")
    studio.meet(one)
    made = studio.shoot(studio.turnover("sd15", Work.previs, steps=1, lora__look=0.5))
    told = {"files": [one.files[0].sha256], "tensors_sha256": one.facts["tensors_sha256"]}
    assert made.exactly["adapters"] == [{"name": "look", "weight": 0.5, **told}]


def test_one_of_another_family_is_refused_by_name_and_leaves_nothing(
    studio: Studio, shot, folders, tmp_path
):
    import torch
    from safetensors.torch import save_file

    strange = tmp_path / "strange.safetensors"
    wrong = {f"unet.mid_block.nowhere.lora_{side}.weight": torch.ones(4, 4) for side in "AB"}
    save_file(wrong, str(strange))
    studio.meet(adapter(strange, "strange"))
    base = shot()
    with pytest.raises(
        NeedsModel, match=r"strange does not fit .*: the model has no layer mid_block\.nowhere$"
    ):
        shot(lora__strange=1.0)
    assert np.array_equal(shot(), base)


def test_other_weights_under_the_same_name_are_put_on_instead(studio: Studio, files):
    studio.model("sd15")

    def shot_with(file: Path) -> np.ndarray:
        studio.forget("look")
        studio.meet(adapter(file, "look"))
        return studio.run(studio.turnover("sd15", Work.previs, steps=2, lora__look=1.0), seed=4)

    first, second = shot_with(files["look"]), shot_with(files["grain"])
    assert not np.array_equal(first, second)
    assert np.array_equal(shot_with(files["look"]), first)


def test_one_of_no_known_family_is_offered_to_every_model_and_others_to_their_own(
    studio: Studio, files
):
    unknown = adapter(files["look"], "look")
    assert unknown.facts["family"] == "", "as the scan writes it"
    of_wan = replace(unknown, name="wet", facts={**unknown.facts, "family": "wan"})
    studio.meet(unknown, of_wan)
    for card, wanted in (("sd15", ["lora:look"]), ("wan-t2v", ["lora:look", "lora:wet"])):
        family = studio.card(card).card.family
        assert (family == "wan") is ("lora:wet" in wanted)
        studio.model(card)
        options = studio.plugins.generators[card].about.options
        assert [name for name in names(options) if name.startswith("lora:")] == wanted


def names(options) -> list[str]:
    return sorted(getattr(one, "name", one) for one in options)


def test_an_unknown_one_and_too_much_of_one_are_refused_before_anything_runs(shot):
    with pytest.raises(FieldError, match="no such option"):
        shot(lora__nobody=1.0)
    with pytest.raises(OverLimits, match="-2 to 2"):
        shot(lora__look=3.0)
