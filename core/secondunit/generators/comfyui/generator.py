"""A registered workflow as a generator: what it is, what it would shoot, and the shooting."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from secondunit_bridge.errors import EngineFailed, SetupError
from secondunit_bridge.film import Model, Role, Work

from ...hookspecs import (
    Developed,
    Elements,
    Exactly,
    GeneratorAbout,
    OptionAbout,
    PixelShape,
    Plan,
    Port,
    Preview,
    Progress,
    Watch,
)
from ...models.card_rules import WORDS
from ...models.workflow_card import SWITCH, Pair, WorkflowCard, switched_off
from .feed import Feed
from .filling import Call, Filling, prefix_of
from .looking import Glance, Looked
from .planning import planned
from .server import Server
from .shooting import Shooting, Wanted, clear_left

NOTES = Path("cache", "comfyui")  # in the home: ids of prompts that are in a line
_LESS = 0.9  # of the time after which a silent stage is ended: the server is asked to stop before


class Comfy:
    """One workflow, at the server of the setting ``comfyui``."""

    def __init__(
        self, model: Model, pair: Pair, glance: Glance, home: Path, address: str, stall_s: float
    ) -> None:
        self._model, self._pair, self._glance = model, pair, glance
        self._notes, self._address, self._silent_s = home / NOTES, address, stall_s * _LESS
        self.about = about(model, pair.card)

    def plan(self, plan: Plan, elements: Elements | None) -> Plan:
        """What would be run, and every reason why it cannot: the engine is off, nothing answers,
        classes or files that the server lacks. Runs nothing there."""
        return planned(plan, self._model.name, self._pair, self._looked(elements is None))

    def run(
        self, plan: Plan, elements: Elements, seed: int, watch: Watch
    ) -> Iterator[Progress | Preview | Developed | Exactly]:
        """Every frame, as the server gives it, in the card's code space.

        Raises SetupError, EngineOffline, EngineFailed, OutOfMemory, BrokenFrames, OverLimits,
        Cancelled.
        """
        if not self._address:
            raise SetupError(switched_off(self._model.name), hint=SWITCH)
        yield Progress(0.0, "asking the ComfyUI server")
        server, client = Server(self._address, watch.check), uuid4().hex
        looked = self._glance.whole(server, self._pair, self._model.name)
        if looked.refusals:
            raise EngineFailed(" ".join(looked.refusals), hint="Change the server, then retry.")
        clear_left(server, self._notes)
        feed = Feed(server, client, self._pair.workflow)
        shooting = Shooting(server, self._pair.workflow, feed, client, self._notes, watch.check)
        try:
            filling = Filling(self._pair, plan, elements, server)
            yield from self._shot(shooting, filling, plan, seed, looked)
        finally:
            feed.close()

    def _shot(
        self, shooting: Shooting, filling: Filling, plan: Plan, seed: int, looked: Looked
    ) -> Iterator[Progress | Preview | Developed | Exactly]:
        still = self._pair.card.limits.still
        calls = len(plan.frames) if still else 1
        bits: set[int] = set()
        for index in range(calls):
            mark = uuid4().hex
            call = filling.call(index, seed, mark)
            if not index:
                yield Exactly(self._facts(call, mark, plan, seed, looked))
            numbers = iter(call.frames)
            wanted = self._wanted(plan, mark)
            for said in shooting.pictures(call, wanted, silent_s=self._silent_s):
                if isinstance(said, Progress):
                    yield replace(said, done=(index + said.done) / calls)
                elif isinstance(said, Preview):
                    yield _small(said, plan)
                else:
                    picture, depth = said
                    bits.add(depth)
                    yield Developed(next(numbers), picture)
        yield Exactly(_told_of(min(bits)))

    def _wanted(self, plan: Plan, mark: str) -> Wanted:
        node = self._pair.workflow.find(self._pair.card.output.node)
        named = mark if prefix_of(self._pair) else ""
        return Wanted(node, plan.width, plan.height, named)

    def _looked(self, only_asked: bool) -> Looked:
        if not self._address:
            return Looked((f"{switched_off(self._model.name)} {SWITCH}",))
        server, name = Server(self._address), self._model.name
        if only_asked:
            return self._glance.now(server, self._pair, name)
        return self._glance.whole(server, self._pair, name)

    def _facts(
        self, call: Call, mark: str, plan: Plan, seed: int, looked: Looked
    ) -> dict[str, Any]:
        workflow, model = self._pair.workflow, self._model
        posted = json.dumps(call.prompt, sort_keys=True).replace(mark, "").encode()
        return {
            "engine": "comfyui",
            "server": looked.facts,
            "device": looked.facts.get("device") or "a ComfyUI server",
            "workflow_sha256": self._pair.sha256,
            "card_sha256": self._pair.card.digest,
            "prompt_sha256": sha256(posted).hexdigest(),
            "node_classes": list(workflow.kinds),
            "models": list(workflow.weights),
            "models_are": "file names as the workflow says them; what is in them is not known",
            "licence": {
                "id": model.licence.id,
                "word_of": f"the card, as {model.by} added it; no file of the server was looked at",
            },
            "size": [plan.width, plan.height, len(plan.frames)],
            "seed": seed,
            "replay": "not guaranteed: the server, its nodes and its files are not ours to hold",
        }


def _told_of(bits: int) -> dict[str, Any]:
    """How finely the server gave its pictures; eight bits are worth a word."""
    if bits > 8:
        return {"bits": bits}
    says = "The workflow saves 8 bits a channel: smooth light may show steps."
    return {"bits": bits, "remarks": [says]}


def _small(said: Preview, plan: Plan) -> Preview:
    """A preview no larger than the picture."""
    rows, columns = said.pixels.shape[:2]
    step = max(1, -(-rows // plan.height), -(-columns // plan.width))
    return replace(said, pixels=said.pixels[::step, ::step]) if step > 1 else said


def about(model: Model, card: WorkflowCard) -> GeneratorAbout:
    """The workflow as hosts and people see it."""
    limits = card.limits
    return GeneratorAbout(
        name=model.name,
        version=card.card.version,
        sentence=card.card.sentence,
        works=card.card.works,
        ports=tuple(
            Port(Role(name), port.sentence, port.required and name not in ("first", "last"))
            for name, port in card.ports.items()
            if name not in WORDS
        ),
        options=_options(card),
        space=card.space.code,
        size_multiple=limits.size_multiple,
        frame_rule=(1, 0) if limits.still else limits.frame_rule,
        max_frames=None if limits.still else limits.max_frames,
        most_pixels=limits.most_pixels or None,
        least_side=limits.size_multiple,
        pixel_shape=PixelShape.square,
        deterministic=False,
        needs_weights=True,
        licence=model.licence.id or card.licence.id,
        models=(model.name,),
    )


def _options(card: WorkflowCard) -> tuple[OptionAbout, ...]:
    made = []
    for name, one in card.options.items():
        low, high = (one.low, one.high) if one.low != one.high else (None, None)
        made.append(OptionAbout(name, one.default, one.sentence, low, high, one.choices))
    if "negative" in card.ports:
        made.append(OptionAbout("negative", "", card.ports["negative"].sentence))
    return tuple(made)


class Changed:
    """A workflow whose files are not what was registered: it says so, and shoots nothing."""

    def __init__(self, model: Model, why: str) -> None:
        self._why = why
        self.about = GeneratorAbout(
            name=model.name, version="0", sentence=why[:200], works=tuple(Work),
            deterministic=False, needs_weights=True, models=(model.name,),
        )  # fmt: skip

    def plan(self, plan: Plan, elements: Elements | None) -> Plan:
        """The plan, refused with the reason."""
        return replace(plan, refusals=(*plan.refusals, self._why))

    def run(
        self, plan: Plan, elements: Elements, seed: int, watch: Watch
    ) -> Iterator[Progress | Preview | Developed | Exactly]:
        """Nothing: raises SetupError."""
        raise SetupError(self._why, hint="Put its files back, or add it again.")
