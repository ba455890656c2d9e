"""The nightly look: which versions were made with what has been withdrawn since."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from secondunit_bridge.film import Entry

from ..ledger import Views
from .register import Register
from .rows import Asset

SOON_DAYS = 30  # how far the nightly look sees ahead

Entries = Callable[..., tuple[Entry, ...]]


@dataclass(frozen=True)
class WithdrawnUse:
    """A version whose take ran something that was withdrawn, or whose consent was revoked."""

    version: str
    shot: str
    asset: str
    sentence: str


def withdrawn_uses(
    register: Register, views: Views, entries: Entries
) -> Iterator[WithdrawnUse | None]:
    """Of each version what withdrawn thing it used, or whose bound consents are all revoked.

    None for a version that used none, so that who looks can stop and go on.
    """
    gone = {asset.id: why_gone(asset, register) for asset in register.assets}
    for version in views.versions():
        taken: dict[str, Any] = dict(entries(kind="take", subject=version.take)[-1].body)
        found = [asset for asset in used_of(taken, register) if gone[asset.id]]
        for asset in found:
            sentence = f"{version.name} was made with {asset.name}, which {gone[asset.id]}."
            yield WithdrawnUse(version.name, version.shot, asset.id, sentence)
        if not found:
            yield None


def used_of(taken: Mapping[str, Any], register: Register) -> Iterator[Asset]:
    """The registered assets among the models and the references that a take's entry names."""
    for model in taken.get("models", ()):
        files = [digest for _, digest in model["files"]]
        asset = register.asset(files, str(model.get("tensors_sha256", "")), model["name"])
        if asset is not None:
            yield asset
    for digest in sorted(set(taken.get("generation", {}).get("files", {}).values())):
        asset = register.asset((digest,))
        if asset is not None:
            yield asset


def why_gone(asset: Asset, register: Register) -> str:
    """Why an asset may not be used any more; empty where it may."""
    if asset.status == "withdrawn":
        return f"was withdrawn: {asset.reason or 'no reason given'}"
    for consents in register.people(asset.id):  # one of several people is enough
        if all(one.revoked for one in consents):
            return f"has no consent any more: revoked on {max(one.revoked for one in consents)}"
    return ""
