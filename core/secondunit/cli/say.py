"""How the command line speaks: lines for people, one JSON document for programs."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from secondunit_bridge.errors import (
    DiskFull,
    MediaOffline,
    NotPermitted,
    SecondUnitError,
    StoreError,
    error_body,
)
from secondunit_bridge.wire import plain

if TYPE_CHECKING:
    from rich.console import Console

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs.")]

STYLES = {
    "clear": "green",
    "look": "yellow",
    "stop": "bold red",
    "not_checked": "bright_black",
}

DONE, COULD_NOT, WRONG_ARGUMENTS, STOPS_OPEN = 0, 1, 2, 3
NOT_COMPARED = 4  # verify: nothing is changed, but a plate or a signer's certificate is not here


class Say:
    """One command's voice.

    For people every line goes to standard output. With ``as_json`` people hear nothing there and
    ``done`` prints exactly one document.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    @property
    def live(self) -> bool:
        """A person watches a terminal: moving displays make sense."""
        return not self.as_json and sys.stderr.isatty()

    def line(self, text: str = "", *, style: str = "") -> None:
        """One line for people; ``style`` is a rich style. Text is never read as markup."""
        if not self.as_json:
            from rich.text import Text

            console().print(Text(text, style=style), soft_wrap=True)

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Lines of ``name  value``, the values aligned."""
        rows = list(pairs)
        width = max((len(name) for name, _ in rows), default=0)
        for name, value in rows:
            self.line(f"  {name:<{width}}  {value}")

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table for people."""
        if self.as_json:
            return
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
        console().print(table)

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Something moves on a terminal while one long step is done."""
        if not self.live:
            yield
            return
        with console(beside=True).status(text):
            yield

    def aside(self, text: str) -> None:
        """One line beside the work (a daemon was started), on standard error."""
        if not self.as_json:
            print(text, file=sys.stderr)

    def done(self, value: Any) -> None:
        """The answer for programs. Dataclasses, rates and enums become plain JSON."""
        if self.as_json:
            print(json.dumps(plain(value), indent=1, ensure_ascii=False, allow_nan=False))


def console(*, beside: bool = False) -> Console:
    """The terminal: standard output, or standard error with ``beside``; wide when it is a file."""
    from rich.console import Console

    stream = sys.stderr if beside else sys.stdout
    width = None if stream.isatty() else 160  # a pipe has no width; do not fold paths at 80
    return Console(file=stream, highlight=False, markup=False, emoji=False, width=width)


def refuse(error: SecondUnitError, *, as_json: bool) -> None:
    """Say an error: the object of the JSON contract, or a message and what to do next."""
    if as_json:
        body = {name: value for name, value in error_body(error).items() if name != "branches"}
        print(json.dumps({"error": body}, indent=1, ensure_ascii=False, default=str))
        return
    print(f"{_sentence(error.message)} [{error.code}]", file=sys.stderr)
    if error.hint:
        print(f"  What to do: {error.hint}", file=sys.stderr)


def from_system(error: OSError) -> SecondUnitError:
    """What the system said about a file, as one of ours."""
    name = error.filename or ""
    reason = (error.strerror or str(error)).lower()
    message = f"{name}: {reason}" if name else reason
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(message, hint="Free some room there, or choose another folder.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return NotPermitted(message, hint="Choose a folder that you may write, or ask its owner.")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return MediaOffline(message, hint="Check the path.", data={"path": str(name)})
    return StoreError(message, hint="Run `secondunit doctor`.")


def login_name() -> str:
    """The name of the person at this machine, for decisions signed without ``--by``."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user in the system's list: a container
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "user"


def _sentence(text: str) -> str:
    """With a capital and a full stop; a name of a file or a field keeps its own letters."""
    first = text.split(" ", 1)[0].rstrip(":,;")
    name = not first.isalpha() and not first.replace("'", "").replace("-", "").isalpha()
    capital = text[:1] if name else text[:1].upper()
    return capital + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
