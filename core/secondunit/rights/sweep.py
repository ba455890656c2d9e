"""The nightly look: which versions were made with what has been withdrawn since."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from secondunit_bridge.film import Entry

from ..ledger import Views
from .register import Register
from .rows import Asset

Entries = Callable[..., tuple[Entry, ...]]


@dataclass(frozen=True)
class WithdrawnUse:
    """A version whose take ran something that was withdrawn, or whose consent was revoked."""

    version: str
    shot: str
    asset: str
    sentence: str


def withdrawn_uses(register: Register, views: Views, entries: Entries) -> Iterator[WithdrawnUse]:
    """Every version that used a withdrawn asset, or one whose bound consents are all revoked."""
    gone = {asset.id: _why(asset, register) for asset in register.assets}
    for version in views.versions():
        taken: dict[str, Any] = dict(entries(kind="take", subject=version.take)[-1].body)
        for model in taken.get("models", ()):
            files = [digest for _, digest in model["files"]]
            asset = register.asset(files, str(model.get("tensors_sha256", "")), model["name"])
            why = gone.get(asset.id, "") if asset is not None else ""
            if asset is not None and why:
                sentence = f"{version.name} was made with {asset.name}, which {why}."
                yield WithdrawnUse(version.name, version.shot, asset.id, sentence)


def _why(asset: Asset, register: Register) -> str:
    if asset.status == "withdrawn":
        return f"was withdrawn: {asset.reason or 'no reason given'}"
    bound = register.bound(asset.id)
    if bound and all(one.revoked for one in bound):
        return f"has no consent any more: revoked on {max(one.revoked for one in bound)}"
    return ""
