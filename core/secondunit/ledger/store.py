"""One open database: runs the named statements, commits or undoes, and says plainly what failed.

The engine comes from a URL and every statement from SQLAlchemy Core, compiled once for its dialect;
they run on the driver's own cursor, because a turnover is written in a tenth of a millisecond.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from secondunit_bridge.errors import LedgerBroken, StoreError
from sqlalchemy import MetaData, create_engine, exc, inspect
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.compiler import SQLCompiler

from ..disk import closed, full, private_folder, saying_why
from . import tables
from .chain import EntryRefused

_NO_ROOM = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,  # SQLite's word for EDQUOT and EFBIG
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_TRUNCATE,
}
_NOT_OURS = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
# What the driver or SQLite says of a value that no column takes: too large, or of no type it knows.
_UNFIT = (sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError, OverflowError)
# SQLite's own words are decoded by the driver, and a damaged file makes them undecodable.
_FAILED = (sqlite3.Error, UnicodeDecodeError, OverflowError)
_WAIT_S = 5.0  # for another writer; there should be none


class Store:
    """A database of the ledger's tables. ``path`` None is one in memory, for comparing.

    Raises LedgerBroken for a file that is no database, NotPermitted, DiskFull.
    """

    def __init__(self, path: Path | None, *, durability: str = "off", reading: bool = False):
        self.path = path or Path(":memory:")
        self._alone = reading and path is not None and not _side_file(path).exists()
        self._compiled: dict[str, tuple[str, tuple[str, ...]]] = {}
        if path and reading:
            _there(path)
        elif path:
            _made_private(path)
        self._engine = create_engine(
            _url(path, reading=reading, alone=self._alone),
            poolclass=NullPool,
            # One thread at a time uses a ledger, but not always the one that opened it.
            connect_args={"isolation_level": None, "check_same_thread": False, "timeout": _WAIT_S},
        )
        with self._saying():
            self._connection = self._engine.connect()
        self._raw = self._connection.connection
        self._cursor = self._raw.cursor()
        try:
            self._begin_using(durability, reading=reading)
        except StoreError:
            self.close()
            raise

    def run(self, name: str, /, **values: Any) -> int:
        """Run a statement; returns the number of rows it changed."""
        sql, names = self._compiled.get(name) or self._compile(name)
        try:
            return int(self._cursor.execute(sql, [values[n] for n in names]).rowcount)
        except _FAILED as error:
            raise self._refusal(error) from error

    def run_many(self, name: str, rows: Sequence[dict[str, Any]]) -> None:
        """Run a statement once for each row of values."""
        sql, names = self._compiled.get(name) or self._compile(name)
        try:
            self._cursor.executemany(sql, [[row[n] for n in names] for row in rows])
        except _FAILED as error:
            raise self._refusal(error) from error

    def rows(self, name: str, /, **values: Any) -> list[tuple[Any, ...]]:
        """Everything a statement selects."""
        sql, names = self._compiled.get(name) or self._compile(name)
        try:
            found: list[tuple[Any, ...]] = self._cursor.execute(
                sql, [values[n] for n in names]
            ).fetchall()
            return found
        except _FAILED as error:
            raise self._refusal(error) from error

    def stream(self, name: str) -> Iterator[tuple[Any, ...]]:
        """What a statement selects, a few rows at a time, while other statements may run."""
        sql, _ = self._compile(name)
        with self._saying():
            yield from self._raw.cursor().execute(sql)

    def one(self, name: str, /, **values: Any) -> tuple[Any, ...] | None:
        """The first row a statement selects; None when it selects nothing."""
        found = self.rows(name, **values)
        return found[0] if found else None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Everything inside is one commit, or did not happen."""
        self._execute("BEGIN IMMEDIATE")
        done = False
        try:
            yield
            self._execute("COMMIT")
            done = True
        finally:
            if not done:
                self._undo()

    @contextmanager
    def still(self) -> Iterator[None]:
        """Everything inside sees the ledger as it is now, whatever is written meanwhile."""
        self._execute("BEGIN")
        try:
            yield
        finally:
            self._undo()

    def names(self) -> set[str]:
        """The tables there are."""
        with self._saying():
            found = set(inspect(self._connection).get_table_names())
            self._connection.rollback()
        return found

    def create(self, which: MetaData) -> None:
        """Make the tables that are missing. Not inside ``writing``."""
        with self._saying():
            which.create_all(self._connection)
            self._connection.commit()

    def drop(self, which: MetaData) -> None:
        """Remove the tables that are there. Not inside ``writing``."""
        with self._saying():
            which.drop_all(self._connection)
            self._connection.commit()

    def empty(self, which: MetaData) -> None:
        """Remove every row of the tables."""
        for table in which.sorted_tables:
            self._execute(f"DELETE FROM {table.name}")

    def dump(self, which: MetaData) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, in the order of their keys: for comparing."""
        return {
            table.name: self._execute(f"SELECT * FROM {table.name} ORDER BY 1").fetchall()
            for table in which.sorted_tables
        }

    def guard(self) -> None:
        """Put up the triggers that refuse any change to an entry."""
        for ddl in tables.GUARD_DDL:
            self._execute(ddl)

    def guards(self) -> set[str]:
        """Names of the triggers that are up."""
        found = self._execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return {name for (name,) in found.fetchall()}

    def overtaken(self) -> bool:
        """It was opened as a file nobody writes, and somebody writes it now."""
        return self._alone and _side_file(self.path).exists()

    def damage(self) -> str:
        """What the database finds wrong with its own file and indexes; "" when nothing."""
        said = str(self._execute("PRAGMA integrity_check(1)").fetchone()[0])
        return "" if said == "ok" else said

    def settle(self) -> None:
        """Move what is in the write-ahead file into the database, without waiting for readers."""
        self._execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Close the file. May be called twice."""
        self._connection.close()
        self._engine.dispose()

    def _begin_using(self, durability: str, *, reading: bool) -> None:
        if reading:
            self._execute("PRAGMA query_only = ON")
        else:
            self._execute("PRAGMA journal_mode = WAL").fetchall()
            self._execute(f"PRAGMA synchronous = {'FULL' if durability == 'full' else 'OFF'}")
            self._execute("PRAGMA fullfsync = ON")  # on macOS an ordinary fsync stays in the drive
        self._execute(
            "SELECT count(*) FROM sqlite_master"
        ).fetchall()  # refuses what is no database

    def _compile(self, name: str) -> tuple[str, tuple[str, ...]]:
        compiled = tables.STATEMENTS[name].compile(dialect=self._engine.dialect)
        assert isinstance(compiled, SQLCompiler)  # not DDL
        order = tuple(compiled.positiontup or ())
        self._compiled[name] = str(compiled), order
        return self._compiled[name]

    def _execute(self, sql: str) -> Any:
        try:
            return self._cursor.execute(sql)
        except _FAILED as error:
            raise self._refusal(error) from error

    def _undo(self) -> None:
        with suppress(sqlite3.Error):  # a full disk may have undone it already
            self._cursor.execute("ROLLBACK")

    @contextmanager
    def _saying(self) -> Iterator[None]:
        try:
            yield
        except _FAILED as error:
            raise self._refusal(error) from error
        except exc.DBAPIError as error:
            if not isinstance(error.orig, sqlite3.Error):
                raise
            raise self._refusal(error.orig) from error

    def _refusal(self, error: Exception) -> StoreError:
        if isinstance(error, _UNFIT):
            return EntryRefused(f"the ledger has no room for such a value: {error}")
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        kind = code & 0xFF  # the low byte is the kind, the rest says which of its cases
        if {code, kind} & _NO_ROOM:
            return full(self.path)
        if kind in _NOT_OURS:
            return closed(self.path, str(error))
        if kind in _DAMAGED:
            return LedgerBroken(
                f"{self.path} cannot be read as a ledger: {error}",
                hint="See `secondunit verify`; bring the file back from a backup, or move it away.",
                data={"path": str(self.path)},
            )
        if kind == sqlite3.SQLITE_CONSTRAINT:
            return EntryRefused(
                f"something of that name is in the ledger already: {error}",
                hint="Ask once more: a new ask gets new names.",
            )
        hint = "Is another daemon using this home?" if kind in _BUSY else ""
        return StoreError(f"the ledger would not take it: {error}", hint=hint)


def _made_private(path: Path) -> None:
    """SQLite gives its side files the rights of the database: 0600 here is 0600 for all three."""
    private_folder(path.parent)
    with saying_why(path):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _there(path: Path) -> None:
    if not path.exists():
        raise StoreError(
            f"there is no ledger at {path}", hint="It is made when a daemon starts in that home."
        )


def _side_file(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _url(path: Path | None, *, reading: bool, alone: bool) -> str:
    if path is None:
        return "sqlite://"
    if not reading:
        return f"sqlite:///{path}"
    # Nobody writes when the side files are gone. Then none must be made to read it: they would
    # stay, and belong to whoever looked.
    still = "&immutable=1" if alone else ""
    return f"sqlite:///file:{quote(str(path))}?mode=ro{still}&uri=true"
