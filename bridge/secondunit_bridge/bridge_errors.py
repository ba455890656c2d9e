"""The branch of errors that says two sides could not talk. ``errors`` has the whole tree."""

from __future__ import annotations

from .failure import SecondUnitError


class BridgeError(SecondUnitError):
    """The two sides could not talk."""

    code = "E_BRIDGE"


class DaemonUnavailable(BridgeError):
    """No daemon answers at the address in the connection file."""

    code = "E_DAEMON"
    retryable = True


class ProtocolError(BridgeError):
    """A message was not understood."""

    code = "E_PROTO"


class FieldError(ProtocolError):
    """One field of a message has the wrong type or value; the message names it."""

    code = "E_FIELD"


class UnknownVerb(ProtocolError):
    """The other side knows no such verb."""

    code = "E_VERB"


class ProtocolTooNew(ProtocolError):
    """The other side speaks a protocol this one does not know."""

    code = "E_VERSION"


class MessageTooBig(ProtocolError):
    """A message is larger than the limit; pixels go in slots or files."""

    code = "E_TOO_BIG"


class TokenRefused(BridgeError):
    """The daemon did not accept the token."""

    code = "E_AUTH"


class TimedOut(BridgeError):
    """The daemon is there but did not answer in time."""

    code = "E_TIMEOUT"
    retryable = True


class SlotLost(BridgeError):
    """A slot's lease is over; the frame in it can no longer be trusted."""

    code = "E_SLOT"
    retryable = True
