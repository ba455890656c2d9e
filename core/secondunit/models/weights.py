"""Reads weights once, start to end: their hash, and whether a number in them is not one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import numpy as np
from secondunit_bridge.errors import ModelUntrusted

from ..disk import saying_why
from .safetensors import Header, read_header

CHUNK = 8 << 20  # bytes; a multiple of every element's size
# Of each kind of number: how it is read, the bits of the exponent, the bits of the rest.
_FLOATS = {
    "F64": ("<u8", 0x7FF0000000000000, 0x000FFFFFFFFFFFFF),
    "F32": ("<u4", 0x7F800000, 0x007FFFFF),
    "F16": ("<u2", 0x7C00, 0x03FF),
    "BF16": ("<u2", 0x7F80, 0x007F),
    "F8_E5M2": ("u1", 0x7C, 0x03),
}

Told = Callable[[int], None]  # how many bytes were read since the last time


@dataclass(frozen=True)
class Weights:
    """One safetensors file, read through.

    ``sha256`` is of the whole file, ``tensors_sha256`` of all that follows its header: the second
    stays the same when only metadata is edited (the modelspec's ``hash_sha256``). It is empty
    unless asked for: hashing twice takes twice as long.
    """

    path: Path
    sha256: str
    tensors_sha256: str
    bytes: int
    modified: int  # nanoseconds since the epoch
    header: Header

    @property
    def parameters(self) -> int:
        """Numbers in all its tensors."""
        return sum(tensor.count for tensor in self.header.tensors)

    def dtypes(self) -> dict[str, int]:
        """Bytes by kind of number."""
        found: dict[str, int] = {}
        for tensor in self.header.tensors:
            found[tensor.dtype] = found.get(tensor.dtype, 0) + tensor.end - tensor.begin
        return found


def read_weights(path: Path, told: Told = lambda count: None, *, identity: bool = False) -> Weights:
    """A file read once; with ``identity`` its tensors are hashed without the header as well.

    Raises ModelUntrusted: no sound safetensors, or a number that is none.
    """
    with saying_why(path), open(path, "rb") as file:
        facts = os.fstat(file.fileno())
        header = read_header(file, facts.st_size, path)
        file.seek(0)
        whole, body = sha256(file.read(header.start)), sha256()
        told(header.start)
        for tensor in header.tensors:
            for chunk in _chunks(file, tensor.end - tensor.begin, path):
                whole.update(chunk)
                if identity:
                    body.update(chunk)
                _numbers(chunk, tensor.dtype, tensor.name, path)
                told(len(chunk))
    return Weights(
        path=path,
        sha256=whole.hexdigest(),
        tensors_sha256=body.hexdigest() if identity else "",
        bytes=facts.st_size,
        modified=facts.st_mtime_ns,
        header=header,
    )


def hashed(path: Path, told: Told = lambda count: None) -> str:
    """sha256 of a file. Raises NotPermitted, StoreError."""
    digest = sha256()
    with saying_why(path), open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            told(len(chunk))
    return digest.hexdigest()


def _chunks(file: BinaryIO, left: int, path: Path) -> Iterator[bytes]:
    while left:
        chunk = file.read(min(CHUNK, left))
        if not chunk:
            raise ModelUntrusted(
                f"{path.name} became shorter while it was read",
                hint="Wait until it is copied, then add it again.",
                data={"path": str(path)},
            )
        left -= len(chunk)
        yield chunk


def _numbers(chunk: bytes, dtype: str, name: str, path: Path) -> None:
    """Raises ModelUntrusted for NaN, and for infinity outside masks, which are made of it."""
    if dtype == "F8_E4M3":  # it has no infinity, and one NaN of each sign
        broken = bool(((np.frombuffer(chunk, "u1") & 0x7F) == 0x7F).any())
        endless = False
    elif dtype in _FLOATS:
        kind, exponent, rest = _FLOATS[dtype]
        values = np.frombuffer(chunk, kind)
        special = values[(values & values.dtype.type(exponent)) == exponent]
        broken = bool((special & special.dtype.type(rest)).any())
        endless = special.size > 0 and not broken and "mask" not in name
    else:
        return
    if broken or endless:
        what = "numbers that are none (NaN)" if broken else "endless numbers"
        raise ModelUntrusted(
            f"{path.name} is damaged: the tensor {name!r:.80} holds {what}",
            hint="Get the file again from its maker: it would make black pictures.",
            data={"path": str(path), "tensor": name[:200]},
        )
