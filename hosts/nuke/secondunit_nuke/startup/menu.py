"""Run by a Nuke with a GUI: puts Second Unit into the menus and panes.

Read by Pythons of any age: nothing newer than Python 2.7 may stand here.
"""

import sys

if sys.version_info >= (3, 9):  # noqa: UP036 - an older Nuke reads this too
    import nuke

    if nuke.GUI:
        from secondunit_nuke.panel import menus

        menus.add()
