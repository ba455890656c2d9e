"""Pipelines of every family with random weights and a few thousand parameters, built from nothing.

Each is a real diffusers pipeline and is saved as a real folder; only its pictures mean nothing.
Layers that start at zero (controls, adapters) get random weights, else a test of them proves
nothing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from secondunit.generators.diffusion.loading import OFFLINE

os.environ.update(OFFLINE)  # before anybody imports the libraries

import torch

torch.set_num_threads(1)  # more threads spin on small tensors and change the last bit


def sown(seed: int = 0) -> None:
    """The weights made next are the same in every run."""
    torch.manual_seed(seed)


def stirred(*modules: torch.nn.Module, spread: float = 0.2, seed: int = 3) -> None:
    """Random weights for layers that start at zero."""
    dice = torch.Generator().manual_seed(seed)
    for module in modules:
        for weight in module.parameters():
            with torch.no_grad():
                weight.copy_(torch.randn(weight.shape, generator=dice) * spread)


def saved(pipeline: Any, folder: Path) -> Path:
    """The pipeline as a diffusers folder."""
    import diffusers

    diffusers.logging.set_verbosity_error()
    pipeline.save_pretrained(str(folder), safe_serialization=True)
    return folder
