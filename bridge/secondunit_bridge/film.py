"""The film's own words. Plain values: frozen, comparable, no behaviour that needs a daemon.

Read top to bottom, this file is the glossary of the product. Regions are ``(x, y, w, h)`` in 0..1
of the picture from top left; frame numbers are integers in the media's own numbering; ranges are
inclusive; colour spaces are OpenColorIO names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import Dict, Optional, Tuple, Union

from .drawn import Stroke
from .timing import FrameRange, Handles

Region = Tuple[float, float, float, float]
Option = Union[bool, int, float, str]


@dataclass(frozen=True)
class Project:
    """A production: its frame rate, resolution, working colour space and where frames are kept."""

    name: str
    rate: Fraction
    width: int
    height: int
    space: str = "ACEScg"  # scene-linear working space of every delivery
    movie_space: str = "Gamma 2.4 Encoded Rec.709"  # declared for movies that carry no colour tag
    store: str = ""  # folder of vault and versions; empty means the product's home
    ocio: str = ""  # OpenColorIO configuration, a built-in's full name or a path; or the daemon's


@dataclass(frozen=True)
class Shot:
    """One piece of the cut: the unit editorial counts and VFX delivers."""

    project: str
    sequence: str
    code: str  # "0010"; unique in its sequence
    guid: str  # stays the same when the shot is renamed, moved or retimed
    cut: FrameRange  # record frames in the timeline, handles not included
    handles: Handles = Handles(8, 8)
    scene: str = ""
    drop: bool = False  # the cut counts drop-frame timecode

    @property
    def name(self) -> str:
        """Sequence and code as one legal file name, for example ``TCC_0010``."""
        return f"{self.sequence}_{self.code}"


@dataclass(frozen=True)
class Media:
    """Frames by content. The only way pixels are referred to.

    ``digests`` are sha256 of each frame's pixels, in order; empty until the daemon has read them.
    ``path`` is a frame pattern (``plate.%04d.exr``) or a movie; empty means the vault holds them.
    """

    frames: FrameRange
    path: str = ""
    width: int = 0
    height: int = 0
    channels: Tuple[str, ...] = ("R", "G", "B")
    dtype: str = "float16"
    space: str = ""
    digests: Tuple[str, ...] = ()


class Role(Enum):
    """Why an element is part of the turnover."""

    plate = "plate"
    matte = "matte"  # one channel, 1.0 where the picture may change
    reference = "reference"
    first = "first"  # the picture the take starts on
    last = "last"  # the picture the take ends on
    before = "before"  # the shot that plays just before, for comparison
    after = "after"  # the shot that plays just after, for comparison
    depth = "depth"
    normal = "normal"
    ids = "ids"
    guide = "guide"
    position = "position"  # metres in the world, of what each pixel shows
    motion = "motion"  # pixels to where it was in the frame before
    albedo = "albedo"  # the share of light that a surface gives back: its colour without light


@dataclass(frozen=True)
class Element:
    """Media with a role in a turnover."""

    role: Role
    media: Media
    name: str = ""


class Work(Enum):
    """What the second unit is asked to shoot."""

    insert = "insert"  # a new close detail, cut in to a sequence
    plate = "plate"  # replace what the matte covers in a photographed plate
    pickup = "pickup"  # extend or replace part of a shot already in the cut
    previs = "previs"  # a rough of a shot not yet photographed


@dataclass(frozen=True)
class Turnover:
    """The immutable ask: everything that matters to the picture. To change it, turn over again."""

    shot: Shot
    work: Work
    generator: str
    brief: str = ""
    elements: Tuple[Element, ...] = ()
    options: Dict[str, Option] = field(default_factory=dict)
    width: int = 0  # of the delivered picture; 0 means the project's
    height: int = 0
    takes: int = 1
    seed: int = 0
    artist: str = ""
    priority: int = 0  # higher is shot sooner
    cards: Dict[str, str] = field(default_factory=dict)  # shot cards: take, before, after -> JSON


class TakeState(Enum):
    """Where a take stands. Each change is a ledger entry with who and why."""

    waiting = "waiting"
    shooting = "shooting"
    checking = "checking"
    pending_review = "pending_review"
    blocked = "blocked"  # a stop or look finding is open
    junk = "junk"
    cancelled = "cancelled"
    failed = "failed"
    circled = "circled"
    rejected = "rejected"
    suspended = "suspended"


class Outcome(Enum):
    """How a check answered. A check that cannot know says so, with a reason."""

    clear = "clear"
    look = "look"
    stop = "stop"
    not_checked = "not_checked"


@dataclass(frozen=True)
class Finding:
    """One measured fact about a take. Not an error, not a verdict."""

    id: str
    check: str
    outcome: Outcome
    sentence: str
    value: Optional[float] = None
    unit: str = ""
    limit: Optional[float] = None
    reason: str = ""  # why it was not checked
    shots: Tuple[str, ...] = ()
    frames: Tuple[Tuple[int, int], ...] = ()
    region: Optional[Region] = None
    department: str = ""
    evidence: Tuple[str, ...] = ()
    rank: Optional[int] = None
    codes: Dict[str, str] = field(default_factory=dict, hash=False)  # what others call it, by whom
    limit_from: str = ""  # where a limit of this show's own comes from
    quiet: str = ""  # why it is only listed: this show has answered "not an error" too often
    subject: str = ""  # whom or what it is about, by the name on the shot card

    @property
    def open(self) -> bool:
        """A person must look at it before the take can be circled."""
        return self.outcome in (Outcome.look, Outcome.stop) and not self.quiet


class Answer(Enum):
    """What a named person may say to a finding."""

    fix = "fix"
    creative_intent = "creative_intent"
    best_possible = "best_possible"
    not_an_error = "not_an_error"
    ask = "ask"

    @property
    def accepts(self) -> bool:
        """The take may be circled in spite of the finding."""
        return self not in (Answer.fix, Answer.ask)


@dataclass(frozen=True)
class SeenShot:
    """One shot that a finding of a cut is about: its media by content, and which frames of it."""

    name: str  # of the clip
    thread: str  # the same in every version of the shot: its guid, or its name without the version
    media: str  # digest of its content
    frames: Tuple[Tuple[int, int], ...]  # in which the finding is, in the media's own numbers
    version: str = ""  # "v003"; empty when nothing says it
    content: str = ""  # how the region looks, as a few numbers; empty when nobody could see it


@dataclass(frozen=True)
class Seen:
    """What a finding of a cut was about, so that its answer is found again in another cut.

    ``shots`` is one shot, or the two that were compared. Nothing in it says where in the cut.
    """

    check: str
    check_version: str
    outcome: Outcome
    sentence: str
    shots: Tuple[SeenShot, ...]
    value: Optional[float] = None
    unit: str = ""
    region: Optional[Region] = None
    cut: str = ""  # in which it was answered, for people
    subject: str = ""  # whom or what it is about, by the name on the shot card
    folded: Tuple[Dict[str, object], ...] = ()  # a Seen each, of what is answered with it


@dataclass(frozen=True)
class Waiver:
    """A named person answers a finding, with a reason."""

    finding: str
    answer: Answer
    by: str
    reason: str
    role: str = ""  # of the person in the production, "script supervisor"
    note: str = ""
    seen: Optional[Seen] = None  # of a finding of a cut; None: the finding is a take's


@dataclass(frozen=True)
class Cost:
    """What one attempt used."""

    seconds: float = 0.0  # of the stage, wall clock
    attempts: int = 0
    device: str = ""
    energy_wh: Optional[float] = None  # of the device while the take was shot; None: not measured


@dataclass(frozen=True)
class Take:
    """One attempt at a turnover. Never overwritten."""

    id: str
    turnover: str  # digest of the turnover it answers
    shot: str  # guid
    name: str  # of the shot, for people
    number: int
    seed: int
    state: TakeState
    media: Optional[Media] = None
    confidence: Optional[float] = None
    findings: Tuple[Finding, ...] = ()
    remarks: Tuple[str, ...] = ()
    cost: Cost = Cost()
    junk_reason: str = ""  # why it was sorted out before anybody watched it

    @property
    def open_findings(self) -> Tuple[Finding, ...]:
        """The findings a person must look at."""
        return tuple(f for f in self.findings if f.open)


class VersionClass(Enum):
    """How far an approval goes."""

    previs = "previs"
    temp = "temp"
    final = "final"


@dataclass(frozen=True)
class Version:
    """A circled take, published: numbered, on disk, ready to cut in."""

    name: str  # "TCC_0010_v003"
    shot: str  # guid
    take: str
    number: int
    kind: VersionClass
    by: str
    path: str  # folder that holds exr, review, qc, record.json
    frames: FrameRange  # 1001 is the first frame of the head handle
    handles: Handles
    record: str  # sha256 of record.json


@dataclass(frozen=True)
class CutIn:
    """A version was placed in the cut: host, track, record range."""

    version: str
    shot: str
    host: str
    cut: str  # timeline name or file
    track: str
    record: FrameRange
    by: str = ""


@dataclass(frozen=True)
class Note:
    """What a person said about a take, at which frames."""

    take: str
    by: str
    text: str
    frames: Tuple[Tuple[int, int], ...] = ()
    drawn: Tuple[Stroke, ...] = ()  # over those frames


class ModelKind(Enum):
    """What registered weights are."""

    base = "base"  # shoots takes: a pipeline, with the card that says how it is called
    adapter = "adapter"  # changes a base model: a LoRA


@dataclass(frozen=True)
class WeightFile:
    """One file of a model, as it was when a person registered it."""

    path: str  # under Model.path; empty when that is this one file; absolute for a part elsewhere
    sha256: str
    bytes: int
    modified: int = 0  # nanoseconds since the epoch: a cheap sign that it is still the same
    numbers: int = 0  # in all its tensors; 0: it holds none, or nobody counted


@dataclass(frozen=True)
class ModelLicence:
    """Under which terms the weights came."""

    id: str  # "Apache-2.0", as a person or the card says; empty when nobody said
    sha256: str = ""  # of the licence text that lay beside the weights; empty when there was none
    claims: Tuple[str, ...] = ()  # what README and headers claim; they can only make terms harder


@dataclass(frozen=True)
class Clearance:
    """A named person says that a licence covers this production."""

    by: str
    reason: str
    licence: ModelLicence  # what was cleared: other terms need another clearance
    territories: Tuple[str, ...] = ()  # ISO 3166 codes; empty means wherever the licence allows
    until: str = ""  # last day, 2027-03-31; empty means no end
    weights: str = ""  # digest of the files it was given for: unhashed terms hold for these only


@dataclass(frozen=True)
class Model:
    """Weights on this machine's disk that a person has registered."""

    name: str  # also the name of the generator, for a base model
    kind: ModelKind
    card: str  # says how the model is called; of an adapter: the card of its base, or empty
    card_digest: str  # sha256 of the card's text when the model was registered
    path: str  # absolute: a folder, or one .safetensors file
    files: Tuple[WeightFile, ...]
    licence: ModelLicence
    facts: Dict[str, Option] = field(default_factory=dict)  # dtype, parameters, rank, base ...
    parts: Dict[str, str] = field(default_factory=dict)  # component -> its folder or file elsewhere
    clearances: Tuple[Clearance, ...] = ()  # newest last
    by: str = ""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger."""

    number: int
    kind: str  # project, turnover, state, take, waiver, note, version, cut_in, model, clearance ...
    subject: str  # what it is about: take id, version name, shot guid
    at: float  # seconds since the epoch, UTC
    by: str
    body: Dict[str, object]
    seal: str  # sha256 over the previous seal and this entry


FIRST_DELIVERED = 1001  # first frame of the head handle; reference: VFX turnover convention


def delivered(shot: Shot) -> FrameRange:
    """The frames of the shot's delivery: head handle, cut, tail handle, counted from 1001."""
    count = len(shot.cut) + shot.handles.head + shot.handles.tail
    return FrameRange(FIRST_DELIVERED, FIRST_DELIVERED + count - 1, shot.cut.rate)
