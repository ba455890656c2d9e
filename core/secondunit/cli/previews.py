"""The latest small picture of each take, kept as a file that a person can leave open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Previews:
    """Keeps previews in a folder, one JPEG a take, replaced as better ones arrive."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: dict[str, Path] = {}

    def keep(self, event: Any) -> Iterator[Path]:
        """Write the picture of a ``preview`` event. Yields where it lies, the first time only.

        Raises OSError.
        """
        if not event.parts:
            return
        take = str(event.body["take"])
        path = self._folder / f"{take}.jpg"
        self._folder.mkdir(parents=True, exist_ok=True)
        spare = path.with_suffix(".part")
        spare.write_bytes(event.parts[0])
        os.replace(spare, path)  # a viewer never meets half a picture
        new = take not in self._paths
        self._paths[take] = path
        if new:
            yield path

    def last(self, take: str) -> Path | None:
        """Where the latest picture of a take lies; None when none came."""
        return self._paths.get(take)
