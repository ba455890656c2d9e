"""One live frame in a slot: looked at in place, nothing is recorded or kept."""

from __future__ import annotations

from secondunit_bridge.errors import UnknownGenerator

from .orders import Rehearse

THROUGH = "through"


def rehearse(order: Rehearse) -> None:
    """Run the frame in the slot through a generator. Raises SlotLost, UnknownGenerator.

    ``through`` does no work: it proves the way from host to stage and back.
    """
    if order.generator != THROUGH:
        raise UnknownGenerator(
            f"{order.generator!r} cannot be rehearsed live",
            hint=f"This release rehearses {THROUGH!r} only.",
        )
    from secondunit_bridge.slots import Slot

    with Slot.attach(order.path) as slot:
        slot.pass_through(order.generation)
