"""Finds a Python of one version on this machine: this one, on the path, pyenv's, or Windows' own.

What only looks like it, such as pyenv's stand-in for a version that is not chosen, is passed over.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_PATIENCE_S = 30.0


def python_of(version: tuple[int, int]) -> Path | None:
    """A Python of that version that can make environments; None when there is none."""
    if sys.version_info[:2] == version:
        return Path(sys.executable)
    return next((found for found in _candidates(version) if _fits(found, version)), None)


def _candidates(version: tuple[int, int]) -> Iterator[Path]:
    name = ".".join(map(str, version))
    on_path = shutil.which(f"python{name}")
    if on_path:
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{name}*/bin/python"), reverse=True)
    launcher = shutil.which("py")
    if launcher:
        told = _asked([launcher, f"-{name}", "-c", "import sys; print(sys.executable)"])
        if told:
            yield Path(told)


def _fits(python: Path, version: tuple[int, int]) -> bool:
    asked = "import sys, ensurepip; print(tuple(sys.version_info[:2]))"
    return _asked([str(python), "-c", asked]) == str(version)


def _asked(command: list[str]) -> str:
    """What a command printed; empty when it failed."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else done.stdout.strip()
