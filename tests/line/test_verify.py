"""``verify``: every change to what was published or recorded is found, and nothing else is."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def published(home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """One insert, published and cut in."""
    import contextlib
    import io

    from secondunit.cli import main

    folder = tmp_path_factory.mktemp("film")
    from secondunit.cli.demo.cut import lay_out

    cut = lay_out(folder)
    project = 'name = "film"\nrate = "24"\nwidth = 160\nheight = 90\nspace = "ACEScg"\n'
    project += 'movie_space = "Gamma 2.4 Encoded Rec.709"\nstore = "store"\n'
    (folder / "secondunit.toml").write_text(project)
    said = io.StringIO()
    words = ["insert", cut, "--at", "01:00:03:00", "--frames", 4, "--out", folder / "new.otio"]
    with contextlib.redirect_stdout(said):
        assert main([str(word) for word in (*words, "--json")]) == 0
    return json.loads(said.getvalue())


@pytest.fixture
def version(published: dict, tmp_path: Path):
    """The published folder; put back as it was afterwards."""
    folder, spare = Path(published["version"]["path"]), tmp_path / "spare"
    shutil.copytree(folder, spare)
    yield folder
    shutil.rmtree(folder)
    shutil.copytree(spare, folder)


def states(answer: dict) -> set[str]:
    return {item["state"] for item in answer["items"]}


def test_what_was_published_is_as_it_was(su, version: Path, published: dict):
    for path in (version, version / "record.json", published["otio"]):
        said = su("verify", path, "--json")
        assert said.code == 0
        assert said.json["ok"]
        assert states(said.json) == {"ok"}
        assert set(said.json["items"][0]) == {"what", "path", "state", "sentence"}


def test_a_changed_frame_is_named(su, version: Path, published: dict):
    frame = version / "exr" / "BBB_0010_v001.1003.exr"
    data = bytearray(frame.read_bytes())
    data[-9] ^= 1
    frame.write_bytes(data)
    for path in (version, published["otio"]):
        said = su("verify", path, "--json")
        assert (said.code, said.json["ok"]) == (1, False)
        wrong = [item for item in said.json["items"] if item["state"] != "ok"]
        assert [(item["state"], Path(item["path"]).name) for item in wrong] == [
            ("changed", frame.name)
        ]


def test_a_missing_file_is_named(su, version: Path):
    (version / "review" / "BBB_0010_v001.mov").unlink()
    said = su("verify", version, "--json")
    assert (said.code, states(said.json)) == (1, {"ok", "missing"})


def test_a_record_that_was_rewritten_is_found_by_the_ledger_and_by_the_cut(
    su, version: Path, published: dict
):
    record = version / "record.json"
    record.write_text(record.read_text().replace('"seed":0', '"seed":1'))
    for path in (version, published["otio"]):
        said = su("verify", path, "--json")
        assert (said.code, states(said.json)) == (1, {"ok", "changed"})


def test_a_broken_or_absent_record_is_said(su, version: Path, published: dict):
    (version / "record.json").write_text("{")
    assert states(su("verify", version, "--json").json) == {"broken"}
    (version / "record.json").unlink()
    said = su("verify", version, "--json")
    assert (said.code, "The record of BBB_0010_v001 is gone." in said.out) == (1, True)
    assert states(su("verify", published["otio"], "--json").json) == {"missing"}


def test_a_file_nobody_recorded_and_a_version_nobody_vouches_for_are_untrusted(
    su, version: Path, tmp_path: Path
):
    (version / "exr" / "extra.exr").write_bytes(b"x")
    said = su("verify", version, "--json")
    assert (said.code, states(said.json)) == (0, {"ok", "untrusted"})
    elsewhere = tmp_path / "delivered" / version.name
    shutil.copytree(version, elsewhere)
    assert "not known to this machine's ledger" in su("verify", elsewhere).out


def test_a_record_cannot_point_outside_its_folder(su, version: Path):
    record = json.loads((version / "record.json").read_text())
    record["files"][0]["file"] = "../../../../../../etc/hostname"
    (version / "record.json").write_text(json.dumps(record))
    assert "broken" in states(su("verify", version, "--json").json)


def test_a_record_that_was_rewritten_in_folder_and_ledger_is_found_by_the_ledger_s_seals(
    su, version: Path, home: Path, monkeypatch, tmp_path: Path
):
    from hashlib import sha256

    record = version / "record.json"
    was = sha256(record.read_bytes()).hexdigest()
    record.write_text(record.read_text().replace('"seed":0', '"seed":1'))
    now, copy = sha256(record.read_bytes()).hexdigest(), tmp_path / "home" / "ledger.sqlite"
    copy.parent.mkdir()
    with sqlite3.connect(home / "ledger.sqlite") as source, sqlite3.connect(copy) as target:
        source.backup(target)
        for (name,) in list(target.execute("select name from sqlite_master where type='trigger'")):
            target.execute(f'drop trigger "{name}"')
        target.execute("update entry set body = replace(body, ?, ?)", (was, now))
        target.commit()
    source.close()
    target.close()
    monkeypatch.setenv("SECONDUNIT_HOME", str(copy.parent))
    said = su("verify", version, "--json")
    assert (said.code, "broken" in states(said.json)) == (1, True)
    assert "What the ledger says of BBB_0010_v001 was changed after it was written." in said.out


def test_the_ledger_holds_and_an_edited_one_does_not(su, home: Path, published, tmp_path: Path):
    assert su("verify", home, "--json").json["ok"]
    assert su("verify", home / "ledger.sqlite", "--json").json["ok"]
    copy = tmp_path / "copy.sqlite"
    with sqlite3.connect(home / "ledger.sqlite") as source, sqlite3.connect(copy) as target:
        source.backup(target)
        target.execute("drop trigger if exists entry_update")
        for (name,) in target.execute("select name from sqlite_master where type='trigger'"):
            target.execute(f'drop trigger "{name}"')
        target.execute("update entry set by='Eve' where number = 2")
        target.commit()
    source.close()
    target.close()
    said = su("verify", copy, "--json")
    assert (said.code, states(said.json)) == (1, {"broken"})


def test_a_ledger_without_its_checkpoint_does_not_vouch_for_its_own_end(su, home, tmp_path: Path):
    copy = tmp_path / "ledger.sqlite"
    with sqlite3.connect(home / "ledger.sqlite") as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    said = su("verify", copy, "--json")
    assert (said.code, states(said.json)) == (0, {"ok", "untrusted"})
    assert "No signed checkpoint lies beside ledger.sqlite" in said.out


def test_what_is_neither_is_refused(su, tmp_path: Path, published: dict):
    assert su("verify", tmp_path / "none", "--json").error == "E_MEDIA_OFFLINE"
    assert su("verify", tmp_path, "--json").error == "E_MEDIA_OFFLINE"
    plain = Path(published["otio"]).with_name("BBB.otio")
    assert su("verify", plain, "--json").error == "E_CUT"
