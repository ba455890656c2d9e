"""Drafts to choose by, and the finish of the chosen one: same ask, same seed, full quality."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from secondunit_bridge.errors import Locked
from secondunit_bridge.unit import Unit

sys.path.insert(0, str(Path(__file__).parent))
import renders
import tiny_models

sys.path.pop(0)


@pytest.fixture(scope="module", autouse=True)
def one_thread(home: Path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECONDUNIT_MODEL_THREADS", "1")
        yield


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> tiny_models.Folders:
    return tiny_models.Folders(tmp_path_factory.mktemp("weights"))


@pytest.fixture
def shoot(su, weights, tmp_path: Path):
    tiny_models.registered(su, weights, "sd15-depth")
    render = renders.written(tmp_path / "render")

    def run(*more: object, generator: str = "sd15-depth") -> dict:
        said = su("previs", "--passes", render, "--brief", "a red ball", "--generator", generator,
                  "--out", tmp_path / "out", "--hold", "--json", "--by", "Kim",
                  *more)  # fmt: skip
        assert said.code in (0, 3), said
        return said.json["takes"]

    return run


def body_of(kind: str, take: str) -> dict:
    with Unit.connect(host="test") as unit:
        entries = [e for e in unit.entries(0) if e.kind == kind]
    if kind == "turnover":
        return next(e.body for e in entries if take in [t["id"] for t in e.body["takes"]])
    return next(e.body for e in entries if e.subject == take)


def test_a_chosen_draft_is_shot_in_full_with_its_own_seed_and_linked(su, shoot):
    steps = ("--option", "steps=2", "--option", "guidance=3.0")
    drafts = shoot(*steps, "--option", "quality=draft", "--seed", 7, "--takes", 2)
    (whole,) = shoot(*steps, "--seed", 8)
    chosen = drafts[1]
    assert chosen["seed"] == 8
    said = su("finish", chosen["take"], "--by", "Ada", "--json")
    assert said.code in (0, 3), said
    made = said.json["take"]
    assert said.json["finish_of"] == chosen["take"]
    assert made["seed"] == 8
    assert made["media"]["digests"] == whole["media"]["digests"]
    assert made["media"]["digests"] != chosen["media"]["digests"]
    assert body_of("take", made["take"])["exactly"]["quality"] == "finish"
    turned = body_of("turnover", made["take"])
    assert turned["finish_of"] == chosen["take"]
    assert turned["turnover"]["artist"] == "Ada"
    assert len(turned["takes"]) == 1
    again = su("finish", chosen["take"], "--by", "Kim", "--json")
    assert again.json["take"]["take"] == made["take"]
    final = ("circle", made["take"], "--by", "Lou", "--class", "final", "--json")
    refused = su(*final)
    assert refused.error == "E_RIGHTS"  # nobody has said what it was trained on
    assert "(rule R8)" in refused.json["error"]["message"]
    cleared = su("rights", "add", "model", "sd15-depth", "--by", "Ada", "--set", "training=own",
                 "--set", "status=cleared", "--set", "commercial=yes")  # fmt: skip
    assert cleared.code == 0, cleared
    circled = su(*final)
    assert circled.code == 0, circled
    record = json.loads(Path(circled.json["version"]["record"]).read_bytes())
    assert record["finish_of"] == chosen["take"]
    _rights_end(su, shoot, circled.json["version"]["name"], drafts[0]["take"])


def _rights_end(su, shoot, version: str, draft: str) -> None:
    """What a lapse and a withdrawal do to takes of a model that was cleared until then."""
    changed = ("rights", "add", "model", "sd15-depth", "--by", "Ada", "--set")
    circle = ("circle", draft, "--by", "Lou", "--json")
    assert su(*changed, "not_after=2026-01-31").code == 0
    lapsed = su(*circle)
    assert lapsed.error == "E_RIGHTS"
    assert "its right ended on 2026-01-31 (rule R4)" in lapsed.json["error"]["message"]
    assert su(*changed, "not_after=", "--set", "projects=OTHER").code == 0
    assert "may be used for OTHER" in su(*circle).json["error"]["message"]
    assert su(*changed, "projects=", "--set", "likeness=person").code == 0
    said = su(*circle)
    assert "no consent is bound to it (rule R6)" in said.json["error"]["message"]
    assert su(*changed, "likeness=none").code == 0
    gone = su("rights", "withdraw", "sd15-depth", "--by", "Ada", "--reason", "the term ended",
              "--json")  # fmt: skip
    assert (gone.code, gone.json["versions"]) == (0, [version])
    with pytest.raises(AssertionError, match="withdrawn: the term ended"):
        shoot("--seed", 99)  # not even a previs is shot with it
    swept = su("rights", "sweep", "--json")
    assert (swept.code, [one["version"] for one in swept.json["withdrawn"]]) == (3, [version])
    assert su(*changed, "status=cleared").code == 0


def test_what_is_no_draft_has_no_finish(su, shoot):
    (finish,) = shoot("--option", "steps=1")
    said = su("finish", finish["take"], "--by", "Ada", "--json")
    assert said.error == "E_LOCKED"
    assert "is a finish already" in said.out
    (slate,) = shoot(generator="slate")
    said = su("finish", slate["take"], "--by", "Ada", "--json")
    assert said.error == "E_LOCKED"
    assert "slate shoots no drafts" in said.out
    (draft,) = shoot("--option", "steps=1", "--option", "quality=draft")
    assert su("reject", draft["take"], "--by", "Ada", "--reason", "too dark").code == 0
    assert "nobody has chosen it" in su("finish", draft["take"], "--by", "Ada", "--json").out
    assert su("finish", draft["take"], "--by", " ", "--json").error == "E_NAME"


def test_a_draft_becomes_temp_and_never_final(su, shoot):
    (draft,) = shoot("--option", "steps=1", "--option", "quality=draft", "--seed", 3)
    said = su("circle", draft["take"], "--by", "Lou", "--class", "final", "--json")
    assert said.error == "E_LOCKED"
    assert "is a draft" in said.out
    assert "secondunit finish" in said.json["error"]["hint"]
    circled = su("circle", draft["take"], "--by", "Lou", "--class", "temp", "--json")
    assert circled.code == 0, circled
    with Unit.connect(host="test") as unit, pytest.raises(Locked, match="is a draft"):
        unit.promote(circled.json["version"]["name"], "Lou")


def test_a_final_draft_is_refused_before_anything_is_shot(su, tmp_path: Path):
    render = renders.written(tmp_path / "render")
    said = su("previs", "--passes", render, "--out", tmp_path / "out", "--class", "final",
              "--option", "quality=draft", "--json")  # fmt: skip
    assert said.code == 2
    assert "cannot become final" in said.out
