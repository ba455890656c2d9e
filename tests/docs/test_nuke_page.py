"""The Nuke page says what the panel and the node are called now."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOST = ROOT / "hosts/nuke/secondunit_nuke"


def test_the_page_names_every_button_and_says_that_nuke_was_never_run() -> None:
    page = (ROOT / "docs/nuke.md").read_text(encoding="utf-8")
    assert "has not yet been run inside Nuke" in page
    source = "".join(file.read_text(encoding="utf-8") for file in (HOST / "panel").glob("*.py"))
    buttons = set(re.findall(r'QPushButton\("([A-Z][\w ]+)"\)', source))
    buttons |= set(re.findall(r'\("([A-Z]\w+)", "\w+", "', source))
    assert len(buttons) >= 7
    spoken = page.replace("**", "").replace("*", "")
    assert not [name for name in buttons - {"Place", "Stop"} if name not in spoken]
