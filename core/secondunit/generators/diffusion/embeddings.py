"""What text encoders made of a brief, kept on disk: each brief is read once by each encoder.

Briefs are confidential: files are named by digests, hold numbers only, and are this user's alone.
What comes from here is bit for bit what the encoder gave. A file that cannot be read is no file.
"""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import StoreError

from ...disk import private_folder, write_whole

FOLDER = Path("cache", "embeddings")  # under the home
MOST_BYTES = 1 << 30  # of all files; those used longest ago go first
FORM = "secondunit.embeddings/1"
# Whose ``encode_prompt`` gives the same for the same arguments, and keeps nothing on the side.
FAMILIES = ("StableDiffusion", "Wan", "Flux", "LTX", "QwenImage", "ZImage")


class Unread(Exception):
    """The text encoders are not here, and were asked what nobody has kept. ``asked``: what."""

    def __init__(self, asked: dict[str, Any]) -> None:
        super().__init__("the brief has not been read")
        self.asked = asked


class Embeddings:
    """The files. A disk that refuses costs the memory only."""

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most = folder, most_bytes

    def kept(self, key: str) -> Any | None:
        """What was kept under this digest, on the CPU; None when there is nothing sound."""
        from safetensors import SafetensorError, safe_open

        path = self._path(key)
        try:
            with safe_open(str(path), framework="pt") as opened:
                told = opened.metadata() or {}
                tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - no mapping
            if told.get("form") != FORM or told.get("key") != key:
                return None
            with suppress(OSError):
                os.utime(path)  # used now
            return _filled(json.loads(told["shape"]), tensors)
        except (OSError, SafetensorError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def holds(self, key: str) -> bool:
        """Whether something lies under this digest; it may turn out not to be sound."""
        return self._path(key).is_file()

    def keep(self, key: str, made: Any) -> None:
        """Keep tensors, or lists of them, under a digest."""
        from safetensors.torch import save

        tensors: dict[str, Any] = {}
        shape = _shape(made, tensors)
        told = {"form": FORM, "key": key, "shape": json.dumps(shape)}
        data = save(tensors, metadata=told)
        with suppress(StoreError, OSError):
            private_folder(self._folder)
            self._make_room(len(data))
            write_whole(self._path(key), data)

    def _make_room(self, coming: int) -> None:
        there = [(file.stat(), file) for file in self._folder.glob("*.safetensors")]
        taken = coming + sum(told.st_size for told, _ in there)
        for told, file in sorted(there, key=lambda one: one[0].st_mtime_ns):
            if taken <= self._most:
                return
            file.unlink(missing_ok=True)
            taken -= told.st_size

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.safetensors"


@contextmanager
def remembering(
    pipeline: Any, kept: Embeddings, encoders: str, *, absent: bool = False
) -> Iterator[None]:
    """While this lasts the pipeline asks ``kept`` before it asks its text encoders.

    When those are ``absent``, what is not kept raises Unread.

    ``encoders`` is a digest of everything but the arguments that decides what they give: weights,
    words, LoRAs, versions, device.
    """
    if not type(pipeline).__name__.startswith(FAMILIES):
        yield
        return
    inner = pipeline.encode_prompt

    def encode_prompt(*given: Any, **named: Any) -> Any:
        key = key_of(type(pipeline).__name__, encoders, inner, given, named)
        if key is None:
            return inner(*given, **named)
        found = kept.kept(key)
        if found is None:
            if absent:
                raise Unread(dict(inspect.signature(inner).bind(*given, **named).arguments))
            found = inner(*given, **named)
            kept.keep(key, found)
            return found
        return _on(found, pipeline._execution_device)

    pipeline.encode_prompt = encode_prompt
    try:
        yield
    finally:
        del pipeline.encode_prompt


def key_of(kind: str, encoders: str, inner: Any, given: Any, named: Any) -> str | None:
    """A digest of the call; None when it is given pictures or ready tensors."""
    bound = inspect.signature(inner).bind(*given, **named)
    bound.apply_defaults()
    told = {name: _plain(value) for name, value in bound.arguments.items()}
    if any(value is _Unplain for value in told.values()):
        return None
    text = json.dumps([kind, encoders, told], sort_keys=True)
    return sha256(text.encode()).hexdigest()


class _Unplain:
    """Stands for an argument that cannot be part of a digest."""


def _plain(value: Any) -> Any:
    import torch

    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (torch.device, torch.dtype)):
        return str(value)
    if isinstance(value, (list, tuple)):
        plain = [_plain(item) for item in value]
        return _Unplain if _Unplain in plain else plain
    return _Unplain


def _shape(made: Any, tensors: dict[str, Any]) -> Any:
    """How the tensors hang together, as JSON; they are put into ``tensors`` on the way."""
    import torch

    if isinstance(made, torch.Tensor):
        name = f"t{len(tensors)}"
        tensors[name] = made.detach().to("cpu").contiguous().clone()
        return name
    if isinstance(made, (list, tuple)):
        kind = "list" if isinstance(made, list) else "tuple"
        return {kind: [_shape(item, tensors) for item in made]}
    if made is None:
        return None
    raise TypeError(f"an encoder gave a {type(made).__name__}")


def _filled(shape: Any, tensors: dict[str, Any]) -> Any:
    if shape is None:
        return None
    if isinstance(shape, str):
        return tensors[shape]
    ((kind, items),) = shape.items()
    made = [_filled(item, tensors) for item in items]
    return made if kind == "list" else tuple(made)


def _on(made: Any, device: Any) -> Any:
    if made is None:
        return None
    if isinstance(made, (list, tuple)):
        return type(made)(_on(item, device) for item in made)
    return made.to(device)
