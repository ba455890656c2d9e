"""The commands that hints give about models, whole, so that they work when they are pasted."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from secondunit_bridge.film import Model, ModelKind

from .variants import wanted_of

_WHO = "--by NAME"


def add_again(model: Model) -> str:
    """Registers the same path under the same name, with the same card, parts, kind and licence."""
    words = ["secondunit", "models", "add", model.path, "--name", model.name]
    if model.kind is ModelKind.base:
        words += ["--card", model.card]
    for name, place in sorted(model.parts.items()):
        words += ["--part", f"{name}={place}"]
    if wanted_of(model):
        words += ["--variant", wanted_of(model)]
    if model.licence.id:
        words += ["--licence", model.licence.id]
    return f"{shlex.join(words)} {_WHO}"


def clear(name: str, territories: Sequence[str] = (), reason: str = "...") -> str:
    """Clears a model's licence, for those territories when there are any."""
    words = ["secondunit", "models", "clear", name]
    for code in territories:
        words += ["--territory", code]
    return f"{shlex.join(words)} {_WHO} --reason '{reason}'"
