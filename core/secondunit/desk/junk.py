"""Drafts that nobody needs to watch: soft, flickering, frozen or damaged. Nothing is deleted.

Only drafts: there are many of them, to choose by, and another costs little. Only what is plain: a
draft is rougher than a finish by nature, so most limits are wider here than a finding's. The reason
stands in the ledger with the take, and a person can bring it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from secondunit_bridge.film import Finding, Outcome, Turnover

from .drafts import is_draft

STILL = 1 / 3  # of the frames, from which on a take counts as frozen
PLAINLY = 2.0  # times the limit, from which on light that pumps or shimmers is beyond doubt

Plain = Callable[[Finding, int], bool]
"""``plain(finding, frames of the take)``: it is beyond doubt."""


def why_junk(turnover: Turnover, findings: Iterable[Finding], frames: int) -> str:
    """Why a take is sorted out before anybody watches it, in a sentence; empty when it is not."""
    if not is_draft(turnover):
        return ""
    for one in findings:
        word, plain = _JUNK.get(one.check, ("", _never))
        if word and one.open and plain(one, frames):
            return f"{word}: {one.sentence}"
    return ""


def _open(finding: Finding, frames: int) -> bool:
    return True


def _stop(finding: Finding, frames: int) -> bool:
    return finding.outcome is Outcome.stop


def _much(finding: Finding, frames: int) -> bool:
    return bool(finding.value and finding.limit) and (finding.value or 0) >= PLAINLY * (
        finding.limit or 0
    )


def _long(finding: Finding, frames: int) -> bool:
    still = sum(last - first + 1 for first, last in finding.frames)
    return still >= STILL * frames


def _never(finding: Finding, frames: int) -> bool:
    return False


_JUNK: Mapping[str, tuple[str, Plain]] = {
    "range": ("damaged", _stop),
    "frame_count": ("damaged", _stop),
    "dup.frame": ("frozen", _long),
    "freeze": ("frozen", _long),
    "focus.take": ("soft", _open),
    "flicker.global": ("flickering", _much),
    "flicker.boil": ("flickering", _much),
}
