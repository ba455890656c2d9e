"""``recut``: what a changed picture lock did to each shot, what is kept, and what must be made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .say import DONE, JsonFlag, Say, login_name

if TYPE_CHECKING:
    from ..editorial import Cut
    from ..editorial.recut import Item, Recut
    from .recut_shooting import Made

WORDS = {"extended_in_handles": "extended in its handles", "extended_beyond": "extended beyond",
         "source_swapped": "source swapped"}  # fmt: skip

Apply = Annotated[
    bool, typer.Option("--apply", help="Write the new cut with our shots; approvals follow it.")
]
Page = Annotated[
    Path | None, typer.Option("--html", help="Write what became of each shot as a page, too.")
]


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(recut)


def recut(
    old: Annotated[Path, typer.Argument(metavar="OLD.otio", help="The cut as it was.")],
    new: Annotated[Path, typer.Argument(metavar="NEW.otio", help="The cut as it is now.")],
    apply: Apply = False,
    out: Annotated[
        Path | None, typer.Option(help="With --apply: where to. Else NEW_conformed.otio.")
    ] = None,
    shoot: Annotated[
        bool, typer.Option("--shoot", help="Make the missing frames of our shots, and no others.")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Who has it done; you when left out.")] = "",
    hold: Annotated[
        bool, typer.Option("--hold", help="With --apply: circle no pickup, and lay none in.")
    ] = False,
    html: Page = None,
    json: JsonFlag = False,
) -> int:
    """Compare a cut with its re-cut, shot by shot, before anything is made. Opens no media."""
    from ..editorial import read_cut
    from ..editorial.recut import compare, recut_json
    from .recut_applying import applied
    from .recut_following import follow

    if out is not None and not apply:
        raise typer.BadParameter("--out wants --apply: nothing is written without it")
    say, by = Say(as_json=json), by or login_name()
    cuts = read_cut(old, open_media=False), read_cut(new, open_media=False)
    found = compare(*cuts)
    _show(say, found)
    answer = recut_json(found)
    if html is not None:
        answer["page"] = _page(say, cuts, found, html)
    made = _shot(say, found, by, circling=apply and not hold) if shoot else ()
    if shoot:
        answer["shot"] = [one.json for one in made]
    if apply:
        answer |= applied(say, cuts, found, out or _beside(new), made)
        answer["statuses"] = follow(say, found, by)
    say.done(answer)
    return DONE


def _page(say: Say, cuts: tuple[Cut, Cut], found: Recut, path: Path) -> str:
    from .sheet.lock import write_lock

    path = path.expanduser().resolve()
    write_lock(cuts, found, WORDS, path)
    say.line(f"Page: {path}")
    return str(path)


def _shot(say: Say, found: Recut, by: str, *, circling: bool) -> tuple[Made, ...]:
    from .calling import calling
    from .recut_shooting import shoot_missing

    if not found.generate_frames:
        return ()
    with calling(say) as unit:
        return shoot_missing(unit, say, found, by, circling=circling)


def _show(say: Say, found: Recut) -> None:
    rows = [_row(item) for item in found.items]
    say.table(("shot", "what became of it", "kept", "to make", "handles", "note"), rows)
    ours = sum(item.guid is not None for item in found.items)
    same = sum(item.change.value in ("same", "moved") for item in found.items)
    count = found.generate_frames
    make = "nothing is to be made" if not count else f"{count} frames are to be made"
    say.line(f"{len(found.items)} shots, {ours} of ours; {same} as they were; {make}.")


def _row(item: Item) -> tuple[str, ...]:
    left = ["?" if one is None else str(one) for one in item.handles]
    word = item.change.value
    return (item.name, WORDS.get(word, word), _spans(item.keep), _spans(item.missing),
            "" if item.handles == (None, None) else " + ".join(left), item.remarks)  # fmt: skip


def _spans(spans: tuple[tuple[int, int], ...]) -> str:
    """The first few runs of frames."""
    said = [f"{a}-{b}" if a != b else str(a) for a, b in spans[:3]]
    return ", ".join(said) + (" …" if len(spans) > len(said) else "")


def _beside(new: Path) -> Path:
    return new.with_name(f"{new.stem}_conformed.otio")
