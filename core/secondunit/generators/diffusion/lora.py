"""LoRAs on a loaded pipeline: put on with weights, changed, taken off. Never fused into it.

A turnover names them as options: ``lora:NAME = weight``. Weight 0 is without it. Fusing would be
faster, but a base model is shared between takes and does not come back exactly when unfused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import NeedsModel
from secondunit_bridge.film import Model, Option

PREFIX = "lora:"
MOST = 2.0  # weight either way; beyond it pictures fall apart
# What peft says of layers that are not there; the rest of it is for programmers.
_ABSENT = re.compile(r"Target modules \{?'([^']+)'.* not found in the base model", re.DOTALL)


@dataclass(frozen=True)
class Worn:
    """A LoRA and how much of it."""

    model: Model
    weight: float

    @property
    def slot(self) -> str:
        """Its name in the engine, which allows no dots; other weights under it have another."""
        told = (self.model.name, *(file.sha256 for file in self.model.files))
        return f"lora_{sha256(' '.join(told).encode()).hexdigest()[:12]}"

    @property
    def facts(self) -> dict[str, Any]:
        """For the record."""
        return {
            "name": self.model.name,
            "weight": self.weight,
            "files": [file.sha256 for file in self.model.files],
            "tensors_sha256": self.model.facts.get("tensors_sha256", ""),
        }


def asked(options: dict[str, Option], adapters: Sequence[Model]) -> tuple[Worn, ...]:
    """The LoRAs that options name with a weight other than 0, by name."""
    known = {PREFIX + model.name: model for model in adapters}
    wanted = sorted(name for name in options if name in known and options[name])
    return tuple(Worn(known[name], float(options[name])) for name in wanted)


def wear(pipeline: Any, wanted: Sequence[Worn]) -> None:
    """Exactly these LoRAs on the pipeline from now on. Raises NeedsModel for one that does not fit.

    Those that were on and are not wanted are taken off; with none wanted it is the base again,
    bit for bit.
    """
    there = _there(pipeline)
    if not wanted:
        if there:
            pipeline.unload_lora_weights()
        return
    gone = there - {one.slot for one in wanted}
    if gone:
        pipeline.delete_adapters(sorted(gone))
    for one in wanted:
        if one.slot not in there:
            _put_on(pipeline, one)
    pipeline.set_adapters([one.slot for one in wanted], [one.weight for one in wanted])


def _there(pipeline: Any) -> set[str]:
    if not hasattr(pipeline, "get_list_adapters"):
        return set()
    return {slot for slots in pipeline.get_list_adapters().values() for slot in slots}


def _put_on(pipeline: Any, one: Worn) -> None:
    file = file_of(one.model)
    try:
        pipeline.load_lora_weights(
            str(file.parent), weight_name=file.name, adapter_name=one.slot,
            local_files_only=True, use_safetensors=True,
        )  # fmt: skip
    except (ValueError, RuntimeError, KeyError) as error:
        if one.slot in _there(pipeline):
            pipeline.delete_adapters([one.slot])
        raise _unfit(pipeline, one, str(error)) from error
    if one.slot not in _there(pipeline):
        raise _unfit(pipeline, one, "none of its layers is one of the model's")


def file_of(model: Model) -> Path:
    """The one file of a LoRA."""
    path, inside = Path(model.path), model.files[0].path
    return path / inside if inside else path


def _unfit(pipeline: Any, one: Worn, why: str) -> NeedsModel:
    absent = _ABSENT.search(why)
    words = f"the model has no layer {absent[1]}" if absent else " ".join(why.split())
    return NeedsModel(
        f"the LoRA {one.model.name} does not fit {type(pipeline).__name__}: {words:.200}",
        hint="A LoRA works with the family it was trained on. Leave it out, or choose its base.",
        data={"adapter": one.model.name},
    )
