"""A registered model as a generator: what it is, what it would shoot, and the shooting."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import BrokenFrames
from secondunit_bridge.film import Model

from ...hookspecs import (
    DRAFT,
    FINISH,
    QUALITY,
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
from ...models.card import Card, OptionCard
from ...models.pool import Held, History, Picture, Rungs
from .bench import MEMORY, Bench, Share, Wanted
from .caches import caching
from .calls import Call, How, calls, how, spoken
from .embeddings import FOLDER, Embeddings, Unread, remembering
from .exact import arguments_facts, machine_facts, machine_words, model_facts
from .kits import coder_digest, words_digest
from .latents import Size
from .loading import IP_ADAPTER, engine, pipeline_class, quietly
from .lora import MOST, PREFIX, Worn, asked, wear
from .pictures import frames_of, stretched
from .planning import parts_used, planned
from .previews import Previews
from .reading import Asked, asked_of, reads, unread
from .steps import running

ROLES = ("brief", "negative")  # ports of a card that are words, not elements


class Diffusion:
    """One base model, with the LoRAs that may go on it."""

    def __init__(
        self, model: Model, card: Card, adapters: Sequence[Model], bench: Bench, home: Path,
        shelf: Sequence[Card] = (), *, threads: int = 0,
    ) -> None:  # fmt: skip
        self._model, self._card, self._adapters = model, card, tuple(adapters)
        self._bench, self._home, self._shelf, self._threads = bench, home, tuple(shelf), threads
        self.about = about(model, card, self._adapters)

    def plan(self, plan: Plan, elements: Elements | None) -> Plan:
        """What would be run, what it takes, and every reason why it cannot. Loads nothing."""
        return planned(plan, self._model, self._card, self._shelf, History(self._home / MEMORY))

    def run(
        self, plan: Plan, elements: Elements, seed: int, watch: Watch
    ) -> Iterator[Progress | Preview | Developed | Exactly]:
        """Every frame, as the pipeline gives it for this seed, in the card's code space.

        Raises NeedsModel, ModelMissing, ModelUntrusted, OverLimits, OutOfMemory, Cancelled.
        """
        made, worn = how(self._card, plan), asked(plan.turnover.options, self._adapters)
        yield Progress(0.0, f"opening {self._model.name}")
        wanted, finished = self._wanted(plan, made, worn, watch), 0
        rungs = self._bench.rungs(wanted)
        seen = Previews(self._home, coder_digest(self._model, self._card), plan.width, plan.height)
        size = Size(made.width, made.height, 1 if self._card.limits.still else made.count)
        wanted, due = self._unread(wanted, spoken(self._card, plan, made), worn)
        while True:
            try:
                yield from self._read(wanted, due, watch)
                with ExitStack() as take:
                    held = take.enter_context(self._bench.ready(wanted, rungs))
                    rungs = held.rungs
                    with quietly():
                        wear(held.pipeline, worn)
                    take.enter_context(self._remembering(held.pipeline, worn, wanted.share))
                    caches = take.enter_context(self._caching(held.pipeline, made))
                    facts = self._facts(held, made, worn, seed, wanted)
                    yield Exactly({**facts, "caches": caches})
                    for call in islice(calls(self._card, plan, elements, made), finished, None):
                        watch.check()
                        seen.begin(held.pipeline, size, call.frames)
                        shot = self._shot(held.pipeline, call, plan, seed, watch, finished, seen)
                        yield from shot
                        finished += 1
                return
            except Unread as missed:  # what it asks was not as foreseen
                if missed.asked in due:
                    wanted = replace(wanted, share=Share.whole)
                due = [missed.asked]
            except self._bench.pool.memory_errors as error:
                rungs = self._bench.lower(wanted, rungs, error)
                yield Progress(0.0, "once more, with less memory")

    def release(self) -> int:
        """Free the device; bytes given back. Its bench is every model's: the first frees all."""
        return self._bench.release()

    def _unread(
        self, wanted: Wanted, arguments: dict[str, Any], worn: Sequence[Worn]
    ) -> tuple[Wanted, list[Asked]]:
        """The model without its text encoders, and what they must be asked before.

        All of it where that cannot be told: LoRAs change encoders, a picture may be part of the
        question, and what is one file is opened as one.
        """
        if worn or IP_ADAPTER in wanted.parts or not Path(self._model.path).is_dir():
            return wanted, []
        device = self._bench.device
        kind = pipeline_class(engine(), self._card)
        asked = asked_of(kind, arguments, device)
        if not asked:
            return wanted, []
        kept, digest = Embeddings(self._home / FOLDER), self._encoders(device, worn)
        return replace(wanted, share=Share.rest), unread(kind, kept, digest, asked)

    def _read(self, wanted: Wanted, due: list[Asked], watch: Watch) -> Iterator[Progress]:
        """Have the text encoders alone read what is new, before anything else needs the memory."""
        if not due or wanted.share is Share.whole:
            return
        yield Progress(0.0, "reading the brief")
        alone = replace(wanted, share=Share.readers, picture=Picture(1, 1))
        with ExitStack() as reading:
            pipeline = reading.enter_context(self._bench.ready(alone, Rungs())).pipeline
            reading.enter_context(self._remembering(pipeline, (), alone.share))
            for said in running(pipeline, (), reads(pipeline, due), watch):
                if isinstance(said, Progress):
                    yield said

    def _encoders(self, device: Any, worn: Sequence[Worn]) -> str:
        """A digest of everything but the words that decides what text encoders give."""
        told = [one.facts for one in worn], machine_words(str(device))
        return sha256(
            json.dumps([words_digest(self._model, self._card), told]).encode()
        ).hexdigest()

    def _remembering(
        self, pipeline: Any, worn: Sequence[Worn], share: Share
    ) -> AbstractContextManager[None]:
        """Text encoders are asked once for each brief, as they are with these LoRAs on."""
        digest = self._encoders(pipeline._execution_device, worn)
        absent = share is Share.rest
        return remembering(pipeline, Embeddings(self._home / FOLDER), digest, absent=absent)

    def _caching(self, pipeline: Any, made: How) -> AbstractContextManager[list[str]]:
        names = self._card.draft.caches if made.draft else ()
        return caching(pipeline, names, self._card.denoiser.components)

    def _wanted(self, plan: Plan, made: How, worn: Sequence[Worn], watch: Watch) -> Wanted:
        """What the pool must have ready for one call."""
        frames = 1 if self._card.limits.still else made.count
        return Wanted(
            self._model, self._card, parts_used(self._card, plan),
            Picture(made.width, made.height, frames), who=f"shot {plan.turnover.shot.name}",
            check=watch.check, exact_layers=bool(worn), threads=self._threads,
        )  # fmt: skip

    def _shot(
        self, pipeline: Any, call: Call, plan: Plan, seed: int, watch: Watch, finished: int,
        seen: Previews,
    ) -> Iterator[Progress | Preview | Developed]:  # fmt: skip
        import torch

        many = len(plan.frames) if self._card.limits.still else 1
        done, share = finished / many, 1 / many

        def work() -> Any:
            torch.manual_seed(seed)  # some pipelines draw noise past the generator they are given
            noise = torch.Generator("cpu").manual_seed(seed)
            with quietly():
                made = pipeline(**call.arguments, generator=noise, output_type="np")
            return frames_of(made)

        pictures: Any = ()
        denoisers = self._card.denoiser.components
        for said in running(pipeline, denoisers, work, watch, seen.step):
            if isinstance(said, Progress):
                yield Progress(done + share * said.done, said.says)
            elif isinstance(said, Preview):
                yield said
            else:
                pictures = said
        if len(pictures) != len(call.frames):
            raise BrokenFrames(
                f"{self._model.name} made {len(pictures)} frames where {len(call.frames)} were due",
                hint="Its card's frame rule does not hold: correct [limits] frame_rule.",
            )
        for number, picture in zip(call.frames, pictures, strict=True):
            yield Developed(number, stretched(picture, plan.width, plan.height))

    def _facts(
        self, held: Held[Any], made: How, worn: Sequence[Worn], seed: int, wanted: Wanted
    ) -> dict[str, Any]:
        pipeline = held.pipeline
        machine = machine_facts(pipeline, str(pipeline.device))
        return {
            **machine,
            "dtypes": {**self._bench.dtypes(wanted), **machine["dtypes"]},  # of what is absent too
            "model": model_facts(self._model),
            "pipeline": type(pipeline).__name__,
            "adapters": [one.facts for one in worn],
            "quality": DRAFT if made.draft else FINISH,
            "size": [made.width, made.height, made.count],
            "arguments": arguments_facts(made.arguments),
            "seed": seed,
            "steps_down": [step.value for step in held.steps],
            "remarks": list(held.remarks),
        }


def about(model: Model, card: Card, adapters: Sequence[Model]) -> GeneratorAbout:
    """The model as hosts and people see it."""
    limits = card.limits
    return GeneratorAbout(
        name=model.name,
        version=card.card.version,
        sentence=card.card.sentence,
        works=card.card.works,
        ports=ports(card),
        options=options(card, adapters),
        space=card.space.code,
        size_multiple=limits.size_multiple,
        frame_rule=(1, 0) if limits.still else limits.frame_rule,
        max_frames=None if limits.still else limits.max_frames,
        most_pixels=limits.most_pixels or None,
        least_side=limits.size_multiple,
        pixel_shape=PixelShape.square,
        needs_weights=True,
        licence=model.licence.id or card.licence.id,
        models=(model.name,),
    )


def ports(card: Card) -> tuple[Port, ...]:
    """The card's ports that are elements."""
    from secondunit_bridge.film import Role

    return tuple(
        Port(Role(name), port.sentence, port.required and name not in ("first", "last"))
        for name, port in card.ports.items()
        if name not in ROLES
    )


def options(card: Card, adapters: Sequence[Model]) -> tuple[OptionAbout, ...]:
    """The card's options, draft or finish, what to avoid, and a weight for each LoRA."""
    made = [_option(name, option) for name, option in card.options.items()]
    made.append(
        OptionAbout(
            QUALITY, FINISH, "A draft is smaller and rougher, to choose by; a finish is exact.",
            choices=(DRAFT, FINISH),
        )
    )  # fmt: skip
    if "negative" in card.ports:
        made.append(OptionAbout("negative", "", card.ports["negative"].sentence))
    for model in adapters if card.adapters.supported else ():
        words = f"How much of the LoRA {model.name} is put on; 0 leaves it off."
        made.append(OptionAbout(PREFIX + model.name, 0.0, words, low=-MOST, high=MOST))
    return tuple(made)


def _option(name: str, option: OptionCard) -> OptionAbout:
    limited = option.low != option.high
    return OptionAbout(
        name, option.default, option.sentence, choices=option.choices,
        low=option.low if limited else None, high=option.high if limited else None,
    )  # fmt: skip
