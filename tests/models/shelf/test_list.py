"""The list of models is the daemon's: what stands against one there is what a plan refuses."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest
from secondunit.models.pasted import add_again
from secondunit_bridge.errors import Locked, NameMissing, UnknownGenerator, UnknownId
from secondunit_bridge.unit import Unit
from test_registering import added, ask
from written import lora


def listed(su) -> dict[str, dict]:
    return {one["name"]: one for one in json.loads(su("models", "list", "--json")[1])["models"]}


def commands(sentence: str) -> list[list[str]]:
    """Every command of ours in a sentence, from its name to the sentence's end."""
    return [shlex.split(rest) for rest in sentence.split("secondunit ")[1:]]


def test_the_list_says_what_the_plan_says_whatever_this_shell_is_set_to(
    su, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SECONDUNIT_PRODUCTION_USE", "non-commercial")
    monkeypatch.setenv("SECONDUNIT_PRODUCTION_TERRITORIES", "US")
    added(su, folder, "--name", "small", "--licence", "tencent-hunyuan-community")
    su("models", "clear", "small", "--by", "Ada", "--reason", "read it")
    assert listed(su)["small"]["against"] == []
    monkeypatch.setenv("SECONDUNIT_PRODUCTION_USE", "commercial")
    monkeypatch.setenv("SECONDUNIT_PRODUCTION_TERRITORIES", "FR")
    monkeypatch.setenv("SECONDUNIT_LICENCE_POLICY", "free")
    with Unit.connect() as unit:
        assert unit.plan(ask("small"))["refusals"] == []
        assert listed(su)["small"]["against"] == [], "the daemon was started with other settings"
    su("daemon", "stop")
    with Unit.connect() as unit:
        against = listed(su)["small"]["against"]
        assert len(against) == 3
        assert unit.plan(ask("small"))["refusals"] == against
    assert "this production works in FR" in " ".join(against)
    assert against[0] in " ".join(su("generators")[1].split("\n    "))


def test_what_is_gone_from_disk_is_in_the_list_and_in_the_plan(su, folder: Path):
    added(su, folder, "--name", "small", "--licence", "MIT")
    su("models", "clear", "small", "--by", "Ada", "--reason", "ours")
    assert listed(su)["small"]["against"] == []
    shutil.rmtree(folder / "unet")
    (said,) = listed(su)["small"]["against"]
    assert "cannot be found. Mount their disk or put them back." in said
    with Unit.connect() as unit:
        assert unit.plan(ask("small"))["refusals"] == [said]


@pytest.mark.parametrize("where", ["plain", "a folder's own"])
def test_a_hint_is_a_command_that_can_be_pasted(su, folder: Path, tmp_path: Path, where: str):
    place = folder.rename(tmp_path / where)
    control = tmp_path / where / "unet"
    model = added(su, place, "--name", "small-2", "--card", "sd15-depth", "--licence", "MIT",
                  "--part", f"controlnet={control}")  # fmt: skip
    (again,) = commands(add_again(model))
    settings = place / "scheduler" / "scheduler_config.json"
    settings.write_text('{"changed": true}')
    problem, terms = listed(su)["small-2"]["against"]
    assert commands(problem) == [again]
    assert su(*again)[0] == 0
    now = listed(su)["small-2"]
    assert (now["path"], now["card"], now["parts"]) == (str(place), "sd15-depth", model.parts)
    assert now["against"] == [terms]
    (clear,) = commands(terms)
    assert su(*clear)[0] == 0
    assert listed(su)["small-2"]["against"] == []


def test_a_model_that_is_removed_is_off_the_list_and_takes_still_name_it(su, folder: Path):
    added(su, folder, "--name", "small", "--licence", "MIT")
    su("models", "clear", "small", "--by", "Ada", "--reason", "ours")
    with Unit.connect() as unit:
        (take,) = unit.turn_over(ask("small"))
        unit.wait([take], timeout=60)  # these weights are none: it fails, and stays on the books
        for words in (("--reason", "r"), ("--by", "Ada"), ("--by", "Ada", "--reason", " ")):
            assert su("models", "remove", "small", *words)[0] == 1
        assert su("models", "remove", "nothing", "--by", "A", "--reason", "b")[0] == 1
        code, out, _ = su("models", "remove", "small", "--by", "Grace", "--reason", "it was theirs")
        assert code == 0
        assert str(folder) in out
        assert listed(su) == {}
        assert (folder / "unet" / "diffusion_pytorch_model.safetensors").is_file()
        for verb in (unit.plan, unit.turn_over):
            with pytest.raises(UnknownGenerator) as refused:
                verb(ask("small"))
            assert "Its model was taken off the list by Grace: it was theirs." in refused.value.hint
        turned = [entry for entry in unit.entries(0) if entry.kind == "turnover"]
        assert turned[0].body["turnover"]["generator"] == "small"
        assert take in [one.id for one in unit.takes()]
        kinds = [entry.kind for entry in unit.entries(0) if entry.subject == "small"]
        assert kinds == ["model", "clearance", "removal"]
    su("daemon", "stop")
    assert listed(su) == {}


def test_a_removed_model_is_added_again_and_cleared_again(su, folder: Path):
    model = added(su, folder, "--name", "small")
    clear = ("models", "clear", "small", "--by", "Ada", "--reason", "read it")
    su(*clear)
    su("models", "remove", "small", "--by", "Ada", "--reason", "its terms are in doubt")
    for restart in (False, True):
        if restart:
            su("models", "remove", "small", "--by", "Ada", "--reason", "its terms are in doubt")
            su("daemon", "stop")
        assert added(su, folder, "--name", "small") == model
        assert "nobody has cleared" in listed(su)["small"]["against"][0]
        assert su(*clear)[0] == 0
        assert listed(su)["small"]["against"] == []
        su("daemon", "stop")
        assert listed(su)["small"]["against"] == []


def test_the_loras_of_a_removed_model_say_that_they_fit_none(su, folder: Path, tmp_path: Path):
    added(su, folder, "--name", "small", "--licence", "MIT")
    rain = ("--name", "rain", "--licence", "MIT")
    added(su, lora(tmp_path / "rain.safetensors"), *rain)
    su("models", "clear", "rain", "--by", "Ada", "--reason", "ours")
    assert listed(su)["rain"]["against"] == []
    code, out, _ = su("models", "remove", "small", "--by", "A", "--reason", "b", "--json")
    assert (code, json.loads(out)["loras_left"]) == (0, ["rain"])
    (said,) = listed(su)["rain"]["against"]
    assert "was trained for sd15, and no model of that family is registered" in said


def test_a_removal_that_comes_twice_is_written_once(su, folder: Path):
    added(su, folder, "--name", "small")
    with Unit.connect() as unit:
        assert unit.remove_model("small", "Ada", "gone") == ()
        assert unit.remove_model("small", "Ada", "gone") == ()
        with pytest.raises(UnknownId):
            unit.remove_model("small", "Ada", "for another reason")
        with pytest.raises(NameMissing):
            unit.remove_model("small", " ", "gone")
        assert [e.kind for e in unit.entries(0) if e.subject == "small"] == ["model", "removal"]


def test_a_name_that_became_free_may_be_a_lora(su, folder: Path, tmp_path: Path):
    added(su, folder, "--name", "rain")
    file = lora(tmp_path / "rain.safetensors")
    code, out, err = su("models", "add", file, "--by", "Ada")
    assert code == 1
    assert Locked.code in out + err
    su("models", "remove", "rain", "--by", "Ada", "--reason", "named wrong")
    assert added(su, file).kind.value == "adapter"
