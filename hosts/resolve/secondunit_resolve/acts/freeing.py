"""*Free the card*: models leave the graphics card, so that Resolve has it to play or to render.

Resolve tells no script when it plays, so a person says so. The next take brings them back.
"""

from __future__ import annotations

from secondunit_bridge.memory import free_said, gigabytes, memories

from ..pacing import aside
from ..words import Said
from .bench import Bench


def free_card(bench: Bench) -> Said:
    """Raises Locked while a take is being shot; what waits in line is shot afterwards."""
    pace = bench.port.pace
    with bench.unit() as unit:
        freed = aside(unit.release_device, pace)
        found = memories(unit, rest=pace.rest)
    gave = f"Second Unit gave {gigabytes(freed)} back"
    what = gave if freed else "Nothing of ours lay on the card"
    lines = (f"{what}. The next take takes what it needs.", *free_said(found))
    return Said(lines, {"freed": freed})
