"""What was read of samples, one JSON line each: a run that was cut short, or parts, still count."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .looking import Looked
from .samples import Sample
from .shots import alone

_OF_SAMPLE = ("kind", "source", "context", "held", "check", "severity", "amount", "truth")


def line(looked: Looked, beside: dict[str, float]) -> str:
    """A sample's readings, with the baselines' beside them."""
    said: dict[str, Any] = {name: getattr(looked.sample, name) for name in _OF_SAMPLE}
    said |= {"scores": dict(looked.scores), "flags": dict(looked.flags), "seconds": looked.seconds,
             "boxes": {name: list(boxes) for name, boxes in looked.boxes.items() if boxes},
             "frames": looked.frames, "beside": beside}  # fmt: skip
    return json.dumps(said)


def read(files: Iterable[Path]) -> Iterator[tuple[Looked, dict[str, float]]]:
    """Readings as they were written."""
    for file in files:
        for text in file.read_text(encoding="utf-8").splitlines():
            said = json.loads(text)
            facts = {name: said[name] for name in _OF_SAMPLE}
            facts["truth"] = tuple(tuple(box) for box in facts["truth"])
            boxes = {name: tuple(map(tuple, some)) for name, some in said["boxes"].items()}
            sample = Sample(shots=(), exam=alone, **facts)
            yield Looked(sample, said["scores"], said["flags"], boxes, said["seconds"],
                         said["frames"]), said["beside"]  # fmt: skip
