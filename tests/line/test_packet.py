"""The packet of a cut: built, read, verified; what stands against it, and every change to it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import struct
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from secondunit.cli import main
from secondunit.cli.demo.cut import lay_out

BRIEF = "The murderer is the gardener: keep it secret"
PROJECT = (
    'name = "film"\nrate = "24"\nwidth = 96\nheight = 54\nspace = "ACEScg"\n'
    'movie_space = "Gamma 2.4 Encoded Rec.709"\nstore = "store"\n'
)


def run(*words: object) -> Any:
    """A command's JSON; its exit code must be 0."""
    import contextlib
    import io

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = main([*map(str, words), "--json"])
    assert code == 0, said.getvalue()
    return json.loads(said.getvalue())


@pytest.fixture(scope="module")
def film_of(home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """One insert with a brief, published and cut in; its packet."""
    folder = tmp_path_factory.mktemp("film")
    cut = lay_out(folder)
    (folder / "secondunit.toml").write_text(PROJECT)
    made = run("insert", cut, "--at", "01:00:03:00", "--frames", 4, "--brief", BRIEF,
               "--out", folder / "new.otio")  # fmt: skip
    packet = run("packet", made["otio"], "--out", folder / "packet", "--title", "A Film")
    return {**made, "folder": folder, "packet": packet}


@pytest.fixture
def packet(film_of: dict, tmp_path: Path):
    """The packet's folder, put back as it was afterwards."""
    folder, spare = Path(film_of["packet"]["packet"]), tmp_path / "spare"
    shutil.copytree(folder, spare)
    yield folder
    shutil.rmtree(folder)
    shutil.copytree(spare, folder)


def pages(path: Path) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    at = len(data) // 2 if path.suffix != ".pdf" else data.index(b"/Font") + 4
    data[at] ^= 1
    path.write_bytes(data)


def wrong(answer: dict) -> list[str]:
    return [item["sentence"] for item in answer["items"] if item["state"] != "ok"]


def test_the_packet_has_its_seventeen_sections_and_reads_as_a_document(film_of: dict):
    told, folder = film_of["packet"], Path(film_of["packet"]["packet"])
    document = json.loads((folder / "packet.json").read_bytes())
    assert [one["number"] for one in document["sections"]] == list(range(1, 18))
    assert sha256((folder / "packet.json").read_bytes()).hexdigest() == told["sha256"]
    text = pages(folder / "packet.pdf")
    for section in document["sections"][1:]:
        assert section["title"] in text
    assert text.count("None recorded.") >= 4
    assert "01:00:03:00" in text
    assert text.count("Not ours") == 4
    assert document["foreign"] == ["garden path", "bird wide 1", "bird wide 2", "burrow"]
    assert document["versions"][0]["state"] == "approved"


def test_what_was_packed_verifies_and_each_part_by_itself(su, film_of: dict):
    folder = Path(film_of["packet"]["packet"])
    for path in (folder, folder / "packet.json", folder / "packet.pdf", folder / "public",
                 folder / "packet.json.c2pa"):  # fmt: skip
        said = su("verify", path, "--json")
        assert (said.code, wrong(said.json)) == (0, [])
    assert len(su("verify", folder, "--json").json["items"]) > 40  # packet, copy and version


def test_a_cut_that_is_turned_over_has_its_packet_beside_the_sheets(su, film_of, tmp_path):
    turned = run("turnover", film_of["otio"], "--out", tmp_path / "out")
    assert turned["packet"] == str(tmp_path / "out" / "packet" / "packet.pdf")
    assert turned["packet"] in turned["files"]
    assert not [one for one in turned["remarks"] if "packet" in one]
    said = su("verify", tmp_path / "out" / "packet", "--json")
    assert (said.code, wrong(said.json)) == (0, [])


def test_without_a_ledger_the_sheets_are_written_and_the_missing_packet_is_told(
    film_of, tmp_path, monkeypatch
):
    monkeypatch.setenv("SECONDUNIT_HOME", str(tmp_path))
    turned = run("turnover", film_of["otio"], "--out", tmp_path / "out")
    assert turned["packet"] is None
    assert any(one.startswith("No packet: there is no ledger") for one in turned["remarks"])
    assert len(turned["files"]) >= 3


def test_no_signed_and_no_public_file_holds_a_word_of_the_brief(film_of: dict):
    folder, version = Path(film_of["packet"]["packet"]), Path(film_of["version"]["path"])
    secret = folder / "confidential" / "briefs.json"
    assert BRIEF in secret.read_text()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    leaving = [path for path in folder.rglob("*") if path.is_file() and path != secret]
    leaving += [*(version / "review").iterdir(), *(version / "exr").rglob("*.*")]
    leaving += [version / "hashlist.json", version / "hashlist.json.c2pa"]
    for path in leaving:
        data = path.read_bytes()
        for word in (BRIEF, "murderer", "gardener"):
            assert word.encode() not in data, path
            assert word.encode("utf-16-le") not in data, path
        if path.suffix == ".pdf":
            assert "murderer" not in pages(path)


def test_the_public_copy_names_nobody(su, film_of: dict, home: Path):
    folder = Path(film_of["packet"]["packet"])
    document = json.loads((folder / "packet.json").read_bytes())
    who = next(row for row in document["sections"][11]["tables"][0]["rows"] if row[2] == "approver")
    assert who[1]
    public = (folder / "public" / "packet.json").read_text()
    rows = json.loads(public)["sections"][11]["tables"][0]["rows"]
    assert all(row[1].startswith("P-") for row in rows)
    assert not (folder / "public" / "confidential").exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("packet.json", "it was changed after it was signed"),
        ("packet.json.c2pa", "cannot be trusted"),
        ("packet.pdf", "it was changed after it was signed"),
        ("exports/omc.json", "was changed after it was packed"),
        ("exports/credits.txt", "was changed after it was packed"),
        ("ledger.checkpoint", "was changed after it was packed"),
        ("public/packet.pdf", "it was changed after it was signed"),
        ("records", "was changed after it was packed"),
        ("facility-root.pem", "was changed after it was packed"),
    ],
)
def test_one_bit_of_any_file_of_the_packet_is_found(su, packet: Path, name: str, words: str):
    path = packet / name
    if path.is_dir():
        path = next(path.iterdir())
    if name == "packet.json":
        path.write_bytes(path.read_bytes().replace(b'"title":"A Film"', b'"title":"A Fiim"', 1))
    else:
        flip(path)
    said = su("verify", packet, "--json")
    assert said.code == 1
    assert any(words in sentence for sentence in wrong(said.json)), wrong(said.json)


def test_what_is_gone_put_in_or_of_another_packet_is_said(su, packet: Path):
    (packet / "exports" / "omc.json").unlink()
    (packet / "extra.txt").write_text("x")
    shutil.copy(packet / "public" / "packet.pdf", packet / "packet.pdf")
    said = "\n".join(wrong(su("verify", packet, "--json").json))
    assert "exports/omc.json is gone" in said
    assert "extra.txt was put into the packet later" in said
    assert "belongs to another packet.json" in said


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hashlist.json.c2pa", "hashlist.json cannot be trusted"),
        ("hashlist.json", "is not the list that the approval is bound to"),
        ("review/{}.mov", "{}.mov cannot be trusted: it was changed after it was signed"),
        ("exr/{}.1003.exr", "{}.1003.exr was changed"),
        ("ascmhl/ascmhl_chain.xml", "ascmhl_chain.xml was changed"),
    ],
)
def test_one_bit_of_any_file_of_a_version_is_found_from_the_packet(
    su, film_of: dict, name: str, words: str
):
    version = film_of["version"]
    path = Path(version["path"]) / name.format(version["name"])
    before = path.read_bytes()
    data = bytearray(before)
    data[data.index(b"mdat") + 99 if path.suffix == ".mov" else len(data) // 2] ^= 1
    path.write_bytes(data)
    try:
        said = su("verify", film_of["packet"]["packet"], "--json")
    finally:
        path.write_bytes(before)
    assert said.code == 1
    assert any(words.format(version["name"]) in one for one in wrong(said.json)), wrong(said.json)


def test_a_frame_of_one_other_bit_makes_the_approval_stale_though_size_and_date_are_kept(
    su, film_of: dict, tmp_path: Path
):
    frame = Path(film_of["version"]["path"]) / "exr" / f"{film_of['version']['name']}.1003.exr"
    before, seen = frame.read_bytes(), frame.stat()
    frame.write_bytes(before[:-9] + bytes([before[-9] ^ 1]) + before[-8:])
    os.utime(frame, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    try:
        run("packet", film_of["otio"], "--out", tmp_path / "p")
    finally:
        frame.write_bytes(before)
    document = json.loads((tmp_path / "p" / "packet.json").read_bytes())
    assert document["versions"][0]["state"] == "approved (stale)"
    assert "Its frames are not those that were approved." in pages(tmp_path / "p" / "packet.pdf")
    run("packet", film_of["otio"], "--out", tmp_path / "again")  # written anew, and the same
    document = json.loads((tmp_path / "again" / "packet.json").read_bytes())
    assert document["versions"][0]["state"] == "approved"


def test_a_clip_that_lost_its_marks_on_the_way_is_ours_all_the_same(
    su, film_of: dict, tmp_path: Path
):
    cut = Path(film_of["otio"])
    text = (
        cut.read_text().replace('"secondunit": {', '"lost": {').replace('"secondunit":{', '"l":{')
    )
    bare = cut.with_name("bare.otio")
    bare.write_text(text)
    assert "secondunit" not in text.replace(str(film_of["folder"]), "").replace("/secondunit", "")
    told = run("packet", bare, "--out", tmp_path / "p")
    document = json.loads((Path(told["packet"]) / "packet.json").read_bytes())
    assert [one["version"] for one in document["versions"]] == [film_of["version"]["name"]]
    assert len(document["foreign"]) == 4
    assert su("verify", bare, "--json").code == 0
    assert [one["shot"] for one in su("cost", bare, "--json").json["shots"]] == ["BBB_0010"]


@pytest.mark.parametrize("what", ["record.json", "generation record"])
def test_a_shot_of_ours_without_its_record_ends_the_work_and_is_named(
    su, film_of: dict, tmp_path: Path, what: str
):
    version, take = Path(film_of["version"]["path"]), film_of["circled"]
    path = version / "record.json"
    if what != "record.json":
        path = film_of["folder"] / "store" / "vault" / "records" / f"{take}.json"
    path.rename(path.with_suffix(".gone"))
    try:
        said = su("packet", film_of["otio"], "--out", tmp_path / "p", "--json")
    finally:
        path.with_suffix(".gone").rename(path)
    assert (said.code, said.error) == (1, "E_RECORD")
    assert film_of["version"]["name"] in said.json["error"]["message"]
    assert not (tmp_path / "p").exists()


def test_as_final_it_needs_the_declaration_and_a_draft_says_what_it_is(
    su, film_of: dict, tmp_path: Path
):
    words = ("packet", film_of["otio"], "--class", "final", "--out", tmp_path / "p", "--json")
    said = su(*words)
    assert (said.code, said.error) == (1, "E_RIGHTS")
    assert "(R11)" in said.json["error"]["message"]
    assert "secondunit rights declare" in said.json["error"]["hint"]
    assert su(*words, "--draft").code == 0
    assert "DRAFT" in pages(tmp_path / "p" / "packet.pdf")
    answers = [
        word for answer in ("yes", "yes", "yes", "no", "yes") for word in ("--answer", answer)
    ]
    assert su("rights", "declare", "film", "--by", "Pat", *answers, "--json").code == 0
    assert su(*words).code == 0
    document = json.loads((tmp_path / "p" / "packet.json").read_bytes())
    assert (document["draft"], document["gate"]["findings"]) == ("", [])
    assert "Pat (producer)" in pages(tmp_path / "p" / "packet.pdf")
    public = tmp_path / "p" / "public"
    assert "Pat" not in (public / "packet.json").read_text() + pages(public / "packet.pdf")


def test_alone_a_production_is_declared_once_by_name_and_with_a_reason(su, film_of: dict):
    assert su("rights", "alone", "solo", "--by", "Pat", "--json").error == "E_NAME"
    said = su("rights", "alone", "solo", "--by", "Pat", "--reason", "a film school", "--json")
    assert (said.code, said.json["row"]["reason"]) == (0, "a film school")
    assert su("rights", "alone", "solo", "--off", "--by", "Pat", "--json").code == 0


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_still_leaves_the_house_marked_and_one_bit_of_it_is_found(
    su, film_of: dict, tmp_path: Path, suffix: str
):
    import cv2

    version, path = film_of["version"], tmp_path / f"still{suffix}"
    made = su("still", version["name"], "--out", path, "--frame", version["frames"][0], "--json")
    assert made.code == 0, made
    assert cv2.imread(str(path)).shape == (54, 96, 3)
    assert BRIEF.encode() not in path.read_bytes()
    assert wrong(su("verify", path, "--json").json) == []
    data = bytearray(path.read_bytes())
    data[len(data) - 200] ^= 1
    path.write_bytes(data)
    assert su("verify", path, "--json").code == 1


def test_takes_get_a_small_picture_each_and_those_without_one_say_why(
    su, film_of: dict, tmp_path: Path
):
    import cv2

    take, out = film_of["version"]["take"], tmp_path / "pictures"
    said = su("pictures", take, "gone.1", take, "--out", out, "--json").json
    assert said["pictures"] == {take: str(out / f"{take}.jpg")}
    assert cv2.imread(str(out / f"{take}.jpg")).mean() > 5  # something is seen
    assert "gone.1" in said["without"]["gone.1"]
    assert [path.name for path in out.iterdir()] == [f"{take}.jpg"]


def test_a_still_is_made_of_the_approved_frame_and_of_no_other(su, film_of: dict, tmp_path: Path):
    version, path = film_of["version"], tmp_path / "still.png"
    words = ("still", version["name"], "--out", path, "--json")
    assert su(*words, "--frame", 7).error == "E_FRAMES_MISSING"
    assert su("still", version["name"], "--out", tmp_path / "a.gif", "--json").error == "E_PATH"
    frame = Path(version["path"]) / "exr" / f"{version['name']}.1003.exr"
    before = frame.read_bytes()
    frame.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    try:
        assert su(*words, "--frame", 1003).error == "E_MEDIA_CHANGED"
    finally:
        frame.write_bytes(before)
    assert not path.exists()


def test_the_record_of_a_take_names_no_one_and_replays_from_the_ledger(su, film_of: dict):
    told = su("record", film_of["circled"], "--json").json
    assert told["prompt_sha256"] == sha256(BRIEF.encode()).hexdigest()
    assert told["requested_by"].startswith("person:P-")
    assert told["outputs"]["count"] == film_of["version"]["frames"][1] - 1000
    assert BRIEF not in json.dumps(told)
    blob = film_of["folder"] / "store" / "vault" / "private" / told["prompt_sha256"]
    assert blob.read_text() == BRIEF
    assert stat.S_IMODE(blob.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("delete from entry where number > 5", "ledger ends at entry 5"),
        ("delete from entry where number = 3", "deleted after it was written"),
        ("update entry set by = 'Eve' where number = 3", "Entry 3 ("),
    ],
)
def test_a_ledger_that_was_cut_or_edited_is_found_from_the_packet_and_signs_no_other(
    su, film_of: dict, home: Path, tmp_path: Path, monkeypatch, change: str, said: str
):
    copy = tmp_path / "home"
    copy.mkdir()
    with sqlite3.connect(home / "ledger.sqlite") as source:
        with sqlite3.connect(copy / "ledger.sqlite") as target:
            source.backup(target)
            for (name,) in list(
                target.execute("select name from sqlite_master where type='trigger'")
            ):
                target.execute(f'drop trigger "{name}"')
            target.execute(change)
        target.close()
    source.close()
    shutil.copytree(home / "keys", copy / "keys")
    monkeypatch.setenv("SECONDUNIT_HOME", str(copy))
    found = su("verify", film_of["packet"]["packet"], "--json")
    assert found.code == 1
    assert any(said in sentence for sentence in wrong(found.json)), wrong(found.json)
    refused = su("packet", film_of["otio"], "--out", tmp_path / "p", "--json")
    assert (refused.code, refused.error) == (1, "E_LEDGER")
    assert not (tmp_path / "p").exists()


def test_a_packet_signed_by_somebody_unknown_here_does_not_pass_for_checked(
    su, film_of: dict, tmp_path: Path, monkeypatch
):
    monkeypatch.setenv("SECONDUNIT_HOME", str(tmp_path / "another house"))
    folder = Path(film_of["packet"]["packet"])
    said = su("verify", folder, "--json")
    assert (said.code, said.json["ok"]) == (4, False)
    assert any("whose certificate is not held here" in one for one in wrong(said.json))
    trusted = tmp_path / "another house" / "keys" / "trusted"
    trusted.mkdir(parents=True)
    shutil.copy(folder / "facility-root.pem", trusted / "theirs.pem")
    assert su("verify", folder, "--json").code == 0


def test_frames_and_movies_are_looked_at_by_themselves_too(su, film_of: dict, tmp_path: Path):
    """As they are delivered: with the whole version, or with nothing but the list of frames."""
    version, name = Path(film_of["version"]["path"]), film_of["version"]["name"]
    bare = tmp_path / "delivered"
    shutil.copytree(version / "exr", bare / "exr")
    for list_ in ("hashlist.json", "hashlist.json.c2pa"):
        shutil.copy(version / list_, bare / list_)
    frame = f"exr/{name}.1002.exr"
    for path in (bare, bare / "hashlist.json", bare / "hashlist.json.c2pa", bare / frame,
                 version / frame, version / "review" / f"{name}.mov"):  # fmt: skip
        said = su("verify", path, "--json")
        assert (said.code, wrong(said.json)) == (0, []), path
    flip(bare / frame)
    for path in (bare, bare / "hashlist.json.c2pa", bare / frame):
        said = su("verify", path, "--json")
        assert (said.code, wrong(said.json)) == (
            1, [f"{frame} was changed after it was listed."])  # fmt: skip


def test_a_movie_whose_credential_was_taken_away_is_told_by_its_record(
    su, film_of: dict, tmp_path: Path
):
    from tiny_movie import tiny_movie

    version, name = Path(film_of["version"]["path"]), film_of["version"]["name"]
    movie, kept = version / "review" / f"{name}.mov", tmp_path / "kept.mov"
    shutil.move(movie, kept)
    try:
        tiny_movie(movie)
        said = su("verify", movie, "--json")
    finally:
        shutil.move(kept, movie)
    assert said.code == 1
    assert (
        f"{name}.mov carries no content credential, though it was marked: it was taken away."
        in (wrong(said.json))
    )


def test_consent_and_withdrawal_are_kept_by_code_and_swept(su, home: Path):
    by = ("--by", "Pat")
    assert su("rights", "add", "lora", "hero", *by, "--set", "likeness=person").code == 0
    assert su("rights", "consent", "CNS-1", "--performer", "Jane Doe", *by,
              "--set", "signed=2026-01-02", "--set", "not_after=2026-01-03").code == 0  # fmt: skip
    assert su("rights", "bind", "hero", "CNS-1", *by).code == 0
    assert su("rights", "bind", "hero", "NOBODY", *by, "--json").error == "E_UNKNOWN_ID"
    said = su("rights", "sweep", "--json")
    assert (said.code, [one["id"] for one in said.json["lapses"]]) == (3, ["CNS-1"])
    assert su("rights", "withdraw", "hero", *by, "--reason", "asked to", "--json").code == 0
    rows = {row["row"]["id"]: row["row"] for row in su("rights", "list", "--json").json["rows"]}
    assert rows["hero"]["status"] == "withdrawn"
    assert rows["hero"]["likeness"] == "person"
    assert b"Jane" not in (home / "ledger.sqlite").read_bytes()
    refused = su("rights", "waive", "R6", "hero", *by, "--role", "legal", "--reason", "x",
                 "--until", "2030-01-01", "--json")  # fmt: skip
    assert refused.error == "E_LOCKED"


def test_marking_is_switched_off_by_name_and_what_is_published_then_says_so(
    su, film_of: dict, tmp_path: Path
):
    assert su("rights", "marking", "off", "--by", "Pat", "--json").error == "E_NAME"
    off = ("rights", "marking", "off", "--by", "Pat", "--reason", "the client marks")
    assert su(*off).code == 0
    try:
        made = run("insert", film_of["folder"] / "BBB.otio", "--at", "01:00:03:00",
                   "--frames", 4, "--generator", "slate",
                   "--out", tmp_path / "new.otio")  # fmt: skip
    finally:
        assert su("rights", "marking", "on", "--by", "Pat", "--reason", "again").code == 0
    folder = Path(made["version"]["path"])
    assert not list(folder.glob("*.c2pa"))
    said = su("verify", folder, "--json")
    assert said.code == 0
    assert wrong(said.json) == [
        f"{made['version']['name']} carries no content credential: switched off by Pat: the client"
        " marks."
    ]


def test_costs_are_counted_by_shot_and_by_accepted_second(su, film_of: dict, home: Path):
    card = "person_hour = 60.0\nprocessor_hour = 3600.0\nlooks = 0.0\npause_minutes = 0.0\n"
    (home / "rates.toml").write_text(card)
    try:
        told = su("cost", film_of["otio"], "--json").json
        (home / "rates.toml").write_text("beer_hour = 1\n")
        assert su("cost", "--json").error == "E_SETTING"
    finally:
        (home / "rates.toml").unlink()
    (shot,) = told["shots"]
    assert shot["accepted_s"] == pytest.approx(4 / 24, abs=1e-3)
    assert shot["machine"] == pytest.approx(shot["processor_s"], rel=0.01)
    assert shot["people"] == pytest.approx(0.5 * shot["takes"], rel=0.01)
    assert told["all"]["per_accepted_second"] == pytest.approx(
        told["all"]["total"] / shot["accepted_s"], rel=0.01
    )


def test_weights_fill_in_their_row_and_their_own_word_clears_nothing(
    su, home: Path, tmp_path: Path
):
    head = {"__metadata__": {"modelspec.title": "Hero face", "modelspec.tags": "person"},
            "w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}  # fmt: skip
    text = json.dumps(head).encode()
    path = tmp_path / "hero.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(16))
    row = su("rights", "add", "lora", "face", "--file", path, "--by", "Pat", "--json").json["row"]
    assert (row["name"], row["likeness"], row["status"]) == ("Hero face", "suspected", "draft")
    assert row["files"] == [sha256(path.read_bytes()).hexdigest()]
    assert row["tensors"] == sha256(bytes(16)).hexdigest()
    terms = tmp_path / "LICENCE"
    terms.write_text("You may.")
    add = ("rights", "add", "lora", "face", "--by", "Pat", "--json")
    row = su(*add, "--licence-text", terms, "--set", "status=cleared",
             "--set", "likeness=none").json["row"]  # fmt: skip
    assert (row["status"], row["likeness"]) == ("cleared", "none")
    kept = home / "licences" / f"{row['licence_text']}.txt"
    assert kept.read_text() == "You may."
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")  # other numbers, under the same name
    row = su(*add, "--file", path).json["row"]
    assert (row["status"], row["likeness"]) == ("draft", "suspected")


def test_a_declaration_that_is_changed_keeps_the_answers_that_were_given(su, home: Path):
    words = ("rights", "declare", "other film", "--by", "Pat", "--json")
    assert su(*words).error == "E_FIELD"
    words = ("rights", "declare", "other", "--by", "Pat", "--json")
    assert su(*words, "--answer", "yes", "--answer", "no").code == 0
    row = su(*words, "--set", "territories=US,GB", "--answer", "indeed").json["row"]
    assert row["answers"] == ["indeed", "no", *["not answered"] * 3]
    assert row["territories"] == ["US", "GB"]
    assert su(*words, "--set", "term=2030-01-01").json["row"]["territories"] == ["US", "GB"]


def test_what_was_recalled_is_not_packed_but_as_a_draft(su, film_of: dict, tmp_path: Path):
    name = film_of["version"]["name"]
    said = su("recall", name, "--by", "Pat", "--reason", "the wrong bird", "--json")
    assert said.code == 0
    words = ("packet", film_of["otio"], "--out", tmp_path / "p", "--json")
    refused = su(*words)
    assert refused.error == "E_LOCKED"
    assert f"{name} was recalled" in refused.json["error"]["message"]
    still = su("still", name, "--out", tmp_path / "a.png", "--json")
    assert still.error == "E_LOCKED"
    assert su(*words, "--draft").code == 0
    assert "recalled" in pages(tmp_path / "p" / "packet.pdf")


def test_in_a_production_of_several_people_an_insert_waits_for_somebody_else(
    su, film_of: dict, tmp_path: Path
):
    """Kim asks in one command, as Ada's film goes on: nobody approves what they asked for."""
    cut = film_of["folder"] / "BBB.otio"
    said = su("insert", cut, "--at", "01:00:03:00", "--frames", 4, "--generator", "slate",
              "--by", "Kim", "--out", tmp_path / "new.otio", "--json")  # fmt: skip
    assert (said.code, said.json["circled"]) == (1, None)
    assert "somebody else's" in said.json["sentence"]
    take = said.json["takes"][0]["take"]
    own = su("circle", take, "--by", "kim", "--reason", "in a hurry", "--json")
    assert own.error == "E_OWN_WORK"
    assert "secondunit circle" in own.json["error"]["hint"]
    made = su("circle", take, "--by", "Lou", "--json")
    assert (made.code, made.json["version"]["by"]) == (0, "Lou")
    assert su("reject", take, "--by", "Lou", "--reason", "x", "--json").error == "E_LOCKED"
