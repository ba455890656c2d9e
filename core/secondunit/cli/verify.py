"""``verify``: does what is on disk still match what was recorded? Works without a daemon."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Annotated, Any

import typer
from secondunit_bridge.errors import CutUnreadable, MediaOffline

from ..packet.check import (
    SIGNER,
    Item,
    carries,
    file_items,
    generation_item,
    is_packet,
    mark_items,
    packet_items,
    packet_of,
)
from ..packet.credentials import SIDECAR
from ..packet.marks import HASH_LIST
from .forms import RECORD
from .say import COULD_NOT, DONE, NOT_COMPARED, JsonFlag, Say

LEDGER = "ledger.sqlite"
RECEIPT = "receipt.json"  # of a plate's version: what changed, and that nothing else did
APART = ("plate", SIGNER)  # what cannot be told without something that is not here
FAILS = ("changed", "missing", "broken")
COLOURS = {"ok": "green", "untrusted": "yellow"}


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(verify)


def verify(
    path: Annotated[Path, typer.Argument(help="A version, packet, ledger, home, cut or picture.")],
    json: JsonFlag = False,
) -> int:
    """Compare a version, packet, ledger, picture or all versions of a cut with what was recorded.

    Ends with 4 when nothing is changed, but a plate is not there to compare with, or a signature
    is somebody's whose certificate is not held here.
    """
    say = Say(as_json=json)
    items = list(_looked_at(path.resolve()))
    for item in items:
        if item.state != "ok" or len(items) < 8 or item.what == "receipt":
            say.line(f"{item.state:<9}  {item.sentence}", style=COLOURS.get(item.state, "bold red"))
    wrong = sum(item.state in FAILS for item in items)
    apart = any(item.what in APART and item.state == "untrusted" for item in items)
    beside = _beside(path.resolve())
    if beside:
        say.line(f"Held against the home beside it, which is not yours: {beside}")
    say.line(f"Looked at: {len(items)}. {_verdict(items, wrong)}")
    say.done({"ok": not wrong and not apart, "items": items, "home": beside})
    return COULD_NOT if wrong else NOT_COMPARED if apart else DONE


def _beside(path: Path) -> str:
    """The home beside what was looked at, where that is another than the user's own."""
    from secondunit_bridge.places import home

    found = _home_of(path)
    return "" if found.resolve() == home().resolve() else str(found)


def _verdict(items: Sequence[Item], wrong: int) -> str:
    if wrong:
        return f"Not as recorded: {wrong}."
    open_ = sum(item.state == "untrusted" for item in items)
    return f"Nothing is changed; nobody vouches for: {open_}." if open_ else "All as recorded."


def _looked_at(path: Path) -> Iterator[Item]:
    if not path.exists():
        raise MediaOffline(f"{path} cannot be found", hint="Check the path.")
    if path.name == RECORD:
        path = path.parent
    if path.is_dir() and (path / RECORD).is_file():
        yield from version_items(path, "")
    elif path.is_dir() and (path / HASH_LIST).is_file():
        yield from _without_record(path)
        yield from file_items(path / HASH_LIST, _keys(path))
    elif path.is_file() and (folder := _version_of(path)):
        yield from _part_items(folder, path)
    elif path.is_dir() and (path / LEDGER).is_file():
        yield from _ledger_items(path / LEDGER)
    elif path.is_file() and path.suffix in (".sqlite", ".db"):
        yield from _ledger_items(path)
    elif is_packet(path.parent if path.is_file() else path) and path.suffix in ("", ".json"):
        yield from _packet_items(path if path.is_dir() else path.parent)
    elif path.is_file() and carries(path):
        yield from file_items(path, _keys(path))
    elif path.is_file():
        yield from _cut_items(path)
    else:
        raise MediaOffline(
            f"{path} holds no record and no ledger",
            hint="Give a version's folder (with record.json), a packet, a ledger, a home, a cut or"
            " a picture.",
        )


def version_items(folder: Path, expected: str) -> Iterator[Item]:
    """Everything of one published version. ``expected`` is its record's sha256 where known."""
    yield _record_item(folder, expected)
    record, wanted = _record_of(folder)
    if not record:
        return
    for file, digest in wanted.items():
        yield _file_item(folder, file, digest)
    yield from _strangers(folder, {RECORD, *wanted})
    yield from mark_items(folder, record, _keys(folder))
    if len(folder.parents) > 2:
        yield from generation_item(folder.parents[2], record)
    if RECEIPT in wanted or (folder / RECEIPT).is_file():
        from .receipts import measured_again

        for found in measured_again(folder, record):
            what = "plate" if found.state == "untrusted" and found.what == "plate" else "receipt"
            yield Item(what, found.path, found.state, found.sentence)


def _record_of(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """A version's record and the files that it names, with their sha256; empty if unreadable."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
        str(record["version"]["name"])
        listed = [*record["frames"], *record["files"]]
        return record, {str(entry["file"]): str(entry["sha256"]) for entry in listed}
    except (OSError, ValueError, LookupError, TypeError):
        return {}, {}


def _version_of(path: Path) -> Path | None:
    """The version's folder that a file lies in; None for any other file, and for its lists."""
    if path.name in (HASH_LIST, HASH_LIST + SIDECAR):
        return None
    lists = (RECORD, HASH_LIST)
    return next(
        (one for one in list(path.parents)[:2] if any((one / name).is_file() for name in lists)),
        None,
    )


def _without_record(folder: Path) -> Iterator[Item]:
    """Frames are delivered with no more than their list; where they were published is more."""
    try:
        name = str(json.loads((folder / HASH_LIST).read_bytes())["version"])
    except (OSError, ValueError, LookupError, TypeError):
        return
    if _vouched(folder / RECORD, name) is not None:
        yield Item("record", str(folder / RECORD), "missing", f"The record of {name} is gone.")


def _part_items(folder: Path, path: Path) -> Iterator[Item]:
    """One file of a version: by its record, and what it carries itself; else by the hash list."""
    name = path.relative_to(folder).as_posix()
    if (folder / RECORD).is_file():
        yield _record_item(folder, "")
        record, wanted = _record_of(folder)
        found = [_file_item(folder, name, wanted[name])] if name in wanted else []
        marks = mark_items(folder, record, _keys(folder)) if found else ()
        found += [one for one in marks if Path(one.path) == path]
    else:
        known = list(file_items(folder / HASH_LIST, _keys(folder)))
        yield from (one for one in known if Path(one.path) == folder / HASH_LIST)
        found = [one for one in known if Path(one.path) == path]
    if not found:
        sentence = f"{name} is in no list of the files of {folder.name}: nobody vouches for it."
        found = [Item("file", str(path), "untrusted", sentence)]
    yield from found


def _home_of(path: Path) -> Path:
    """The home that what lies there belongs to: one beside or above it, else the user's own."""
    from secondunit_bridge.places import home

    homes = (one for above in (path, *path.parents) for one in (above, above / "home"))
    return next((one for one in homes if (one / LEDGER).is_file()), home())


def _keys(path: Path) -> Path:
    return _home_of(path) / "keys"


def _packet_items(folder: Path) -> Iterator[Item]:
    """The packet's own files; then the versions it names, where this machine has them."""
    yield from packet_items(folder, _keys(folder))
    yield from _signed_ledger(folder)
    for one in packet_of(folder).get("versions", ()):
        place = _folder_of(str(one["version"]), _home_of(folder) / LEDGER)
        if place is None:
            sentence = f"{one['version']} is not on this machine, and was not looked at."
            yield Item("version", str(one["version"]), "untrusted", sentence)
        else:
            yield from version_items(place, str(one["record_sha256"]))


def _signed_ledger(folder: Path) -> Iterator[Item]:
    """This machine's ledger beside what the packet signs of it, when it is that ledger."""
    from ..ledger import Ledger, Signer
    from ..packet.layout import CHECKPOINT, KEY

    text, key, path = folder / CHECKPOINT, folder / KEY, _home_of(folder) / LEDGER
    if not (text.is_file() and key.is_file()):
        return  # named as missing already
    signer = Signer(_keys(folder))
    if not path.is_file() or key.read_text("utf-8", "replace").strip() != signer.verifier:
        sentence = "The ledger that this packet comes from is not on this machine."
        yield Item("ledger", str(path), "untrusted", sentence)
        return
    with Ledger(path, reading=True) as book:  # a seal that is there still says nothing of bodies
        problems = signer.verify_checkpoint(text.read_text("utf-8", "replace"), book)
        problems = problems or book.verify()
    for problem in problems:
        sentence = f"{problem.sentence[:1].upper()}{problem.sentence[1:]}."
        yield Item("ledger", str(path), "broken", sentence)
    if not problems:
        sentence = "The ledger still holds all that the packet signs of it."
        yield Item("ledger", str(path), "ok", sentence)


def _folder_of(version: str, ledger: Path) -> Path | None:
    from secondunit_bridge.errors import UnknownId

    from ..ledger import Ledger

    if not ledger.is_file():
        return None
    with Ledger(ledger, reading=True) as book:
        try:
            return Path(book.views.version(version).path)
        except UnknownId:
            return None


def _record_item(folder: Path, expected: str) -> Item:
    path = folder / RECORD
    record, _ = _record_of(folder)
    if not path.is_file():
        return Item("record", str(path), "missing", f"{folder.name} has no record.")
    if not record:
        return Item("record", str(path), "broken", f"{path} is not a record that can be read.")
    name, digest = str(record["version"]["name"]), sha256(path.read_bytes()).hexdigest()
    entry = None if expected else _vouched(path, name)
    if entry is not None and not entry.holds:
        sentence = f"What the ledger says of {name} was changed after it was written."
        return Item("ledger", str(path), "broken", sentence)
    vouched = entry.record if entry else expected
    if not vouched:
        sentence = f"The record of {name} is not known to this machine's ledger: nobody vouches."
        return Item("record", str(path), "untrusted", sentence)
    if vouched != digest:
        sentence = f"The record of {name} is not the one that was written when it was published."
        return Item("record", str(path), "changed", sentence)
    return Item("record", str(path), "ok", f"The record of {name} is as it was published.")


def _file_item(folder: Path, file: str, digest: str) -> Item:
    path = folder / file
    inside = path.resolve().is_relative_to(folder.resolve())
    if not inside:
        return Item("file", file, "broken", f"The record names {file}, outside its own folder.")
    try:
        with open(path, "rb") as opened:
            found = file_digest(opened, "sha256").hexdigest()
    except FileNotFoundError:
        return Item("file", str(path), "missing", f"{file} is gone.")
    except OSError as error:
        return Item("file", str(path), "broken", f"{file} cannot be read: {error.strerror}.")
    if found != digest:
        return Item("file", str(path), "changed", f"{file} was changed after it was published.")
    return Item("file", str(path), "ok", f"{file} is as it was published.")


def _strangers(folder: Path, known: set[str]) -> Iterator[Item]:
    for path in sorted(folder.rglob("*")):
        file = path.relative_to(folder).as_posix()
        if path.is_file() and file not in known:
            yield Item("file", str(path), "untrusted", f"{file} was put there later.")


@dataclass(frozen=True)
class _Entry:
    """What a ledger says of a version: its record's sha256, and whether that was left as it was."""

    record: str
    holds: bool


def _vouched(record: Path, name: str) -> _Entry | None:
    """The version in a ledger: of this user's home, or of one that lies beside it."""
    from secondunit_bridge.places import home

    homes = [home()]
    for above in record.parents:
        homes += [above, above / "home"]
    known = (_entry_in(one / LEDGER, name, record.parent) for one in homes)
    return next((one for one in known if one is not None), None)


def _entry_in(ledger: Path, name: str, folder: Path) -> _Entry | None:
    from ..ledger import Ledger

    if not ledger.is_file():
        return None
    with Ledger(ledger, reading=True) as book:
        for entry in book.entries(kind="version", subject=name):
            if Path(str(entry.body.get("path", ""))).resolve() == folder.resolve():
                return _Entry(str(entry.body.get("record", "")), book.holds(entry.number))
    return None


def _ledger_items(path: Path) -> Iterator[Item]:
    from ..ledger import Ledger
    from ..ledger.checkpoint import beside

    with Ledger(path, reading=True) as book:
        problems = book.verify()
        number, seal = book.head()
        for problem in problems:
            yield Item("ledger", str(path), "broken", problem.sentence)
        if not problems:
            sentence = f"The ledger's chain holds: {number} entries, the last sealed {seal[:12]}."
            yield Item("ledger", str(path), "ok", sentence)
        if not problems and number and not beside(path).is_file():
            sentence = (
                f"No signed checkpoint lies beside {path.name}: whether entries were cut off at its"
                " end is told by a packet, or by a checkpoint that was kept elsewhere."
            )
            yield Item("ledger", str(path), "untrusted", sentence)


def _cut_items(path: Path) -> Iterator[Item]:
    from ..editorial import read_cut
    from ..media.own import own_version

    ours = [
        shot
        for shot in read_cut(path).shots
        if shot.marks.get("version") or (shot.media and own_version(Path(shot.media)))
    ]
    if not ours:
        raise CutUnreadable(
            f"no clip of {path.name} names a version of Second Unit",
            hint="Give a cut that `secondunit insert` wrote.",
        )
    for shot in ours:
        yield from _clip_items(shot.name, shot.media, shot.marks)


def _clip_items(name: str, media: str | None, marks: dict[str, Any]) -> Iterator[Item]:
    folder = next((p for p in _above(media) if (p / RECORD).is_file()), None)
    if folder is None:
        named = marks.get("version", "it plays")
        sentence = f"{name}: the version {named} cannot be found at {media}."
        yield Item("version", media or "", "missing", sentence)
        return
    yield from version_items(folder, str(marks.get("record", "")))


def _above(media: str | None) -> Sequence[Path]:
    return list(Path(media).parents)[:3] if media else ()
