"""``turnover``: a cut with all that an assistant editor and a finishing house ask for beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from secondunit_bridge.errors import PathRefused, SecondUnitError

from .say import DONE, JsonFlag, Say

if TYPE_CHECKING:
    from ..editorial import Cut


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(turnover)


def turnover(
    cut: Annotated[Path, typer.Argument(metavar="CUT.otio", help="The cut. Only read.")],
    out: Annotated[Path, typer.Option("--out", help="A folder for the sheets; made when new.")],
    json: JsonFlag = False,
) -> int:
    """Write a cut's edit lists, count sheet, packet, and the cut itself in Resolve's shape."""
    from ..editorial import read_cut

    say = Say(as_json=json)
    opened = read_cut(cut)
    files, remarks = _written(opened, out, cut)
    remarks += tuple(unapproved(opened))
    packet, why_not = _packet(cut, out.resolve() / "packet")
    if packet is None:
        remarks += (f"No packet: {why_not}",)
    else:
        files.append(packet)
    for remark in remarks:
        say.line(f"  {remark}", style="yellow")
    for path in files:
        say.line(str(path))
    ours = [shot for shot in opened.shots if shot.guid]
    uncircled = [shot.name for shot in ours if not shot.marks.get("version")]
    if uncircled:
        say.line(f"No version is circled yet: {', '.join(uncircled)}.", style="yellow")
    say.done({
        "cut": opened.name, "files": [str(path) for path in files], "shots": len(ours),
        "frames": sum(len(shot.record) for shot in ours), "not_circled": uncircled,
        "packet": str(packet) if packet else None, "remarks": list(remarks),
    })  # fmt: skip
    return DONE


def _written(cut: Cut, out: Path, source: Path) -> tuple[list[Path], tuple[str, ...]]:
    """The files of a turnover, but for the packet."""
    from ..disk import write_whole
    from ..editorial import save
    from ..editorial.resolve_shape import lapses, shaped
    from ..editorial.turnover_sheets import sheets
    from .project import file_name

    folder = out.resolve()
    if folder.exists() and not folder.is_dir():
        raise PathRefused(f"{out} is a file", hint="Name a folder with --out.")
    folder.mkdir(parents=True, exist_ok=True)
    stem = file_name(cut.name or source.stem)
    made = sheets(cut, stem)
    document = shaped(cut)
    files = [save(document, folder / f"{stem}.otio")]
    for name, text in made.files.items():
        write_whole(folder / name, text.encode(), mode=0o644)
        files.append(folder / name)
    said = tuple(f"Resolve may not import the cut: {one}" for one in lapses(document)[:5])
    return files, made.remarks + said


def unapproved(cut: Cut) -> Iterator[str]:
    """Versions in the cut that nobody approves as it is now, as this home's ledger says."""
    from secondunit_bridge.places import home
    from secondunit_bridge.recutting import standing_words

    from ..ledger import Ledger

    path = home() / "ledger.sqlite"
    if not path.is_file():
        return
    with Ledger(path, reading=True) as book:
        for name in dict.fromkeys(str(shot.marks.get("version") or "") for shot in cut.shots):
            last = book.entries(kind="version_state", subject=name)[-1:] if name else ()
            told = last[0].body if last else {"state": "approved"}
            if told["state"] not in ("approved", "final"):
                yield f"{name} is {standing_words(str(told['state']))}: {told['reason']}"


def _packet(cut: Path, folder: Path) -> tuple[Path | None, str]:
    """The packet of the cut; None and the reason where it cannot be: the sheets are good alone."""
    from .packet import build_packet

    try:
        return build_packet(cut, folder).folder / "packet.pdf", ""
    except SecondUnitError as error:
        return None, f"{error.message}. {error.hint}"
