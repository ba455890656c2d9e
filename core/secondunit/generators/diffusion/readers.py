"""The reader of Qwen-Image-Edit without torchvision: only films need that, and it sees pictures.

Its library makes the part that reads films first and fails where torchvision is not installed. A
reader without that part does the same with pictures, resized by PIL as elsewhere.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from .kits import Source

NAME, CLASS = "processor", "Qwen2VLProcessor"


def readers_of(source: Source) -> dict[str, Any]:
    """The reader by its component's name, where the pipeline has one that cannot be made as it is.

    Raises what opening its files raises.
    """
    if source.classes.get(NAME, ("", ""))[1] != CLASS or find_spec("torchvision"):
        return {}
    return {NAME: reader_at(str(source.folder(NAME)))}


def reader_at(folder: str) -> Any:
    """The reader of pictures and words that a folder describes."""
    from transformers import AutoTokenizer, Qwen2VLProcessor
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    kind: Any = type(CLASS, (Qwen2VLProcessor,), {"get_attributes": classmethod(_attributes)})
    pictures: Any = Qwen2VLImageProcessorPil
    return kind(
        pictures.from_pretrained(folder, local_files_only=True),
        AutoTokenizer.from_pretrained(folder, local_files_only=True),
    )


def _attributes(kind: type) -> list[str]:
    return ["image_processor", "tokenizer"]
