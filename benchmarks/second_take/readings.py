"""What was read of samples, one JSON line each: a run that was cut short, or parts, still count."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .looking import Looked
from .samples import Sample
from .shots import alone

_OF_SAMPLE = ("kind", "source", "context", "held", "check", "severity", "amount", "truth")


def line(looked: Looked, beside: dict[str, float]) -> str:
    """A sample's readings, with the baselines' beside them."""
    said: dict[str, Any] = {"name": looked.sample.name}
    said |= {name: getattr(looked.sample, name) for name in _OF_SAMPLE}
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


def renewed(old: Iterable[str], new: Iterable[str]) -> Iterator[str]:
    """Old lines with what new lines say of the same samples in place of what they said.

    Samples of one name follow each other in both as they are made; what a new line does not speak
    of stays as it was, and samples that are only among the new come last.
    """
    again: dict[str, deque[dict[str, Any]]] = defaultdict(deque)
    for text in new:
        said = json.loads(text)
        again[said["name"]].append(said)
    for text in old:
        said = json.loads(text)
        if again[said["name"]]:
            later = again[said["name"]].popleft()
            for what in ("scores", "flags", "boxes", "beside"):
                kept = {n: v for n, v in said[what].items() if n not in later["scores"]}
                said[what] = kept | later[what]
        yield json.dumps(said)
    for left in again.values():
        yield from map(json.dumps, left)
