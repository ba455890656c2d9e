"""Looks at what was marked and packed, and says of each thing in a sentence whether it holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import ExtraMissing, LedgerBroken

from .authority import ORGANISATION
from .credentials import EMBEDS, SIDECAR, Marker, Verdict, sidecar_of
from .layout import CHECKPOINT, JSON, KEY, PDF, PUBLIC, ROOT, SCHEMA
from .marks import HASH_LIST

SIGNER = "signer"  # what an item is about whose signature holds, and nobody here knows it
_WHY = {
    "assertion.dataHash.mismatch": "it was changed after it was signed",
    "assertion.bmffHash.mismatch": "it was changed after it was signed",
    "assertion.hashedURI.mismatch": "what its credential says was changed after it was signed",
    "claimSignature.mismatch": "the signature of its credential was changed",
    "claimSignature.missing": "the signature of its credential was taken away",
}


@dataclass(frozen=True)
class Item:
    """One thing that was looked at: ``state`` is ok, changed, missing, untrusted or broken."""

    what: str
    path: str
    state: str
    sentence: str


def carries(path: Path) -> bool:
    """A file of a kind that can say itself whether it was changed."""
    return path.suffix.lower() in EMBEDS or path.suffix == SIDECAR or sidecar_of(path).is_file()


def file_items(path: Path, keys: Path) -> Iterator[Item]:
    """The credential of one file, in it or beside it."""
    if path.suffix == SIDECAR:
        path = path.with_suffix("")
    if not path.is_file():
        yield Item("file", str(path), "missing", f"{path.name} is gone; only its sidecar is here.")
        return
    yield from _credential(path, keys, wanted=False)
    if path.name == HASH_LIST:
        yield from frame_items(path)


def frame_items(path: Path) -> Iterator[Item]:
    """Each frame that a hash list names, as it lies beside the list."""
    try:
        told = json.loads(path.read_bytes())
        named = [(str(one["path"]), str(one["sha256"])) for one in told["files"]]
    except (OSError, ValueError, LookupError, TypeError):
        sentence = f"{path.name} is not a list of frames that can be read."
        yield Item("hash list", str(path), "broken", sentence)
        return
    for name, digest in named:
        yield from _named(path.parent, name, digest, "listed")


def mark_items(folder: Path, record: Mapping[str, Any], keys: Path) -> Iterator[Item]:
    """The marks of a version: hash list, sidecar, movie. Files that are gone are named already."""
    marks = record.get("marks")
    if not isinstance(marks, Mapping):
        return  # published before versions were marked
    name, listed = record["version"]["name"], folder / HASH_LIST
    if listed.is_file():
        yield from _list_items(listed, record, str(marks.get("hashlist_sha256", "")))
    if marks.get("state") != "on":
        sentence = f"{name} carries no content credential: {marks.get('reason') or 'not said why'}."
        yield Item("credential", str(folder), "untrusted", sentence)
        return
    for path in (listed, folder / "review" / f"{name}.mov"):
        if path.is_file():
            yield from _credential(path, keys, wanted=True)


def _list_items(path: Path, record: Mapping[str, Any], expected: str) -> Iterator[Item]:
    data = path.read_bytes()
    if sha256(data).hexdigest() != expected:
        sentence = f"{path.name} is not the list that the approval is bound to."
        yield Item("hash list", str(path), "changed", sentence)
        return
    listed = {one["path"]: one["sha256"] for one in json.loads(data)["files"]}
    if listed != {one["file"]: one["sha256"] for one in record["frames"]}:
        sentence = "The hash list and the record speak of other frames."
        yield Item("hash list", str(path), "broken", sentence)


def generation_item(store: Path, record: Mapping[str, Any]) -> Iterator[Item]:
    """The generation record of a version's take, where its store is here."""
    take, told = (record.get("take") or {}).get("id"), record.get("generation") or {}
    folder = store / "vault" / "records"
    if not take or not told or not folder.is_dir():
        return
    path = folder / f"{take}.json"
    if not path.is_file():
        sentence = f"The generation record of take {take} is gone."
        yield Item("record", str(path), "missing", sentence)
    elif sha256(path.read_bytes()).hexdigest() != told["sha256"]:
        sentence = f"The generation record of take {take} was changed after it was written."
        yield Item("record", str(path), "changed", sentence)
    else:
        yield Item("record", str(path), "ok", f"The record of take {take} is as it was written.")


def is_packet(folder: Path) -> bool:
    """A folder that a packet was written to."""
    return (folder / JSON).is_file()


def packet_of(folder: Path) -> dict[str, Any]:
    """The packet as it is there; empty when it cannot be read."""
    try:
        found = json.loads((folder / JSON).read_bytes())
    except (OSError, ValueError):
        return {}
    parts = {"files": dict, "ledger": dict, "versions": list}
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        return {}
    return found if all(isinstance(found.get(name), kind) for name, kind in parts.items()) else {}


def packet_items(folder: Path, keys: Path) -> Iterator[Item]:
    """A packet's folder: the document, its pages, every file it names, its public copy."""
    path, told = folder / JSON, packet_of(folder)
    if not told:
        yield Item("packet", str(path), "broken", f"{path} is not a packet that can be read.")
        return
    yield from _credential(path, keys, wanted=True)
    for name, digest in sorted(told["files"].items()):
        yield from _named(folder, str(name), str(digest), "packed")
    yield from _pages(folder, sha256(path.read_bytes()).hexdigest(), keys)
    yield from _checkpoint(folder, told)
    yield from _strangers(folder, told)
    if told.get("copy") == "full":
        public = folder / PUBLIC
        if is_packet(public):
            for item in packet_items(public, keys):
                yield replace(item, sentence=f"In the public copy: {item.sentence}")
        else:
            yield Item("packet", str(public), "missing", "The public copy is gone.")


def _named(folder: Path, name: str, digest: str, done: str) -> Iterator[Item]:
    """A file by its name and sha256; ``done`` is what was done with it then, in a word."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        yield Item("file", name, "broken", f"{name} is named, outside its own folder.")
    elif not path.is_file():
        yield Item("file", str(path), "missing", f"{name} is gone: it was {done}.")
    else:
        with open(path, "rb") as file:
            found = file_digest(file, "sha256").hexdigest()
        good, bad = f"{name} is as it was {done}.", f"{name} was changed after it was {done}."
        same = found == digest
        yield Item("file", str(path), "ok" if same else "changed", good if same else bad)


def _pages(folder: Path, digest: str, keys: Path) -> Iterator[Item]:
    path = folder / PDF
    if not path.is_file():
        yield Item("pages", str(path), "missing", "The pages of the packet (packet.pdf) are gone.")
        return
    items = list(_credential(path, keys, wanted=True))
    yield from items
    if all(one.state in ("ok", "untrusted") for one in items):
        said = _read(path, keys).facts.get("packet_sha256")
        if said is not None and said != digest:
            sentence = "packet.pdf belongs to another packet.json than the one beside it."
            yield Item("pages", str(path), "changed", sentence)


def _checkpoint(folder: Path, told: Mapping[str, Any]) -> Iterator[Item]:
    """The signed word on the ledger: its own signature, and what the packet says of it."""
    from ..ledger.checkpoint import opened

    path = folder / CHECKPOINT
    if not path.is_file() or not (folder / KEY).is_file():
        return  # named as missing already
    try:
        size, seal = opened(path.read_text("utf-8", "replace"), (folder / KEY).read_text().strip())
    except LedgerBroken as error:
        sentence = f"The checkpoint of the ledger does not hold: {error.message}."
        yield Item("ledger", str(path), "broken", sentence)
        return
    if (size, seal) != (told["ledger"].get("entries"), told["ledger"].get("seal")):
        sentence = "The checkpoint is of another ledger, or of another day, than the packet says."
        yield Item("ledger", str(path), "changed", sentence)
    else:
        yield Item("ledger", str(path), "ok", f"The checkpoint signs {size} entries of the ledger.")


def _strangers(folder: Path, told: Mapping[str, Any]) -> Iterator[Item]:
    known = {*told["files"], JSON, JSON + SIDECAR, PDF, ROOT}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in known and not name.startswith(f"{PUBLIC}/"):
            yield Item("file", str(path), "untrusted", f"{name} was put into the packet later.")


def _credential(path: Path, keys: Path, *, wanted: bool) -> Iterator[Item]:
    """``wanted``: the record says that it was marked, so one that is gone was taken away."""
    try:
        verdict = _read(path, keys)
    except ExtraMissing as error:
        sentence = f"The credential of {path.name} was not looked at: {error.message}."
        yield Item("credential", str(path), "untrusted", sentence)
        return
    state, says = _judged(verdict, wanted=wanted)
    what = SIGNER if verdict.word == "unknown" else "credential"
    yield Item(what, str(path), state, f"{path.name} {says}.")


def _read(path: Path, keys: Path) -> Verdict:
    return Marker(keys).read(path)


def _judged(verdict: Verdict, *, wanted: bool) -> tuple[str, str]:
    if verdict.word == "trusted":
        ours = verdict.signer in ("", ORGANISATION)
        who = "your facility" if ours else f"{verdict.signer}, whose root you trust"
        return "ok", f"is signed by {who}, and is as it was signed"
    if verdict.word == "unknown":
        return "untrusted", (
            f"is as it was signed, by {verdict.signer or 'somebody'}, whose certificate is not held"
            " here: anybody can sign so. Put the root that you were given by another way into"
            " keys/trusted of the home, and verify again"
        )
    if verdict.word == "none":
        says = "carries no content credential"
        return (
            ("missing", f"{says}, though it was marked: it was taken away")
            if wanted
            else ("untrusted", says)
        )
    return "changed", f"cannot be trusted: {_reason(verdict.failures)}"


def _reason(failures: tuple[str, ...]) -> str:
    for code in failures:
        if code.startswith("ingredient "):
            name, _, inner = code.removeprefix("ingredient ").partition(": ")
            what = (
                "was changed after it was signed" if inner in _WHY else f"does not hold ({inner})"
            )
            return f"{name}, which it was made from, {what}"
    known = [_WHY[code] for code in failures if code in _WHY]
    return (
        known[0]
        if known
        else f"its credential does not hold ({', '.join(failures) or 'no reason given'})"
    )
