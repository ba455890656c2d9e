"""The record of a version: everything that says where its pixels come from, in one JSON file."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from secondunit_bridge import __version__
from secondunit_bridge.film import Model
from secondunit_bridge.wire import plain

from ..models import licences
from .orders import Publish

SCHEMA = "secondunit.record/1"
_LIBRARIES = ("numpy", "opencv-python-headless", "OpenImageIO", "opencolorio", "av")


def record_of(order: Publish, files: list[dict[str, Any]], marks: dict[str, Any]) -> dict[str, Any]:
    """The record as JSON. ``files`` are all files of the version with their sha256; those that are
    frames also have ``frame`` and ``pixels``, the digest of the decoded half-float pixels.
    ``marks`` says how they are marked, and over which hash list.
    """
    made = plain(order.version)
    del made["record"]  # it is the digest of this very file
    return {
        "schema": SCHEMA,
        "version": made,
        "take": plain(order.take),
        "turnover": plain(order.turnover),
        "finish_of": order.finish_of,
        "used": order.taken.get("used", {}),
        "exactly": order.taken.get("exactly", {}),
        "models": order.taken.get("models", []),
        "generation": order.taken.get("generation", {}),
        "marks": marks,
        "waivers": plain(order.waivers),
        "circled": {"by": order.version.by, "kind": order.version.kind.value},
        "frames": [entry for entry in files if "frame" in entry],
        "files": [entry for entry in files if "frame" not in entry],
        "software": order.taken.get("software") or software(),
    }


def software() -> dict[str, str]:
    """What runs here, by version: of a take, what made it."""
    return {
        "secondunit": __version__,
        "python": platform.python_version(),
        "platform": sys.platform,
        "machine": platform.machine(),
        **{name: _version(name) for name in _LIBRARIES},
    }


def models_used(models: Sequence[Model]) -> list[dict[str, Any]]:
    """The models of a take as the record names them: bytes, terms, and who cleared those."""
    return [
        {
            "name": model.name,
            "kind": model.kind.value,
            "card": model.card,
            "card_sha256": model.card_digest,
            "added_by": model.by,
            "files": [[file.path or Path(model.path).name, file.sha256] for file in model.files],
            "tensors_sha256": model.facts.get("tensors_sha256", ""),
            "licence": plain(model.licence),
            "clearance": plain(licences.given_for(model)[-1:]),
        }
        for model in models
    ]


@cache
def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
