"""Caches that leave steps of the denoiser out where little changes: for drafts, never for a finish.

They change pixels, so what was in force stands in the take. Off again, the model is exact again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

FIRST_BLOCK = 0.08  # relative change of the first block below which the rest is not run again


@contextmanager
def caching(pipeline: Any, names: Sequence[str], denoisers: Sequence[str]) -> Iterator[list[str]]:
    """While this lasts; which of the caches are in force: parts that cannot have one have none."""
    with ExitStack() as undone:
        made = [
            f"{name} {part}"
            for name in names
            for part in denoisers
            if _enabled(getattr(pipeline, part, None), name, undone)
        ]
        yield made


def _enabled(part: Any, name: str, undone: ExitStack) -> bool:
    if name != "first_block" or not hasattr(part, "enable_cache"):
        return False
    import diffusers

    settings: Any = diffusers.FirstBlockCacheConfig
    part.enable_cache(settings(threshold=FIRST_BLOCK))
    undone.callback(part.disable_cache)
    return True
