"""Kitsu: versions are told once, a server that is away is tried again, answers are proposals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("gazu", reason="pip install 'secondunit[kitsu]'")
from kitsu_server import KitsuServer
from secondunit.cli import main
from secondunit.cli.demo.cut import lay_out
from secondunit.trackers import sending
from secondunit.trackers.outbox import Outbox
from secondunit_bridge.errors import EngineOffline


@pytest.fixture(scope="module")
def kitsu(home: Path) -> Iterator[KitsuServer]:
    server = KitsuServer()
    (home / "kitsu.toml").write_text(f'host = "{server.host}"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KITSU_EMAIL", "unit@film")
        patch.setenv("KITSU_PASSWORD", "right")
        yield server
    server.close()


@pytest.fixture(scope="module")
def version(home: Path, kitsu: KitsuServer, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One insert, published while the home has a tracker."""
    import contextlib
    import io

    folder, said = tmp_path_factory.mktemp("film"), io.StringIO()
    (folder / "secondunit.toml").write_text(
        'name = "film"\nrate = "24"\nwidth = 96\nheight = 54\nspace = "ACEScg"\n'
        'movie_space = "Gamma 2.4 Encoded Rec.709"\nstore = "store"\n'
    )
    words = ["insert", lay_out(folder), "--at", "01:00:03:00",
             "--frames", 4, "--brief", "SECRET", "--generator", "slate",
             "--out", folder / "new.otio", "--json"]  # fmt: skip
    with contextlib.redirect_stdout(said):
        assert main([str(word) for word in words]) == 0
    return json.loads(said.getvalue())["version"]


def test_a_version_waits_while_kitsu_is_away_and_is_told_once_when_it_is_back(
    su, kitsu: KitsuServer, version: Any
):
    assert su("tracker", "status", "--json").json["waiting"] == 2  # put in as it was recorded
    kitsu.refuse = 503
    assert su("tracker", "push", "--json").error == "E_ENGINE"
    kitsu.refuse = 0
    told = su("tracker", "push", "--json")
    assert (told.code, told.json["told"], told.json["waiting"]) == (0, 2, 0)
    (shot,), (task,) = kitsu.rows["shots"], kitsu.rows["tasks"]
    assert (shot["name"], shot["nb_frames"]) == ("0010", 20)
    texts = [said["text"] for said in kitsu.rows["comments"]]
    assert texts[0].startswith(f"Second Unit: {version['name']}, temp, record ")
    assert "is approved" in texts[1]
    assert kitsu.rows["comments"][1]["task_status"]["short_name"] == "approved"
    (preview,) = kitsu.rows["preview-files"]
    movie = Path(version["path"]) / "review" / f"{version['name']}.mov"
    assert movie.read_bytes() in kitsu.movies[preview["id"]]
    assert len(preview["data"]["su_record"]) == 64
    assert task["task_type_id"] == "task-types-1"
    assert not any("SECRET" in text for text in texts)


def test_twice_is_once_even_when_the_outbox_was_lost(
    su, kitsu: KitsuServer, version: Any, home: Path
):
    before = {kind: len(rows) for kind, rows in kitsu.rows.items()}
    assert su("tracker", "push", "--json").json["told"] == 0
    (home / "trackers.sqlite").unlink()
    assert su("tracker", "push", "--json").json["told"] == 2
    assert {kind: len(rows) for kind, rows in kitsu.rows.items()} == before


@pytest.mark.parametrize(
    "broken",
    [["/comment"], ["/add-preview"], ["/pictures/"], ["/data/preview-files/"],
     ["/add-preview", "/pictures/", "/pictures/", "/data/preview-files/", "/comment"]],
    ids=["comment", "preview", "movie", "its record", "one after the other"],
)  # fmt: skip
def test_a_push_that_ended_half_way_is_gone_on_with_and_says_nothing_twice(
    su, kitsu: KitsuServer, version: Any, home: Path, broken: list[str]
):
    """Wherever it ends, and however often: one comment, one preview with one movie, in order."""
    for lost in ("preview-files", "comments"):
        kitsu.rows[lost].clear()
    kitsu.breaks, pushes = [*broken], 0
    while kitsu.breaks or pushes == 0:
        (home / "trackers.sqlite").unlink()  # it would wait for half a minute
        said = su("tracker", "push", "--json")
        assert (said.code, said.json["failed"]) == (1, 1)
        pushes += 1
    (home / "trackers.sqlite").unlink()
    assert su("tracker", "push", "--json").json["failed"] == 0
    texts = [said["text"] for said in kitsu.rows["comments"]]
    assert [" is approved: " in text for text in texts] == [False, True]
    (preview,) = kitsu.rows["preview-files"]
    assert len(preview["data"]["su_record"]) == 64
    assert preview["original_name"]


def test_an_approval_waits_for_the_movie_it_is_about(su, kitsu, version: Any, home: Path):
    for lost in ("preview-files", "comments"):
        kitsu.rows[lost].clear()
    (home / "trackers.sqlite").unlink()
    kitsu.breaks = ["/comment"]
    assert su("tracker", "push", "--json").json["told"] == 0
    again = su("tracker", "push", "--json").json  # the movie waits for its next try
    assert (again["told"], again["waiting"]) == (0, 2)
    assert kitsu.rows["comments"] == []
    (home / "trackers.sqlite").unlink()
    assert su("tracker", "push", "--json").json["told"] == 2
    assert kitsu.rows["comments"][-1]["task_status"]["short_name"] == "approved"


def test_what_others_say_comes_back_once_as_a_proposal_and_changes_nothing(
    su, kitsu: KitsuServer, version: Any
):
    kitsu.say(kitsu.rows["tasks"][0]["id"], "retake", "eyeline off at 1004", "Mika")
    (said,) = su("tracker", "pull", "--json").json["proposals"]
    assert (said["version"], said["text"], said["by"]) == (
        version["name"], "eyeline off at 1004", "Mika")  # fmt: skip
    assert said["status"] == "changes_requested"
    assert su("tracker", "pull", "--json").json["proposals"] == []
    assert kitsu.rows["comments"][0]["text"].startswith("Second Unit:")
    takes = su("takes", "--json").json["takes"]
    assert [take["state"] for take in takes if take["take"] == version["take"]] == ["circled"]


class _Site:
    """A site with one task; the second is away."""

    def __init__(self, said: list[dict[str, Any]]) -> None:
        self.said, self.away = said, False

    def comments(self, task: str) -> list[dict[str, Any]]:
        if task == "t2" and self.away:
            raise EngineOffline("Kitsu does not answer")
        return self.said[::-1] if task == "t1" else []

    def ours(self, short_name: str) -> str:
        return {"retake": "changes_requested"}.get(short_name, "")


def test_what_is_said_is_about_the_version_that_stood_there_and_is_lost_on_no_way(tmp_path: Path):
    outbox = Outbox(tmp_path, "kitsu")
    for number, name in enumerate(("A_v001", "A_v002", "B_v001")):
        outbox.put(f"{name}:{number}", "publish", {"version": name, "entry": number})
    for item, task in zip(outbox.due(0.0), ("t1", "t1", "t2"), strict=True):
        outbox.done(item, task)
    retake = {"short_name": "retake"}
    texts = ("Second Unit: A_v001, temp, record aa", "too dark", "Second Unit: A_v002, temp, record"
             " bb", "Second Unit: A_v002 is approved: fine (entry 9)", "hand!")  # fmt: skip
    site = _Site([{"id": str(n), "text": text, "task_status": retake}
                  for n, text in enumerate(texts)])  # fmt: skip
    site.away = True
    with pytest.raises(EngineOffline):
        sending.pull(outbox, site)  # type: ignore[arg-type]  # all that is asked of a site
    site.away = False
    found = sending.pull(outbox, site)  # type: ignore[arg-type]  # as above
    assert [(one.version, one.text) for one in found] == [
        ("A_v001", "too dark"),
        ("A_v002", "hand!"),
    ]
    assert sending.pull(outbox, site) == found  # type: ignore[arg-type]  # nobody was told yet
    sending.told(outbox, found)
    assert sending.pull(outbox, site) == []  # type: ignore[arg-type]  # as above


def test_wrong_accounts_sites_and_statuses_are_said(
    su, kitsu: KitsuServer, home: Path, monkeypatch: pytest.MonkeyPatch
):
    place, before = home / "kitsu.toml", (home / "kitsu.toml").read_text()
    monkeypatch.setenv("KITSU_PASSWORD", "wrong")
    assert su("tracker", "push", "--json").error == "E_ENGINE"
    monkeypatch.setenv("KITSU_PASSWORD", "right")
    try:
        place.write_text(before + '[statuses]\nfinal = "delivered"\n')
        assert "no status delivered" in su("tracker", "push", "--json").json["error"]["message"]
        place.write_text('host = "ftp://kitsu"\n')
        assert su("tracker", "push", "--json").error == "E_SETTING"
        place.write_text('host = "http://127.0.0.1:9"\n')
        assert su("tracker", "push", "--json").error == "E_ENGINE_OFFLINE"
        place.unlink()
        assert su("tracker", "push", "--json").error == "E_SETTING"
    finally:
        place.write_text(before)
