"""A changed lock in a real home: pickups laid into the new cut, and approvals that follow it."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from cut_material import clip, film_folder, hole, write_cut
from secondunit.cli.turnover import unapproved
from secondunit.editorial import read_cut

HELD = ("--generator", "reframe", "--region", "0.1,0.1,0.8,0.8", "--option", "move=hold",
        "--option", "grade=0")  # fmt: skip


@pytest.fixture(scope="module")
def locked(home: Path, tmp_path_factory):
    """A cut with an insert of ours of eight frames in its gap, as it was locked."""
    from secondunit.cli import main

    folder = film_folder(tmp_path_factory.mktemp("lock") / "film", 96, 54)
    media = folder / "bbb.mp4"
    write_cut(folder / "v1.otio", [clip("A", media, 0, 24), hole(8), clip("B", media, 100, 24)])
    words = ["insert", folder / "v1.otio", "--at", "01:00:01:00", "--frames", 8, "--takes", 1,
             "--out", folder / "v1_su.otio", "--by", "Ada", *HELD]  # fmt: skip
    assert main([str(word) for word in words]) == 0
    return folder


def ours(document: dict) -> dict:
    (track,) = [t for t in document["tracks"]["children"] if t["name"] == "SU_INSERT"]
    return next(child for child in track["children"] if child["OTIO_SCHEMA"].startswith("Clip"))


def recut_to(folder: Path, name: str, length: int) -> Path:
    """The locked cut with our shot so long, and what comes behind it as much later."""
    document = json.loads((folder / "v1_su.otio").read_text())
    document["name"] = name
    ours(document)["source_range"]["duration"]["value"] = length
    gap = document["tracks"]["children"][0]["children"][1]
    gap["source_range"]["duration"]["value"] = length
    path = folder / f"{name}.otio"
    path.write_text(json.dumps(document))
    return path


def states(su) -> dict[str, str]:
    return {name: state for shot in su("shots", "--json").json["shots"]
            for name, state in shot["states"].items()}  # fmt: skip


def test_pickups_are_laid_into_the_new_cut_and_kept_frames_stay_byte_for_byte(su, locked: Path):
    old, new = locked / "v1_su.otio", recut_to(locked, "v2", 20)
    (before,) = [shot for shot in read_cut(old).shots if shot.guid]
    exr = Path(before.media).parent
    bytes_before = {path.name: sha256(path.read_bytes()).hexdigest() for path in exr.iterdir()}
    told = su("recut", old, new, "--shoot", "--apply", "--by", "Ada", "--json").json
    assert "error" not in told, told
    (shot,) = told["shot"]
    assert (shot["missing"], shot["seam"]["outcome"]) == ([1025, 1028], "clear")
    assert told["kept"] == {"frames": 16, "identical": 16}
    assert {p.name: sha256(p.read_bytes()).hexdigest() for p in exr.iterdir()} == bytes_before
    again = read_cut(told["otio"])
    kept, pickup = (s for s in again.shots if s.track == "SU_INSERT")
    assert (kept.record.first, len(kept.record), kept.frames[-1]) == (86424, 16, 1024)
    assert (pickup.record.first, len(pickup.record)) == (86440, 4)
    assert (pickup.frames, pickup.online) == (tuple(range(1005, 1009)), True)
    assert pickup.marks["version"] == shot["version"]["name"]
    others = [[(s.name, s.record, s.source) for s in cut.shots if not s.guid]
              for cut in (read_cut(new), again)]  # fmt: skip
    assert others[0] == others[1]
    told = su("recut", old, new, "--shoot", "--apply", "--by", "Ada", "--out", locked / "v2b.otio",
              "--json").json  # fmt: skip
    assert [one["take"]["take"] for one in told["shot"]] == [shot["take"]["take"]]  # not shot twice


def test_approvals_follow_the_cut_and_every_way_back_is_open(su, locked: Path):
    old, new = locked / "v1_su.otio", recut_to(locked, "v3", 12)
    (version,) = [name for name in states(su) if "_0010_" in name]
    told = su("recut", old, new, "--apply", "--by", "Kim", "--json").json
    assert told["statuses"]["states"][version] == "stale"
    assert states(su)[version] == "stale"
    assert f"{version} approved (stale)" in su("shots").out
    (said,) = unapproved(read_cut(new))  # what a turnover remarks
    assert said.startswith(f"{version} is approved (stale): extended in handles in v3")
    assert su("recut", new, old, "--apply", "--out", locked / "b.otio", "--json").code == 0
    assert states(su)[version] == "approved"  # the cut shows again what was approved
    assert not list(unapproved(read_cut(old)))
    gone = locked / "gone.otio"
    document = json.loads(old.read_text())
    document["name"] = "gone"
    document["tracks"]["children"].pop()
    gone.write_text(json.dumps(document))
    su("recut", old, gone, "--apply", "--json")
    assert f"{version} not in the cut" in su("shots").out
    su("recut", gone, new, "--apply", "--out", locked / "c.otio", "--json")
    assert states(su)[version] == "stale"  # it is back, but not as it was approved
    take = next(s for s in su("takes", "--json").json["takes"] if s["shot"].endswith("_0010"))
    assert su("circle", take["take"], "--by", "Kim", "--json").code == 0
    assert states(su)[version] == "approved"
    assert su("recut", old, old, "--apply", "--out", locked / "d.otio", "--json").code == 0
    assert states(su)[version] == "approved"


def test_where_several_people_work_a_pickup_waits_for_somebody_elses_word(su, locked: Path):
    old, new = locked / "v1_su.otio", recut_to(locked, "v5", 18)
    words = ("recut", old, new, "--shoot", "--apply", "--by", "Kim", "--json")
    told = su(*words).json
    (shot,) = told["shot"]
    assert (shot["missing"], shot["version"]) == ([1025, 1026], None)
    assert all(s.guid != shot["guid"] for s in read_cut(told["otio"]).shots)  # nothing is laid in
    assert su("circle", shot["take"]["take"], "--by", "Ada", "--json").code == 0
    again = su(*words[:-1], "--out", locked / "v5b.otio", "--json").json
    laid = [s for s in read_cut(again["otio"]).shots if s.guid == shot["guid"]]
    assert [len(one.record) for one in laid] == [2]
