"""The ledger's tables, its guards, and every statement that is run on them, by name.

Import this only when a ledger is opened: SQLAlchemy takes about 200 ms and 28 MB to load.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.sql.expression import ClauseElement, ColumnElement
from sqlalchemy.types import REAL, TypeEngine

VIEWS = 3  # of the views' columns; another number in the file means: rebuild them
FORMAT = 1  # of the entries; a higher number in the file means: written by a newer Second Unit

_Big = BigInteger().with_variant(Integer(), "sqlite")
_Seconds: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")

ledger = MetaData()
views = MetaData()  # may be dropped at any time: everything in them follows from the entries


def _table(name: str, home: MetaData, *columns: Column[object] | Index) -> Table:
    # A table whose key is text is kept in the order of that key: one tree to write, not two.
    by_number = next(c for c in columns if isinstance(c, Column) and c.primary_key).type is _Big
    return Table(name, home, *columns, sqlite_strict=True, sqlite_with_rowid=by_number)


def _text(name: str, *, key: bool = False) -> Column[object]:
    return Column(name, Text, nullable=False, primary_key=key)


def _number(name: str, *, key: bool = False) -> Column[object]:
    return Column(name, _Big, nullable=False, primary_key=key, autoincrement=False)


entry = _table(
    "entry",
    ledger,
    _number("number", key=True),
    _text("kind"),
    _text("subject"),
    Column("at", _Seconds, nullable=False),
    _text("by"),
    _text("body"),
    _text("seal"),
    Index("entry_subject", "subject"),
)
about = _table("about", ledger, _text("name", key=True), _number("value"))

project = _table("project", views, _text("name", key=True), _number("entry"))
asked = _table("asked", views, _text("ask", key=True), _number("entry"))
shot = _table("shot", views, _text("guid", key=True), _number("entry"), _number("takes"))
take = _table(
    "take",
    views,
    _number("place", key=True),  # the order in which takes were asked for
    _text("id"),
    _text("turnover"),
    _text("shot"),
    _text("name"),
    _number("number"),
    _text("seed"),  # text: a seed may have more than 64 bits
    _text("state"),
    _text("client"),
    _number("priority"),
    _number("attempts"),  # lost since it was last asked for
    _number("unfinished"),  # 1 while it waits, rests, is shot or checked
    _number("entry"),  # the entry that brought its media and findings; 0 before
    Index("take_id", "id", unique=True),
    Index("take_shot", "shot"),
)
circle = _table(
    "circle",
    views,
    _text("version", key=True),
    _text("take"),
    _text("shot"),
    _number("number"),
    _number("open"),  # 1 until the version came or the take was put back
    _number("entry"),
    Index("circle_take", "take"),
    Index("circle_shot", "shot"),
)
version = _table(
    "version",
    views,
    _text("name", key=True),
    _text("take"),
    _text("shot"),
    _number("number"),
    _text("state"),
    _number("entry"),
    Index("version_shot", "shot"),
)
model = _table("model", views, _text("name", key=True), _number("entry"))
clearance = _table("clearance", views, _number("entry", key=True), _text("model"))
waiver = _table(
    "waiver",
    views,
    _number("entry", key=True),
    _text("take"),
    _text("finding"),
    Index("waiver_take", "take"),
)

# Stops accidents, not attackers: somebody with the file can drop them, and verify says so. INSERT
# is guarded too, because INSERT OR REPLACE deletes a row without firing the trigger on DELETE.
GUARDS = {
    "entry_only_grows": "BEFORE INSERT ON entry"
    " WHEN NEW.number <> 1 + (SELECT coalesce(max(number), 0) FROM entry)",
    "entry_never_changes": "BEFORE UPDATE ON entry",
    "entry_never_goes": "BEFORE DELETE ON entry",
}
GUARD_DDL = tuple(
    f"CREATE TRIGGER IF NOT EXISTS {name} {when}"
    " BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END"
    for name, when in GUARDS.items()
)

_ONE: ColumnElement[int] = literal_column("1")
_LIMIT = bindparam("limit", type_=Integer)
_NONE: ColumnElement[int] = literal_column("0")  # SQLite would have it bound as a parameter
_TAKE = (*(c for c in take.c), entry.c.body)
_taken = select(*_TAKE).join_from(take, entry, entry.c.number == take.c.entry, isouter=True)
_versions = select(entry.c.body, version.c.state).join_from(
    version, entry, entry.c.number == version.c.entry
)


def _p(name: str) -> ColumnElement[object]:
    return bindparam(name)


def _holds(text: ColumnElement[object]) -> ColumnElement[bool]:
    """Exactly that text is in the body: LIKE would take ``_`` for any letter."""
    return func.replace(entry.c.body, text, literal_column("''")) != entry.c.body


def _bodies(kind: str) -> ClauseElement:
    return (
        select(entry.c.number, entry.c.body)
        .where(entry.c.subject == _p("subject"), entry.c.kind == literal_column(f"'{kind}'"))
        .order_by(entry.c.number)
    )


def _bodies_of(view: Table, order: Column[object]) -> ClauseElement:
    return (
        select(entry.c.body)
        .join_from(view, entry, entry.c.number == view.c.entry)
        .order_by(view.c[order.name])
    )


def _listed(*, by_shot: bool, by_state: bool) -> ClauseElement:
    asked_for = _taken.where(take.c.place > _p("after"))
    if by_shot:
        asked_for = asked_for.where(take.c.shot == _p("shot"))
    if by_state:
        asked_for = asked_for.where(take.c.state == _p("state"))
    return asked_for.order_by(take.c.place).limit(_LIMIT).offset(_NONE)


def _entries(*, by_kind: bool, by_subject: bool) -> ClauseElement:
    wanted = select(entry).where(entry.c.number > _p("after"))
    if by_kind:
        wanted = wanted.where(entry.c.kind == _p("kind"))
    if by_subject:
        wanted = wanted.where(entry.c.subject == _p("subject"))
    return wanted.order_by(entry.c.number).limit(_LIMIT).offset(_NONE)


_WRITING: dict[str, ClauseElement] = {
    "add entry": insert(entry),
    "say about": insert(about),
    "forget about": delete(about).where(about.c.name == _p("name_")),
    "add project": insert(project),
    "change project": update(project).values(entry=_p("entry_")).where(project.c.name == _p("k")),
    "add ask": insert(asked),
    "add shot": insert(shot),
    "change shot": update(shot)
    .values(entry=_p("entry_"), takes=shot.c.takes + _p("more"))
    .where(shot.c.guid == _p("k")),
    "add take": insert(take),
    "change take": update(take)
    .values(
        state=_p("state_"),
        unfinished=_p("unfinished_"),
        attempts=case(
            (
                take.c.state.in_([literal_column("'failed'"), literal_column("'cancelled'")]),
                literal_column("0"),
            ),
            else_=take.c.attempts,
        ),
    )
    .where(take.c.id == _p("k")),
    "lose attempt": update(take)
    .values(state=_p("state_"), unfinished=_ONE, attempts=_p("lost"))
    .where(take.c.id == _p("k")),
    "shoot take": update(take)
    .values(state=_p("state_"), unfinished=_p("unfinished_"), entry=_p("entry_"))
    .where(take.c.id == _p("k")),
    "add model": insert(model),
    "change model": update(model).values(entry=_p("entry_")).where(model.c.name == _p("k")),
    "drop model": delete(model).where(model.c.name == _p("k")),
    "add clearance": insert(clearance),
    "drop clearances": delete(clearance).where(clearance.c.model == _p("k")),
    "add waiver": insert(waiver),
    "add circle": insert(circle),
    "drop circle": delete(circle).where(circle.c.version == _p("k")),
    "close circle": update(circle)
    .values(open=literal_column("0"))
    .where(circle.c.version == _p("k")),
    "close circles": update(circle)
    .values(open=literal_column("0"))
    .where(circle.c.take == _p("k"), circle.c.open == _ONE),
    "add version": insert(version),
    "change version": update(version).values(state=_p("state_")).where(version.c.name == _p("k")),
}

_READING: dict[str, ClauseElement] = {
    "head": select(entry.c.number, entry.c.seal)
    .order_by(entry.c.number.desc())
    .limit(_ONE)
    .offset(_NONE),
    "seal": select(entry.c.seal).where(entry.c.number == _p("number")),
    "all": select(entry).order_by(entry.c.number),
    "abouts": select(about.c.name, about.c.value),
    "take": _taken.where(take.c.id == _p("id")),
    "place": select(take.c.place, take.c.shot).where(take.c.id == _p("id")),
    "unfinished": select(
        take.c.id,
        take.c.turnover,
        take.c.shot,
        take.c.state,
        take.c.client,
        take.c.priority,
        take.c.attempts,
        take.c.place,
    )
    .where(take.c.unfinished == _ONE)
    .order_by(take.c.place),
    "kept": select(entry.c.body)
    .where(entry.c.kind == literal_column("'take'"), _holds(_p("said")))
    .order_by(entry.c.number.desc())
    .limit(_LIMIT)
    .offset(_NONE),
    "count": select(shot.c.takes).where(shot.c.guid == _p("guid")),
    "ask": select(entry.c.body)
    .join_from(asked, entry, entry.c.number == asked.c.entry)
    .where(asked.c.ask == _p("ask")),
    "shots": _bodies_of(shot, shot.c.guid),
    "projects": _bodies_of(project, project.c.name),
    "models": _bodies_of(model, model.c.name),
    "clearances": select(entry.c.subject, entry.c.body)
    .join_from(clearance, entry, entry.c.number == clearance.c.entry)
    .order_by(clearance.c.entry),
    "versions": _versions.order_by(version.c.entry),
    "versions of": _versions.where(version.c.shot == _p("shot")).order_by(version.c.entry),
    "version": _versions.where(version.c.name == _p("name")),
    "version state": select(version.c.state).where(version.c.name == _p("name")),
    "numbers": select(func.max(version.c.number)).where(version.c.shot == _p("shot")),
    "circled numbers": select(func.max(circle.c.number)).where(circle.c.shot == _p("shot")),
    "circled name": select(circle.c.entry).where(circle.c.version == _p("name")),
    "circled": select(circle.c.version, circle.c.take, circle.c.number, entry.c.body, entry.c.by)
    .join_from(circle, entry, entry.c.number == circle.c.entry)
    .where(circle.c.open == _ONE)
    .order_by(circle.c.entry),
    "waivers": select(waiver.c.entry, entry.c.body)
    .join_from(waiver, entry, entry.c.number == waiver.c.entry)
    .where(waiver.c.take == _p("take"))
    .order_by(waiver.c.entry),
}
_READING |= {f"{kind} bodies": _bodies(kind) for kind in ("turnover", "project", "note", "cut_in")}
_READING |= {
    f"takes {by_shot:d}{by_state:d}": _listed(by_shot=by_shot, by_state=by_state)
    for by_shot in (False, True)
    for by_state in (False, True)
}
_READING |= {
    f"entries {by_kind:d}{by_subject:d}": _entries(by_kind=by_kind, by_subject=by_subject)
    for by_kind in (False, True)
    for by_subject in (False, True)
}

STATEMENTS = _WRITING | _READING
