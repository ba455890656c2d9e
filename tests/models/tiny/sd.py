"""Stable Diffusion 1.5 and SDXL: text, image to image, inpainting, ControlNet, IP-Adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers as d
import torch
from transformers import CLIPTextModelWithProjection

from . import saved, sown, stirred
from .words import clip_eye, clip_glasses, clip_text, clip_tokenizer

_DOWN = ("DownBlock2D", "CrossAttnDownBlock2D")
_UP = ("CrossAttnUpBlock2D", "UpBlock2D")
_BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
_XL: dict[str, Any] = {
    "attention_head_dim": (2, 4), "use_linear_projection": True,
    "addition_embed_type": "text_time", "addition_time_embed_dim": 8,
    "transformer_layers_per_block": (1, 2), "projection_class_embeddings_input_dim": 96,
    "cross_attention_dim": 80, "block_out_channels": (16, 32), "norm_num_groups": 8,
}  # fmt: skip
_SMALL: dict[str, Any] = {
    "attention_head_dim": 2, "cross_attention_dim": 32, "block_out_channels": (8, 16),
    "norm_num_groups": 2,
}  # fmt: skip


def vae() -> Any:
    """An autoencoder that halves the picture once."""
    sown()
    return d.AutoencoderKL(
        block_out_channels=(8, 16), in_channels=3, out_channels=3, latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
        norm_num_groups=2,
    ).eval()  # fmt: skip


def unet(channels: int = 4, **over: Any) -> Any:
    """A UNet of two levels."""
    sown()
    return d.UNet2DConditionModel(
        layers_per_block=1, sample_size=32, in_channels=channels, out_channels=4,
        down_block_types=_DOWN, up_block_types=_UP, **{**_SMALL, **over},
    ).eval()  # fmt: skip


def control(cls: type = d.ControlNetModel, **over: Any) -> Any:
    """A ControlNet whose outputs are not zero."""
    sown()
    made = cls(
        layers_per_block=1, in_channels=4, down_block_types=_DOWN,
        conditioning_embedding_out_channels=(4, 8), **{**_SMALL, **over},
    )  # fmt: skip
    stirred(*made.controlnet_down_blocks, made.controlnet_mid_block)
    stirred(made.controlnet_cond_embedding.conv_out)
    return made.eval()


def sd15(kind: str = "StableDiffusionPipeline", channels: int = 4, **more: Any) -> Any:
    """A pipeline of Stable Diffusion 1.5."""
    scheduler = d.DDIMScheduler(**_BETAS, clip_sample=False, set_alpha_to_one=False, steps_offset=1)
    parts: dict[str, Any] = {
        "unet": unet(channels), "vae": vae(), "text_encoder": clip_text(),
        "tokenizer": clip_tokenizer(), "scheduler": scheduler, "safety_checker": None,
        "feature_extractor": None, "image_encoder": None, "requires_safety_checker": False,
    }  # fmt: skip
    return getattr(d, kind)(**{**parts, **more})


def sd15_with_eye() -> Any:
    """One that can look at a picture; the IP-Adapter's weights lie beside it."""
    return sd15(image_encoder=clip_eye(), feature_extractor=clip_glasses())


def sdxl(kind: str = "StableDiffusionXLPipeline", **more: Any) -> Any:
    """A pipeline of SDXL."""
    scheduler = d.EulerDiscreteScheduler(**_BETAS, timestep_spacing="leading")
    parts: dict[str, Any] = {
        "unet": unet(**_XL), "vae": vae(), "text_encoder": clip_text(),
        "text_encoder_2": clip_text(CLIPTextModelWithProjection, 48), "tokenizer": clip_tokenizer(),
        "tokenizer_2": clip_tokenizer(), "scheduler": scheduler,
    }  # fmt: skip
    if "Control" not in kind or "Union" not in kind:
        parts |= {"image_encoder": None, "feature_extractor": None}
    return getattr(d, kind)(**{**parts, **more}, add_watermarker=False)


def xl_control() -> Any:
    """A ControlNet for SDXL."""
    return control(**_XL)


def xl_union() -> Any:
    """One ControlNet for depth, pose, edges and normals."""
    made = control(
        d.ControlNetUnionModel, **_XL, num_trans_channel=16, num_trans_head=2, num_proj_channel=16
    )
    stirred(made.spatial_ch_projs)
    return made


def ip_adapter(pipeline: Any, folder: Path) -> Path:
    """IP-Adapter weights for a pipeline's UNet, as its folder holds them."""
    from safetensors.torch import save_file

    shape, dice = pipeline.unet.config, torch.Generator().manual_seed(5)
    wide = shape.cross_attention_dim
    state = {
        "image_proj.proj.weight": torch.randn(wide * 4, 32, generator=dice) * 0.1,
        "image_proj.proj.bias": torch.zeros(wide * 4),
        "image_proj.norm.weight": torch.ones(wide),
        "image_proj.norm.bias": torch.zeros(wide),
    }
    key = 1
    for name in pipeline.unet.attn_processors:
        if not name.endswith("attn1.processor"):
            size = _width_at(name, list(shape.block_out_channels))
            for part in "kv":
                weight = torch.randn(size, wide, generator=dice) * 0.2
                state[f"ip_adapter.{key}.to_{part}_ip.weight"] = weight
            key += 2
    path = folder / "ip_adapter" / "ip-adapter.safetensors"
    path.parent.mkdir()
    save_file(state, str(path))
    return path


def _width_at(name: str, channels: list[int]) -> int:
    if name.startswith("mid_block"):
        return channels[-1]
    level = int(name.split(".")[1])
    return channels[::-1][level] if name.startswith("up_blocks") else channels[level]


def save_with_adapter(folder: Path) -> Path:
    """An SD 1.5 that takes a reference picture, with its IP-Adapter in the folder."""
    pipeline = sd15_with_eye()
    saved(pipeline, folder)
    ip_adapter(pipeline, folder)
    return folder
