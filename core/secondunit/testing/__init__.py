"""The compliance suite for plug-in authors: call it in pytest, read the sentence that fails.

::

    from secondunit.testing import comply_check, comply_generator

    def test_my_generator_complies():
        comply_generator(MyGenerator())

    def test_my_check_complies():
        comply_check(MyCheck())

Each function raises AssertionError with a sentence that says what is wrong. The parts can be called
one by one: see ``generators`` and ``checks`` beside this file.
"""

from __future__ import annotations

from .checks import comply_check, examined
from .generators import comply_generator
from .material import Ask, Reel, Still, ask, scene

__all__ = [
    "Ask", "Reel", "Still", "ask", "comply_check", "comply_generator", "examined", "scene",
]  # fmt: skip
