"""What tells a clip or a marker of ours: custom data that name the shot it stands for."""

from __future__ import annotations

import json
from typing import Any, Dict

from ..port import Port


def mark_of(port: Port, thing: Any) -> Dict[str, Any]:
    """What our marker on a clip says of it; empty when it has none."""
    for marker in (port.may(thing, "GetMarkers", wanted=dict) or {}).values():
        found = ours_of(marker)
        if found:
            return found
    return {}


def name_of(mark: Dict[str, Any]) -> str:
    """The name of the shot that a mark is of: Resolve calls a clip by its first file."""
    return f"{mark['sequence']}_{mark['code']}" if mark.get("sequence") and mark.get("code") else ""


def ours_of(marker: Any) -> Dict[str, Any]:
    """The mark in a marker's custom data; empty for markers of others."""
    text = marker.get("customData") if isinstance(marker, dict) else None
    if not isinstance(text, str) or '"secondunit"' not in text:
        return {}
    try:
        found = json.loads(text)["secondunit"]
    except (ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("guid"), str) else {}
