"""Run by every Nuke, render nodes too: says in one line when this Nuke is too old, and no more.

Read by Pythons of any age: nothing newer than Python 2.7 may stand here.
"""

import sys

if sys.version_info < (3, 9):  # noqa: UP036 - an older Nuke reads this too
    sys.stderr.write("Second Unit needs Nuke 14 or newer; in this one it is left out.\n")
