"""Weights written byte by byte, good and bad."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

KINDS = {"F32": "<f4", "F16": "<f2", "I64": "<i8", "BF16": "<u2", "F8_E4M3": "u1"}


def safetensors(
    path: Path,
    tensors: dict[str, tuple[str, np.ndarray]],
    metadata: dict[str, str] | None = None,
    **spoil: Any,
) -> Path:
    """A file of tensors. ``spoil`` changes entries of the header by tensor: name=dict."""
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    body = b""
    for name, (kind, values) in tensors.items():
        data = np.ascontiguousarray(values).astype(KINDS[kind]).tobytes()
        header[name] = {
            "dtype": kind,
            "shape": list(values.shape),
            "data_offsets": [len(body), len(body) + len(data)],
            **spoil.get(name, {}),
        }
        body += data
    text = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
    return path


LAYER = "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"


def lora(
    path: Path, form: str = "peft", width: int = 768, *, layer: str = LAYER, high: int = 32,
    **metadata: str,
) -> Path:  # fmt: skip
    """A LoRA of rank 4 on the words' attention of a small UNet, as its trainer writes it."""
    ends = {
        "peft": (".lora_A.weight", ".lora_B.weight"),
        "kohya": (".lora_down.weight", ".lora_up.weight"),
        "old": (".lora.down.weight", ".lora.up.weight"),
    }[form]
    layer = "lora_unet_" + layer.replace(".", "_") if form == "kohya" else f"unet.{layer}"
    dice = np.random.default_rng(1)
    tensors = {
        layer + ends[0]: ("F32", dice.normal(size=(4, width))),
        layer + ends[1]: ("F32", dice.normal(size=(high, 4))),
    }
    if form == "kohya":
        tensors[layer + ".alpha"] = ("F32", np.array(4.0))
    return safetensors(path, tensors, {k.replace("__", "."): v for k, v in metadata.items()})


def pipeline(folder: Path, kind: str = "StableDiffusionPipeline") -> Path:
    """A folder with the shape of a pipeline; small enough to write a hundred of them."""
    index = {
        "_class_name": kind,
        "_diffusers_version": "0.42.1",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "scheduler": ["diffusers", "DDIMScheduler"],
        "safety_checker": [None, None],
    }
    for name in ("unet", "text_encoder"):
        part = folder / name
        weights = np.linspace(-1, 1, 64, dtype=np.float32).reshape(8, 8)
        safetensors(part / "diffusion_pytorch_model.safetensors", {"weight": ("F32", weights)})
        (part / "config.json").write_text(json.dumps({"_class_name": index[name][1]}))
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text("{}")
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def tell(file: Path, **changes: Any) -> None:
    """Changes settings of a JSON file."""
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
