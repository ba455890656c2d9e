"""Settings: the default, the file in the home, the environment; wrong ones are told apart."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.settings import FILE, Settings, page
from secondunit_bridge.errors import SettingWrong

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def told(tmp_path: Path) -> dict[str, str]:
    """An environment with a home and a runtime folder of the test's own."""
    home, run = tmp_path / "home", tmp_path / "run"
    home.mkdir()
    run.mkdir(mode=0o700)
    return {"SECONDUNIT_HOME": str(home), "XDG_RUNTIME_DIR": str(run)}


def written(told: dict[str, str], text: str) -> Settings:
    (Path(told["SECONDUNIT_HOME"]) / FILE).write_text(text, encoding="utf-8")
    return Settings.load(told)


def test_without_a_word_every_setting_has_its_default(told):
    settings = Settings.load(told)
    assert settings.home == Path(told["SECONDUNIT_HOME"])
    assert settings.runtime.is_dir()
    assert (settings.durability, settings.max_attempts, settings.plugins) == ("full", 3, ())
    assert {row.source for row in settings.table() if row.name != "home"} == {"default"}


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(told):
    told["SECONDUNIT_MAX_ATTEMPTS"] = "7"
    told["SECONDUNIT_PLUGINS"] = "one, two,"
    settings = written(
        told, 'max_attempts = 5\nstage_idle_s = 20\ndurability = "off"\nplugins = ["three"]\n'
    )
    assert (settings.max_attempts, settings.stage_idle_s, settings.durability) == (7, 20.0, "off")
    assert settings.plugins == ("one", "two")
    rows = {row.name: row for row in settings.table()}
    assert (rows["max_attempts"].value, rows["max_attempts"].source) == ("7", "environment")
    assert (rows["durability"].value, rows["durability"].source) == ("off", "settings.toml")
    assert (rows["durability"].default, rows["log_level"].source) == ("full", "default")
    assert rows["home"].source == "environment"


def test_settings_do_not_change_once_they_are_read(told):
    settings = Settings.load(told)
    with pytest.raises(FrozenInstanceError):
        settings.max_attempts = 9
    assert settings == Settings(home=settings.home, runtime=settings.runtime)


@pytest.mark.parametrize(
    ("name", "text"),
    [("TRANSPORT", "udp"), ("DURABILITY", "FULL"), ("MAX_ATTEMPTS", "0"), ("MAX_ATTEMPTS", "101"),
     ("MAX_ATTEMPTS", "three"), ("MAX_ATTEMPTS", "3.5"), ("CANCEL_GRACE_S", "-1"),
     ("CANCEL_GRACE_S", "nan"), ("STAGE_IDLE_S", "inf"), ("LOG_LEVEL", "loud"),
     ("SLOT_LIMIT_MB", "15")],
)  # fmt: skip
def test_a_wrong_value_in_the_environment_is_named_with_what_is_allowed(told, name, text):
    told[f"SECONDUNIT_{name}"] = text
    with pytest.raises(SettingWrong) as caught:
        Settings.load(told)
    assert name.lower() in caught.value.message
    assert text in caught.value.message
    assert "It is " in caught.value.hint
    assert "Default: " in caught.value.hint


@pytest.mark.parametrize(
    "line",
    ['max_attempts = "3"', "max_attempts = true", "max_attempts = 0", "plugins = 3",
     'plugins = "one"', "plugins = [1]", "durability = 1", 'transport = "udp"',
     "cancel_grace_s = nan"],
)  # fmt: skip
def test_a_wrong_value_in_the_file_is_named_with_what_is_allowed(told, line):
    with pytest.raises(SettingWrong) as caught:
        written(told, line)
    assert line.split(" ")[0] in caught.value.message
    assert "It is " in caught.value.hint


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("max_attemps = 3", "Did you mean max_attempts?"),
        ("loglevel = 'info'", "Did you mean log_level?"),
        ("zzz = 1", "There are: "),
        ("sources = []", ""),
        ("home = '/x'", "SECONDUNIT_HOME"),
    ],
)
def test_an_unknown_name_in_the_file_is_told_with_the_nearest_one(told, line, hint):
    with pytest.raises(SettingWrong) as caught:
        written(told, line)
    assert hint in caught.value.hint
    assert FILE in caught.value.message


@pytest.mark.parametrize("text", ["max_attempts", "= 3", "[[", "\x00"])
def test_a_file_that_is_no_toml_is_said_to_be_none(told, text):
    with pytest.raises(SettingWrong, match="cannot be read"):
        written(told, text)


def test_bytes_that_are_no_text_are_said_to_be_none(told):
    (Path(told["SECONDUNIT_HOME"]) / FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingWrong, match="cannot be read"):
        Settings.load(told)


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_whatever_the_environment_says_is_a_setting_or_a_wrong_one(tmp_path_factory, text):
    home = tmp_path_factory.getbasetemp()
    told = {"SECONDUNIT_HOME": str(home / "any home"), "XDG_RUNTIME_DIR": str(home)}
    for name in ("TRANSPORT", "MAX_WAITING", "CANCEL_GRACE_S", "PLUGINS"):
        with suppress(SettingWrong):
            Settings.load({**told, f"SECONDUNIT_{name}": text})


def test_every_setting_says_what_it_is_for(told):
    assert all(one.metadata["help"].endswith(".") for one in fields(Settings))
    assert [row.name for row in Settings.load(told).table()] == [
        one.name for one in fields(Settings) if one.name != "sources"
    ]


def test_the_manuals_page_is_what_the_settings_say():
    current = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert current == page(), "run: python -m secondunit.settings > docs/settings.md"


def test_the_manuals_page_is_written_by_a_command():
    said = subprocess.run(
        [sys.executable, "-m", "secondunit.settings"], capture_output=True, check=True
    )
    assert said.stdout.decode() == page()


def test_reading_settings_loads_nothing_heavy():
    script = (
        "import sys, secondunit.settings\n"
        "print(sorted({'numpy', 'sqlalchemy', 'cv2', 'tomllib'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert said.stdout == b"[]\n"
