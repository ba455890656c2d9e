"""The socket door of the core: one daemon for each user and home. Wiring only."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import ExitStack, closing
from types import FrameType
from typing import TYPE_CHECKING

from ..settings import Settings
from .lock import only_one
from .loop import Daemon

if TYPE_CHECKING:
    from ..desk.desk import Desk
    from .log import Log

__all__ = ["Daemon", "serve"]


def serve(settings: Settings) -> None:
    """Run the daemon of this home until a signal or ``stop_daemon``.

    Raises Locked when one runs already.
    """

    with only_one(settings.runtime), ExitStack() as stack:

        def open_desk(wake: Callable[[], None]) -> tuple[Desk, Log]:
            """Opened after the socket listens: hosts need not wait for the database library."""
            from ..desk import desk
            from ..ledger import Ledger
            from ..plugins import Plugins
            from .log import Log

            log = stack.enter_context(closing(Log(settings.home / "logs", settings.log_level)))
            path = settings.home / "ledger.sqlite"
            ledger = stack.enter_context(closing(Ledger(path, durability=settings.durability)))
            opened = desk.Desk(ledger, Plugins(settings.plugins), settings, wake)
            log.say(f"listening as process {os.getpid()}")
            return opened, log

        daemon = stack.enter_context(Daemon(settings, open_desk))

        def end(signum: int, frame: FrameType | None) -> None:
            daemon.stop()

        for wanted in (signal.SIGINT, signal.SIGTERM):
            signal.signal(wanted, end)
        daemon.run()
