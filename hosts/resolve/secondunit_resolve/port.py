"""The narrow way to Resolve's scripting: every call is checked before and after it is made.

A call of Resolve fails with None or False, never with an exception; calls of newer versions answer
an error as a word, which counts as true; ``hasattr`` says yes to any name. So a name is looked up
in ``dir``, and only an answer of the expected type is one.
"""

from __future__ import annotations

from typing import Any, List, Optional, Set, Tuple, Type, TypeVar, Union

from .pacing import Pace
from .refusals import HostLacks, HostRefused

T = TypeVar("T")
Kind = Union[Type[T], Tuple[Type[Any], ...]]
_STUDIO = "DaVinci Resolve Studio"


class Port:
    """A running Resolve. ``resolve`` is the live object that a script of its menu is given.

    Between its calls Resolve has its turn, as often as ``pace`` says.
    """

    def __init__(self, resolve: Any, pace: Optional[Pace] = None) -> None:
        self.root, self.pace = resolve, pace or Pace()
        self._known: Set[str] = set()  # of names no two of our objects disagree about
        self.product = self.ask(resolve, "GetProductName", wanted=str)
        numbers = self.ask(resolve, "GetVersion", wanted=list)
        self.version: Tuple[int, ...] = tuple(n for n in numbers if isinstance(n, int))[:3]

    @property
    def studio(self) -> bool:
        """It is the paid edition. Calls of that edition must never be made on the free one."""
        return bool(self.product == _STUDIO)

    @property
    def version_name(self) -> str:
        """For people: 20.3.2."""
        return ".".join(map(str, self.version))

    def can(self, thing: Any, name: str) -> bool:
        """This version knows the name. One that was seen once is not looked up again."""
        if name not in self._known and name in dir(thing):
            self._known.add(name)
        return name in self._known

    def may(self, thing: Any, name: str, *args: Any, wanted: Kind[T]) -> Optional[T]:
        """What a call answers, None when it cannot be made or came to nothing."""
        if thing is None or not self.can(thing, name):
            return None
        answer = getattr(thing, name)(*args)
        self.pace.step()
        if wanted is bool:
            return answer if answer is True else None  # type: ignore[return-value]  # it is a bool
        if isinstance(answer, bool) and wanted is not object:
            return None  # False where something was expected
        return answer if isinstance(answer, wanted) else None

    def ask(self, thing: Any, name: str, *args: Any, wanted: Kind[T], hint: str = "") -> T:
        """What a call answers. Raises HostRefused when it came to nothing, HostLacks."""
        if thing is not None and not self.can(thing, name):
            raise HostLacks(
                f"this Resolve ({getattr(self, 'version_name', '?')}) has no {name}",
                hint=hint or "Second Unit needs Resolve 17 or newer; see docs/resolve.md.",
                data={"call": name},
            )
        answer = self.may(thing, name, *args, wanted=wanted)
        if answer is None:
            raise HostRefused(
                f"Resolve did not do {name}",
                hint=hint or "See whether a window of Resolve waits for an answer, then try again.",
                data={"call": name},
            )
        return answer

    def whole(self, thing: Any, name: str, *args: Any) -> int:
        """A whole number that a call answers. Raises HostRefused, HostLacks."""
        found: Any = self.ask(thing, name, *args, wanted=(int, float))
        return int(found)

    def thing(self, owner: Any, name: str, *args: Any, hint: str = "") -> Any:
        """An object of Resolve's that a call answers. Raises HostRefused, HostLacks."""
        found: Any = self.ask(owner, name, *args, wanted=object, hint=hint)
        if isinstance(found, (bool, str, int, float)):
            raise HostRefused(
                f"Resolve answered {name} with {found!r}",
                hint=hint or "See whether a window of Resolve waits for an answer, then try again.",
                data={"call": name},
            )
        return found

    def word(self, name: str) -> Any:
        """A word of Resolve's own (EXPORT_OTIO), from the live object; None when it has none."""
        return getattr(self.root, name) if self.can(self.root, name) else None

    def project(self) -> Any:
        """The open project. Raises HostRefused when none is open, or Resolve does not answer."""
        boss = self.thing(self.root, "GetProjectManager")
        if self.may(boss, "GetCurrentDatabase", wanted=dict) is None:
            raise HostRefused(
                "Resolve does not answer for its project library",
                hint="Close windows of Resolve that wait for an answer; if that does not help,"
                " start Resolve again.",
            )
        return self.thing(boss, "GetCurrentProject", hint="Open a project first.")

    def timeline(self) -> Any:
        """The timeline in front. Raises HostRefused when there is none."""
        return self.thing(self.project(), "GetCurrentTimeline", hint="Open a timeline first.")

    def pool(self) -> Any:
        """The media pool of the open project."""
        return self.thing(self.project(), "GetMediaPool")

    def page(self) -> str:
        """The page in front; empty when Resolve does not say."""
        return self.may(self.root, "GetCurrentPage", wanted=str) or ""

    def open_page(self, page: str) -> bool:
        """Turn to a page."""
        return self.may(self.root, "OpenPage", page, wanted=bool) is True

    def save(self) -> bool:
        """Save the project; False where that cannot be done (an untitled one hangs Resolve)."""
        boss = self.thing(self.root, "GetProjectManager")
        name = self.may(self.project(), "GetName", wanted=str) or ""
        if name in ("", "Untitled Project"):
            return False
        return self.may(boss, "SaveProject", wanted=bool) is True

    def listed(self, thing: Any, name: str, *args: Any) -> List[Any]:
        """A list that a call answers, without what is None in it; empty when there is none."""
        found: Any = self.may(thing, name, *args, wanted=(list, tuple))
        return [one for one in found or () if one is not None]
