"""Cards: ours name what the installed library has; a studio's own are read strictly."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
from secondunit.models.card import Card, read
from secondunit.models.shelf import Shelf
from secondunit_bridge.errors import CardWrong

CARDS = list(Shelf(Path("no home")))
FAMILIES = {"wan", "ltx", "sdxl", "flux2", "flux", "qwen", "z-image", "sd15"}

OURS = """
[card]
name = "house"
version = "1"
sentence = "The house model."
family = "sdxl"
pipeline = "StableDiffusionXLPipeline"
works = ["previs"]
[limits]
still = true
[ports.brief]
argument = "prompt"
form = "text"
sentence = "What it shows."
[call]
num_inference_steps = 20
[options.steps]
argument = "num_inference_steps"
default = 20
low = 1
high = 50
sentence = "Steps."
[denoiser]
components = ["unet"]
[licence]
id = "Apache-2.0"
name = "Apache"
commercial = "allow"
source = "our own weights"
checked = "yes"
"""


def changed(old: str, new: str) -> bytes:
    assert old in OURS
    return OURS.replace(old, new, 1).encode()


def test_there_is_a_card_for_every_family():
    assert {card.card.family for card in CARDS} == FAMILIES
    assert len({card.name for card in CARDS}) == len(CARDS) >= 30


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_every_argument_of_a_card_is_one_that_the_installed_pipeline_takes(card: Card):
    import diffusers

    kind = getattr(diffusers, card.card.pipeline)
    taken = inspect.signature(kind.__call__).parameters
    assert not card.arguments() - taken.keys()
    built = inspect.signature(kind.__init__).parameters
    parts = {name for name in card.components if name != "ip_adapter"}
    assert not {*card.denoiser.components, *parts} - built.keys()
    assert not [name for name in card.card.opens if not hasattr(diffusers, name)]
    required = {
        name
        for name, asked in taken.items()
        if asked.default is inspect.Parameter.empty
        and asked.kind is asked.POSITIONAL_OR_KEYWORD
        and name != "self"
    }
    needed = {port.argument for port in card.ports.values() if port.required}
    assert required <= needed


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_card_says_what_it_is_where_its_terms_were_read_and_how_loras_fit(card: Card):
    import diffusers

    kind = getattr(diffusers, card.card.pipeline)
    assert len(card.card.sentence.split()) > 4
    assert card.licence.source
    loads = any("Lora" in base.__name__ for base in kind.__mro__)
    assert card.adapters.supported == loads
    uses_ip = any(port.form == "ip_adapter" for port in card.ports.values())
    assert not uses_ip or hasattr(kind, "load_ip_adapter")
    if "plate" in [work.value for work in card.card.works]:
        assert {"plate", "matte"} <= card.ports.keys()


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_cards_constants_are_the_defaults_that_people_see(card: Card):
    told = {option.argument: option.default for option in card.options.values()}
    assert not [name for name, value in told.items() if card.call.get(name) != value]


def test_sizes_and_frame_rules_are_those_the_pipelines_insist_on():
    rules = {card.name: (card.limits.size_multiple, card.limits.frame_rule) for card in CARDS}
    assert rules["wan-vace"] == rules["wan-flf"] == rules["wan-t2v"] == (16, (4, 1))
    assert rules["ltx-keyframes"] == (32, (8, 1))


WRONG = {
    'name = "house"': ('name = "House Model"', r"\[card\] name: 'House Model'"),
    "[limits]": ("[limit]", r"limit: no such field; did you mean limits\?"),
    "still = true": ("stil = true", r"\[limits\] stil: no such field; did you mean still\?"),
    'works = ["previs"]': ('works = ["previz"]', r"\[card\] works\[0\]: expected one of insert"),
    "low = 1": ('low = "one"', r"\[options.steps\] low: expected float, got str"),
    "default = 20": ("default = 80", r"\[options.steps\] default: 80 is not 1 to 50"),
    "[ports.brief]": ("[ports.prompt]", r"\[ports.prompt\]: no such port; there are plate"),
    'form = "text"': ('form = "picture"', r"\[ports.brief\] form: brief and negative are text"),
    'argument = "prompt"': ('argument = "latents"', "'latents' is not one that a card may"),
    "num_inference_steps = 20": (
        'trust_remote_code = "yes"',
        r"\[call\] trust_remote_code: asks for code",
    ),
    'components = ["unet"]': ("components = []", r"\[denoiser\] components: name the parts"),
    'checked = "yes"': ('checked = "verify"', r"\[licence\] commercial: terms that nobody has"),
    'commercial = "allow"': ('commercial = "free"', r"\[licence\] commercial: 'free' is not"),
    'family = "sdxl"': ('family = "sdxl"\nfamily = "b"', "is not TOML"),
    'version = "1"\n': ("", r"\[card\] version: missing"),
    'pipeline = "StableDiffusionXLPipeline"': (
        'pipeline = "https://hub/pipe"',
        "not the name of a class",
    ),
}


@pytest.mark.parametrize("old", WRONG)
def test_a_wrong_card_is_refused_by_the_name_of_its_field(old: str):
    assert read(OURS.encode(), "house.toml").name == "house"
    new, words = WRONG[old]
    with pytest.raises(CardWrong, match=words) as refused:
        read(changed(old, new), "house.toml")
    assert refused.value.message.startswith("the card house.toml cannot be used: ")


@pytest.mark.parametrize(
    "line",
    [
        'custom_pipeline = "me/mine"',
        'model = "https://example.com/weights"',
        'attention_backend = "flash_hub"',
        'kernel = "flash_hub"',
    ],
)
def test_a_card_that_asks_for_anything_from_elsewhere_is_refused(line: str):
    with pytest.raises(CardWrong, match="from elsewhere"):
        read(changed("num_inference_steps = 20", f"num_inference_steps = 20\n{line}"), "a.toml")


@pytest.mark.parametrize(
    "text", [b"\xff\xfe", b"[", b"[card]", b"x = " + b"[" * 5000, b"#" * 300_000]
)
def test_bytes_that_are_no_card_are_refused_too(text: bytes):
    with pytest.raises(CardWrong):
        read(text, "a.toml")


def test_a_studios_card_takes_the_place_of_ours_and_a_broken_one_is_listed(tmp_path: Path):
    folder = tmp_path / "cards"
    folder.mkdir()
    (folder / "sdxl.toml").write_bytes(changed('name = "house"', 'name = "sdxl"'))
    (folder / "broken.toml").write_text("[card]")
    shelf = Shelf(tmp_path)
    assert shelf.card("sdxl").card.sentence == "The house model."
    assert set(shelf.refused) == {"broken.toml"}
    assert "wan-vace" in shelf
    with pytest.raises(CardWrong, match="no card called 'nothing'"):
        shelf.card("nothing")


def test_the_page_on_models_lists_every_card_and_shows_one_that_is_sound():
    page = (Path(__file__).parents[3] / "docs" / "models.md").read_text(encoding="utf-8")
    assert not [card.name for card in CARDS if f"`{card.name}`" not in page]
    shown = page.split("```toml\n")[1].split("```")[0]
    assert read(shown.encode(), "docs/models.md").licence.commercial == "allow"


def test_the_command_says_what_is_wrong_with_a_card(su, tmp_path: Path):
    file = tmp_path / "house.toml"
    file.write_text(OURS)
    assert su("models", "card", file, "--check")[0] == 0
    file.write_bytes(changed("still = true", "stil = true"))
    code, out, err = su("models", "card", file, "--check")
    assert code == 1
    assert "did you mean still?" in out + err
    code, out, _ = su("models", "card", file, "--check", "--json")
    assert code == 1
    assert json.loads(out)["ok"] is False
    code, out, _ = su("models", "card", "--json")
    assert len(json.loads(out)["cards"]) == len(CARDS)
