"""``daemon run`` as hosts start it, before the command line is put together: a person waits."""

from __future__ import annotations

import os
import sys

from secondunit_bridge.errors import SecondUnitError

WORDS = ["daemon", "run"]  # with any other word it is a command like all others


def run() -> int:
    """Run the daemon until it is stopped and return its exit code; ``daemon.run`` without typer."""
    from ..daemon import serve
    from ..settings import Settings

    try:
        settings = Settings.load(os.environ)
        print(f"Second Unit's daemon for {settings.home}", file=sys.stderr)
        serve(settings)
    except (SecondUnitError, OSError, KeyboardInterrupt) as error:
        from .app import could_not

        return could_not(error, as_json=False)
    return 0
