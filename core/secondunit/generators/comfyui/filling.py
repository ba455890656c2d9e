"""From a turnover's elements to a prompt: pictures uploaded, values filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from secondunit_bridge.errors import OverLimits
from secondunit_bridge.film import Role

from ...hookspecs import Elements, Plan
from ...media.footage import Footage, Picture
from ...models.workflow_card import Pair, PortPlace
from ..diffusion.calls import start_of
from ..diffusion.passes import Passes
from ..diffusion.pictures import (
    matte_of,
    sized,
)
from .pictures import mask16, png16
from .server import Server

FOLDER = "secondunit"  # of the server's inputs and outputs: everything of ours lies there
SEEDS = 2**64  # ComfyUI's own samplers take seeds below this

Values = dict[tuple[str, str], Any]


@dataclass(frozen=True)
class Call:
    """One prompt: what is posted, and the frames of the plan whose pictures come back."""

    prompt: dict[str, Any]
    frames: tuple[int, ...]


class Filling:
    """The pictures and values of one run, as the card's ports take them."""

    def __init__(self, pair: Pair, plan: Plan, elements: Elements, server: Server) -> None:
        self._pair, self._plan, self._elements = pair, plan, elements
        self._server, self._card = server, pair.card
        self._start = start_of(pair.card.ports, plan)
        if elements.already is not None:  # goes on from the run before, not from the start again
            self._start.pop(Role.first.value, None)
        self._passes = Passes()

    def call(self, index: int, seed: int, mark: str) -> Call:
        """The prompt of frame ``index``, or of the whole run where the workflow makes many.

        ``mark`` goes into the names of folders and results. Uploads what it takes; raises what
        that raises, and OverLimits for more pictures than a port takes.
        """
        still = self._card.limits.still
        values = self._plain(seed) | self._named(mark)
        for name, port in self._card.ports.items():
            if port.form not in ("text", "alpha") and (footages := self._all(name)):
                place = self._pair.workflow.find(port.node), port.input
                values[place] = self._handed(name, port, self._only(name, footages), index, mark)
        numbers = tuple(self._plan.frames)
        frames = (numbers[index],) if still else numbers
        return Call(self._pair.workflow.filled(values), frames)

    def _plain(self, seed: int) -> Values:
        """Words, sizes, seeds and options."""
        find, card, plan = self._pair.workflow.find, self._card, self._plan
        words = {"brief": plan.turnover.brief, "negative": str(plan.options.get("negative", ""))}
        made: Values = {}
        for name, port in card.ports.items():
            if port.form == "text" and (words[name] or name == "brief"):
                made[find(port.node), port.input] = words[name]
        known = {
            "width": plan.width, "height": plan.height, "frames": len(plan.frames),
            "rate": float(plan.frames.rate),
        }  # fmt: skip
        made |= {(find(place.node), place.input): known[n] for n, place in card.size.items()}
        made |= {(find(place.node), place.input): seed % SEEDS for place in card.seed}
        for name, option in card.options.items():
            made[find(option.node), option.input] = plan.options[name]
        return made

    def _named(self, mark: str) -> Values:
        place = prefix_of(self._pair)
        return {place: f"{FOLDER}/{mark}"} if place else {}

    def _all(self, name: str) -> Sequence[Footage]:
        return self._elements.all(self._start.get(name, Role(name)))

    def _only(self, name: str, footages: Sequence[Footage]) -> Footage:
        if len(footages) > 1:
            raise OverLimits(
                f"{self._card.name} takes one {name}; there are {len(footages)}",
                hint="Hand over the one that matters most.",
                data={"port": name, "most": 1},
            )
        return footages[0]

    def _handed(self, name: str, port: PortPlace, footage: Footage, index: int, mark: str) -> str:
        """Upload what a port takes; the words that its node loads it by."""
        if port.form in ("folder", "masks"):
            folder = f"{FOLDER}/{mark}-{name}"
            for at in range(len(self._plan.frames)):
                self._server.upload(f"{at + 1:06}.png", folder, self._png(name, footage, at))
            return folder
        png = self._png(name, footage, index)
        return self._server.upload(f"{sha256(png).hexdigest()[:32]}.png", FOLDER, png)

    def _png(self, name: str, footage: Footage, index: int) -> bytes:
        if name == Role.matte.value:
            return mask16(_matte(footage, index))
        return png16(self._picture(name, footage, index), self._clear(name, index))

    def _clear(self, name: str, index: int) -> Picture | None:
        """The matte, where it travels with this port's pictures."""
        port = self._card.ports.get(Role.matte.value)
        matte = self._elements.one(Role.matte) if port and port.of == name else None
        return _matte(matte, index) if matte is not None else None

    def _picture(self, name: str, footage: Footage, index: int) -> Picture:
        """One frame as this port sees it; a reference keeps its own size."""
        role = self._start.get(name, Role(name))
        if name == Role.last.value:
            shown = self._passes.shown_at(role, footage, footage.frames.last)
        else:
            shown = self._passes.shown(role, footage, index)
        own = name == Role.reference.value
        return shown if own else sized(shown, self._plan.width, self._plan.height)


def _matte(footage: Footage, index: int) -> Picture:
    at = footage.frames.first + (index if len(footage.frames) > 1 else 0)
    return np.asarray(matte_of(footage.frame(at)))


def prefix_of(pair: Pair) -> tuple[str, str] | None:
    """Where the output node takes the beginning of its files' names, if it does."""
    node = pair.workflow.find(pair.card.output.node)
    place = pair.card.output.prefix or "filename_prefix"
    there: Mapping[str, Any] = pair.workflow.nodes[node].inputs
    return (node, place) if isinstance(there.get(place), str) else None
