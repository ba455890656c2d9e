"""A cut on paper: as many shots as are wanted, with takes, records and rights, and no daemon.

What packets, exports and bills are written from, as real values. Every third shot of ours was made
by a model with the likeness of a performer, the others without one; review movies are two frames.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

from secondunit.editorial import Cut, CutShot
from secondunit.models import licences
from secondunit.packet.build import Wish
from secondunit.packet.canonical import identity
from secondunit.packet.cost import Known, Rates
from secondunit.packet.gather import Gathered, Made
from secondunit.packet.generation import Made as Facts
from secondunit.packet.generation import generation
from secondunit.packet.judging import Judged
from secondunit.packet.pace import Predicted
from secondunit.rights import Asset, Binding, Consent, Declaration, Register
from secondunit_bridge.film import (
    Answer,
    Cost,
    Element,
    Entry,
    Finding,
    Media,
    Outcome,
    Role,
    Shot,
    Take,
    TakeState,
    Turnover,
    Version,
    VersionClass,
    Waiver,
    Work,
)
from secondunit_bridge.timing import FrameRange, Handles

RATE = Fraction(24)
START = 86_400  # 01:00:00:00
FRAMES = FrameRange(1001, 1064, RATE)
LONG = 48  # frames that each clip plays
ARTISTS = ("Łukasz Öğütçü", "Zoë Ångström", "Ελένη Παπαδοπούλου", "Дарья Ёлкина")
APPROVER = "Siân O'Brien-Nuñez"
WORDS = "A hand, gloved, closes the door: nobody may read this"
HERO = sha256(b"hero").hexdigest()
BASE = sha256(b"base").hexdigest()
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def gathered(folder: Path, shots: int, ours: int, register: Register | None = None) -> Gathered:
    """A cut of so many clips, of which so many are ours, spread evenly."""
    made, clips = [], []
    for number in range(shots):
        own = number * ours // shots != (number + 1) * ours // shots
        clip = _clip(number, own=own)
        clips.append(clip)
        if own:
            made.append(_made(folder, clip, len(made)))
    cut = Cut("REEL 1", None, RATE, START, LONG * shots, False, tuple(clips), document=None)
    return Gathered(
        cut=cut,
        made=tuple(made),
        foreign=tuple(clip for clip in clips if not clip.marks),
        register=register or rights(),
        models=(),
        project="HAL",
        head=(412, sha256(b"head").hexdigest()),
        checkpoint="secondunit\n412\n\n",
        known=_known(made),
    )


def wish(folder: Path, **changes: Any) -> Wish:
    """What the packet of such a cut is asked for."""
    asked = Wish(
        out=folder / "packet",
        keys=folder / "keys",
        title="Halcyon",
        delivery="temp",
        rates=Rates(),
        terms={},
        production=licences.Use(),
        at=NOW,
    )
    return replace(asked, **changes)


def rights() -> Register:
    """A base model, a likeness with its consent, and a signed declaration."""
    rows = (
        Asset("flux-dev", "model", "FLUX.1 dev", files=(BASE,), supplier="Black Forest Labs",
              source="https://huggingface.co/black-forest-labs",
              licence="flux-1 dev non commercial", commercial="yes",
              training="licensed", status="cleared"),
        Asset("hero", "lora", "Hero, costume two", files=(HERO,), supplier="Studio Halcyon",
              licence="LicenseRef-Halcyon", commercial="yes", training="own",
              datasets=("hero-scan", "hero-stills"), personal_data="yes", likeness="person",
              not_after="2027-06-30", status="cleared"),
        Asset("hero-scan", "dataset", "Scan of 3 May 2026, 412 pictures",
              supplier="Studio Halcyon", licence="LicenseRef-Halcyon", training="own",
              personal_data="yes", status="cleared"),
        Consent("CNS-0012", "P-1a2b3c4d", "employment_replica", projects=("HAL",),
                notice="2026-04-28", signed="2026-05-01", instrument=sha256(b"paper").hexdigest(),
                territories=("US", "GB", "DE"), not_after="2027-12-31"),
        Binding("hero--CNS-0012", "hero", "CNS-0012"),
        Declaration("HAL", ("yes", "yes", "yes", "yes, reel 1 is a preview", "yes, CNS-0012"),
                    "Núria Casals", "producer", "2026-11-20", "A streaming service",
                    ("US", "GB"), "2026-12-01", "2027-05-31"),
    )  # fmt: skip
    tables = {Asset: "asset", Consent: "consent", Binding: "binding", Declaration: "declaration"}
    return Register({(tables[type(row)], row.id): row for row in rows})


def _known(made: list[Made]) -> Known:
    """The first shot of each generator was expected to take nothing in particular."""
    tries = [(place, take) for place, one in enumerate(made) for take in one.tries]
    expected = {
        take.id: Predicted(take.cost.seconds * 0.93, 9) for place, take in tries if place > 1
    }
    judged = {take.id: Judged(counted=40.0) for place, take in tries if place % 2}
    return Known(judged, expected)


def _clip(number: int, *, own: bool) -> CutShot:
    first = START + number * LONG
    name = f"HAL_{number * 10 + 10:04}" if own else f"A{number:03}C004_210519"
    return CutShot(
        name=name,
        guid=f"guid-{number}",
        track="V1",
        index=number,
        layer=0,
        record=FrameRange(first, first + LONG - 1, RATE),
        media=f"/plates/{name}.mov",
        online=True,
        offline_reason="",
        media_rate=RATE,
        source=(0, LONG - 1),
        played=None,
        speed=Fraction(1),
        retime="none",
        marks={"version": f"{name}_v002"} if own else {},
    )


def _made(folder: Path, clip: CutShot, number: int) -> Made:
    model = number % 3 == 0
    shot = Shot("HAL", "HAL", clip.name[4:], str(clip.guid), clip.record, Handles(8, 8))
    work = (Work.insert, Work.plate, Work.previs)[number % 3]
    plate = Element(Role.plate, Media(FRAMES, path=f"/plates/{clip.name}.exr"))
    turnover = Turnover(
        shot,
        work,
        "flux-dev" if model else "clean_plate",
        WORDS,
        (plate,),
        artist=ARTISTS[number % 4],
    )
    tries = tuple(_take(shot, turnover, clip, one) for one in range(1, 4))
    take = tries[-1]
    models = [_used("flux-dev", "base", BASE), _used("hero", "adapter", HERO)] if model else []
    facts = Facts(used={}, models=models, software={"flux-dev": "1.2", "secondunit": "0.1"},
                  pixel_share=1.0 if model else 0.0, at=NOW.timestamp())  # fmt: skip
    record = generation(turnover, take, facts, "P-0a0b0c0d")
    told = {"sha256": identity(record), "credentials": {}}
    name = f"{clip.name}_v002"
    version = Version(
        name, shot.guid, take.id, 2, VersionClass.temp, APPROVER, str(folder / "store" / name),
        FRAMES, Handles(8, 8), "c" * 64,
    )  # fmt: skip
    history = (_entry(300 + number, name),)
    return Made(
        clip=clip,
        version=version,
        state="approved",
        take=take,
        turnover=turnover,
        taken={"generation": told, "models": models},
        record={},
        generation=record,
        hash_list=sha256(name.encode()).hexdigest(),
        waivers=(_waiver(take),) if number % 2 else (),
        history=history,
        tries=tries,
    )


def _take(shot: Shot, turnover: Turnover, clip: CutShot, number: int) -> Take:
    digest = sha256(clip.name.encode()).hexdigest()
    media = Media(FRAMES, digests=tuple([digest] * 64), width=1920, height=1080,
                  space="ACEScg", dtype="half")  # fmt: skip
    id = f"{digest[:8]}.{number}"
    findings = (
        Finding(f"{id}/colour.palette", "colour.palette", Outcome.clear, "The colours agree."),
        Finding(f"{id}/light.side", "light.side", Outcome.look, "The key may have moved."),
    )
    state = TakeState.circled if number == 3 else TakeState.rejected
    on = "cuda:0" if turnover.generator == "flux-dev" else "cpu"
    cost = Cost(6.2, 1, on) if on == "cpu" else Cost(61.5, 1, on, 9.1)
    return Take(id, digest, shot.guid, shot.name, number, 1000 + number, state, media=media,
                findings=findings, cost=cost)  # fmt: skip


def _used(name: str, kind: str, digest: str) -> dict[str, Any]:
    licence = {
        "id": "LicenseRef-Halcyon" if kind == "adapter" else "flux-1 dev",
        "sha256": "d" * 64,
    }
    return {"name": name, "kind": kind, "files": [[f"{name}.safetensors", digest]],
            "licence": {"id": licence, "sha256": "d" * 64}, "tensors_sha256": ""}  # fmt: skip


def _waiver(take: Take) -> Waiver:
    return Waiver(
        f"{take.id}/light.side", Answer.creative_intent, APPROVER, "As the director wants it"
    )


def _entry(number: int, version: str) -> Entry:
    body = {"state": "approved", "reason": f"circled by {APPROVER}"}
    return Entry(number, "version_state", version, NOW.timestamp(), APPROVER, body, "e" * 64)
