"""Who may approve: not the person who asked. Alone in a production, only with a reason.

Pure functions of names. Blanks and capitals make no difference between two names.
"""

from __future__ import annotations

from collections.abc import Iterable

from secondunit_bridge.errors import OwnWork

NO_PRODUCTION = "default"  # the project of those who have set none up
UNSET = "no production is set up: one person at one machine"


def plain_name(name: str) -> str:
    """A name as names are compared."""
    return " ".join(name.split()).casefold()


def own_work(take: str, project: str, maker: str, by: str, crew: Iterable[str], reason: str) -> str:
    """Why a person may approve what they asked for themselves; empty where somebody else asked.

    ``crew`` are the others who ask for or approve shots in the production; ``reason`` is what was
    said for it, now or once for the production. Raises OwnWork naming who may, or what is missing.
    """
    if not maker or plain_name(maker) != plain_name(by):
        return ""
    if project == NO_PRODUCTION:
        return reason or UNSET
    others = sorted({one for one in crew if plain_name(one) not in ("", plain_name(by))})
    if others:
        raise OwnWork(
            f"{by} asked for this take, and nobody approves their own work in {project}",
            hint=f"Somebody else decides: secondunit circle {take} --by '{others[0]}'.",
            data={"maker": maker, "project": project, "others": others},
        )
    if not reason:
        raise OwnWork(
            f"{by} asked for this take, and nobody approves their own work without a reason",
            hint=f"Somebody else decides: secondunit circle {take} --by NAME; or, where one person"
            " makes it all, say why with --reason R, or once for the production: secondunit"
            f" rights alone {project} --by NAME --reason R.",
            data={"maker": maker, "project": project, "others": []},
        )
    return reason
