"""Commands that are interrupted: Ctrl-C, a daemon that is killed, a reader that goes away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from plate_material import SRGB, matte, picture, wall, written

COMMAND = [sys.executable, "-m", "secondunit"]


@pytest.fixture
def film(light_film: Path) -> Path:
    return light_film


@pytest.fixture
def cut(film: Path, cuts) -> Path:
    items = [cuts.clip("bird", "bbb.mp4", 68, 60), cuts.hole(20)]
    items.append(cuts.clip("burrow", "bbb.mp4", 176, 24))
    return cuts.write_cut(film / "cut.otio", items)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing on Windows")
def test_ctrl_c_stops_the_takes_politely(su, film: Path, cut: Path):
    with subprocess.Popen(
        [*COMMAND, "insert", cut, "--after", "bird", "--frames", "20", "--takes", "40", "--out",
         film / "new.otio", "--by", "Ada"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    ) as running:  # fmt: skip
        assert running.stderr
        for line in running.stderr:
            if "shooting" in line:
                break
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    assert running.returncode == 1
    assert "Traceback" not in err
    assert "E_CANCELLED" in err
    states = [take["state"] for take in su("takes", "--json").json["takes"]]
    assert "cancelled" in states
    assert not {"waiting", "shooting", "checking"} & set(states)
    assert not (film / "new.otio").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing on Windows")
def test_ctrl_c_stops_a_sweep_at_once_and_the_next_one_finds_what_is_there(
    su, home: Path, film: Path, cuts
):
    long = [cuts.clip(f"part {n}", "bbb.mp4", 10 + n, 200) for n in range(4)]
    cut = cuts.write_cut(film / "long.otio", long)
    with subprocess.Popen(
        [*COMMAND, "check", cut], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=dict(os.environ),
    ) as running:  # fmt: skip
        begun = home / "sweeps" / "alike.facts"  # set-ups are recognised: shots come next
        while not begun.exists() and running.poll() is None:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        began = time.monotonic()
        said, err = running.communicate(timeout=30)
    assert time.monotonic() - began < 15
    assert running.returncode == 1
    assert "E_CANCELLED" in err
    assert "Traceback" not in said + err
    short = cuts.write_cut(film / "short.otio", [cuts.clip("part 0", "bbb.mp4", 10, 24)])
    answer = su("check", short, "--json").json
    assert "stopped" not in json.dumps(answer)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing on Windows")
def test_ctrl_c_stops_a_plate_and_nothing_half_written_is_seen(su, home: Path, tmp_path: Path):
    plate = written(tmp_path, "box", picture, count=300)
    roto = written(tmp_path, "roto", matte, count=300)
    still = written(tmp_path, "wall", lambda _: wall(), count=1, first=1)
    out = tmp_path / "out"
    with subprocess.Popen(
        [*COMMAND, "plate", "--plate", plate, "--matte", roto, "--space", SRGB, "--reference",
         str(still) % 1, "--reference-space", SRGB, "--option", "follow=off", "--takes", "2",
         "--out", out],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    ) as running:  # fmt: skip
        assert running.stderr
        for line in running.stderr:
            if "what is being made" in line:
                break
        running.send_signal(signal.SIGINT)
        said, err = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "Traceback" not in said + err
    assert len([line for line in err.splitlines() if "E_CANCELLED" in line]) == 1
    assert not list(out.glob("**/v0*"))
    assert not list(out.glob("**/.*.part*"))
    assert not (out / "contact_sheet.html").exists()
    ours = [t for t in su("takes", "--json").json["takes"] if t["shot"].startswith("box_")]
    assert [take["state"] for take in ours] == ["cancelled", "cancelled"]
    assert su("verify", home, "--json").json["ok"]


@pytest.mark.slow
def test_an_insert_goes_on_when_its_daemon_is_killed(su, home: Path, film: Path, cut: Path):
    su("daemon", "start")
    out = film / "new.otio"
    words = ["insert", cut, "--after", "bird", "--frames", "20", "--takes", "3", "--by", "Ada"]
    words += ["--out", out]
    with subprocess.Popen(
        [*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr
        for line in running.stderr:
            if "shooting" in line:
                break
        pid = su("daemon", "status", "--json").json["pid"]
        os.kill(pid, signal.SIGKILL)
        said, err = running.communicate(timeout=100)
    assert running.returncode == 0, err
    assert "published and cut in" in said
    assert "lost" in err
    assert su("verify", out, "--json").json["ok"]
    assert su("verify", home, "--json").json["ok"]


def test_a_reader_that_goes_away_is_no_error(home: Path):
    with subprocess.Popen([*COMMAND, "generators"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as running:  # fmt: skip
        assert running.stdout
        running.stdout.close()
        assert running.stderr
        assert "Traceback" not in running.stderr.read()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing on Windows")
def test_an_impatient_second_ctrl_c_stops_the_takes_all_the_same(su, film: Path, cut: Path):
    words = ["insert", cut, "--after", "bird", "--frames", "20", "--takes", "30", "--seed", "70"]
    with subprocess.Popen(
        [*COMMAND, *words, "--out", film / "new.otio", "--by", "Ada"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    ) as running:  # fmt: skip
        assert running.stderr
        for line in running.stderr:
            if "shooting" in line:
                break
        running.send_signal(signal.SIGINT)
        for line in running.stderr:
            if "Stopping" in line:
                break
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)
    assert running.returncode == 1
    states = {take["state"] for take in su("takes", "--json").json["takes"]}
    assert "waiting" not in states
