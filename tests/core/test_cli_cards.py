"""``cards`` and the bible: written, edited and read back by a person, used by the checks."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from secondunit.cli import main
from secondunit.cli.asking import cards_of
from secondunit.editorial import place, read_cut
from secondunit.editorial.bible import bible_of, completed
from secondunit.editorial.cards import read_card
from secondunit_bridge.film import Shot


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """Three offline clips; the second has a card and a guid, the third is of the first's name."""
    marks = {"guid": "G-2", "card": {"scene": "12", "setup": "12B", "day": None}}
    items = [clip("12A/3"), clip("12B/1", secondunit=marks), clip("12A/3")]
    track = {"OTIO_SCHEMA": "Track.1", "name": "V1", "kind": "Video", "children": items}
    timeline = {
        "OTIO_SCHEMA": "Timeline.1", "name": "scene 12", "metadata": {"edit": {"kept": [1, None]}},
        "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [track]},
    }  # fmt: skip
    path = tmp_path / "cut.otio"
    path.write_text(json.dumps(timeline))
    return path


def clip(name: str, **metadata) -> dict:
    times = {
        key: {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": value}
        for key, value in (("start_time", 0), ("duration", 24))
    }
    media = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": f"{name[:3]}.mov"}
    return {"OTIO_SCHEMA": "Clip.1", "name": name, "metadata": metadata, "media_reference": media,
            "source_range": {"OTIO_SCHEMA": "TimeRange.1", **times}}  # fmt: skip


def said(capfd: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict]:
    capfd.readouterr()
    code = main([*map(str, words), "--json"])
    return code, json.loads(capfd.readouterr().out)


def test_a_sheet_is_written_filled_in_and_put_into_a_new_cut(cut: Path, capfd):
    sheet, out = cut.with_name("cards.toml"), cut.with_name("new.otio")
    assert said(capfd, "cards", cut, "--write", sheet)[0] == 0
    rows = tomllib.loads(sheet.read_text())["card"]
    assert rows == [
        {"clip": "12A/3"},
        {"clip": "12B/1", "guid": "G-2", "scene": "12", "setup": "12B"},
    ]
    filled = sheet.read_text().replace('clip = "12A/3"', 'clip = "12A/3"\nsetup = "12A"')
    filled = filled.replace("[bible]", '[bible]\nmasters = { "12B" = "12B/1" }')
    sheet.write_text(filled)
    code, answer = said(capfd, "cards", cut, "--from", sheet, "--out", out)
    assert (code, answer["not_in_cut"]) == (0, [])
    new = completed(read_cut(out))
    cards = [read_card(shot.marks)[0] for shot in new.shots]
    assert [(card.setup, card.master) for card in cards] == [
        ("12A", False), ("12B", True), ("12A", False),
    ]  # fmt: skip
    before, after = (json.loads(path.read_text()) for path in (cut, out))
    assert after["metadata"]["edit"] == before["metadata"]["edit"]  # the editor's own is kept
    assert "card" not in json.dumps(before["tracks"]["children"][0]["children"][0])


def test_the_bible_says_once_what_every_card_of_a_set_up_says(cut: Path, capfd):
    document = json.loads(cut.read_text())
    document["metadata"]["secondunit"] = {"bible": {
        "setups": {"12B": {"key_side": "left", "day": "4", "scene": "99"}}, "gallery": "cast",
    }}  # fmt: skip
    cut.write_text(json.dumps(document))
    card = read_card(completed(read_cut(cut)).shots[1].marks)[0]
    assert (card.key_side.value, card.day, card.scene) == ("left", "4", "12")
    code, answer = said(capfd, "cards", cut)
    assert (code, answer["bible"]["gallery"], answer["bible_wrong"]) == (0, "cast", "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[card]]\nclip = 'a'\nsetpu = 'A'", "'setpu' is no field of a card"),
        ("[[card]]\nscene = '1'", "card 1 names no clip"),
        ("[[card]]\nclip = 'a'\nkey_side = 'up'", "key_side"),
        ("card = 3", "write each as [[card]]"),
        ("[bible.setups.A]\nmaster = 'yes'", "master"),
        ("clip = ", "cannot be read"),
    ],
)
def test_a_sheet_that_is_wrong_says_where_and_nothing_is_written(cut: Path, capfd, text, says):
    sheet, out = cut.with_name("wrong.toml"), cut.with_name("new.otio")
    sheet.write_text(text)
    code, answer = said(capfd, "cards", cut, "--from", sheet, "--out", out)
    assert code == 1
    assert says in answer["error"]["message"]
    assert not out.exists()


def test_a_clip_that_is_not_in_the_cut_is_told(cut: Path, capfd):
    sheet = cut.with_name("other.toml")
    sheet.write_text("[[card]]\nclip = 'of another scene'\nscene = '3'\n")
    assert said(capfd, "cards", cut, "--from", sheet)[1]["not_in_cut"] == ["of another scene"]
    main(["check", str(cut), "--cards", str(sheet)])
    assert "no clip of the cut: of another scene" in capfd.readouterr().out


def test_a_sheet_is_never_written_over(cut: Path, capfd):
    sheet = cut.with_name("cards.toml")
    sheet.write_text("mine")
    assert said(capfd, "cards", cut, "--write", sheet)[0] == 1
    assert sheet.read_text() == "mine"


def test_a_bible_that_cannot_be_read_is_said_and_hides_nothing(cut: Path, capfd):
    document = json.loads(cut.read_text())
    document["metadata"]["secondunit"] = {"bible": {"masters": ["12A/3"]}}
    cut.write_text(json.dumps(document))
    assert "masters" in bible_of(read_cut(cut))[1]
    assert len(said(capfd, "cards", cut)[1]["shots"]) == 3


def test_an_insert_takes_the_cards_of_its_neighbours_with_it_and_its_own_from_the_sheet(cut: Path):
    rows = {"12A/3": "", "12B/1": 'axis = { left = "Mara", right = "Jo" }\n'}
    text = "".join(
        f'[[card]]\nclip = "{clip}"\nscene = "12"\nday = "2"\n{more}' for clip, more in rows.items()
    )
    cut.with_name("cut.cards.toml").write_text(text)
    opened = read_cut(cut)
    spot = place(opened, after="12B/1", frames=4)
    shot = Shot("film", "cut", "0010", "g", spot.record)
    sent = {name: json.loads(card) for name, card in cards_of(opened, spot, shot).items()}
    assert sent["before"]["axis"] == {"left": "Mara", "right": "Jo"}
    assert sent["take"] == {"scene": "12", "day": "2"}  # what both neighbours say
    own = f'[[card]]\nclip = "{shot.name}"\nscene = "13"\n'
    cut.with_name("cut.cards.toml").write_text(text + own)
    assert json.loads(cards_of(opened, spot, shot)["take"]) == {"scene": "13"}
