"""What a take needs to be made again bit for bit: everything the turnover does not say."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from secondunit_bridge.film import Model

from ...models.variants import used_of

LIBRARIES = ("torch", "diffusers", "transformers", "peft", "accelerate", "safetensors", "numpy")


def weights_digest(model: Model) -> str:
    """One sha256 over the digests of all of a model's files that are opened, by path."""
    lines = sorted(f"{file.path} {file.sha256}" for file in used_of(model))
    return sha256("\n".join(lines).encode()).hexdigest()


def machine_facts(pipeline: Any, device: str) -> dict[str, Any]:
    """Versions, device, threads, number type, attention and scheduler of a loaded pipeline."""
    import torch

    schedule = pipeline.scheduler
    config = json.dumps(dict(schedule.config), sort_keys=True, default=str)
    return {
        "versions": {name: _version(name) for name in LIBRARIES},
        "python": platform.python_version(),
        "device": device,
        "device_name": _device_name(device),
        "threads": torch.get_num_threads(),
        "dtypes": dtypes(pipeline),
        "attention": _attention(),
        "scheduler": {
            "class": type(schedule).__name__,
            "config": sha256(config.encode()).hexdigest(),
        },
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "noise": "torch.Generator on the cpu and torch.manual_seed, one picture or movie a call",
    }


def machine_words(device: str) -> dict[str, Any]:
    """What of the machine may change what text encoders give."""
    import torch

    return {
        "versions": {name: _version(name) for name in LIBRARIES},
        "device_name": _device_name(device),
        "threads": torch.get_num_threads(),
    }


def model_facts(model: Model) -> dict[str, Any]:
    """Which weights, under which card."""
    return {
        "name": model.name,
        "card": model.card,
        "card_sha256": model.card_digest,
        "weights_sha256": weights_digest(model),
        "licence": model.licence.id,
    }


def arguments_facts(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The plain arguments of a call; a brief stands in the turnover, pictures in what was used."""
    return {
        name: value
        for name, value in sorted(arguments.items())
        if isinstance(value, (bool, int, float)) or _plain_list(value)
    }


def dtypes(pipeline: Any) -> dict[str, str]:
    """The number type of each part, by its name."""
    import torch

    parts = {n: p for n, p in pipeline.components.items() if isinstance(p, torch.nn.Module)}
    return {name: str(part.dtype).removeprefix("torch.") for name, part in parts.items()}


def _plain_list(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(v, (int, float)) for v in value)


def _attention() -> str:
    """The engine's attention, by its own name."""
    from diffusers.models import attention_dispatch

    registry: Any = attention_dispatch._AttentionBackendRegistry
    active, _ = registry.get_active_backend()
    return str(getattr(active, "value", active))


def _device_name(device: str) -> str:
    import torch

    if device.startswith("cuda"):
        return str(torch.cuda.get_device_name(device))
    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}, {os.cpu_count()} cores"


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
