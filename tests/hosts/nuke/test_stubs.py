"""Every call that we make, and every one that the fake answers, is one that Nuke publishes."""

from __future__ import annotations

import ast
import inspect
import os
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import nuke_fake.knobs as knobs
import nuke_fake.module as module
import nuke_fake.nodes as nodes
import pytest

HOST = Path(__file__).parents[3] / "hosts/nuke/secondunit_nuke"
ANY = 99


@pytest.fixture(scope="module")
def published():
    """Functions and classes of Nuke by name, as the stubs say them: most positional arguments."""
    try:
        place = Path(distribution("types-nuke").locate_file("nuke-stubs"))
    except PackageNotFoundError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip("the published signatures (types-nuke) are not installed")
    functions, classes = {}, {}
    for file in sorted(place.glob("*.pyi")):
        for one in ast.parse(file.read_text()).body:
            if isinstance(one, ast.FunctionDef):
                functions.setdefault(one.name, []).append(one.args)
            elif isinstance(one, ast.ClassDef):
                classes.setdefault(one.name, one)
            elif isinstance(one, ast.AnnAssign):
                functions.setdefault(one.target.id, [])
    return functions, classes


def most(args, *, bound):
    return ANY if args.vararg else len(args.args) - bound


def methods(classes, name):
    """Of a class and those above it."""
    found = {}
    for base in classes[name].bases:
        if isinstance(base, ast.Name) and base.id in classes:
            found |= methods(classes, base.id)
    for one in classes[name].body:
        if isinstance(one, ast.FunctionDef):
            found[one.name] = max(found.get(one.name, 0), most(one.args, bound=1))
    return found


def of_fake(kind):
    for name in dir(kind):
        if not name.startswith("_") and callable(getattr(kind, name)):
            spec = inspect.getfullargspec(getattr(kind, name))
            yield name, ANY if spec.varargs else len(spec.args) - 1


KINDS = [
    (nodes.Node, "Node"), (nodes.Group, "Group"), (nodes.Root, "Root"),
    (module._Format, "Format"), (module._Box, "Info"), (module._Range, "FrameRange"),
    (module._Undo, "Undo"), (module._Menu, "Menu"), (module._Task, "ProgressTask"),
    *((kind, name) for name, kind in vars(knobs).items() if name.endswith("_Knob")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), KINDS, ids=lambda one: getattr(one, "__name__", one))
def test_the_fake_answers_nothing_that_nuke_does_not(published, kind, name):
    _, classes = published
    if name not in classes:
        name = "Knob"  # MetaData_Knob and others that the stubs leave out
    there = methods(classes, name)
    for method, count in of_fake(kind):
        if name == "Knob" and method in methods(classes, "String_Knob"):
            continue
        assert method in there, f"{name}.{method}"
        assert count <= there[method], f"{name}.{method} takes {there[method]}, not {count}"


def test_the_fakes_module_has_only_what_nuke_has(published):
    functions, classes = published
    for name, count in of_fake(module.Module):
        assert name in functions or name in classes, name
        if functions.get(name):
            assert count <= max(most(args, bound=0) for args in functions[name]), name


def calls(tree):
    """``nuke.NAME(...)`` in a file: the dotted name and how many arguments."""
    for one in ast.walk(tree):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute):
            dotted = ast.unparse(one.func)
            if re.fullmatch(r"nuke(\.\w+)+", dotted):
                yield dotted, len(one.args) + len(one.keywords)


@pytest.mark.parametrize("file", sorted(HOST.rglob("*.py")), ids=lambda one: one.stem)
def test_every_call_to_nuke_is_published(published, file):
    functions, classes = published
    tree = ast.parse(file.read_text(encoding="utf-8"))
    if not any(isinstance(one, ast.Import) and one.names[0].name == "nuke"
               for one in ast.walk(tree)):  # fmt: skip
        return
    seen = 0
    for dotted, count in calls(tree):
        words = dotted.split(".")
        if words[1] == "nodes":
            continue
        seen += 1
        if words[1] in classes:
            assert words[2] in methods(classes, words[1]), dotted
        else:
            assert words[1] in functions, dotted
            taken = max((most(args, bound=0) for args in functions[words[1]]), default=ANY)
            assert count <= taken, f"{dotted} takes {taken}, not {count}"
    for one in ast.walk(tree):
        named = isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)
        if named and one.value.id == "nuke" and one.attr != "secondunit_nuke":
            assert one.attr in functions or one.attr in classes, one.attr
    assert seen or file.stem == "menu"


def test_a_call_that_nuke_lacks_would_be_found(published):
    functions, classes = published
    assert "executeEverything" not in functions
    assert "setPosition" not in methods(classes, "Node")
