"""Rights: what may be used where, for how long and by whose consent, and the gate that asks."""

from .gate import Finding, Level, Policy, Reference, Use, Used, evaluate
from .register import Register
from .rows import Alone, Asset, Binding, Consent, Declaration, Marking, Row, Waiver

__all__ = [
    "Alone",
    "Asset",
    "Binding",
    "Consent",
    "Declaration",
    "Finding",
    "Level",
    "Marking",
    "Policy",
    "Reference",
    "Register",
    "Row",
    "Use",
    "Used",
    "Waiver",
    "evaluate",
]
