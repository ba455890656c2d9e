"""Sections 5 to 9: the tools that ran, and the rights in all that was used."""

from __future__ import annotations

from ..rights import Asset
from .gather import Made
from .sheet import Section, Story, Table, data_name, digest, rows


def tools(story: Story) -> Section:
    """5: which tools, in which version, where they ran."""
    found = rows(
        [
            (
                one.turnover.generator,
                one.generation["daemon"].get(one.turnover.generator, "not said"),
                "with a model" if one.generation["models"] else "without a model",
                f"this facility, {one.take.cost.device or 'processor'}",
                _network(one),
            )
            for one in story.made
        ]
    )
    software = story.made[0].generation["daemon"] if story.made else {}
    parts = tuple(
        (name, str(value)) for name, value in sorted(software.items()) if name != "egress"
    )
    columns = ("Tool", "Version", "How", "Where it ran", "Network used")
    text = (
        "Each tool that made or changed a picture of this cut, where it ran, and whether anything"
        " left that machine meanwhile.",
    )
    tables = (
        Table(columns, found),
        Table(("Software", "Version"), parts, "What they ran on", (0.3, 0.7)),
    )
    return Section(5, "AI usage register", text, (), tables)


def _network(one: Made) -> str:
    """What is on record of the take: where its stage connected to, beyond this machine."""
    reached = str(one.generation["daemon"].get("egress", "none"))
    return "no" if reached == "none" else reached


def models(story: Story) -> Section:
    """6: every model and adapter, by its bytes, with its terms."""
    register, found = story.found.register, []
    for one in story.made:
        for model in one.generation["models"]:
            files = [file["sha256"] for file in model["files"]]
            asset = register.asset(files, model["tensor_sha256"], model["registry_id"])
            found.append(
                (
                    model["registry_id"],
                    model["role"],
                    digest(files[0] if files else "", 9),
                    digest(model["tensor_sha256"], 9),
                    (asset.licence if asset else model["licence"]) or "none named",
                    digest(asset.licence_text if asset else model["licence_text_sha256"], 9),
                    asset.training if asset else "not registered",
                    asset.status if asset else "not registered",
                )
            )
    columns = ("Name", "Role", "File", "Numbers", "Licence", "Text", "Trained on", "Status")
    widths = (0.2, 0.08, 0.13, 0.13, 0.16, 0.1, 0.11, 0.09)
    text = (
        ()
        if found
        else (
            "No model was run for any shot of this cut: every picture of ours"
            " was computed without one.",
        )
    )
    table = Table(columns, rows(found), "", widths)
    return Section(6, "Models and adapters", text, (), (table,))


def datasets(story: Story) -> Section:
    """7: what the models and adapters of this cut were trained on, as far as that is known."""
    known = {one.id: one for one in story.found.register.assets if one.kind == "dataset"}
    found = []
    for asset in _used(story):
        for place, name in enumerate(asset.datasets, 1):
            data = known.get(name)
            row = data or asset
            found.append(
                (
                    data_name(story, asset, place, data.name if data else name),
                    asset.id,
                    data.supplier if data and data.supplier else "not named",
                    row.licence or "none named",
                    row.training,
                    row.personal_data,
                )
            )
    columns = ("Data set", "Trained on it", "Source", "Licence", "Basis", "Personal data")
    return Section(7, "Data sets", (), (), (Table(columns, rows(found)),))


def consents(story: Story) -> Section:
    """8: who is seen or heard, by code, and what they agreed to."""
    register = story.found.register
    used = {asset.id for asset in _used(story) if asset.likeness != "none"}
    bound = [
        (one.asset, consent)
        for one in register.bindings
        if one.asset in used
        for consent in register.consents
        if consent.id == one.consent
    ]
    found = [
        (
            consent.id,
            consent.performer,
            consent.kind.replace("_", " "),
            asset,
            ", ".join(consent.territories) or "everywhere",
            f"{consent.not_before or 'now'} to {consent.not_after or 'no end'}",
            digest(consent.instrument, 12),
        )
        for asset, consent in bound
    ]
    columns = ("Consent", "Performer", "Kind", "For", "Where", "Term", "Paper")
    text = (
        "Performers are named by code. The signed papers stay with the production; their"
        " digests are here.",
    )
    return Section(8, "Likeness and voice consents", text, (), (Table(columns, rows(found)),))


def references(story: Story) -> Section:
    """9: pictures of others that shots of this cut were made from."""
    found = [
        (
            f"reference {place}" if story.public else reference.name,
            (asset.supplier if asset else "") or "not named",
            (asset.licence if asset else "") or "none named",
            asset.status if asset else "nobody has cleared it",
            (asset.not_after if asset else "") or "no end named",
        )
        for place, (reference, asset) in enumerate(story.references, 1)
    ]
    own = rows(
        [
            (
                source["file"],
                "footage of this cut",
                "not asked here",
                "in the cut",
                "not asked here",
            )
            for one in story.made
            for source in one.generation["inputs"]
            if source["role"] == "reference" and _own(one.generation["inputs"], source["file"])
        ]
    )
    columns = ("Reference", "From", "Licence", "Status", "Until")
    table = Table(columns, (*rows(found), *own))
    return Section(9, "Third-party references and clearances", (), (), (table,))


def _own(inputs: list[dict[str, str]], file: str) -> bool:
    return any(
        one["file"] == file and one["role"] in ("before", "after", "plate") for one in inputs
    )


def _used(story: Story) -> list[Asset]:
    register, found = story.found.register, {}
    for one in story.made:
        for model in one.generation["models"]:
            files = [file["sha256"] for file in model["files"]]
            asset = register.asset(files, model["tensor_sha256"], model["registry_id"])
            if asset is not None:
                found[asset.id] = asset
    return list(found.values())
