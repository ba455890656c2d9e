"""The packet in other people's forms: OMC for studios, a sheet for festivals, a line."""

from __future__ import annotations

from typing import Any

from secondunit_bridge import __version__

from .gather import Made
from .sheet import Story, kind_of

OMC = "https://movielabs.com/omc/json/schema/v2.8"  # the schema's own name for its version
_OURS = "org.secondunit"


def omc(story: Story) -> list[dict[str, Any]]:
    """Each version of ours as an Asset of MovieLabs' Ontology for Media Creation, 2.8."""
    return [_omc_asset(one) for one in story.made]


def _omc_asset(made: Made) -> dict[str, Any]:
    parents = [one for one in made.generation["inputs"] if one["relationship"] == "parentOf"]
    origin = (
        _omc_id("file", parents[0]["file"]) if parents else _omc_id("turnover", made.take.turnover)
    )
    return {
        "schemaVersion": OMC,
        "entityType": "Asset",
        "identifier": _omc_id("version", made.version.name),
        "name": made.version.name,
        "version": {
            "versionNumber": str(made.version.number),
            "DerivationOf": {"identifier": origin},
        },
        "provenance": {
            "createdOn": made.generation["created"],
            "CreatedBy": {"identifier": _omc_id("participant", "daemon")},
            "Origin": {"identifier": origin},
            "reason": f"{made.generation['task']}: {kind_of(made)}",
        },
        "customData": [
            {
                "domain": _OURS,
                "namespace": _OURS,
                "schema": "generation/1",
                "value": {
                    "record_sha256": made.taken["generation"]["sha256"],
                    "hashlist_sha256": made.hash_list,
                    "state": made.state,
                    "class": made.version.kind.value,
                },
            }
        ],
    }


def _omc_id(kind: str, value: str) -> list[dict[str, str]]:
    return [{"identifierScope": "secondunit", "identifierValue": f"{kind}/{value}"}]


def credits_line(story: Story) -> str:
    """One line for the end titles."""
    ours, models = len(story.made), sum(bool(one.generation["models"]) for one in story.made)
    if not ours:
        return "No shot of this film was made with Second Unit."
    shots = "shot" if ours == 1 else "shots"
    how = (
        f"{models} of them with generative models, under human direction"
        if models
        else "without a generative model"
    )
    return f"{ours} {shots} made with Second Unit {__version__}, {how}."


def label(story: Story) -> str:
    """The line that a broadcaster may show beside the picture."""
    if any(one.generation["models"] for one in story.made):
        return "Parts of this film were made with artificial intelligence."
    return "No picture of ours in this film was made by a generative model."


def real_events(story: Story) -> str:
    """What the audience is told where something that happened is shown as it may have looked."""
    said = story.found.register.declaration(story.found.project)
    if said is None:
        return "Not declared."
    return said.disclosure if said.depicts_real_event else "None is depicted, as declared."


def festival(story: Story) -> str:
    """A disclosure sheet as festivals ask for it, in plain text."""
    cut = story.found.cut
    lines = [
        "DISCLOSURE OF GENERATIVE AND ALGORITHMIC TOOLS",
        "",
        f"Film: {story.title}",
        f"Cut: {cut.name}",
        f"Date: {story.at:%Y-%m-%d}",
        "",
        f"Clips in the cut: {len(cut.shots)}",
        f"Clips made or changed by Second Unit: {len(story.made)}",
        f"Of these with a generative model: "
        f"{sum(bool(one.generation['models']) for one in story.made)}",
        "",
    ]
    for one in story.made:
        first, last = one.clip.record.first, one.clip.record.last
        models = ", ".join(model["registry_id"] for model in one.generation["models"]) or "no model"
        lines.append(f"{cut.timecode(first)} - {cut.timecode(last)}  {one.clip.name}")
        lines.append(f"    {kind_of(one)}; {one.turnover.generator}; {models}")
    lines += [
        "",
        f"Real events: {real_events(story)}",
        f"Credits: {credits_line(story)}",
        "",
        "Name, place, date, signature:",
        "",
        "_" * 60,
    ]
    return "\n".join(lines) + "\n"
