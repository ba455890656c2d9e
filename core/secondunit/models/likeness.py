"""Whether a LoRA's layers are layers of a base model: by name and width, as both headers show them.

What a LoRA says of its base is a hint only. Where the two name their layers in different dialects
nothing can be told here; then it is found out when the LoRA is put on.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from secondunit_bridge.film import Model

from .presence import place_of
from .safetensors import header_of
from .variants import used_of

_DOWNS = (".lora_A.weight", ".lora_down.weight", ".lora.down.weight")
_UPS = (".lora_B.weight", ".lora_up.weight", ".lora.up.weight")
_KOHYA = {
    "lora_unet_": ("unet", "transformer"),
    "lora_te_": ("text_encoder",),
    "lora_te1_": ("text_encoder",),
    "lora_te2_": ("text_encoder_2",),
}
_WRAPPED = "base_model.model."  # before every name, as peft saves a model by itself

Shape = tuple[int, ...]


def unlike(lora: Model, base: Model) -> str:
    """Why the LoRA was made for a model of another shape, in words; empty when nothing says so.

    Headers are read, once for as long as nobody touches the files. Raises ModelUntrusted,
    NotPermitted, StoreError.
    """
    layers = _layers(base)
    for name, shape in sorted(_shapes(lora).items()):
        down, up = (next((e for e in ends if name.endswith(e)), "") for ends in (_DOWNS, _UPS))
        there = layers.get(_plain(name[: -len(down or up)])) if down or up else None
        if there is None or len(there) < 2 or len(shape) < 2:
            continue
        has, wanted, where = (shape[1], there[1], "in") if down else (shape[0], there[0], "out")
        if has != wanted:
            layer = name[: -len(down or up)]
            return (
                f"{lora.name} was made for another model than {base.name}: its layer {layer:.80}"
                f" has {has} numbers {where}, and there are {wanted}"
            )
    return ""


def _plain(layer: str) -> str:
    """A layer's name with underscores only and its component in front, whoever wrote it."""
    layer = layer.removeprefix(_WRAPPED)
    for mark, parts in _KOHYA.items():
        if layer.startswith(mark):
            return f"{parts[0]}_{layer[len(mark) :]}"
    return layer.replace(".", "_")


def _layers(base: Model) -> dict[str, Shape]:
    """The base's matrices by plain name; a transformer's also as kohya calls it."""
    found: dict[str, Shape] = {}
    for file in used_of(base):
        part, slash, _ = file.path.partition("/")
        if not slash or not file.path.endswith(".safetensors"):
            continue
        for name, shape in _header(place_of(base, file)).items():
            if name.endswith(".weight"):
                plain = name.removesuffix(".weight").replace(".", "_")
                found[f"{part}_{plain}"] = shape
                if part == "transformer":
                    found[f"unet_{plain}"] = shape
    return found


def _shapes(lora: Model) -> dict[str, Shape]:
    return _header(place_of(lora, lora.files[0]))


def _header(path: Path) -> dict[str, Shape]:
    told = path.stat()
    return _read(path, told.st_size, told.st_mtime_ns)


@lru_cache(maxsize=64)
def _read(path: Path, size: int, modified: int) -> dict[str, Shape]:
    return {tensor.name: tensor.shape for tensor in header_of(path).tensors}
