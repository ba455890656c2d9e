"""What every generator must do, as functions that say what it did not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from secondunit_bridge.errors import Cancelled, FieldError, OverLimits, SecondUnitError
from secondunit_bridge.film import Option
from secondunit_bridge.timing import Handles

from ..contract import Delivered, Fitted, deliver
from ..hookspecs import Developed, Generator, OptionAbout, Plan, Preview, Progress
from .material import Ask, Still, ask


def comply_generator(generator: Generator, given: Ask | None = None) -> None:
    """All of it. ``given`` is the ask to test with; None makes one with moving test pictures.

    Raises AssertionError saying what is wrong, and what the generator raises.
    """
    describes_itself(generator)
    few = given or ask(generator, frames=1, handles=Handles())
    given = given or ask(generator, frames=1, handles=Handles(1, 1))
    plans_without_opening_anything(given)
    gives_every_frame(given)
    gives_the_same_frames_for_the_same_seed(given)
    stops_when_told(given)
    honours_its_options(few)  # many takes: none needs to be long
    refuses_politely(generator)


def describes_itself(generator: Generator) -> None:
    """The description is complete: name, version, sentence, works, options with sane defaults."""
    about = generator.about
    assert re.fullmatch(r"[a-z][a-z0-9_.-]*", about.name), f"{about.name!r} is no plain name"
    assert about.version, f"{about.name} has no version"
    assert about.works, f"{about.name} names no work that it can do"
    assert about.licence, f"{about.name} names no licence"
    for sentence in (about.sentence, *(port.sentence for port in about.ports),
                     *(option.sentence for option in about.options)):  # fmt: skip
        assert len(sentence.split()) > 1, f"{about.name}: {sentence!r} is no sentence"
    names = [option.name for option in about.options]
    assert len(names) == len(set(names)), f"{about.name} has two options of one name"
    for option in about.options:
        low, high = _limits(option)
        if option.choices:
            assert option.default in option.choices, f"the default of {option.name} is no choice"
        elif isinstance(option.default, (int, float)) and low is not None and high is not None:
            assert low <= option.default <= high, f"the default of {option.name} is beyond limits"


def plans_without_opening_anything(given: Ask) -> None:
    """``plan`` answers a plan when there are no elements yet, and again when there are."""
    for elements in (None, given.elements):
        answer = given.generator.plan(given.plan, elements)
        assert isinstance(answer, Plan), f"plan answered {type(answer).__name__}"
        assert answer.frames == given.plan.frames, "plan changed the frames that were asked for"
        assert not answer.refusals, f"plan refuses a plain ask: {' '.join(answer.refusals)}"


def gives_every_frame(given: Ask) -> None:
    """Right numbers, order, size and kind; no NaN; progress within 0..1; confidence as declared."""
    said = list(Fitted(given.generator).run(given.plan, given.elements, 1, Still()))
    for word in said:
        assert isinstance(word, (Progress, Preview, Developed)), f"it said {type(word).__name__}"
        if isinstance(word, Progress):
            assert 0.0 <= word.done <= 1.0, f"progress of {word.done} is not within 0..1"
    frames = [word for word in said if isinstance(word, Developed)]
    for one in frames:
        assert np.isfinite(one.pixels).all(), f"frame {one.frame} has NaN or infinite values"
        if given.generator.about.gives_confidence:
            sure = one.confidence
            assert sure is not None, f"frame {one.frame} has no confidence"
            assert 0 <= sure <= 1, f"frame {one.frame}: a confidence of {sure}"
    delivered = [one.frame for one in _delivered(given, 1)]
    assert delivered == list(given.plan.frames), f"frames {delivered} were delivered"


def gives_the_same_frames_for_the_same_seed(given: Ask) -> None:
    """Bit for bit, when the description says deterministic."""
    if not given.generator.about.deterministic:
        return
    for one, other in zip(_delivered(given, 7), _delivered(given, 7), strict=True):
        same = one.pixels.tobytes() == other.pixels.tobytes()
        assert same, f"frame {one.frame} differs between two runs with one seed"


def stops_when_told(given: Ask) -> None:
    """A person stops the take: Cancelled comes out, at once and at any point."""
    calm = Still()
    fitted = Fitted(given.generator)
    for _ in fitted.run(given.plan, given.elements, 1, calm):
        pass
    count = len(given.plan.frames)
    assert calm.checks >= count, f"watch.check was called {calm.checks} times for {count} frames"
    for stop_at in {1, (count + 1) // 2, calm.checks}:
        frames = 0
        try:
            for word in fitted.run(given.plan, given.elements, 1, Still(stop_at)):
                frames += isinstance(word, Developed)
        except Cancelled:
            # frames held beyond the end, for a generator's frame rule, are dropped after the last
            late = stop_at == calm.checks
            assert late or frames < count, "every frame came although the take was stopped"
            continue
        raise AssertionError("the take was stopped but the generator went on: let Cancelled pass")


def honours_its_options(given: Ask) -> None:
    """Every choice and both limits of every option give a whole take or a polite refusal."""
    for name, value in _extremes(given.generator):
        again = replace(given.plan, options={**given.plan.options, name: value})
        plan = given.generator.plan(again, given.elements)
        if plan.refusals:
            _polite(plan.refusals)
            continue
        trial = Ask(given.generator, replace(again, refusals=()), given.elements)
        count = len(list(_delivered(trial, 1)))
        assert count == len(again.frames), f"{name}={value!r} gave {count} frames"
    for option in given.generator.about.options:
        _out_of_limits(given.generator, option)


def refuses_politely(generator: Generator) -> None:
    """With nothing to work from it refuses in sentences, or works; it never falls over."""
    try:
        given = ask(generator, footage={})
    except SecondUnitError as error:
        _polite((error.message, error.hint))
        return
    refusals = given.plan.refusals or generator.plan(given.plan, given.elements).refusals
    if refusals:
        _polite(refusals)
        return
    one = ask(generator, frames=1, handles=Handles(), footage={})
    assert len(list(_delivered(one, 0))) == 1, "a single frame cannot be shot"


def _delivered(given: Ask, seed: int) -> Iterator[Delivered]:
    for word in deliver(Fitted(given.generator), given.plan, given.elements, seed, Still()):
        if isinstance(word, Delivered):
            yield word


def _polite(refusals: tuple[str, ...]) -> None:
    for sentence in refusals:
        assert len(sentence.split()) > 3, f"{sentence!r} does not say why it is refused"


def _limits(option: OptionAbout) -> tuple[float | None, float | None]:
    return option.low, option.high


def _extremes(generator: Generator) -> Iterator[tuple[str, Option]]:
    for option in generator.about.options:
        kind = type(option.default)
        values: list[Option] = list(option.choices)
        values += [kind(limit) for limit in _limits(option) if limit is not None]
        for value in values:
            if value != option.default:  # with that every other take is shot
                yield option.name, value


def _out_of_limits(generator: Generator, option: OptionAbout) -> None:
    """The core refuses it before the generator sees it; this shows that the limits are declared."""
    if option.high is None or isinstance(option.default, str):
        return
    wrong = type(option.default)(option.high + 1)
    try:
        ask(generator, options={option.name: wrong})
    except (OverLimits, FieldError):
        return
    raise AssertionError(f"{option.name}={wrong!r} is beyond its limits but was taken")
