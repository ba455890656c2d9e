"""ASC MHL and C4: published identifiers, and a list that names what it was made over."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

from secondunit.packet import mhl

SPACE = {"m": "urn:ASC:MHL:v2.0", "c": "urn:ASC:MHL:DIRECTORY:v2.0"}


def test_c4_identifiers_are_those_that_the_standard_names():
    # SMPTE ST 2114 and its reference implementation: the identifiers of "alfa" and of nothing
    assert mhl.c4_of(b"alfa") == (
        "c43zYcLni5LF9rR4Lg4B8h3Jp8SBwjcnyyeh4bc6gTPHndKuKdjUWx1kJPYhZxYt3zV6tQXpDs2shPsPYjgG81wZM1"
    )
    assert mhl.c4_of(b"") == (
        "c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT"
    )


def test_the_list_and_its_chain_name_what_they_are_over(tmp_path: Path):
    files = [mhl.Hashed(f"a.{n}.exr", n, mhl.c4_of(bytes([n]))) for n in (1, 2)]
    listed, chain = mhl.write(tmp_path, "SH_v001", files, datetime(2026, 11, 22, tzinfo=UTC))
    assert listed.name == "0001_SH_v001_2026-11-22_000000Z.mhl"
    rows = ET.parse(listed).getroot().findall("m:hashes/m:hash", SPACE)
    assert [(row[0].text, row[0].get("size"), row[1].text) for row in rows] == [
        (one.path, str(one.size), one.c4) for one in files
    ]
    row = ET.parse(chain).getroot()[0]
    assert [one.text for one in row] == [listed.name, mhl.c4_of(listed.read_bytes())]
