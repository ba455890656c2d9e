"""Makes and mends environments: ``.venv``, that every command of this folder runs in, and others.

A stamp inside it says what it was made from. While the stamp holds, nothing is run or read twice,
so that a command starts at once; when it does not, only what is missing is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from display import Steps
from packages import install

OLDEST = (3, 11)  # of the core; the bridge and the hosts go back to 3.9
_STEPS = 4


class NotReady(Exception):
    """The environment could not be made. ``hint`` says what to do; ``log`` is pip's own account."""

    def __init__(self, message: str, *, hint: str, log: Path | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        self.log = log


@dataclass(frozen=True)
class Kind:
    """An environment's folder, and the files, relative to the checkout, that say what is in it.

    With ``product`` that is the checkout itself with its extras; else the last paper lists it all.
    """

    folder: str
    papers: tuple[str, ...]
    product: bool = False


PRODUCT = Kind(".venv", ("pyproject.toml", "constraints.txt"), product=True)


@dataclass(frozen=True)
class Environment:
    """One environment of a checkout: where it lies and whether it is fit for use."""

    root: Path
    kind: Kind = PRODUCT
    builder: Path = Path(sys.executable)  # the Python that it is made from

    @property
    def folder(self) -> Path:
        """Where it lies, beside ``pyproject.toml``."""
        return self.root / self.kind.folder

    @property
    def python(self) -> Path:
        """Its Python."""
        inside = "Scripts/python.exe" if os.name == "nt" else "bin/python"
        return self.folder / inside

    @property
    def log(self) -> Path:
        """What pip said, whole."""
        return self.folder / "install.log"

    def holds(self, extras: Collection[str]) -> bool:
        """Everything the extras need is there, and nothing has changed since."""
        stamp = self._stamp()
        return (
            stamp.get("key") == self._key()
            and set(extras) <= set(_texts(stamp.get("extras")))
            and self.python.exists()
            and set(_texts(stamp.get("entries"))) <= set(self._entries())
        )

    def make(self, extras: Collection[str], out: TextIO | None = None) -> None:
        """Make it hold the extras: from nothing, or from whatever is there. Raises NotReady.

        ``out`` is where its steps are shown; None: on standard output.
        """
        stamp = self._stamp()
        wanted = sorted({*extras, *_texts(stamp.get("extras"))})
        steps = Steps(_STEPS, out)
        steps.begin("Python environment")
        why = self._unfit(stamp)
        self._forget()
        if why:
            self._build()
        version = ".".join(self._version())
        steps.end(f"{why or 'kept'}, Python {version}")
        failure = install(self.python, self.root, self._asked(wanted), self.log, steps)
        if failure:
            raise NotReady(failure.message, hint=failure.hint, log=self.log)
        steps.begin("Ready")
        self._remember(wanted)
        steps.end(f"in {self.folder.name}, log in {self.log.relative_to(self.root)}")

    def _asked(self, extras: list[str]) -> list[str]:
        """What pip is to install."""
        last = str(self.root / self.kind.papers[-1])
        if not self.kind.product:
            return ["-r", last]
        return ["-c", last, "-e", f"{self.root}[{','.join(extras)}]"]

    def _unfit(self, stamp: dict[str, object]) -> str:
        """Why the folder that is there cannot be used, in a few words; empty when it can."""
        if not self.folder.exists():
            return "new"
        if not self.python.exists():
            return "broken, its Python is gone, made anew"
        if stamp.get("root", str(self.root)) != str(self.root):
            return "made for another folder, made anew"
        if not set(self._entries()) >= set(_texts(stamp.get("entries"))):
            return "packages are missing, made anew"
        if self._number() < OLDEST:
            return f"Python {'.'.join(self._version())} is too old, made anew"
        try:
            asked = subprocess.run(
                [self.python, "-m", "pip", "--version"], capture_output=True, check=False
            )
        except OSError:
            return "broken, its Python does not run, made anew"
        return "" if asked.returncode == 0 else "broken, it has no pip, made anew"

    def _build(self) -> None:
        if importlib.util.find_spec("ensurepip") is None:
            raise NotReady(
                "this Python cannot make environments: its ensurepip part is not installed",
                hint="On Debian and Ubuntu: apt install python3-venv. Then run this again.",
            )
        done = subprocess.run(
            [self.builder, "-m", "venv", "--clear", self.folder],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stderr + done.stdout).strip().splitlines()
            raise NotReady(
                f"the environment could not be made: {said[-1] if said else 'no reason given'}",
                hint=f"Check that {self.folder} can be written and the disk has room (2 GB).",
            )

    def _key(self) -> str:
        """A digest of all that decides what must be installed."""
        parts = [str(self.root).encode(), ".".join(self._version()).encode()]
        parts += [(self.root / name).read_bytes() for name in self.kind.papers]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    def _version(self) -> list[str]:
        """Of the environment's Python, read without running it."""
        try:
            lines = (self.folder / "pyvenv.cfg").read_text().splitlines()
        except OSError:
            return ["0"]
        pairs = (line.partition("=") for line in lines)
        values = {name.strip(): value.strip() for name, _, value in pairs}
        return (values.get("version") or values.get("version_info") or "0").split(".")[:3]

    def _number(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self._version() if part.isdigit())

    def _entries(self) -> list[str]:
        """What lies in site-packages, by name: enough to see that something was taken away."""
        inside = "Lib" if os.name == "nt" else f"lib/python{'.'.join(self._version()[:2])}"
        folder = self.folder / inside / "site-packages"
        return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []

    @property
    def _paper(self) -> Path:
        return self.folder / "stamp.json"

    def _stamp(self) -> dict[str, object]:
        try:
            stamp = json.loads(self._paper.read_text())
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _forget(self) -> None:
        self._paper.unlink(missing_ok=True)

    def _remember(self, extras: list[str]) -> None:
        entries = [name for name in self._entries() if name != "__pycache__"]
        stamp = {
            "key": self._key(),
            "root": str(self.root),
            "extras": extras,
            "entries": entries,
        }
        fresh = self._paper.with_suffix(".new")
        fresh.write_text(json.dumps(stamp))
        fresh.replace(self._paper)


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
