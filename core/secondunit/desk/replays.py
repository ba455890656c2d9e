"""What is asked about replays: a take shot once more from its record, to see whether it holds.

One is never a take of the shot: what it found is an entry of its own kind (decision 0012).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import Locked, UnknownGenerator
from secondunit_bridge.film import Model, Take, Turnover
from secondunit_bridge.wire import Message

from ..hookspecs import Generator
from ..plugins import Plugins
from ..stage.orders import Replay
from .asks import words_of
from .floor import Floor
from .people import Book, Client, Later, Reply

if TYPE_CHECKING:
    from .models import Models


class Replays:
    """What is asked about replays."""

    def __init__(self, book: Book, plugins: Plugins, floor: Floor, models: Models) -> None:
        self._book, self._plugins, self._floor, self._models = book, plugins, floor, models

    def replay(self, client: Client, message: Message) -> Reply | Later:
        """Shoot a take once more and compare. Other weights than its own are told, not run."""
        words = words_of(message.body, "take", "by")
        take = self._book.views.take(words["take"])
        if take.media is None:
            raise Locked(
                f"take {take.id} is {take.state.value}: there are no frames to compare with",
                hint="Wait until it is shot.",
            )
        turnover = self._book.views.turnover(take.turnover)
        generator_of(take, turnover, self._plugins)
        kept = self._kept(take)
        changed = _other_weights(kept, self._models.needed(turnover))
        if changed:
            told = {"take": take.id, "ran": False, "equal": False, "changed": changed}
            return Reply(told)
        for problem in self._models.against(turnover):
            raise problem
        order = Replay(self._floor.order(take, turnover), kept)
        return Later(self._floor.replays.add(order, words["by"]))

    def _kept(self, take: Take) -> dict[str, Any]:
        body = dict(self._book.entries(kind="take", subject=take.id)[-1].body)
        return {name: body[name] for name in ("media", "used", "exactly", "software", "models")
                if name in body}  # fmt: skip


def generator_of(take: Take, turnover: Turnover, plugins: Plugins) -> Generator:
    """What a take was shot by. Raises UnknownGenerator when it is not there now."""
    if turnover.generator not in plugins.generators:
        raise UnknownGenerator(
            f"take {take.id} was shot by {turnover.generator}, which is not there now",
            hint="Install it again, or add its model again: secondunit models add DIR"
            f" --name {turnover.generator} --by NAME",
        )
    return plugins.generators[turnover.generator]


def _other_weights(kept: dict[str, Any], models: tuple[Model, ...]) -> list[dict[str, Any]]:
    """The take's models that hold other bytes now than when it was shot."""
    now = {model.name: {file.sha256 for file in model.files} for model in models}
    return [
        {"model": one["name"]}
        for one in kept.get("models", ())
        if one["name"] in now and {digest for _, digest in one["files"]} != now[one["name"]]
    ]
