"""The weights of a part on two tiers: tensors in locked host memory, and their doubles on a device.

Locking lets the device fetch them at the full speed of the bus. What cannot be locked is fetched
slower; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from ...models.pool import Tier

LARGE = 1 << 20  # bytes; smaller tensors share pages with others and are not worth a lock


class Pinned:
    """The tensors of some modules. Layers that are put on later (LoRAs) move along."""

    def __init__(self, modules: Iterable[Any], device: torch.device) -> None:
        self._modules, self._device = tuple(modules), device
        self._host: dict[int, torch.Tensor] = {}  # id of the parameter -> its host's copy
        self._locked: list[int] = []
        self.on_host, self.on_device = True, False

    @property
    def nbytes(self) -> int:
        """Bytes of all tensors."""
        return sum(tensor.nbytes for tensor in self._tensors())

    def pin(self) -> None:
        """Lock the tensors where they lie, and remember them as the host's copy."""
        for tensor in self._tensors():
            self._host[id(tensor)] = tensor.data
            large = tensor.nbytes >= LARGE and tensor.is_contiguous() and not tensor.is_pinned()
            if large and _lock(tensor):
                self._locked.append(tensor.data_ptr())

    def raise_up(self, *, keep: bool) -> None:
        """To the device. All or nothing: raises torch.OutOfMemoryError and is where it was."""
        raised: list[tuple[torch.Tensor, torch.Tensor]] = []
        for tensor in self._tensors():
            raised.append((tensor, tensor.data.to(self._device, non_blocking=True)))
        torch.cuda.synchronize(self._device)
        for tensor, double in raised:
            tensor.data = double
        self.on_device, self.on_host = True, keep
        if not keep:
            self._unlock()

    def drop(self, tier: Tier) -> None:
        """Off a tier. Off the device it is at once what the host has."""
        if tier is Tier.host:
            self.on_host = False
            self._unlock()
            return
        self.on_device = False
        for tensor in self._tensors():
            if id(tensor) in self._host:
                tensor.data = self._host[id(tensor)]
            elif self.on_host and tensor.device.type != "cpu":
                tensor.data = tensor.data.to("cpu")  # put on later, and small

    def _unlock(self) -> None:
        for pointer in self._locked:
            _runtime().cudaHostUnregister(pointer)
        self._locked, self._host = [], {}

    def _tensors(self) -> list[torch.Tensor]:
        return [
            tensor
            for module in self._modules
            if isinstance(module, torch.nn.Module)
            for tensor in (*module.parameters(), *module.buffers())
        ]

    def __del__(self) -> None:
        """A lock outlives its memory otherwise."""
        if self._locked:
            self._unlock()


def _lock(tensor: torch.Tensor) -> bool:
    return int(_runtime().cudaHostRegister(tensor.data_ptr(), tensor.nbytes, 0)) == 0


def _runtime() -> Any:
    runtime: Any = torch.cuda
    return runtime.cudart()
