"""Frames of render passes as models look at them: distances and normals become pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from secondunit_bridge.film import Role

from ...media.footage import Footage, Part, Picture
from .pictures import clipped, depth_scale, near_is_white, signed, towards_camera

_RUNNING = (Role.plate, Role.matte, Role.depth, Role.normal, Role.guide, Role.ids)
_SAMPLED = 32  # frames of a pass that are looked at for what holds for all of it

Known = TypeVar("Known")


class Passes:
    """The passes of one take. What holds for a whole pass is measured once."""

    def __init__(self) -> None:
        self._measured: dict[Role, Any] = {}

    def shown(self, role: Role, footage: Footage, index: int) -> Picture:
        """Frame ``index`` of the call as RGB codes 0..1; a still is the same for every index."""
        running = role in _RUNNING and len(footage.frames) > 1
        return self.shown_at(role, footage, footage.frames.first + (index if running else 0))

    def shown_at(self, role: Role, footage: Footage, number: int) -> Picture:
        """The frame of that number as RGB codes 0..1, ``(row, column, 3)`` float32."""
        picture = footage.frame(number)
        if role is Role.depth:
            return near_is_white(picture, self._known(role, footage, depth_scale))
        if role is Role.normal:
            return towards_camera(picture, signed=self._known(role, footage, signed))
        return clipped(picture)

    def _known(
        self, role: Role, footage: Footage, measured: Callable[[Iterable[Picture]], Known]
    ) -> Known:
        """What holds for all of a pass, looked for once over the whole take, not this run only."""
        if role not in self._measured:
            whole = footage.whole if isinstance(footage, Part) else footage
            numbers = list(whole.frames)
            every = -(-len(numbers) // _SAMPLED)
            self._measured[role] = measured(whole.frame(number) for number in numbers[::every])
        known: Known = self._measured[role]
        return known
