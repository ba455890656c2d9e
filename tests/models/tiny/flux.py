"""FLUX.1 fill and kontext, FLUX.2 klein."""

from __future__ import annotations

from typing import Any

import diffusers as d

from . import sown
from .words import chat_tokenizer, clip_text, clip_tokenizer, qwen3, t5, t5_tokenizer


def _vae() -> Any:
    sown()
    return d.AutoencoderKL(
        sample_size=32, in_channels=3, out_channels=3, block_out_channels=(4,), layers_per_block=1,
        latent_channels=1, norm_num_groups=1, use_quant_conv=False, use_post_quant_conv=False,
        shift_factor=0.0609, scaling_factor=1.5035,
    ).eval()  # fmt: skip


def _transformer(channels: int, out: int | None = None) -> Any:
    sown()
    return d.FluxTransformer2DModel(
        patch_size=1, in_channels=channels, out_channels=out, num_layers=1, num_single_layers=1,
        attention_head_dim=16, num_attention_heads=2, joint_attention_dim=32,
        pooled_projection_dim=32, axes_dims_rope=[4, 4, 8],
    ).eval()  # fmt: skip


def _flux(kind: str, transformer: Any, **more: Any) -> Any:
    return getattr(d, kind)(
        transformer=transformer, vae=_vae(), text_encoder=clip_text(), text_encoder_2=t5(),
        tokenizer=clip_tokenizer(), tokenizer_2=t5_tokenizer(),
        scheduler=d.FlowMatchEulerDiscreteScheduler(), **more,
    )  # fmt: skip


def fill() -> Any:
    """FLUX fill: the transformer sees latents, masked picture and mask."""
    return _flux("FluxFillPipeline", _transformer(4 * 2 + 4, 4))


def kontext() -> Any:
    """FLUX kontext: a picture and what to do with it."""
    return _flux("FluxKontextPipeline", _transformer(4), image_encoder=None, feature_extractor=None)


def klein() -> Any:
    """FLUX.2 klein: several pictures and what to do with them."""
    sown()
    vae = d.AutoencoderKLFlux2(
        block_out_channels=(4, 4), down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2, layers_per_block=1, latent_channels=4,
        norm_num_groups=1, sample_size=32, mid_block_add_attention=False,
    ).eval()  # fmt: skip
    transformer = d.Flux2Transformer2DModel(
        patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16,
        num_attention_heads=2, joint_attention_dim=3 * 16, axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=False, timestep_guidance_channels=16,
    ).eval()  # fmt: skip
    return d.Flux2KleinPipeline(
        scheduler=d.FlowMatchEulerDiscreteScheduler(), vae=vae, text_encoder=qwen3(28),
        tokenizer=chat_tokenizer(), transformer=transformer, is_distilled=True,
    )  # fmt: skip
