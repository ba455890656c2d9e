"""``finish``: shoots the draft that a person chose at full quality."""

from __future__ import annotations

from typing import Annotated

import typer
from secondunit_bridge.film import TakeState

from .answers import By
from .say import DONE, STOPS_OPEN, JsonFlag, Say


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(finish)


def finish(
    take: Annotated[str, typer.Argument(help="The chosen draft's id, for example 3fa9c1d2.1.")],
    by: By,
    json: JsonFlag = False,
) -> int:
    """Shoot a chosen draft at full quality: the same ask and seed, as a take of its own."""
    from .calling import calling
    from .forms import stops, take_json
    from .line import say_takes
    from .shooting import Watching

    say = Say(as_json=json)
    with calling(say) as unit:
        watching = Watching(unit, (unit.finish(take, by),), say)
        say.line(f"Shooting draft {take} at full quality.")
        (made,) = watching.until_shot(by=by)
        if made.media is None:
            raise watching.why(made.id)
    say_takes(say, (made,))
    sentence = f"Take {made.id} is the finish of draft {take}."
    if made.state is TakeState.pending_review:
        sentence += f" Circle it with `secondunit circle {made.id} --by NAME --class final`."
    say.line(sentence)
    say.done({"finish_of": take, "take": take_json(made), "sentence": sentence})
    return STOPS_OPEN if stops(made.findings) else DONE
