"""Knows a LoRA by the names of its tensors: its format, rank, what it changes, what it claims."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from secondunit_bridge.errors import ModelUntrusted
from secondunit_bridge.film import Option

from .safetensors import Header, Tensor

# The end of a tensor's name, by format: the matrix that goes down to the rank and its partner.
_PAIRS = {
    "diffusers": (".lora_A.weight", ".lora_B.weight"),  # as peft writes them
    "diffusers, old": (".lora.down.weight", ".lora.up.weight"),
    "kohya": (".lora_down.weight", ".lora_up.weight"),
}
_BESIDE = (".alpha", ".dora_scale", ".diff", ".diff_b", ".lora_magnitude_vector", ".bias")
OPTION = "lora:"  # before an adapter's name: the option that carries its weight
# Words of metadata that name a base, and the family that it belongs to.
_FAMILIES = (
    ("sdxl", re.compile(r"sdxl|stable-diffusion-xl|pony|illustrious", re.IGNORECASE)),
    ("flux2", re.compile(r"flux[-_. ]?2|klein", re.IGNORECASE)),
    ("flux", re.compile(r"flux", re.IGNORECASE)),
    ("qwen", re.compile(r"qwen", re.IGNORECASE)),
    ("z-image", re.compile(r"z[-_ ]?image", re.IGNORECASE)),
    ("wan", re.compile(r"\bwan", re.IGNORECASE)),
    ("ltx", re.compile(r"\bltx", re.IGNORECASE)),
    ("sd15", re.compile(r"sd[-_]?v?1|stable-diffusion-v1", re.IGNORECASE)),
)
LICENCE = "modelspec.license"  # metadata of a file's header
CLAIMED = "licence claimed"  # the fact that holds the licence a header names
NAMED = "base named"  # the fact that holds the base which a trainer's settings name
_CLAIMS = {
    "modelspec.title": "title",
    "modelspec.architecture": "architecture",
    "modelspec.author": "author",
    LICENCE: CLAIMED,
    "modelspec.trigger_phrase": "trigger",
    "modelspec.tags": "tags",
    "modelspec.hash_sha256": "hash claimed",
    "ss_base_model_version": "base version",
    "ss_sd_model_name": "base claimed",
    "ss_new_sd_model_hash": "base sha256",
    "ss_num_train_images": "training pictures",
    "ss_dataset_dirs": "datasets",
}


@dataclass(frozen=True)
class Adapter:
    """A LoRA as its header shows it. ``claims`` are its maker's words: they clear nothing."""

    format: str  # "diffusers" or "kohya"
    rank: int  # the highest, where it differs
    targets: tuple[str, ...]  # names of the layers it changes
    parts: tuple[str, ...]  # unet, transformer, text_encoder ...
    family: str  # of the base it was trained for; empty when nothing tells
    claims: dict[str, str]

    def facts(self) -> dict[str, Option]:
        """What is registered of it."""
        return {
            "format": self.format,
            "rank": self.rank,
            "targets": ", ".join(self.targets)[:500],
            "parts": ", ".join(self.parts),
            "family": self.family,
            **{name: text[:500] for name, text in self.claims.items()},
        }


def is_adapter(header: Header) -> bool:
    """The file holds a LoRA."""
    return any(_format(tensor.name) for tensor in header.tensors)


def adapter_of(header: Header, path: Path) -> Adapter:
    """The LoRA. Raises ModelUntrusted for one that would load without a word and be wrong."""
    found = Counter(_format(tensor.name) for tensor in header.tensors)
    strange = [t.name for t in header.tensors if not _format(t.name) and not _is_beside(t.name)]
    formats = sorted(form for form in found if form)
    if len(formats) > 1:
        raise _broken(path, f"it mixes two formats ({' and '.join(formats)})")
    if strange:
        raise _broken(path, f"it holds tensors that are no LoRA's, such as {strange[0]!r:.80}")
    form = formats[0]
    down, up = _PAIRS[form]
    names = {tensor.name for tensor in header.tensors}
    downs = [tensor for tensor in header.tensors if tensor.name.endswith(down)]
    halves = {t.name[: -len(down)] for t in downs} ^ {
        name[: -len(up)] for name in names if name.endswith(up)
    }
    if halves:
        raise _broken(path, f"half of a layer is missing: {sorted(halves)[0]!r:.80}")
    layers = [tensor.name[: -len(down)] for tensor in downs]
    return Adapter(
        format="kohya" if form == "kohya" else "diffusers",
        rank=max(tensor.shape[0] for tensor in downs if tensor.shape),
        targets=tuple(sorted({_layer(name) for name in layers})),
        parts=tuple(sorted({_part(name) for name in layers})),
        family=_family(header, downs),
        claims=_claims(header),
    )


def worn(options: Mapping[str, Option]) -> tuple[str, ...]:
    """Names of the LoRAs that options ask for: ``lora:NAME`` with a weight other than 0."""
    asked = (name for name, weight in options.items() if weight)
    return tuple(sorted(n[len(OPTION) :] for n in asked if n.startswith(OPTION)))


def _format(name: str) -> str:
    return next((form for form, ends in _PAIRS.items() if name.endswith(ends)), "")


def _is_beside(name: str) -> bool:
    return name.endswith(_BESIDE)


def _part(layer: str) -> str:
    """The model a layer belongs to: kohya writes ``lora_unet_``, peft ``transformer.``."""
    for mark, part in (("lora_unet_", "unet"), ("lora_te2_", "text_encoder_2")):
        if layer.startswith(mark):
            return part
    if layer.startswith(("lora_te_", "lora_te1_")):
        return "text_encoder"
    head = layer.partition(".")[0]
    return "transformer" if head == "diffusion_model" else head


def _layer(name: str) -> str:
    """The last words of a layer's name: ``to_q``, ``proj_in``, ``to_out.0``."""
    words = name.split(".")
    if len(words) == 1:  # kohya has underscores only
        found = re.search(r"(to_[qkv]|to_out_0|proj_in|proj_out|ff_net_\w+|conv\w*)$", name)
        return found[1] if found else name.rpartition("_")[2]
    return ".".join(words[-2:]) if words[-1].isdigit() else words[-1]


def _family(header: Header, downs: list[Tensor]) -> str:
    said = " ".join(
        header.metadata.get(name, "")
        for name in ("modelspec.architecture", "ss_base_model_version", "ss_sd_model_name")
    )
    for family, words in _FAMILIES:
        if words.search(said):
            return family
    for tensor in downs:  # the width of the words tells the two Stable Diffusions apart
        if re.search(r"attn2[._]to_k", tensor.name) and len(tensor.shape) >= 2:
            return {768: "sd15", 2048: "sdxl"}.get(tensor.shape[1], "")
    return ""


def _claims(header: Header) -> dict[str, str]:
    claims = {
        word: header.metadata[name] for name, word in _CLAIMS.items() if header.metadata.get(name)
    }
    try:
        directories = json.loads(claims.get("datasets", "null"))
    except (ValueError, RecursionError):
        directories = None
    if isinstance(directories, dict):
        claims["datasets"] = ", ".join(sorted(map(str, directories)))
    return claims


def _broken(path: Path, why: str) -> ModelUntrusted:
    return ModelUntrusted(
        f"the LoRA {path.name} would load wrong: {why}",
        hint="Save it again from its trainer: peft's state dict as it is, or kohya's format.",
        data={"path": str(path), "why": why},
    )
