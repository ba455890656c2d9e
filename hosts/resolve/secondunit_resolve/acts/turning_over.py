"""*Turn over*: the cut with edit lists, count sheet and packet, for whoever works on with it."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Optional

from secondunit_bridge.errands import Errand
from secondunit_bridge.saying import counted

from ..collect.exported import save_cut
from ..collect.places import shut
from ..words import Said
from .bench import Bench
from .inserting import ours


def turn_over(bench: Bench, into: Optional[Path] = None, *, patience_s: float = 0.0) -> Said:
    """Have the core write the turnover of the timeline in front; what it wrote when it is done.

    Raises what the core said went wrong. That there is no packet, and why, is one of its remarks.
    """
    reading = bench.reading()
    folder = bench.cuts(reading)
    cut = save_cut(reading, folder / "turnover.otio", bench.port.pace)
    target = into or folder / "turnover"
    errand = Errand(folder / "errands" / "turnover")
    about = f"{reading.name} {hash_of(cut)} {target}"
    if errand.about() != about:
        errand.start(("turnover", str(cut), "--out", str(target)), about=about)
    found = errand.answer(patience_s)
    if found is None:
        return Said((f"The turnover of {reading.name} is being written.",
                     "Run Turn over again in a moment to see it."), {"running": True})  # fmt: skip
    lines = [f"{reading.name} is turned over in {target}:",
             *(f"  {Path(name).name}" for name in found["files"])]  # fmt: skip
    if found["not_circled"]:
        lines.append(f"No version is circled yet: {', '.join(found['not_circled'])}.")
    lines += [f"  {remark}" for remark in (*found["remarks"], *shut(reading))]
    facts: Dict[str, object] = {**found, "folder": str(target), "shots": len(ours(reading))}
    lines.append(
        counted(int(found["shots"]), "shot") + f", {counted(int(found['frames']), 'frame')}."
    )
    return Said(tuple(lines), facts)


def hash_of(path: Path) -> str:
    """What tells one state of a cut from another."""
    from hashlib import sha256

    return sha256(path.read_bytes()).hexdigest()[:16]
