"""Wan 2.1 and 2.2: text, first and last frame, VACE. Frames 4n + 1, sizes a multiple of 16."""

from __future__ import annotations

from typing import Any

import diffusers as d
from transformers import UMT5EncoderModel

from . import sown, stirred
from .words import clip_eye, clip_glasses, t5, t5_tokenizer

_SHAPE: dict[str, Any] = {
    "patch_size": (1, 2, 2), "num_attention_heads": 2, "attention_head_dim": 12,
    "out_channels": 16, "text_dim": 32, "freq_dim": 256, "ffn_dim": 32, "cross_attn_norm": True,
    "qk_norm": "rms_norm_across_heads", "rope_max_seq_len": 32,
}  # fmt: skip
EYE = 16  # pixels a side that the picture encoder sees


def transformer(channels: int = 16, eye: int | None = None, places: int | None = None) -> Any:
    """A transformer of two layers."""
    sown()
    return d.WanTransformer3DModel(
        in_channels=channels, num_layers=2, image_dim=eye, pos_embed_seq_len=places, **_SHAPE
    ).eval()


def parts() -> dict[str, Any]:
    """What every Wan pipeline has."""
    sown()
    vae = d.AutoencoderKLWan(
        base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
        temperal_downsample=[False, True, True],
    ).eval()  # fmt: skip
    scheduler = d.FlowMatchEulerDiscreteScheduler(shift=7.0)
    return {
        "vae": vae, "scheduler": scheduler, "text_encoder": t5(UMT5EncoderModel),
        "tokenizer": t5_tokenizer(),
    }  # fmt: skip


def t2v() -> Any:
    """Wan 2.1 text to video."""
    return d.WanPipeline(**parts(), transformer=transformer(), transformer_2=None)


def i2v() -> Any:
    """Wan 2.1 image to video: one picture, seen by CLIP as well."""
    return d.WanImageToVideoPipeline(
        **parts(), transformer=transformer(36, 4), transformer_2=None,
        image_encoder=clip_eye(EYE, 4), image_processor=clip_glasses(EYE),
    )  # fmt: skip


def flf() -> Any:
    """Wan 2.1 first and last frame: both seen by CLIP."""
    places = 2 * ((EYE // 4) ** 2 + 1)
    return d.WanImageToVideoPipeline(
        **parts(), transformer=transformer(36, 4, places), transformer_2=None,
        image_encoder=clip_eye(EYE, 4), image_processor=clip_glasses(EYE),
    )  # fmt: skip


def flf22() -> Any:
    """Wan 2.2: two experts, no CLIP."""
    second = transformer(36)
    stirred(second.proj_out)
    return d.WanImageToVideoPipeline(
        **parts(), transformer=transformer(36), transformer_2=second, image_encoder=None,
        image_processor=None, boundary_ratio=0.875,
    )  # fmt: skip


def vace() -> Any:
    """Wan VACE: plate, matte, references and depth in one."""
    sown()
    made = d.WanVACETransformer3DModel(
        in_channels=16, num_layers=3, vace_layers=[0, 2], vace_in_channels=96, **_SHAPE
    )
    for block in made.vace_blocks:
        stirred(block.proj_out)
    return d.WanVACEPipeline(**parts(), transformer=made.eval(), transformer_2=None)
