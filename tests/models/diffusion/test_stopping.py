"""A take is stopped within one call of the denoiser, and the next is as if nothing had been."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from secondunit.contract import ConformedElements, plan_for
from secondunit.generators.diffusion import steps
from secondunit_bridge.errors import Cancelled
from secondunit_bridge.film import Role, Work
from studio import Studio

SIZE = (32, 32)


class AfterSteps:
    """A watch that stops the take once the pipeline is in its second step."""

    def __init__(self) -> None:
        self.stopped = False

    def check(self) -> None:
        if self.stopped:
            raise Cancelled("a person stopped the take")


@pytest.mark.parametrize(("name", "work"), [("sd15-inpaint", Work.plate), ("wan-vace", Work.plate)])
def test_a_stopped_take_leaves_nothing_behind(studio: Studio, monkeypatch, name, work):
    studio.model(name)
    count = 5 if name == "wan-vace" else 1
    elements = [studio.reel(role, count, size=SIZE) for role in (Role.plate, Role.matte)]
    ask = studio.turnover(name, work, *elements, count=count, size=SIZE, steps=6)
    wanted = studio.run(ask, seed=5)
    watch, calls = AfterSteps(), []
    counted = steps.Steps._count

    def count_calls(self, module, given, named):
        calls.append(self.step)
        if len(calls) == 3:
            watch.stopped = True  # a person presses stop while the third call is asked for
        counted(self, module, given, named)

    monkeypatch.setattr(steps.Steps, "_count", count_calls)
    with pytest.raises(Cancelled):
        studio.run(ask, seed=5, watch=watch)
    assert len(calls) == 3
    monkeypatch.undo()
    assert np.array_equal(studio.run(ask, seed=5), wanted)


def test_progress_is_told_step_by_step(studio: Studio):
    studio.model("sd15")
    made = studio.shoot(studio.turnover("sd15", Work.previs, steps=4, guidance=1.0))
    told = [one.says for one in made.progress]
    assert [says for says in told if says.startswith("step")] == [
        f"step {step} of 4" for step in range(1, 5)
    ]
    done = [one.done for one in made.progress]
    assert done == sorted(done)


def test_a_caller_who_leaves_stops_the_call(studio: Studio):
    studio.model("sd15")
    generator = studio.plugins.generators["sd15"]
    ask = studio.turnover("sd15", Work.previs)
    plan = plan_for(ask, generator, studio.project)
    nothing = ConformedElements(
        ask, plan, lambda media: None, space="", convert=lambda rgb, of: rgb
    )
    running = generator.run(plan, nothing, 1, AfterSteps())
    for said in running:
        if getattr(said, "says", "").startswith("step"):
            break
    running.close()
    assert not [t for t in threading.enumerate() if t.name == "denoise"]
