"""The commands of this folder: ``demo``, ``test`` and ``secondunit``, with what they need."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from blender import Fetching
from environment import Environment, NotReady
from gates import GATES, begin, check

ROOT = Path(__file__).resolve().parent.parent
USAGE = f"""\
Second Unit. Run one of:

  python3 installers/run.py demo [--out DIR]        shoot an insert and cut it in, on real footage
  python3 installers/run.py test                    every check of the project
  python3 installers/run.py test --long             and the tests that take minutes
  python3 installers/run.py test --only GATE [-- ARGS]   one of: {", ".join(GATES)}
  python3 installers/run.py secondunit ARGS         any other command of Second Unit

The first run makes a Python environment in .venv; later runs start at once.
"""
UNHURRIED = ("mypy", "hosts", "imports")  # gates that run while Blender is still being fetched
_TAIL = 12  # lines of pip's log that are shown when it failed


def main(given: Sequence[str]) -> int:
    """Run one command. Returns its exit code; 2 for wrong arguments."""
    command, rest = (given[0] if given else ""), list(given[1:])
    if command in ("", "-h", "--help", "help"):
        print(USAGE, end="")
        return 0 if command else 2
    try:
        return _run(command, rest)
    except NotReady as error:
        _explain(error)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run the same command to go on from here.", file=sys.stderr)
        return 130


def _run(command: str, rest: list[str]) -> int:
    if command == "demo":
        return _become(["demo", *rest])
    if command == "secondunit":
        return _become(rest[1:] if rest[:1] == ["--"] else rest)
    if command == "test":
        return _test(rest)
    print(f"There is no command {command!r}.\n\n{USAGE}", end="", file=sys.stderr)
    return 2


def _test(rest: list[str]) -> int:
    own, found, arguments = _split(rest)
    if own == ["--long"] and not found:
        own, arguments = [], ["--long"]
    only = own[1:] if own[:1] == ["--only"] else []
    if (own and not only) or not set(only) <= set(GATES) or (found and only != ["pytest"]):
        print(f"These arguments do not fit `test`.\n\n{USAGE}", end="", file=sys.stderr)
        return 2
    fetching = Fetching(ROOT)  # most of the time it waits for the index: beside the packages
    if not only or only == ["pytest"]:
        fetching.start()
    try:
        python = _ready("core", "models", "faces", "test", "dev")
        begun = begin(ROOT, python, *UNHURRIED) if not only else {}
    except BaseException:
        fetching.give_up()
        raise
    if fetching.ident is not None:
        fetching.told()
    return check(ROOT, python, only or list(GATES), arguments, begun)


def _split(words: list[str]) -> tuple[list[str], bool, list[str]]:
    """The words before the first ``--``, whether there is one, and the words after it."""
    if "--" not in words:
        return words, False, []
    at = words.index("--")
    return words[:at], True, words[at + 1 :]


def _ready(*extras: str) -> Path:
    """The environment's Python, with the extras in it. Raises NotReady."""
    environment = Environment(ROOT)
    if not environment.holds(extras):
        print("Second Unit: making ready (once)")
        environment.make(extras)
    return environment.python


def _become(arguments: list[str]) -> int:
    """Go on as the program itself, so that signals and exit codes are its own."""
    python = _ready("core")
    command = [str(python), "-m", "secondunit", *arguments]
    sys.stdout.flush()
    if os.name == "nt":  # execv would give the prompt back at once
        return subprocess.call(command)
    os.execv(python, command)


def _explain(error: NotReady) -> None:
    print(f"\nSecond Unit is not ready: {error}.\nNext: {error.hint}", file=sys.stderr)
    if error.log and error.log.exists():
        tail = error.log.read_text(encoding="utf-8").splitlines()[-_TAIL:]
        print(f"The log is {error.log}; it ends:", file=sys.stderr)
        print("\n".join(f"  | {line}" for line in tail), file=sys.stderr)
