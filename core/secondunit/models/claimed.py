"""What a safetensors file claims of itself, as the rights register's form wants it filled in.

A claim is its maker's word: it fills the form and clears nothing. Two digests tell a file: its own,
and that of its numbers alone, which stays when somebody edits the metadata.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..disk import saying_why
from .safetensors import header_of

_CHUNK = 1 << 20
_PERSON = "person"  # in the tags of a file made of somebody


def claimed(path: Path) -> dict[str, Any]:
    """Name, base, licence, data sets and digest of the numbers, of those that the file names.

    A tag that speaks of a person makes the likeness suspected. Raises ModelUntrusted, StoreError.
    """
    header = header_of(path)
    said = header.metadata.get
    tags = f"{said('modelspec.tags', '')} {said('ss_tag_frequency', '')}".casefold()
    told = {
        "name": said("modelspec.title", ""),
        "licence": said("modelspec.license", ""),
        "base": said("ss_sd_model_name", ""),
        "supplier": said("modelspec.author", ""),
        "datasets": _datasets(said("ss_dataset_dirs", "")),
        "likeness": "suspected" if _PERSON in tags else "",
        "tensors": _numbers(path, header.start),
    }
    return {name: value for name, value in told.items() if value}


def _datasets(text: str) -> list[str]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return []
    return sorted(str(name) for name in found) if isinstance(found, dict) else []


def _numbers(path: Path, start: int) -> str:
    told = sha256()
    with saying_why(path), open(path, "rb") as file:
        file.seek(start)
        while data := file.read(_CHUNK):
            told.update(data)
    return told.hexdigest()
