"""A face model of a few hundred bytes, written as ONNX by hand, with the shapes of YuNet and SFace.

A "face" is a bright square of 32 pixels on the grid of 32; what it is like is its colours. So
nothing has to be downloaded, and everything that loads, hashes, runs and reads a model is real.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

FLOAT, INT64 = 1, 7  # TensorProto.DataType
KPS = (0.3, 0.35, 0.7, 0.35, 0.5, 0.6, 0.35, 0.8, 0.65, 0.8)  # of a square: eyes, nose, mouth


def _varint(number: int) -> bytes:
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def _field(number: int, value: int | float | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value & (1 << 64) - 1)
    if isinstance(value, float):
        return _varint(number << 3 | 5) + struct.pack("<f", value)
    content = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _ints(name: str, values: Sequence[int]) -> bytes:
    """An attribute of several whole numbers."""
    return _field(1, name) + b"".join(_field(8, v) for v in values) + _field(20, 7)


def _node(kind: str, inputs: Iterable[str], output: str, *attributes: bytes) -> bytes:
    named = b"".join(_field(1, name) for name in inputs)
    said = b"".join(_field(5, one) for one in attributes)
    return _field(1, named + _field(2, output) + _field(3, output) + _field(4, kind) + said)


def _constant(name: str, dims: Sequence[int], values: Sequence[float], kind: int = FLOAT) -> bytes:
    raw = struct.pack(f"<{len(values)}{'f' if kind == FLOAT else 'q'}", *values)
    shape = b"".join(_field(1, dim) for dim in dims)
    return _field(5, shape + _field(2, kind) + _field(8, name) + _field(9, raw))


def _value(number: int, name: str, dims: Sequence[int]) -> bytes:
    shape = b"".join(_field(1, _field(1, dim)) for dim in dims)
    tensor = _field(1, FLOAT) + _field(2, shape)
    return _field(number, _field(1, name) + _field(2, _field(1, tensor)))


def _model(graph: bytes) -> bytes:
    return _field(1, 7) + _field(7, graph + _field(2, "tiny")) + _field(8, _field(2, 11))


def finder(side: int = 64) -> bytes:
    """Twelve outputs, as YuNet has them; faces at stride 32, none at 8 and 16."""
    graph = b""
    outputs = []
    for stride in (8, 16, 32):
        cells = (side // stride) ** 2
        kernel = _ints("kernel_shape", (stride, stride)), _ints("strides", (stride, stride))
        graph += _node("AveragePool", ["input"], f"mean_{stride}", *kernel)
        bright = 1 / (3 * 255) if stride == 32 else 0.0
        heads = {
            "cls": (bright, [0.0]),
            "obj": (bright, [0.0]),
            "bbox": (0.0, [0.5, 0.5, math.log(2.5), math.log(2.5)]),
            "kps": (0.0, list(KPS)),
        }
        for head, (weight, bias) in heads.items():
            name, count = f"{head}_{stride}", len(bias)
            graph += _constant(f"{name}_w", (count, 3, 1, 1), [weight] * count * 3)
            graph += _constant(f"{name}_b", (count,), bias)
            graph += _constant(f"{name}_to", (3,), (1, -1, count), INT64)
            graph += _node("Conv", [f"mean_{stride}", f"{name}_w", f"{name}_b"], f"{name}_c",
                           _ints("kernel_shape", (1, 1)))  # fmt: skip
            graph += _node("Transpose", [f"{name}_c"], f"{name}_t", _ints("perm", (0, 2, 3, 1)))
            graph += _node("Reshape", [f"{name}_t", f"{name}_to"], name)
            outputs.append(_value(12, name, (1, cells, count)))
    outputs.sort(key=lambda one: b"cls" not in one)
    return _model(graph + _value(11, "input", (1, 3, side, side)) + b"".join(outputs))


def embedding() -> bytes:
    """The colours of a face of 112 pixels in a grid of four by four."""
    kernel = _ints("kernel_shape", (28, 28)), _ints("strides", (28, 28))
    graph = _node("AveragePool", ["data"], "mean", *kernel)
    graph += _constant("to", (2,), (1, 48), INT64) + _node("Reshape", ["mean", "to"], "fc1")
    return _model(graph + _value(11, "data", (1, 3, 112, 112)) + _value(12, "fc1", (1, 48)))


def shelf(folder: Path, **changes: object) -> Path:
    """Both files and their card in a folder; ``changes`` replace or (None) leave out its lines."""
    folder.mkdir(parents=True, exist_ok=True)
    lines: dict[str, object] = {"name": "Tiny", "licence": "Apache-2.0", "limit": 0.2, "sure": 0.5}
    tables = ""
    for name, content in (("find", finder()), ("embed", embedding())):
        (folder / f"{name}.onnx").write_bytes(content)
        digest = changes.pop(f"{name}_sha256", hashlib.sha256(content).hexdigest())
        tables += f'[{name}]\nfile = "{name}.onnx"\nsha256 = "{digest}"\n'
    said = {key: value for key, value in (lines | changes).items() if value is not None}
    text = "".join(
        f'{k} = "{v}"\n' if isinstance(v, str) else f"{k} = {v}\n" for k, v in said.items()
    )
    card = folder / "faces.toml"
    card.write_text(text + tables)
    return card
