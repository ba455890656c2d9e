"""``daemon run|start|stop|status``."""

from __future__ import annotations

import os
import time

import typer
from secondunit_bridge.errors import DaemonUnavailable, TimedOut, error_body

from .say import COULD_NOT, DONE, JsonFlag, Say

STOP_S = 15.0  # a stage is given two seconds to stop, then killed; publishing may finish a frame


def group() -> typer.Typer:
    """The ``daemon`` commands."""
    app = typer.Typer(
        name="daemon",
        help="The process that shoots, one for each user and home.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    for command in (run, start, stop, status):
        app.command()(command)
    return app


def run(json: JsonFlag = False) -> int:
    """Run the daemon in this terminal until it is stopped."""
    from ..daemon import serve
    from ..settings import Settings

    settings = Settings.load(os.environ)
    Say(as_json=json).aside(f"Second Unit's daemon for {settings.home}")
    serve(settings)
    return DONE


def start(json: JsonFlag = False) -> int:
    """Start the daemon in the background, unless it runs already."""
    from .calling import calling

    say = Say(as_json=json)
    with calling(say) as unit:
        hello, said = unit.hello(), unit.said
    if not said:
        say.line(f"The daemon runs already (process {hello.pid}).")
    say.done({"running": True, "pid": hello.pid, "version": hello.version, "started": bool(said)})
    return DONE


def stop(json: JsonFlag = False) -> int:
    """Stop the daemon. Takes that wait are shot when it runs again."""
    from .calling import calling

    say = Say(as_json=json)
    try:
        with calling(say, start=False) as unit:
            pid = unit.hello().pid
            unit.stop_daemon()
    except DaemonUnavailable:
        say.line("No daemon runs.")
        say.done({"running": False, "stopped": False})
        return DONE
    wait_for_end(pid)
    say.line(f"The daemon has stopped (process {pid}).")
    say.done({"running": False, "stopped": True, "pid": pid})
    return DONE


def status(json: JsonFlag = False) -> int:
    """Say whether the daemon runs, and how busy it is."""
    from secondunit_bridge.memory import free_said, memories
    from secondunit_bridge.wire import plain

    from .calling import calling

    say = Say(as_json=json)
    try:
        with calling(say, start=False) as unit:
            hello, busy = unit.hello(), unit.status()
            free = memories(unit)
    except DaemonUnavailable as error:
        say.line("No daemon runs. Start it with: secondunit daemon start")
        body = {name: value for name, value in error_body(error).items() if name != "branches"}
        say.done({"running": False, "error": body})
        return COULD_NOT
    say.line(f"The daemon runs (process {hello.pid}, version {hello.version}).")
    say.pairs(
        (
            ("waiting", str(busy.get("waiting", 0))),
            ("shooting", ", ".join(map(str, busy.get("shooting", ()))) or "nothing"),
            ("generators", ", ".join(hello.generators)),
            ("checks", ", ".join(hello.checks)),
        )
    )
    for line in free_said(free):
        say.line(line)
    busy["memory"] = None if free is None else plain(free)
    say.done({"running": True, "pid": hello.pid, "version": hello.version, **busy})
    return DONE


def wait_for_end(pid: int) -> None:
    """Return when the daemon's connection file is gone and its process has ended.

    Raises TimedOut.
    """
    from secondunit_bridge.connection import process_started

    began, until = process_started(pid), time.monotonic() + STOP_S
    while began and process_started(pid) == began:
        if time.monotonic() > until:
            raise TimedOut(
                f"the daemon (process {pid}) was told to stop but still runs",
                hint=f"End it with: kill {pid}. Nothing acknowledged is lost.",
                data={"pid": pid},
            )
        time.sleep(0.02)
