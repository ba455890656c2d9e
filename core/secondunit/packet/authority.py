"""The facility's own certificate authority: made once for a home, it signs what leaves the house.

Root, intermediate and leaf on P-256, in the profile that content credentials ask for (C2PA 2.1,
section 14.5). The public half, ``root.pem``, is what a network is given; "signed by your facility"
means no more than that one of these keys made the signature.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..disk import private_folder, saying_why, write_whole

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

FOLDER = "facility"
TRUSTED = "trusted"  # roots of others, put there by a person: studios, other facilities
ROOT, CHAIN, KEY = "root.pem", "chain.pem", "leaf.key"
YEARS = dt.timedelta(days=3650)
_CLAIM_SIGNING = "1.3.6.1.4.1.62558.2.1"  # c2pa-kp-claimSigning
ORGANISATION = "Second Unit facility"


@dataclass(frozen=True)
class Authority:
    """The certificates of a home: the anchor that is handed out, and what signs."""

    root: bytes  # PEM; public
    chain: bytes  # PEM: leaf, then intermediate
    key: bytes  # PEM of the leaf's private key; never leaves the machine
    timestamps: str = ""  # address of an RFC 3161 authority; empty: nothing is asked of a network


@dataclass(frozen=True)
class KeyElsewhere:
    """A studio's own key service: the private key never comes to this machine.

    ``sign`` gets what is to be signed and returns an ES256 signature of 64 bytes, r then s.
    ``timestamps`` as in an Authority.
    """

    root: bytes  # PEM; public
    chain: bytes  # PEM: leaf, then intermediates
    sign: Callable[[bytes], bytes]
    timestamps: str = ""


def authority(keys: Path) -> Authority:
    """The authority of a home, whose keys lie in ``keys/facility`` (0600); made when first needed.

    Raises NotPermitted, DiskFull when it cannot be read or kept.
    """
    folder = keys / FOLDER
    with saying_why(folder):
        if (folder / ROOT).exists():
            root, chain, key = ((folder / name).read_bytes() for name in (ROOT, CHAIN, KEY))
            return Authority(root, chain, key)
    made = _made()
    private_folder(folder)
    write_whole(folder / KEY, made.key)
    write_whole(folder / CHAIN, made.chain)
    write_whole(folder / ROOT, made.root, mode=0o644)  # last: with it the others are there too
    return made


def anchor(keys: Path) -> bytes:
    """The public root of a home, PEM; empty when it has none yet. Raises NotPermitted."""
    path = keys / FOLDER / ROOT
    with saying_why(path):
        return path.read_bytes() if path.exists() else b""


def anchors(keys: Path) -> bytes:
    """Every root that is trusted here, PEM: the home's own, and those in ``keys/trusted``."""
    others = sorted((keys / TRUSTED).glob("*.pem"))
    with saying_why(keys):
        return b"\n".join([anchor(keys), *(path.read_bytes() for path in others)]).strip()


def _made() -> Authority:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
    root = _certificate("facility root", keys[0], None, None, path_length=1)
    middle = _certificate("production", keys[1], root, keys[0], path_length=0)
    leaf = _certificate("daemon", keys[2], middle, keys[1], path_length=None)
    pem = [one.public_bytes(Encoding.PEM) for one in (root, leaf, middle)]
    key = keys[2].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Authority(pem[0], pem[1] + pem[2], key)


def _certificate(
    name: str,
    key: EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: EllipticCurvePrivateKey | None,
    *,
    path_length: int | None,  # None: it signs pictures, not certificates
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

    authority_, now = path_length is not None, dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    signing = issuer_key or key
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(issuer.subject if issuer else _named(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + YEARS)
        .add_extension(x509.BasicConstraints(authority_, path_length), critical=True)
        .add_extension(_usage(certificates=authority_), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
        )
    )
    if not authority_:
        uses = [ExtendedKeyUsageOID.EMAIL_PROTECTION, ObjectIdentifier(_CLAIM_SIGNING)]
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    return builder.sign(signing, hashes.SHA256())


def _usage(*, certificates: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _named(name: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Second Unit {name}"),
        ]
    )
