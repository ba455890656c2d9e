"""A generator's options as they are written on a command line: ``k=v``."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from secondunit_bridge.film import Option, VersionClass


def options(
    words: Sequence[str] | None, kind: VersionClass = VersionClass.temp
) -> dict[str, Option]:
    """Each ``k=v``; the last of a name counts. Raises BadParameter for what is not of that form.

    Said before anything is shot: a draft cannot become a version of the class ``final``.
    """
    found: dict[str, Option] = {}
    for word in words or ():
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise typer.BadParameter(f"{word!r} is not of the form k=v", param_hint="--option")
        found[name] = _value(value)
    if kind is VersionClass.final and found.get("quality") == "draft":
        raise typer.BadParameter(
            "a draft cannot become final: choose one as previs or temp, then `secondunit finish`",
            param_hint="--class",
        )
    return found


def _value(text: str) -> Option:
    """A number or true/false when it reads as one, else the text."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
