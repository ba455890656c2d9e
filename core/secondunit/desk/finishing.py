"""The finish of a draft: what a person chose, shot at full quality."""

from __future__ import annotations

from dataclasses import replace

from secondunit_bridge.errors import Locked, NeedsModel
from secondunit_bridge.film import Take, TakeState, Turnover
from secondunit_bridge.wire import Message

from ..hookspecs import DRAFT, FINISH, QUALITY
from ..plugins import Plugins
from .asks import Asks, words_of
from .drafts import finish_of, is_draft
from .floor import Floor
from .people import Book, Client, Reply, named
from .replays import generator_of

_ASIDE = (TakeState.rejected, TakeState.junk)
_LOST = (*_ASIDE, TakeState.failed, TakeState.cancelled)


class Finishing:
    """What is asked of drafts."""

    def __init__(self, book: Book, plugins: Plugins, floor: Floor, asks: Asks) -> None:
        self._book, self._plugins, self._floor, self._asks = book, plugins, floor, asks

    def finish(self, client: Client, message: Message) -> Reply:
        """Shoot a chosen draft at full quality: the same turnover and seed. Twice is once."""
        words = words_of(message.body, "take", "by")
        by = named(words["by"], "finishing")
        draft = self._book.views.take(words["take"])
        turnover = self._book.views.turnover(draft.turnover)
        self._may_finish(draft, turnover)
        there = self._finished(draft)
        if there:
            return Reply({"take": there.id})
        made = replace(_finish(turnover, draft), artist=by)
        self._possible(made)
        (take,) = self._asks.ask_for(made, client, message, finish_of=draft.id).body["takes"]
        return Reply({"take": take})

    def plan_finish(self, client: Client, message: Message) -> Reply:
        """What ``finish`` would shoot, as ``plan`` tells it, and in ``there`` the take that it made
        before. Raises Locked as ``finish`` does."""
        draft = self._book.views.take(words_of(message.body, "take")["take"])
        turnover = self._book.views.turnover(draft.turnover)
        self._may_finish(draft, turnover)
        there = self._finished(draft)
        plan = self._asks.planned(_finish(turnover, draft))
        return Reply({"plan": plan, "there": there.id if there else ""})

    def _may_finish(self, draft: Take, turnover: Turnover) -> None:
        generator = generator_of(draft, turnover, self._plugins)
        choices = {o.name: o.choices for o in generator.about.options}.get(QUALITY, ())
        if DRAFT not in choices:
            raise Locked(
                f"{turnover.generator} shoots no drafts: take {draft.id} is as good as it makes it",
                hint="Circle it as it is.",
            )
        if not is_draft(turnover):
            raise Locked(f"take {draft.id} is a finish already", hint="Circle it as it is.")
        if draft.media is None or draft.state in _ASIDE:
            raise Locked(
                f"take {draft.id} is {draft.state.value}: nobody has chosen it",
                hint="Choose a draft that was shot and not put aside: secondunit takes; one that is"
                " junk is brought back with: secondunit restore",
            )

    def _possible(self, made: Turnover) -> None:
        """Raises NeedsModel when full quality is refused where the draft was not."""
        from ..contract import plan_for

        project = self._floor.project(made.shot.project)
        plan = plan_for(made, self._plugins.generators[made.generator], project)
        if plan.refusals:
            raise NeedsModel(" ".join(plan.refusals), hint="Turn it over again at another size.")

    def _finished(self, draft: Take) -> Take | None:
        """The finish that was asked of this draft before and was not lost."""
        later = self._book.views.takes(shot=draft.shot, after=draft.id)
        made = (t for t in later if t.state not in _LOST and finish_of(self._book, t) == draft.id)
        return next(made, None)


def _finish(turnover: Turnover, draft: Take) -> Turnover:
    """The same ask at full quality, of that one draft."""
    options = {**turnover.options, QUALITY: FINISH}
    return replace(turnover, options=options, takes=1, seed=draft.seed)
