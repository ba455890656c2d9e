"""The line of takes for the page: who comes when, about how long each will take, which memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secondunit_bridge.film import TakeState

from ..packet.pace import Pace, Size
from .reel import Reel, TakeNow

if TYPE_CHECKING:
    from secondunit_bridge.unit import Unit

LATEST = 200  # takes that say how long the next ones will need
_AHEAD = (TakeState.waiting, TakeState.shooting, TakeState.checking)


class Line:
    """Answers for the queue view. Any thread may ask."""

    def __init__(self, unit: Unit, reel: Reel) -> None:
        self._unit, self._reel = unit, reel

    def told(self) -> dict[str, Any]:
        """``order`` of waiting takes, ``seconds`` each take ahead will need where that is known,
        and ``memory``, empty until it is known. Raises what asking the daemon raises."""
        order = [take for take, *_ in self._unit.queue()]
        memory = self._unit.status().get("memory")  # None until the daemon has looked
        with self._reel.lock:
            takes = self._reel.takes()
            pace = Pace()
            for one in [take for take in takes if take.seconds][-LATEST:]:
                pace.add(self._size(one), one.seconds)
            ahead = {one.id: pace.expected(self._size(one))
                     for one in takes if one.state in _AHEAD}  # fmt: skip
        return {
            "order": order,
            "seconds": {id: said.seconds for id, said in ahead.items() if said is not None},
            "memory": memory or [],
        }

    def _size(self, take: TakeNow) -> Size:
        asked = self._reel.turnovers[take.turnover]
        return Size.of(asked, self._reel.projects.get(asked.shot.project))
