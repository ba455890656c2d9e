"""Delivery lint: are the files of a shot what they should be, without decoding their pictures?"""

from __future__ import annotations

from collections.abc import Sequence

from ...hookspecs import AnyCheck, hookimpl
from . import form, presence, tags


@hookimpl
def secondunit_checks() -> Sequence[AnyCheck]:
    """Adds ``delivery.*``."""
    return [*presence.RULES, *form.RULES, *tags.RULES]
