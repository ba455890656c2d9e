"""Getting at a file: is it there, may it be read, where else could it be; how to OpenImageIO."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import MediaDamaged, MediaOffline, NotPermitted, StoreError

from ..disk import refusal
from .facts import Limits

_SEARCH_S = 2.0  # a person waits for the answer; volumes can hold millions of files
_SEARCH_MOST = 10  # candidates that are worth showing


def open_library(limits: Limits | None = None) -> Any:
    """The OpenImageIO module, with its picture limits set as this product sets them."""
    import OpenImageIO as oiio

    allowed = limits or Limits()
    oiio.attribute("limits:imagesize_MB", allowed.picture_mb)
    oiio.attribute("limits:channels", allowed.channels)
    oiio.attribute("limits:resolution", allowed.side)
    return oiio


def first_bytes(path: Path, *, search: Sequence[Path] = (), count: int = 16) -> bytes:
    """The first bytes of a file that can be read.

    Raises MediaOffline with candidates from ``search``, NotPermitted, and MediaDamaged for what
    is empty or no plain file (a pipe would be waited for, perhaps for ever).
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise MediaDamaged(f"{path} is not a file", hint="Choose a picture or movie file.")
        with open(path, "rb") as file:
            data = file.read(count)
    except PermissionError:
        raise NotPermitted(f"this user may not read {path}", hint="Ask for access to it.") from None
    except OSError:
        raise offline(path, search) from None
    if not data:
        raise MediaDamaged(f"{path.name} is empty", hint="Copy the file again from its source.")
    return data


def offline(path: Path, search: Sequence[Path] = ()) -> MediaOffline:
    """The error for a file that is not there, naming files of the same name elsewhere."""
    found = [str(candidate) for candidate in candidates(path.name, search)]
    hint = "Mount the volume, or relink the media."
    if found:
        hint = f"A file of that name is at {found[0]}; relink to it if it is the same."
    elif search:
        hint = f"No file of that name under {', '.join(map(str, search))}. {hint}"
    return MediaOffline(
        f"{path} is not there",
        hint=hint,
        data={"path": str(path), "roots": [str(root) for root in search], "candidates": found},
    )


def candidates(name: str, search: Sequence[Path]) -> list[Path]:
    """Files of that name under the roots; at most ten, and at most two seconds of looking."""
    found: list[Path] = []
    until = time.monotonic() + _SEARCH_S
    for root in search:
        for folder, folders, names in os.walk(root):
            folders.sort()
            if name in names:
                found.append(Path(folder) / name)
            if len(found) >= _SEARCH_MOST or time.monotonic() > until:
                return found
    return found


def why_not_written(path: Path, says: str) -> StoreError:
    """Why a picture or movie library could not write, asked of the system itself.

    Libraries report a full disk as "failed": appending to the same file gives the true reason.
    The unfinished file is removed.
    """
    try:
        with open(path, "ab") as file:
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return refusal(error, path)
    finally:
        discard(path)
    return StoreError(
        f"{path} could not be written: {says or 'the library gave no reason'}",
        hint="Try another folder or format.",
    )


def discard(path: Path) -> None:
    """Remove an unfinished file; a device or a missing file is left as it is."""
    try:
        if path.is_file() and not path.is_symlink():
            path.unlink()
    except OSError:
        return  # the reason it could not be written is the one worth telling
