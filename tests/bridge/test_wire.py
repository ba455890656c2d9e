"""Messages and the codec: strict about what is known, tolerant of what is new."""

from __future__ import annotations

import dataclasses
import json
import string
from enum import Enum
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secondunit_bridge import film, wire
from secondunit_bridge.drawn import Mark, Stroke
from secondunit_bridge.errors import (
    FieldError,
    MessageTooBig,
    ProtocolError,
    ProtocolTooNew,
    SecondUnitError,
)
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.wire import Message, dumps, loads, pack, plain, typed, unpack

FILM = [
    value
    for value in vars(film).values()
    if isinstance(value, type)
    and dataclasses.is_dataclass(value)
    and value.__module__ == film.__name__
]
ranges = st.builds(
    lambda first, more, rate: FrameRange(first, first + more, rate),
    st.integers(-1000, 10**6),
    st.integers(0, 10**4),
    st.sampled_from([Fraction(24), Fraction(25), Fraction(24000, 1001), Fraction(60000, 1001)]),
)
words = st.text(max_size=20)
for_types = {
    FrameRange: ranges,
    Handles: st.builds(Handles, st.integers(0, 99), st.integers(0, 99)),
    Fraction: st.fractions(0, 1000, max_denominator=1001),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: words,
    Stroke: st.builds(
        lambda points: Stroke(Mark.line, tuple(points)),
        st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=4),
    ),
    object: st.none() | st.integers() | words | st.lists(words, max_size=3),
}
for kind, strategy in for_types.items():
    st.register_type_strategy(kind, strategy)


def turnover(**changes) -> film.Turnover:
    shot = film.Shot("p", "TCC", "0010", "guid", FrameRange(0, 47, Fraction(24)))
    return dataclasses.replace(film.Turnover(shot, film.Work.insert, "slate"), **changes)


@pytest.mark.parametrize("kind", FILM, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_every_word_of_the_film_survives_the_wire(kind, data) -> None:
    value = data.draw(st.from_type(kind))
    assert typed(kind, loads(dumps(plain(value)))) == value
    sent = Message("any", "id", value, "re", (b"jpeg",))
    got = unpack(pack(sent))
    assert (got.kind, got.id, got.re, got.parts) == ("any", "id", "re", (b"jpeg",))
    assert typed(kind, got.body) == value


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("seed",), "7", "Turnover.seed: expected int, got str"),
        (("seed",), True, "Turnover.seed: expected int, got bool"),
        (("seed",), None, "Turnover.seed: expected int, got nothing"),
        (("work",), "dance", "Turnover.work: expected one of insert, plate, pickup, previs"),
        (("shot", "cut", "first"), 1.5, "Turnover.shot.cut.first: expected int, got float"),
        (
            ("shot", "cut", "rate"),
            24,
            'Turnover.shot.cut.rate: expected a rate such as "24000/1001"',
        ),
        (("shot", "cut", "rate"), "1/0", "Turnover.shot.cut.rate"),
        (("shot", "cut", "rate"), "1/000", "Turnover.shot.cut.rate"),
        (("shot", "cut", "last"), -5, "Turnover.shot.cut: frame range ends"),
        (("elements",), {}, "Turnover.elements: expected a list, got dict"),
        (("elements",), [5], "Turnover.elements[0]: expected an object, got int"),
        (("options",), {"a": []}, "Turnover.options['a']: expected one of"),
        (("shot",), [], "Turnover.shot: expected an object, got list"),
    ],
)
def test_a_wrong_field_is_named(path, value, sentence) -> None:
    body = inner = plain(turnover())
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    with pytest.raises(FieldError) as wrong:
        typed(film.Turnover, body)
    assert wrong.value.message.startswith(sentence)


def test_a_missing_field_is_named_and_an_optional_one_is_filled_in() -> None:
    body = plain(turnover())
    del body["takes"]
    assert typed(film.Turnover, body).takes == 1
    del body["shot"]["guid"]
    with pytest.raises(FieldError, match=r"Turnover\.shot\.guid: missing"):
        typed(film.Turnover, body)


def test_fields_of_a_newer_peer_are_ignored() -> None:
    body = plain(turnover())
    body["lens"] = body["shot"]["weather"] = {"new": ["in", 2030]}
    assert typed(film.Turnover, body) == turnover()
    head = {"kind": "turn_over", "id": "1", "body": body, "urgency": 5}
    assert typed(film.Turnover, unpack([wire.PROTOCOL, dumps(head)]).body) == turnover()


def test_regions_and_pairs_have_exactly_their_length() -> None:
    finding = film.Finding("f", "c", film.Outcome.look, "s", region=(0.0, 0.1, 1.0, 0.5))
    body = plain(finding)
    assert typed(film.Finding, body).region == (0.0, 0.1, 1.0, 0.5)
    body["region"] = [0, 0, 1]
    with pytest.raises(FieldError, match=r"Finding\.region: expected a list of 4"):
        typed(film.Finding, body)


def test_whole_numbers_pass_as_floats_but_endless_ones_do_not() -> None:
    assert typed(float, 3) == 3.0
    for endless in (loads(b"1e999"), loads(b"-1e999"), 10**400):
        with pytest.raises(FieldError):
            typed(float, endless)


def test_a_newer_protocol_is_told_from_another_program() -> None:
    with pytest.raises(ProtocolTooNew, match="SU/9") as newer:
        unpack([b"SU/9", b"{}"])
    assert "Update" in newer.value.hint
    for parts in ([], [b""], [b"GET / HTTP/1.1"], [wire.PROTOCOL]):
        with pytest.raises(ProtocolError) as strange:
            unpack(parts)
        assert not isinstance(strange.value, ProtocolTooNew)


@pytest.mark.parametrize(
    "parts",
    [
        (bytes(wire.MAX_PART + 1),),
        tuple([b"x"] * wire.MAX_PARTS),
    ],
)
def test_what_is_too_big_is_refused_by_both_sides(parts) -> None:
    with pytest.raises(MessageTooBig):
        pack(Message("preview", "1", {}, parts=parts))
    with pytest.raises(MessageTooBig):
        unpack([wire.PROTOCOL, b'{"kind":"preview","id":"1"}', *parts])


def test_a_head_that_is_too_big_names_the_way_frames_travel() -> None:
    with pytest.raises(MessageTooBig) as big:
        pack(Message("note", "1", "x" * wire.MAX_HEAD))
    assert "slots" in big.value.hint


@pytest.mark.parametrize("head", [b"[]", b"5", b'"text"', b"null"])
def test_a_head_must_be_an_object(head: bytes) -> None:
    with pytest.raises(FieldError, match="message: expected an object"):
        unpack([wire.PROTOCOL, head])


@pytest.mark.parametrize("name", ["kind", "id", "re"])
def test_kind_and_ids_must_be_short_words(name: str) -> None:
    for value in (5, None, ["x"], "x" * 201):
        head = {"kind": "k", "id": "i", "re": "", name: value}
        with pytest.raises(FieldError, match=rf"message\.{name}"):
            unpack([wire.PROTOCOL, json.dumps(head).encode()])


@pytest.mark.parametrize(
    "data", [b"{", b"\xff\xfe", b"", b"NaN", b'{"a": Infinity}', b"[" * 100_000, b"9" * 100_000]
)
def test_broken_json_is_a_protocol_error(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        loads(data)


def test_what_json_cannot_say_is_refused_when_it_is_sent() -> None:
    for value in (float("nan"), float("inf"), object(), {"x": {1, 2}}, "\ud800"):
        with pytest.raises(ProtocolError, match="cannot be sent"):
            dumps(value)


def test_the_canonical_form_does_not_depend_on_order() -> None:
    assert dumps({"b": 1, "a": [1.5, "é"]}) == '{"a":[1.5,"é"],"b":1}'.encode()


def test_enums_go_by_value_and_rates_as_text() -> None:
    class Colour(Enum):
        red = "red"

    assert plain({"c": Colour.red, "r": Fraction(24000, 1001), "t": (1, (2,))}) == {
        "c": "red",
        "r": "24000/1001",
        "t": [1, [2]],
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(string.printable, max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["shot", "cut", "rate", "first", "body", "x"]), inner)
    ),
    max_leaves=12,
)


@given(st.lists(st.binary(max_size=200), max_size=4), st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_parts_make_a_message_or_an_error_of_ours(parts, ours) -> None:
    try:
        unpack([wire.PROTOCOL, *parts] if ours else parts)
    except SecondUnitError:
        return


@pytest.mark.parametrize("kind", FILM, ids=lambda kind: kind.__name__)
@given(value=json_values)
@settings(max_examples=40, deadline=None)
def test_any_json_makes_a_value_or_an_error_of_ours(kind, value) -> None:
    try:
        typed(kind, value)
    except FieldError:
        return


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_one_wrong_value_anywhere_in_a_turnover_never_escapes_as_another_error(data) -> None:
    body = inner = plain(
        turnover(
            elements=(film.Element(film.Role.plate, film.Media(FrameRange(1, 2, Fraction(25)))),)
        )
    )
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(inner[key], (dict, list)) or not inner[key] or data.draw(st.booleans()):
            inner[key] = data.draw(json_values)
            break
        inner = inner[key]
    try:
        typed(film.Turnover, body)
    except FieldError:
        return


@pytest.mark.parametrize("half", ["\\ud800", "\\udc80", "a\\uDBFFb"])
def test_half_a_character_is_refused_and_a_whole_one_is_not(half: str) -> None:
    with pytest.raises(ProtocolError):
        loads(f'{{"id": "{half}"}}'.encode())
    assert loads(b'"\\ud83c\\udfac"') == "\N{CLAPPER BOARD}"
