"""What a plug-in may add: generators, checks, and a listener to the ledger. Three hooks.

Built-ins come in through the same hooks. Generators and checks see float32 pictures in scene-linear
working space (or the code space they declare) and never touch the disk, the ledger or the matte
contract: the core conforms before them and guarantees after them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import pluggy
from numpy.typing import NDArray
from secondunit_bridge.film import Entry, Finding, Model, Option, Role, Turnover, Work
from secondunit_bridge.timing import FrameRange

# Plug-ins find everything they need here.
from .exam import Elements as Elements
from .exam import Exam as Exam
from .exam import Scene as Scene
from .exam import Thing as Thing
from .media.footage import Picture
from .media.sight import Sight

hookspec = pluggy.HookspecMarker("secondunit")
hookimpl = pluggy.HookimplMarker("secondunit")

WORKING = "working"  # the code space that is the project's own scene-linear working space
# The option of a generator that shoots drafts to choose by, and its two values.
QUALITY, DRAFT, FINISH = "quality", "draft", "finish"


@dataclass(frozen=True)
class Port:
    """An element a generator takes."""

    role: Role
    sentence: str
    required: bool = True


@dataclass(frozen=True)
class OptionAbout:
    """One option of a generator: its default, limits and meaning."""

    name: str
    default: Option
    sentence: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


class PixelShape(Enum):
    """Which pixels a generator can look at."""

    any = "any"  # as the plate stores them, squeezed or not
    square = "square"  # an anamorphic plate is desqueezed first, and squeezed again after


class NormalSpace(Enum):
    """In which space a generator wants normals."""

    camera = "camera"  # x right, y up, z towards the camera: a pass in world space is turned
    world = "world"  # as a renderer writes them


@dataclass(frozen=True)
class GeneratorAbout:
    """What a generator is and can do, known without loading anything heavy.

    ``run`` is only ever called with frames and a size that keep to every limit said here, whatever
    was asked: see ``Shooting``.
    """

    name: str
    version: str
    sentence: str
    works: tuple[Work, ...]
    ports: tuple[Port, ...] = ()
    options: tuple[OptionAbout, ...] = ()
    space: str = WORKING
    size_multiple: int = 1  # of width and height
    least_side: int = 1  # pixels
    most_pixels: int | None = None  # of a frame, padding counted
    pixel_shape: PixelShape = PixelShape.any
    normals: NormalSpace = NormalSpace.camera
    frame_rule: tuple[int, int] = (1, 0)  # (k, r): frame counts must be k*n + r
    max_frames: int | None = None  # of one run
    overlap: int | None = None  # frames two runs share; None: 2 k + 1, or what ``first`` needs
    deterministic: bool = True
    gives_confidence: bool = False
    needs_weights: bool = False
    placeholder: bool = False  # stands for a picture that is still to come: not compared as one
    licence: str = "Apache-2.0"
    models: tuple[str, ...] = ()  # names of the registered base models it runs


@dataclass(frozen=True)
class Run:
    """One run of a generator.

    ``first`` to ``last`` are frames of the plan; ``asked`` is how many the generator makes, at
    least as many: the rest are held frames at the end, which are dropped. ``mixed`` frames at the
    start were made by the run before as well, and the two are mixed.
    """

    first: int
    last: int
    asked: int
    mixed: int = 0

    @property
    def held(self) -> int:
        """Frames made beyond the end, and dropped."""
        return self.asked - (self.last - self.first + 1)


@dataclass(frozen=True)
class Framing:
    """What of the picture a generator is shown, and in which size. Pixels, origin top left."""

    box: tuple[int, int, int, int]  # x, y, width, height: the part that is shot
    picture: tuple[int, int]  # width and height of that part once desqueezed and scaled
    width: int  # as shot: the picture, and its own edge mirrored to the right and below
    height: int
    pixel_aspect: Fraction = Fraction(1)  # that was taken out

    @property
    def exact(self) -> bool:
        """Nothing is resampled: what comes back unchanged is bit for bit the same."""
        return self.picture == self.box[2:]


@dataclass(frozen=True)
class Shooting:
    """How a plan is shot that a generator's limits do not allow as it stands.

    ``framing`` is None as long as it depends on a plate and a matte that nobody has opened yet.
    """

    runs: tuple[Run, ...]
    framing: Framing | None = None


@dataclass(frozen=True)
class Plan:
    """What will be shot, told before anything runs.

    ``refusals`` are sentences that say why it cannot be shot; when there are any, it is not.
    ``shooting`` is None when the generator shoots the plan as it stands, in one run. The plan that
    ``run`` gets has the frames and the size of that run, and ``shooting`` has that run only.
    """

    turnover: Turnover
    frames: FrameRange  # as delivered: 1001 is the first frame of the head handle
    width: int
    height: int
    memory_bytes: int = 0
    memory_measured: bool = False  # in earlier takes of this size; else it is an estimate
    seconds: float | None = None
    remarks: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    options: dict[str, Option] = field(default_factory=dict)  # every option, defaults filled in
    shooting: Shooting | None = None


@dataclass(frozen=True)
class Progress:
    """How far a take is: 0..1, and what is being done, in a few words. Losable."""

    done: float
    says: str = ""


@dataclass(frozen=True)
class Preview:
    """A small picture of what is coming, in the generator's code space. Losable.

    One that ``says`` something is evidence and is not lost: the core keeps the last as a PNG with
    that caption, and the error that ends the take names it (``data["picture"]``).
    """

    frame: int
    pixels: Picture
    says: str = ""


@dataclass(frozen=True)
class Exactly:
    """What making a take again bit for bit needs beside its turnover; kept in its record.

    ``facts`` are JSON values: weights, versions, device, threads, number type, adapters. Said once
    or several times; later values win. Sentences under ``remarks`` are told in the take as well.
    """

    facts: dict[str, Any]


@dataclass(frozen=True)
class Developed:
    """One finished frame.

    pixels
        ``(row, column, channel)`` float32 in the generator's code space, RGB or RGBA
        (unpremultiplied), origin top left, exactly the plan's size.
    coverage
        share of what was asked for that was found in the material and not made up, 0..1.
    opacity
        for a finished picture of a plate with alpha: ``(row, column)`` float32, 0..1, how opaque
        that picture is, its RGB being associated with it. None: it is opaque.
    """

    frame: int
    pixels: Picture
    confidence: float | None = None
    coverage: float | None = None
    opacity: NDArray[np.float32] | None = None


class Watch(Protocol):
    """Lets a long step be stopped in its middle."""

    def check(self) -> None:
        """Raises Cancelled when a person has stopped the take. Call it often."""
        ...


class Generator(Protocol):
    """Shoots takes. ``plan`` never loads anything heavy; ``run`` owns the device while it runs."""

    about: GeneratorAbout

    def plan(self, plan: Plan, elements: Elements | None) -> Plan:
        """The plan with this generator's remarks, refusals and memory filled in.

        ``elements`` is None when the plan is only asked for; then nothing is opened.
        """
        ...

    def run(
        self, plan: Plan, elements: Elements, seed: int, watch: Watch
    ) -> Iterator[Progress | Preview | Exactly | Developed]:
        """Every frame of ``plan.frames`` once, in order, as Developed; Progress in between.

        Same plan, elements and seed give the same frames when ``about.deterministic``.
        Raises NeedsModel when it cannot be done honestly without a model.
        """
        ...


@runtime_checkable
class HoldsDevice(Protocol):
    """A generator that keeps models on the device between takes. Never asked while one is shot."""

    def release(self) -> int:
        """Free the device within two seconds; bytes given back. What is needed again comes back."""
        ...


class Scope(Enum):
    """What a check must see; costs differ a hundredfold."""

    files = "files"  # what a cut's media are on disk: no picture is decoded
    frame = "frame"
    shot = "shot"
    pair = "pair"


@dataclass(frozen=True)
class Codes:
    """What others call what a check finds. Empty where no public page was found that says it."""

    netflix: str = ""  # error code of the Netflix QC glossary
    ebu: str = ""  # id of the EBU QC item


@dataclass(frozen=True)
class CheckAbout:
    """What a check measures, in which unit, against which limit, and where that comes from.

    A show may set ``look`` (of a check that only stops, ``stop``) within ``bounds``; without them
    the limit is not its to set. A check therefore compares with its own ``about``, which holds
    the limit in force, and says in ``source`` where that comes from.
    """

    name: str
    version: str
    sentence: str
    scope: Scope
    unit: str
    look: float | None  # at or beyond this a person must look
    stop: float | None  # at or beyond this the take is stopped
    source: str
    department: str
    works: tuple[Work, ...] = ()  # it is asked of takes of these only; empty: of all
    needs: tuple[Role, ...] = ()  # and only when the turnover has elements of these roles
    codes: Codes = Codes()
    bounds: tuple[float, float] | None = None  # least and largest limit that makes sense
    set_by: str = ""  # where a show's own limit comes from; empty: the limit is the check's

    @property
    def limit(self) -> float:
        """The limit in force: at or beyond it the outcome is no longer clear. 0 without one."""
        return next((limit for limit in (self.look, self.stop) if limit is not None), 0.0)


class Check(Protocol):
    """Measures one thing about a take."""

    about: CheckAbout

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding or more. Never raises for a bad picture: it says ``not_checked`` and why.

        Finding ids are left empty; the core names them.
        """
        ...


class Viewing(Protocol):
    """A check that is looking at one take, frame after frame."""

    def see(self, sight: Sight) -> None:
        """The next frame in playing order. ``sight.before`` is the one seen last."""
        ...

    def told(self) -> Sequence[Finding]:
        """After the last frame: one finding or more, as ``Check.examine`` gives them."""
        ...


@runtime_checkable
class Watching(Protocol):
    """A check that sees every frame once, in order, beside all others that do.

    The frames are read one time for all of them, and what several checks derive from a frame is
    derived once (``Sight.once``).
    """

    about: CheckAbout

    def watch(self, exam: Exam) -> Viewing:
        """Begin with a take. ``exam.take`` need not be read: its frames are shown."""
        ...


AnyCheck: TypeAlias = Check | Watching


@hookspec
def secondunit_generators(models: Sequence[Model]) -> Sequence[Generator]:
    """Generators this plug-in adds.

    A plug-in that runs weights names ``models`` and is given every model that is registered; it is
    asked again when one was added. One that does not may leave the argument out.
    """
    raise NotImplementedError


@hookspec
def secondunit_checks() -> Sequence[AnyCheck]:
    """Checks this plug-in adds."""
    raise NotImplementedError


@hookspec
def secondunit_recorded(entry: Entry) -> None:
    """An entry is durable in the ledger. For trackers and exporters, each on its own thread."""
