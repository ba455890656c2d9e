"""*Deliver*: the cut as a file for the turnover, rendered by Resolve and looked at afterwards.

The first run puts a job of ours into the render queue; a person presses Render. The next run says
how far it is, and when it is done what the file holds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional

from secondunit_bridge.saying import counted

from ..collect.places import shut
from ..collect.reading import Reading
from ..collect.rendered import rendered
from ..place.delivery import BURN_IN, PRESET, Order, job_of, percent, queue, withdraw
from ..place.files import SLATE
from ..refusals import HostRefused
from ..words import Said
from .bench import Bench
from .inserting import ours

_HEADED = "Press Render All on the Deliver page, then run Deliver again: the file is looked at."


@dataclass(frozen=True)
class _Kept:
    """What was put into the queue, as it is remembered between two runs."""

    path: Path

    def told(self) -> Dict[str, Any]:
        try:
            found: Any = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def keep(self, told: Dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(told), encoding="utf-8")

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)


def deliver(bench: Bench, into: Optional[Path] = None) -> Said:
    """Queue the timeline in front, or say what became of what was queued.

    Raises HostRefused, HostLacks; nothing of ours is in the queue then, and the Deliver page holds
    what it held. A file that is not what was asked for is E_HOST_REFUSED.
    """
    reading = bench.listing()
    folder = into or bench.cuts(reading) / "turnover"
    order = _order(reading, folder)
    kept, about = _Kept(bench.cuts(reading) / "deliver.json"), _about(order)
    told, project = kept.told(), bench.port.project()
    before = str(told.get("job", ""))
    if told.get("about") == about and (
        job_of(bench.port, project, before) or Path(str(told["path"])).is_file()
    ):
        return _became(bench, kept, told, order)
    withdraw(bench.port, project, before)
    folder.mkdir(parents=True, exist_ok=True)
    made = queue(bench.port, order)
    kept.keep({"about": about, "job": made.job, "path": str(made.path)})
    turned = bench.port.open_page("deliver")
    lines = [
        f"{reading.name} waits in the render queue: {counted(len_of(order), 'frame')},"
        f" {order.size[0]} x {order.size[1]}, {made.codec}.",
        f"Its settings are the preset {PRESET}, over {made.base};"
        f" {'yours were put back' if made.put_back else 'the Deliver page holds them now'}.",
        f"It goes to {made.path}.",
        _burnt(made.burn_in), *_slates(reading), *shut(reading), _HEADED,
    ]  # fmt: skip
    facts = {"job": made.job, "path": str(made.path), "codec": made.codec, "base": made.base,
             "burn_in": made.burn_in, "turned": turned}  # fmt: skip
    return Said(tuple(lines), facts)


def _became(bench: Bench, kept: _Kept, told: Dict[str, Any], order: Order) -> Said:
    """How far it is; of a file that is done, what it holds. Raises HostRefused, MediaOffline."""
    port, project = bench.port, bench.port.project()
    job, path = str(told["job"]), Path(str(told["path"]))
    if job_of(port, project, job):
        done = percent(port, project, job)
        if done < 100 or not path.is_file():
            how = f"is rendered to {done} %" if done else "waits in the render queue"
            return Said((f"{path.name} {how}.", _HEADED), {"job": job, "percent": done})
    found = rendered(path)
    wrong: List[str] = []
    if not found.pictures:
        wrong.append("it has no picture" + ", only sound" * bool(found.sounds))
    elif found.frames != len_of(order):
        wrong.append(f"it has {counted(found.frames, 'frame')} and not {len_of(order)}")
    if found.pictures and found.size != order.size:
        wrong.append(f"it is {found.size[0]} x {found.size[1]}"
                     f" and not {order.size[0]} x {order.size[1]}")  # fmt: skip
    if wrong:
        kept.forget()
        withdraw(port, project, job)
        raise HostRefused(
            f"{path.name} is not what was asked for: {'; '.join(wrong)}",
            hint=f"Run Deliver again: it is queued anew. Render that job alone, or choose {PRESET}"
            " by hand; another preset spoils it.",
            data={"path": str(path), "frames": found.frames, "pictures": found.pictures},
        )
    sounds = f" and {counted(found.sounds, 'sound track')}" if found.sounds else ", no sound"
    line = (f"{path.name} is whole: {counted(found.frames, 'frame')} of"
            f" {found.size[0]} x {found.size[1]}{sounds}.")  # fmt: skip
    facts = {"path": str(path), "frames": found.frames, "sounds": found.sounds, "percent": 100}
    return Said((line, f"It lies in {path.parent}."), facts)


def _order(reading: Reading, folder: Path) -> Order:
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in reading.name)
    return Order(safe, folder, reading.start, reading.end - 1, reading.rate, reading.size)


def _about(order: Order) -> str:
    return (f"{order.folder} {order.name} {order.first} {order.last} {order.rate}"
            f" {order.size[0]}x{order.size[1]}")  # fmt: skip


def len_of(order: Order) -> int:
    """Frames that are rendered; both ends are."""
    return order.last - order.first + 1


def _burnt(loaded: bool) -> str:
    if loaded:
        return (
            f"The burn-in preset {BURN_IN} is on for the whole project: Workspace > Data Burn-In"
            " turns it off. It cannot be read back: look at the first frame."
        )
    return (
        f"Nothing is burnt in: there is no burn-in preset called {BURN_IN}. Save one in Workspace"
        " > Data Burn-In if the turnover wants it."
    )


def _slates(reading: Reading) -> List[str]:
    """Our shots that still play their placeholder."""
    names = [clip.name for clip in ours(reading)
             if clip.source is not None and SLATE in Path(clip.source.path).name]  # fmt: skip
    return [f"Still a slate: {', '.join(names)}."] if names else []
