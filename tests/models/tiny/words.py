"""Tokenizers over single bytes, and text encoders of a few layers."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    CLIPImageProcessor,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
    UMT5Config,
    UMT5EncoderModel,
)

from . import sown

_BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def clip_tokenizer() -> CLIPTokenizer:
    """CLIP's tokenizer with no merges: every byte is a word."""
    words = ["<|startoftext|>", "<|endoftext|>", *_BYTES, *(byte + "</w>" for byte in _BYTES)]
    with tempfile.TemporaryDirectory() as folder:
        vocabulary, merges = Path(folder) / "vocab.json", Path(folder) / "merges.txt"
        vocabulary.write_text(json.dumps({word: index for index, word in enumerate(words)}))
        merges.write_text("#version: 0.2\n")
        return CLIPTokenizer(str(vocabulary), str(merges), model_max_length=77)


def _by_bytes(specials: list[str], closes: bool) -> Tokenizer:
    words = {word: index for index, word in enumerate([*specials, *_BYTES])}
    made = Tokenizer(models.BPE(vocab=words, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(specials)
    if closes:
        made.post_processor = processors.TemplateProcessing(
            single="$A </s>", special_tokens=[("</s>", words["</s>"])]
        )
    return made


def t5_tokenizer() -> PreTrainedTokenizerFast:
    """As T5: the text, then ``</s>``."""
    made = _by_bytes(["<pad>", "</s>", "<unk>"], closes=True)
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", eos_token="</s>", unk_token="<unk>",
        model_max_length=512,
    )  # fmt: skip


def chat_tokenizer() -> Any:
    """As Qwen's: chat turns between marks, and marks for pictures."""
    from transformers import Qwen2TokenizerFast

    specials = [
        "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>",
        "<|image_pad|>", "<|video_pad|>",
    ]  # fmt: skip
    words = {word: index for index, word in enumerate([*specials, *_BYTES])}
    made = Qwen2TokenizerFast(
        vocab=words, merges=[], pad_token="<|endoftext|>", eos_token="<|im_end|>",
        additional_special_tokens=specials, model_max_length=2048,
    )  # fmt: skip
    made.chat_template = CHAT
    return made


def t5(cls: type = T5EncoderModel) -> Any:
    """A T5 encoder, 32 wide."""
    sown()
    config = UMT5Config if cls is UMT5EncoderModel else T5Config
    return cls(
        config(
            vocab_size=300, d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4,
            relative_attention_num_buckets=8,
        )
    ).eval()  # fmt: skip


def clip_text(cls: type = CLIPTextModel, width: int = 32) -> Any:
    """A CLIP text encoder."""
    sown()
    return cls(
        CLIPTextConfig(
            bos_token_id=0, eos_token_id=1, pad_token_id=1, hidden_size=width, intermediate_size=37,
            num_attention_heads=4, num_hidden_layers=3, vocab_size=1000, projection_dim=width,
        )
    ).eval()  # fmt: skip


def clip_eye(side: int = 32, width: int = 32) -> Any:
    """A CLIP picture encoder for pictures of ``side`` pixels."""
    sown()
    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=width, projection_dim=width, num_hidden_layers=2, num_attention_heads=2,
            image_size=side, intermediate_size=37, patch_size=4,
        )
    ).eval()  # fmt: skip


def clip_glasses(side: int = 32) -> CLIPImageProcessor:
    """What CLIP's picture encoder looks through."""
    return CLIPImageProcessor(crop_size=side, size=side)


def qwen3(layers: int) -> Any:
    """A Qwen 3 language model, 16 wide."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    sown()
    config = Qwen3Config(
        vocab_size=300, hidden_size=16, intermediate_size=16, num_hidden_layers=layers,
        num_attention_heads=2, num_key_value_heads=2, head_dim=8, max_position_embeddings=2048,
        bos_token_id=0, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    return Qwen3ForCausalLM(config).eval()
