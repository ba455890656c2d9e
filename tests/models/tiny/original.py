"""Writes Stable Diffusion 1.5 and SDXL as the one file that such models were first given in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

_RESNET = (
    ("norm1", "in_layers.0"), ("conv1", "in_layers.2"), ("norm2", "out_layers.0"),
    ("conv2", "out_layers.3"), ("time_emb_proj", "emb_layers.1"),
    ("conv_shortcut", "skip_connection"),
)  # fmt: skip
_ENDS = {
    "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
}  # fmt: skip
_OPEN_CLIP = (
    ("encoder.layers.", "transformer.resblocks."), ("layer_norm1", "ln_1"), ("layer_norm2", "ln_2"),
    ("mlp.fc1", "mlp.c_fc"), ("mlp.fc2", "mlp.c_proj"), ("self_attn", "attn"),
    ("final_layer_norm", "ln_final"), ("text_projection.weight", "text_projection"),
    ("embeddings.token_embedding", "token_embedding"),
    ("embeddings.position_embedding.weight", "positional_embedding"),
)  # fmt: skip
_BLOCK = re.compile(r"(down|mid|up)_blocks?\.(?:(\d+)\.)?(\w+)\.(\d+)\.(.*)")
_VAE = re.compile(r"(encoder|decoder)\.(down|up)_blocks\.(\d+)\.(resnets|\w+samplers)\.(\d+)\.(.*)")
_ATTENTION = (
    ("group_norm", "norm"), ("to_q", "q"), ("to_k", "k"), ("to_v", "v"), ("to_out.0", "proj_out"),
)  # fmt: skip


def one_file(pipeline: Any, path: Path) -> Path:
    """The pipeline's weights under their first names, in one file."""
    told = {}
    unet, vae = pipeline.unet, pipeline.vae
    for name, weight in unet.state_dict().items():
        told["model.diffusion_model." + _unet(name, unet)] = weight
    for name, weight in vae.state_dict().items():
        told["first_stage_model." + _vae(name, len(vae.config.up_block_types))] = weight
    second = getattr(pipeline, "text_encoder_2", None)
    first = "conditioner.embedders.0" if second else "cond_stage_model"
    for name, weight in _words(pipeline.text_encoder).items():
        told[f"{first}.transformer.{name}"] = weight
    if second:
        told |= _open_clip(_words(second))
    save_file({name: weight.contiguous().clone() for name, weight in told.items()}, str(path))
    return path


def _words(encoder: Any) -> dict[str, Any]:
    """A text encoder's weights, all but the projection below ``text_model``."""
    state = encoder.state_dict().items()
    inner = ("text_model.", "text_projection")
    return {n if n.startswith(inner) else f"text_model.{n}": weight for n, weight in state}


def _open_clip(state: dict[str, Any]) -> dict[str, Any]:
    """SDXL's second text encoder under the names of OpenCLIP, which keeps q, k and v in one."""
    told, parts = {}, {}
    for name, weight in state.items():
        plain = name.removeprefix("text_model.")
        if ".self_attn." in plain and "out_proj" not in plain:
            layer, which, end = plain.replace(".self_attn", "").rsplit(".", 2)
            parts.setdefault((layer, end), {})[which[0]] = weight
            continue
        for ours, first in _OPEN_CLIP:
            plain = plain.replace(ours, first)
        told[plain] = weight.T if plain == "text_projection" else weight
    for (layer, end), three in parts.items():
        inner = layer.replace("encoder.layers.", "transformer.resblocks.")
        told[f"{inner}.attn.in_proj_{end}"] = torch.cat([three[one] for one in "qkv"])
    return {f"conditioner.embedders.1.model.{name}": weight for name, weight in told.items()}


def _unet(name: str, unet: Any) -> str:
    stem, _, end = name.rpartition(".")
    if stem in _ENDS:
        return f"{_ENDS[stem]}.{end}"
    told = _BLOCK.fullmatch(name)
    assert told, name
    where, block, kind, layer, rest = told[1], int(told[2] or 0), told[3], int(told[4]), told[5]
    if kind == "resnets":
        for ours, first in _RESNET:
            rest = rest.replace(ours, first)
    each = unet.config.layers_per_block + 1
    if where == "mid":
        return f"middle_block.{1 if kind == 'attentions' else 2 * layer}.{rest}"
    if where == "down":
        if kind == "downsamplers":
            return f"input_blocks.{(block + 1) * each}.0.op.{rest.removeprefix('conv.')}"
        return f"input_blocks.{1 + block * each + layer}.{int(kind == 'attentions')}.{rest}"
    if kind == "upsamplers":
        after = 1 + hasattr(unet.up_blocks[block], "attentions")
        return f"output_blocks.{block * each + each - 1}.{after}.{rest}"
    return f"output_blocks.{block * each + layer}.{int(kind == 'attentions')}.{rest}"


def _vae(name: str, levels: int) -> str:
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    if told := _VAE.fullmatch(name):
        side, way, level, kind, layer, rest = told.groups()
        at = int(level) if way == "down" else levels - 1 - int(level)
        inner = f"block.{layer}.{rest}" if kind == "resnets" else f"{way}sample.{rest}"
        return f"{side}.{way}.{at}.{inner}"
    if ".mid_block.resnets." in name:
        side, _, rest = name.partition(".mid_block.resnets.")
        return f"{side}.mid.block_{int(rest[0]) + 1}{rest[1:]}"
    if ".mid_block.attentions.0." in name:
        side, _, rest = name.partition(".mid_block.attentions.0.")
        for ours, first in _ATTENTION:
            rest = rest.replace(ours, first)
        return f"{side}.mid.attn_1.{rest}"
    return name
