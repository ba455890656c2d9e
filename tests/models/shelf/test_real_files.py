"""Files that the libraries themselves write: folders of diffusers, LoRAs of peft."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import pytest
from secondunit.models import scan
from secondunit.models.safetensors import header_of
from secondunit.models.shelf import Shelf
from secondunit_bridge.errors import ModelUntrusted
from written import lora


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tiny import saved, sd

    return saved(sd.sd15(), tmp_path_factory.mktemp("weights") / "sd15")


def test_a_folder_that_diffusers_wrote_is_taken_and_counted_right(small: Path):
    import diffusers
    from safetensors import safe_open

    model = scan.read_through(scan.look(small, Shelf(small)), name="", by="Ada")
    count = 0
    for file in model.files:
        if file.path.endswith(".safetensors"):
            assert file.sha256 == hashlib.sha256((small / file.path).read_bytes()).hexdigest()
            with safe_open(small / file.path, "np") as opened:
                names = set(opened.keys())
                count += sum(opened.get_tensor(name).size for name in names)
            assert {t.name for t in header_of(small / file.path).tensors} == names
    assert model.facts["parameters"] == count > 100_000
    assert model.card == "sd15"
    assert model.facts["pipeline"] == diffusers.StableDiffusionPipeline.__name__


def test_a_pipeline_saved_as_pickles_is_refused(small: Path, tmp_path: Path):
    import diffusers

    kind: Any = diffusers.DiffusionPipeline
    opened = kind.from_pretrained(str(small), local_files_only=True)
    opened.save_pretrained(str(tmp_path / "pickled"), safe_serialization=False)
    with pytest.raises(ModelUntrusted, match="is a zip, as PyTorch writes pickles"):
        scan.look(tmp_path / "pickled", Shelf(tmp_path))


def trained(small: Path, folder: Path) -> Path:
    """A LoRA that peft made and diffusers saved."""
    import diffusers
    import torch
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    kind: Any = diffusers.StableDiffusionPipeline
    pipe = kind.from_pretrained(str(small), local_files_only=True)
    pipe.unet.add_adapter(LoraConfig(r=2, lora_alpha=2, target_modules=["to_q", "to_k"]))
    layers = get_peft_model_state_dict(pipe.unet)
    layers = {name: torch.ones_like(value) * 0.1 for name, value in layers.items()}
    kind.save_lora_weights(str(folder), unet_lora_layers=layers)
    return folder


def test_a_lora_that_peft_and_diffusers_wrote_is_known(small: Path, tmp_path: Path):
    folder = trained(small, tmp_path / "look")
    found = scan.look(folder, Shelf(tmp_path))
    model = scan.read_through(found, name="look", by="Ada")
    file = folder / "pytorch_lora_weights.safetensors"
    assert (model.kind.value, model.path) == ("adapter", str(file))
    assert (model.facts["format"], model.facts["rank"]) == ("diffusers", 2)
    assert model.facts["targets"] == "to_k, to_q"
    assert model.facts["parts"] == "unet"
    start = header_of(file).start
    body = hashlib.sha256(file.read_bytes()[start:]).hexdigest()
    assert model.facts["tensors_sha256"] == body


def test_editing_the_metadata_of_a_lora_keeps_what_it_is(tmp_path: Path):
    shelf = Shelf(tmp_path)
    first = lora(tmp_path / "a.safetensors", "kohya", modelspec__title="A")
    other = lora(tmp_path / "b.safetensors", "kohya", modelspec__title="B")
    one, two = (
        scan.read_through(scan.look(file, shelf), name="", by="Ada") for file in (first, other)
    )
    assert one.files[0].sha256 != two.files[0].sha256
    assert one.facts["tensors_sha256"] == two.facts["tensors_sha256"]


def test_scanning_loads_no_model_library(small: Path):
    import subprocess

    code = (
        "import sys; from pathlib import Path\n"
        "from secondunit.models import scan, licences, presence\n"
        "from secondunit.models.shelf import Shelf\n"
        f"path = Path({str(small)!r})\n"
        "scan.read_through(scan.look(path, Shelf(path)), name='', by='Ada')\n"
        "print({'torch', 'diffusers', 'transformers', 'safetensors', 'peft'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
