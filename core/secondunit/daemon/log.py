"""The daemon's log: one JSON object a line, kept small, never with a brief or a picture in it."""

from __future__ import annotations

import json
import logging
import logging.handlers
import time
from pathlib import Path

from secondunit_bridge.film import Entry

from ..disk import private_folder, saying_why

KEPT_BYTES = 2_000_000  # of one file; three older ones are kept
_FACTS = ("entry", "kind", "subject", "by", "state", "code")


class Lines(logging.Formatter):
    """Time (UTC), level, message, and the facts that were given with it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        told = {"at": f"{at}Z", "level": record.levelname.lower(), "says": record.getMessage()}
        told |= {name: getattr(record, name) for name in _FACTS if hasattr(record, name)}
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told)


class Log:
    """Writes to ``daemon.jsonl`` in a folder. Close it, or the file stays open.

    Raises DiskFull, NotPermitted, StoreError.
    """

    def __init__(self, folder: Path, level: str) -> None:
        path = private_folder(folder) / "daemon.jsonl"
        with saying_why(path):
            self._file = logging.handlers.RotatingFileHandler(
                path, maxBytes=KEPT_BYTES, backupCount=3, encoding="utf-8"
            )
        self._file.setFormatter(Lines())
        self._log = logging.Logger("secondunit.daemon", level.upper())
        self._log.addHandler(self._file)

    def entry(self, entry: Entry) -> None:
        """An entry became durable. Its body is not logged: it may hold a brief."""
        state = str(entry.body.get("state", ""))
        error = entry.body.get("error")
        code = str(error.get("code", "")) if isinstance(error, dict) else ""
        facts = {"entry": entry.number, "kind": entry.kind, "subject": entry.subject}
        facts |= {"by": entry.by, "state": state, "code": code}
        level = logging.WARNING if code else logging.INFO
        self._log.log(level, "ledger", extra={k: v for k, v in facts.items() if v != ""})

    def say(self, words: str) -> None:
        """Something about the daemon itself."""
        self._log.info(words)

    def warn(self, words: str) -> None:
        """Something went wrong that nobody is waiting to hear of."""
        self._log.warning(words)

    def fault(self, words: str) -> None:
        """An exception of our own that is being handled now, with its traceback."""
        self._log.exception(words)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
