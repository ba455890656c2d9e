"""Who and what is in the scene: objects and collections tagged as characters, props and sets."""

from __future__ import annotations

from typing import Any, Dict


def number_ids(scene: Any) -> Dict[int, str]:
    """Give each thing in the scene a number for the pass of object numbers; number -> name."""
    things = [thing for thing in scene.objects if thing.type not in ("CAMERA", "LIGHT", "EMPTY")]
    if any(thing.pass_index for thing in things):
        return {int(thing.pass_index): thing.name for thing in things if thing.pass_index}
    found = {}
    for number, thing in enumerate(sorted(things, key=lambda thing: str(thing.name)), 1):
        thing.pass_index = number
        found[number] = thing.name
    return found


def scene_facts(scene: Any) -> Dict[str, Any]:
    """Where everything that matters to continuity is in the scene's frame."""
    return {}
