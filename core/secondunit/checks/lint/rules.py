"""A rule of a delivery: what it looks at, and the four things every finding of it says.

Where, what was seen, what was expected, and what to do. Versions of ours are held to what their
record promises. Anybody else's files are judged kindly: only what contradicts itself, the cut or
the project is a finding; where nobody says how it should be, it is not checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from secondunit_bridge.film import Finding, Outcome

from ...editorial.handed import Delivery
from ...exam import Exam
from ...hookspecs import CheckAbout, Codes, Scope
from ...media.filed import Filing
from ..answers import finding, named, not_checked, spans

NO_FILES = "no files to look at"
UNREAD = "no file could be read"
NOBODY_SAYS = "nobody says how the files should be"
DELIVERY = "Delivery"


@dataclass(frozen=True)
class Ill:
    """Something wrong. ``files`` are those it is wrong with; all of them when empty."""

    seen: str
    expected: str
    do: str
    files: tuple[Filing, ...] = ()
    outcome: Outcome = Outcome.look


@dataclass(frozen=True)
class Well:
    """Nothing wrong, and what was seen. ``unsaid``: nothing says how it should be."""

    seen: str
    unsaid: bool = False


Judge = Callable[[Delivery], Sequence[Ill] | Well]


@dataclass
class Rule:
    """One check of the files of a shot."""

    about: CheckAbout
    judge: Judge

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """A finding for each thing that is wrong, one that is clear, or why it was not checked."""
        handed = exam.delivery
        if handed is None:
            says = "Only the files of a cut's media are looked at; there are none here."
            return [not_checked(self.about, NO_FILES, says)]
        said = self.judge(handed)
        if not isinstance(said, Well):
            return [self._found(handed, ill) for ill in said]
        sentence = f"{said.seen[:1].upper()}{said.seen[1:]}."
        if said.unsaid:
            return [not_checked(self.about, NOBODY_SAYS, sentence, frames=handed.span)]
        return [finding(self.about, Outcome.clear, sentence, value=0, frames=handed.span)]

    def _found(self, handed: Delivery, ill: Ill) -> Finding:
        at, where = _where(handed, ill.files)
        says = f"{where}: {ill.seen}; expected: {ill.expected}. {ill.do}"
        count = len(ill.files) or 1
        return finding(self.about, ill.outcome, says, value=count, limit=1, frames=at)


def rule(
    name: str,
    sentence: str,
    judge: Judge,
    *,
    stop: bool = False,
    source: str,
    ebu: str = "",
    netflix: str = "",
) -> Rule:
    """A rule by its name; ``stop`` when some of its findings stop."""
    about = CheckAbout(
        name=f"delivery.{name}",
        version="1",
        sentence=sentence,
        scope=Scope.files,
        unit="files",
        look=1.0,
        stop=1.0 if stop else None,
        source=source,
        department=DELIVERY,
        codes=Codes(netflix, ebu),
    )
    return Rule(about, judge)


def _where(handed: Delivery, files: Sequence[Filing]) -> tuple[tuple[tuple[int, int], ...], str]:
    """The frames a finding is about, and the same in words."""
    if handed.filed.kind != "sequence" or not files:
        return handed.span or ((0, 0),), _name(handed)
    at = spans(one.number for one in files)
    return at, named(at).capitalize()


def _name(handed: Delivery) -> str:
    return handed.media.replace("\\", "/").rsplit("/", 1)[-1]


def unlike(files: Iterable[Filing], fact: Callable[[Filing], object]) -> dict[object, list[Filing]]:
    """Files by what is said of them; the commonest first."""
    groups: dict[object, list[Filing]] = {}
    for one in files:
        groups.setdefault(fact(one), []).append(one)
    return dict(sorted(groups.items(), key=lambda pair: -len(pair[1])))


def ours(handed: Delivery) -> bool:
    """The files are frames of a version of ours."""
    return handed.own is not None and handed.filed.kind == "sequence"
