"""What Resolve does not do, as errors of ours: a call that came to nothing, a thing it lacks."""

from __future__ import annotations

from secondunit_bridge.errors import SecondUnitError


class HostRefused(SecondUnitError):
    """Resolve was asked and nothing happened, or not what it said had happened."""

    code = "E_HOST_REFUSED"


class HostLacks(SecondUnitError):
    """This version or edition of Resolve cannot do it."""

    code = "E_HOST_EDITION"
