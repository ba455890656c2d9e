"""Finds the plug-ins, ours and others', the same way, and keeps what they do wrong to themselves.

Built-ins are modules with the three hooks, loaded by name like anybody's. A third party's plug-in
is an entry point of group ``secondunit``; it is imported only when the allow-list in the settings
names it. What cannot be loaded is listed in ``Plugins.refused`` with the reason; the rest loads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pluggy
from secondunit_bridge.errors import PlugInRefused, SecondUnitError
from secondunit_bridge.film import Entry, Model

from . import hookspecs
from .hookspecs import AnyCheck, CheckAbout, Generator, GeneratorAbout

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")

GROUP = "secondunit"  # entry points of this group are plug-ins

BUILT_IN = (
    "secondunit.generators.slate",
    "secondunit.generators.reframe",
    "secondunit.generators.clean_plate",
    "secondunit.generators.plate_in",
    "secondunit.generators.looks",
    "secondunit.generators.diffusion",
    "secondunit.generators.comfyui",
    "secondunit.checks.frame_count",
    "secondunit.checks.range_nan",
    "secondunit.checks.repeats",
    "secondunit.checks.exposure",
    "secondunit.checks.white_balance",
    "secondunit.checks.flicker",
    "secondunit.checks.flashes",
    "secondunit.checks.blockiness",
    "secondunit.checks.banding",
    "secondunit.checks.hidden_cut",
    "secondunit.checks.setup",
    "secondunit.checks.grain_level",
    "secondunit.checks.soft",
    "secondunit.checks.soft_take",
    "secondunit.checks.staged",
    "secondunit.checks.tones",
    "secondunit.checks.key_light",
    "secondunit.checks.props",
    "secondunit.checks.wardrobe",
    "secondunit.checks.obey",
    "secondunit.checks.lint",
    "secondunit.checks.plate_kept",
    "secondunit.checks.axis_pixels",
    "secondunit.checks.slated",
    "secondunit.checks.faces",
    "secondunit.trackers.kitsu_plugin",
)

_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


@dataclass(frozen=True)
class Answered(Generic[T]):
    """What other people's code gave back, or what it raised instead."""

    value: T | None = None
    raised: BaseException | None = None


def ask(call: Callable[..., T], *args: Any) -> Answered[T]:
    """Calls other people's code. Whatever it raises comes back as a value; only Ctrl-C passes."""
    try:
        return Answered(call(*args))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the border to other people's code
        return Answered(raised=error)


def said(error: BaseException) -> str:
    """What went wrong, in one short line: kind and message, no traceback."""
    if isinstance(error, SecondUnitError):
        return error.message
    words = " ".join((ask(str, error).value or "").split())  # its own text may raise too
    return f"{type(error).__name__}: {words:.200}" if words else type(error).__name__


class Plugins:
    """The generators and checks that are installed, by name, and the ledger's listeners.

    ``allowed`` are names of entry points, of their distributions or of their top-level packages.
    ``refused`` says of each plug-in that was not taken why not; one that is installed but not
    allowed is listed there too, and was not imported. Never raises for a bad plug-in.

    ``models`` are the registered ones; plug-ins that run weights are given them.
    """

    def __init__(
        self,
        allowed: Sequence[str] = (),
        *,
        models: Sequence[Model] = (),
        built_in: Sequence[str] = BUILT_IN,
    ) -> None:
        self.generators: dict[str, Generator] = {}
        self.checks: dict[str, AnyCheck] = {}
        self.refused: dict[str, PlugInRefused] = {}
        self._models = {model.name: model for model in models}
        self._of_models: dict[str, list[str]] = {}  # plug-in -> generators it made of models
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        for name in built_in:
            self._load(name, import_module, name)
        if allowed:
            self._load_allowed(allowed)

    @property
    def hook(self) -> pluggy.HookRelay:
        """Calls every plug-in's hook of that name."""
        return self._manager.hook

    def meet(self, models: Sequence[Model]) -> None:
        """Models that are new or have changed: plug-ins that run weights are asked again.

        What a plug-in gave before and gives no more is gone. One that answers badly loses the
        generators it made of models; ``refused`` says why.
        """
        if all(self._models.get(model.name) == model for model in models):
            return
        self._models.update({model.name: model for model in models})
        self._ask_again()

    def forget(self, model: str) -> None:
        """A model of that name is registered no more; the same is done as when one is new."""
        if self._models.pop(model, None) is not None:
            self._ask_again()

    def _ask_again(self) -> None:
        for name in list(self._of_models):
            for gone in self._of_models[name]:
                del self.generators[gone]
            self.refused.pop(name, None)
            given, problem = self._sound(name, _GENERATOR, self.generators)
            if problem:
                self._refuse(name, problem)
            self._of_models[name] = list(given)
            self.generators.update(given)

    def listeners(self) -> list[tuple[str, Callable[[Entry], Answered[object]]]]:
        """Who hears of durable entries: the plug-in's name, and how it is told of one."""
        heard = self._manager.hook.secondunit_recorded.get_hookimpls()
        return [(one.plugin_name, partial(_tell, one)) for one in heard]

    def _load_allowed(self, allowed: Sequence[str]) -> None:
        from importlib.metadata import entry_points  # costs 100 ms: only with an allow-list

        wanted = {_plain(name): name for name in allowed}
        met: set[str] = set()
        for point in entry_points(group=GROUP):
            names = _names_of(point)
            met |= names
            if names & wanted.keys():
                self._load(point.name, point.load)
            else:
                hint = f"Add {point.name} to the allow-list in the settings if you trust it."
                self._refuse(point.name, "is installed but not on the allow-list", hint)
        for name in wanted.keys() - met:
            hint = "Install it, or take it off the allow-list."
            self._refuse(wanted[name], "is on the allow-list but not installed", hint)

    def _load(self, name: str, load: Callable[..., Any], *args: Any) -> None:
        if self._manager.has_plugin(name):
            self._refuse(f"{name} (2)", f"has the same name as another plug-in, {name}")
            return
        loaded = ask(load, *args)
        if loaded.raised is not None:
            self._refuse(name, f"does not load: {said(loaded.raised)}")
            return
        registered = ask(self._manager.register, loaded.value, name)
        if registered.raised is not None:
            self._refuse(name, f"does not fit the hooks: {said(registered.raised)}")
            return
        problem = self._unknown_hooks(loaded.value) or self._take_up(name)
        if problem:
            self._manager.unregister(name=name)
            self._refuse(name, problem)

    def _unknown_hooks(self, plugin: object) -> str:
        callers = self._manager.get_hookcallers(plugin) or []
        if not callers:
            return "has none of the hooks"
        strange = sorted(caller.name for caller in callers if not caller.has_spec())
        return f"has a hook that is not one: {', '.join(strange)}" if strange else ""

    def _take_up(self, name: str) -> str:
        """Adds what a plug-in gives. A sentence when any of it is bad; then none is added."""
        generators, problem = self._sound(name, _GENERATOR, self.generators)
        checks, problem_too = self._sound(name, _CHECK, self.checks)
        if problem or problem_too:
            return problem or problem_too
        self.generators.update(generators)
        self.checks.update(checks)
        if any("models" in heard.argnames for heard in self._heard(name, _GENERATOR)):
            self._of_models[name] = list(generators)
        return ""

    def _sound(self, name: str, kind: _Kind, held: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """What a plug-in gives of a kind, by name; none and a sentence when any of it is bad."""
        given, problem = self._given(name, kind)
        sound: dict[str, Any] = {}
        for item in given:
            problem = problem or _wrong(item, kind, {**held, **sound})
            if problem:
                return {}, problem
            sound[item.about.name] = item
        return sound, problem

    def _given(self, name: str, kind: _Kind) -> tuple[list[Any], str]:
        """What the plug-in's hook returns, and a sentence when it raises or gives no list."""
        given: list[Any] = []
        models = tuple(self._models.values())
        for heard in self._heard(name, kind):
            told = [models] if "models" in heard.argnames else []
            answer = ask(lambda heard=heard, told=told: list(heard.function(*told)))
            if answer.raised is not None:
                return [], f"gives no {kind.word}s: {said(answer.raised)}"
            given += answer.value or []
        return given, ""

    def _heard(self, name: str, kind: _Kind) -> list[pluggy.HookImpl]:
        """The plug-in's own implementations of a hook."""
        all_of_them = getattr(self._manager.hook, kind.hook).get_hookimpls()
        return [heard for heard in all_of_them if heard.plugin_name == name]

    def _refuse(self, name: str, problem: str, hint: str = "") -> None:
        self.refused[name] = PlugInRefused(
            f"the plug-in {name} {problem}",
            hint=hint or "Ask its author, or take it off the allow-list; everything else works.",
            data={"plugin": name},
        )


def _tell(heard: pluggy.HookImpl, entry: Entry) -> Answered[object]:
    return ask(heard.function, *([entry] if heard.argnames else []))


@dataclass(frozen=True)
class _Kind:
    """One kind of thing a plug-in adds: its hook, its description's type, its methods."""

    word: str
    hook: str
    about: type
    ways: tuple[tuple[str, ...], ...]  # it has all methods of one of these


_GENERATOR = _Kind("generator", "secondunit_generators", GeneratorAbout, (("plan", "run"),))
_CHECK = _Kind("check", "secondunit_checks", CheckAbout, (("examine",), ("watch",)))


def _wrong(item: object, kind: _Kind, held: Iterable[str]) -> str:
    """A sentence that says why the thing cannot be taken, or nothing."""
    about = ask(getattr, item, "about", None).value
    if not isinstance(about, kind.about):
        return f"gives a {kind.word} without a {kind.about.__name__}"
    name = getattr(about, "name", None)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return f"gives a {kind.word} whose name is not a plain lower-case word: {name!r:.60}"
    if name in held:
        return f"gives a second {kind.word} called {name}"
    senseless = _senseless(about) if isinstance(about, GeneratorAbout) else ""
    if senseless:
        return f"gives a {kind.word} {name} whose {senseless}"
    lacking = [[m for m in way if not callable(ask(getattr, item, m, None).value)]
               for way in kind.ways]  # fmt: skip
    if all(lacking):
        words = " or ".join(method for way in lacking for method in way)
        return f"gives a {kind.word} {name} that cannot {words}"
    return ""


def _senseless(about: GeneratorAbout) -> str:
    """The first limit of a generator that cannot be counted with, and its value; or nothing."""
    limits = {
        "size_multiple": (1, about.size_multiple),
        "least_side": (1, about.least_side),
        "most_pixels": (1, 1 if about.most_pixels is None else about.most_pixels),
        "max_frames": (1, 1 if about.max_frames is None else about.max_frames),
        "overlap": (0, 0 if about.overlap is None else about.overlap),
    }
    wrong = (f"{name} is {n!r:.40}" for name, (least, n) in limits.items() if not _whole(n, least))
    rule = about.frame_rule
    pair = isinstance(rule, tuple) and len(rule) == 2
    if not pair or not _whole(rule[0], 1) or not _whole(rule[1], 0):
        return f"frame_rule is {rule!r:.40}"
    return next(wrong, "")


def _whole(value: object, least: int) -> bool:
    return type(value) is int and value >= least


def _plain(name: str) -> str:
    """Names of packages compare without case and with one kind of dash (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def _names_of(point: EntryPoint) -> set[str]:
    names = {point.name, point.value.partition(":")[0].partition(".")[0]}
    if point.dist is not None:
        names.add(point.dist.name)
    return {_plain(name) for name in names}
