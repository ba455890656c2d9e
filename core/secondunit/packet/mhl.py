"""ASC MHL 2.0: the hash list of a version's frames that camera and post houses read.

Hashes are C4 identifiers (SMPTE ST 2114): sha512 in base 58. The chain file names each list by its
own identifier, so a later generation that somebody appends is told from one that was rewritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha512
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from secondunit_bridge import __version__

FOLDER, CHAIN = "ascmhl", "ascmhl_chain.xml"
_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"  # ST 2114, section 5
_LENGTH = 88  # of the digits after "c4"


@dataclass(frozen=True)
class Hashed:
    """One file of a list: its path under the list's root, bytes, and C4 identifier."""

    path: str
    size: int
    c4: str


def c4(digest: bytes) -> str:
    """The C4 identifier of a sha512 digest."""
    number, digits = int.from_bytes(digest), ""
    while number:
        number, place = divmod(number, 58)
        digits = _DIGITS[place] + digits
    return "c4" + digits.rjust(_LENGTH, _DIGITS[0])


def c4_of(data: bytes) -> str:
    """The C4 identifier of some bytes."""
    return c4(sha512(data).digest())


def write(root: Path, name: str, files: Sequence[Hashed], at: datetime | None = None) -> list[Path]:
    """The first generation of a list over files under ``root``, and its chain; what was written.

    Raises OSError.
    """
    now = at or datetime.now(UTC)
    folder = root / FOLDER
    folder.mkdir()
    listed = folder / f"0001_{name}_{now:%Y-%m-%d_%H%M%S}Z.mhl"
    data = _list(files, now).encode()
    listed.write_bytes(data)
    chain = folder / CHAIN
    chain.write_text(_chain(listed.name, c4_of(data)), encoding="utf-8")
    return [listed, chain]


def _list(files: Sequence[Hashed], now: datetime) -> str:
    when = now.isoformat(timespec="seconds")
    rows = "\n".join(
        f"    <hash>\n      <path size={quoteattr(str(one.size))}>{escape(one.path)}</path>\n"
        f'      <c4 action="original" hashdate={quoteattr(when)}>{one.c4}</c4>\n    </hash>'
        for one in files
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
  <creatorinfo>
    <creationdate>{when}</creationdate>
    <hostname>secondunit</hostname>
    <tool version={quoteattr(__version__)}>Second Unit</tool>
  </creatorinfo>
  <processinfo>
    <process>in-place</process>
    <ignore>
      <pattern>.DS_Store</pattern>
      <pattern>ascmhl</pattern>
      <pattern>ascmhl/</pattern>
      <pattern>review</pattern>
      <pattern>qc</pattern>
      <pattern>plate</pattern>
      <pattern>*.json</pattern>
      <pattern>*.c2pa</pattern>
      <pattern>*.png</pattern>
    </ignore>
  </processinfo>
  <hashes>
{rows}
  </hashes>
</hashlist>
"""


def _chain(name: str, identifier: str) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">
  <hashlist sequencenr="1">
    <path>{escape(name)}</path>
    <c4>{identifier}</c4>
  </hashlist>
</ascmhldirectory>
"""
