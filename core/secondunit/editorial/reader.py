"""Cuts in: the file is parsed by a limited child, and only what it vouches for is loaded here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import (
    BY_CODE,
    CutUnreadable,
    ExtraMissing,
    NotPermitted,
    OverLimits,
    SecondUnitError,
)

from . import parse
from .cut import Cut, Document
from .flatten import flattened

_KINDS = {".otio": "otio", ".otioz": "otioz", ".edl": "edl", ".xml": "xml", ".aaf": "aaf"}
_WALL_S = 60.0  # patience with the child; a feature film's cut takes about two seconds
# What lets a stranger's manifest or media linker run code inside OpenTimelineIO.
_UNWANTED = ("OTIO_", "PYTHON")


def read_cut(
    path: str | os.PathLike[str],
    *,
    search: Sequence[str | os.PathLike[str]] = (),
    rate: Fraction | None = None,
    open_media: bool = True,
) -> Cut:
    """A cut from ``.otio``, ``.otioz``, CMX3600 ``.edl``, Final Cut Pro 7 ``.xml`` or ``.aaf``.

    Media are looked for where the cut says, then in its folder and the ``search`` folders;
    those not found leave their shots offline. ``rate`` is that of an EDL, which does not say it.
    A movie that the cut numbers from anything but 0 is asked for its embedded timecode; without
    ``open_media`` the cut is believed. Blocks while the child reads (up to a minute).

    Raises CutUnreadable for what is damaged or no timeline, OverLimits for what is too big, too
    deep or too long, RateMismatch for rates that are none, ExtraMissing without the adapter,
    NotPermitted for a file this user may not read, PathRefused for a bundle that leads astray.
    """
    document = load(path, rate=rate)
    cut = flattened(document, search=search)
    paths = [s.media for s in cut.shots if s.online and s.media and s.numbering == "timecode"]
    if not paths or not open_media:
        return cut
    return flattened(document, search=search, timecode_of=_timecodes(paths).get)


def load(path: str | os.PathLike[str], *, rate: Fraction | None = None) -> Document:
    """The OpenTimelineIO document of a cut, as written. Raises as ``read_cut`` does."""
    file = Path(path).absolute()
    kind = _checked(file)
    answer = _ask_child(file, kind, str(rate) if rate else "")
    head, _, text = answer.partition(b"\n")
    if json.loads(head).get("bundle") and not text:
        raise CutUnreadable(f"{file.name} is empty", hint="Export it again.")
    document = Document(json.loads(text.decode("utf-8-sig")))
    document.source = file
    return document


def _timecodes(paths: Sequence[str]) -> dict[Path, int | None]:
    """Embedded start timecodes of movies, as frames; None where there is none or no movie."""
    from ..media.probe import probe_all

    names = list(dict.fromkeys(paths))
    answers = probe_all(names)
    return {
        Path(name): None if isinstance(answer, SecondUnitError) else answer.timecode
        for name, answer in zip(names, answers, strict=True)
    }


def _checked(file: Path) -> str:
    kind = _KINDS.get(file.suffix.lower())
    if kind is None:
        raise CutUnreadable(
            f"{file.name} is not a cut this product reads",
            hint="Give one of: " + ", ".join(sorted(_KINDS)),
        )
    try:
        size = file.stat().st_size
        with open(file, "rb"):
            pass
    except PermissionError:
        raise NotPermitted(
            f"this user may not read {file}", hint="Ask for access, or copy the cut."
        ) from None
    except OSError as error:
        raise CutUnreadable(
            f"the cut {file} cannot be opened: {error.strerror}", hint="Check the path."
        ) from None
    # A bundle holds media; of it only the timeline is read.
    if size > parse.LARGEST and kind != "otioz":
        raise OverLimits(
            f"{file.name} has {size:,} bytes; cuts up to {parse.LARGEST:,} are read",
            hint="Export the timeline without media or thumbnails.",
        )
    return kind


def _ask_child(file: Path, kind: str, rate: str) -> bytes:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_UNWANTED)}
    command = [sys.executable, "-I", parse.__file__, str(file), kind, rate]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_WALL_S, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise OverLimits(
            f"{file.name} was not read within {_WALL_S:.0f} seconds",
            hint="Export a shorter or simpler cut.",
        ) from None
    if done.returncode:
        raise _failure(file, kind, done)
    return done.stdout


def _failure(file: Path, kind: str, done: subprocess.CompletedProcess[bytes]) -> SecondUnitError:
    answer = _said(done.stdout)
    if answer:
        code, message, hint = answer
        return BY_CODE[code](f"{file.name}: {message}", hint=hint, data={"path": str(file)})
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    words = lines[-1][:300] if lines else ""
    if "ModuleNotFoundError" in words or "NoKnownAdapterForExtensionError" in words:
        return ExtraMissing(
            f"{kind} files need an adapter that is not installed ({words})",
            hint="Install: pip install 'secondunit[core]'",
        )
    if "MemoryError" in words or -done.returncode in (9, 24):  # SIGKILL, SIGXCPU: see signal(7)
        return OverLimits(
            f"{file.name} needs more memory or time than a cut may take",
            hint="Export a shorter or simpler cut.",
        )
    return CutUnreadable(
        f"{file.name} cannot be read: {words or 'the reader was stopped by it'}",
        hint=f"Is it a whole {kind} file? Export it again from the editing software.",
        data={"path": str(file)},
    )


def _said(answer: bytes) -> list[Any] | None:
    try:
        error = json.loads(answer.partition(b"\n")[0] or b"{}").get("error")
    except ValueError:
        return None
    return error if isinstance(error, list) and len(error) == 3 and error[0] in BY_CODE else None
