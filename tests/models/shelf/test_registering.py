"""Models through the product: added by command, told by the daemon, gated, found changed."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from secondunit.models import shelf
from secondunit.models.presence import absent, confirm, doubts
from secondunit.plugins import Plugins
from secondunit_bridge.errors import (
    FieldError,
    Locked,
    ModelMissing,
    ModelUntrusted,
    NameMissing,
    PathRefused,
    RightsRefused,
    UnknownId,
)
from secondunit_bridge.film import (
    Clearance,
    Model,
    ModelLicence,
    Shot,
    TakeState,
    Turnover,
    Work,
)
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.unit import Unit
from written import lora, pipeline, tell


def added(su, path: Path, *words: object) -> Model:
    """Registers it and reads what was said."""
    from secondunit_bridge.wire import typed

    code, out, err = su("models", "add", path, "--by", "Ada", "--json", *words)
    assert code == 0, out + err
    return typed(Model, json.loads(out)["model"])


def test_a_folder_a_lora_and_a_checkpoint_are_registered_listed_and_told_again_after_a_restart(
    su, folder: Path, tmp_path: Path
):
    model = added(su, folder, "--name", "small")
    look = added(su, lora(tmp_path / "rain.safetensors", "kohya"))
    assert (model.card, model.kind.value, model.by) == ("sd15", "base", "Ada")
    assert (look.name, look.kind.value, look.facts["rank"]) == ("rain", "adapter", 4)
    su("daemon", "stop")
    code, out, _ = su("models", "list", "--json")
    told = json.loads(out)["models"]
    assert code == 0
    assert [one["name"] for one in told] == ["rain", "small"]
    assert [file["sha256"] for file in told[1]["files"]] == [file.sha256 for file in model.files]
    assert "nobody has cleared" in told[1]["against"][0]


def test_clearing_takes_a_name_and_a_reason_and_stays(su, folder: Path):
    added(su, folder, "--name", "small")
    for words in (("--reason", "read"), ("--by", "Ada"), ("--by", " ", "--reason", "read")):
        code, out, err = su("models", "clear", "small", *words)
        assert code == 1, "a decision without a name and a reason is none"
        assert "E_NAME" in out + err
    code, out, _ = su(
        *("models", "clear", "small", "--by", "Grace", "--reason", "read it"),
        *("--territory", "us", "--until", "2099-01-01", "--json"),
    )
    assert code == 0
    assert json.loads(out)["model"]["clearances"][0]["territories"] == ["US"]
    su("daemon", "stop")
    told = json.loads(su("models", "list", "--json")[1])["models"][0]
    assert told["against"] == []
    assert told["clearances"][0]["by"] == "Grace"
    assert su("models", "clear", "nothing", "--by", "A", "--reason", "b")[0] == 1


def test_what_cannot_be_registered_is_said_in_one_sentence_and_one_way_out(su, folder: Path):
    (folder / "unet" / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    code, out, err = su("models", "add", folder, "--by", "Ada")
    assert code == 1
    assert "could run code" in out + err
    assert "E_MODEL_UNTRUSTED" in out + err
    assert "What to do:" in out + err
    assert "Traceback" not in out + err
    assert json.loads(su("models", "list", "--json")[1])["models"] == []


def test_the_roots_hold_for_the_command_and_for_the_daemon(
    su, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    model = added(su, folder, "--name", "small")
    su("daemon", "stop")
    monkeypatch.setenv("SECONDUNIT_MODEL_ROOTS", str(tmp_path / "vetted"))
    code, out, err = su("models", "add", folder, "--by", "Ada", "--name", "again")
    assert code == 1
    assert "E_PATH" in out + err
    with Unit.connect() as unit, pytest.raises(PathRefused, match="outside"):
        unit.add_model(replace(model, name="again"))


def test_the_daemon_takes_no_model_that_is_not_what_it_says(su, folder: Path):
    model = added(su, folder, "--name", "small")
    given = Clearance("Eve", "I say so", model.licence)
    with Unit.connect() as unit:
        assert unit.add_model(replace(model, clearances=(given,))).clearances == ()
        for wrong, error in (
            (replace(model, by=" "), NameMissing),
            (replace(model, name="slate"), Locked),
            (replace(model, name="Bad Name"), FieldError),
            (replace(model, name="b", path="relative"), PathRefused),
            (replace(model, name="b", files=()), ModelUntrusted),
            (replace(model, name="b", path=str(folder / "gone")), ModelMissing),
        ):
            with pytest.raises(error):
                unit.add_model(wrong)
        for clearance, error in (
            (replace(given, licence=ModelLicence("other")), Locked),
            (replace(given, until="some day"), FieldError),
            (replace(given, territories=("USA",)), FieldError),
        ):
            with pytest.raises(error):
                unit.clear_model("small", clearance)
        with pytest.raises(UnknownId):
            unit.clear_model("nothing", given)
        assert [one.name for one in unit.models()] == ["small"]


def test_adding_a_model_again_keeps_its_clearance_only_while_its_terms_stay(su, folder: Path):
    added(su, folder, "--name", "small")
    su("models", "clear", "small", "--by", "Ada", "--reason", "read it")
    added(su, folder, "--name", "small")
    assert json.loads(su("models", "list", "--json")[1])["models"][0]["against"] == []
    (folder / "LICENSE").write_text("Other terms than before.")
    added(su, folder, "--name", "small")
    told = json.loads(su("models", "list", "--json")[1])["models"][0]
    assert "nobody has cleared" in told["against"][0]


def test_weights_that_went_or_changed_are_noticed_without_reading_and_by_hash_when_in_doubt(
    su, folder: Path
):
    model = added(su, folder)
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    assert absent(model) is None
    assert not list(doubts(model))
    confirm(model)
    os.utime(weights)
    assert absent(model) is None
    assert [doubt.path for doubt in doubts(model)] == [weights]
    confirm(model)  # touched, and still the same bytes
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with pytest.raises(ModelUntrusted, match="its bytes are others"):
        confirm(model)
    weights.write_bytes(data + b"more")
    problem = absent(model)
    assert isinstance(problem, ModelUntrusted)
    weights.unlink()
    problem = absent(model)
    assert isinstance(problem, ModelMissing)
    assert "cannot be found" in problem.message


def test_a_part_elsewhere_is_registered_with_the_model_and_a_lone_part_is_not(
    su, folder: Path, tmp_path: Path
):
    control = pipeline(tmp_path / "other") / "unet"
    tell(control / "config.json", _class_name="ControlNetModel")
    code, out, err = su("models", "add", control, "--by", "Ada")
    assert code == 1
    assert "--part controlnet=" in out + err
    model = added(su, folder, "--part", f"controlnet={control}")
    assert model.card == "sd15-depth"
    assert model.parts == {"controlnet": str(control)}
    assert {Path(f.path) for f in model.files if Path(f.path).is_absolute()} == {
        control / "config.json",
        control / "diffusion_pytorch_model.safetensors",
    }


def ask(generator: str, **options: float) -> Turnover:
    rate = Fraction(24)
    shot = Shot("default", "TST", "0010", "g1", FrameRange(1, 4, rate), Handles(0, 0))
    return Turnover(
        shot, Work.previs, generator, brief="rain", options=options, width=64, height=64
    )


def test_what_stands_against_a_model_is_in_the_plan_and_stops_the_turnover(
    su, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    added(su, folder, "--name", "small")
    with Unit.connect() as unit:
        said = " ".join(unit.plan(ask("small"))["refusals"])
        assert "Open RAIL-M has conditions that nobody has cleared" in said
        assert "secondunit models clear small" in said
        with pytest.raises(RightsRefused, match="nobody has cleared") as refused:
            unit.turn_over(ask("small"))
        assert refused.value.data == {"model": "small", "clause": "unread"}
        su("models", "clear", "small", "--by", "Ada", "--reason", "read it")
        plan = unit.plan(ask("small"))
        assert plan["refusals"] == []
        assert "small: licence cleared by Ada: read it" in plan["remarks"]

        added(su, lora(tmp_path / "rain.safetensors"))
        assert unit.plan(ask("small"))["refusals"] == [], "a LoRA that is left off asks for nothing"
        assert "rain: no licence is recorded" in str(unit.plan(ask("small", **{"lora:rain": 0.5})))

        (folder / "unet" / "config.json").unlink()
        assert "cannot be found" in unit.plan(ask("small"))["refusals"][0]
        with pytest.raises(ModelMissing, match=r"config\.json cannot be found"):
            unit.turn_over(ask("small"))
        assert unit.plan(ask("slate"))["refusals"] == [], "what needs no model is not held up"


def test_weights_that_go_while_a_take_waits_stop_it_before_it_is_shot(su, folder: Path):
    added(su, folder, "--name", "small")
    su("models", "clear", "small", "--by", "Ada", "--reason", "read it")
    with Unit.connect() as unit:
        (busy,) = unit.turn_over(replace(ask("slate"), width=1024, height=1024))
        (take,) = unit.turn_over(ask("small"))
        (folder / "unet" / "config.json").unlink()
        unit.wait([busy], timeout=60)
        (shot,) = unit.wait([take], timeout=60)
        assert shot.state is TakeState.failed
        entry = [e for e in unit.entries(0) if e.subject == take and e.kind == "state"][-1]
        assert entry.body["error"]["code"] == "E_MODEL_MISSING"


def test_a_plug_in_that_names_models_is_given_them_and_asked_again(su, folder: Path):
    model = added(su, folder, "--name", "small")
    plugins = Plugins()
    assert "small" not in plugins.generators
    plugins.meet((model,))
    assert plugins.generators["small"].about.models == ("small",)
    plugins.meet((replace(model, name="twin"),))
    assert {"small", "twin"} <= plugins.generators.keys()
    assert not plugins.refused


def test_what_lies_beside_weights_only_claims_and_a_softer_statement_needs_a_clearance(
    su, folder: Path, tmp_path: Path
):
    look = added(su, lora(tmp_path / "loras" / "rain.safetensors", modelspec__license="MIT"))
    assert (look.licence.id, look.licence.claims) == ("", ("MIT",))
    (folder / "README.md").write_text("---\nlicense: cc-by-nc-4.0\n---\n")
    said = added(su, folder, "--name", "small", "--licence", "Apache-2.0")
    assert (said.licence.id, said.licence.claims) == ("Apache-2.0", ("cc-by-nc-4.0",))
    rain, small = json.loads(su("models", "list", "--json")[1])["models"]
    assert "no licence is recorded" in rain["against"][0]
    assert "forbids commercial use" in small["against"][0]
    su("models", "clear", "small", "--by", "Ada", "--reason", "we bought it")
    assert json.loads(su("models", "list", "--json")[1])["models"][1]["against"] == []


def test_a_clearance_does_not_pass_to_other_weights_under_the_same_name(su, folder: Path):
    first = added(su, folder, "--name", "small")
    su("models", "clear", "small", "--by", "Ada", "--reason", "read it")
    tell(folder / "unet" / "config.json", sample_size=8)
    added(su, folder, "--name", "small")
    told = json.loads(su("models", "list", "--json")[1])["models"][0]
    assert "nobody has cleared" in told["against"][0]
    seen = told["clearances"][0]["weights"]
    with Unit.connect() as unit, pytest.raises(Locked, match="other weights"):
        unit.clear_model("small", Clearance("Ada", "again", first.licence, weights=seen))


def test_a_card_that_the_studio_changes_counts_at_once_for_the_daemon_too(
    su, folder: Path, places: Path
):
    added(su, folder, "--name", "small")
    with Unit.connect() as unit:
        assert "nobody has cleared" in str(unit.plan(ask("small"))["refusals"])
        ours = Path(shelf.__file__).parent / "cards" / "sd15.toml"
        own = places / "cards" / "sd15.toml"
        own.parent.mkdir(exist_ok=True)
        own.write_text(
            ours.read_text().replace('commercial = "acknowledge"', 'commercial = "block"')
        )
        assert "forbids commercial use" in str(unit.plan(ask("small"))["refusals"])
        own.unlink()
        assert "forbids" not in str(unit.plan(ask("small"))["refusals"])


def test_our_own_cards_are_read_once(tmp_path: Path):
    first, second = shelf.Shelf(tmp_path), shelf.Shelf(tmp_path)
    assert first.card("sd15") is second.card("sd15")
    assert not first.stale


def test_a_lora_in_a_format_that_the_card_does_not_take_is_refused_in_the_plan(
    su, folder: Path, tmp_path: Path, places: Path
):
    added(su, folder, "--name", "small")
    added(su, lora(tmp_path / "rain.safetensors", "kohya"), "--licence", "MIT")
    su("models", "clear", "small", "--by", "Ada", "--reason", "read it")
    worn = ask("small", **{"lora:rain": 0.5})
    with Unit.connect() as unit:
        assert unit.plan(worn)["refusals"] == []
        text = (Path(shelf.__file__).parent / "cards" / "sd15.toml").read_text()
        (places / "cards").mkdir(exist_ok=True)
        own = text.replace('formats = ["diffusers", "kohya"]', 'formats = ["diffusers"]')
        (places / "cards" / "sd15.toml").write_text(own)
        (said,) = unit.plan(worn)["refusals"]
    assert "rain is written in the format kohya, and small takes diffusers" in said
