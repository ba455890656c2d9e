"""How a packet's folder is laid out, and what its document is called."""

from __future__ import annotations

SCHEMA = "org.secondunit.packet/1"
JSON, PDF, PUBLIC = "packet.json", "packet.pdf", "public"
BRIEFS = "confidential/briefs.json"
ROOT, CHECKPOINT, KEY = "facility-root.pem", "ledger.checkpoint", "ledger.vkey"
