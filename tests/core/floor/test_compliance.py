from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from secondunit.hookspecs import Developed, GeneratorAbout
from secondunit.plugins import Plugins
from secondunit.testing import comply_check, comply_generator
from secondunit_bridge.film import Finding, Outcome, Work

PLUGINS = Plugins()


@pytest.mark.slow
@pytest.mark.timeout(400)  # every option of every generator is tried
@pytest.mark.parametrize("name", PLUGINS.generators)
def test_our_generators_pass_the_suite_we_ship(name):
    comply_generator(PLUGINS.generators[name])


@pytest.mark.parametrize("name", PLUGINS.checks)
def test_our_checks_pass_the_suite_we_ship(name):
    comply_check(PLUGINS.checks[name])


class Plain:
    """A generator that does everything right; its children each do one thing wrong."""

    about = GeneratorAbout("plain", "1", "Grey frames.", (Work.insert,))

    def plan(self, plan, elements):
        return plan

    def run(self, plan, elements, seed, watch):
        for number in plan.frames:
            watch.check()
            yield self.frame(plan, number)

    def frame(self, plan, number):
        return Developed(number, np.full((plan.height, plan.width, 3), 0.18, np.float32))


class Restless(Plain):
    def frame(self, plan, number):
        noise = np.random.default_rng().random((plan.height, plan.width, 3), np.float32)
        return Developed(number, noise)


class Deaf(Plain):
    def run(self, plan, elements, seed, watch):
        watch.check()
        for number in plan.frames:
            yield self.frame(plan, number)


class Short(Plain):
    def run(self, plan, elements, seed, watch):
        yield from list(super().run(plan, elements, seed, watch))[:-1]


class Holed(Plain):
    def frame(self, plan, number):
        made = super().frame(plan, number)
        made.pixels[3, 3] = np.nan
        return made


class Rude(Plain):
    def plan(self, plan, elements):
        return replace(plan, refusals=("No.",))


class Silent(Plain):
    about = replace(Plain.about, gives_confidence=True)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (Restless, "differs between two runs"),
        (Deaf, "watch.check was called"),
        (Short, "is missing"),
        (Holed, "NaN"),
        (Rude, "refuses"),
        (Silent, "no confidence"),
    ],
)
def test_the_suite_catches_a_generator_that_misbehaves(kind, says):
    comply_generator(Plain())
    with pytest.raises(Exception, match=says):
        comply_generator(kind())


class Honest:
    about = replace(PLUGINS.checks["frame_count"].about, name="honest")

    def examine(self, exam):
        return [
            Finding("", "honest", Outcome.clear, "All is well.", department="VFX"),
        ]


class Falls(Honest):
    def examine(self, exam):
        exam.before.frame(1)
        return super().examine(exam)


class Mute(Honest):
    def examine(self, exam):
        return []


class Namer(Honest):
    def examine(self, exam):
        return [replace(super().examine(exam)[0], id="mine")]


class Vague(Honest):
    def examine(self, exam):
        return [replace(super().examine(exam)[0], outcome=Outcome.not_checked)]


@pytest.mark.parametrize(
    ("kind", "says"),
    [(Falls, "frame"), (Mute, "answered nothing"), (Namer, "named"), (Vague, "does not say why")],
)
def test_the_suite_catches_a_check_that_misbehaves(kind, says):
    comply_check(Honest())
    with pytest.raises((AssertionError, AttributeError), match=says):
        comply_check(kind())
