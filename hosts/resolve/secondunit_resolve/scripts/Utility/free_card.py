"""Free the card"""

import sys

FOLDER = ""  # where the packages lie: written here by `secondunit host install resolve`

if sys.version_info < (3, 9):
    print(
        "Second Unit needs Python 3.9 or newer, and Resolve found %d.%d: install one from"
        " python.org and start Resolve again." % sys.version_info[:2]
    )
else:
    if FOLDER and FOLDER not in sys.path:
        sys.path.insert(0, FOLDER)
    from secondunit_resolve.panel.entry import run

    run("free_card", globals())
