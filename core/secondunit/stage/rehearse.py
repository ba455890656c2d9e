"""One live frame in a slot: looked at in place, nothing is recorded or kept."""

from __future__ import annotations

from pathlib import Path

from secondunit_bridge.errors import UnknownGenerator
from secondunit_bridge.slots import SlotFile, State

from .orders import Rehearse

THROUGH = "through"


class Rehearsals:
    """Keeps slots mapped between frames: a fresh mapping costs more than the copy."""

    def __init__(self) -> None:
        self._mapped: dict[str, SlotFile] = {}

    def run(self, order: Rehearse) -> None:
        """Run the frame in the slot through a generator. Raises SlotLost, UnknownGenerator.

        ``through`` does no work: it proves the way from host to stage and back.
        """
        if order.generator != THROUGH:
            raise UnknownGenerator(
                f"{order.generator!r} cannot be rehearsed live",
                hint=f"This release rehearses {THROUGH!r} only.",
            )
        slot = self._slot(order.path)
        slot.check(order.generation, State.stage)
        slot.described()  # refuses a header that names more pixels than there are
        slot.mark(order.generation, State.result)

    def _slot(self, path: str) -> SlotFile:
        if path not in self._mapped:
            for gone in [p for p in self._mapped if not Path(p).exists()]:
                self._mapped.pop(gone).close()
            self._mapped[path] = SlotFile.attach(Path(path))
        return self._mapped[path]
