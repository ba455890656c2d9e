"""Canonical JSON (RFC 8785): the same value is always the same bytes, so a digest can name it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

_EXACT = 2**53 - 1  # beyond it a number of JSON is not exact (RFC 8785, appendix D)
_LONGEST = 21  # digits before a number is written with an exponent (ECMA-262, Number::toString)


def canonical(value: Any) -> bytes:
    """The bytes of a JSON value as RFC 8785 writes them, in UTF-8.

    Raises ValueError for what JSON in that form cannot say: NaN, infinities, integers beyond 2^53,
    names that are no text, text that is no Unicode.
    """
    return _written(value).encode()


def identity(value: Any) -> str:
    """sha256, hex, of the canonical bytes: what a record is called by."""
    return sha256(canonical(value)).hexdigest()


def digest_of_text(text: str) -> str:
    """sha256, hex, of a text in UTF-8; empty for an empty one: there is nothing to name."""
    return sha256(text.encode()).hexdigest() if text else ""


def _written(value: Any) -> str:
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        if abs(value) > _EXACT:
            raise ValueError(f"{value} is too large for a number of JSON")
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise ValueError("a name is not a text")
        pairs = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_written(name)}:{_written(one)}" for name, one in pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_written, value)) + "]"
    raise ValueError(f"{type(value).__name__} is no value of JSON")


def _number(value: float) -> str:
    """As ECMAScript writes it: the fewest digits that are read back as the same number."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number of JSON")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    parts = Decimal(repr(abs(value))).normalize().as_tuple()
    digits = "".join(map(str, parts.digits))
    count, point = len(digits), len(digits) + int(parts.exponent)
    if count <= point <= _LONGEST:
        return sign + digits + "0" * (point - count)
    if 0 < point <= _LONGEST:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{rest}e{'+' if point > 0 else '-'}{abs(point - 1)}"
