"""Builds a packet: gathers a cut, asks the gate, writes every file of it, signs what leaves.

``packet.json`` is the packet; everything else in the folder renders it or is named in it by sha256.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from secondunit_bridge import __version__
from secondunit_bridge.errors import ExtraMissing, Locked, RightsRefused

from ..disk import private_folder, write_whole
from ..models import licences
from ..models.card import Terms
from ..rights import Asset, Finding, Policy, Reference, Register
from ..rights.sweep import used_of
from . import exports, sections_people, sections_rights, sections_shots
from .authority import Authority, KeyElsewhere
from .canonical import canonical
from .cost import Rates, Spent, spent
from .credentials import Claim, Marker, created
from .gather import Gathered, Made
from .layout import BRIEFS, CHECKPOINT, JSON, KEY, PDF, PUBLIC, ROOT, SCHEMA, fresh
from .people import People
from .sheet import Section, Story, about, clause
from .spdx import spdx
from .steps import FILES, PICTURES, Heard, setting, unheard
from .thumbnails import thumbnails
from .uses import digest_of, gate, references, today, with_models

LAPSE_DAYS = 30


@dataclass(frozen=True)
class Wish:
    """What packet is asked for. ``draft`` builds one in spite of the gate, and says so in it."""

    out: Path
    keys: Path
    title: str
    delivery: str  # previs, temp or final
    rates: Rates
    terms: Mapping[str, Terms | None]
    production: licences.Use
    verifier: str = ""  # public key of the ledger
    draft: bool = False
    signer: Authority | KeyElsewhere | None = None  # None: the home's own keys
    outside: tuple[tuple[str, str], ...] = ()  # what leaves the machine, and what for
    at: datetime | None = None


@dataclass(frozen=True)
class Packet:
    """What was built."""

    folder: Path
    sha256: str
    sections: tuple[Section, ...]
    findings: tuple[tuple[str, Finding], ...]
    files: tuple[str, ...]


def build(found: Gathered, wish: Wish, hear: Heard = unheard) -> Packet:
    """The packet of a cut; ``hear`` is told how far it is. Raises RightsRefused when the gate
    stops it, Locked for what was recalled or is stale, ExtraMissing, DiskFull, NotPermitted.
    """
    marker = Marker(wish.keys, wish.signer)
    _can_set_pages()  # what is missing is said before anything is written
    findings = tuple(_asked(found, wish))
    stops = [(clip, one) for clip, one in findings if one.stops]
    if stops and not wish.draft:
        raise refusal(stops)
    gone = _not_to_be_delivered(found.made, wish.delivery)
    if gone and not wish.draft:
        raise Locked(
            "; ".join(gone),
            hint="Circle another take and cut it in, take the shot out of the cut, or --draft.",
        )
    hear(PICTURES)
    people, pictures = People(wish.keys), thumbnails(found.made)
    hear(FILES)
    private_folder(wish.out)
    annex = _annex(found.made)
    full = story_of(found, wish, findings, "; ".join([*(one.text for _, one in stops), *gone]))
    full = replace(full, briefs_sha256=sha256(annex).hexdigest())
    fresh(wish.out)
    files = {**_exports(full, wish, marker), BRIEFS: annex}
    digest, sections = _copy(full, wish.out, files, pictures, marker, hear)
    why = "rights or approvals stand against it, see section 17" if full.draft else ""
    public = replace(full, public=True, name=people.code, draft=why)
    _copy(public, wish.out / PUBLIC, _exports(public, wish, marker), pictures, marker, hear)
    written = sorted(
        one.relative_to(wish.out).as_posix() for one in wish.out.rglob("*") if one.is_file()
    )
    return Packet(wish.out, digest, sections, findings, tuple(written))


def _not_to_be_delivered(made: Sequence[Made], delivery: str) -> list[str]:
    """Versions that nobody stands behind any more, in sentences."""
    recalled = [
        f"{one.version.name} was recalled, and is still in the cut"
        for one in made
        if one.state.startswith("recalled")
    ]
    stale = [
        f"{one.version.name}: {one.unlike}"
        for one in made
        if "stale" in one.state and delivery == "final"
    ]
    return recalled + stale


def refusal(stops: Sequence[tuple[str, Finding]]) -> RightsRefused:
    """What the gate says, in words: which shot, which clause, and the way out of the first."""
    said = "; ".join(f"{clip}: {one.text} ({one.rule})" for clip, one in stops)
    return RightsRefused(
        said,
        hint=stops[0][1].remedy,
        data={
            "findings": [
                {"shot": clip, "rule": one.rule, "asset": one.asset} for clip, one in stops
            ]
        },
    )


def _asked(found: Gathered, wish: Wish) -> Iterator[tuple[str, Finding]]:
    """What the gate says of every shot of ours, as a delivery."""
    register = with_models(found.register, found.models, wish.terms, wish.production)
    for one in found.made:
        by = one.version.by
        told = gate(one.turnover, one.taken, wish.delivery, register, found.models, by)
        for finding in told:
            yield one.clip.name, finding


def story_of(
    found: Gathered, wish: Wish, findings: tuple[tuple[str, Finding], ...], draft: str = ""
) -> Story:
    """What the sections are written from. ``draft`` is why it is no packet for delivery."""
    register = with_models(found.register, found.models, wish.terms, wish.production)
    outside = tuple(dict.fromkeys(_outside(register, found.made)))
    return Story(
        title=wish.title,
        delivery=wish.delivery,
        found=replace(found, register=register),
        name=str,
        public=False,
        findings=findings,
        spent=tuple(_spent(found, wish.rates)),
        rates=wish.rates,
        at=wish.at or datetime.now(UTC),
        draft=draft,
        machines=_machines(wish),
        lapses=tuple(_lapses(register, _assets(register, found.made, outside))),
        references=outside,
    )


def _outside(register: Register, made: Sequence[Made]) -> Iterator[tuple[Reference, Asset | None]]:
    """The references of the cut that are no footage of its own, as the gate knows them."""
    for one in made:
        told = one.taken.get("generation", {})
        for reference in references(one.turnover, told, digest_of):
            row = register.asset((reference.file,)) if reference.file else None
            yield reference, row


def _assets(
    register: Register, made: Sequence[Made], outside: Sequence[tuple[Reference, Asset | None]]
) -> set[str]:
    """Ids of all that the cut was made with, and of what that was trained on."""
    used = {asset.id: asset for one in made for asset in used_of(one.taken, register)}
    used |= {asset.id: asset for _, asset in outside if asset is not None}
    return {*used, *(name for asset in used.values() for name in asset.datasets)}


def _lapses(register: Register, used: set[str]) -> Iterator[str]:
    """What ends soon of the rights that this cut rests on: other productions' are not told."""
    bound = {one.consent for one in register.bindings if one.asset in used}
    waived = {one.id for one in register.waivers if one.asset in used}
    wanted = {"asset": used, "consent": bound, "waiver": waived}
    for one in register.lapses(today(), LAPSE_DAYS):
        if one.id in wanted[one.what]:
            yield one.sentence


def _machines(wish: Wish) -> tuple[tuple[str, str], ...]:
    told = (
        ("Machine", f"{platform.system()} {platform.machine()}"),
        ("Software", f"Second Unit {__version__}, Python {platform.python_version()}"),
    )
    return (*told, *wish.outside)


def _spent(found: Gathered, rates: Rates) -> Iterator[Spent]:
    """Each shot once, with all of the time that it plays."""
    plays: dict[str, Fraction] = {}
    first: dict[str, Made] = {}
    for one in found.made:
        length = Fraction(len(one.clip.record)) / one.clip.record.rate
        plays[one.version.shot] = plays.get(one.version.shot, Fraction(0)) + length
        first.setdefault(one.version.shot, one)
    for guid, one in first.items():
        yield spent(one.turnover.shot.name, one.tries, plays[guid], rates, found.known)


def sections_of(story: Story) -> tuple[Section, ...]:
    """The seventeen, in order."""
    shots, rights, people = sections_shots, sections_rights, sections_people
    makers = (
        shots.cover,
        shots.declaration,
        shots.summary,
        shots.disclosure,
        rights.tools,
        rights.models,
        rights.datasets,
        rights.consents,
        rights.references,
        shots.log,
        shots.lineage,
        people.authorship,
        people.quality,
        people.approvals,
        people.security,
        people.wording,
        people.exceptions,
    )
    return tuple(make(story) for make in makers)


def _can_set_pages() -> None:
    """Raises ExtraMissing without the library that sets the pages."""
    if find_spec("reportlab") is None:
        raise ExtraMissing(
            "reportlab is missing, so no pages can be set", hint="pip install 'secondunit[core]'"
        )


def _annex(made: Sequence[Made]) -> bytes:
    return canonical({one.version.name: one.turnover.brief for one in made})


def _exports(story: Story, wish: Wish, marker: Marker) -> dict[str, bytes]:
    """Every file that the packet names by its sha256."""
    files = {
        "exports/omc.json": canonical(exports.omc(story)),
        "exports/ai-bom.spdx.json": canonical(spdx(story)),
        "exports/festival.txt": exports.festival(story).encode(),
        "exports/credits.txt": f"{exports.credits_line(story)}\n".encode(),
        CHECKPOINT: story.found.checkpoint.encode(),
        KEY: f"{wish.verifier}\n".encode(),
        ROOT: marker.root,
    }
    for one in story.made:
        files[f"records/{one.take.id}.json"] = canonical(one.generation)
    return files


def _copy(
    story: Story,
    out: Path,
    files: Mapping[str, bytes],
    pictures: Mapping[str, bytes],
    marker: Marker,
    hear: Heard,
) -> tuple[str, tuple[Section, ...]]:
    """Write one copy: what it names, the document, its credential, its pages; its sha256 and its
    sections."""
    from .pages import pages

    for name, file in files.items():
        private_folder((out / name).parent)
        write_whole(out / name, file, mode=0o600 if name == BRIEFS else 0o644)
    sections = sections_of(story)
    data = canonical(_document(story, sections, files))
    digest = sha256(data).hexdigest()
    write_whole(out / JSON, data, mode=0o644)
    facts = {"schema": SCHEMA, "packet_sha256": digest, "cut": story.found.cut.name}
    marker.beside(out / JSON, Claim(JSON, (created("algorithmicMedia"),), facts))
    heard = setting(hear, public=story.public)
    write_whole(out / PDF, pages(story, sections, pictures, digest, heard), mode=0o644)
    marker.embed(out / PDF, Claim(PDF, (created("algorithmicMedia"),), facts))
    return digest, sections


def _document(
    story: Story, sections: Sequence[Section], files: Mapping[str, bytes]
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "title": story.title,
        "copy": "public" if story.public else "full",
        "draft": story.draft,
        "delivery": story.delivery,
        "made": story.at.isoformat(timespec="seconds"),
        "software": __version__,
        "ledger": {"entries": story.found.head[0], "seal": story.found.head[1]},
        "versions": [_version(one) for one in story.made],
        "foreign": [one.name for one in story.found.foreign],
        "gate": {
            "policy_sha256": Policy().sha256,
            "findings": [
                {
                    "shot": clip,
                    "rule": one.rule,
                    "level": one.level.value,
                    "asset": about(story, one),
                    "text": clause(story, one),
                    "waived": bool(one.waived),
                }
                for clip, one in story.findings
            ],
        },
        "sections": [_plain(section) for section in sections],
        "files": {name: sha256(data).hexdigest() for name, data in sorted(files.items())},
    }


def _version(one: Made) -> dict[str, Any]:
    return {
        "version": one.version.name,
        "clip": one.clip.name,
        "take": one.take.id,
        "state": one.state,
        "class": one.version.kind.value,
        "record_sha256": one.version.record,
        "generation_sha256": one.taken["generation"]["sha256"],
        "hashlist_sha256": one.hash_list,
        "record_frames": [one.clip.record.first, one.clip.record.last],
    }


def _plain(section: Section) -> dict[str, Any]:
    told = asdict(section)
    return {
        **told,
        "facts": [list(pair) for pair in section.facts],
        "tables": [
            {
                "title": one.title,
                "columns": list(one.columns),
                "rows": [list(row) for row in one.rows],
            }
            for one in section.tables
        ],
        "text": list(section.text),
    }
