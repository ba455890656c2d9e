"""What killed processes leave behind: half-written frames and versions, slots nobody holds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from secondunit_bridge import places, slots
from secondunit_bridge.connection import Connection
from secondunit_bridge.errors import SecondUnitError

BUSY_S = 600.0  # a draft that a daemon at work has not touched for so long is nobody's


def stores(home: Path) -> tuple[Path, ...]:
    """The stores of every project of a home that are there. Raises StoreError, LedgerBroken ..."""
    from ..ledger import Ledger

    with Ledger(home / "ledger.sqlite", reading=True) as ledger:
        named = {
            Path(project.store) if project.store else home / "projects" / project.name
            for project in ledger.views.projects()
        }
    return tuple(sorted(store for store in named if store.is_dir()))


def drafts(store: Path) -> tuple[Path, ...]:
    """Files and versions of a store that were never finished, and that nobody is writing now."""
    found: list[Path] = []
    since = time.time() - (BUSY_S if daemon_runs() else 0.0)
    for where in ("vault/??/.*.part*", "*/.*.part", "*/*/.*.part"):
        for path in store.glob(where):
            with suppress(FileNotFoundError):  # finished while we looked
                if path.stat().st_mtime <= since:
                    found.append(path)
    return tuple(found)


def clear(store: Path) -> None:
    """Remove the unfinished of processes that are gone; of one that lives nothing."""
    from ..vault import Vault

    Vault(store / "vault").sweep()


def orphans() -> Iterator[Path]:
    """Folders of slots that no daemon answers for, with files in them. Raises NotPermitted."""
    if not daemon_runs():
        yield from (folder for folder in places.slot_folders() if any(folder.iterdir()))


def clear_slots(folder: Path) -> None:
    """Give the memory of slots back whose daemon has ended."""
    slots.sweep(folder)


def daemon_runs() -> bool:
    """Whether the daemon of this home is alive."""
    try:
        return not Connection.read().stale()
    except SecondUnitError:
        return False
