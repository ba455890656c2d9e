"""Which Python has the core, and how it is run beside a host.

It is the one that `secondunit host install` was run with: a host's own Python has no Second Unit in
it. The person's own setting goes before the note.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Dict, Optional

# CREATE_NO_WINDOW, CREATE_NEW_PROCESS_GROUP (winbase.h); other systems have no such flags
NO_WINDOW = 0x08000000 | 0x00000200 if sys.platform == "win32" else 0
SETTING = "SECONDUNIT_PYTHON"
NOTE = "installed.json"  # which `secondunit host install` writes beside a host's package


def name_python(folder: Path) -> bool:
    """Have a daemon started with the Python noted in ``folder``; whether that was done."""
    if os.environ.get(SETTING):
        return False
    try:
        python = str(json.loads((folder / NOTE).read_text(encoding="utf-8"))["python"])
    except (OSError, ValueError, KeyError, TypeError):  # laid there by hand, or from a zip: no note
        return False
    if not Path(python).is_file():
        return False
    os.environ[SETTING] = python
    return True


def forget_python() -> None:
    """Undo it."""
    os.environ.pop(SETTING, None)


def core_python() -> Optional[str]:
    """The Python that has the core; None when nobody named one and this program is none."""
    named = os.environ.get(SETTING, "")
    if named:
        return named
    own = os.path.basename(sys.executable or "").lower()
    return sys.executable if own.startswith(("python", "pypy")) else None


def environ_of(python: str) -> Dict[str, str]:
    """The environment to run it in. What a host sets for its own Python would keep another one
    from starting."""
    environ = dict(os.environ)
    if python != sys.executable:
        for own in ("PYTHONHOME", "PYTHONPATH", "PYTHONEXECUTABLE"):
            environ.pop(own, None)
    return environ
