"""Keeps pixels and blobs by content, and publishes whole folders: there entirely, or not at all.

Every file is written under a draft's name in the folder it will stay in, flushed to the disk, and
only then renamed. A draft's name says which process made it, so that what a killed process left
behind can be swept away while others go on writing.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from secondunit_bridge.errors import (
    DiskFull,
    Locked,
    PathRefused,
    SecondUnitError,
    StoreError,
    StoreOffline,
)
from secondunit_bridge.processes import process_started

from .disk import full, private_folder, saying_why, sync_file, sync_folder, write_whole

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,8}){0,2}")
_DRAFT = re.compile(r"\..+\.(?P<node>[0-9a-f]{4})-(?P<pid>\d+)-(?P<began>[0-9a-f]{4})-\w+\.part.*")
_OLD_S = 86_400.0  # a draft of another machine on shared storage is left alone for a day
MARKER = "secondunit.store"  # in every store: an empty mount point has none
_NO_ROOM = 1 << 20  # bytes; with less than this free, a writer that failed failed for want of room


class Vault:
    """The folder ``root`` (``<store>/vault``, 0700) and the versions published beside it.

    Any number of processes may use one vault at a time. Raises DiskFull when there is no room,
    NotPermitted when this user may not write there, StoreError for other refusals of the system.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def store(self) -> Path:
        """The folder that the vault lies in, versions beside it."""
        return self._root.parent

    def path(self, digest: str, suffix: str = ".exr") -> Path:
        """Where that content is kept, whether it is there or not.

        Raises PathRefused for what is no sha256 in lower-case hex, or no suffix.
        """
        if not _DIGEST.fullmatch(digest):
            raise PathRefused(
                f"{digest!r:.100} is not a digest", hint="A digest is 64 digits of 0-9 and a-f."
            )
        if not _SUFFIX.fullmatch(suffix):
            raise PathRefused(f"{suffix!r:.40} is not a suffix", hint="Write it like .exr.")
        return self._root / digest[:2] / f"{digest}{suffix}"

    def holds(self, digest: str, suffix: str = ".exr") -> bool:
        """That content is there, whole. Raises PathRefused."""
        return self.path(digest, suffix).is_file()

    def take_up(self, kept: Collection[str] = ()) -> None:
        """Make the store, or see that it is the one that was made: a marker lies in it.

        ``kept`` are digests of some frames that were kept in it before. A store without a marker is
        known by any of them; one that has none is not made anew: its disk is not mounted, or it is
        another's. Raises StoreOffline, DiskFull ...
        """
        marker = self.store / MARKER
        if marker.is_file():
            return
        if kept and not any(map(self.holds, kept)):
            raise StoreOffline(
                f"the store {self.store} has none of the frames that were kept there before",
                hint="Mount its disk and ask again. If they were removed on purpose, begin it anew:"
                f" make that folder, and in it an empty file called {MARKER}.",
                data={"path": str(self.store)},
            )
        private_folder(self.store)
        write_whole(marker, b"A store of Second Unit. Takes and versions lie here.\n")

    def keep(
        self,
        digest: str,
        write: Callable[[Path], object],
        suffix: str = ".exr",
        *,
        sound: Callable[[Path], bool] | None = None,
    ) -> Path:
        """Keep a file under its digest; ``write`` is called only when it is not there yet.

        ``write`` gets the path to write to, which ends in ``suffix``. A file that is there and is
        not ``sound`` is replaced: the disk may have damaged it. What they raise is raised, but an
        OSError as DiskFull, NotPermitted or StoreError.
        """
        final = self.path(digest, suffix)
        if final.is_file() and (sound is None or sound(final)):
            return final
        private_folder(self._root)
        private_folder(final.parent)
        draft = final.with_name(_draft_name(digest) + suffix)
        with self._writing(draft, final):
            write(draft)
            if not draft.is_file() or not draft.stat().st_size:
                raise StoreError(
                    f"nothing was written for {final.name}", hint="Report this: it is a mistake."
                )
            sync_file(draft)
            os.replace(draft, final)
            sync_folder(final.parent)
        return final

    def keep_blob(self, data: bytes, suffix: str) -> str:
        """Keep some bytes; returns their sha256, hex."""
        digest = sha256(data).hexdigest()
        self.keep(
            digest,
            lambda draft: _put(draft, data),
            suffix,
            sound=lambda path: path.read_bytes() == data,
        )
        return digest

    def publish(self, final: Path, fill: Callable[[Path], object]) -> Path:
        """Make a whole folder appear at once. ``fill`` writes into the empty folder it is given.

        When ``fill`` raises, nothing appears and that is raised as in ``keep``. Raises PathRefused
        for a folder outside this vault's store, Locked when there is one of that name already:
        nothing is overwritten.
        """
        self._inside(final)
        if final.exists():
            raise Locked(
                f"{final} is there already",
                hint="A version is never overwritten: look into it, then publish the next number.",
                data={"path": str(final)},
            )
        draft = final.with_name(_draft_name(final.name))
        with self._writing(draft, final):
            final.parent.mkdir(parents=True, exist_ok=True)
            draft.mkdir()
            fill(draft)
            _sync_tree(draft)
            os.rename(draft, final)
            sync_folder(final.parent)
        return final

    def sweep(self) -> int:
        """Remove what processes that are gone left half-written; returns how many there were."""
        drafts = [path for path in self._drafts() if _abandoned(path)]
        for draft in drafts:
            with saying_why(draft):
                _remove(draft)
        return len(drafts)

    def free_bytes(self) -> int:
        """Room for this user where the vault is, or will be."""
        there = next(p for p in (self._root, *self._root.absolute().parents) if p.exists())
        with saying_why(there):
            return shutil.disk_usage(there).free

    @contextmanager
    def _writing(self, draft: Path, final: Path) -> Iterator[None]:
        """Inside, ``draft`` becomes ``final``; whatever goes wrong, no draft stays behind."""
        try:
            with saying_why(final):
                yield
        except DiskFull as error:  # of the draft, a name that nobody knows
            raise full(final) from error
        except SecondUnitError as error:
            # Picture libraries do not say that the disk is full, only that they could not write.
            if not isinstance(error, StoreError) and self.free_bytes() < _NO_ROOM:
                raise full(final) from error
            raise
        finally:
            with suppress(OSError):  # what cannot be removed now is swept away later
                _remove(draft)

    def _inside(self, final: Path) -> None:
        store = self._root.parent.resolve()
        if final.name in ("", ".", "..") or not final.parent.resolve().is_relative_to(store):
            raise PathRefused(
                f"{final} is outside of {store}",
                hint="Versions are published inside the project's store.",
                data={"path": str(final)},
            )

    def _drafts(self) -> Iterator[Path]:
        store = self._root.parent
        yield from self._root.glob("??/.*.part*")
        for depth in ("*/.*.part", "*/*/.*.part"):  # <sequence>/<shot>/.v003.<draft>
            yield from store.glob(depth)


@lru_cache(maxsize=1)
def _owner(pid: int) -> str:
    return f"{_four(platform.node())}-{pid}-{_four(process_started(pid) or '')}"


def _draft_name(name: str) -> str:
    return f".{name}.{_owner(os.getpid())}-{os.urandom(4).hex()}.part"


def _four(word: str) -> str:
    return sha256(word.encode()).hexdigest()[:4]


def _abandoned(draft: Path) -> bool:
    named = _DRAFT.fullmatch(draft.name)
    if named is None:
        return False
    if named["node"] != _four(platform.node()):
        with suppress(FileNotFoundError):
            return time.time() - draft.stat().st_mtime > _OLD_S
        return False
    began = process_started(int(named["pid"]))
    return began is None or _four(began) != named["began"]


def _put(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _sync_tree(folder: Path) -> None:
    for there, _, names in os.walk(folder):
        for name in names:
            sync_file(Path(there) / name)
        sync_folder(Path(there))


def _remove(draft: Path) -> None:
    if draft.is_dir() and not draft.is_symlink():
        shutil.rmtree(draft)
    else:
        draft.unlink(missing_ok=True)
