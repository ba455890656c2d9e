"""What people have answered on this show, for how far its checks are trusted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from secondunit_bridge.errors import SecondUnitError

from .say import Say

if TYPE_CHECKING:
    from secondunit_bridge.film import Project, Waiver

    from ..continuity.answered import Given
    from ..continuity.trust import Trust

LEDGER = "ledger.sqlite"
_PAGE = 1000  # entries read at a time


def earned_on(
    project: Project | None, home: Path, given: Sequence[Given], say: Say
) -> dict[str, Trust]:
    """What each check has earned on a project, on every one without; nothing where nobody answered.

    ``given`` are the answers to findings of cuts; those to findings of takes are read here.
    """
    from ..continuity.trust import of_cuts, of_waivers, trust

    cuts = of_cuts(one.waiver for one in given)
    if not (home / LEDGER).is_file():
        return trust(cuts)
    try:
        return trust([*cuts, *of_waivers(_waivers(home / LEDGER, project))])
    except SecondUnitError as error:
        say.aside(f"The answers given before could not be read: {error.message}.")
        return trust(cuts)


def _waivers(ledger: Path, project: Project | None) -> list[Waiver]:
    """The last answer to each finding of the project's takes."""
    from secondunit_bridge import film
    from secondunit_bridge.wire import typed

    from ..ledger import Ledger

    with Ledger(ledger, reading=True) as book:
        ours = {one.guid for one in book.views.shots()
                if project is None or one.project == project.name}  # fmt: skip
        last: dict[str, Waiver] = {}
        after = 0
        while page := book.entries(after, "waiver", limit=_PAGE):
            after = page[-1].number
            for entry in page:
                waiver = typed(film.Waiver, {k: v for k, v in entry.body.items() if k != "take"})
                if book.views.take(str(entry.body["take"])).shot in ours:
                    last[waiver.finding] = waiver
        return list(last.values())
