"""Pages of HTML as text: the templates that lie beside this module, filled in.

Every text is escaped; a value that a template asks for and nobody gave is an error, not a blank.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any


def beside(name: str) -> str:
    """The text of a template, a style or a script of this folder."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def filled(name: str, words: Mapping[str, Callable[..., Any]], **values: object) -> str:
    """The page that a template and values make. ``words`` are its filters, by name."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    filters: dict[str, Any] = environment.filters
    filters.update(words)
    return environment.from_string(beside(name)).render(**values)
