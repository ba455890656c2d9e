"""A card: how one kind of model is called, as data. A studio writes its own without code.

A card is a TOML file. Its tables, in the order they are read::

    [card]          who it is: name, version, sentence, family, pipeline (a class of diffusers),
                    opens (classes of folders it can run besides), works, certified
    [limits]        sizes and frame counts the model can make; still = one picture for each call
    [space]         the code space its pictures are in: shoulder-srgb, acescct-fit or linear
    [size]          names of the arguments that carry width, height, frame count and rate
    [ports.NAME]    where an element of the turnover goes. NAME is a role, brief or negative
    [call]          constant arguments of every run
    [draft]         what a draft changes; [draft.call] its arguments
    [options.NAME]  what a person may set
    [memory]        beside the weights: fixed bytes, bytes for each pixel of each frame
    [time]          seconds for a million pixels of one frame in one step; 0 until history says
    [denoiser]      components that are called once a step
    [adapters]      which LoRA files fit
    [components]    parts that lie in folders of their own: required or optional
    [licence]       the terms, for the gate

How a port's pictures are handed over is its ``form``:

    text        the brief, or what to avoid
    picture     one picture: of a take of many frames, the frame that is being made
    pictures    a list, at most ``most``; their order is the turnover's. Ports that share the
                argument follow each other in the card's order
    frames      one picture for each frame. With ``place`` only that frame is known and the rest is
                open (mid grey, mask 1). With ``inside = "matte"`` it is seen where the matte is 1.
    mask        one picture, white where the model may change; ``masks`` one for each frame
    conditions  pictures with frame numbers (LTX); ``place`` says at which end, and several frames
                (``most``) of an element at the first place make the take go on where they end
    ip_adapter  pictures for an IP-Adapter

Every message of ``read`` names the table and field that is wrong.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol, TypeVar

from secondunit_bridge.errors import CardWrong, FieldError
from secondunit_bridge.film import Option, Work
from secondunit_bridge.wire import typed

from .card_rules import problem_of, unknown_field

MAX_CARD = 256 << 10  # bytes; ours are below 4 kB
NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


@dataclass(frozen=True)
class About:
    """Who the card is for."""

    name: str
    version: str
    sentence: str
    family: str
    pipeline: str  # class of the engine
    works: tuple[Work, ...]
    engine: str = "diffusers"
    opens: tuple[str, ...] = ()  # other classes whose folders hold the same parts
    certified: bool = False  # tried with real weights by us, licence read


@dataclass(frozen=True)
class Limits:
    """What the model can make."""

    size_multiple: int = 8
    frame_rule: tuple[int, int] = (1, 0)  # (k, r): counts must be k*n + r
    max_frames: int = 1
    most_pixels: int = 0  # width times height of one frame; 0 is no limit
    native_rate: str = ""  # frames a second it was trained at; empty for stills
    still: bool = False  # one picture for each call: each frame of a take is a call of its own


@dataclass(frozen=True)
class Space:
    """The code space of its pictures, before the engine's own scaling."""

    code: str = "shoulder-srgb"


@dataclass(frozen=True)
class Size:
    """Names of the call's arguments; empty when it has none."""

    width: str = "width"
    height: str = "height"
    frames: str = ""
    rate: str = ""
    area: str = ""  # width times height


@dataclass(frozen=True)
class PortCard:
    """Where an element of the turnover goes."""

    argument: str
    form: str
    sentence: str
    required: bool = False
    most: int = 1
    place: str = ""  # "first" or "last": only this frame is known
    inside: str = ""  # "matte": seen where the matte is 1, over what shares the argument
    instead_of: tuple[str, ...] = ()  # ports that cannot be used together with this one
    component: str = ""  # of [components]: the part this port needs
    mode: int = 0  # what kind of picture it is, for a ControlNet that takes several kinds
    mode_argument: str = ""  # argument that carries ``mode``; a list when several ports are used


@dataclass(frozen=True)
class Draft:
    """What a draft changes: smaller, fewer steps, caches that change pixels."""

    scale: float = 1.0
    caches: tuple[str, ...] = ()
    call: dict[str, Option] = field(default_factory=dict)


@dataclass(frozen=True)
class OptionCard:
    """What a person may set."""

    argument: str
    default: Option
    sentence: str
    low: float = 0.0  # low == high means no limits
    high: float = 0.0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Memory:
    """What a run takes beside the weights, and how it gets by with less, in order."""

    bytes_fixed: int = 0
    bytes_per_pixel_frame: float = 0.0
    steps_down: tuple[str, ...] = ()


@dataclass(frozen=True)
class Time:
    """How long it takes; 0 is not known."""

    seconds_per_megapixel_frame_step: float = 0.0
    device: str = ""


@dataclass(frozen=True)
class Denoiser:
    """Components that are called once a step: progress is counted and a take stopped there."""

    components: tuple[str, ...]


@dataclass(frozen=True)
class Adapters:
    """LoRA files that fit."""

    supported: bool = False
    formats: tuple[str, ...] = ()
    most: int = 0


@dataclass(frozen=True)
class Terms:
    """The licence, as the gate reads it."""

    id: str  # SPDX, or LicenseRef-...
    name: str
    commercial: str  # "allow", "acknowledge", "block"
    source: str
    checked: str  # "yes": the text was read; "verify": somebody must read it
    territories_excluded: tuple[str, ...] = ()  # ISO 3166 codes, EU for all its members
    revenue_cap_usd: int = 0  # a year; 0 is none
    must_show: str = ""  # what has to stand in the credits or be told to viewers


@dataclass(frozen=True)
class Card:
    """One card, read and sound."""

    card: About
    denoiser: Denoiser
    licence: Terms
    limits: Limits = Limits()
    space: Space = Space()
    size: Size = Size()
    ports: dict[str, PortCard] = field(default_factory=dict)
    call: dict[str, Option] = field(default_factory=dict)
    draft: Draft = Draft()
    options: dict[str, OptionCard] = field(default_factory=dict)
    memory: Memory = Memory()
    time: Time = Time()
    adapters: Adapters = Adapters()
    components: dict[str, str] = field(default_factory=dict)  # part -> "required" or "optional"
    digest: str = field(default="", compare=False)  # sha256 of the text; filled in by the reader

    @property
    def name(self) -> str:
        """Its name."""
        return self.card.name

    def arguments(self) -> frozenset[str]:
        """Every argument of the pipeline's call that the card names."""
        ports = [word for p in self.ports.values() for word in (p.argument, p.mode_argument)]
        size = self.size
        sizes = (size.width, size.height, size.frames, size.rate, size.area)
        settings = [option.argument for option in self.options.values()]
        named = {*ports, *sizes, *settings, *self.call, *self.draft.call}
        return frozenset(word for word in named if word)


Wrong = Callable[[str, str], CardWrong]
AnyCard = TypeVar("AnyCard", bound="_Named")


class _Named(Protocol):
    @property
    def name(self) -> str: ...


def read(text: bytes, where: str) -> Card:
    """A card from the bytes of its file. Raises CardWrong naming ``where`` and the field."""
    card = read_as(Card, text, where, _wrong)
    problem = problem_of(card)
    if problem:
        raise _wrong(where, problem)
    return card


def read_as(kind: type[AnyCard], text: bytes, where: str, wrong: Wrong) -> AnyCard:
    """A card of any kind, before that kind's own rules: TOML with known fields of sound types.

    Its ``digest`` is that of the bytes. Raises what ``wrong`` makes of ``where`` and the field.
    """
    if len(text) > MAX_CARD:
        raise wrong(where, f"it has {len(text)} bytes; a card has at most {MAX_CARD}")
    try:
        data = tomllib.loads(text.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise wrong(where, f"it is not TOML: {error}") from error
    problem = unknown_field(kind, data)
    if problem:
        raise wrong(where, problem)
    try:
        card = typed(kind, {**data, "digest": sha256(text).hexdigest()}, "card")
    except FieldError as error:
        raise wrong(where, toml_path(error.message)) from error
    if not NAME.fullmatch(card.name):
        raise wrong(where, f"[card] name: {card.name!r:.60} is not a plain lower-case word")
    return card


def toml_path(message: str) -> str:
    """``card.limits.still: expected bool`` as people who write TOML read it."""
    path, _, what = message.partition(": ")
    path = re.sub(r"\['([^']*)'\]", r".\1", path)
    tables = path.split(".")[1:]
    if len(tables) < 2:
        return f"[{'.'.join(tables)}]: {what}" if tables else what
    return f"[{'.'.join(tables[:-1])}] {tables[-1]}: {what}"


def _wrong(where: str, problem: str) -> CardWrong:
    return CardWrong(
        f"the card {where} cannot be used: {problem}",
        hint="docs/models.md says what each field may hold; try it with"
        " `secondunit models card FILE --check`.",
        data={"card": where, "problem": problem},
    )
