"""Writes the views: what each kind of entry changes in the plain tables that follow from it.

The tables hold what is searched for and the number of the entry that says the rest, so every body
is kept once. The same functions run when an entry is recorded and when all are replayed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from secondunit_bridge.errors import UnknownId
from secondunit_bridge.film import TakeState, VersionClass

from . import tables
from .chain import unsealed
from .store import Store

_UNFINISHED = frozenset(
    state.value
    for state in (
        TakeState.waiting,
        TakeState.shooting,
        TakeState.checking,
        TakeState.suspended,
    )
)
_WAITING, _CIRCLED = TakeState.waiting.value, TakeState.circled.value
_MANY = 100_000  # more than the takes of one turnover: keeps places in order across entries

Body = dict[str, Any]


def apply(store: Store, number: int, kind: str, subject: str, body: Body) -> None:
    """Change the views as the entry says. Kinds that no view shows change nothing.

    Raises UnknownId when the entry is about a take or version that is not there.
    """
    change = _CHANGES.get(kind)
    if change is not None:
        change(store, number, subject, body)


def rebuild(store: Store, source: Store) -> None:
    """Empty the views and replay every entry of ``source``, inside a transaction of the caller."""
    store.empty(tables.views)
    for number, kind, subject, _, _, body, _ in source.stream("all"):
        if kind in _CHANGES:
            apply(store, number, kind, subject, unsealed(body))


def _project(store: Store, number: int, name: str, body: Body) -> None:
    if not store.run("change project", k=name, entry_=number):
        store.run("add project", name=name, entry=number)


def _model(store: Store, number: int, name: str, body: Body) -> None:
    if not store.run("change model", k=name, entry_=number):
        store.run("add model", name=name, entry=number)


def _clearance(store: Store, number: int, model: str, body: Body) -> None:
    store.run("add clearance", entry=number, model=model)


def _removal(store: Store, number: int, name: str, body: Body) -> None:
    """Added again, it is cleared again: why it went may be its terms."""
    store.run("drop model", k=name)
    store.run("drop clearances", k=name)


def _turnover(store: Store, number: int, digest: str, body: Body) -> None:
    turnover, takes = body["turnover"], body["takes"]
    shot = turnover["shot"]
    guid, name = shot["guid"], f"{shot['sequence']}_{shot['code']}"
    if body["ask"]:
        store.run("add ask", ask=body["ask"], entry=number)
    if not store.run("change shot", k=guid, entry_=number, more=len(takes)):
        store.run("add shot", guid=guid, entry=number, takes=len(takes))
    common = {
        "turnover": digest,
        "shot": guid,
        "name": name,
        "state": _WAITING,
        "client": body["client"],
        "priority": turnover["priority"],
        "attempts": 0,
        "unfinished": 1,
        "entry": 0,
    }
    rows = [
        {
            **common,
            "place": number * _MANY + index,
            "id": take["id"],
            "number": take["number"],
            "seed": str(take["seed"]),
        }
        for index, take in enumerate(takes)
    ]
    store.run_many("add take", rows)


def _state(store: Store, number: int, take: str, body: Body) -> None:
    state = body["state"]
    unfinished = int(state in _UNFINISHED)
    _found(store.run("change take", k=take, state_=state, unfinished_=unfinished), "take", take)
    if state != _CIRCLED:
        store.run("close circles", k=take)  # put back: it is not to be published after all


def _attempt(store: Store, number: int, take: str, body: Body) -> None:
    changed = store.run("lose attempt", k=take, state_=_WAITING, lost=body["number"])
    _found(changed, "take", take)


def _take(store: Store, number: int, take: str, body: Body) -> None:
    state = body["state"]
    unfinished = int(state in _UNFINISHED)
    changed = store.run("shoot take", k=take, state_=state, unfinished_=unfinished, entry_=number)
    _found(changed, "take", take)


def _waiver(store: Store, number: int, finding: str, body: Body) -> None:
    _place(store, body["take"])
    store.run("add waiver", entry=number, take=body["take"], finding=finding)


def _circled(store: Store, number: int, take: str, body: Body) -> None:
    _, shot = _place(store, take)
    store.run("change take", k=take, state_=_CIRCLED, unfinished_=0)
    store.run("drop circle", k=body["version"])
    store.run(
        "add circle",
        version=body["version"],
        take=take,
        shot=shot,
        number=body["number"],
        open=1,
        entry=number,
    )


def _version(store: Store, number: int, name: str, body: Body) -> None:
    final = body["kind"] == VersionClass.final.value
    changed = store.run("change take", k=body["take"], state_=_CIRCLED, unfinished_=0)
    _found(changed, "take", body["take"])
    store.run("close circle", k=name)
    store.run(
        "add version",
        name=name,
        take=body["take"],
        shot=body["shot"],
        number=body["number"],
        state="final" if final else "approved",
        entry=number,
    )


def _version_state(store: Store, number: int, name: str, body: Body) -> None:
    _found(store.run("change version", k=name, state_=body["state"]), "version", name)


def _place(store: Store, take: str) -> tuple[int, str]:
    found = store.one("place", id=take)
    if found is None:
        raise _unknown("take", take)
    return found[0], found[1]


def _found(changed: int, what: str, name: str) -> None:
    if not changed:
        raise _unknown(what, name)


def _unknown(what: str, name: str) -> UnknownId:
    return UnknownId(
        f"there is no {what} {name!r} in the ledger", hint=f"See `secondunit {what}s`."
    )


_CHANGES: dict[str, Callable[[Store, int, str, Body], None]] = {
    "project": _project,
    "model": _model,
    "clearance": _clearance,
    "removal": _removal,
    "turnover": _turnover,
    "state": _state,
    "attempt": _attempt,
    "take": _take,
    "waiver": _waiver,
    "circled": _circled,
    "version": _version,
    "version_state": _version_state,
}
