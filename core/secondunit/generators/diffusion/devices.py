"""The machine's own device behind the pool: CUDA with pinned host memory behind it, or the CPU.

Weights never change while they are loaded, so the host's copy stays when a part goes up, and a
part comes off the device by pointing back to it: that costs neither time nor memory. On the CPU
there is one tier, and what goes is opened again from disk.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

from ...models.hostmemory import free_bytes
from ...models.pool import Key, Kit, Part, Room, Step, Tier
from .eightbit import in_eight_bits
from .kits import WHOLE, Source
from .opening import Shell, modules_of, shell_of
from .pinned import Pinned

HOST_SHARE = 0.7  # of the free memory of the computer: hosts and decoders need the rest
MARGIN = 512 << 20  # bytes of a CUDA device left for its libraries and for others


class CpuDevice:
    """One tier: the computer's memory."""

    name = "cpu"
    memory_errors: tuple[type[BaseException], ...] = (MemoryError, torch.OutOfMemoryError)

    def __init__(self, *, limit: int = 0) -> None:
        self._limit = limit  # bytes; 0: what the computer has
        self._loaded: dict[Key, dict[str, Any]] = {}
        self._bytes: dict[Key, int] = {}
        self._shells: dict[str, Shell] = {}  # pipelines, whose parts come and go

    def room(self) -> Room:
        """What models may take of the computer's memory."""
        held = sum(self._bytes.values())
        return Room(self._limit or held + int(free_bytes() * HOST_SHARE))

    def load(self, kit: Kit, part: Part, tier: Tier) -> None:
        """Raises ModelMissing, ModelUntrusted, NeedsModel, ExtraMissing, MemoryError."""
        self._loaded[part.key] = _loaded(kit, part)
        self._bytes[part.key] = part.nbytes

    def raise_up(self, key: Key) -> None:
        """There is nowhere higher."""

    def drop(self, key: Key, tier: Tier) -> None:
        """Forget it; pipelines that had it are left without."""
        gone = self._loaded.pop(key)
        del self._bytes[key]
        self._take_out(gone)

    @contextmanager
    def assembled(self, kit: Kit, parts: Sequence[Part], taken: tuple[Step, ...]) -> Iterator[Any]:
        """The pipeline, with its small parts opened at its first time and kept."""
        modules: dict[str, Any] = dict.fromkeys(_source(kit).absent)
        modules |= {name: m for part in parts for name, m in self._named(part).items()}
        shell = self._shells.get(kit.name)
        if shell is None:
            shell = self._shells[kit.name] = shell_of(_source(kit), modules)
        shell.pipeline.register_modules(**modules)
        pipeline = shell.pipeline
        with ExitStack() as undone:
            self._step_down(pipeline, parts, taken, undone)
            yield pipeline

    def begin(self) -> None:
        """Nothing to watch: the system does not say what a run took."""

    def peak(self) -> int:
        """Not known."""
        return 0

    def settle(self) -> None:
        """Have what is unused collected."""
        gc.collect()

    def _step_down(
        self, pipeline: Any, parts: Sequence[Part], taken: tuple[Step, ...], undone: ExitStack
    ) -> None:
        """Put the steps that are about the picture coder in force, until ``undone`` closes."""
        vae = getattr(pipeline, "vae", None)
        for step in (Step.tiling, Step.slicing):
            if step in taken and hasattr(vae, f"enable_{step.value}"):
                getattr(vae, f"enable_{step.value}")()
                undone.callback(getattr(vae, f"disable_{step.value}"))

    def _named(self, part: Part) -> dict[str, Any]:
        """A part's modules by this kit's own names: another kit may call the same part another."""
        loaded = self._loaded[part.key]
        return loaded if part.name == WHOLE else dict.fromkeys([part.name], *loaded.values())

    def _take_out(self, gone: dict[str, Any]) -> None:
        for kit, shell in list(self._shells.items()):
            mine = shell.pipeline.components
            names = [n for n, m in mine.items() if any(m is module for module in gone.values())]
            shell.pipeline.register_modules(**dict.fromkeys(names))
            if names and not shell.lasts:
                del self._shells[kit]


class CudaDevice(CpuDevice):
    """Two tiers: the accelerator, and pinned memory of the computer behind it."""

    def __init__(self, index: int = 0, *, limit: int = 0) -> None:
        super().__init__(limit=limit)
        self.name = f"cuda:{index}"
        self._device = torch.device(self.name)
        self._pinned: dict[Key, Pinned] = {}
        self._base = 0

    def room(self) -> Room:
        """What is free on both, and what the pool's own parts take there."""
        free, total = torch.cuda.mem_get_info(self._device)
        ours = torch.cuda.memory_reserved(self._device)
        device = min(self._limit or total, free + ours - MARGIN)
        held = sum(p.nbytes for p in self._pinned.values() if p.on_host)
        return Room(max(0, device), held + int(free_bytes() * HOST_SHARE))

    def load(self, kit: Kit, part: Part, tier: Tier) -> None:
        """As on the CPU; to the host in pinned memory."""
        super().load(kit, part, Tier.host)
        pinned = Pinned(self._loaded[part.key].values(), self._device)
        self._pinned[part.key] = pinned
        if tier is Tier.device:
            try:
                pinned.raise_up(keep=False)
            except BaseException:
                self._forget(part.key)
                raise
        else:
            pinned.pin()

    def raise_up(self, key: Key) -> None:
        """Raises torch.OutOfMemoryError; then it is on the host only."""
        self._pinned[key].raise_up(keep=True)

    def drop(self, key: Key, tier: Tier) -> None:
        """Off the device: back to the host's copy. Off the host: the copy goes."""
        pinned = self._pinned[key]
        pinned.drop(tier)
        if not (pinned.on_host or pinned.on_device):
            self._forget(key)

    def begin(self) -> None:
        """From here on the largest allocation is kept."""
        torch.cuda.reset_peak_memory_stats(self._device)
        self._base = torch.cuda.memory_allocated(self._device)

    def peak(self) -> int:
        """Bytes above what was allocated at ``begin``, at the worst moment."""
        return max(0, torch.cuda.max_memory_allocated(self._device) - self._base)

    def settle(self) -> None:
        """Give the allocator's unused blocks back to the driver, so that others can have them."""
        gc.collect()
        torch.cuda.synchronize(self._device)
        torch.cuda.empty_cache()

    def _forget(self, key: Key) -> None:
        del self._pinned[key]
        super().drop(key, Tier.host)

    def _step_down(
        self, pipeline: Any, parts: Sequence[Part], taken: tuple[Step, ...], undone: ExitStack
    ) -> None:
        super()._step_down(pipeline, parts, taken, undone)
        for part in parts:
            if Step.group_offload in taken and part.denoiser:
                for module in self._loaded[part.key].values():
                    self._stream(module, self._pinned[part.key], undone)

    def _stream(self, module: Any, pinned: Pinned, undone: ExitStack) -> None:
        """Have a module's blocks come up one by one while it runs."""
        from diffusers.hooks.group_offloading import apply_group_offloading
        from diffusers.hooks.hooks import HookRegistry

        apply_group_offloading(
            module, onload_device=self._device, offload_device=torch.device("cpu"),
            offload_type="block_level", num_blocks_per_group=1, use_stream=True,
        )  # fmt: skip

        def stop() -> None:
            registry = HookRegistry.check_if_exists_or_initialize(module)
            for hook in (
                "group_offloading", "layer_execution_tracker", "lazy_prefetch_group_offloading",
            ):  # fmt: skip
                registry.remove_hook(hook, recurse=True)
            torch.cuda.synchronize(self._device)
            pinned.drop(Tier.device)

        undone.callback(stop)


def device_here() -> CpuDevice:
    """The machine's first accelerator, else its CPU."""
    return CudaDevice() if torch.cuda.is_available() else CpuDevice()


def _loaded(kit: Kit, part: Part) -> dict[str, Any]:
    modules = modules_of(_source(kit), part)
    if part.key.quantisation:
        modules = {name: in_eight_bits(module) for name, module in modules.items()}
        gc.collect()
    return modules


def _source(kit: Kit) -> Source:
    assert isinstance(kit.source, Source)
    return kit.source
