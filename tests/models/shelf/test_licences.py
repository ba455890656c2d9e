"""The licence gate: which terms allow which production, what a clearance opens, how long."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from secondunit.models.card import Terms
from secondunit.models.licences import EU, KNOWN, Use, digest_of, notices, refusals, terms_of
from secondunit.models.shelf import Shelf
from secondunit.models.terms import UNREADABLE, claims_in, text_in
from secondunit_bridge.film import Clearance, Model, ModelKind, ModelLicence, WeightFile

FREE = Terms("Apache-2.0", "Apache License 2.0", "allow", "LICENSE", "yes")
READ_ME = Terms("RAIL", "Open RAIL", "acknowledge", "LICENSE", "verify")
NOT_FOR_MONEY = Terms("NC", "Non-Commercial", "block", "LICENSE", "verify")
NOT_HERE = replace(FREE, id="T", name="Territorial", territories_excluded=("EU", "KR"))
CAPPED = replace(FREE, id="C", name="Capped", revenue_cap_usd=10_000_000)

US = Use(territories=("US",), revenue_usd=1_000_000)


def model(licence: str = "", *clearances: Clearance) -> Model:
    return Model("m", ModelKind.base, "c", "", "/w", (), ModelLicence(licence), {}, {}, clearances)


def cleared(
    licence: str = "", *, territories: tuple[str, ...] = (), until: str = "", by: str = "Ada"
) -> Clearance:
    return Clearance(by, "we read it", ModelLicence(licence), territories, until)


@pytest.mark.parametrize(
    ("terms", "use", "clauses"),
    [
        (FREE, US, []),
        (FREE, Use(), []),
        (READ_ME, US, ["unread"]),
        (NOT_FOR_MONEY, US, ["commercial"]),
        (NOT_FOR_MONEY, replace(US, commercial=False), ["unread"]),
        (NOT_HERE, US, []),
        (NOT_HERE, replace(US, territories=("US", "FR")), ["territory"]),
        (NOT_HERE, replace(US, territories=("EU",)), ["territory"]),
        (NOT_HERE, replace(US, territories=("kr",)), ["territory"]),
        (NOT_HERE, replace(US, territories=("GB",)), []),
        (NOT_HERE, replace(US, territories=()), ["territory"]),
        (CAPPED, US, []),
        (CAPPED, replace(US, revenue_usd=9_999_999), []),
        (CAPPED, replace(US, revenue_usd=10_000_000), ["revenue"]),
        (CAPPED, replace(US, revenue_usd=-1), ["revenue"]),
        (replace(CAPPED, territories_excluded=("US",)), Use(territories=("US",)), 2),
    ],
)
def test_terms_forbid_what_they_say_and_nothing_else(terms: Terms, use: Use, clauses):
    found = [refusal.clause for refusal in refusals(model(), terms, use)]
    assert found == clauses if isinstance(clauses, list) else len(found) == clauses


def test_every_refusal_names_the_model_the_licence_and_a_way_out():
    for terms in (READ_ME, NOT_FOR_MONEY, NOT_HERE, CAPPED):
        for refusal in refusals(model(), terms, Use(territories=("FR",), revenue_usd=10**9)):
            assert refusal.says.startswith("m: ")
            assert terms.name in refusal.says
            assert len(refusal.way.split()) > 3


def test_a_named_person_opens_the_way_and_only_for_the_terms_that_were_read():
    assert refusals(model("", cleared()), READ_ME, US) == ()
    assert refusals(model("", cleared()), NOT_FOR_MONEY, US) == ()
    other = replace(cleared(), licence=ModelLicence("", "another text"))
    assert [r.clause for r in refusals(model("", other), READ_ME, US)] == ["unread"]


def test_a_clearance_ends_after_its_last_day():
    given = cleared(until="2027-03-31")
    last, after = date(2027, 3, 31), date(2027, 4, 1)
    assert refusals(model("", given), READ_ME, replace(US, day=last)) == ()
    found = refusals(model("", given), READ_ME, replace(US, day=after))
    assert [refusal.clause for refusal in found] == ["expired", "unread"]
    assert "Ada cleared it until 2027-03-31" in found[0].says
    longer = model("", given, cleared(until="2028-01-01"))
    assert refusals(longer, READ_ME, replace(US, day=after)) == ()


def test_a_territory_is_opened_by_its_name_only():
    here = replace(US, territories=("FR", "US"))
    assert [r.clause for r in refusals(model("", cleared()), NOT_HERE, here)] == ["territory"]
    partly = model("", cleared(territories=("US",)))
    assert [r.clause for r in refusals(partly, NOT_HERE, here)] == ["territory"]
    assert refusals(model("", cleared(territories=("EU", "US"))), NOT_HERE, here) == ()
    assert len(EU) == 27


def test_where_only_free_licences_are_used_a_clearance_does_not_help():
    strict = replace(US, strict=True)
    assert refusals(model(), FREE, strict) == ()
    found = [refusal.clause for refusal in refusals(model("", cleared()), READ_ME, strict)]
    assert found == ["unread", "policy"]


def test_the_weights_own_licence_can_make_terms_harder_and_never_softer():
    card = FREE
    assert terms_of(ModelLicence(""), card) is card
    assert terms_of(ModelLicence("apache-2.0"), card) is card
    assert terms_of(ModelLicence("CC-BY-NC-4.0"), card).commercial == "block"
    assert terms_of(ModelLicence("nobody-knows-1.0"), card).commercial == "acknowledge"
    assert terms_of(ModelLicence("MIT"), NOT_FOR_MONEY).commercial == "block"
    assert terms_of(ModelLicence("MIT"), NOT_HERE).territories_excluded == ("EU", "KR")
    assert terms_of(ModelLicence("MIT"), CAPPED).revenue_cap_usd == 10_000_000


def test_a_lora_without_a_recorded_licence_is_not_used():
    assert [r.clause for r in refusals(model(), None, US)] == ["unread"]
    assert refusals(model("MIT"), None, US) == ()


def test_what_must_be_shown_and_who_cleared_it_is_told():
    said = notices(model("", cleared()), replace(READ_ME, must_show="Made with M."))
    assert said == ("m, Open RAIL: Made with M.", "m: licence cleared by Ada: we read it")
    assert notices(model(), FREE) == ()


def test_certified_cards_that_nobody_must_clear_are_those_whose_terms_were_read():
    cards = list(Shelf(Path("no home")))
    free = {card.card.family for card in cards if not refusals(model(), card.licence, US)}
    assert free == {"wan", "flux2", "qwen"}
    assert all(
        card.licence.checked == "yes" for card in cards if card.licence.commercial == "allow"
    )
    assert KNOWN["tencent-hunyuan-community"].territories_excluded == ("EU", "GB", "KR")


@pytest.mark.parametrize(
    ("head", "claims"),
    [
        ("license: other\nlicense_name: kind-1.0", ("kind-1.0",)),
        ("license: other", ("other",)),
        ("license: cc-by-nc-4.0\nlicense_name: mit", ("cc-by-nc-4.0", "mit")),
        ("license:\n- mit\n- cc-by-nc-4.0\ntags:\n- art", ("mit", "cc-by-nc-4.0")),
        ("license: [mit, 'cc-by-nc-4.0']  # both", ("mit", "cc-by-nc-4.0")),
        ("'license': \"cc-by-nc-4.0\"", ("cc-by-nc-4.0",)),
        ("license:", (UNREADABLE,)),
        ("license: >-\n  cc-by-nc-4.0", (">-",)),
        ("license_link: LICENSE.md\ntags: [license]", ()),
    ],
)
@pytest.mark.parametrize("start", ["", "\ufeff", "\n"], ids=["plain", "marked", "late"])
def test_every_licence_line_of_a_readme_is_a_claim(tmp_path: Path, head, claims, start):
    (tmp_path / "README.md").write_text(f"{start}---\n{head}\n---\n# Hi", "utf-8")
    assert claims_in(tmp_path) == claims


def test_the_licence_beside_weights_is_found_by_its_text_and_its_claim(tmp_path: Path):
    assert (text_in(tmp_path), claims_in(tmp_path)) == ("", ())
    (tmp_path / "LICENSE.md").write_text("Be kind.")
    assert len(text_in(tmp_path)) == 64
    (tmp_path / "README.md").write_text("# No head\nlicense: apache-2.0")
    assert claims_in(tmp_path) == (), "words in the text are no claim"
    (tmp_path / "README.md").write_text("---\nlicense: cc-by-nc-4.0\n---\n", "utf-16")
    assert claims_in(tmp_path) == (UNREADABLE,)
    (tmp_path / "README.md").write_text("---\n" + "tags: x\n" * 40_000 + "license: mit\n---\n")
    assert claims_in(tmp_path) == (UNREADABLE,)


def test_a_claim_hardens_terms_and_opens_nothing():
    def clauses(licence: ModelLicence, card: Terms | None) -> list[str]:
        asked = replace(model(), licence=licence)
        return [refusal.clause for refusal in refusals(asked, card, US)]

    def claimed(*claims: str, said: str = "") -> ModelLicence:
        return ModelLicence(said, "", claims)

    assert clauses(claimed("MIT"), None) == ["unread"]
    assert clauses(claimed("MIT", said="Apache-2.0"), None) == []
    assert clauses(claimed("cc-by-nc-4.0", said="Apache-2.0"), None) == ["commercial"]
    assert clauses(claimed("cc-by-nc-4.0", "mit"), FREE) == ["commercial"]
    assert clauses(claimed("mit", "cc-by-nc-4.0"), FREE) == ["commercial"]
    assert clauses(claimed(UNREADABLE), FREE) == ["unread"]
    assert clauses(claimed("apache-2.0", said="Apache-2.0"), FREE) == []
    assert clauses(claimed("MIT"), NOT_FOR_MONEY) == ["commercial"]


def test_a_clearance_of_unhashed_or_unknown_terms_holds_for_the_weights_it_was_given_for():
    def clauses(licence: ModelLicence, weights: str) -> list[str]:
        file = WeightFile("a.safetensors", weights, 1)
        first = replace(model(), licence=licence, files=(replace(file, sha256="1" * 64),))
        given = Clearance("Ada", "read", licence, weights=digest_of(first))
        now = replace(first, files=(file,), clearances=(given,))
        return [refusal.clause for refusal in refusals(now, READ_ME, US)]

    for licence in (ModelLicence("MIT"), ModelLicence("kind", "text"), ModelLicence("", "text")):
        assert clauses(licence, "1" * 64) == []
        assert clauses(licence, "2" * 64) == ["unread"], licence
    assert clauses(ModelLicence("MIT", "text"), "2" * 64) == []


@pytest.mark.parametrize("places", [("US", "FR"), ("US", "FR", "KR"), ("EU", "US"), ("DE", "FR")])
def test_doing_as_a_territory_refusal_says_opens_the_way(places: tuple[str, ...]):
    here = replace(US, territories=places)
    (no,) = refusals(model(), NOT_HERE, here)
    named = tuple(re.findall("--territory ([A-Z]{2})", no.way))
    assert "US" not in named
    assert refusals(model("", cleared(territories=named)), NOT_HERE, here) == ()
    each = [cleared(territories=(code,)) for code in named]
    assert refusals(model("", *each), NOT_HERE, here) == (), "clearances add up"
    if len(named) > 1:
        assert refusals(model("", each[0]), NOT_HERE, here) == (no,)
