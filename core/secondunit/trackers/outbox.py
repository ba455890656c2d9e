"""The outbox: what is still to be told to a tracker. Each thing is told once, however often tried.

A file of its own beside the ledger: it can be deleted, and is filled again from the ledger.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "trackers.sqlite"
FIRST_S, LONGEST_S = 30.0, 3600.0  # seconds until it is tried again: twice as long each time
_TABLES = """
create table if not exists outbox(
    id integer primary key, tracker text not null, idem_key text not null, op text not null,
    payload text not null, state text not null default 'waiting', tries integer not null default 0,
    next_at real not null default 0, last_error text not null default '',
    remote_id text not null default '', unique(tracker, idem_key)) strict;
create table if not exists heard(
    tracker text not null, remote_id text not null, body text not null,
    primary key(tracker, remote_id)) strict;
"""


@dataclass(frozen=True)
class Item:
    """One thing to be told."""

    id: int
    op: str  # publish or status
    payload: dict[str, Any]
    tries: int

    @property
    def version(self) -> str:
        """What it is about."""
        return str(self.payload["version"])


class Outbox:
    """The outbox of one tracker in one home."""

    def __init__(self, home: Path, tracker: str) -> None:
        self._path, self._tracker = home / FILE, tracker

    def put(self, key: str, op: str, payload: dict[str, Any]) -> bool:
        """Something new to be told; False when it was put in before."""
        with self._open() as table:
            row = (self._tracker, key, op, json.dumps(payload, sort_keys=True))
            told = table.execute(
                "insert or ignore into outbox(tracker, idem_key, op, payload) values(?, ?, ?, ?)",
                row,
            )
            return told.rowcount > 0

    def due(self, now: float) -> list[Item]:
        """What is to be told now, in the order it came.

        What waits for its next try keeps back all that came after it about the same version: a
        tracker that hears of an approval first would be set back by the movie.
        """
        with self._open() as table:
            rows = table.execute(
                "select id, op, payload, tries, next_at from outbox"
                " where tracker = ? and state = 'waiting' order by id",
                (self._tracker,),
            ).fetchall()
        found, held = [], set()
        for id, op, payload, tries, next_at in rows:
            item = Item(id, op, json.loads(payload), tries)
            if next_at > now:
                held.add(item.version)
            elif item.version not in held:
                found.append(item)
        return found

    def done(self, item: Item, remote: str) -> None:
        """It was told; ``remote`` is the tracker's id of the task."""
        with self._open() as table:
            table.execute(
                "update outbox set state = 'done', remote_id = ?, last_error = '' where id = ?",
                (remote, item.id),
            )

    def failed(self, item: Item, error: str, now: float) -> None:
        """It could not be told; it is tried again later, each time after twice as long."""
        wait = min(LONGEST_S, FIRST_S * 2.0 ** min(item.tries, 20))
        with self._open() as table:
            table.execute(
                "update outbox set tries = tries + 1, next_at = ?, last_error = ? where id = ?",
                (now + wait, error[:500], item.id),
            )

    def standing(self) -> dict[str, Any]:
        """How many are told and how many wait, and the newest error."""
        with self._open() as table:
            rows = table.execute(
                "select state, count(*), max(last_error) from outbox where tracker = ?"
                " group by state",
                (self._tracker,),
            ).fetchall()
        counts = {state: count for state, count, _ in rows}
        errors = [error for _, _, error in rows if error]
        return {"done": counts.get("done", 0), "waiting": counts.get("waiting", 0),
                "last_error": errors[0] if errors else ""}  # fmt: skip

    def tasks(self) -> dict[str, str]:
        """The tracker's task of each version that was published there."""
        with self._open() as table:
            rows = table.execute(
                "select payload, remote_id from outbox where tracker = ? and state = 'done'"
                " and op = 'publish'",
                (self._tracker,),
            ).fetchall()
        return {json.loads(payload)["version"]: remote for payload, remote in rows}

    def heard(self) -> set[str]:
        """The tracker's ids of all that it said and a person was told."""
        with self._open() as table:
            rows = table.execute(
                "select remote_id from heard where tracker = ?", (self._tracker,)
            ).fetchall()
        return {str(remote) for (remote,) in rows}

    def hear(self, remote: str, body: dict[str, Any]) -> None:
        """Something the tracker said was told to a person, who is not told it again."""
        with self._open() as table:
            table.execute(
                "insert or ignore into heard values(?, ?, ?)",
                (self._tracker, remote, json.dumps(body)),
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=5.0)) as table:
            table.executescript(_TABLES)
            with table:
                yield table
