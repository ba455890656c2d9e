"""Who signs for a home: its own keys, or a studio's key service; and who is asked the time.

Both are settings, and both are off: the product opens no connection of its own. A key service is a
program of the studio's that gets on its standard input what is to be signed and gives an ES256
signature on its standard output; the private key never comes to this machine.
"""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from secondunit_bridge.errors import EngineFailed, SettingWrong

from ..disk import private_folder, saying_why, write_whole
from ..settings import Settings
from .authority import TRUSTED, Authority, KeyElsewhere, authority

ANSWER_S = 60.0  # a person may have to touch a token
_RAW = 64  # bytes: r, then s
_NAME = "signing-root.pem"  # in the folder of roots that are trusted


def signer_of(settings: Settings) -> Authority | KeyElsewhere | None:
    """Who signs as the settings say; None: the home's own keys, and nobody's word on the time.

    Raises SettingWrong when a file that is named is not there, NotPermitted.
    """
    keys, stamps = settings.home / "keys", settings.timestamp_authority
    if not settings.signing_program:
        return replace(authority(keys), timestamps=stamps) if stamps else None
    root, chain = (_named(settings, name) for name in ("signing_root", "signing_chain"))
    write_whole(private_folder(keys / TRUSTED) / _NAME, root, mode=0o644)
    program = Path(settings.signing_program).expanduser()
    return KeyElsewhere(root, chain, lambda data: _asked(program, data), stamps)


def told(settings: Settings) -> tuple[tuple[str, str], ...]:
    """What of it a packet says: who holds the key, and who was asked the time."""
    said = []
    if settings.signing_program:
        said.append(("Signing key", "held by the studio's key service, not on this machine"))
    if settings.timestamp_authority:
        host = urlsplit(settings.timestamp_authority).hostname
        said.append(("Time stamps", f"asked of {host}: a digest is sent there for each signature"))
    return tuple(said)


def _asked(program: Path, data: bytes) -> bytes:
    """The signature of the key service, 64 bytes. Raises EngineFailed."""
    hint = "The setting signing_program names what is asked; run it by hand to see what it says."
    try:
        done = subprocess.run([str(program)], input=data, capture_output=True, timeout=ANSWER_S,
                              check=False)  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineFailed(f"the key service did not answer: {error}", hint=hint) from error
    if done.returncode or not done.stdout:
        said = done.stderr.decode("utf-8", "replace").strip()[:200] or f"code {done.returncode}"
        raise EngineFailed(f"the key service refused: {said}", hint=hint)
    return done.stdout if len(done.stdout) == _RAW else _raw(done.stdout, hint)


def _raw(der: bytes, hint: str) -> bytes:
    """A signature as most programs write it (DER), as content credentials want it."""
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    try:
        return b"".join(one.to_bytes(_RAW // 2, "big") for one in decode_dss_signature(der))
    except (ValueError, OverflowError) as error:
        raise EngineFailed("the key service gave no ES256 signature", hint=hint) from error


def _named(settings: Settings, name: str) -> bytes:
    path = Path(str(getattr(settings, name))).expanduser()
    if not getattr(settings, name) or not path.is_file():
        raise SettingWrong(
            f"with signing_program the setting {name} must name a file, and {path} is none",
            hint="Give certificates as PEM: signing_chain from the leaf up, signing_root alone.",
        )
    with saying_why(path):
        return path.read_bytes()
