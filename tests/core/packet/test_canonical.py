"""Canonical JSON: the vectors of RFC 8785, and what it cannot say."""

from __future__ import annotations

import json
import math

import pytest
from secondunit.packet.canonical import canonical, digest_of_text, identity


@pytest.mark.parametrize(
    ("value", "text"),
    [  # RFC 8785, appendix B, and ECMA-262's limits of plain notation
        (0.0, "0"), (-0.0, "0"), (5e-324, "5e-324"), (-5e-324, "-5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (1e-6, "0.000001"),
        (1e-7, "1e-7"), (333333333.3333333, "333333333.3333333"), (1.5, "1.5"), (24.0, "24"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_the_rfc_writes_them(value: float, text: str):
    assert canonical(value).decode() == text


def test_names_are_sorted_by_their_utf16_units_and_texts_are_escaped_as_little_as_possible():
    told = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}
    assert list(json.loads(canonical(told))) == [
        "\r",
        "1",
        "\x80",
        "\xf6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]
    assert canonical("\u20ac$\x0f\nA'B\"\\/") == '"\u20ac$\\u000f\\nA\'B\\"\\\\/"'.encode()


def test_order_and_blanks_make_no_other_digest():
    assert identity({"b": [1, 2], "a": None}) == identity({"a": None, "b": [1.0, 2]})
    assert identity({"a": 1}) != identity({"a": 2})
    assert digest_of_text("") == ""


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53, {1: "a"}, b"bytes", "\ud800"])
def test_what_json_cannot_say_is_refused(value: object):
    with pytest.raises(ValueError):  # noqa: PT011 - each of them has words of its own
        canonical(value)
