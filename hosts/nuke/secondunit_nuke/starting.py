"""Which Python starts the daemon: the one that `secondunit host install` was run with.

Nuke's own Python has no Second Unit in it. The person's own setting goes before the note.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

SETTING = "SECONDUNIT_PYTHON"
NOTE = "installed.json"  # which `secondunit host install` writes beside this package's files


def name_python(package: Path) -> bool:
    """Have the bridge start a daemon with the Python that was noted; whether that was done."""
    if os.environ.get(SETTING):
        return False
    try:
        python = str(json.loads((package / NOTE).read_text(encoding="utf-8"))["python"])
    except (OSError, ValueError, KeyError, TypeError):  # put there by hand: nothing is noted
        return False
    if not Path(python).is_file():
        return False
    os.environ[SETTING] = python
    return True


def forget_python() -> None:
    """Undo it."""
    os.environ.pop(SETTING, None)
