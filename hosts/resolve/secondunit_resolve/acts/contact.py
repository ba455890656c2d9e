"""*Contact sheet*: every take of our shot under the playhead on one page, which opens beside."""

from __future__ import annotations

from hashlib import sha256

from secondunit_bridge.errands import Errand
from secondunit_bridge.saying import counted

from ..collect.places import ours_at_playhead
from ..words import Said
from .bench import Bench


def contact_sheet(bench: Bench, *, patience_s: float = 0.0) -> Said:
    """Have the core lay out the takes as they stand now; the page when it is written.

    Raises NoPlace, and what the core said went wrong: there is nothing to show before a take is.
    """
    reading = bench.listing()
    clip = ours_at_playhead(reading)
    guid = str(clip.mark["guid"])
    with bench.unit() as unit:
        states = [f"{take.id} {take.state.value}" for take in unit.takes(shot=guid)]
    about = sha256("\n".join((guid, *states)).encode()).hexdigest()
    folder = bench.cuts(reading) / "sheets" / clip.name
    errand = Errand(bench.cuts(reading) / "errands" / f"sheet-{clip.name}")
    if errand.about() != about:
        errand.start(("contact", guid, "--out", str(folder)), about=about)
    found = errand.answer(patience_s)
    if found is None:
        said = f"The contact sheet of {clip.name} is being laid out."
        return Said((said, "Run Contact sheet again in a moment to see it."), {"running": True})
    said = f"{clip.name}: {counted(len(found['takes']), 'take')} on the sheet {found['sheet']}"
    return Said((said,), {"page": found["sheet"], "board": found["board"], "takes": found["takes"]})
