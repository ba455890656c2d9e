"""Installs packages with pip, tells how far it is, and says in plain words why it could not."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from display import Steps

_TICK_S = 0.12
_FETCH = re.compile(r"\s*(?:Downloading|Using cached) ([^\s/]+?)-(\d[^-\s]*)[-\s].*?(\(.*\))?$")
_COLLECT = re.compile(r"\s*Collecting ([A-Za-z0-9._-]+)")
_INSTALL = re.compile(r"Installing collected packages: (.*)")

# What pip says, why it means that, and what to do. The first that is found counts.
_REASONS = (
    ("No space left on device", "the disk is full", "Make room (about 2 GB), then run it again."),
    ("[Errno 13] Permission denied", "a file may not be written", "Check who owns .venv."),
    (
        "CERTIFICATE_VERIFY_FAILED",
        "the package index showed a certificate that this Python does not trust",
        "Behind a company proxy, point PIP_CERT at its certificate, then run it again.",
    ),
    (
        r"NewConnectionError|NameResolutionError|name resolution|Max retries|timed out|"
        r"ProxyError|Could not fetch URL|ConnectionError|No route to host",
        "the package index could not be reached",
        "Check the network (or the proxy: HTTPS_PROXY), then run the same command again. "
        "What was fetched is kept.",
    ),
    (
        "No matching distribution found|Could not find a version",
        "a package has no build for this Python and system",
        "Use Python 3.11 to 3.13 on 64-bit Linux, macOS or Windows; the log names the package.",
    ),
    ("ResolutionImpossible", "constraints.txt and pyproject.toml disagree", "The log names both."),
)


@dataclass(frozen=True)
class Failure:
    """Why the packages could not be installed, and what to do."""

    message: str
    hint: str


def install(
    python: Path, root: Path, asked: Sequence[str], log: Path, steps: Steps
) -> Failure | None:
    """What is asked for, in pip's words. Two steps: fetch, then install.

    None when it worked; else why not. The log holds pip's whole output either way.
    """
    command = [str(python), "-m", "pip", "install", "--no-input", "--retries", "2"]
    command += ["--no-compile"]  # half of pip's time; Python compiles what is used when it is
    command += ["--progress-bar", "off", "--disable-pip-version-check", *asked]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PIP_USER": "0"}
    environment.pop("PYTHONHOME", None)
    with (
        log.open("w", buffering=1, encoding="utf-8") as book,
        subprocess.Popen(
            command,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as pip,
    ):
        assert pip.stdout is not None
        try:
            installing = _watch(_lines(pip.stdout, book), python, steps)
        except BaseException:
            pip.terminate()  # stopped by hand: leave no pip behind
            raise
    if pip.returncode:
        steps.fail()
        return _reason(log.read_text(encoding="utf-8"))
    if not installing:
        steps.end("all there")
        steps.begin("Installing packages")
    steps.end("done")
    return None


def _watch(lines: Iterator[str], python: Path, steps: Steps) -> bool:
    """Show pip's lines as they come; the last step stays open. True when it came to installing."""
    steps.begin("Fetching packages")
    fetched, detail, names, before = 0, "", list[str](), 0
    for line in lines:
        if found := _FETCH.match(line):
            fetched += 1
            detail = f"{fetched}: {found[1]} {found[2]} {found[3] or ''}"
        elif found := _COLLECT.match(line):
            detail = f"{fetched}: {found[1]}"
        elif found := _INSTALL.match(line):
            steps.end(f"{fetched} fetched")
            names, before = found[1].split(", "), _installed(python)
            steps.begin("Installing packages")
        if names:
            at = min(max(_installed(python) - before, 0), len(names) - 1)
            steps.tick(f"{at + 1} of {len(names)}  {names[at]}", at / len(names))
        else:
            steps.tick(detail)
    return bool(names)


def _lines(source: IO[str], book: IO[str]) -> Iterator[str]:
    """The source's lines, and an empty one whenever it is silent; all go into the book."""
    waiting: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in source:
            book.write(line)
            waiting.put(line)
        waiting.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    while True:
        try:
            line = waiting.get(timeout=_TICK_S)
        except queue.Empty:
            line = ""
        if line is None:
            reader.join()
            return
        yield line


def _installed(python: Path) -> int:
    """How many packages lie in the environment now: pip itself does not say while it installs."""
    home = python.parent.parent
    places = (home / "Lib" / "site-packages", *home.glob("lib/python*/site-packages"))
    return sum(1 for place in places for _ in place.glob("*.dist-info"))


def _reason(said: str) -> Failure:
    for pattern, message, hint in _REASONS:
        if re.search(pattern.replace("[Errno 13]", r"\[Errno 13\]"), said):
            return Failure(f"the packages could not be installed: {message}", hint)
    return Failure("the packages could not be installed", "The log says why.")
