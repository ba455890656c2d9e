"""Writing to disk: a file is there whole or not at all, and a refusal is said in plain words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from secondunit_bridge.errors import DiskFull, NotPermitted, StoreError

# EFBIG is what a process limit on file sizes says; to the artist it is the same as a quota.
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}


def full(path: Path) -> DiskFull:
    """The error that says there is no room at ``path``."""
    return DiskFull(
        f"there is no room left to write {path.name} in {path.parent}",
        hint="Free some space on that disk (or raise the quota), then try again.",
        data={"path": str(path)},
    )


def closed(path: Path, why: str = "") -> NotPermitted:
    """The error that says this user may not read or write ``path``."""
    return NotPermitted(
        f"this user may not write or read {path}" + (f" ({why})" if why else ""),
        hint="Give this user the right to write there, or choose another folder.",
        data={"path": str(path)},
    )


def refusal(error: OSError, path: Path) -> StoreError:
    """What the system said, as one of ours: DiskFull, NotPermitted, or StoreError for the rest."""
    if error.errno in _FULL:
        return full(path)
    if error.errno in _CLOSED:
        return closed(path, error.strerror or "")
    return StoreError(
        f"{path} could not be written or read: {error.strerror or error}",
        hint="See that the disk is there and the path is right.",
        data={"path": str(path), "errno": error.errno},
    )


@contextmanager
def saying_why(path: Path) -> Iterator[None]:
    """Whatever the system refuses inside is raised as DiskFull, NotPermitted or StoreError."""
    try:
        yield
    except OSError as error:
        raise refusal(error, path) from error


def private_folder(path: Path) -> Path:
    """The folder; it and every parent that is missing are made for this user only (0700).

    Raises DiskFull, NotPermitted, StoreError.
    """
    with saying_why(path):
        for folder in (*reversed(path.parents), path):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
    return path


def sync_file(path: Path) -> None:
    """Wait until the file's bytes are on the disk. Raises OSError."""
    held = os.open(path, os.O_RDWR)  # Windows flushes only what is open for writing
    try:
        os.fsync(held)
    finally:
        os.close(held)


def sync_folder(path: Path) -> None:
    """Wait until the folder's names are on the disk. Raises OSError. Windows has no such call."""
    if os.name == "nt":
        return
    held = os.open(path, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def write_whole(path: Path, data: bytes, *, mode: int = 0o600) -> Path:
    """Replace the file at ``path`` at once: readers see the old bytes or all of the new ones.

    Raises DiskFull, NotPermitted, StoreError; then the old file is as it was.
    """
    draft = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    with saying_why(path):
        try:
            held = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(held, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
            sync_folder(path.parent)
        finally:
            draft.unlink(missing_ok=True)
    return path
