"""Finds the licence that lies beside weights: its text, and what the model card claims."""

from __future__ import annotations

import re
from pathlib import Path

from secondunit_bridge.film import ModelLicence

from ..disk import saying_why
from .weights import hashed

_TEXT = re.compile(r"(licen[cs]e|copying)([._-].*)?", re.IGNORECASE)
_CLAIM = re.compile(r"^license(?:_name)?:\s*[\"']?([A-Za-z0-9][\w.+-]{1,80})", re.MULTILINE)
_HEAD = 16_384  # characters of a README that are looked at


def licence_in(folder: Path, given: str = "") -> ModelLicence:
    """The licence of weights: what a person gives, else what the README's head claims.

    The text's hash says which one was there, so that another one needs another clearance.
    """
    with saying_why(folder):
        files = sorted(file for file in folder.iterdir() if file.is_file())
    text = next((file for file in files if _TEXT.fullmatch(file.name)), None)
    return ModelLicence(given or _claimed(files), hashed(text) if text else "")


def _claimed(files: list[Path]) -> str:
    """The licence in the head of a model card as hubs write it; its name where it says other."""
    readme = next((file for file in files if file.name.lower() == "readme.md"), None)
    if readme is None:
        return ""
    with saying_why(readme), open(readme, encoding="utf-8", errors="replace") as opened:
        head = opened.read(_HEAD)
    if not head.startswith("---"):
        return ""
    named = [name for name in _CLAIM.findall(head.split("\n---", 1)[0]) if name != "other"]
    return named[-1] if named else ""
