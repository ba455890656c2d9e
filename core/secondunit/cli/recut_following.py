"""``recut --apply``: approvals follow the cut, in the ledger of the home that shot them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secondunit_bridge.places import home
from secondunit_bridge.recutting import standing_words

if TYPE_CHECKING:
    from ..editorial.recut import Recut
    from .say import Say


def follow(say: Say, found: Recut, by: str) -> dict[str, Any]:
    """Tell the daemon what became of our shots, and say which approvals changed.

    Nothing is asked where nothing of ours is in the cuts, or nothing was ever shot in this home.
    """
    from ..editorial.showing import followed_shots
    from .calling import calling

    shots = followed_shots(found)
    if not shots or not (home() / "ledger.sqlite").is_file():
        return {"changed": [], "states": {}, "parked": [], "back": []}
    with calling(say) as unit:
        told = unit.follow(found.new, shots, by)
    for one in told["changed"]:
        say.line(f"{one['version']} is {standing_words(one['state'])}: {one['reason']}.")
    for word, what in (("parked", "rest: their shots are not in the cut"),
                       ("back", "wait again: their shots are back")):  # fmt: skip
        if told[word]:
            say.line(f"Takes that {what}: {', '.join(told[word])}.")
    if any(one["state"] == "stale" for one in told["changed"]):
        say.line("Where that is how it is meant: secondunit circle TAKE --by NAME approves again.")
    return told
