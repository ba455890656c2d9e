"""The generation record of a take: all that is needed to make it again, and no word of its brief.

It names people by code and the brief by digest, so the record itself may be shown to anybody; the
brief lies beside it as a private blob under that digest. Its own sha256 is its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, TypeAlias

from secondunit_bridge.film import Element, Option, Role, Take, Turnover, Work
from secondunit_bridge.wire import plain

from .canonical import digest_of_text, identity
from .uses import outside

SCHEMA = "org.secondunit.generation/1"
BRIEF = "brief"  # stands for a turnover's brief wherever options repeat it
PROSE = ("negative",)  # options that say in words what is not to be seen
MODEL_ROLES = {"base": "base", "adapter": "lora"}
# Which place an element has in what comes of it (C2PA's words for ingredients).
RELATIONS = {Role.plate: "parentOf", Role.reference: "componentOf"}
# What the picture is, in IPTC's terms, by the work and whether weights were run.
SOURCE_TYPES = {
    (Work.insert, True): "trainedAlgorithmicMedia",
    (Work.pickup, True): "trainedAlgorithmicMedia",
    (Work.previs, True): "trainedAlgorithmicMedia",
    (Work.plate, True): "compositeWithTrainedAlgorithmicMedia",
    (Work.insert, False): "algorithmicallyEnhanced",
    (Work.pickup, False): "algorithmicallyEnhanced",
    (Work.previs, False): "algorithmicMedia",
    (Work.plate, False): "algorithmicallyEnhanced",
}
PLACEHOLDERS = {"slate": "algorithmicMedia"}


Used: TypeAlias = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Made:
    """What is known beside a take when it is written down.

    ``used`` are source frames by path, frame -> sha256; ``models`` what the stage says of those it
    ran; ``exactly`` what making it again needs; ``credentials`` what the content credential of each
    input says: Trusted, Valid, Invalid or none, by path; ``files`` the sha256 of references' files.
    """

    used: Used
    models: Sequence[Mapping[str, Any]] = ()
    exactly: Mapping[str, Any] | None = None
    software: Mapping[str, str] | None = None
    credentials: Mapping[str, str] | None = None
    files: Mapping[str, str] | None = None
    pixel_share: float | None = None  # of the picture that the generator made, 0..1
    egress: tuple[str, ...] = ()  # where beyond this machine the stage connected to, HOST:PORT
    at: float | None = None  # seconds since the epoch; None is now


def source_type(turnover: Turnover, *, weights: bool) -> str:
    """IPTC's digital source type of what a turnover makes."""
    return PLACEHOLDERS.get(turnover.generator) or SOURCE_TYPES[turnover.work, weights]


def generation(turnover: Turnover, take: Take, made: Made, by: str) -> dict[str, Any]:
    """The record. ``by`` is the code of the person who asked, never the name."""
    shot, media = turnover.shot, take.media
    frames = [media.frames.first, media.frames.last] if media else []
    return {
        "schema": SCHEMA,
        "id": take.id,
        "project": shot.project,
        "shot": shot.name,
        "shot_guid": shot.guid,
        "task": turnover.work.value,
        "take": take.number,
        "turnover_sha256": take.turnover,
        "created": _moment(made.at),
        "requested_by": f"person:{by}" if by else "",
        "daemon": {**(made.software or {}), "egress": ", ".join(made.egress) or "none"},
        "operation": {
            "digital_source_type": source_type(turnover, weights=bool(made.models)),
            "generator": turnover.generator,
        },
        "models": [_model(one, turnover) for one in made.models],
        "params": _params(turnover, take, made, frames),
        "prompt_sha256": digest_of_text(turnover.brief),
        "prompt_blob": f"sha256:{digest_of_text(turnover.brief)}" if turnover.brief else "",
        "inputs": [
            _input(element, made, named(element, turnover)) for element in turnover.elements
        ],
        "outputs": _outputs(take, made),
        "qc": _qc(take),
        "cost": _cost(take),
    }


def hash_list_of(take: Take) -> str:
    """sha256 over the digests of a take's frames, in order: what an approval is bound to."""
    return identity(list(take.media.digests)) if take.media else ""


def _moment(at: float | None) -> str:
    now = datetime.now(UTC) if at is None else datetime.fromtimestamp(at, UTC)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _params(turnover: Turnover, take: Take, made: Made, frames: list[int]) -> dict[str, Any]:
    """Everything that decides the pixels. Options that hold words are named by digest."""
    media = take.media
    return {
        "seed": str(take.seed),  # a text: it may be larger than JSON's numbers are exact
        "frames": frames,
        "fps": str(turnover.shot.cut.rate),
        "handles": plain(turnover.shot.handles),
        "size": [media.width, media.height] if media else [],
        "colour": media.space if media else "",
        "dtype": media.dtype if media else "",
        "options": {
            name: _option(name, value, turnover) for name, value in sorted(turnover.options.items())
        },
        "exactly": _safe(dict(made.exactly or {})),
    }


def private_words(turnover: Turnover) -> tuple[str, ...]:
    """What of a turnover is told by its digest alone: the brief, and options that hold words."""
    said = [turnover.brief] if turnover.brief else []
    said += [
        str(value) for name, value in turnover.options.items() if _private(name, value, turnover)
    ]
    return tuple(dict.fromkeys(said))


def _private(name: str, value: Option, turnover: Turnover) -> bool:
    """Choices and names of models are single words of ASCII; all else may be part of a brief."""
    if not isinstance(value, str) or not value:
        return False
    plain_word = value.isascii() and len(value.split()) == 1
    return name in PROSE or value == turnover.brief or not plain_word


def _option(name: str, value: Option, turnover: Turnover) -> Any:
    """Numbers and single words as they are; what could be part of a brief by its digest."""
    if _private(name, value, turnover):
        return {"sha256": digest_of_text(str(value))}
    return _safe(value)


def _safe(value: Any) -> Any:
    """What RFC 8785 can write: integers beyond its range become texts."""
    if isinstance(value, Mapping):
        return {str(name): _safe(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_safe(one) for one in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53 - 1:
        return str(value)
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)


def _model(said: Mapping[str, Any], turnover: Turnover) -> dict[str, Any]:
    name = str(said["name"])
    weight = turnover.options.get(f"lora:{name}")
    return {
        "role": MODEL_ROLES.get(str(said["kind"]), str(said["kind"])),
        "registry_id": name,
        "files": [{"path": path, "sha256": digest} for path, digest in said["files"]],
        "tensor_sha256": said.get("tensors_sha256", ""),
        "card": said.get("card", ""),
        "card_sha256": said.get("card_sha256", ""),
        "licence": said["licence"].get("id", ""),
        "licence_text_sha256": said["licence"].get("sha256", ""),
        "weight": weight if isinstance(weight, int | float) else None,
    }


def named(element: Element, turnover: Turnover) -> tuple[str, str]:
    """What an element and its file are called outside: a picture of others by its number, for
    whoever kept it may have called it after somebody."""
    file = PurePath(element.media.path).name
    others = [one for _, one in outside(turnover)]
    if element not in others:
        return element.name, file
    label = f"reference{others.index(element) + 1}"
    return label, label + PurePath(file).suffix


def _input(element: Element, made: Made, called: tuple[str, str]) -> dict[str, Any]:
    """One element: its file by name only, its frames by one digest over theirs."""
    path, frames = element.media.path, element.media.frames
    used = made.used.get(path) or _layer(made.used, path, element.role)
    wanted = {number: used[number] for number in map(str, frames) if number in used}
    return {
        "role": element.role.value,
        "name": called[0],
        "file": called[1],
        "frames": [frames.first, frames.last],
        "hashlist_sha256": identity(wanted) if wanted else "",
        "relationship": RELATIONS.get(element.role, "inputTo"),
        "sha256": (made.files or {}).get(path, ""),
        "c2pa": (made.credentials or {}).get(path, "none"),
    }


def _layer(used: Used, path: str, role: Role) -> Mapping[str, str]:
    """The frames of that layer of a file of many which the role is named after, if one is."""
    layers = (name for name in used if name.startswith(f"{path}:"))
    named = (name for name in layers if role.value in name.removeprefix(path).casefold())
    return used.get(next(named, ""), {})


def _outputs(take: Take, made: Made) -> dict[str, Any]:
    count = len(take.media.digests) if take.media else 0
    return {
        "count": count,
        "hashlist_sha256": hash_list_of(take),
        "ai_pixel_share": made.pixel_share,
    }


def _cost(take: Take) -> dict[str, Any]:
    used = take.cost
    return {"device": used.device, "seconds": used.seconds, "energy_wh": used.energy_wh}


def _qc(take: Take) -> dict[str, Any]:
    told = [{"check": one.check, "outcome": one.outcome.value} for one in take.findings]
    open_ = sum(finding.open for finding in take.findings)
    return {
        "result": "open" if open_ else "pass",
        "findings": len(told),
        "open": open_,
        "report_sha256": identity(sorted(told, key=lambda one: (one["check"], one["outcome"]))),
    }
