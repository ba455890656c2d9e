"""Weights are read as bytes, within limits: what is unsound is refused, nothing of it is run."""

from __future__ import annotations

import builtins
import io
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.models import scan
from secondunit.models.adapters import adapter_of, is_adapter
from secondunit.models.folder import folder_at, inside
from secondunit.models.safetensors import MAX_HEADER, header_of
from secondunit.models.shelf import Shelf
from secondunit.models.suspects import suspect
from secondunit.models.weights import read_weights
from secondunit_bridge.errors import (
    CardWrong,
    FieldError,
    ModelMissing,
    ModelUntrusted,
    PathRefused,
)
from secondunit_bridge.film import Model
from written import lora, pipeline, safetensors, tell


def scanned(folder: Path) -> Model:
    """What would be registered."""
    return scan.read_through(scan.look(folder, Shelf(folder)), name="", by="Ada")


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, sprung: Path) -> None:
        self.sprung = sprung

    def __reduce__(self):
        return (os.mkdir, (str(self.sprung),))


def torch_zip(trap: Trap) -> bytes:
    """A pickle in a zip, as torch.save writes it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(trap, 2))
    return packed.getvalue()


@pytest.fixture
def trap(tmp_path: Path):
    """A trap that must not have sprung when the test ends; it would have, if it were loaded."""
    sprung = tmp_path / "sprung"
    yield Trap(sprung)
    assert not sprung.exists()
    pickle.loads(pickle.dumps(Trap(sprung)))
    assert sprung.exists()


PICKLES = {
    "protocol 0": lambda trap: pickle.dumps(trap, 0),
    "protocol 2": lambda trap: pickle.dumps(trap, 2),
    "protocol 5": lambda trap: pickle.dumps(trap, 5),
    "a zip of torch": torch_zip,
}


@pytest.mark.parametrize("kind", PICKLES)
@pytest.mark.parametrize(
    "name", ["unet/pytorch_model.bin", "unet/model.safetensors", "unet/vocab.txt"]
)
def test_a_pickle_is_refused_whatever_it_is_called(folder: Path, trap: Trap, kind: str, name: str):
    (folder / name).write_bytes(PICKLES[kind](trap))
    with pytest.raises(ModelUntrusted, match=r"pickle|zip") as refused:
        scanned(folder)
    assert "Nothing of it was run" in refused.value.hint


def test_weights_of_other_formats_are_refused_even_when_they_look_harmless(folder: Path):
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"\0" * 100)
    with pytest.raises(ModelUntrusted, match=r"\.bin is not safetensors"):
        folder_at(folder)


def test_a_sound_folder_is_taken_and_every_file_of_it_is_hashed(folder: Path):
    found = scan.look(folder, Shelf(folder))
    model = scan.read_through(found, name="sound", by="Ada")
    assert model.card == "sd15"
    assert {file.path for file in model.files} == {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
    }
    assert all(len(file.sha256) == 64 and file.modified for file in model.files)
    assert (model.facts["parameters"], model.facts["dtype"]) == (128, "F32")


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (2**62, "claims"),
        (2**64 - 1, "claims"),
        (MAX_HEADER + 1, "claims"),
        (10_000, "claims"),
        (0, "JSON"),
    ],
)
def test_a_header_of_an_absurd_length_is_refused_unread(tmp_path: Path, length: int, words: str):
    file = tmp_path / "big.safetensors"
    file.write_bytes(struct.pack("<Q", length) + b'{"a": 1}')
    read: list[int] = []
    real = builtins.open

    class Counting(io.BufferedReader):
        def read(self, size: int | None = -1) -> bytes:
            got = super().read(size)
            read.append(len(got))
            return got

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(builtins, "open", lambda *a: Counting(real(*a).detach()))
        with pytest.raises(ModelUntrusted, match=words):
            header_of(file)
    assert 8 <= sum(read) < 100


SPOILT = {
    "overlapping": ({"b": {"data_offsets": [8, 24]}}, "lies over"),
    "gap": ({"b": {"data_offsets": [20, 36]}}, "leaves a gap"),
    "backwards": ({"b": {"data_offsets": [32, 16]}}, "no sound place"),
    "negative": ({"b": {"data_offsets": [-16, 0]}}, "no sound place"),
    "past the end": ({"b": {"shape": [8], "data_offsets": [16, 48]}}, "fewer bytes"),
    "another size": ({"b": {"shape": [2**40]}}, "another size"),
    "negative shape": ({"b": {"shape": [-4]}}, "no sound shape"),
    "unknown kind": ({"b": {"dtype": "PICKLE"}}, "no known kind"),
    "not a number": ({"b": {"shape": ["4"]}}, "no sound shape"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_tensors_that_overlap_or_lead_out_of_the_file_are_refused(tmp_path: Path, how: str):
    spoil, words = SPOILT[how]
    two = {"a": ("F32", np.ones(4)), "b": ("F32", np.ones(4))}
    assert len(header_of(safetensors(tmp_path / "sound.safetensors", two)).tensors) == 2
    with pytest.raises(ModelUntrusted, match=words):
        header_of(safetensors(tmp_path / "bad.safetensors", two, **spoil))


def test_bytes_after_the_last_tensor_and_names_said_twice_are_refused(tmp_path: Path):
    file = safetensors(tmp_path / "a.safetensors", {"a": ("F32", np.ones(4))})
    file.write_bytes(file.read_bytes() + b"hidden")
    with pytest.raises(ModelUntrusted, match="more bytes"):
        header_of(file)
    one = '"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}'
    text = f"{{{one}, {one}}}".encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text + b"\0" * 4)
    with pytest.raises(ModelUntrusted, match="twice"):
        header_of(file)


@given(st.binary(max_size=400))
def test_no_bytes_at_all_make_the_reader_stumble(data: bytes):
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        file = Path(folder) / "any.safetensors"
        for text in (data, struct.pack("<Q", len(data)) + data):
            file.write_bytes(text)
            try:
                read_weights(file)
            except ModelUntrusted:
                continue


BAD_NUMBERS = {
    "F32": (np.array([0.0, np.nan, 1.0]), np.array([0.0, -np.inf])),
    "F16": (np.array([0.0, np.nan], "<f2"), np.array([np.inf], "<f2")),
    "BF16": (np.array([0x7FC0], "<u2"), np.array([0x7F80], "<u2")),
    "F8_E4M3": (np.array([0xFF], "u1"), None),
}


@pytest.mark.parametrize("kind", BAD_NUMBERS)
def test_numbers_that_are_none_are_found_wherever_they_lie(tmp_path: Path, kind: str):
    fine = np.arange(10_000) % 100
    none, endless = BAD_NUMBERS[kind]
    sound = {"a": (kind, fine), "b": ("I64", np.arange(3))}
    assert read_weights(safetensors(tmp_path / "a.safetensors", sound)).parameters == 10_003
    for bad, words in ((none, "NaN"), (endless, "endless")):
        if bad is not None:
            tensors = {"a": (kind, fine), "z": (kind, bad)}
            with pytest.raises(ModelUntrusted, match=words) as refused:
                read_weights(safetensors(tmp_path / "b.safetensors", tensors))
            assert refused.value.data["tensor"] == "z"
    if kind == "F32":  # a mask is made of endless numbers
        mask = {"attn_mask": ("F32", np.array([0.0, -np.inf]))}
        read_weights(safetensors(tmp_path / "c.safetensors", mask))


CODE = {
    "a file of code": lambda f: (f / "unet" / "my_unet.py").write_text("import os"),
    "a pipeline of its own": lambda f: tell(f / "model_index.json", _class_name=["mine", "Mine"]),
    "a component of its own": lambda f: tell(f / "model_index.json", unet=["my_unet", "MyUNet"]),
    "auto_map": lambda f: tell(f / "unet" / "config.json", auto_map={"AutoModel": "a--b.C"}),
    "deep auto_map": lambda f: tell(f / "unet" / "config.json", a=[{"b": {"auto_map": {"A": 1}}}]),
    "trust": lambda f: tell(f / "unet" / "config.json", trust_remote_code=True),
    "a tokenizer's auto_map": lambda f: (f / "text_encoder" / "tokenizer_config.json").write_text(
        json.dumps({"auto_map": {"AutoTokenizer": ["a--b.C", None]}})
    ),
    "kernels": lambda f: tell(f / "unet" / "config.json", _attn_implementation="hub/flash"),
    "kernels of one part": lambda f: tell(
        f / "text_encoder" / "config.json", attn_implementation={"text_config": "hub/flash"}
    ),
}


@pytest.mark.parametrize("how", CODE)
def test_a_folder_that_asks_for_code_is_refused(folder: Path, how: str):
    folder_at(folder)
    CODE[how](folder)
    with pytest.raises(ModelUntrusted, match="code"):
        folder_at(folder)


def test_a_link_that_leads_out_of_the_folder_is_refused_and_one_inside_is_not(
    folder: Path, tmp_path: Path
):
    (folder / "unet" / "twin.json").symlink_to(folder / "unet" / "config.json")
    folder_at(folder)
    (tmp_path / "secret.json").write_text("{}")
    (folder / "unet" / "out.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(PathRefused, match="leads out") as refused:
        folder_at(folder)
    assert "cp -rL" in refused.value.hint


def test_shards_lie_beside_their_index(folder: Path):
    index = folder / "unet" / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"w": "diffusion_pytorch_model.safetensors"}}))
    folder_at(folder)
    for name in ("../../other.safetensors", "/etc/passwd", "C:\\x.safetensors", "a.bin"):
        index.write_text(json.dumps({"weight_map": {"w": name}}))
        with pytest.raises(PathRefused, match="beside it"):
            folder_at(folder)
    index.write_text(json.dumps({"weight_map": {"w": "gone.safetensors"}}))
    with pytest.raises(ModelMissing, match="not complete"):
        folder_at(folder)


def test_a_shard_that_is_hidden_is_refused_since_nobody_would_look_at_it(folder: Path):
    unet = folder / "unet"
    index = unet / "diffusion_pytorch_model.safetensors.index.json"
    for name in (".other.safetensors", ".more/other.safetensors"):
        (unet / name).parent.mkdir(exist_ok=True)
        (unet / name).write_bytes((unet / "diffusion_pytorch_model.safetensors").read_bytes())
        folder_at(folder)
        index.write_text(json.dumps({"weight_map": {"weight": name}}))
        with pytest.raises(ModelUntrusted, match="which is hidden"):
            folder_at(folder)
        index.unlink()


def test_a_path_outside_the_roots_is_refused_also_through_a_link(tmp_path: Path):
    inner, outer = tmp_path / "weights", tmp_path / "elsewhere"
    for place in (inner, outer):
        place.mkdir()
    (inner / "link").symlink_to(outer)
    scan.within(inner / "a", [str(inner)])
    scan.within(outer, [])
    for path in (outer, inner / "link" / "a", inner / ".." / "elsewhere"):
        with pytest.raises(PathRefused, match="outside"):
            scan.within(path, [str(inner)])
    with pytest.raises(PathRefused, match="full path"):
        scan.within(Path("weights/a"), [])
    assert not inside("../a")
    assert not inside("c:\\a")
    assert inside("unet/a.json")


def test_what_is_missing_is_named(folder: Path, tmp_path: Path):
    (folder / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(ModelMissing, match="unet has no weights"):
        folder_at(folder)
    with pytest.raises(ModelMissing, match="neither"):
        folder_at(tmp_path)
    control = pipeline(tmp_path / "whole") / "unet"
    with pytest.raises(ModelMissing, match="one part") as refused:
        scan.look(control, Shelf(tmp_path))
    assert "--part" in refused.value.hint


@pytest.mark.parametrize(("form", "told"), [("peft", "diffusers"), ("kohya", "kohya")])
def test_a_lora_is_known_by_its_tensors(tmp_path: Path, form: str, told: str):
    file = lora(tmp_path / "look.safetensors", form, modelspec__title="Rain", ss_dataset_dirs="{}")
    header = header_of(file)
    assert is_adapter(header)
    adapter = adapter_of(header, file)
    assert (adapter.format, adapter.rank, adapter.family) == (told, 4, "sd15")
    assert (adapter.targets, adapter.parts) == (("to_k",), ("unet",))
    assert adapter.claims["title"] == "Rain"
    wide = lora(tmp_path / "wide.safetensors", form, width=2048)
    assert adapter_of(header_of(wide), wide).family == "sdxl"


def test_a_lora_that_would_load_wrong_without_a_word_is_refused(tmp_path: Path):
    # Converting the state dict before saving mixes two formats: it loads, and draws nonsense.
    matrix = ("F32", np.ones((4, 8)))
    mixed = {
        "unet.proj_in.lora_A.weight": matrix,
        "unet.proj_in.lora_B.weight": matrix,
        "unet.to_q.lora.down.weight": matrix,
        "unet.to_q.lora.up.weight": matrix,
    }
    half = {"unet.to_q.lora_A.weight": matrix}
    both = {**half, "unet.to_q.lora_B.weight": matrix}
    strange = {**both, "unet.conv_in.weight": matrix}
    for tensors, words in ((mixed, "mixes"), (half, "half"), (strange, "no LoRA's")):
        file = safetensors(tmp_path / "bad.safetensors", tensors)
        with pytest.raises(ModelUntrusted, match=words):
            adapter_of(header_of(file), file)
    file = safetensors(tmp_path / "good.safetensors", both)
    assert adapter_of(header_of(file), file).rank == 4


def test_a_checkpoint_in_one_file_needs_a_folder_for_its_settings(tmp_path: Path, folder: Path):
    shelf = Shelf(tmp_path)
    entry = ("F32", np.ones((8, 9, 1, 1)))
    names = ("cond_stage_model.transformer.a", "model.diffusion_model.input_blocks.0.0.weight")
    file = safetensors(tmp_path / "v1.safetensors", dict.fromkeys(names, entry))
    with pytest.raises(ModelMissing, match="settings") as refused:
        scan.look(file, shelf)
    assert "--part config=DIR" in refused.value.hint
    found = scan.look(file, shelf, parts={"config": folder})
    assert found.card is not None
    assert found.card.name == "sd15-inpaint", "nine channels go in: it was trained to inpaint"
    model = scan.read_through(found, name="", by="Ada")
    assert model.name == "v1"
    assert model.files[0].path == ""
    unknown = safetensors(tmp_path / "what.safetensors", {"a": ("F32", np.ones(3))})
    with pytest.raises(CardWrong, match="which model"):
        scan.look(unknown, shelf)


def test_a_part_in_one_file_is_read_like_the_rest_and_has_to_be_safetensors(
    folder: Path, tmp_path: Path, trap: Trap
):
    shelf = Shelf(tmp_path)
    good = safetensors(tmp_path / "ip.safetensors", {"image_proj.w": ("F32", np.ones(4))})
    parts = {"ip_adapter": good}
    with pytest.raises(FieldError, match="no such part"):  # nothing would ever load it
        scan.look(folder, shelf, parts={**parts, "image_encoder": folder / "text_encoder"})
    model = scan.read_through(scan.look(folder, shelf, parts=parts), name="", by="Ada")
    assert str(good) in {file.path for file in model.files}
    assert model.parts["ip_adapter"] == str(good)
    (tmp_path / "ip.bin").write_bytes(good.read_bytes())
    (tmp_path / "evil.safetensors").write_bytes(torch_zip(trap))
    for name, words in (("ip.bin", "goes by its name"), ("evil.safetensors", "under another name")):
        with pytest.raises(ModelUntrusted, match=words):
            scan.look(folder, shelf, parts={"ip_adapter": tmp_path / name})
    with pytest.raises(ModelMissing, match="no model at"):
        scan.look(folder, shelf, parts={"ip_adapter": tmp_path / "gone.safetensors"})
    bad = safetensors(tmp_path / "nan.safetensors", {"a": ("F32", np.array([np.nan]))})
    found = scan.look(folder, shelf, parts={"ip_adapter": bad})
    with pytest.raises(ModelUntrusted, match="NaN"):
        scan.read_through(found, name="", by="Ada")


def test_a_folder_that_is_no_model_is_not_walked_through(tmp_path: Path):
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / "waits for ever")
    with pytest.raises(ModelMissing, match="neither"):
        folder_at(tmp_path / "pipe")
    (tmp_path / "pipe" / "config.json").write_text("{}")
    with pytest.raises(ModelUntrusted, match="is not a file"):
        folder_at(tmp_path / "pipe")


def test_a_card_for_another_pipeline_and_an_unknown_part_are_refused(folder: Path):
    shelf = Shelf(folder)
    with pytest.raises(CardWrong, match="is for WanVACEPipeline"):
        scan.look(folder, shelf, card="wan-vace")
    with pytest.raises(FieldError, match="no such part"):
        scan.look(folder, shelf, parts={"hat": folder / "unet"})
    assert scan.look(folder, shelf, card="sd15-inpaint").card is shelf.card("sd15-inpaint")


def test_the_length_of_a_header_is_not_taken_for_a_program():
    for mark in (b"MZ", b"#!", b"\x1f\x8b", b"\x80\x04"):
        assert suspect(mark + b"rest of it") != ""
        assert suspect(mark + b"\0" * 6 + b'{"a"') == ""
