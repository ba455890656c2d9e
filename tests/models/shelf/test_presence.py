"""Before a take: nothing of a model is loaded that was not registered, and nothing read twice."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from secondunit.models import presence, scan
from secondunit.models.presence import Witness, absent, confirm
from secondunit.models.shelf import Shelf
from secondunit_bridge.errors import Cancelled, ModelUntrusted
from secondunit_bridge.film import Model, TakeState
from secondunit_bridge.unit import Unit
from test_registering import added, ask
from written import lora, pipeline

WEIGHTS = "diffusion_pytorch_model.safetensors"


def registered(folder: Path, **parts: Path) -> Model:
    return scan.read_through(scan.look(folder, Shelf(folder), parts=parts), name="one", by="Ada")


def in_shards(part: Path) -> list[Path]:
    """The part's weights once more, under a name that libraries look for first."""
    shard = part / "diffusion_pytorch_model-00001-of-00001.safetensors"
    shutil.copy(part / WEIGHTS, shard)
    index = part / f"{WEIGHTS}.index.json"
    index.write_text(json.dumps({"weight_map": {"weight": shard.name}}))
    return [shard, index]


def test_weights_that_are_added_later_are_refused_until_they_are_gone_again(folder: Path):
    model = registered(folder)
    confirm(model)
    more = in_shards(folder / "unet")
    for check in (confirm, lambda model: str(absent(model)) and confirm(model)):
        with pytest.raises(ModelUntrusted, match="nobody registered") as refused:
            check(model)
    assert refused.value.data["path"] == str(more[0])
    confirm(registered(folder)), "registered anew it is another model"
    for file in more:
        file.unlink()
    confirm(model)


@pytest.mark.parametrize("name", ["adapter_config.json", "model.safetensors", "tokenizer.json"])
def test_whatever_a_library_may_look_for_is_refused_beside_a_part(folder: Path, name: str):
    model = registered(folder)
    (folder / "text_encoder" / name).write_text("{}")
    assert name in str(absent(model))


def test_what_no_library_reads_is_nobodys_business(folder: Path):
    model = registered(folder)
    (folder / "notes.txt").write_text("the good one")
    (folder / "unet" / ".DS_Store").write_bytes(b"\0")
    (folder / "samples").mkdir()
    (folder / "samples" / "one.png").write_bytes(b"")
    confirm(model)


def test_a_part_elsewhere_is_looked_at_in_the_same_way(folder: Path, tmp_path: Path):
    control = pipeline(tmp_path / "other") / "unet"
    model = registered(folder, controlnet=control)
    confirm(model)
    in_shards(control)
    with pytest.raises(ModelUntrusted, match="nobody registered"):
        confirm(model)


def test_files_beside_a_lora_are_others(tmp_path: Path):
    model = registered(lora(tmp_path / "rain.safetensors"))
    lora(tmp_path / "snow.safetensors")
    confirm(model)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were read and hashed."""
    names: list[str] = []
    hashed = presence.hashed

    def counted(path, told):
        names.append(path.name)
        return hashed(path, told)

    monkeypatch.setattr(presence, "hashed", counted)
    return names


def test_what_was_touched_is_read_once_and_not_at_every_take(folder: Path, read: list[str]):
    model, witness = registered(folder), Witness()
    confirm(model, witness=witness)
    assert read == [], "size and date say it"
    for file in model.files:
        os.utime(folder / file.path)
    for _ in range(3):
        confirm(model, witness=witness)
    assert len(read) == len(model.files)
    confirm(replace(model, name="two"), witness=witness)
    assert len(read) == len(model.files), "nor for another model of the same files"
    os.utime(folder / "unet" / WEIGHTS)
    confirm(model, witness=witness)
    assert read[len(model.files) :] == [WEIGHTS]


def test_what_was_read_and_then_changed_is_read_again(folder: Path):
    model, witness, file = registered(folder), Witness(), folder / "unet" / WEIGHTS
    os.utime(file)
    confirm(model, witness=witness)
    told, data = file.stat(), bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    os.utime(file, ns=(told.st_atime_ns, told.st_mtime_ns))  # as if nobody had been there
    with pytest.raises(ModelUntrusted, match="its bytes are others"):
        confirm(model, witness=witness)


def test_reading_that_was_stopped_is_not_taken_for_read(folder: Path, read: list[str]):
    model, witness = registered(folder), Witness()
    os.utime(folder / "unet" / WEIGHTS)

    def stop() -> None:
        raise Cancelled("the take was stopped")

    with pytest.raises(Cancelled):
        confirm(model, stop, witness)
    confirm(model, witness=witness)
    assert read == [WEIGHTS, WEIGHTS]


def test_weights_that_change_while_a_take_waits_are_not_shot_with(su, folder: Path):
    added(su, folder, "--name", "small")
    su("models", "clear", "small", "--by", "Ada", "--reason", "read it")
    file = folder / "unet" / WEIGHTS
    with Unit.connect() as unit:
        (busy,) = unit.turn_over(replace(ask("slate"), width=1024, height=1024))
        (take,) = unit.turn_over(ask("small"))
        data = bytearray(file.read_bytes())
        data[-1] ^= 1
        file.write_bytes(data)
        unit.wait([busy], timeout=60)
        (shot,) = unit.wait([take], timeout=60)
        assert shot.state is TakeState.failed
        entry = [e for e in unit.entries(0) if e.subject == take and e.kind == "state"][-1]
        assert entry.body["error"]["code"] == "E_MODEL_UNTRUSTED"
