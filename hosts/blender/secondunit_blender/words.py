"""What Blender's panel says in its own way: which takes are shot, and lines that fit."""

from __future__ import annotations

from typing import Tuple

from secondunit_bridge.film import TakeState

SHOT = (TakeState.pending_review, TakeState.blocked, TakeState.circled, TakeState.junk)


def folded(text: str, width: int) -> Tuple[str, ...]:
    """The text in lines of at most ``width`` characters: Blender's labels do not fold."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return tuple(line for line in lines if line)
