"""How a packet's folder is laid out, and what its document is called."""

from __future__ import annotations

import json
from pathlib import Path

from ..disk import saying_why

SCHEMA = "org.secondunit.packet/1"
JSON, PDF, PUBLIC = "packet.json", "packet.pdf", "public"
BRIEFS = "confidential/briefs.json"
ROOT, CHECKPOINT, KEY = "facility-root.pem", "ledger.checkpoint", "ledger.vkey"


def fresh(folder: Path) -> None:
    """Take away what an earlier packet in that folder named: it would lie among the new one's.

    Files that no packet named stay. Raises NotPermitted, StoreError.
    """
    for place in (folder / PUBLIC, folder):
        try:
            told = json.loads((place / JSON).read_bytes())
            named = [str(name) for name in told["files"]] if told["schema"] == SCHEMA else []
        except (OSError, ValueError, LookupError, TypeError):
            continue
        for name in (*named, PDF, f"{JSON}.c2pa", JSON):
            path = place / name
            if path.resolve().is_relative_to(place.resolve()):
                with saying_why(path):
                    path.unlink(missing_ok=True)
