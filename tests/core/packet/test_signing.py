"""Who signs: a studio's key service asked through its own program; and who is asked the time."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from secondunit.packet.authority import authority
from secondunit.packet.check import file_items
from secondunit.packet.credentials import Claim, Marker, created
from secondunit.packet.signing import signer_of, told
from secondunit.settings import Settings
from secondunit_bridge.errors import SettingWrong, StoreError
from time_authority import TimeAuthority

SAID = Claim("A title", (created("trainedAlgorithmicMedia"),), {"id": "abcd.1"})
PROGRAM = """#!{python}
import sys
from pathlib import Path
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.serialization import load_pem_private_key
if Path({refuse!r}).exists():
    sys.exit("the card is not in its reader")
key = load_pem_private_key(Path({key!r}).read_bytes(), None)
sys.stdout.buffer.write(key.sign(sys.stdin.buffer.read(), ECDSA(hashes.SHA256())))
"""
STAMP = b"sigTst"  # where a credential keeps a time stamp


def settings(home: Path, **changes: str) -> Settings:
    return Settings(home=home, runtime=home / "run", **changes)


def picture(path: Path) -> Path:
    pixels = np.random.default_rng(3).integers(0, 255, (54, 96, 3), dtype=np.uint8)
    assert cv2.imwrite(str(path), pixels)
    return path


@pytest.fixture
def studio(tmp_path: Path) -> dict[str, str]:
    """The settings of a home whose key is held by a studio's service."""
    theirs = authority(tmp_path / "studio")
    (tmp_path / "chain.pem").write_bytes(theirs.chain)
    (tmp_path / "root.pem").write_bytes(theirs.root)
    program, key = tmp_path / "sign", tmp_path / "studio" / "facility" / "leaf.key"
    text = PROGRAM.format(python=sys.executable, refuse=str(tmp_path / "refuse"), key=str(key))
    program.write_text(text)
    program.chmod(0o700)
    return {"signing_program": str(program), "signing_chain": str(tmp_path / "chain.pem"),
            "signing_root": str(tmp_path / "root.pem")}  # fmt: skip


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[TimeAuthority]:
    if not shutil.which("openssl"):
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("openssl is not on the path")
    folder = tmp_path / "clock"
    folder.mkdir()
    found = TimeAuthority(folder)
    yield found
    found.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")
def test_a_studio_s_key_service_signs_and_the_key_never_comes_here(
    tmp_path: Path, studio: dict[str, str]
):
    home, path = tmp_path / "home", picture(tmp_path / "a.png")
    asked = settings(home, **studio)
    Marker(home / "keys", signer_of(asked)).embed(path, SAID)
    (item,) = file_items(path, home / "keys")
    assert item.state == "ok", item
    assert not list(home.rglob("*.key"))
    assert dict(told(asked))["Signing key"].startswith("held by the studio's key service")
    (item,) = file_items(path, tmp_path / "somebody else")
    assert item.state == "untrusted"


@pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")
def test_a_key_service_that_refuses_is_told_and_nothing_is_signed(
    tmp_path: Path, studio: dict[str, str]
):
    home, path = tmp_path / "home", picture(tmp_path / "a.png")
    before = path.read_bytes()
    (tmp_path / "refuse").touch()
    with pytest.raises(StoreError, match="could not be marked"):
        Marker(home / "keys", signer_of(settings(home, **studio))).embed(path, SAID)
    assert path.read_bytes() == before
    with pytest.raises(SettingWrong, match="signing_chain must name a file"):
        signer_of(settings(home, **{**studio, "signing_chain": str(tmp_path / "gone.pem")}))


def test_the_time_is_asked_where_a_setting_names_who_to_ask_and_only_there(
    tmp_path: Path, clock: TimeAuthority
):
    home, path, plain = tmp_path / "home", picture(tmp_path / "a.png"), picture(tmp_path / "b.png")
    asked = settings(home, timestamp_authority=clock.address)
    marker = Marker(home / "keys", signer_of(asked))
    marker.embed(path, SAID)
    assert clock.asked == 1
    assert marker.stamped
    assert STAMP in path.read_bytes()
    (item,) = file_items(path, home / "keys")
    assert item.state == "ok", item
    assert "asked of 127.0.0.1" in dict(told(asked))["Time stamps"]
    assert signer_of(settings(home)) is None
    Marker(home / "keys", signer_of(settings(home))).embed(plain, SAID)
    assert clock.asked == 1
    assert STAMP not in plain.read_bytes()


def test_a_clock_that_does_not_answer_keeps_nothing_from_being_signed(tmp_path: Path):
    home, path = tmp_path / "home", picture(tmp_path / "a.png")
    asked = settings(home, timestamp_authority="http://127.0.0.1:9/")
    marker = Marker(home / "keys", signer_of(asked))
    marker.embed(path, SAID)
    assert not marker.stamped
    assert marker.read(path).word == "trusted"
    marker.beside(picture(tmp_path / "list.exr.png"), SAID)
    assert marker.read(tmp_path / "list.exr.png").word == "trusted"
