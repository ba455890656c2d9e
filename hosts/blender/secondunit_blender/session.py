"""All that the add-on keeps while it is on, in one value that ``unregister`` drops.

Nothing in it lies in the .blend, so an undo cannot take it back; nothing here imports Blender.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Mapping, Optional, Protocol, Set, Tuple

from secondunit_bridge.announcements import Hello
from secondunit_bridge.caller import Caller
from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.film import Project, Shot, Take, Version
from secondunit_bridge.hearing import Hearing
from secondunit_bridge.saying import UNDER_WAY, Said, told
from secondunit_bridge.unit import Unit

from .board import Board, Lines, ShotRow, shot_row
from .briefs import Briefs
from .collect.identities import SEQUENCE, part_copies
from .collect.shots import ShotList, read_shots
from .orders import Order, Orders
from .place.edit import GUID, TAKE, edit_of, look_strips
from .place.footage import poster
from .productions import copied_from
from .recut import RecutTable
from .remembering import recall_identities

Asked = Tuple[Tuple[Take, ...], Tuple[Version, ...], Dict[str, str]]  # with posters by take
Placed = Tuple[Tuple[str, str, bool], ...]  # of strips: shot, take, muted


class Host(Protocol):
    """What is asked of Blender itself; ``host.py`` answers, tests may."""

    def layout(self) -> Any:
        """The scene whose shots are shown."""

    def scenes(self) -> Any:
        """``bpy.data.scenes``."""

    def blend(self) -> str:
        """Path of the file; empty when it was never saved."""

    def snapshot(self, path: str) -> None:
        """Write a copy of the file as it is now; the file itself stays as it is."""

    def binary(self) -> str:
        """Blender's own program; empty where Blender is a Python module."""

    def remember(self, words: str) -> None:
        """A step that the artist can undo."""

    def redraw(self) -> None:
        """Have our panels drawn again."""


class Session(Hearing):
    """The add-on at work: what the daemon told, what was ordered, and what the panels show."""

    def __init__(self, host: Host) -> None:
        super().__init__(starts="It starts with the first shot you order.")
        self.host = host
        self.caller = Caller("blender", turn_on="Turn the add-on on.", log="the system console")
        self.orders = Orders(self.caller, self._asked, self.say)
        self.projects: Tuple[Project, ...] = ()
        self.turned: Dict[str, Shot] = {}  # shots by GUID, as they were last turned over
        self.posters: Dict[str, str] = {}  # file of a take's middle frame, looked up on a thread
        self.awaited: Dict[str, str] = {}  # take that is to be placed once it is shot -> guid
        self.list = ShotList(())
        self.copied: Tuple[str, ...] = ()  # the question whether this file is a copy
        self.briefs = Briefs()
        self.generators: Tuple[str, ...] = ()  # the last that were told, for a daemon that is away
        self.recut: Optional[RecutTable] = None  # a cut that was read and is not applied
        self.recut_lines: Tuple[Lines, ...] = ()
        self.board = Board()
        self._asking = False
        self._known: Tuple[str, ...] = ()
        self._placed: Placed = ()

    def read_scene(self) -> None:
        """Look at the shots of the scene again, whose identities come back if they were lost."""
        layout = self.host.layout()
        if layout is None:
            found = ShotList(())
        else:
            if part_copies(layout, self.host.scenes()):
                self.say(Said(f"{layout.name} is a copy of another scene: its shots are new."))
            recall_identities(layout, self.host.blend())  # an undo may have taken them
            try:
                found = read_shots(layout, blend_path=self.host.blend())
                before = str(layout.get(SEQUENCE, ""))
                self.copied = copied_from(before, self.host.blend(), layout.name)
                found = replace(found, problems=(*self.copied, *found.problems))
            except SecondUnitError as error:
                found = ShotList((), (told(error).line,))
        guids = tuple(shot.guid for shot in found.shots if shot.guid)
        if guids != self._known:
            self.stale |= set(guids) - set(self._known)
            self._known = guids
        strips = self._strips(layout)
        if found != self.list or strips != self._placed:
            self.list, self._placed, self.changed = found, strips, True

    def look_for_daemon(self, *, start: bool = False) -> None:
        """Ask who is there. ``start``: a daemon, if none runs."""
        if self._asking:
            return
        self._asking = True

        def ask(unit: Unit) -> Tuple[Hello, Tuple[Project, ...], Tuple[Shot, ...]]:
            return unit.hello(), unit.projects(), unit.shots()

        def answered(found: Tuple[Hello, Tuple[Project, ...], Tuple[Shot, ...]]) -> None:
            self._asking = False
            fresh = self.hello is None
            self.hello, self.projects, turned = found
            self.generators = self.hello.generators
            self.turned = {shot.guid: shot for shot in turned}
            self.stale |= {guid for guid in self._known if self._without_poster(guid)}
            self.daemon = Said(f"Daemon {self.hello.version} is there.")
            self.stale |= set(self._known) if fresh else set()
            self.changed = True
            for words in self.caller.said():
                self.say(Said(words))

        def failed(error: SecondUnitError) -> None:
            self._asking = False
            self.away(error)

        self.caller.ask(ask, answered, failed, start=start)

    def ask_for_takes(self) -> None:
        """Ask for the takes of the shots that changed."""
        if not self.stale or self.hello is None:
            return
        guids, self.stale = tuple(self.stale), set()

        stores = {guid: self.store_of(guid) for guid in guids}

        def ask(unit: Unit) -> Dict[str, Asked]:
            return {guid: _asked_of(unit, guid, stores[guid]) for guid in guids}

        def answered(found: Dict[str, Asked]) -> None:
            for guid, (takes, versions, posters) in found.items():
                self.takes[guid], self.versions[guid] = takes, versions
                self.posters.update(posters)
            self.changed = True

        self.caller.ask(ask, answered, self.away)

    def store_of(self, guid: str) -> str:
        """The store that keeps a shot's frames; empty while that is not known."""
        shot = self.turned.get(guid)
        stores = (p.store for p in self.projects if shot is not None and p.name == shot.project)
        return next(stores, "")

    @property
    def awaited_here(self) -> Dict[str, str]:
        """What is awaited for shots of the scene in front: another scene's can be placed later."""
        return {take: guid for take, guid in self.awaited.items() if guid in self._known}

    def make_board(self) -> None:
        """Prepare what the panels show."""
        layout = self.host.layout()
        edit = edit_of(layout, self.host.scenes()) if layout is not None else None
        strips = {s[GUID]: s for s in look_strips(edit)} if edit is not None else {}
        rows = tuple(self._row(shot, strips.get(shot.guid)) for shot in self.list.shots)
        busy = self.orders.busy
        under = sum(take.state in UNDER_WAY for row in rows for take in row.takes)
        words = [f"Passes: {len(busy)} to go"] if busy else []
        words += [f"Takes: {under} to go"] if under else []
        shares = [row.done or 0.0 for row in rows if row.busy]
        self.board = Board(
            daemon=self._daemon_lines(),
            connected=self.hello is not None,
            generators=self.generators,
            shots=rows,
            problems=tuple(Lines.of(text, "INFO") for text in self.list.problems),
            said=tuple(
                Lines.of(said.line, "ERROR" if said.wrong else "INFO", wrong=said.wrong)
                for said in self.said
            ),
            busy=". ".join(words),
            done=sum(shares) / len(shares) if shares else None,
            edit=edit.name if edit is not None else "",
            look=any(row.look for row in rows),
            recut=self.recut_lines,
            copied=bool(self.copied),
            serial=self.board.serial + 1,
        )
        self.changed = False

    def leave_file(self) -> None:
        """Another file was opened: nothing that was ordered for the old one is placed here."""
        self.orders.close()
        self.awaited.clear()
        self.briefs = Briefs()
        self.recut, self.recut_lines = None, ()
        self.said, self.changed = [], True

    def close(self) -> None:
        """End renders and threads. What the daemon was asked for goes on there."""
        self.orders.close()
        self.caller.close()

    def _strips(self, layout: Any) -> Placed:
        """What of ours lies in the edit: an artist may delete or mute a strip by hand."""
        edit = edit_of(layout, self.host.scenes()) if layout is not None else None
        there = look_strips(edit) if edit is not None else ()
        return tuple((str(s[GUID]), str(s[TAKE]), bool(s.mute)) for s in there)

    def _row(self, shot: Any, strip: Any) -> ShotRow:
        takes = self.takes.get(shot.guid, ()) if shot.guid else ()
        takes = tuple(self.with_reason(take) for take in takes)
        order = self.orders.of(shot.guid) if shot.guid else None
        return shot_row(
            shot, takes, self.versions.get(shot.guid, ()) if shot.guid else (),
            going=order.going if order else None,
            progress=self.progress,
            posters=self.posters,
            placed=str(strip[TAKE]) if strip is not None else "",
            look=strip is not None and not strip.mute,
        )  # fmt: skip

    def _without_poster(self, guid: str) -> bool:
        """It has frames, and where their store is was not known when its takes were asked for."""
        return any(t.media and t.id not in self.posters for t in self.takes.get(guid, ()))

    def _daemon_lines(self) -> Lines:
        icon = "LINKED" if self.hello is not None else "UNLINKED"
        return Lines.of(self.daemon.line, icon, wrong=self.daemon.wrong)

    def _asked(self, order: Order) -> None:
        self.awaited.update(dict.fromkeys(order.takes, order.shot.guid))
        self.stale.add(order.shot.guid)
        self.look_for_daemon()  # a project or a daemon may be new
        self.changed = True

    def shots_of(self, subject: str, body: Mapping[str, Any]) -> Set[str]:
        """Of a take that is known, or that the entry names; else every one of the scene."""
        take = self.take(subject)
        named = take.shot if take else self._guid_of(subject, body)
        return {named} if named else set(self._known)

    def entry(self, kind: str, subject: str, body: Mapping[str, Any]) -> None:
        """As every host's; a new project is asked for."""
        super().entry(kind, subject, body)
        if kind == "project":
            self.look_for_daemon()

    def _guid_of(self, subject: str, body: Mapping[str, Any]) -> str:
        """The shot an entry is about; empty when it does not say, or it is none of ours."""
        named = (subject, str(body.get("shot", "")))
        return next((guid for guid in named if guid in self._known), self.awaited.get(subject, ""))


def _asked_of(unit: Unit, guid: str, store: str) -> Asked:
    """What the daemon has of a shot, and the pictures of its takes. Blocks; for a thread."""
    takes = unit.takes(shot=guid)
    shot = {take.id: take.media for take in takes if take.media} if store else {}
    return takes, unit.versions(guid), {name: poster(media, store) for name, media in shot.items()}
