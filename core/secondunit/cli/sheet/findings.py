"""The findings over a cut as one simple HTML page."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .page import spoken

if TYPE_CHECKING:
    from ...editorial import Cut


def write_findings(answer: dict[str, Any], cut: Cut, path: Path) -> None:
    """Write the page, UTF-8; ``answer`` is what ``check --json`` says. Raises OSError."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["spoken"] = spoken
    starts = {shot.name: cut.timecode(shot.record.first) for shot in cut.shots}
    open_ = [finding for finding in answer["findings"] if finding.open]
    clear = [finding for finding in answer["findings"] if not finding.open]
    template = files(__package__).joinpath("findings.html").read_text(encoding="utf-8")
    page = environment.from_string(template).render(
        answer=answer, open=open_, clear=clear, starts=starts
    )
    path.write_text(page, encoding="utf-8")
