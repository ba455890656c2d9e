"""The tree of errors: what its page says, what the classes are, what travels."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit_bridge import errors
from secondunit_bridge.errors import (
    BY_CODE,
    BridgeError,
    ProtocolError,
    SecondUnitError,
    SlotLost,
    TakeFailed,
    branches,
    error_body,
    error_from,
)
from secondunit_bridge.wire import dumps, loads


def told() -> dict[str, tuple[str, str]]:
    """Name -> (code, parent) as the module's docstring draws the tree."""
    found, above = {}, {}
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"(\s*)[*+-] (\w+) ``(E_\w+)``", line)
        if match:
            depth = len(match[1])
            above[depth] = match[2]
            found[match[2]] = (match[3], above.get(depth - 2, ""))
    return found


def built() -> dict[str, tuple[str, str]]:
    return {
        cls.__name__: (
            cls.code,
            cls.__bases__[0].__name__ if cls is not SecondUnitError else "",
        )
        for cls in BY_CODE.values()
    }


def test_the_tree_on_the_page_is_the_tree_of_classes() -> None:
    assert told() == built()


def test_every_class_has_a_code_of_its_own_and_says_what_it_means() -> None:
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, Exception)]
    assert len(BY_CODE) == len(classes)
    assert all(cls.__doc__ and cls.__doc__.strip().endswith(".") for cls in classes)
    assert all(re.fullmatch(r"E_[A-Z_]+", code) for code in BY_CODE)


@pytest.mark.parametrize("cls", BY_CODE.values(), ids=lambda cls: cls.__name__)
def test_an_error_arrives_as_what_it_was_raised_as(cls) -> None:
    sent = cls("what is", hint="what next", data={"n": 1})
    got = error_from(loads(dumps(error_body(sent))))
    assert type(got) is cls
    assert (got.message, got.hint, got.data) == ("what is", "what next", {"n": 1})
    assert got.retryable == cls.retryable
    assert str(got) == "what is"


def test_a_leaf_that_only_the_other_side_knows_arrives_as_its_branch() -> None:
    melted = {"code": "E_MELTED", "message": "m", "branches": ["E_MELTED", "E_TAKE", "E_FAILED"]}
    assert type(error_from(melted)) is TakeFailed
    assert type(error_from({"code": "E_NEW", "message": "m"})) is SecondUnitError


def test_a_plug_in_s_own_leaf_travels_as_the_branch_it_hangs_on() -> None:
    class Melted(TakeFailed):
        """The stage melted."""

        code = "E_MELTED_HERE"

    assert "E_MELTED_HERE" not in BY_CODE
    assert type(error_from(error_body(Melted("m")))) is TakeFailed


def test_branches_run_from_the_leaf_to_the_root() -> None:
    assert branches(SlotLost("x")) == ("E_SLOT", "E_BRIDGE", "E_FAILED")
    assert issubclass(ProtocolError, BridgeError)


def test_whether_to_try_again_is_the_sender_s_word() -> None:
    body = {**error_body(TakeFailed("m")), "retryable": False}
    assert error_from(body).retryable is False


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["code", "message", "hint", "data", "branches", "retryable"]), inner
            )
        ),
        max_leaves=8,
    )
)
def test_whatever_arrives_as_an_error_is_one(body) -> None:
    assert isinstance(error_from(body), SecondUnitError)
