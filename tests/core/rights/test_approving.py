"""Who approves is not who asked: refused with the way out, open to one who works alone."""

from __future__ import annotations

import pytest
from secondunit.rights.approving import UNSET, own_work
from secondunit_bridge.errors import OwnWork

NOBODY: tuple[str, ...] = ()


def approved(maker: str, by: str, crew: tuple[str, ...] = NOBODY, reason: str = "") -> str:
    return own_work("3fa9.1", "HAL", maker, by, crew, reason)


@pytest.mark.parametrize(("maker", "by"), [("Ada", "Kim"), ("", "Kim")])
def test_somebody_else_approves_without_a_word(maker: str, by: str):
    assert approved(maker, by, ("Ada", "Kim", "Lou")) == ""


@pytest.mark.parametrize("by", ["Ada", " ada ", "ADA"])
def test_the_one_who_asked_is_refused_and_hears_who_may(by: str):
    with pytest.raises(OwnWork) as refused:
        approved("Ada", by, ("Ada", "Kim"), "nobody is here")  # a reason does not help: Kim is
    assert refused.value.code == "E_OWN_WORK"
    assert "secondunit circle 3fa9.1 --by 'Kim'" in refused.value.hint
    assert refused.value.data["others"] == ["Kim"]


def test_alone_it_takes_a_reason_and_the_reason_is_what_stands_in_the_record():
    with pytest.raises(OwnWork) as refused:
        approved("Ada", "Ada", ("Ada", ""))
    assert "secondunit rights alone HAL --by NAME --reason R" in refused.value.hint
    assert approved("Ada", "Ada", ("Ada",), "a film school exercise") == "a film school exercise"


def test_where_no_production_is_set_up_the_record_says_just_that():
    assert own_work("3fa9.1", "default", "Ada", "Ada", ("Kim",), "") == UNSET
