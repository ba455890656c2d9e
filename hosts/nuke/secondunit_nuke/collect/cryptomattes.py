"""What Nuke says of the Cryptomattes in an input: their names, layers and objects.

Nuke keeps a file's own metadata under ``exr/``, and writes what is not a letter, a digit or _ in a
layer's name as _.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Dict, List, Tuple

from secondunit_bridge.errors import MatteMissing

from ..node import Wish

_KEY = re.compile(r"exr/cryptomatte/([0-9a-fA-F]{1,8})/(name|manifest)")
_ILLEGAL = re.compile(r"[^A-Za-z0-9_]")


@dataclass(frozen=True)
class Cryptomatte:
    """One of an input's Cryptomattes."""

    name: str
    layers: Tuple[str, ...]  # of Nuke, by rank: CryptoObject00, CryptoObject01
    objects: Tuple[str, ...]  # of its manifest; none when that lies elsewhere

    def lacks(self, wanted: Tuple[str, ...]) -> Tuple[str, ...]:
        """Names that its manifest does not have. Without one any name may be there."""
        if not self.objects:
            return ()
        return tuple(
            name for name in wanted
            if name not in self.objects and not any(fnmatchcase(o, name) for o in self.objects)
        )  # fmt: skip


def wanted_names(asked: Wish) -> Tuple[str, ...]:
    """The objects that are asked for."""
    return tuple(word.strip() for word in asked.cryptomatte.split(",") if word.strip())


def element_name(asked: Wish) -> str:
    """How an element says which Cryptomatte and which of its objects are the matte."""
    layer = f"[{asked.crypto_layer}]" if asked.crypto_layer else ""
    return f"cryptomatte{layer}:{','.join(wanted_names(asked))}"


def chosen(source: Any, asked: Wish) -> Cryptomatte:
    """The Cryptomatte of an input that has the objects asked for.

    Raises MatteMissing with names near to the one that is not there.
    """
    found, wanted = cryptomattes(source), wanted_names(asked)
    listed = ", ".join(one.name for one in found) or "none"
    usable = [one for one in found if asked.crypto_layer in ("", one.name)]
    if not usable:
        what = f"Cryptomatte {asked.crypto_layer}" if found else "Cryptomatte"
        raise MatteMissing(
            f"{source.name()} carries no {what}: nothing says what may change",
            hint=f"It has: {listed}. Connect the render that has it to the matte input, before any"
            " node that removes its layers or metadata.",
        )
    for one in usable:
        if not one.lacks(wanted):
            return one
    lacking = usable[0].lacks(wanted)
    near = difflib.get_close_matches(lacking[0], usable[0].objects, n=5, cutoff=0.4)
    raise MatteMissing(
        f"no Cryptomatte here has {', '.join(map(repr, lacking))}",
        hint=f"Near to it: {', '.join(near or usable[0].objects[:8])}",
    )


def cryptomattes(source: Any) -> List[Cryptomatte]:
    """Those that an input has both the metadata and the channels of."""
    said: Dict[str, Dict[str, str]] = {}
    for key, text in (source.metadata() or {}).items():
        found = _KEY.fullmatch(str(key))
        if found:
            said.setdefault(found[1], {})[found[2]] = str(text)
    there = {str(channel).rpartition(".")[0] for channel in source.channels()}
    made = []
    for one in said.values():
        name = one.get("name", "")
        ranks = re.compile(re.escape(_ILLEGAL.sub("_", name)) + r"\d+")
        layers = tuple(sorted(layer for layer in there if name and ranks.fullmatch(layer)))
        if layers:
            made.append(Cryptomatte(name, layers, _objects(one.get("manifest", ""))))
    return made


def _objects(manifest: str) -> Tuple[str, ...]:
    try:
        read = json.loads(manifest) if manifest else {}
    except ValueError:  # the daemon says what is wrong with it
        return ()
    return tuple(map(str, read)) if isinstance(read, dict) else ()
