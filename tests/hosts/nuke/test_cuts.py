"""The range that a new cut wants of a shot, taken from the cut itself; only what lacks is shot."""

from __future__ import annotations

import time

import numpy as np
import opentimelineio as otio
import pytest
from nuke_comp import Comp
from secondunit.media.delivery import Attributes, write_exr
from secondunit_bridge.errors import NoPlace
from secondunit_bridge.timeline import KEY, stamp
from secondunit_bridge.unit import Unit
from secondunit_nuke import node as nodes
from secondunit_nuke.acts import Acts
from secondunit_nuke.place.cuts import played
from secondunit_nuke.session import Session
from secondunit_nuke.state import Asked, PlateFacts, State

GUID = "4a4f"
SHOT = State(
    GUID, "sh010_comp", "0010",
    plate=PlateFacts("/jobs/A001_C003.%04d.exr", "ACEScg", "", 1001, 1100, 96, 54, offset=500),
    asked=(Asked(GUID, "0010", 993, (993, 1108)), Asked("ext", "0010x1101", 1093, (1101, 1113))),
)  # fmt: skip


def clip(frames, *, guid=None, media="", name="", numbering="file"):
    return {"guid": guid, "name": name, "media": media or None, "numbering": numbering,
            "frames": list(frames)}  # fmt: skip


def cut(*shots):
    return {"timeline": "reel 2", "shots": list(shots)}


@pytest.mark.parametrize(
    ("one", "span"),
    [
        (clip(range(1009, 1129), guid=GUID), (1001, 1120)),  # delivered 1001 is the script's 993
        (clip(range(1009, 1022), guid="ext"), (1101, 1113)),
        (clip(range(8, 20), guid=GUID, numbering="zero"), (1001, 1012)),
        (clip(range(1001, 1126), guid=GUID, numbering="timecode"), (1001, 1125)),
        (clip(range(1009, 1020), media="/s/sh010_comp_0010_v004.1009.exr"), (1001, 1011)),
        (clip(range(1501, 1511), media="/plates/a001_c003.1501.exr"), (1001, 1010)),
        (clip(range(1501, 1511), name="A001_C003.[1501-1700].exr"), (1001, 1010)),
        (clip([1510, 1508, 1506], media="/plates/A001_C003.%04d.exr"), (1006, 1010)),  # reversed
    ],
)
def test_a_clip_is_known_and_its_frames_are_the_scripts(one, span):
    other = clip(range(5), media="/plates/B002_C001.mov", name="B002_C001")
    assert played(cut(other, one, other), SHOT) == span


def test_a_shot_that_plays_twice_wants_all_that_plays():
    twice = [clip(range(1009, 1020), guid=GUID), clip(range(1100, 1120), guid=GUID)]
    assert played(cut(*twice), SHOT) == (1001, 1111)


@pytest.mark.parametrize(
    "one",
    [
        clip(range(1001, 1009), guid="other"),
        clip(range(1001, 1009), media="/s/sh010_comp_0020_v004.1009.exr"),
        clip(range(900_000, 900_009), media="/plates/A001_C003.mov", numbering="timecode"),
        clip([], guid=GUID),
    ],
)
def test_what_is_not_this_shot_or_counts_otherwise_is_not_taken_for_it(one):
    with pytest.raises(NoPlace, match="reel 2 plays no frame of this shot"):
        played(cut(one), SHOT)


def edl(path, first, last):
    """An edit list by hand: source times count frames as the plate's files do, at 24."""

    def tc(frame):
        return f"{frame // 86400:02}:{frame // 1440 % 60:02}:{frame // 24 % 60:02}:{frame % 24:02}"

    spans = f"{tc(first)} {tc(last + 1)} {tc(86400)} {tc(86400 + last - first + 1)}"
    path.write_text(f"TITLE: reel 3\nFCM: NON-DROP FRAME\n\n001  AX       V     C        {spans}\n"
                    "* FROM CLIP NAME: plate.%04d.exr\n")  # fmt: skip


def timeline(path, version, first, last):
    """A cut of the version, which it plays longer than the version is."""
    rate = otio.opentime.RationalTime
    made = otio.schema.Clip(
        "a comp",
        source_range=otio.opentime.TimeRange(rate(first, 24), rate(last - first + 1, 24)),
        metadata={KEY: stamp(version)},
    )
    made.media_reference = otio.schema.ExternalReference(
        f"{version.path}/exr/{version.name}.1001.exr"
    )
    track = otio.schema.Track("V1", children=[made], kind="Video")
    otio.adapters.write_to_file(otio.schema.Timeline("reel 4", tracks=[track]), str(path))


def test_a_cut_file_says_what_is_missing_and_extend_shoots_that(nuke_fake, daemon, tmp_path):
    for index in range(8):
        planes = np.full((54, 96, 4), 0.1 * (index + 1), np.float16)
        write_exr(tmp_path / f"plate.{1001 + index}.exr", planes, tuple("RGBA"), Attributes())
    plate = tmp_path / "plate.%04d.exr"
    comp = Comp.made(nuke_fake(), tmp_path / "comp", plate, plate, channel="rgba.red")
    for name, value in (("generator", "slate"), ("edge_zone", 0), ("range", "custom"),
                        ("last", 1004)):  # fmt: skip
        comp.node[f"su_{name}"].setValue(value)
    session = Session(comp.port)
    acts, name = Acts(session), comp.node.fullName()

    def until(done):
        end = time.monotonic() + 60
        while not done():
            assert time.monotonic() < end, session.said
            session.beat()
            time.sleep(0.02)

    with Unit.connect(host="nuke", start=False) as unit:
        version = comp.shot(unit)
    comp.place(version)
    until(lambda: session.hello is not None and session.board.nodes)
    edl(tmp_path / "reel3.edl", 1001, 1006)
    acts.recut_from(name, str(tmp_path / "reel3.edl"))
    until(lambda: session.board.node(name).missing == 2)
    assert "2 frames missing (1005-1006)" in session.said[0].what
    timeline(tmp_path / "reel4.otio", version, 1001, 1007)
    acts.recut_from(name, str(tmp_path / "reel4.otio"))
    until(lambda: session.board.node(name).missing == 3)
    assert session.board.node(name).asked == ""
    assert nodes.state(comp.node).cut == (1001, 1007)
    acts.extend(name, "Kim")
    until(lambda: [t for t in session.board.node(name).takes if "extends 1005-1007" in t.title])
    until(lambda: session.board.node(name).asked == "Circle the take that has them.")
    acts.recut(name, "1001-1008")  # of these frames nobody has asked for the last
    until(lambda: session.board.node(name).asked == "")
    acts.recut(name, "1001-1007")
    (tmp_path / "empty.edl").write_text("no cut at all")
    acts.recut_from(name, str(tmp_path / "empty.edl"))
    until(lambda: session.said[0].wrong)
    assert session.said[0].hint
    assert nodes.state(comp.node).cut == (1001, 1007)
    session.close()
