"""LoRA files for a tiny UNet, in the two dialects there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file

TARGETS = ["to_k", "to_q", "to_v", "to_out.0"]
RANK, ALPHA = 4, 4.0


def trained(pipeline: Any, file: Path, *, seed: int) -> Path:
    """A LoRA with random weights, as diffusers writes it: the peft state, as it is."""
    pipeline.unet.add_adapter(
        LoraConfig(r=RANK, lora_alpha=ALPHA, init_lora_weights=False, target_modules=TARGETS),
        "made",
    )
    dice = torch.Generator().manual_seed(seed)
    for name, weight in pipeline.unet.named_parameters():
        if "lora_" in name:
            weight.data.copy_(torch.randn(weight.shape, generator=dice) * 0.3)
    state = get_peft_model_state_dict(pipeline.unet, adapter_name="made")
    pipeline.unet.delete_adapters("made")
    pipeline.save_lora_weights(
        str(file.parent), unet_lora_layers=state, weight_name=file.name, safe_serialization=True
    )
    return file


def as_kohya(file: Path, out: Path) -> Path:
    """The same LoRA under the names that kohya's scripts give."""
    told = {}
    for key, weight in load_file(str(file)).items():
        base, _, kind = key.removeprefix("unet.").rpartition(".lora_")
        name = "lora_unet_" + base.replace(".", "_")
        side = "down" if kind.startswith("A") else "up"
        told[f"{name}.lora_{side}.weight"] = weight
        told[f"{name}.alpha"] = torch.tensor(ALPHA)
    save_file(told, str(out))
    return out
