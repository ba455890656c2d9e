"""A checkpoint in one file, under its first names, draws what the folder of its model draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from loras import as_kohya, trained
from secondunit.models import scan
from secondunit.models.shelf import Shelf
from secondunit_bridge.errors import ModelMissing
from secondunit_bridge.film import Work
from studio import Studio, adapter, opened
from tiny.original import one_file


@pytest.fixture(scope="module")
def file(folders, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pipeline = opened(folders.folder("sd15"), "StableDiffusionPipeline")
    return one_file(pipeline, tmp_path_factory.mktemp("one") / "v1.safetensors")


def drawn(studio: Studio, name: str, **options: float) -> np.ndarray:
    return studio.run(studio.turnover(name, Work.previs, steps=2, **options), seed=4)


def test_it_draws_what_its_folder_draws_and_wears_a_lora_of_kohya(
    studio: Studio, folders, file: Path, tmp_path: Path
):
    config = folders.folder("sd15")
    found = scan.look(file, Shelf(file.parent), parts={"config": config})
    model = scan.read_through(found, name="v1", by="Ada", licence="Apache-2.0")
    assert model.card == "sd15"
    pipeline = opened(config, "StableDiffusionPipeline")
    look = trained(pipeline, tmp_path / "look.safetensors", seed=1)
    rain = adapter(as_kohya(look, tmp_path / "rain.safetensors"), "rain")
    studio.model("sd15")
    studio.meet(model, rain)
    base = drawn(studio, "v1")
    assert np.array_equal(base, drawn(studio, "sd15"))
    worn = drawn(studio, "v1", lora__rain=0.7)
    assert np.array_equal(worn, drawn(studio, "sd15", lora__rain=0.7))
    assert not np.array_equal(worn, base)
    assert np.array_equal(drawn(studio, "v1"), base)


def test_sdxl_in_one_file_draws_what_its_folder_draws(studio: Studio, folders, tmp_path: Path):
    config = folders.folder("sdxl")
    file = one_file(opened(config, "StableDiffusionXLPipeline"), tmp_path / "xl.safetensors")
    found = scan.look(file, Shelf(tmp_path), parts={"config": config})
    model = scan.read_through(found, name="xl", by="Ada", licence="Apache-2.0")
    assert model.card == "sdxl"
    studio.model("sdxl")
    studio.meet(model)
    apart = np.abs(drawn(studio, "xl") - drawn(studio, "sdxl")).max()
    assert apart < 1e-6, "all weights are the same; the last bit of their sums may not be"


def test_the_settings_of_a_registered_folder_of_its_card_are_taken(folders, file: Path):
    config = folders.folder("sd15")
    there = scan.read_through(scan.look(config, Shelf(config)), name="small", by="Ada")
    found = scan.look(file, Shelf(file.parent), beside=[there])
    assert found.parts == {"config": config}
    other = scan.look(config, Shelf(config), card="sd15-img2img")
    another = scan.read_through(other, name="other", by="Ada")
    with pytest.raises(ModelMissing):
        scan.look(file, Shelf(file.parent), beside=[another])


def test_without_settings_it_is_refused_with_what_to_say(file: Path):
    with pytest.raises(ModelMissing, match="weights without their settings") as refused:
        scan.look(file, Shelf(file.parent))
    assert "--part config=DIR" in refused.value.hint
