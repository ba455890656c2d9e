"""What a model's weights say of themselves: how many numbers, of which kind, and who they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from secondunit_bridge.film import Option

from . import variants
from .weights import Weights


def told_of(root: Path, opened: Mapping[Path, Weights], variant: str) -> dict[str, Option]:
    """What opened weights say of themselves, of a model at ``root``; a workflow has none."""
    if not opened:
        return {}
    kind: dict[str, Option] = {variants.FACT: variant} if variant else {}
    return {**_counted(tuple(opened.values())), **_apart(root, opened), **kind}


def _counted(weights: Sequence[Weights]) -> dict[str, Option]:
    dtypes = _dtypes(weights)
    said: dict[str, Option] = {
        "parameters": sum(one.parameters for one in weights),
        "bytes": sum(dtypes.values()),
        "dtype": _most(dtypes),
    }
    identities = [one.tensors_sha256 for one in weights if one.tensors_sha256]
    return said | ({"tensors_sha256": identities[0]} if identities else {})


def _apart(root: Path, weights: Mapping[Path, Weights]) -> dict[str, Option]:
    """``dtype:PART`` of each component of a folder that is kept in other numbers than most are."""
    most = _most(_dtypes(weights.values()))
    parts: dict[str, list[Weights]] = {}
    for file, one in weights.items():
        if file.is_relative_to(root) and root not in (file, file.parent):
            parts.setdefault(file.relative_to(root).parts[0], []).append(one)
    kinds = {name: _most(_dtypes(these)) for name, these in sorted(parts.items())}
    return {f"dtype:{name}": kind for name, kind in kinds.items() if kind != most}


def _dtypes(weights: Iterable[Weights]) -> dict[str, int]:
    """Bytes by kind of number."""
    found: dict[str, int] = {}
    for one in weights:
        for dtype, size in one.dtypes().items():
            found[dtype] = found.get(dtype, 0) + size
    return found


def _most(dtypes: Mapping[str, int]) -> str:
    return max(dtypes, key=lambda dtype: dtypes[dtype]) if dtypes else ""
