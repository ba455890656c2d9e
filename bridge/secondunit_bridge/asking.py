"""How an ask is sent and its answer read: what every verb of ``Unit`` is made of."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple, Type, TypeVar

from .errors import FieldError
from .wire import Message, object_of, plain, typed

if TYPE_CHECKING:
    from .link import Link
    from .recutting import Recutting

T = TypeVar("T")
EACH: Dict[str, Any] = {"limit": 1 << 20, "after": ""}  # all rows, page by page


class Asking:
    """Sends over its link, and waits for each answer."""

    _link: Link
    _timeout: float

    def _ask(self, kind: str, body: Any, *, timeout: Optional[float] = None) -> Dict[str, Any]:
        asked = Message(kind, new_id(), plain(body))
        limit = self._timeout if timeout is None else timeout
        return object_of(self._link.ask(asked, limit).body, kind)

    def _field(self, kind: str, body: Any, name: str, *, timeout: Optional[float] = None) -> Any:
        answer = self._ask(kind, body, timeout=timeout)
        if name not in answer:
            raise FieldError(f"answer to {kind}: {name} is missing")
        return answer[name]

    def right(self, table: str, row: Dict[str, Any], by: str) -> Dict[str, Any]:
        """Write a row of the rights register. Raises NameMissing, FieldError, Locked."""
        return self._ask("right", {"table": table, "row": row, "by": by})

    def follow(self, cut: str, shots: Tuple[Recutting, ...], by: str) -> Dict[str, Any]:
        """Have approvals follow a re-cut. Raises NameMissing, FieldError."""
        return self._ask("follow", {"cut": cut, "shots": shots, "by": by})

    def plan_finish(self, take: str) -> Tuple[Dict[str, Any], str]:
        """What ``finish`` would shoot, as ``plan`` says it, and the take it made before or nothing.

        Raises Locked for what is no draft, UnknownId.
        """
        answer = self._ask("plan_finish", {"take": take})
        return object_of(answer.get("plan"), "plan"), typed(str, answer.get("there"), "there")

    def version_states(self, shot: str = "") -> Dict[str, str]:
        """approved, final, stale, omitted or recalled, by the version's name."""
        states: Dict[str, str] = {}
        after = ""
        while True:
            answer = self._ask("versions", {"shot": shot, "after": after})
            states.update(typed(Dict[str, str], answer.get("states"), "states"))
            if answer.get("more") is not True:
                return states
            after = answer["versions"][-1]["name"]

    def _listed(
        self, kind: Type[T], verb: str, which: Dict[str, Any], place: str = ""
    ) -> Tuple[T, ...]:
        """Rows. What does not fit one message is asked for after the ``place`` of the last row."""
        rows: Tuple[T, ...] = ()
        while True:
            answer = self._ask(verb, which)
            page: Tuple[T, ...] = typed(Tuple[kind, ...], answer.get(verb), verb)  # type: ignore[arg-type]  # a generic is a type to the codec
            rows += page
            left = which.get("limit", 0) - len(page)
            if not (page and left > 0 and answer.get("more") is True):
                return rows
            which = {**which, "limit": left, "after": getattr(page[-1], place)}


def new_id() -> str:
    """A name that nothing else has."""
    return os.urandom(16).hex()  # as good as uuid4, without the 3 ms that uuid takes to import
