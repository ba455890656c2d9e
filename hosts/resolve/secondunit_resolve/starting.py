"""Which Python runs the daemon and the core: the one that `secondunit host install` was run with.

Resolve's own Python has no Second Unit in it. The person's own setting goes before the note.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Optional

SETTING = "SECONDUNIT_PYTHON"
NOTE = "installed.json"  # which `secondunit host install` writes beside this package


def name_python(folder: Path) -> bool:
    """Have the bridge start a daemon with the Python that was noted; whether that was done."""
    if os.environ.get(SETTING):
        return False
    try:
        python = str(json.loads((folder / NOTE).read_text(encoding="utf-8"))["python"])
    except (OSError, ValueError, KeyError, TypeError):  # a copy that was laid there by hand
        return False
    if not Path(python).is_file():
        return False
    os.environ[SETTING] = python
    return True


def core_python() -> Optional[str]:
    """The Python that has the core; None when nobody named one and this program is none."""
    named = os.environ.get(SETTING, "")
    if named:
        return named
    own = os.path.basename(sys.executable or "").lower()
    return sys.executable if own.startswith(("python", "pypy")) else None
