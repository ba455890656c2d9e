"""The script supervisor: runs the checks over a take and names what they find."""

from __future__ import annotations

from .examining import examine

__all__ = ["examine"]
