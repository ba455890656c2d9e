"""*Status*: whether the daemon is there, how busy it is, and what its machine has free."""

from __future__ import annotations

from secondunit_bridge.memory import free_said, memories
from secondunit_bridge.saying import counted
from secondunit_bridge.wire import plain

from ..words import Said
from .bench import Bench


def status(bench: Bench) -> Said:
    """Said before any work begins; the daemon is started when none runs.

    Raises DaemonUnavailable with what its log says when it does not come up.
    """
    with bench.unit() as unit:
        hello, busy = unit.hello(), unit.status()
        found = memories(unit, rest=bench.port.pace.rest)
    shooting, waiting = len(busy.get("shooting") or ()), int(busy.get("waiting") or 0)
    does = f"shoots {counted(shooting, 'take')}" if shooting else "shoots nothing now"
    waits = f"{counted(waiting, 'take')} {'wait' if waiting > 1 else 'waits'}"
    lines = (
        f"Daemon {hello.version} is there; it {does}, {waits if waiting else 'and nothing waits'}.",
        *free_said(found),
        f"Asked for next: {bench.wish.generator}, {counted(bench.wish.takes, 'take')}.",
    )
    facts = {"version": hello.version, "shooting": shooting, "waiting": waiting,
             "memory": None if found is None else plain(found)}  # fmt: skip
    return Said(lines, facts)
