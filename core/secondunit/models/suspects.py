"""Knows files by their first bytes that run code when they are loaded, or are no safetensors."""

from __future__ import annotations

import re

# Text pickles (protocols 0 and 1) name a module and a function, each on a line of its own.
_TEXT_PICKLE = re.compile(rb"[\(\]\}dl]*c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n")
_MARKS = (
    (b"PK\x03\x04", "a zip, as PyTorch writes pickles,"),
    (b"PK\x05\x06", "an empty zip"),
    (b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P", "an old PyTorch pickle"),
    (b"\x93NUMPY", "a NumPy array, which may hold a pickle,"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"GGUF", "a GGUF file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"#!", "a script"),
    (b"\x1f\x8b", "a compressed archive"),
)


def suspect(lead: bytes) -> str:
    """What a file that begins so is, in words, when it cannot be weights; nothing when it may be.

    ``lead`` are its first bytes, 64 at best.
    """
    if _is_length(lead):
        return ""
    for mark, words in _MARKS:
        if lead.startswith(mark):
            return words
    if len(lead) > 1 and lead[0] == 0x80 and lead[1] <= 5:
        return "a pickle"
    return "a pickle" if _TEXT_PICKLE.match(lead) else ""


def _is_length(lead: bytes) -> bool:
    """The first eight bytes are the length of a safetensors header, and its JSON follows."""
    return lead[4:8] == b"\0\0\0\0" and lead[8:9] == b"{"
