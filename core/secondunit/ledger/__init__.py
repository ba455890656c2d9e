"""What happened, in order, for ever: the only place state is kept.

One append-only table, each entry sealed over the one before it. Takes, versions, the queue and the
answers people gave are views: plain tables written in the same commit as the entry, and rebuilt
from the entries to the same rows. Importing this loads no database library; opening a ledger does.
"""

from .asked import Circled, Unfinished, Views
from .book import Ledger
from .chain import GENESIS, Draft, EntryRefused, Problem, seal
from .checkpoint import Signer

__all__ = [
    "GENESIS",
    "Circled",
    "Draft",
    "EntryRefused",
    "Ledger",
    "Problem",
    "Signer",
    "Unfinished",
    "Views",
    "seal",
]
