"""One Qt for both: PySide6 (Nuke 16 and newer) or PySide2 (14 and 15), whichever is loaded."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any


def _binding() -> str:
    for name in ("PySide6", "PySide2"):
        if name in sys.modules:
            return name
    try:
        import_module("PySide6.QtWidgets")
    except ImportError:
        return "PySide2"
    return "PySide6"


NAME = _binding()
QtCore: Any = import_module(f"{NAME}.QtCore")
QtGui: Any = import_module(f"{NAME}.QtGui")
QtWidgets: Any = import_module(f"{NAME}.QtWidgets")
Signal: Any = QtCore.Signal
