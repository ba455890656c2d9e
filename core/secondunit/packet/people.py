"""Codes that stand for people's names in everything that may leave the house.

A code is an HMAC of the name under a key of this home, so nobody outside can try names against it.
Who is meant is said by the ledger, which stays here.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256
from pathlib import Path

from ..disk import private_folder, saying_why, write_whole
from ..rights.approving import plain_name

KEY = "people.key"
DIGITS = 8  # of a code: two people of a production share one once in a billion pairs
_BYTES = 32


class People:
    """The codes of one home. Its key (0600) is made when first needed.

    Raises NotPermitted, DiskFull when the key cannot be read or kept.
    """

    def __init__(self, keys: Path) -> None:
        self._keys = keys
        self._key = b""

    def code(self, name: str) -> str:
        """``P-1a2b3c4d`` for a name; empty for nobody. Blanks and capitals make no difference."""
        plain = plain_name(name)
        if not plain:
            return ""
        told = hmac.new(self._held(), plain.encode(), sha256).hexdigest()
        return f"P-{told[:DIGITS]}"

    def _held(self) -> bytes:
        if not self._key:
            path = self._keys / KEY
            with saying_why(path):
                self._key = path.read_bytes() if path.exists() else b""
            if len(self._key) != _BYTES:
                self._key = os.urandom(_BYTES)
                write_whole(private_folder(self._keys) / KEY, self._key)
        return self._key
