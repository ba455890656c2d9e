"""The budgets of the house: size of files and functions, borders, reasons, words that give away."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bridge", "core", "hosts", "installers")
FILE_LINES = 400
FUNCTION_LINES = 40
BROAD_CATCHES = 3

JUNK_DRAWERS = {
    *("lib", "util", "utils", "helper", "helpers", "common", "misc", "base", "manager", "managers"),
    *("service", "services", "handler", "handlers", "internal", "impl", "stuff", "tools", "core"),
}
REFUSED_NAMES = re.compile(
    r"^(get_\w+|(Base|Abstract)[A-Z]\w*|\w*(Manager|Service|Handler|Context|Helper|Util)s?)$"
)
_HOSTS = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com")
GIVEAWAYS = re.compile(
    "|".join([*(re.escape(host) for host in _HOSTS), r"(?<![\w.])/(work|root|home/\w+|Users/\w+)/"])
)
TEXT = {".py", ".pyi", ".md", ".toml", ".txt", ".html", ".css", ".js", ".json", ".yml", ".sh", ""}


def sources() -> list[Path]:
    return sorted(file for name in PACKAGES for file in (ROOT / name).rglob("*.py"))


def trees() -> Iterator[tuple[str, ast.Module]]:
    for file in sources():
        yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def tracked() -> list[Path]:
    """Every file of the project that is or will be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout: the project's files cannot be told from others")
    names = listed.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def is_broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    words = {node.id if isinstance(node, ast.Name) else "" for node in caught if node}
    ends = handler.body[-1] if handler.body else None
    passes_on = isinstance(ends, ast.Raise) and ends.exc is None
    return handler.type is None or bool(words & {"Exception", "BaseException"} and not passes_on)


def docstring_opens(tree: ast.Module) -> bool:
    return bool((ast.get_docstring(tree) or "").strip())


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    lengths = {f: len(f.read_text(encoding="utf-8").splitlines()) for f in sources()}
    over = {f.relative_to(ROOT).as_posix(): n for f, n in lengths.items() if n > FILE_LINES}
    assert not over


def test_no_function_is_longer_than_forty_lines() -> None:
    over = [
        f"{name}:{node.lineno} {node.name} {node.end_lineno - node.lineno + 1}"
        for name, tree in trees()
        for node in functions(tree)
        if node.end_lineno and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]
    assert not over


def test_no_module_is_a_junk_drawer() -> None:
    assert not [f for f in sources() if f.stem.lower().strip("_") in JUNK_DRAWERS]


def test_nothing_is_named_for_how_it_serves_instead_of_what_it_is() -> None:
    assert not [f"{where}: {n}" for where, t in trees() for n in names(t) if REFUSED_NAMES.match(n)]


def test_every_module_opens_by_saying_what_it_is_for() -> None:
    assert not [name for name, tree in trees() if not docstring_opens(tree)]


def test_all_is_caught_at_three_borders_only() -> None:
    broad = [
        f"{name}:{node.lineno}"
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and is_broad(node)
    ]
    assert len(broad) <= BROAD_CATCHES, broad


def test_every_suppression_says_why() -> None:
    bare = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in [*sources(), *(ROOT / "tests").rglob("*.py")]
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if suppresses_without_reason(line)
    ]
    assert not bare


SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore)\b(?P<rest>.*)$")
REASON = re.compile(r"[:\[]\s*[\w-]+(,\s*[\w-]+)*\]?\s+.*[a-z]{3}")


def suppresses_without_reason(line: str) -> bool:
    """A suppression must name its rule and then say why, on the same line."""
    found = SUPPRESSION.search(line)
    return bool(found) and not REASON.match(found["rest"])


def test_no_file_gives_away_a_machine_or_a_registry() -> None:
    found = []
    for file in tracked():
        if file.suffix not in TEXT or file.name == "LICENSE":
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        for hit in GIVEAWAYS.finditer(text):
            line = text.count("\n", 0, hit.start()) + 1
            found.append(f"{file.relative_to(ROOT)}:{line} {hit[0]}")
    assert not found


def test_the_bridge_and_the_hosts_name_nothing_beyond_the_standard_library() -> None:
    ours = {"secondunit_bridge", "secondunit_blender", "secondunit_nuke", "secondunit_resolve"}
    of_hosts = {
        "bpy",
        "gpu",
        "gpu_extras",
        "nuke",
        "DaVinciResolveScript",
    }  # there when the host runs it
    allowed = ours | of_hosts | set(sys.stdlib_module_names)
    strange = [
        f"{name}: {word}"
        for name, tree in trees()
        if name.startswith(("bridge/", "hosts/"))
        for node in ast.walk(tree)
        for word in imported(node)
        if word not in allowed
    ]
    assert not strange


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return [node.module.partition(".")[0]]
    return []


QUIET, UNTYPED = "# no" + "qa", "# type: " + "ignore"  # in two pieces: this file is searched too


@pytest.mark.parametrize(
    ("line", "bare"),
    [
        (f"x = 1  {QUIET}", True),
        (f"x = 1  {QUIET}: BLE001", True),
        (f"x = 1  {QUIET}: BLE001 - the border to other people's code", False),
        (f"x = 1  {UNTYPED}", True),
        (f"x = 1  {UNTYPED}[misc]", True),
        (f"x = 1  {UNTYPED}[misc]  # the library is not typed", False),
        (f"x = 1  {QUIET}: BLE001, E501", True),
        ("x = 1  # nothing to see", False),
    ],
)
def test_the_rule_for_suppressions_bites(line: str, bare: bool) -> None:
    assert suppresses_without_reason(line) is bare


def test_the_rule_for_broad_catches_bites() -> None:
    def broad(caught: str, then: str = "pass") -> bool:
        tree = ast.parse(f"try:\n    pass\nexcept {caught}:\n    {then}\n")
        return [is_broad(n) for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler)] == [True]

    assert broad("Exception")
    assert broad("(ValueError, Exception)")
    assert broad("")
    assert not broad("BaseException", "raise")
    assert not broad("ValueError")
