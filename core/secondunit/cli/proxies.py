"""``proxies``: what the small pictures of takes take on disk, and deleting them."""

from __future__ import annotations

import os
import shutil
from typing import Annotated

import typer

from .say import DONE, JsonFlag, Say


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(proxies)


def proxies(
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete them; they are made again when looked at.")
    ] = False,
    json: JsonFlag = False,
) -> int:
    """Say how much disk the proxies of takes use, by store; delete them if asked."""
    from ..disk import saying_why
    from ..settings import Settings
    from ..stage.proxies import folder, told
    from .leftovers import stores

    say, home = Say(as_json=json), Settings.load(os.environ).home
    rows = []
    for store in stores(home) if (home / "ledger.sqlite").is_file() else ():
        used = told(store)
        rows.append({"store": str(store), **used, "deleted": delete})
        say.line(f"{store}: {used['frames']} frames, {used['bytes'] / 1e6:.1f} MB")
        if delete and folder(store).exists():
            with saying_why(folder(store)):
                shutil.rmtree(folder(store))
    if delete:
        say.line("Deleted. They are made again, frame by frame, when somebody looks at a take.")
    elif not any(row["frames"] for row in rows):
        say.line("There are none: only large takes get proxies, as soon as they are shot.")
    say.done({"stores": rows})
    return DONE
