"""The exports against what their publishers demand: OMC 2.8, and SPDX 3.0.1 with its AI profile."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from omc_rules import ENTITIES
from paper_cut import gathered, wish
from secondunit.packet.build import story_of
from secondunit.packet.exports import omc
from secondunit.packet.spdx import spdx

jsonschema = pytest.importorskip("jsonschema", reason="pip install 'secondunit[test]'")
PUBLISHED = os.environ.get("SECONDUNIT_TEST_OMC_SCHEMA", "")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("paper")
    return story_of(gathered(folder, 6, 4), wish(folder), ())


def against(schema: dict, entities: object) -> list[str]:
    kind = jsonschema.validators.validator_for(schema)
    return [one.message for one in kind(schema).iter_errors(entities)]


def test_every_asset_keeps_the_rules_of_omc(story: Any):
    told = omc(story)
    assert len(told) == 4
    assert against(ENTITIES, told) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schemaVersion": "2.8"}, "is not one of"),
        ({"identifier": []}, "non-empty"),
        ({"provenance": {"createdOn": "yesterday"}}, "does not match"),
        ({"provenance": {"approvedBy": "Ada"}}, "Additional properties"),
        ({"customData": [{"record": "abc"}]}, "Additional properties"),
        ({"version": {"DerivationOf": {"name": "plate"}}}, "Additional properties"),
    ],
)
def test_the_rules_of_omc_would_find_a_fault(story: Any, change: dict, said: str):
    told = omc(story)
    told[1] |= change
    assert any(said in one for one in against(ENTITIES, told))


@pytest.mark.skipif(not PUBLISHED, reason="SECONDUNIT_TEST_OMC_SCHEMA names no schema of MovieLabs")
def test_every_asset_is_valid_against_the_schema_that_movielabs_publishes(story: Any):
    schema = json.loads(Path(PUBLISHED).read_text(encoding="utf-8"))
    assert against(schema, omc(story)) == []


def read_back(document: dict) -> tuple[Any, Any]:
    """Through SPDX's own model, made from its SHACL shapes: wrong words and types raise."""
    from spdx_python_model import v3_0_1 as model

    found = model.SHACLObjectSet()
    model.JSONLDDeserializer().read(io.BytesIO(json.dumps(document).encode()), found)
    model.JSONLDSerializer().write(found, io.BytesIO())  # what is demanded and missing raises here
    return model, found


def test_the_list_of_models_is_what_spdx_s_own_model_reads_and_writes(story: Any):
    pytest.importorskip("spdx_python_model", reason="pip install 'secondunit[test]'")
    model, found = read_back(spdx(story))
    assert not found.missing_ids
    packages = {one.name: one for one in found.foreach_type(model.ai_AIPackage)}
    assert set(packages) == {"flux-dev", "hero"}
    hero = packages["hero"]
    for demanded in ("suppliedBy", "releaseTime", "software_downloadLocation",
                     "software_packageVersion", "software_primaryPurpose"):  # fmt: skip
        assert getattr(hero, demanded)
    assert hero.ai_useSensitivePersonalInformation.endswith("/yes")
    how: dict[str, list[Any]] = {}
    for one in found.foreach_type(model.Relationship):
        if one.from_ is hero:
            how.setdefault(str(one.relationshipType).rpartition("/")[2], []).append(one.to)
    assert sorted(how) == ["hasConcludedLicense", "hasDeclaredLicense", "trainedOn"]
    assert [len(each) for each in how.values()] == [1, 1, 1]  # the AI profile: exactly one each
    assert sorted(one.name for one in how["trainedOn"][0]) == [
        "Scan of 3 May 2026, 412 pictures", "hero-stills"]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [("software_primaryPurpose", "a model"), ("ai_useSensitivePersonalInformation", "perhaps"),
     ("releaseTime", "in May"), ("creationInfo", None)],
)  # fmt: skip
def test_spdx_s_own_model_would_find_a_fault(story: Any, field: str, value: object):
    pytest.importorskip("spdx_python_model", reason="pip install 'secondunit[test]'")
    document = spdx(story)
    package = next(one for one in document["@graph"] if one["type"] == "ai_AIPackage")
    package[field] = value
    if value is None:
        del package[field]
    with pytest.raises((ValueError, TypeError, KeyError)):
        read_back(document)
