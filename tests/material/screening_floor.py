"""A daemon with takes to look at, the page that shows them, and what a person does there: by keys
and with the pointer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from browser import Page
from plate_material import SRGB, wall, with_passes, written
from screening import Served, served
from secondunit.cli import main
from secondunit.media.delivery import write_still
from secondunit_bridge.film import Element, Entry, Media, Project, Role, Shot, Take, Turnover, Work
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.unit import Unit

RATE = Fraction(24)
CARDS = "document.querySelectorAll('.card').length"
CHOSEN = "document.querySelector('.card[aria-selected=true] b')?.textContent"
CLOSED = "document.querySelector('dialog[open]') === null"
MODE = "document.querySelector('canvas').dataset.mode"
SHOWN = "Number(document.querySelector('canvas')?.dataset.shown ?? 0)"
STATE = "document.querySelector('.side .mark')?.textContent"
TOLD = "[...document.querySelectorAll('%s')].map((one) => one.textContent)"
VERSIONS = "(document.querySelector('.versions')?.innerText ?? '')"
WRONG = "(document.querySelector('#ask .wrong')?.textContent ?? '')"


@dataclass
class Floor:
    """A daemon whose generator ``actor`` does as it is told, and the page."""

    unit: Unit
    page: Served
    folder: Path
    takes: dict[str, tuple[Take, ...]] = field(default_factory=dict)

    def ask(
        self, code: str, first: int, takes: int = 1, project: str = "tiny", **options: Any
    ) -> tuple[str, ...]:
        """Takes of six frames with handles of two, asked for by Kim."""
        return self.unit.turn_over(
            Turnover(_shot(code, first, 6, project), Work.insert, "actor", "A wall.", takes=takes,
                     width=96, height=54, options=options, artist="Kim", seed=3)
        )  # fmt: skip

    def head(self) -> int:
        """The last entry's number."""
        return self.unit.entries(0, 2000)[-1].number

    def since(self, kind: str, after: int) -> list[Entry]:
        """Entries of a kind that were made since then."""
        return [one for one in self.unit.entries(after) if one.kind == kind]

    def becomes(self, state: str, after: int) -> list[tuple[str, str]]:
        """Takes that came into a state since then, and by whom."""
        return [(e.subject, e.by) for e in self.since("state", after) if e.body["state"] == state]


@contextmanager
def floor(folder: Path) -> Iterator[Floor]:
    """Three takes of a wall; behind it in the cut one with a finding; one that is junk; a plate."""
    _plate(folder / "plates")
    with Unit.connect(host="test", timeout=30) as unit, served() as page:
        unit.project(Project("tiny", RATE, 96, 54, store=str(folder / "store")))
        made = Floor(unit, page, folder)
        ids = {"0010": made.ask("0010", 86400, 3, seconds=0.0),
               "0020": unit.turn_over(_flickering(folder)),
               "0030": made.ask("0030", 86430, quality="draft", frozen=True)}  # fmt: skip
        made.takes = {code: unit.wait(found, timeout=60) for code, found in ids.items()}
        made.takes["plate"] = tuple(one for one in unit.takes() if not one.name.startswith("TCC"))
        yield made


def watch(page: Page, name: str) -> None:
    """Open a shot by keys, from wherever the page is."""
    page.press("s")
    page.until(f"Boolean({CHOSEN})")
    page.until(f"document.querySelector('.ribbon [title={name}]') !== null")  # it has heard of it
    page.press("Home")
    for _ in range(12):
        if page.tell(CHOSEN) == name:
            break
        page.press("ArrowRight")
    assert page.tell(CHOSEN) == name
    page.press("Enter")
    page.until(f"Boolean({STATE}) && document.title.startsWith('{name}')")


def decide(page: Page, *keys: str, reason: str = "", by: str = "") -> None:
    """A key, the reason, and a name when none was given before; the dialog takes it."""
    page.press(*keys)
    page.until(f"!({CLOSED})")
    for name, words in (("reason", reason), ("by", by)):
        if words:
            page.tell(f"document.querySelector('#ask [name={name}]').select()")
            page.tell(f"document.querySelector('#ask [name={name}]').focus()")
            page.write(words)
    page.tell("document.querySelector('#ask .go').focus()")
    page.press("Enter")
    page.until(CLOSED)


def written_in(page: Page, name: str, words: str) -> None:
    """A field of the dialog says something else."""
    page.tell(f"document.querySelector('#ask [name={name}]').select()")
    page.tell(f"document.querySelector('#ask [name={name}]').focus()")
    page.write(words)


def places(page: Page, *points: Sequence[float]) -> list[tuple[float, float]]:
    """Where places of the picture lie on the page. The picture is 16:9; 0..1 from top left."""
    left, top, wide, high = page.tell(
        "(({ x, y, width, height }) => [x, y, width, height])"
        "(document.querySelector('.picture canvas').getBoundingClientRect())"
    )
    size = min(wide / 16, high / 9)
    x, y = left + (wide - 16 * size) / 2, top + (high - 9 * size) / 2
    return [(x + across * 16 * size, y + down * 9 * size) for across, down in points]


def _shot(code: str, first: int, count: int, project: str = "tiny") -> Shot:
    record = FrameRange(first, first + count - 1, RATE)
    sequence = "TCC" if project == "tiny" else project.upper()
    return Shot(project, sequence, code, f"guid-{project}-{code}", record, Handles(2, 2))


def _flickering(folder: Path) -> Turnover:
    """A push in on pictures of which one is dark: continuity says look."""
    rng = np.random.default_rng(7)
    wide = np.kron(rng.random((12, 40, 3)), np.ones((8, 8, 1))) * 0.6 + 0.1
    for n in range(12):
        seen = wide[:54, n * 2 : n * 2 + 96] * (0.1 if n == 5 else 1)
        write_still(folder / f"ref.{n + 1:04}.png", seen.astype(np.float32), bits=8, space="sRGB")
    media = Media(FrameRange(1, 12, RATE), path=str(folder / "ref.%04d.png"), space=SRGB)
    return Turnover(_shot("0020", 86406, 8), Work.insert, "reframe", brief="Push in.",
                    elements=(Element(Role.reference, media),), width=96, height=54)  # fmt: skip


def _plate(folder: Path) -> None:
    """A plate with something put in where its matte allows it: a take with a receipt."""
    written(folder, "wall", lambda index: wall(), count=1, first=1)
    said = main([
        "plate", "--plate", str(with_passes(folder)), "--matte", "channel:hold.mask", "--by", "Kim",
        "--reference", str(folder / "wall.0001.png"), "--reference-space", SRGB,
        "--option", "follow=off", "--out", str(folder / "out"), "--json",
    ])  # fmt: skip
    assert said == 0
