"""The plug-in that hears the ledger for Kitsu: it puts versions into the outbox, and does no more.

Sending is `secondunit tracker push`, a process of its own: a server that hangs stops nobody.
"""

from __future__ import annotations

import pluggy
from secondunit_bridge import places
from secondunit_bridge.film import Entry

from .kitsu import FILE
from .outbox import Outbox

TRACKER = "kitsu"
KINDS = {"version": "publish", "version_state": "status"}

hookimpl = pluggy.HookimplMarker("secondunit")


@hookimpl
def secondunit_recorded(entry: Entry) -> None:
    """Versions and their states, when this home has a kitsu.toml."""
    if entry.kind in KINDS and (places.home() / FILE).is_file():
        put(Outbox(places.home(), TRACKER), entry)


def put(outbox: Outbox, entry: Entry) -> bool:
    """One entry of the ledger as something to be told; False when it was put in before."""
    payload = {"version": entry.subject, "entry": entry.number, "by": entry.by}
    if entry.kind == "version_state":
        payload["state"] = str(entry.body.get("state", ""))
        payload["reason"] = str(entry.body.get("reason", ""))
    return outbox.put(f"{entry.subject}:{entry.number}", KINDS[entry.kind], payload)
