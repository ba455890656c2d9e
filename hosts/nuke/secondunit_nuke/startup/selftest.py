"""Run by a person: ``nuke -t selftest.py [REPORT.json]`` tries what we do in this Nuke."""

import sys
from pathlib import Path

from secondunit_nuke import selftest
from secondunit_nuke.host import Nuke

if __name__ == "__main__":
    report = Path(sys.argv[1] if len(sys.argv) > 1 else "secondunit-nuke-selftest.json")
    print(f"{selftest.run(Nuke(), report)} {report.resolve()}")
