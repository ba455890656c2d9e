"""What people decide on the page, each through the daemon's own verb and with a person's name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import FieldError, NameMissing
from secondunit_bridge.film import Note, Option, Turnover, VersionClass, Waiver
from secondunit_bridge.wire import object_of, plain, typed

from .reel import Reel
from .reshoot import planned

if TYPE_CHECKING:
    from secondunit_bridge.unit import Unit

_SEED = re.compile(r"-?[0-9]{1,20}")


@dataclass(frozen=True)
class Decided:
    """Take or version, who, and why. ``kind`` is how far an approval goes."""

    by: str
    take: str = ""
    version: str = ""
    reason: str = ""
    kind: VersionClass = VersionClass.temp


@dataclass(frozen=True)
class Again:
    """A take to be shot again with this brief; seed and options that are left out stay.

    Whether its generator has an option, and within which limits, the daemon says.
    """

    take: str
    by: str
    brief: str
    seed: str = ""
    takes: int = 1
    options: dict[str, Option] = field(default_factory=dict)


class Deciding:
    """Each method takes what the page sent and answers with what was done. Raises as the verb."""

    def __init__(self, unit: Unit, reel: Reel) -> None:
        self._unit, self._reel = unit, reel
        self.verbs: dict[str, Callable[[Any], dict[str, Any]]] = {
            "circle": self._circle,
            "promote": self._promote,
            "reject": self._reject,
            "restore": self._restore,
            "recall": self._recall,
            "note": self._note,
            "waive": self._waive,
            "reshoot": self._reshoot,
            "plan": self._plan,
            "cancel": self._cancel,
            "retry": self._retry,
        }

    def _circle(self, said: Any) -> dict[str, Any]:
        asked = _decided(said)
        made = self._unit.circle(asked.take, asked.by, asked.kind, reason=asked.reason)
        return {"version": plain(made)}

    def _promote(self, said: Any) -> dict[str, Any]:
        asked = _decided(said)
        return {"version": plain(self._unit.promote(asked.version, asked.by, asked.reason))}

    def _reject(self, said: Any) -> dict[str, Any]:
        asked = _decided(said)
        self._unit.reject(asked.take, asked.by, asked.reason)
        return {}

    def _restore(self, said: Any) -> dict[str, Any]:
        asked = _decided(said)
        self._unit.restore(asked.take, asked.by, asked.reason)
        return {}

    def _recall(self, said: Any) -> dict[str, Any]:
        asked = _decided(said)
        self._unit.recall(asked.version, asked.by, asked.reason)
        return {}

    def _note(self, said: Any) -> dict[str, Any]:
        self._unit.note(typed(Note, said))
        return {}

    def _waive(self, said: Any) -> dict[str, Any]:
        waiver = typed(Waiver, said)
        if waiver.seen is not None:
            raise FieldError("Waiver.seen: findings of a cut are answered on its report")
        self._unit.waive(waiver)
        return {}

    def _reshoot(self, said: Any) -> dict[str, Any]:
        asked = typed(Again, said)
        if not asked.by.strip():
            raise NameMissing("a reshoot needs a name", hint="Say who asks for it.")
        return {"takes": list(self._unit.turn_over(self._turnover(asked)))}

    def _plan(self, said: Any) -> dict[str, Any]:
        asked = typed(Again, {"by": "", **object_of(said, "plan")})
        return planned(self._unit.plan(self._turnover(asked)), asked.takes)

    def _turnover(self, asked: Again) -> Turnover:
        before = self._reel.turnovers[self._reel.take(asked.take).turnover]
        if asked.seed and not _SEED.fullmatch(asked.seed):
            raise FieldError("seed: expected a whole number", hint="Such as 42.")
        return replace(
            before,
            brief=asked.brief,
            seed=int(asked.seed) if asked.seed else before.seed,
            takes=asked.takes,
            options={
                **before.options,
                **{name: _like(before.options.get(name), to) for name, to in asked.options.items()},
            },
            artist=asked.by,
        )

    def _cancel(self, said: Any) -> dict[str, Any]:
        asked = _decided(said)
        return {"cancelled": self._unit.cancel(take=asked.take, by=asked.by)}

    def _retry(self, said: Any) -> dict[str, Any]:
        self._unit.retry(_decided(said).take)
        return {}


def _like(before: Option | None, now: Option) -> Option:
    """A browser writes 1.0 as 1: what was a number with a fraction stays one."""
    return float(now) if type(before) is float and type(now) is int else now


def _decided(said: Any) -> Decided:
    asked = typed(Decided, {"by": "", **object_of(said, "decision")})
    if not (asked.take or asked.version):
        raise FieldError("take: expected the take it is about")
    return asked
