"""The read side: what the ledger says now, as the film's own values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from secondunit_bridge.errors import UnknownId
from secondunit_bridge.film import (
    Clearance,
    CutIn,
    Finding,
    Model,
    Note,
    Project,
    Shot,
    Take,
    TakeState,
    Turnover,
    Version,
    VersionClass,
    Waiver,
)
from secondunit_bridge.wire import dumps, typed

from .chain import unsealed

if TYPE_CHECKING:
    from .store import Store


FEW = 4  # takes whose frames a store is known by, when it has no marker


class Unfinished(NamedTuple):
    """A take that waits, rests, is being shot or checked: what the queue is rebuilt from.

    A named tuple: ten thousand are made at once, and a dataclass takes three times as long.
    """

    take: str
    turnover: str  # digest
    shot: str  # guid
    state: TakeState
    client: str
    priority: int
    attempts: int  # lost since it was last asked for
    order: int  # smaller was asked for earlier


@dataclass(frozen=True)
class Circled:
    """A take a person circled whose version has not come: it is still to be published."""

    version: str
    take: str
    number: int
    kind: VersionClass
    by: str


class Views:
    """Questions to the ledger. Everything answered follows from the entries.

    Raises UnknownId for a name that is not there, LedgerBroken for a damaged file.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, id: str) -> Take:
        """One take, with its media, findings and present state. Raises UnknownId."""
        return _take(_known(self._store.one("take", id=id), "take", id))

    def takes(
        self, shot: str = "", state: TakeState | None = None, limit: int = 1000, after: str = ""
    ) -> tuple[Take, ...]:
        """Takes in the order they were asked for; of one shot (guid), in one state, if given.

        ``after`` is the id of the last take of the page before. Raises UnknownId for it.
        """
        place = _known(self._store.one("place", id=after), "take", after)[0] if after else -1
        wanted: dict[str, Any] = {"after": place, "limit": limit}
        if shot:
            wanted["shot"] = shot
        if state is not None:
            wanted["state"] = state.value
        name = f"takes {bool(shot):d}{state is not None:d}"
        return tuple(_take(row) for row in self._store.rows(name, **wanted))

    def models(self) -> tuple[Model, ...]:
        """Every registered model by name, with its clearances, the newest last."""
        given: dict[str, list[Clearance]] = {}
        for name, body in self._store.rows("clearances"):
            given.setdefault(name, []).append(typed(Clearance, unsealed(body)))
        held = (typed(Model, unsealed(body)) for (body,) in self._store.rows("models"))
        return tuple(replace(one, clearances=tuple(given.get(one.name, ()))) for one in held)

    def count_takes(self, shot_guid: str) -> int:
        """How many takes of a shot were ever asked for."""
        found = self._store.one("count", guid=shot_guid)
        return int(found[0]) if found else 0

    def kept_in(self, store: str) -> tuple[str, ...]:
        """Digests of some frames that were kept in that store: the first of its newest takes.

        Reads every take's entry when there are few such takes.
        """
        said = dumps({"store": store}).decode()[1:-1]
        rows = self._store.rows("kept", said=said, limit=FEW)
        media = (unsealed(body)["media"] for (body,) in rows)
        return tuple(one["digests"][0] for one in media if one and one["digests"])

    def turnover(self, digest: str) -> Turnover:
        """A turnover by its digest. Raises UnknownId."""
        row = _known(self._store.one("turnover bodies", subject=digest), "turnover", digest)
        return typed(Turnover, unsealed(row[1])["turnover"])

    def asked(self, ask_id: str) -> tuple[str, ...] | None:
        """The take ids that were answered to an ask; None when it was never asked."""
        found = self._store.one("ask", ask=ask_id)
        return tuple(take["id"] for take in unsealed(found[0])["takes"]) if found else None

    def unfinished(self) -> list[Unfinished]:
        """Takes that wait, rest, are being shot or checked, in the order they were asked for."""
        return [
            Unfinished(take, turnover, shot, _STATES[state], client, priority, attempts, place)
            for take, turnover, shot, state, client, priority, attempts, place in self._store.rows(
                "unfinished"
            )
        ]

    def finding(self, id: str) -> tuple[Take, Finding]:
        """A finding and the take it is about. Raises UnknownId."""
        row = self._store.one("take", id=id.partition("/")[0])
        take = _take(row) if row else None
        for finding in take.findings if take else ():
            if take and finding.id == id:
                return take, finding
        raise UnknownId(
            f"there is no finding {id!r}", hint="See the take's findings: secondunit takes"
        )

    def open_findings(self, take_id: str) -> tuple[Finding, ...]:
        """Findings of a take that still keep it from being circled.

        The last answer to a finding counts; an answer given before the take was shot again does
        not, because it was about other pictures. Raises UnknownId.
        """
        row = _known(self._store.one("take", id=take_id), "take", take_id)
        last: dict[str, bool] = {}
        for number, body in self._store.rows("waivers", take=take_id):
            waiver = typed(Waiver, unsealed(body))
            if number > row[_ENTRY]:
                last[waiver.finding] = waiver.answer.accepts
        return tuple(f for f in _take(row).open_findings if not last.get(f.id, False))

    def waivers(self, take: str) -> tuple[Waiver, ...]:
        """Every answer given to the findings of a take, in order."""
        rows = self._store.rows("waivers", take=take)
        return tuple(typed(Waiver, unsealed(body)) for _, body in rows)

    def notes(self, take: str) -> tuple[Note, ...]:
        """What people said about a take, in order."""
        rows = self._store.rows("note bodies", subject=take)
        return tuple(typed(Note, unsealed(body)) for _, body in rows)

    def version(self, name: str) -> Version:
        """A published version. One that was promoted is of class final. Raises UnknownId."""
        return _version(_known(self._store.one("version", name=name), "version", name))

    def versions(self, shot: str = "") -> tuple[Version, ...]:
        """Published versions in order, of one shot (guid) if given."""
        rows = self._store.rows("versions of", shot=shot) if shot else self._store.rows("versions")
        return tuple(_version(row) for row in rows)

    def version_state(self, name: str) -> str:
        """``approved``, ``final``, ``stale``, ``omitted`` or ``recalled``. Raises UnknownId."""
        found = self._store.one("version state", name=name)
        return str(_known(found, "version", name)[0])

    def next_number(self, shot_guid: str) -> int:
        """The number a shot's next version takes. Numbers that were promised are not used again."""
        published = self._store.one("numbers", shot=shot_guid)
        promised = self._store.one("circled numbers", shot=shot_guid)
        used = [row[0] for row in (published, promised) if row and row[0] is not None]
        return 1 + max(used, default=0)

    def is_promised(self, version: str) -> bool:
        """A version has that name, or will have it once it is published."""
        found = self._store.one("version state", name=version)
        return bool(found or self._store.one("circled name", name=version))

    def circled_without_version(self) -> tuple[Circled, ...]:
        """Takes that were circled and neither published nor put back: publish them again."""
        return tuple(
            Circled(version, take, number, VersionClass(unsealed(body)["kind"]), by)
            for version, take, number, body, by in self._store.rows("circled")
        )

    def cut_ins(self, version: str) -> tuple[CutIn, ...]:
        """Where a version was placed, in order."""
        rows = self._store.rows("cut_in bodies", subject=version)
        return tuple(typed(CutIn, unsealed(body)) for _, body in rows)

    def project(self, name: str) -> Project:
        """A project as it was last set up. Raises UnknownId."""
        rows = self._store.rows("project bodies", subject=name)
        row = _known(rows[-1] if rows else None, "project", name)
        return typed(Project, unsealed(row[1]))

    def projects(self) -> tuple[Project, ...]:
        """Every project, by name."""
        return tuple(typed(Project, unsealed(b)) for (b,) in self._store.rows("projects"))

    def shots(self) -> tuple[Shot, ...]:
        """Every shot that was ever turned over, as it was last turned over, by guid."""
        rows = self._store.rows("shots")
        return tuple(typed(Shot, unsealed(body)["turnover"]["shot"]) for (body,) in rows)


_STATES = {state.value: state for state in TakeState}
# Columns of the statements "take" and "takes ..": place, id, turnover, shot, name, number, seed,
# state, client, priority, attempts, unfinished, entry, body.
_ENTRY, _BODY = 12, 13


def _take(row: tuple[Any, ...]) -> Take:
    state = _STATES[row[7]]
    if row[_BODY] is None:
        return Take(
            id=row[1],
            turnover=row[2],
            shot=row[3],
            name=row[4],
            number=row[5],
            seed=int(row[6]),
            state=state,
        )
    return replace(typed(Take, unsealed(row[_BODY])), state=state)


def _version(row: tuple[Any, ...]) -> Version:
    version = typed(Version, unsealed(row[0]))
    return replace(version, kind=VersionClass.final) if row[1] == "final" else version


_HINTS = {
    "take": "See `secondunit takes`.",
    "version": "See `secondunit shots`.",
    "turnover": "Only turnovers that were acknowledged are there.",
    "project": "Make it with `secondunit project init`.",
}


def _known(row: tuple[Any, ...] | None, what: str, name: str) -> tuple[Any, ...]:
    if row is None:
        raise UnknownId(f"there is no {what} {name!r} in the ledger", hint=_HINTS[what])
    return row
