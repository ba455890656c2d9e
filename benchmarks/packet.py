"""What provenance costs: hashing and signing a version, a packet of 100 shots, the gate, a ledger.

Run: python benchmarks/packet.py
The version is 240 EXR-sized files of noise, so hashing is measured at the disk's and processor's
speed. The packet's cut names one published insert a hundred times, each as a shot of its own.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from secondunit.cli import main
from secondunit.ledger import Draft, Ledger
from secondunit.packet.credentials import Claim, Marker, created
from secondunit.packet.marks import HASH_LIST, hash_list, hashed
from secondunit.rights import Asset, Policy, Register, Use, Used, evaluate

FRAMES, BYTES = 240, 6_300_000  # of a half-float HD frame, ZIP
SHOTS, ENTRIES, ASKS = 100, 100_000, 1000


def cpu() -> float:
    """Seconds of processor, of this process."""
    return time.process_time()


def version(folder: Path) -> None:
    (folder / "exr").mkdir(parents=True)
    noise = os.urandom(BYTES)
    paths = [folder / "exr" / f"a.{1001 + number:04}.exr" for number in range(FRAMES)]
    for number, path in enumerate(paths):
        path.write_bytes(noise[:-4] + number.to_bytes(4, "big"))
    wall, busy = time.perf_counter(), cpu()
    with ThreadPoolExecutor(2) as readers:
        frames = list(readers.map(partial(hashed, folder), paths))
    hashing, busy = time.perf_counter() - wall, cpu() - busy
    (folder / HASH_LIST).write_bytes(hash_list("a", frames))
    marker = Marker(folder / "keys")
    claim = Claim("a", (created("trainedAlgorithmicMedia"),))
    marker.beside(folder / HASH_LIST, claim)  # the keys are made with the first
    wall = time.perf_counter()
    marker.beside(folder / HASH_LIST, claim)
    signing = time.perf_counter() - wall
    rate = FRAMES * BYTES / hashing / 1e6
    print(f"{FRAMES} frames: hashing {hashing:.2f} s ({rate:.0f} MB/s, {busy:.2f} s of processor),"
          f" signing {signing * 1e3:.1f} ms = {signing / hashing:.2%} over it")  # fmt: skip


def run(*words: object) -> Any:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        main([*map(str, words), "--json"])
    return json.loads(said.getvalue())


def packet(folder: Path) -> None:
    from secondunit.cli.demo.cut import lay_out

    cut = lay_out(folder)
    made = run("insert", cut, "--at", "01:00:03:00", "--frames", 24, "--out", folder / "one.otio")
    document = json.loads(Path(made["otio"]).read_text())
    tracks = document["tracks"]["children"]
    ours = next(clip for track in tracks for clip in track["children"]
                if clip.get("metadata", {}).get("secondunit", {}).get("version"))  # fmt: skip
    main_track = next(one for one in tracks if one["name"] == "V1")
    main_track["children"] += [ours] * (SHOTS - 1)
    (folder / "many.otio").write_text(json.dumps(document))
    wall, busy = time.perf_counter(), cpu()
    told = run("packet", folder / "many.otio", "--out", folder / "packet")
    print(f"packet of {SHOTS} shots: {time.perf_counter() - wall:.1f} s,"
          f" {cpu() - busy:.1f} s of processor, {len(told['files'])} files")  # fmt: skip
    run("daemon", "stop")


def gate() -> None:
    rows = {("asset", f"a{n}"): Asset(f"a{n}", "lora", f"A {n}", files=(f"f{n}",))
            for n in range(200)}  # fmt: skip
    use = Use("final", "film", models=(Used("a150", ("f150",)), Used("x", ("zz",))))
    began = cpu()
    for _ in range(ASKS):
        evaluate(use, Register(rows), Policy(), date(2026, 11, 22))
    print(f"gate, 200 assets on the register: {(cpu() - began) / ASKS * 1e3:.3f} ms")


def ledger(folder: Path) -> None:
    body = {"state": "approved", "reason": "x" * 200}
    with Ledger(folder / "ledger.sqlite", durability="off") as book:
        for _ in range(ENTRIES // 1000):
            book.record_all([Draft("note", "abcd.1", body)] * 1000)
        wall, busy = time.perf_counter(), cpu()
        problems = book.verify()
        print(f"ledger of {ENTRIES} entries: verified in {time.perf_counter() - wall:.2f} s,"
              f" {cpu() - busy:.2f} s of processor; problems: {len(problems)}")  # fmt: skip


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        home.mkdir(mode=0o700)
        os.environ.update(SECONDUNIT_HOME=str(home), XDG_RUNTIME_DIR=place)
        for job in (version, packet, ledger):
            if not sys.argv[1:] or job.__name__ in sys.argv[1:]:
                made = Path(place) / job.__name__
                made.mkdir()
                job(made)
        gate()
