"""What a node remembers of its shot: one JSON text in a hidden knob, saved with the script."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Dict, Optional, Tuple

from secondunit_bridge.errors import FieldError
from secondunit_bridge.wire import plain, typed

SCHEMA = 1


@dataclass(frozen=True)
class PlateFacts:
    """The plate as it was turned over last; frames as the script counts them."""

    path: str  # of the files that were turned over
    space: str  # OpenColorIO name of their colour space
    knob: str  # what the Read's colour space knob is set to; empty: raw, it is the working space
    first: int
    last: int
    width: int
    height: int
    aspect: float = 1.0
    rendered: bool = False
    offset: int = 0  # a file's number less the script's frame, where it was read in place


@dataclass(frozen=True)
class Piece:
    """A published version as it stands in the comp: which of its frames play where."""

    guid: str  # of the shot it is a version of
    version: str  # "comp_0010_v003"
    take: str
    number: int
    record: str  # sha256 of the version's record
    path: str  # frame pattern of its EXR files
    first: int  # of its frames that play, in its own numbering
    last: int
    at: int  # the script's frame that ``first`` plays at
    knob: str = ""  # of the Read's colour space; empty: raw
    start: int = 1001  # its whole range, of which the others are kept out
    end: int = 1001
    matte: str = ""  # frame pattern of the version's own matte; empty: the matte input's

    @property
    def frames(self) -> Tuple[int, int]:
        """First and last frame as the script counts them."""
        return self.at, self.at + self.last - self.first

    def beside(self, other: Piece) -> Optional[Piece]:
        """What of it is seen beside another that was placed later; None for nothing.

        One that reaches beyond the other at both ends stays whole: the other lies over it.
        """
        (first, last), (begins, ends) = self.frames, other.frames
        if begins <= first and last <= ends:
            return None
        if begins <= first <= ends:
            return replace(self, first=self.first + ends + 1 - first, at=ends + 1)
        if begins <= last <= ends:
            return replace(self, last=self.last - (last - begins + 1))
        return self


@dataclass(frozen=True)
class Asked:
    """A turnover of this node: the shot, and where its first delivered frame belongs."""

    guid: str
    code: str
    first: int  # the script's frame of version frame 1001
    show: Tuple[int, int]  # the script's frames that are shown of it
    knob: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class State:
    """All that a node remembers."""

    guid: str
    sequence: str = ""
    code: str = ""
    project: str = ""
    script: str = ""  # where the script lay when the shot was turned over
    schema: int = SCHEMA
    plate: Optional[PlateFacts] = None
    asked: Tuple[Asked, ...] = ()
    takes: Tuple[str, ...] = ()
    drafts: Tuple[str, ...] = ()  # those of them that are there to choose by
    finishes: Tuple[Tuple[str, str], ...] = ()  # a take at full quality, and the draft it is of
    pieces: Tuple[Piece, ...] = ()
    cut: Optional[Tuple[int, int]] = None  # what the cut wants now; None: what was turned over
    placed: Tuple[str, ...] = ()  # names of versions, for "other version" without a daemon

    def asked_for(self, guid: str) -> Optional[Asked]:
        """The last turnover of a shot of this node."""
        return next((one for one in reversed(self.asked) if one.guid == guid), None)

    def piece(self, guid: str) -> Optional[Piece]:
        """The version of a shot that stands in the comp."""
        return next((one for one in self.pieces if one.guid == guid), None)

    @property
    def standing(self) -> str:
        """Names of the versions that stand in the comp, for people."""
        drafts = [" (draft)" if piece.take in self.drafts else "" for piece in self.pieces]
        return ", ".join(piece.version + draft for piece, draft in zip(self.pieces, drafts))

    def finish_of(self, draft: str) -> str:
        """The take at full quality that a draft was given last; empty for none."""
        return next((made for made, one in reversed(self.finishes) if one == draft), "")

    def draft_of(self, finish: str) -> str:
        """The draft that a take is the finish of; empty for none."""
        return next((one for made, one in self.finishes if made == finish), "")

    def with_handed(self, other: State) -> State:
        """With all that was handed over, as another time of the same node knows it."""
        return replace(
            self, project=other.project, sequence=other.sequence, code=other.code,
            script=other.script, plate=other.plate, asked=other.asked, takes=other.takes,
            drafts=other.drafts, finishes=other.finishes,
        )  # fmt: skip

    def with_finish(self, made: str, draft: str) -> State:
        """With a draft's finish; asked for twice it is once."""
        others = tuple(pair for pair in self.finishes if pair[0] != made)
        return replace(self, takes=(*self.takes, made), finishes=(*others, (made, draft)))

    def with_piece(self, piece: Piece) -> State:
        """With a version in the place of the one that stood there.

        What is placed last is seen: of other pieces only frames that it lacks are kept.
        """
        others = [one.beside(piece) for one in self.pieces if one.guid != piece.guid]
        pieces = [*(one for one in others if one is not None), piece]
        return replace(self, pieces=tuple(sorted(pieces, key=lambda one: one.at)))


def written(state: State) -> str:
    """As the knob keeps it: one line, ASCII only, no TCL in it."""
    return json.dumps(plain(state), sort_keys=True, separators=(",", ":"))


def read(text: str) -> State:
    """What a knob holds. Raises FieldError when somebody changed it beyond reading."""
    try:
        said: Dict[str, Any] = json.loads(text)
    except ValueError:
        said = {}
    if not isinstance(said, dict) or not said.get("guid"):
        raise FieldError(
            "the node's memory of its shot cannot be read",
            hint="Undo the change, or make a new Second Unit node.",
        )
    if int(said.get("schema", 0)) > SCHEMA:
        raise FieldError(
            "the node was saved by a newer Second Unit",
            hint="Update Second Unit: secondunit host install nuke",
        )
    return typed(State, said, "node")
