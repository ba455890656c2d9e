"""No file of the checkout holds a merge that was left open."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
OPEN = tuple(sign * 7 + b" " for sign in (b"<", b">"))


def left_open(text: bytes) -> bool:
    """A line begins as git marks the two sides of a conflict."""
    return any(line.startswith(OPEN) for line in text.splitlines())


def test_no_merge_was_left_open():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    assert [str(one) for one in files if one.is_file() and left_open(one.read_bytes())] == []


def test_an_open_merge_is_seen_and_a_headline_is_none():
    assert left_open(b"one\n" + OPEN[0] + b"HEAD\ntwo\n")
    assert not left_open(b"A headline\n=======\n")
