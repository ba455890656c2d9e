"""Colour spaces as Nuke's knobs name them, and as OpenColorIO does."""

from __future__ import annotations

import re
from typing import Any, Optional, Tuple

from secondunit_bridge.errors import ColorUnknown

# Nuke's own colour management, which has no OpenColorIO names
_NUKES_OWN = {
    "linear": "Linear Rec.709 (sRGB)",
    "sRGB": "sRGB Encoded Rec.709 (sRGB)",
    "rec709": "Gamma 2.4 Encoded Rec.709",
    "Gamma2.2": "Gamma 2.2 Encoded Rec.709",
    "Gamma2.4": "Gamma 2.4 Encoded Rec.709",
}
_DEFAULT = re.compile(r"default \((.*)\)")


def plain_name(value: str) -> str:
    """A knob's value as the configuration's own name: without ``default (...)`` and the family."""
    value = value.split("\t")[0].strip()
    found = _DEFAULT.fullmatch(value)
    value = found[1] if found else value
    return _NUKES_OWN.get(value, value.rsplit("/", 1)[-1])


def working(root: Any) -> str:
    """The space every node works in."""
    knob = root.knob("workingSpaceLUT")
    return plain_name(str(knob.value())) if knob is not None else _NUKES_OWN["linear"]


def configuration(root: Any, environ_ocio: str) -> str:
    """The OpenColorIO configuration file of the script; empty: none that lies in a file."""
    if str(root["colorManagement"].value()) != "OCIO":
        return ""
    custom = root.knob("customOCIOConfigPath")
    if str(root["OCIO_config"].value()) == "custom" and custom is not None and custom.value():
        return str(custom.value())
    return environ_ocio


def value_for(knob: Any, space: str) -> str:
    """The value that sets a Read's knob to a space. Raises ColorUnknown when it has none."""
    found = _find(tuple(str(one) for one in knob.values()), space)
    if found is None:
        raise ColorUnknown(
            f"this script has no colour space called {space}",
            hint="Choose the OpenColorIO configuration that the version was made with, in the"
            " project settings.",
            data={"space": space},
        )
    return found


def _find(values: Tuple[str, ...], space: str) -> Optional[str]:
    exact = (one for one in values if one == space)
    named = (one for one in values if plain_name(one) == plain_name(space))
    return next(exact, None) or next(named, None)
