"""What a card may say beyond its types: names, forms, limits that fit together."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from secondunit_bridge.film import Option, Role

if TYPE_CHECKING:
    from .card import Card, Limits, Terms

WORDS = ("brief", "negative")  # ports that are no pictures
COMPARED_ONLY = (Role.before.value, Role.after.value)  # shown to checks, never to a model
PORTS = (*(role.value for role in Role if role.value not in COMPARED_ONLY), *WORDS)
FORMS = (
    *("text", "picture", "pictures", "frames", "mask", "masks", "conditions"),
    "ip_adapter",
)
SPACES = ("shoulder-srgb", "acescct-fit", "linear")
STEPS_DOWN = ("tiling", "slicing", "group_offload", "int8")
FORMATS = ("diffusers", "kohya")
COMMERCIAL = ("allow", "acknowledge", "block")
_CLASS = re.compile(r"[A-Z][A-Za-z0-9]{1,80}")
_ARGUMENT = re.compile(r"_?[a-z][a-z0-9_]{0,60}")

# Words that would make the engine fetch or run what is not on this disk.
REMOTE = re.compile(
    r"trust_remote_code|custom_pipeline|auto_map|custom_revision|remote_code|repo_id|"
    r"attn(?:ention)?_backend|_hub\b|https?://|hf://",
    re.IGNORECASE,
)
# Arguments that are the product's own to fill in.
OURS = ("generator", "latents", "output_type", "return_dict", "callback_on_step_end")


class Bounded(Protocol):
    """An option with its default, limits and choices."""

    @property
    def default(self) -> Option:
        """Its value when nobody sets it."""
        ...

    @property
    def low(self) -> float:
        """The least; equal to ``high`` where there are no limits."""
        ...

    @property
    def high(self) -> float:
        """The most."""
        ...

    @property
    def choices(self) -> tuple[str, ...]:
        """What it may be, when it is one of some words."""
        ...


def unknown_field(kind: type, data: Any, where: str = "") -> str:
    """A sentence about the first field that cards do not have, or nothing."""
    if not isinstance(data, dict):
        return ""  # of the wrong type: the typed reader says so better
    hints = _fields(kind)
    known = list(hints)
    for name, value in data.items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            return f"{f'[{where}] ' if where else ''}{name}: no such field; {hint}"
        inner = hints[name]
        inside = f"{where}.{name}" if where else name
        if dataclasses.is_dataclass(inner) and isinstance(inner, type):
            problem = unknown_field(inner, value, inside)
        elif typing.get_origin(inner) is dict and isinstance(value, dict):
            item = typing.get_args(inner)[1]
            table = item if dataclasses.is_dataclass(item) and isinstance(item, type) else None
            said = (unknown_field(table, v, f"{inside}.{n}") for n, v in value.items() if table)
            problem = next(filter(None, said), "")
        else:
            problem = ""
        if problem:
            return problem
    return ""


@cache
def _fields(kind: type) -> dict[str, Any]:
    """What a table may hold, with types; found once, for dozens of cards have the same tables."""
    hints = typing.get_type_hints(kind)
    return {f.name: hints[f.name] for f in dataclasses.fields(kind) if f.name != "digest"}


def problem_of(card: Card) -> str:
    """The first thing that is wrong with a card whose types are right, or nothing."""
    rules = (_about, _limits, _ports, _calls, _options, _terms, _remote)
    return next((said for rule in rules for said in rule(card)), "")


def _about(card: Card) -> Iterator[str]:
    about = card.card
    if about.engine != "diffusers":
        yield f"[card] engine: {about.engine!r:.40} is not one; there is diffusers"
    for name in (about.pipeline, *about.opens):
        if not _CLASS.fullmatch(name):
            yield f"[card] pipeline: {name!r:.80} is not the name of a class"
    if not about.works:
        yield "[card] works: name at least one of insert, plate, pickup, previs"
    if not about.sentence.strip():
        yield "[card] sentence: say in one sentence what it is good for"
    if card.space.code not in SPACES:
        yield f"[space] code: {card.space.code!r:.40} is not one of {', '.join(SPACES)}"
    for name in card.denoiser.components or ("",):
        if not _ARGUMENT.fullmatch(name):
            yield "[denoiser] components: name the parts that are called once a step"


def _limits(card: Card) -> Iterator[str]:
    limits = card.limits
    yield from limits_wrong(limits)
    if limits.still and card.size.frames:
        yield "[size] frames: a still has no frame count; leave it out or set still = false"
    if not limits.still and not card.size.frames:
        yield "[size] frames: name the argument that carries the frame count, or set still = true"


def limits_wrong(limits: Limits) -> Iterator[str]:
    """What is wrong with sizes and frame counts, whatever the engine."""
    step, rest = limits.frame_rule
    if not 1 <= limits.size_multiple <= 1024:
        yield f"[limits] size_multiple: {limits.size_multiple} is not 1 to 1024"
    if not (step >= 1 and 0 <= rest < max(step, 2)):
        yield f"[limits] frame_rule: [{step}, {rest}] is no rule; [4, 1] means 4n + 1 frames"
    if limits.max_frames < 1 or limits.most_pixels < 0:
        yield "[limits] max_frames and most_pixels cannot be negative, and one frame is the least"


def _ports(card: Card) -> Iterator[str]:
    for name, port in card.ports.items():
        where = f"[ports.{name}]"
        if name not in PORTS:
            yield f"{where}: no such port; there are {', '.join(PORTS)}"
        if not _ARGUMENT.fullmatch(port.argument):
            yield f"{where} argument: {port.argument!r:.60} is not the name of an argument"
        if port.form not in FORMS:
            yield f"{where} form: {port.form!r:.40} is not one of {', '.join(FORMS)}"
        if (port.form == "text") != (name in WORDS):
            yield f"{where} form: brief and negative are text, and nothing else is"
        if port.place not in ("", "first", "last"):
            yield f"{where} place: {port.place!r:.40} is neither first nor last"
        if port.inside not in ("", "matte"):
            yield f"{where} inside: only matte is possible"
        if port.most < 1:
            yield f"{where} most: {port.most} is not 1 or more"
        for other in port.instead_of:
            if other not in card.ports or other == name:
                yield f"{where} instead_of: the card has no other port {other!r:.40}"
        if port.component and port.component not in card.components:
            yield f"{where} component: {port.component!r:.40} is not in [components]"
    for name, need in card.components.items():
        if need not in ("required", "optional"):
            yield f"[components] {name}: {need!r:.40} is neither required nor optional"


def _calls(card: Card) -> Iterator[str]:
    for word in sorted(card.arguments()):
        if word in OURS or not _ARGUMENT.fullmatch(word):
            yield f"the argument {word!r:.60} is not one that a card may fill in"
    for name in card.memory.steps_down:
        if name not in STEPS_DOWN:
            yield f"[memory] steps_down: {name!r:.40} is not one of {', '.join(STEPS_DOWN)}"
    if card.memory.bytes_fixed < 0 or card.memory.bytes_per_pixel_frame < 0:
        yield "[memory] bytes cannot be negative"
    if not 0.1 <= card.draft.scale <= 1.0:
        yield f"[draft] scale: {card.draft.scale:g} is not 0.1 to 1"
    for name in card.adapters.formats:
        if name not in FORMATS:
            yield f"[adapters] formats: {name!r:.40} is not one of {', '.join(FORMATS)}"
    if card.adapters.supported and not (card.adapters.formats and card.adapters.most):
        yield "[adapters] formats and most: say which files fit, and how many at a time"


def _options(card: Card) -> Iterator[str]:
    yield from options_wrong(card.options)


def options_wrong(options: Mapping[str, Bounded]) -> Iterator[str]:
    """What is wrong with what a person may set, whatever the engine."""
    for name, option in options.items():
        where, default = f"[options.{name}]", option.default
        if option.low > option.high:
            yield f"{where} low: {option.low:g} is above high, {option.high:g}"
        if option.choices and default not in option.choices:
            yield f"{where} default: {default!r:.40} is not one of its choices"
        number = isinstance(default, (int, float)) and not isinstance(default, bool)
        limited = option.low != option.high
        if number and limited and not option.low <= float(default) <= option.high:
            yield f"{where} default: {default} is not {option.low:g} to {option.high:g}"


def _terms(card: Card) -> Iterator[str]:
    yield from terms_wrong(card.licence)


def terms_wrong(terms: Terms) -> Iterator[str]:
    """What is wrong with a licence, whatever the engine."""
    if terms.commercial not in COMMERCIAL:
        yield f"[licence] commercial: {terms.commercial!r:.40} is not {', '.join(COMMERCIAL)}"
    if terms.checked not in ("yes", "verify"):
        yield f"[licence] checked: {terms.checked!r:.40} is neither yes nor verify"
    if terms.checked == "verify" and terms.commercial == "allow":
        yield "[licence] commercial: terms that nobody has read are acknowledge, not allow"
    if terms.revenue_cap_usd < 0:
        yield "[licence] revenue_cap_usd: cannot be negative"
    for code in terms.territories_excluded:
        if not re.fullmatch(r"[A-Z]{2}", code):
            yield f"[licence] territories_excluded: {code!r:.20} is not a code of two letters"


def _remote(card: Card) -> Iterator[str]:
    """Nothing in a card may ask for code or weights from elsewhere."""
    call = [(f"[call] {k}", k, v) for k, v in card.call.items()]
    draft = [(f"[draft.call] {k}", k, v) for k, v in card.draft.call.items()]
    ports = [(f"[ports.{k}] argument", p.argument, "") for k, p in card.ports.items()]
    options = [
        (f"[options.{k}]", o.argument, (o.default, *o.choices)) for k, o in card.options.items()
    ]
    parts = [(f"[components] {k}", k, v) for k, v in card.components.items()]
    for where, word, value in (*call, *draft, *ports, *options, *parts):
        if REMOTE.search(f"{word} {value}"):
            yield f"{where}: asks for code or weights from elsewhere, and a card may not"
