"""A picture coder with known weights: its latents are the picture at half size, and back again.

Random weights make a coder whose pictures nobody can foretell. In this one every layer that bends
is flat: layers beside the way add nothing, and what is normed is held up by two constant channels.
"""

from __future__ import annotations

from typing import Any

import diffusers as d
import torch

_LEVEL = 20.0  # of the constant channels: large beside a picture, so that norming changes little
_UP = 8.0  # where the activation is a straight line


def coder(channels: int = 4, kind: type = d.AutoencoderKL, **more: Any) -> Any:
    """The first three latents are red, green and blue from -1 to 1; the others are 0."""
    made = kind(
        block_out_channels=(8, 8), in_channels=3, out_channels=3, latent_channels=channels,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
        norm_num_groups=1, scaling_factor=1.0, shift_factor=0.0, **more,
    ).eval()  # fmt: skip
    with torch.no_grad():
        for half in (made.encoder, made.decoder):
            for name, module in half.named_modules():
                if name.endswith(("conv2", "to_out.0")):
                    _set(module)
                elif isinstance(module, torch.nn.Conv2d) and "conv1" not in name:
                    _set(module, 8)
            _set(half.conv_in, 3)
            half.conv_in.bias[3], half.conv_in.bias[4] = _LEVEL, -_LEVEL
            half.conv_norm_out.weight.fill_(_LEVEL / 2)
            half.conv_norm_out.bias.fill_(_UP)
            _set(half.conv_out, 3)
            half.conv_out.bias[:3] = -_UP
        made.encoder.conv_out.bias[channels:] = -30.0
        for layer in (made.quant_conv, made.post_quant_conv):
            if layer is not None:
                _set(layer, layer.out_channels)
    return made


def _set(layer: Any, channels: int = 0) -> None:
    """So many channels go through unchanged, the others give nothing."""
    layer.weight.zero_()
    layer.bias.zero_()
    middle = layer.weight.shape[-1] // 2 if layer.weight.ndim == 4 else 0
    for channel in range(min(channels, *layer.weight.shape[:2])):
        if layer.weight.ndim == 4:
            layer.weight[channel, channel, middle, middle] = 1.0
