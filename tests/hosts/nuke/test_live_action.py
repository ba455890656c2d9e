"""A person taken out of live action in a comp: near the empty room inside, the plate outside."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from nuke_comp import Comp, bits, pixels
from secondunit.media.delivery import Attributes, write_exr
from secondunit_bridge.unit import Unit
from secondunit_nuke import node as nodes

FIRST, COUNT, EMPTY = 300, 8, range(208, 224, 2)
SIZE = (256, 144)
ZONE = 8
ASIDE = np.r_[0:66, 200:256]  # columns that nobody walks through


@pytest.fixture(scope="module")
def room(data):
    """Frames of a locked-off room, scene-linear: with a person from 300, and empty before."""
    import av

    wanted, found = {*range(FIRST, FIRST + COUNT), *EMPTY}, {}
    with av.open(str(data / "footage/one-by-one-person.mp4")) as film:
        for number, frame in enumerate(film.decode(video=0)):
            if number in wanted:
                picture = cv2.resize(frame.to_ndarray(format="rgb24"), SIZE, None, 0, 0, 3)
                found[number] = (picture / np.float32(255)) ** np.float32(2.4)
            if number >= FIRST + COUNT:
                break
    return found


def test_a_person_leaves_the_room_and_the_room_stays(nuke_fake, daemon, room, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    truth = np.median([room[n] for n in EMPTY], axis=0)
    for number in range(FIRST, FIRST + COUNT):
        soft = person(room[number], truth).astype(np.float16)
        name = f"{number:04}.exr"
        written(folder / f"plate.{name}", room[number])
        write_exr(folder / f"roto.{name}", soft[..., None].repeat(3, 2), tuple("RGB"), Attributes())
    for number in EMPTY:
        written(folder / f"empty.{number:04}.exr", room[number])
    comp = Comp.made(nuke_fake(), tmp_path / "comp", folder / "plate.%04d.exr",
                     folder / "roto.%04d.exr")  # fmt: skip
    still = comp.fake.nuke.nodes.Read(name="Empty")
    still["file"].setValue(str(folder / "empty.0208.exr").replace("0208", "%04d"))
    still["colorspace"].setValue("Linear Rec.709 (sRGB)")
    still["first"].setValue(208)
    still["last"].setValue(208)
    comp.node.setInput(nodes.INPUTS.index("reference"), still)
    comp.node["su_edge_zone"].setValue(ZONE)
    with Unit.connect(host="nuke", start=False) as unit:
        comp.place(comp.shot(unit))
    last = FIRST + COUNT - 1
    was = comp.render(comp.plate, tmp_path / "was", FIRST, last)
    now = comp.render(comp.node, tmp_path / "now", FIRST, last)
    alone = nodes.state(comp.node).pieces[0].path
    made = {n: pixels(alone, n - FIRST + 1001) for n in range(FIRST, last + 1)}
    for number in range(FIRST, last + 1):
        inside = pixels(folder / "roto.%04d.exr", number)["R"] > 0
        near = cv2.dilate(inside.astype(np.uint8), np.ones((6 * ZONE + 1,) * 2, np.uint8)) > 0
        before, after = pixels(was, number), pixels(now, number)
        assert not near.all()
        for name in "RGB":
            assert (bits(before, name) == bits(after, name))[~near].all()
        without = lit(room[number], truth)
        filled = np.stack([made[number][c] for c in "RGB"], axis=-1)
        stood = np.abs(coded(room[number]) - without)[inside].mean()
        left = np.abs(coded(filled) - without)[inside].mean()
        assert left < 0.03
        assert left < stood / 4


def lit(frame, empty):
    """The empty room, gamma-coded, in the light of a frame."""
    curves = [np.polyfit(coded(empty)[:, ASIDE, c].ravel(), coded(frame)[:, ASIDE, c].ravel(), 3)
              for c in range(3)]  # fmt: skip
    return np.stack([np.polyval(one, coded(empty)[..., c]) for c, one in enumerate(curves)], -1)


def person(frame, empty):
    """Who is not in the empty room, drawn generously."""
    off = np.abs(coded(frame) - lit(frame, empty)).mean(-1).astype(np.float32)
    off = cv2.GaussianBlur(off, (0, 0), 1) > 0.06
    whole = cv2.morphologyEx(off.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9)))
    _, labels, sizes, _ = cv2.connectedComponentsWithStats(whole)
    largest = labels == 1 + int(np.argmax(sizes[1:, cv2.CC_STAT_AREA]))
    return cv2.dilate(largest.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0


def coded(linear):
    return np.clip(linear.astype(np.float32), 0, 1) ** (1 / 2.4)


def written(path, picture):
    write_exr(path, picture.astype(np.float16), ("R", "G", "B"), Attributes())
