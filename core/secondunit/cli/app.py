"""Every command put together, and the one place where errors become exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

import typer
from secondunit_bridge import __version__
from secondunit_bridge.errors import Cancelled, FieldError, SecondUnitError

from . import (
    about,
    answers,
    cards,
    check,
    contact,
    cost,
    daemon,
    doctor,
    finish,
    host,
    insert,
    models,
    packet,
    pictures,
    plate,
    previs,
    project,
    proxies,
    recut,
    replay,
    review,
    rights,
    still,
    takes,
    tracker,
    turnover,
    verify,
    waiving,
)
from .demo import command as demo
from .say import COULD_NOT, DONE, WRONG_ARGUMENTS, from_system, refuse

INTERRUPTED = 130  # what typer makes of Ctrl-C inside a command


def run(words: Sequence[str]) -> int:
    """Run one command line and return its exit code. Errors are said, never shown as tracebacks."""
    as_json = _wants_json(words)
    try:
        code = _tree().main(args=list(words), prog_name="secondunit", standalone_mode=False)
        sys.stdout.flush()
        if code != INTERRUPTED:
            return code if isinstance(code, int) else DONE
        refuse(Cancelled("stopped by Ctrl-C"), as_json=as_json)
    except typer.TyperException as error:
        return _wrong_arguments(error, as_json=as_json)
    except (SecondUnitError, OSError, KeyboardInterrupt, typer.Abort) as error:
        return could_not(error, as_json=as_json)
    return COULD_NOT


def could_not(error: BaseException, *, as_json: bool) -> int:
    """Say why a command ended: an error of ours or the system's, a closed pipe, Ctrl-C."""
    if isinstance(error, SecondUnitError):
        refuse(error, as_json=as_json)
    elif isinstance(error, BrokenPipeError):
        _close_pipe()
    elif isinstance(error, OSError):
        refuse(from_system(error), as_json=as_json)
    else:
        refuse(Cancelled("stopped by Ctrl-C"), as_json=as_json)
    return COULD_NOT


def assembled() -> typer.Typer:
    """The whole command tree; nothing heavy is loaded until a command runs."""
    app = typer.Typer(
        name="secondunit",
        help="A second unit for the cut, the plate and the set you already have.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    shooting = (demo, insert, plate, previs, takes, finish, replay)
    delivery = (recut, turnover, packet, still, cost, verify)
    watching = (answers, waiving, cards, check, review, contact, pictures, proxies)
    for group in (*shooting, *watching, *delivery, doctor, about):
        group.add_to(app)
    app.add_typer(daemon.group())
    app.add_typer(rights.group())
    app.add_typer(tracker.group())
    app.add_typer(project.group())
    app.add_typer(models.group())
    app.add_typer(host.group())
    return app


@cache
def _tree() -> Any:
    """The commands as typer runs them. Made once: it takes as long as many a command."""
    return typer.main.get_command(assembled())


def _say_version(*, asked: bool) -> None:
    if asked:
        print(f"secondunit {__version__}")
        raise typer.Exit(DONE)


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version.",
            is_eager=True,
            callback=lambda asked: _say_version(asked=asked),
        ),
    ] = False,
) -> None:
    """A host hands over a turnover; the second unit shoots takes; a person circles one."""


def _wants_json(words: Sequence[str]) -> bool:
    plain_words = words[: words.index("--")] if "--" in words else words
    return "--json" in plain_words


def _wrong_arguments(error: Any, *, as_json: bool) -> int:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "secondunit"
    message = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        print(message)
        return WRONG_ARGUMENTS
    hint = f"See `{command} --help`."
    refuse(FieldError(message, hint=hint), as_json=as_json)
    return int(error.exit_code)


def _close_pipe() -> None:
    import os

    # The reader has gone (`| head`): point stdout elsewhere so that the exit flush stays quiet.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
