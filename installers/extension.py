"""Writes Second Unit for Blender as one zip, from a checkout, with nothing but Python 3.11.

Run: python3 installers/extension.py DIR
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
for folder in ("core", "bridge", "hosts/blender"):
    sys.path.insert(0, str(ROOT / folder))


def main(given: list[str]) -> int:
    """Write the zip and say where. Returns the exit code."""
    from secondunit.cli.host.packing import contents, zipped
    from secondunit_bridge import __version__

    if len(given) != 1 or given[0].startswith("-"):
        print(__doc__.strip() if __doc__ else "")
        return 2
    folder = Path(given[0])
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"secondunit-{__version__}.zip"
    target.write_bytes(zipped(contents()))
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
