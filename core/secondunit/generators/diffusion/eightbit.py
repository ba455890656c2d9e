"""Linear layers that hold 8 bits a weight and one scale a row: half the memory of 16 bits.

Each row is divided by its largest weight and rounded to -127..127; the layer computes in the type
it was loaded in. Symmetric, weights only, no calibration: the plainest form there is. It changes
pictures slightly, so the take says so.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

# Small, and felt in every pixel: what leads in and out of the denoiser keeps its full weights.
_KEPT = ("embed", "norm", "proj_in", "proj_out", "time_", "condition")


class EightBitLinear(nn.Module):
    """Stands for a ``torch.nn.Linear``; same input, output and shape."""

    def __init__(self, full: nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = full.in_features, full.out_features
        weight = full.weight.detach().to(torch.float32)
        scale = weight.abs().amax(dim=1, keepdim=True).clamp(min=1e-12) / 127.0
        self.register_buffer("eight", (weight / scale).round().to(torch.int8))
        self.register_buffer("scale", scale.to(full.weight.dtype))
        self.bias = full.bias

    @property
    def weight(self) -> torch.Tensor:
        """The weights as they are computed with, in the type they were loaded in."""
        eight, scale = self.eight, self.scale
        assert isinstance(eight, torch.Tensor)
        assert isinstance(scale, torch.Tensor)
        return eight.to(scale.dtype) * scale

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        """As the full layer."""
        return nn.functional.linear(given, self.weight, self.bias)


def in_eight_bits(module: Any) -> Any:
    """The module with its large linear layers replaced, one after the other: never held twice."""
    for name, child in list(module.named_modules()):
        if type(child) is nn.Linear and not any(word in name for word in _KEPT):
            above, _, last = name.rpartition(".")
            setattr(module.get_submodule(above) if above else module, last, EightBitLinear(child))
    return module
