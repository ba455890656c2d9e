"""Reads the header of a safetensors file by its bytes, within limits; no library, nothing executed.

The format: eight bytes with the header's length, the header as JSON, then the tensors one after
another without gaps (safetensors specification, "Format").
"""

from __future__ import annotations

import json
import math
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

from secondunit_bridge.errors import ModelUntrusted

from ..disk import saying_why
from .suspects import suspect

MAX_HEADER = 16 << 20  # bytes; a model of 20 billion parameters needs 0.3 MB, the format allows 100
MAX_TENSORS = 100_000
MAX_SIDES = 16
# Bits of one element.
BITS = {
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 64),
    **dict.fromkeys(("F32", "I32", "U32"), 32),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 16),
    **dict.fromkeys(("F8_E4M3", "F8_E5M2", "F8_E8M0", "I8", "U8", "BOOL"), 8),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    "F4": 4,
}


@dataclass(frozen=True)
class Tensor:
    """One tensor: its place is counted from the end of the header."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def count(self) -> int:
        """Its elements."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Header:
    """What a file says of itself. ``metadata`` is a claim of its maker, no more."""

    start: int  # of the first tensor, in bytes from the file's beginning
    tensors: tuple[Tensor, ...]  # in the order they lie in the file
    metadata: dict[str, str]


def header_of(path: Path) -> Header:
    """The header of a file. Raises ModelUntrusted saying what is wrong, NotPermitted, StoreError.

    At most MAX_HEADER + 8 bytes are read.
    """
    with saying_why(path), open(path, "rb") as file:
        return read_header(file, os.fstat(file.fileno()).st_size, path)


def read_header(file: BinaryIO, size: int, path: Path) -> Header:
    """The header of an open file of so many bytes, which is left at the first tensor."""
    lead = file.read(8)
    if found := suspect(lead + file.read(56)):
        raise _wrong(path, f"it is {found} under another name")
    if len(lead) < 8:
        raise _wrong(path, "it is too short to be a safetensors file")
    (length,) = struct.unpack("<Q", lead)
    if length > MAX_HEADER:
        raise _wrong(path, f"its header claims {length:,} bytes; at most {MAX_HEADER:,} are read")
    if 8 + length > size:
        raise _wrong(path, f"its header claims {length:,} bytes and the file has {size:,}")
    file.seek(8)
    said = _json(file.read(length), path)
    metadata = said.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not _all_text(metadata):
        raise _wrong(path, "its metadata is not a list of texts")
    if len(said) > MAX_TENSORS:
        raise _wrong(path, f"it has {len(said):,} tensors; at most {MAX_TENSORS:,} are read")
    tensors = sorted((_tensor(n, s, path) for n, s in said.items()), key=lambda t: (t.begin, t.end))
    _no_gaps(tensors, size - 8 - length, path)
    return Header(8 + length, tuple(tensors), metadata)


def _json(text: bytes, path: Path) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name is there twice")
        return found

    try:
        said = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise _wrong(path, f"its header is not sound JSON ({error})") from error
    if not isinstance(said, dict):
        raise _wrong(path, "its header is not a list of tensors")
    return said


def _tensor(name: str, said: Any, path: Path) -> Tensor:
    told: Any = said if isinstance(said, dict) else {}  # of no type until it was looked at
    dtype, shape, place = told.get("dtype"), told.get("shape"), told.get("data_offsets")
    if dtype not in BITS:
        raise _wrong(path, f"the tensor {name!r:.80} is of no known kind ({dtype!r:.20})")
    if not _sizes(shape) or len(shape) > MAX_SIDES:
        raise _wrong(path, f"the tensor {name!r:.80} has no sound shape")
    if not _sizes(place) or len(place) != 2 or place[0] > place[1]:
        raise _wrong(path, f"the tensor {name!r:.80} has no sound place")
    tensor = Tensor(name, dtype, tuple(shape), *place)
    if tensor.count * BITS[dtype] != 8 * (tensor.end - tensor.begin):
        raise _wrong(path, f"the tensor {name!r:.80} has another size than its shape says")
    return tensor


def _sizes(value: Any) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(type(v) is int and 0 <= v < 1 << 53 for v in value)


def _all_text(metadata: dict[str, Any]) -> bool:
    return all(isinstance(value, str) for value in metadata.values())


def _no_gaps(tensors: list[Tensor], room: int, path: Path) -> None:
    """Tensors follow each other and fill the file. Overlapping ones are how files hide things."""
    at = 0
    for tensor in tensors:
        if tensor.begin != at:
            how = "lies over" if tensor.begin < at else "leaves a gap after"
            raise _wrong(path, f"the tensor {tensor.name!r:.80} {how} the one before it")
        at = tensor.end
    if at != room:
        much = "more" if at < room else "fewer"
        raise _wrong(path, f"it holds {much} bytes than its tensors need: {room:,} for {at:,}")


def _wrong(path: Path, why: str) -> ModelUntrusted:
    return ModelUntrusted(
        f"{path.name} cannot be trusted as weights: {why}",
        hint="Get the file again from its maker, as safetensors. Nothing of it was run.",
        data={"path": str(path), "why": why},
    )
