"""A draft is chosen, shot at full quality from the panel, and is the next version in the comp."""

from __future__ import annotations

import time

import numpy as np
import pytest
from nuke_comp import Comp
from secondunit.cli import main
from secondunit.media.delivery import Attributes, write_exr
from secondunit_bridge import errors
from secondunit_bridge.film import Answer, TakeState
from secondunit_nuke import node as nodes
from secondunit_nuke.acts import Acts
from secondunit_nuke.session import Session
from studio_material import studio

PAINTER = '''
import numpy as np
from secondunit.hookspecs import Developed, GeneratorAbout, OptionAbout, hookimpl
from secondunit_bridge.film import Work


class Painter:
    """Paints over the plate, coarsely or finely."""

    about = GeneratorAbout(
        "painter", "1", "Paints over the plate.", (Work.plate,),
        options=(OptionAbout("quality", "finish", "how", choices=("draft", "finish")),),
    )

    def plan(self, plan, elements):
        return plan

    def run(self, plan, elements, seed, watch):
        cell = 18 if plan.options["quality"] == "draft" else 6
        noise = np.random.default_rng(seed)
        size = plan.height // cell, plan.width // cell, 3
        for number in plan.frames:
            watch.check()
            cells = noise.uniform(0.05, 0.6, size).astype(np.float32)
            yield Developed(number, np.kron(cells, np.ones((cell, cell, 1), np.float32)))


@hookimpl
def secondunit_generators():
    return [Painter()]
'''


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with studio(tmp_path_factory.mktemp("studio"), "painter", PAINTER) as place:
        assert main(["daemon", "start", "--json"]) == 0
        yield place


@pytest.fixture
def comp(nuke_fake, tmp_path, home):
    ramp = np.linspace(0, 1, 90, dtype=np.float32)[None].repeat(54, axis=0)
    soft = np.zeros((54, 90, 3), np.float16)
    soft[18:36, 30:60] = 1
    for index in range(2):
        plate = np.stack([ramp, ramp * 0.5, ramp + 0.1 * index], axis=-1).astype(np.float16)
        write_exr(tmp_path / f"plate.{1001 + index}.exr", plate, tuple("RGB"), Attributes())
        write_exr(tmp_path / f"roto.{1001 + index}.exr", soft, tuple("RGB"), Attributes())
    made = Comp.made(nuke_fake(), tmp_path / "comp", tmp_path / "plate.%04d.exr",
                     tmp_path / "roto.%04d.exr")  # fmt: skip
    made.node["su_generator"].setValue("painter")
    made.node["su_quality"].setValue("draft")
    made.node["su_edge_zone"].setValue(0)
    return made


@pytest.fixture
def session(comp):
    made = Session(comp.port)
    yield made
    made.close()


def until(session, done):
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, "it did not come"
        session.beat()
        time.sleep(0.02)


def take(session, number):
    rows = session.board.nodes[0].takes if session.board.nodes else ()
    return next((row for row in rows if row.title.startswith(f"Take {number}")), None)


def settled(session, number):
    row = take(session, number)
    return row is not None and row.state in (TakeState.pending_review, TakeState.blocked)


def circle(session, acts, number):
    """Answer what is open, choose it, and wait until it stands in the comp."""
    until(session, lambda: settled(session, number))
    for one in [one for one in take(session, number).findings if one.open]:
        acts.waive(one.id, take(session, number).id, "Kim", "a test", Answer.creative_intent)
    until(session, lambda: take(session, number).can_circle)
    acts.circle(take(session, number).id, "Ada")  # nobody approves what they asked for
    until(session, lambda: take(session, number).placed and take(session, number).version)


def test_a_chosen_draft_is_finished_and_the_finish_is_the_next_version(comp, session):
    acts, name = Acts(session), comp.node.fullName()
    until(session, lambda: session.hello is not None and session.board.nodes)
    with pytest.raises(errors.UnknownId, match="no version is placed"):
        acts.finish_placed(name, "Kim")
    acts.turn_over(name, "Kim")
    circle(session, acts, 1)
    draft = take(session, 1)
    assert (draft.title, draft.can_finish) == ("Take 1  draft", True)
    assert "_v001 (draft)" in comp.node["label"].value()
    steps = len(comp.fake.steps)
    acts.finish_placed(name, "Kim")  # what the node's own button does
    until(session, lambda: settled(session, 2) and not take(session, 1).can_finish)
    assert take(session, 2).title == "Take 2  finish of take 1"
    assert take(session, 2).seed == draft.seed
    assert len(comp.fake.steps) == steps  # asking is no step of undo
    circle(session, acts, 2)
    piece = nodes.state(comp.node).pieces[0]
    assert (piece.number, piece.take) == (2, take(session, 2).id)
    assert comp.node["label"].value().endswith("_v002")
    with pytest.raises(errors.UnknownId, match="_v002 is no draft"):
        acts.finish_placed(name, "Kim")
    acts.step(name, -1)
    assert "_v001 (draft)" in comp.node["label"].value()
