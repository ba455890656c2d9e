"""The script supervisor: runs the checks over a take and names what they find."""

from __future__ import annotations

from .examining import examine, meant_for

__all__ = ["examine", "meant_for"]
