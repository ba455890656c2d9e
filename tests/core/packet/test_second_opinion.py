"""A validator that shares no code with ours reads our credentials, and sees a tamper.

Run with SECONDUNIT_TEST_C2PA_TS naming a folder in which `npm install @trustnxt/c2pa-ts` was run.
Its verdict on the pixels counts, not its word on trust: it is given no anchors.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest
from secondunit.packet.credentials import Claim, Ingredient, Marker, created, edited, opened

PLACE = os.environ.get("SECONDUNIT_TEST_C2PA_TS", "")
SCRIPT = """
import { readFileSync } from 'node:fs';
import * as asset from '@trustnxt/c2pa-ts/asset';
import * as manifest from '@trustnxt/c2pa-ts/manifest';
import { SuperBox } from '@trustnxt/c2pa-ts/jumbf';
const kinds = { png: asset.PNG, jpg: asset.JPEG };
for (const file of process.argv.slice(2)) {
  const data = new Uint8Array(readFileSync(file)), kind = kinds[file.split('.').pop()];
  const made = kind.create ? await kind.create(data) : new kind(data);
  const box = SuperBox.fromBuffer(await made.getManifestJUMBF());
  const told = await manifest.ManifestStore.read(box).validate(made);
  console.log(told.isValid);
}
"""


@pytest.mark.skipif(not PLACE or not shutil.which("node"), reason="no other validator is here")
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_another_implementation_reads_ours_and_sees_one_bit(tmp_path: Path, suffix: str):
    marker = Marker(tmp_path / "keys")
    names = [tmp_path / f"{name}{suffix}" for name in ("plate", "made", "changed")]
    for seed, path in enumerate(names[:2]):
        pixels = np.random.default_rng(seed).integers(0, 255, (54, 96, 3), dtype=np.uint8)
        assert cv2.imwrite(str(path), pixels)
    marker.embed(names[0], Claim("plate", (created("algorithmicMedia"),), {"id": "x"}))
    parent = Ingredient(names[0], "parentOf", "plate")
    done = (opened("plate"), edited("compositeWithTrainedAlgorithmicMedia", "in the matte"))
    marker.embed(names[1], Claim("made", done, {"id": "y"}, (parent,)))
    data = bytearray(names[1].read_bytes())
    data[-600] ^= 1
    names[2].write_bytes(data)
    script = Path(PLACE) / f"opinion_{os.getpid()}.mjs"
    script.write_text(SCRIPT)
    try:
        said = subprocess.run(["node", script.name, *names], cwd=PLACE, capture_output=True,
                              text=True, check=False)  # fmt: skip
    finally:
        script.unlink()
    assert said.stdout.split() == ["true", "true", "false"], said.stderr
