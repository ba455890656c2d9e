"""The pages say what the code says: every word, setting, hook, error, verb, command and licence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from secondunit_bridge import bridge_errors, errors, film, wire

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rows(text: str) -> Iterator[list[str]]:
    """The cells of every table row of a page, without the marks of code."""
    for line in text.splitlines():
        if line.startswith("|") and not re.fullmatch(r"[|\-: ]+", line):
            yield [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]


def section(text: str, title: str) -> str:
    return re.split(r"^## ", text.split(f"\n## {title}\n")[1], flags=re.MULTILINE)[0]


def tree() -> list[type[errors.SecondUnitError]]:
    return [errors.SecondUnitError, *below(errors.SecondUnitError)]


def below(kind: type[errors.SecondUnitError]) -> list[type[errors.SecondUnitError]]:
    here = (errors.__name__, bridge_errors.__name__)
    ours = [sub for sub in kind.__subclasses__() if sub.__module__ in here]
    return [found for sub in ours for found in (sub, *below(sub))]


@pytest.mark.parametrize("name", ["glossary", "settings"])
def test_a_made_page_is_the_one_that_the_code_makes_now(name: str) -> None:
    import pages

    made = pages.pages()[DOCS / f"{name}.md"]
    assert page(f"{name}.md") == made, "run: python installers/pages.py"


def test_every_noun_and_choice_is_in_the_glossary() -> None:
    told = page("glossary.md")
    named = {name for name, kind in vars(film).items() if isinstance(kind, type)}
    ours = {name for name in named if getattr(film, name).__module__ == film.__name__}
    assert not [name for name in ours if f"### {name}\n" not in told]
    assert not [
        f"{name}.{field.name}"
        for name in ours
        if hasattr(getattr(film, name), "__dataclass_fields__")
        for field in fields(getattr(film, name))
        if f"| `{field.name}` |" not in told
    ]


def test_every_setting_has_its_help_on_the_page() -> None:
    from secondunit.settings import Settings

    told = {row[0]: row for row in rows(page("settings.md"))}
    named = {field.name for field in fields(Settings)} - {"sources"}  # where the others come from
    assert set(told) - {"setting"} == named
    assert not [name for name, row in told.items() if len(row[3].split()) < 3 and name != "setting"]


def test_the_error_page_and_the_tree_name_the_same_errors() -> None:
    told = {
        row[0]: (row[1], row[4] == "yes") for row in rows(page("errors.md")) if row[0] != "code"
    }
    there = {kind.code: (kind.__name__, kind.retryable) for kind in below(errors.SecondUnitError)}
    assert told == there
    assert "`E_FAILED` (SecondUnitError)" in page("errors.md")


def test_every_error_says_when_and_what_to_do() -> None:
    assert not [row for row in rows(page("errors.md")) if len(row) > 3 and not (row[2] and row[3])]


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    drawn = re.findall(r"[*+-] (\w+) ``(E_\w+)``", errors.__doc__ or "")
    assert drawn == [(kind.__name__, kind.code) for kind in tree()]


def test_every_hook_is_on_its_page() -> None:
    from secondunit import hookspecs

    hooks = [name for name in vars(hookspecs) if name.startswith("secondunit_")]
    hooks = [name for name in hooks if callable(getattr(hookspecs, name))]
    assert len(hooks) == 3
    assert not [name for name in hooks if f"`{name}(" not in page("hooks.md")]


def test_the_protocol_page_and_the_daemon_know_the_same_verbs() -> None:
    from secondunit.desk.desk import VERBS

    told = {row[0] for row in rows(section(page("protocol.md"), "Verbs"))} - {"verb"}
    assert told == {*VERBS, "stop_daemon"}


def test_every_kind_of_ledger_entry_is_on_the_protocol_page() -> None:
    written = {
        kind
        for file in (ROOT / "core").rglob("*.py")
        for kind in re.findall(r'\bDraft\(\s*"(\w+)"', file.read_text(encoding="utf-8"))
    }
    told = {row[0] for row in rows(page("protocol.md"))}
    assert "turnover" in written
    assert not written - told


def test_the_protocol_page_states_the_limits_that_the_wire_keeps() -> None:
    told = {row[0]: row[1] for row in rows(page("protocol.md")) if len(row) == 2}
    assert told["0"] == wire.PROTOCOL.decode()
    assert told["head"] == f"{wire.MAX_HEAD >> 20} MiB"
    assert told["each binary part"] == f"{wire.MAX_PART >> 20} MiB"
    assert told["parts"] == str(wire.MAX_PARTS)


def test_the_protocol_page_lists_the_fields_of_the_connection_file() -> None:
    from secondunit_bridge.connection import Connection

    told = page("protocol.md")
    assert not [field.name for field in fields(Connection) if f"`{field.name}`" not in told]


def test_the_protocol_page_draws_the_slot_as_it_is() -> None:
    from secondunit_bridge import slots

    told = section(page("protocol.md"), "Slots")
    cells = {row[0]: row[1] for row in rows(told)}
    assert cells["0 to 7"] == slots._MAGIC.decode()
    assert cells["8"].endswith(f": {slots.LAYOUT}")
    assert str(slots.HEADER) in cells
    assert str(slots._WORDS) in cells
    assert not [f"{s.value} {s.name}" for s in slots.State if f"{s.value} {s.name}" not in told]
    assert not [field.name for field in fields(slots.Frame) if f"`{field.name}`" not in told]
    assert slots._HEAD.format == "<8sIIQQI"  # offsets 0, 8, 12, 16, 24, 32


def test_every_command_is_in_the_readme() -> None:
    from secondunit.cli.app import assembled

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [words for words in commands(assembled()) if f"`secondunit {words}" not in readme]
    assert not missing


def commands(app: Any) -> Iterator[str]:
    """Every command of a typer app, with its group's name before it."""
    for command in app.registered_commands:
        yield command.name or command.callback.__name__.strip("_").replace("_", "-")
    for group in app.registered_groups:
        name = group.name or group.typer_instance.info.name
        yield from (f"{name} {inner}" for inner in commands(group.typer_instance))


def test_the_licence_of_everything_that_is_installed_is_on_its_page() -> None:
    told = {row[0]: row[1] for row in rows(page("dependencies.md"))}
    needed = closure()
    assert not [name for name in needed if not told.get(name)]
    wrong = {name: said for name, said in needed.items() if said and not agrees(told[name], said)}
    assert not wrong


OF_A_CARD = ("nvidia-", "cuda-", "triton")  # what a torch built for NVIDIA brings; the page says so


def closure() -> dict[str, str]:
    """Every package that the extras bring, and the licence its own metadata names exactly."""
    import tomllib
    from importlib.metadata import distribution

    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting = [line for extra in project["optional-dependencies"].values() for line in extra]
    found: dict[str, str] = {}
    while waiting:
        need = Requirement(waiting.pop())
        name = re.sub(r"[-_.]+", "-", need.name).lower()
        if (
            name in found
            or name.startswith(OF_A_CARD)
            or (need.marker and not need.marker.evaluate({"extra": ""}))
        ):
            continue
        paper = distribution(name)
        found[name] = paper.metadata.get("License-Expression") or ""
        waiting += paper.requires or []
    return found


def agrees(told: str, said: str) -> bool:
    return told.casefold() == said.casefold()


def test_everything_that_is_installed_is_pinned() -> None:
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0] for line in pins if "==" in line}
    assert not set(closure()) - pinned
    assert not [line for line in pins if "://" in line or " @ " in line]


def test_every_link_between_the_pages_leads_somewhere() -> None:
    broken = []
    for file in [ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", file.read_text(encoding="utf-8")):
            if "://" not in target and not (file.parent / target).exists():
                broken.append(f"{file.relative_to(ROOT)}: {target}")
    assert not broken


def test_every_page_that_a_page_names_is_there() -> None:
    named = {
        word
        for file in [ROOT / "README.md", *DOCS.rglob("*.md"), *(ROOT / "core").rglob("*.py")]
        for word in re.findall(r"\bdocs/[\w/-]+\.md\b", file.read_text(encoding="utf-8"))
    }
    assert not [name for name in named if not (ROOT / name).is_file()]


def test_every_decision_is_numbered_in_order_and_listed() -> None:
    files = sorted(file.name for file in (DOCS / "decisions").glob("0*.md"))
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    assert not [name for name in files if f"({name})" not in page("decisions/README.md")]


def test_the_changelog_names_this_version_or_what_is_to_come() -> None:
    from secondunit_bridge import __version__

    told = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in told or f"## [{__version__}]" in told
