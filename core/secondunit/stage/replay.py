"""A take shot once more from its record: nothing of it is kept but whether it came out the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from secondunit_bridge.film import Media, Turnover

from ..hookspecs import Watch
from ..media.frames import digest
from ..media.open import open_footage
from ..media.probe import probe
from ..plugins import Plugins
from .orders import Replay
from .shoot import Say, shoot
from .sources import used_as

Used = dict[str, dict[str, str]]  # see Sources.used

_DATA = "Raw"  # pixels are compared as the file holds them, whatever space they are in
_OURS = ("remarks", "seed")  # facts that are no cause: they follow from the others


def replay(order: Replay, plugins: Plugins, watch: Watch, say: Say) -> dict[str, Any]:
    """What became of it: ``ran``, ``equal``, ``changed`` sources, ``differ`` frames, ``facts``.

    Sources are read first; when one is not what it was, nothing is run. Raises as ``shoot`` does.
    """
    say("progress", done=0.0, says="looking at its sources")
    changed = list(_changed(order.shoot.turnover, order.kept.get("used", {}), watch))
    if changed:
        return {"ran": False, "equal": False, "changed": changed}

    def heard(word: str, **body: Any) -> None:
        if word == "progress":  # its states are no take's, and nobody chooses by its previews
            say(word, **body)

    take, more = shoot(order.shoot, plugins, watch, heard)
    assert take.media is not None  # what was shot has frames
    return {
        "ran": True,
        **compared(order.kept, {**more, "digests": list(take.media.digests)}),
        "seconds": take.cost.seconds,
        "device": take.cost.device,
    }


def compared(kept: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What differs between a take's entry and the same shot again.

    ``differ`` are frames, as delivered, in ranges; ``facts`` what the two say of how they were
    made, where that is not the same: ``what``, ``was``, ``now``.
    """
    first, before = kept["media"]["frames"]["first"], kept["media"]["digests"]
    numbers = [
        first + index
        for index, (was, made) in enumerate(zip(before, now["digests"], strict=True))
        if was != made
    ]
    return {
        "equal": not numbers,
        "frames": len(before),
        "differ": _ranges(numbers),
        "facts": [fact for name in ("exactly", "software") for fact in _facts(name, kept, now)],
    }


def _facts(name: str, kept: dict[str, Any], now: dict[str, Any]) -> Iterator[dict[str, Any]]:
    was, made = dict(_flat(kept.get(name, {}))), dict(_flat(now.get(name, {})))
    for what in sorted(was.keys() | made.keys()) if was else ():  # an old take may not have said
        if was.get(what) != made.get(what) and what not in _OURS:
            yield {"what": what, "was": was.get(what), "now": made.get(what)}


def _flat(facts: dict[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{within}{name}.")
        else:
            yield within + name, value


def _ranges(numbers: list[int]) -> list[list[int]]:
    made: list[list[int]] = []
    for number in numbers:
        if made and made[-1][1] == number - 1:
            made[-1][1] = number
        else:
            made.append([number, number])
    return made


def _changed(turnover: Turnover, used: Used, watch: Watch) -> Iterator[dict[str, Any]]:
    """Every source that is not what the take has used, with the frames of it that differ.

    Frames that the vault keeps go by their pixels' digest and cannot have changed.
    """
    wanted: dict[str, dict[Media, None]] = {}
    for element in turnover.elements:
        for channels in (element.media.channels, ()):  # a matte is read with all channels
            media = replace(element.media, channels=channels, space=_DATA)
            if media.path and used_as(media) in used:
                wanted.setdefault(used_as(media), {})[media] = None
    for name, ways in wanted.items():
        other = set(used[name])
        for media in ways:
            other -= _same(media, {n: used[name][n] for n in other}, watch)
        if other:
            yield {"source": name, "frames": _ranges(sorted(int(number) for number in other))}


def _same(media: Media, frames: dict[str, str], watch: Watch) -> set[str]:
    """Of these frames the ones whose pixels have this digest. Raises what opening them raises."""
    if not frames:
        return set()
    probe(media.path)  # in a limited child: the file may be another one now
    with open_footage(media) as footage:
        found = set()
        for number in sorted(frames, key=int):
            watch.check()
            pixels = footage.frame(int(number))
            if digest(pixels, footage.channels) == frames[number]:
                found.add(number)
    return found
