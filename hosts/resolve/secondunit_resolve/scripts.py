"""The scripts of Resolve's menu, as texts: each names a command and where our packages lie.

A script must be read by any Python 3 that Resolve finds, so that one that is too old can say so.
"""

from __future__ import annotations

from typing import Dict, Tuple

MENU = "Second Unit"  # Workspace > Scripts > Second Unit
COMMANDS: Tuple[Tuple[str, str], ...] = (
    ("New insert from In-Out", "new_insert"),
    ("Fill this gap", "fill_gap"),
    ("Reshoot", "reshoot"),
    ("Bring in takes", "bring_takes"),
    ("Sweep sequence", "sweep"),
    ("Compare cut", "compare_cut"),
    ("Turn over", "turn_over"),
    ("Remove insert", "remove_insert"),
    ("Self test", "self_test"),
)
_TEXT = '''"""Second Unit: {title}. Written by `secondunit host install resolve`."""
import sys

FOLDER = {folder}

if sys.version_info < (3, 9):
    print("Second Unit needs Python 3.9 or newer, and Resolve found %d.%d: install one from"
          " python.org and start Resolve again." % sys.version_info[:2])
else:
    if FOLDER not in sys.path:
        sys.path.insert(0, FOLDER)
    from secondunit_resolve.panel.entry import run

    run("{command}", globals())
'''


def scripts(folder: str) -> Dict[str, bytes]:
    """Every script by its file name; ``folder`` is where our packages lie."""
    return {
        f"{title}.py": _TEXT.format(title=title, folder=ascii(folder), command=command).encode()
        for title, command in COMMANDS
    }
