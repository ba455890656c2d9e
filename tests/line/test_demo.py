"""The demo, in a process of its own, twice into one folder."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "secondunit"]


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, pytest.param(2, marks=pytest.mark.long)])
def test_the_demo_makes_a_cut_with_an_insert_and_a_contact_sheet_also_twice_in_one_folder(
    tmp_path: Path, home: Path, times: int
):
    out = tmp_path / "out"
    answers = [demo(out) for _ in range(times)]
    names = [answer["version"]["name"] for answer in answers]
    assert names == ["BBB_0010_v001", "BBB_0010_v002"][:times]
    assert len({answer["guid"] for answer in answers}) == 1
    second = answers[-1]
    page = Path(second["sheet"]).read_text()
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "<script" not in page
    assert page.count("<img") == page.count('alt="') - page.count('alt=""')
    assert Path(second["board"]).read_bytes().startswith(b"\x89PNG")
    assert "Blender Foundation" in page
    assert "Big Buck Bunny" in (out / "ATTRIBUTION.txt").read_text()
    assert list(home.iterdir()) == []  # the user's own home is never touched
    assert daemons_of(out / "home") == []


def demo(out: Path) -> dict:
    began = time.monotonic()
    done = subprocess.run(
        [*COMMAND, "demo", "--out", out, "--takes", "1", "--json"],
        capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done
    assert time.monotonic() - began < 100
    answer = json.loads(done.stdout)
    packet = str(Path(answer["packet"]["pdf"]).parent)
    for path in (answer["otio"], packet):  # with the user's own home, which knows nothing of it
        verified = subprocess.run(
            [*COMMAND, "verify", path, "--json"], capture_output=True, text=True, check=False
        )
        said = json.loads(verified.stdout)
        assert {item["state"] for item in said["items"]} == {"ok"}, verified.stdout
        assert (verified.returncode, said["home"]) == (0, str(out / "home"))
    return answer


def daemons_of(home: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environ = (process / "environ").read_bytes()
        except OSError:
            continue
        if f"SECONDUNIT_HOME={home}".encode() in environ:
            found.append((process / "cmdline").read_bytes().decode())
    return found
