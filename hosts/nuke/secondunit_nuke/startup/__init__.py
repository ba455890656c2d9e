"""What Nuke runs by itself when it starts: ``init.py`` always, ``menu.py`` with a GUI only."""
