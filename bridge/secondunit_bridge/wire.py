"""Messages on the wire, and the strict typed codec that makes film values of them.

A message is a ZeroMQ multipart::

    b"SU/1"      protocol, versioned apart from the packages
    {head}       JSON: {"kind": "turn_over", "id": "...", "re": "...", "body": ...}
    ...          zero or more small binary parts (previews; never frames)

Unknown fields are ignored, so either side may be newer; unknown kinds are answered with ``error``.
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, Callable, Dict, List, Sequence, Tuple, Type, TypeVar, Union

from .errors import FieldError, MessageTooBig, ProtocolError, ProtocolTooNew

PROTOCOL = b"SU/1"
MAX_HEAD = 8 << 20  # bytes; 10,000 listed takes fit, a frame does not
MAX_PART = 4 << 20  # bytes of one binary part: a preview JPEG fits
MAX_PARTS = 16

T = TypeVar("T")
_EXACT = 1 << 53  # beyond this a float cannot hold every whole number
_ENDLESS = (float("inf"), float("-inf"))  # JSON has no word for them, but 1e999 reads as one
_RATE = re.compile(r"-?\d{1,12}(/\d{1,12})?")
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # half of a character, written as an escape
_Decoder = Callable[[Any], Any]
_Encoder = Callable[[Any], Any]
_SCALARS = (str, int, float, bool, type(None))  # JSON as they are


@dataclass(frozen=True)
class Message:
    """One message, unpacked. ``re`` is the id of the message this one answers."""

    kind: str
    id: str
    body: Any = None
    re: str = ""
    parts: Tuple[bytes, ...] = ()


def pack(message: Message) -> List[bytes]:
    """Message to ZeroMQ parts. Raises MessageTooBig."""
    head = {"kind": message.kind, "id": message.id, "re": message.re, "body": message.body}
    parts = [PROTOCOL, _written(_FILM_ENCODER, head), *message.parts]
    _check_sizes(parts)
    return parts


def unpack(parts: Sequence[bytes]) -> Message:
    """ZeroMQ parts to Message. Raises ProtocolTooNew, MessageTooBig, FieldError, ProtocolError."""
    if not parts or not parts[0].startswith(b"SU/"):
        raise ProtocolError("this is not a Second Unit message", hint="Is another program talking?")
    if parts[0] != PROTOCOL:
        raise ProtocolTooNew(
            f"the other side speaks {_short(parts[0])}, this side {PROTOCOL.decode()}",
            hint="Update Second Unit on this machine, or the plug-in in the host.",
        )
    if len(parts) < 2:
        raise ProtocolError("the message has no head")
    _check_sizes(parts)
    head = loads(parts[1])
    if not isinstance(head, dict):
        raise FieldError(f"message: expected an object, got {_kind(head)}")
    words = {name: _word(head, name) for name in ("kind", "id", "re")}
    return Message(body=head.get("body"), parts=tuple(parts[2:]), **words)


def plain(value: Any) -> Any:
    """A film value as JSON types: rates as ``"24000/1001"``, enums by value, tuples as lists."""
    if type(value) in _SCALARS:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: make(getattr(value, name)) for name, make in _encoders(type(value))}
    return value


def typed(kind: Type[T], data: Any, where: str = "") -> T:
    """JSON types as a film value. Raises FieldError naming the field that is wrong."""
    try:
        return typing.cast(T, _decoder(typing.cast(Any, kind))(data))
    except _Wrong as wrong:
        name = where or getattr(kind, "__name__", str(kind))
        raise FieldError(f"{name}{wrong.path}: {wrong.what}") from None


def dumps(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no blanks, no NaN. The form that digests are taken of."""
    return _written(_ENCODER, value)


def _written(encoder: json.JSONEncoder, value: Any) -> bytes:
    try:
        return encoder.encode(value).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise ProtocolError(f"this value cannot be sent: {error}") from error


def loads(data: bytes) -> Any:
    """JSON without NaN, too many levels or text that is not Unicode. Raises ProtocolError."""
    try:
        value = _DECODER.decode(data.decode())
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"the message is not valid JSON: {error}") from error
    if _HALF.search(data):
        dumps(value)  # half a character could be neither answered nor written down
    return value


def _film_value(value: Any) -> Any:
    made = plain(value)
    if made is value:
        raise TypeError(f"{type(value).__name__} is no value of the film")
    return made


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not allowed")


_ENCODER = json.JSONEncoder(
    separators=(",", ":"), sort_keys=True, allow_nan=False, ensure_ascii=False
)
# Makes JSON types of film values where it meets them: most bodies are JSON types already.
_FILM_ENCODER = json.JSONEncoder(
    separators=(",", ":"), sort_keys=True, allow_nan=False, ensure_ascii=False, default=_film_value
)
_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _check_sizes(parts: Sequence[bytes]) -> None:
    if len(parts) > MAX_PARTS:
        raise MessageTooBig(f"a message of {len(parts)} parts; the limit is {MAX_PARTS}")
    for index, part in enumerate(parts):
        limit = MAX_HEAD if index == 1 else MAX_PART
        if len(part) > limit:
            raise MessageTooBig(
                f"part {index} of the message has {len(part)} bytes; the limit is {limit}",
                hint="Frames travel as files or slots, never inside messages.",
            )


def _word(head: Dict[str, Any], name: str) -> str:
    value = head.get(name, "" if name == "re" else None)
    if not isinstance(value, str):
        raise FieldError(f"message.{name}: expected str, got {_kind(value)}")
    if len(value) > 200:
        raise FieldError(f"message.{name}: longer than 200 characters")
    return value


def _short(data: bytes) -> str:
    return data[:12].decode("ascii", "replace")


def _kind(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__


@cache
def _encoders(kind: Type[Any]) -> Tuple[Tuple[str, _Encoder], ...]:
    hints = typing.get_type_hints(kind)
    return tuple((f.name, _encoder(hints[f.name])) for f in dataclasses.fields(kind))


def _encoder(kind: Any) -> _Encoder:
    """How a field of this type becomes JSON; what is declared plain is not looked through again."""
    args = typing.get_args(kind)
    inner = args[1:] if typing.get_origin(kind) is dict else args
    if kind in _SCALARS or kind is object:
        return _as_it_is
    if args and typing.get_origin(kind) in (dict, Union) and set(inner) <= {*_SCALARS, object}:
        return _as_it_is
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        makers = _encoders(kind)
        return lambda value: {name: make(getattr(value, name)) for name, make in makers}
    return plain


def _as_it_is(value: Any) -> Any:
    return value


class _Wrong(Exception):
    """A value that does not fit; each level on the way out puts its name in front of ``path``."""

    def __init__(self, what: str, path: str = "") -> None:
        super().__init__(what)
        self.what, self.path = what, path


_UNIONS = (Union, getattr(types, "UnionType", Union))  # ``Optional[X]``, and ``X | None``


@cache
def _decoder(kind: Any) -> _Decoder:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any or kind is object:
        return lambda data: data
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record(kind)
    if kind is Fraction:
        return _fraction
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _choice(kind)
    if origin is tuple:
        return _many(args[0]) if args[-1] is Ellipsis else _each(args)
    if origin is dict:
        return _mapping(args[1])
    if origin in _UNIONS:
        return _one_of(args)
    return _exactly(kind)


def _record(kind: Type[Any]) -> _Decoder:
    hints = typing.get_type_hints(kind)
    fields = [
        (
            f.name,
            _decoder(hints[f.name]),
            f.default is f.default_factory is dataclasses.MISSING,
        )
        for f in dataclasses.fields(kind)
    ]

    def decode(data: Any) -> Any:
        if not isinstance(data, dict):
            raise _Wrong(f"expected an object, got {_kind(data)}")
        given = {}
        name = ""
        try:
            for name, decoder, needed in fields:
                if name in data:
                    given[name] = decoder(data[name])
                elif needed:
                    raise _Wrong("missing")
        except _Wrong as wrong:
            wrong.path = f".{name}{wrong.path}"
            raise
        try:
            return kind(**given)
        except ValueError as error:
            raise _Wrong(str(error)) from error

    return decode


def _fraction(data: Any) -> Fraction:
    if not isinstance(data, str) or not _RATE.fullmatch(data) or data.endswith("/0"):
        raise _Wrong(f'expected a rate such as "24000/1001", got {data!r:.60}')
    try:
        return Fraction(data)
    except ZeroDivisionError:
        raise _Wrong(f"the rate {data} divides by zero") from None


def _choice(kind: Type[Enum]) -> _Decoder:
    members = {member.value: member for member in kind}

    def decode(data: Any) -> Any:
        if not isinstance(data, str) or data not in members:
            raise _Wrong(f"expected one of {', '.join(members)}, got {data!r:.60}")
        return members[data]

    return decode


def _many(kind: Any) -> _Decoder:
    item = _decoder(kind)

    def decode(data: Any) -> Any:
        if not isinstance(data, list):
            raise _Wrong(f"expected a list, got {_kind(data)}")
        done: List[Any] = []
        try:
            for value in data:
                done.append(item(value))
        except _Wrong as wrong:
            wrong.path = f"[{len(done)}]{wrong.path}"
            raise
        return tuple(done)

    return decode


def _each(kinds: Tuple[Any, ...]) -> _Decoder:
    items = [_decoder(kind) for kind in kinds]

    def decode(data: Any) -> Any:
        if not isinstance(data, list) or len(data) != len(items):
            raise _Wrong(f"expected a list of {len(items)}")
        done: List[Any] = []
        try:
            for item, value in zip(items, data):
                done.append(item(value))
        except _Wrong as wrong:
            wrong.path = f"[{len(done)}]{wrong.path}"
            raise
        return tuple(done)

    return decode


def _mapping(kind: Any) -> _Decoder:
    item = _decoder(kind)

    def decode(data: Any) -> Any:
        if not isinstance(data, dict):
            raise _Wrong(f"expected an object, got {_kind(data)}")
        done: Dict[str, Any] = {}
        key = ""
        try:
            for key, value in data.items():
                done[key] = item(value)
        except _Wrong as wrong:
            wrong.path = f"[{key!r}]{wrong.path}"
            raise
        return done

    return decode


def _one_of(kinds: Tuple[Any, ...]) -> _Decoder:
    if type(None) in kinds:
        rest = tuple(kind for kind in kinds if kind is not type(None))
        inner = _decoder(rest[0]) if len(rest) == 1 else _one_of(rest)
        return lambda data: None if data is None else inner(data)
    names = ", ".join(kind.__name__ for kind in kinds)

    def decode(data: Any) -> Any:
        if type(data) not in kinds:
            raise _Wrong(f"expected one of {names}, got {_kind(data)}")
        return data

    return decode


def _exactly(kind: Any) -> _Decoder:
    def decode(data: Any) -> Any:
        if type(data) is kind and data not in _ENDLESS:
            return data
        if kind is float and type(data) is int and abs(data) <= _EXACT:
            return float(data)
        raise _Wrong(f"expected {kind.__name__}, got {_kind(data)}")

    return decode


def object_of(value: Any, kind: str) -> Dict[str, Any]:
    """The body of an answer of this kind. Raises FieldError when it is no JSON object."""
    if not isinstance(value, dict):
        raise FieldError(f"answer to {kind}: expected an object, got {type(value).__name__}")
    return value
