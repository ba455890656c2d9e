"""Signed checkpoints: how long the ledger was and what its last seal was, in a few lines of text.

The chain alone cannot see a tail that was cut off; a checkpoint kept elsewhere can. The form is
C2SP's tlog-checkpoint: origin, size, root hash (here the chain's seal at that size), an empty line,
and an Ed25519 signature line as in C2SP's signed-note. Whoever holds the key can sign anything:
what proves something to others is a copy that left this machine (a packet, an e-mail, a tracker).
"""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from secondunit_bridge.errors import LedgerBroken

from ..disk import private_folder, saying_why, write_whole
from .chain import Problem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from .book import Ledger

_ED25519 = b"\x01"  # signature type of the signed-note form
_DASH = "\u2014"  # an em dash starts every signature line of the form


class Signer:
    """An Ed25519 key in a folder of its own (``ledger.key``, 0600), made when first needed.

    ``ledger.vkey`` beside it is the public half in signed-note form; give it to whoever is to
    check checkpoints. Raises DiskFull, NotPermitted when the key cannot be kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key: Ed25519PrivateKey | None = None

    @property
    def verifier(self) -> str:
        """The public key as ``origin+key id+key``; "" when there is no key yet."""
        path = self._folder / "ledger.vkey"
        with saying_why(path):
            return path.read_text(encoding="ascii").strip() if path.exists() else ""

    def checkpoint(self, head: tuple[int, str]) -> str:
        """The text of a checkpoint over ``Ledger.head()``."""
        key, (origin, key_id, _) = self._private(), parts(self.verifier)
        number, root = head
        note = f"{origin}\n{number}\n{base64.b64encode(bytes.fromhex(root)).decode()}\n"
        signature = base64.b64encode(key_id + key.sign(note.encode())).decode()
        return f"{note}\n{_DASH} {origin} {signature}\n"

    def verify_checkpoint(self, text: str, ledger: Ledger) -> tuple[Problem, ...]:
        """What does not agree between a checkpoint and a ledger that may have grown since."""
        return compared(text, self.verifier, ledger)

    def _private(self) -> Ed25519PrivateKey:
        """The key; only one that is safely on the disk, with its public half, is ever used."""
        if self._key is None:
            from cryptography.hazmat.primitives import serialization as form

            key = self._kept() or self._made()
            public = key.public_key().public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)
            if self.verifier != _vkey(public):
                write_whole(self._folder / "ledger.vkey", f"{_vkey(public)}\n".encode())
            self._key = key
        return self._key

    def _kept(self) -> Ed25519PrivateKey | None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        path = self._folder / "ledger.key"
        with saying_why(path):
            text = path.read_bytes() if path.exists() else b""
        if not text:
            return None
        try:
            found = load_pem_private_key(text, password=None)
        except ValueError:
            found = None
        if not isinstance(found, Ed25519PrivateKey):
            raise LedgerBroken(
                f"{path} is not an Ed25519 key",
                hint="Bring it back from a backup, or move it away: then a new one is made, and"
                " older checkpoints are said to be signed with another key.",
            )
        return found

    def _made(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives import serialization as form
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
        write_whole(private_folder(self._folder) / "ledger.key", pem)
        return key


def _vkey(public: bytes) -> str:
    origin = "secondunit.local/" + sha256(public).hexdigest()[:16]
    return f"{origin}+{_key_id(origin, public).hex()}+{_b64(_ED25519 + public)}"


def _key_id(origin: str, public: bytes) -> bytes:
    return sha256(origin.encode() + b"\n" + _ED25519 + public).digest()[:4]


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def parts(verifier: str) -> tuple[str, bytes, bytes]:
    """Origin, key id and public key of a signed-note verifier key. Raises LedgerBroken."""
    try:
        origin, key_id, key = verifier.split("+", 2)
        kind, public = base64.b64decode(key)[:1], base64.b64decode(key)[1:]
    except ValueError as error:
        raise LedgerBroken(f"this is not a public key of a ledger: {verifier!r:.80}") from error
    if kind != _ED25519 or len(public) != 32 or bytes.fromhex(key_id) != _key_id(origin, public):
        raise LedgerBroken(f"this is not a public key of a ledger: {verifier!r:.80}")
    return origin, bytes.fromhex(key_id), public


def opened(text: str, verifier: str) -> tuple[int, str]:
    """Size and seal that a checkpoint signs. Raises LedgerBroken for a wrong form or signature."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    origin, key_id, public = parts(verifier)
    try:
        note, signed = text.split("\n\n", 1)
        said_origin, size, root = note.split("\n")[:3]
        lines = [line.split(" ") for line in signed.splitlines()]
        signatures = [base64.b64decode(word[2]) for word in lines if word[:2] == [_DASH, origin]]
        number, seal = int(size), base64.b64decode(root, validate=True).hex()
    except (ValueError, IndexError) as error:
        raise LedgerBroken("the checkpoint is not in the form of a checkpoint") from error
    mine = [signature[4:] for signature in signatures if signature[:4] == key_id]
    if said_origin != origin or not mine:
        raise LedgerBroken("the checkpoint is signed with another key than this ledger's")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(mine[0], (note + "\n").encode())
    except InvalidSignature as error:
        raise LedgerBroken("the checkpoint's signature is wrong: its text was changed") from error
    return number, seal


def compared(text: str, verifier: str, ledger: Ledger) -> tuple[Problem, ...]:
    """Where a signed checkpoint and the ledger differ; nothing when the ledger only grew."""
    if not verifier:
        return (Problem(0, "the checkpoint cannot be checked: its public key is not here"),)
    try:
        size, sealed = opened(text, verifier)
    except LedgerBroken as error:
        return (Problem(0, error.message),)
    last, _ = ledger.head()
    if last < size:
        gone = "entry is" if size - last == 1 else f"{size - last} entries are"
        sentence = f"the ledger ends at entry {last} but {size} were signed: the last {gone} gone"
        return (Problem(last + 1, sentence),)
    if ledger.seal_at(size) != sealed:
        return (Problem(size, f"the entries up to {size} are not the ones that were signed"),)
    return ()


def beside(ledger: Path) -> Path:
    """Where a ledger's newest checkpoint lies: next to it, ``ledger.checkpoint``."""
    return ledger.with_suffix(".checkpoint")


def saved(ledger: Path, text: str) -> Path:
    """Write the newest checkpoint next to the ledger. Raises DiskFull, NotPermitted."""
    return write_whole(beside(ledger), text.encode())


def last_saved(ledger: Path) -> str:
    """The newest checkpoint's text; "" when none was written yet. Raises NotPermitted."""
    path = beside(ledger)
    with saying_why(path):
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
