"""What a person gets of a plate: the contact sheet, and a list of where everything is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import LedgerBroken, NotPermitted
from secondunit_bridge.film import Take, Version

if TYPE_CHECKING:
    from .line import Shoot
    from .sheet.plate_gather import Measured

PAGE, BOARD, LISTING = "contact_sheet.html", "contact_sheet.png", "where.txt"


@dataclass(frozen=True)
class Shown:
    """What was made in the folder, and what the receipt says."""

    measured: Measured
    page: Path
    board: Path
    places: tuple[tuple[str, str], ...]


def show(shoot: Shoot, version: Version | None, store: Path, out: Path, sentence: str) -> Shown:
    """Write the contact sheet of the circled take, else of the likeliest one, into ``out``.

    Raises OSError, NotPermitted, and what reading the take's frames raises.
    """
    import cv2

    from .sheet.plate_gather import Measured, plate_values
    from .sheet.plates import plate_sheet

    take = _shown_take(shoot, version)
    receipt = receipt_of(take.id)
    page, board = out / PAGE, out / BOARD
    places = (*_places(version, out, store), ("contact sheet", str(page)),
              ("as a picture", str(board)))  # fmt: skip
    line = f"{_asked(shoot)} {sentence}"
    html, picture = plate_sheet(plate_values(shoot, take, receipt, store, places, line))
    page.write_text(html, encoding="utf-8")
    if not cv2.imwrite(str(board), picture[..., ::-1]):
        raise NotPermitted(f"{board} cannot be written", hint="Choose a folder you may write in.")
    width = max(len(name) for name, _ in places)
    listing = "".join(f"{name:<{width}}  {where}\n" for name, where in places)
    (out / LISTING).write_text(listing, encoding="utf-8")
    return Shown(Measured.of(receipt), page, board, places)


def receipt_of(take: str) -> dict[str, Any]:
    """What the ledger's entry of a take of a plate says was measured. Raises LedgerBroken."""
    from secondunit_bridge.places import home

    from ..ledger import Ledger

    with Ledger(home() / "ledger.sqlite", reading=True) as book:
        for entry in book.entries(kind="take", subject=take):
            told = entry.body.get("receipt")
            if isinstance(told, dict):
                return told
    raise LedgerBroken(
        f"the ledger says nothing of what take {take} changed",
        hint="Look at the ledger with: secondunit verify HOME",
    )


def _shown_take(shoot: Shoot, version: Version | None) -> Take:
    takes = [take for take in shoot.takes if take.media is not None]
    wanted = version.take if version else shoot.best.id if shoot.best else ""
    return next((take for take in takes if take.id == wanted), takes[0])


def _asked(shoot: Shoot) -> str:
    shot, brief = shoot.turnover.shot, shoot.turnover.brief.strip()
    count = f"{len(shot.cut)} frame{'s' if len(shot.cut) != 1 else ''}"
    end = "" if brief.endswith((".", "!", "?")) else "."
    return f"A plate of {count}.{f' The brief: “{brief}”{end}' if brief else ''}"


def _places(version: Version | None, out: Path, store: Path) -> tuple[tuple[str, str], ...]:
    kept: tuple[tuple[str, str], ...] = (("store", str(store)),)
    if (out / "preview").is_dir():
        kept += (("last previews", str(out / "preview")),)
    if version is None:
        return kept
    folder, name = Path(version.path), version.name
    return (
        ("version", str(folder)),
        ("frames", str(folder / "exr" / f"{name}.%04d.exr")),
        ("matte", str(folder / "qc" / "matte" / f"{name}_matte.%04d.exr")),
        ("review movie", str(folder / "review" / f"{name}.mov")),
        ("receipt", str(folder / "receipt.json")),
        ("receipt to look at", str(folder / "qc" / "receipt.png")),
        ("record", str(folder / "record.json")),
        *kept,
    )
