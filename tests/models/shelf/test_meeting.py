"""Plug-ins that run weights are given the models, and asked again when one was added."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest
from secondunit.hookspecs import GeneratorAbout, hookimpl
from secondunit.plugins import Plugins
from secondunit_bridge.film import Model, ModelKind, ModelLicence, Work


class Engine:
    """A generator made of a model."""

    def __init__(self, name: str) -> None:
        works = (Work.previs,)
        self.about = GeneratorAbout(name, "1", "Runs a model.", works, models=(name,))

    def plan(self, plan: Any, elements: Any) -> Any:
        return plan

    def run(self, plan: Any, elements: Any, seed: int, watch: Any) -> Any:
        raise NotImplementedError


def model(name: str, path: str = "/w") -> Model:
    return Model(name, ModelKind.base, "sd15", "", path, (), ModelLicence("MIT"))


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch):
    """Makes a module of a hook and puts it where plug-ins are found."""

    def put(name: str, give: Any) -> str:
        module = types.ModuleType(name)
        module.secondunit_generators = hookimpl(give)  # type: ignore[attr-defined]  # a new module
        monkeypatch.setitem(sys.modules, name, module)
        return name

    return put


def test_a_plug_in_that_names_models_is_given_all_of_them(plugin):
    asked: list[list[str]] = []

    def give(models):
        asked.append([one.name for one in models])
        return [Engine(one.name) for one in models]

    plugins = Plugins(models=(model("a"),), built_in=(plugin("su_engine", give),))
    assert set(plugins.generators) == {"a"}
    plugins.meet((model("b"),))
    plugins.meet((model("b"),))
    assert set(plugins.generators) == {"a", "b"}
    assert asked == [["a"], ["a", "b"]], "the same model again is nothing new"
    plugins.meet((model("b", "/elsewhere"),))
    assert asked[-1] == ["a", "b"], "one that changed is"
    assert len(asked) == 3


def test_a_plug_in_that_leaves_models_out_is_asked_once(plugin):
    asked: list[int] = []

    def give():
        asked.append(1)
        return [Engine("still")]

    plugins = Plugins(built_in=(plugin("su_deaf", give),))
    plugins.meet((model("a"),))
    assert asked == [1]
    assert set(plugins.generators) == {"still"}


def test_a_plug_in_that_breaks_on_a_new_model_loses_its_own_generators_and_nobody_elses(plugin):
    def brittle(models):
        if any(one.name == "odd" for one in models):
            raise RuntimeError("no such thing")
        return [Engine(one.name) for one in models]

    def greedy(models):
        return [Engine("slate")] if models else []

    names = (
        "secondunit.generators.slate",
        plugin("su_brittle", brittle),
        plugin("su_greedy", greedy),
    )
    plugins = Plugins(built_in=names)
    assert not plugins.refused
    plugins.meet((model("a"),))
    assert {"slate", "a"} <= plugins.generators.keys()
    assert "second generator called slate" in plugins.refused["su_greedy"].message
    plugins.meet((model("odd"),))
    assert "a" not in plugins.generators
    assert "no such thing" in plugins.refused["su_brittle"].message
    assert type(plugins.generators["slate"]) is not Engine
