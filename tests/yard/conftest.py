"""Lets the tests of the yard import the installer's modules, as a script beside them would."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "installers"))
