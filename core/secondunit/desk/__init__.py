"""The production office: one method for each verb a host can ask. Knows no sockets.

Everything acknowledged is in the ledger before the answer leaves.
"""

from .desk import Desk
from .people import Client, Later, Reply

__all__ = ["Client", "Desk", "Later", "Reply"]
