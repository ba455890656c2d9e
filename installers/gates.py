"""Runs the project's checks one after another, the tests last, and says how each ended."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from display import Steps, spoken

_TICK_S = 0.2
WORKERS = (os.cpu_count() or 1) + 1


@dataclass(frozen=True)
class Gate:
    """One check: what it is called, and the arguments of the environment's Python."""

    says: str
    arguments: tuple[str, ...]


GATES: dict[str, Gate] = {
    "ruff": Gate("Lint", ("-m", "ruff", "check", ".")),
    "format": Gate("Format", ("-m", "ruff", "format", "--check", ".")),
    "mypy": Gate("Types", ("-m", "mypy")),
    "hosts": Gate(
        "Types, hosts' Pythons",
        ("-m", "mypy", "--python-version", "3.10", "bridge", "hosts"),
    ),
    "imports": Gate(
        "Who imports whom",
        ("-c", "from importlinter.cli import lint_imports_command as main; main()"),
    ),
    # file by file: what a module has set up (a daemon, a rendered street) is set up once. One more
    # than there are cores: much of the time a test waits for a daemon, a stage or Blender. In the
    # order of tests/conftest.py: the slow ones first
    "pytest": Gate(
        "Tests",
        ("-m", "pytest", "-n", str(WORKERS), "--dist", "loadfile", "--no-loadscope-reorder"),
    ),
}


Begun = dict[str, "subprocess.Popen[str]"]
"""Gates that run already, by name."""


def begin(root: Path, python: Path, *names: str) -> Begun:
    """Start gates that have nothing to say when they pass, to be waited for by ``check``."""
    return {name: _started(root, python, GATES[name]) for name in names}


def check(
    root: Path, python: Path, names: Sequence[str], arguments: Sequence[str],
    begun: Begun | None = None,
) -> int:  # fmt: skip
    """Run every named gate, also after one has failed. Returns the first failure's code, or 0.

    ``arguments`` go to pytest. Its closing line is the last thing printed when all is well.
    ``begun`` are waited for and not started again.
    """
    early = dict(begun or {})
    codes: dict[str, int] = {}
    quiet = [name for name in GATES if name in names and name != "pytest"]
    if quiet:
        print("Second Unit: checking")
    steps = Steps(len(quiet))
    for name in quiet:
        running = early.pop(name, None) or _started(root, python, GATES[name])
        codes[name] = _quiet(running, GATES[name], steps)
    if "pytest" in names:
        started = time.monotonic()
        command = [str(python), *GATES["pytest"].arguments, *arguments]
        codes["pytest"] = subprocess.call(command, cwd=root, env=_remembering())
        failed_before = any(code for name, code in codes.items() if name != "pytest")
        if failed_before:
            print(f"Tests took {spoken(time.monotonic() - started)}.")
    failed = [name for name, code in codes.items() if code]
    if failed:
        print(f"Not passed: {', '.join(failed)} (of {', '.join(codes)}).")
    return next((code for code in codes.values() if code), 0)


def _remembering() -> dict[str, str]:
    """The environment, but Python keeps what it compiles. Tests start hundreds of daemons, stages
    and commands: where every one compiles the product anew, they take a tenth longer."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _started(root: Path, python: Path, gate: Gate) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(python), *gate.arguments],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


def _quiet(running: subprocess.Popen[str], gate: Gate, steps: Steps) -> int:
    """Wait for a gate that has nothing to say when it passes; show all it said when it does not."""
    steps.begin(gate.says)
    with running:
        while True:
            try:
                said, _ = running.communicate(timeout=_TICK_S)
                break
            except subprocess.TimeoutExpired:
                steps.tick()
    if running.returncode:
        steps.fail("FAILED")
        print(said.rstrip())
    else:
        last = said.strip().splitlines()[-1:] or ["passed"]
        steps.end(last[0])
    return running.returncode
