"""The limits of one show, from its ``profile.toml``, and the checks that go by them.

The file lies beside the project's store, where ``secondunit.toml`` is unless somebody moved the
store::

    [checks."colour.exposure"]
    limit = 0.25
    from = "calibrated, n = 48"
"""

from __future__ import annotations

import copy
import difflib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import SettingWrong
from secondunit_bridge.film import Project

from ..hookspecs import AnyCheck, CheckAbout

FILE = "profile.toml"
_SAYS = ("limit", "from")


@dataclass(frozen=True)
class Limit:
    """A show's own limit of one check, and where it comes from."""

    value: float
    source: str


@dataclass(frozen=True)
class Profile:
    """A show's limits by check."""

    limits: Mapping[str, Limit] = field(default_factory=dict)


def profile_of(project: Project, checks: Mapping[str, AnyCheck]) -> Profile:
    """The profile of a project; an empty one where it has none. Raises as ``read_profile``."""
    if not project.store:
        return Profile()
    path = Path(project.store).parent / FILE
    return read_profile(path, checks) if path.is_file() else Profile()


def read_profile(path: Path, checks: Mapping[str, AnyCheck]) -> Profile:
    """A profile from its file.

    Raises SettingWrong that names the check and what is wrong with what is said of it.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingWrong(f"{path}: {error}", hint="Correct the file.") from error
    strange = sorted(set(said) - {"checks"})
    if strange or not isinstance(said.get("checks", {}), dict):
        raise _wrong(path, strange[0] if strange else "checks", "is not what a profile says",
                     'Write a section [checks."NAME"] for each check.')  # fmt: skip
    return Profile({name: _limit(path, name, value, checks)
                    for name, value in said.get("checks", {}).items()})  # fmt: skip


def tuned(checks: Mapping[str, AnyCheck], profile: Profile) -> dict[str, AnyCheck]:
    """The checks, those that the profile speaks of with its limit in their ``about``."""
    return {
        name: _tuned(check, profile.limits[name]) if name in profile.limits else check
        for name, check in checks.items()
    }


def of_show(
    project: Project, checks: Mapping[str, AnyCheck]
) -> tuple[Mapping[str, AnyCheck], list[str]]:
    """The checks as a project wants them; one whose profile is wrong gets them as they are, with a
    sentence that says so: a take that took an hour is not lost for a slip in a file."""
    try:
        return tuned(checks, profile_of(project, checks)), []
    except SettingWrong as error:
        return checks, [f"The show's own limits were not used: {error.message}. {error.hint}"]


def in_force(checks: Mapping[str, AnyCheck]) -> list[tuple[Any, ...]]:
    """What of the checks decides what is found: for keys of what is remembered."""
    abouts = sorted((check.about for check in checks.values()), key=lambda about: about.name)
    return [(one.name, one.version, one.look, one.stop, one.set_by) for one in abouts]


def _tuned(check: AnyCheck, limit: Limit) -> AnyCheck:
    about, own = check.about, copy.copy(check)
    moved: dict[str, Any] = {"look": limit.value}
    if about.look is None:
        moved = {"stop": limit.value}
    elif about.stop is not None:  # a show that is more lenient never stops before it looks
        moved["stop"] = max(about.stop, limit.value)
    own.about = replace(about, **moved, set_by=f"this show's, {limit.source}")
    return own


def _limit(path: Path, name: str, said: Any, checks: Mapping[str, AnyCheck]) -> Limit:
    check = checks.get(name)
    if check is None:
        near = difflib.get_close_matches(name, checks, 1)
        hint = f"Is it {near[0]}? " if near else ""
        raise _wrong(path, name, "is no check", f"{hint}secondunit checks lists them.")
    if not isinstance(said, dict) or set(said) != set(_SAYS):
        raise _wrong(path, name, "should say limit and from, and nothing else",
                     'For example: limit = 0.25 and from = "calibrated, n = 48".')  # fmt: skip
    value, source = said["limit"], said["from"]
    if type(value) not in (int, float) or not math.isfinite(value):
        raise _wrong(path, name, "has a limit that is no number", "Write it as 0.25.")
    if not isinstance(source, str) or not source.strip():
        raise _wrong(path, name, "does not say where its limit comes from",
                     'For example: from = "calibrated, n = 48".')  # fmt: skip
    _check_bounds(path, check.about, float(value))
    return Limit(float(value), source.strip())


def _check_bounds(path: Path, about: CheckAbout, value: float) -> None:
    if about.bounds is None:
        raise _wrong(path, about.name, "has a limit that is not a show's to set",
                     f"It stands by itself: {about.source}. Take the section out.")  # fmt: skip
    low, high = about.bounds
    if not low <= value <= high:
        raise _wrong(path, about.name, f"has the limit {value:g}",
                     f"Between {low:g} and {high:g} {about.unit} makes sense.")  # fmt: skip


def _wrong(path: Path, name: str, says: str, hint: str) -> SettingWrong:
    data = {"file": str(path), "check": name}
    return SettingWrong(f"{path.name}: {name} {says}", hint=hint, data=data)
