"""Qwen-Image: edit, inpaint, ControlNet; and Z-Image, whose brief is read by a Qwen too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import diffusers as d
from transformers import (
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2VLImageProcessor,
)

from . import saved, sown, stirred
from .words import chat_tokenizer, qwen3

_SHAPE: dict[str, Any] = {
    "patch_size": 2, "in_channels": 64, "out_channels": 16, "num_layers": 2,
    "attention_head_dim": 16, "num_attention_heads": 2, "joint_attention_dim": 16,
    "axes_dims_rope": (8, 4, 4),
}  # fmt: skip
_Z: dict[str, Any] = {
    "dim": 32, "n_refiner_layers": 1, "n_heads": 2, "n_kv_heads": 2, "qk_norm": True,
}  # fmt: skip


def _vae() -> Any:
    sown()
    return d.AutoencoderKLQwenImage(
        base_dim=4, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
        temperal_downsample=[False, True, True],
    ).eval()  # fmt: skip


def _reader() -> Any:
    """A language model that sees pictures."""
    sown()
    told = chat_tokenizer()
    ids = {name: told.convert_tokens_to_ids(f"<|{name}|>") for name in ("image_pad", "video_pad")}
    config = Qwen2_5_VLConfig(
        text_config={
            "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2,
            "num_attention_heads": 2, "num_key_value_heads": 2, "vocab_size": 300,
            "rope_parameters": {"mrope_section": [1, 1, 2], "rope_type": "default",
                                "rope_theta": 1e6},
        },
        vision_config={
            "depth": 2, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2,
            "out_hidden_size": 16, "fullatt_block_indexes": [1], "window_size": 112,
        },
        image_token_id=ids["image_pad"], video_token_id=ids["video_pad"],
        vision_start_token_id=told.convert_tokens_to_ids("<|vision_start|>"),
        vision_end_token_id=told.convert_tokens_to_ids("<|vision_end|>"),
        bos_token_id=0, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    return Qwen2_5_VLForConditionalGeneration(config).eval()


def _transformer() -> Any:
    sown()
    return d.QwenImageTransformer2DModel(**_SHAPE).eval()


def _qwen(kind: str, **more: Any) -> Any:
    return getattr(d, kind)(
        scheduler=d.FlowMatchEulerDiscreteScheduler(), vae=_vae(), text_encoder=_reader(),
        tokenizer=chat_tokenizer(), transformer=_transformer(), **more,
    )  # fmt: skip


def image() -> Any:
    """Qwen-Image: words only."""
    return _qwen("QwenImagePipeline")


def save_edit(folder: Path) -> Path:
    """Qwen-Image edit: pictures that the reader sees too.

    Its processor is written by hand, because without torchvision none can be made.
    """
    saved(image(), folder)
    place = folder / "processor"
    Qwen2VLImageProcessor(min_pixels=56 * 56, max_pixels=56 * 56).save_pretrained(place)
    chat_tokenizer().save_pretrained(place)
    _told(place / "preprocessor_config.json", processor_class="Qwen2VLProcessor")
    processor = ["transformers", "Qwen2VLProcessor"]
    kind = "QwenImageEditPlusPipeline"
    _told(folder / "model_index.json", _class_name=kind, processor=processor)
    return folder


def _told(file: Path, **more: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | more))


def control(extra: int = 0) -> Any:
    """A ControlNet; with ``extra`` channels it inpaints."""
    sown()
    made = d.QwenImageControlNetModel(**_SHAPE, extra_condition_channels=extra)
    stirred(*made.controlnet_blocks, made.controlnet_x_embedder)
    return made.eval()


def inpaint_control() -> Any:
    """The one that sees the masked picture and the mask."""
    return control(4)


def z_image(**more: Any) -> Any:
    """Z-Image."""
    sown()
    transformer = d.ZImageTransformer2DModel(
        in_channels=16, n_layers=2, cap_feat_dim=16, axes_dims=[8, 4, 4], axes_lens=[256, 32, 32],
        **_Z,
    ).eval()  # fmt: skip
    stirred(transformer, spread=0.05)
    vae = d.AutoencoderKL(
        in_channels=3, out_channels=3, down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2, block_out_channels=(8, 8), layers_per_block=1,
        latent_channels=16, norm_num_groups=8, sample_size=32, scaling_factor=0.3611,
        shift_factor=0.1159, use_quant_conv=False, use_post_quant_conv=False,
        mid_block_add_attention=False,
    ).eval()  # fmt: skip
    parts: dict[str, Any] = {
        "scheduler": d.FlowMatchEulerDiscreteScheduler(shift=3.0), "vae": vae,
        "text_encoder": qwen3(3), "tokenizer": chat_tokenizer(), "transformer": transformer,
    }  # fmt: skip
    return d.ZImagePipeline(**{**parts, **more})


def z_control() -> Any:
    """Z-Image's ControlNet."""
    sown()
    made = d.ZImageControlNetModel(
        control_layers_places=[0, 1], control_in_dim=33, add_control_noise_refiner=None, **_Z
    )
    stirred(made, spread=0.05)
    return made.eval()


def z_plain_control() -> Any:
    """The one that is shown a depth pass only."""
    sown()
    made = d.ZImageControlNetModel(
        control_layers_places=[0, 1], control_in_dim=16, add_control_noise_refiner=None, **_Z
    )
    stirred(made, spread=0.05)
    return made.eval()
