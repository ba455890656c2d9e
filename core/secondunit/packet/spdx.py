"""The models and data sets of a cut as SPDX 3.0.1, AI and Dataset profiles (JSON-LD).

What the form demands and nobody here knows (the day a maker released a model, say) is filled with
what is known and said to be so in the element's comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from ..rights import Asset
from .sheet import Story, data_name

CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"  # SPDX's own names, never opened
_UNKNOWN_LICENCE = "expandedlicensing_NoAssertionLicense"
_CREATION = "_:creation"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_EXPRESSION = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")
_NOT_THE_MAKERS = "Its maker's own date is not known: dates are those of this list."

Element = dict[str, Any]


def spdx(story: Story) -> Element:
    """The whole list. Every model that was run is in it once, with its licence and data sets."""
    sheet = _Sheet(story)
    for asset, model in _used(story):
        sheet.model(asset, model)
    return sheet.document()


def _used(story: Story) -> Iterator[tuple[Asset | None, Element]]:
    seen = set()
    for one in story.made:
        for model in one.generation["models"]:
            if model["registry_id"] not in seen:
                seen.add(model["registry_id"])
                files = [file["sha256"] for file in model["files"]]
                register = story.found.register
                yield register.asset(files, model["tensor_sha256"], model["registry_id"]), model


@dataclass
class _Sheet:
    """Elements by id, in the order they were first named."""

    story: Story
    elements: dict[str, Element] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._base = f"urn:secondunit:{_word(self.story.found.project)}:"
        self._at = self.story.at.strftime("%Y-%m-%dT%H:%M:%SZ")
        self._facility = self._agent("The facility")

    def model(self, asset: Asset | None, model: Element) -> None:
        """A model, its licence as declared and as concluded, and what it was trained on."""
        name, files = model["registry_id"], [file["sha256"] for file in model["files"]]
        supplier = asset.supplier if asset else ""
        place = self._add(
            "model",
            name,
            type="ai_AIPackage",
            name=name,
            comment=_NOT_THE_MAKERS,
            software_packageVersion=files[0][:16] if files else "unknown",
            software_primaryPurpose="model",
            software_downloadLocation=_address(asset),
            releaseTime=self._at,
            suppliedBy=self._agent(supplier) if supplier else self._facility,
            ai_typeOfModel=[model["role"]],
            ai_informationAboutTraining=asset.training if asset else "not registered",
            ai_useSensitivePersonalInformation=_presence(asset),
            verifiedUsing=[
                {"type": "Hash", "algorithm": "sha256", "hashValue": one} for one in files
            ],
        )
        self.roots.append(place)
        named = (asset.licence if asset else "") or model["licence"]
        cleared = asset is not None and asset.status == "cleared"
        self._related(place, "hasDeclaredLicense", [self._licence(named)])
        self._related(place, "hasConcludedLicense", [self._licence(named if cleared else "")])
        if asset is not None and asset.datasets:
            told = enumerate(asset.datasets, 1)
            sets = [self._data(one, asset, number) for number, one in told]
            self._related(place, "trainedOn", sets)

    def document(self) -> Element:
        """Everything, as one JSON-LD document."""
        head = {
            "type": "CreationInfo",
            "@id": _CREATION,
            "specVersion": "3.0.1",
            "created": self._at,
            "createdBy": [self._facility],
        }
        document = {
            "type": "SpdxDocument",
            "spdxId": f"{self._base}document",
            "creationInfo": _CREATION,
            "profileConformance": ["core", "software", "simpleLicensing", "ai", "dataset"],
            "rootElement": self.roots or [self._facility],
            "element": list(self.elements),
        }
        return {"@context": CONTEXT, "@graph": [head, document, *self.elements.values()]}

    def _data(self, name: str, of: Asset, number: int) -> str:
        known = {one.id: one for one in self.story.found.register.assets if one.kind == "dataset"}
        asset = known.get(name)
        name = data_name(self.story, of, number, asset.name if asset else name)
        supplier = asset.supplier if asset else ""
        owner = self._agent(supplier) if supplier else self._facility
        place = self._add(
            "data",
            name,
            type="dataset_DatasetPackage",
            name=name,
            comment=_NOT_THE_MAKERS,
            software_packageVersion=asset.files[0][:16] if asset and asset.files else "unknown",
            software_primaryPurpose="data",
            software_downloadLocation=_address(asset),
            builtTime=self._at,
            releaseTime=self._at,
            originatedBy=[owner],
            suppliedBy=owner,
            dataset_datasetType=["noAssertion"],
            dataset_hasSensitivePersonalInformation=_presence(asset),
        )
        licence = self._licence(asset.licence if asset else "")
        self._related(place, "hasDeclaredLicense", [licence])
        cleared = asset is not None and asset.status == "cleared"
        concluded = licence if cleared else self._licence("")
        self._related(place, "hasConcludedLicense", [concluded])
        return place

    def _agent(self, name: str) -> str:
        return self._add("agent", name, type="Organization", name=name)

    def _licence(self, named: str) -> str:
        """The licence's element; SPDX's own word for "not known" where nobody named one."""
        if not named:
            return _UNKNOWN_LICENCE
        fits = _EXPRESSION.fullmatch(named) is not None
        return self._add(
            "licence",
            named,
            type="simplelicensing_LicenseExpression",
            simplelicensing_licenseExpression=named if fits else f"LicenseRef-{_word(named)}",
            **({} if fits else {"name": named}),
        )

    def _related(self, what: str, how: str, to: Iterable[str]) -> None:
        self._add(
            "relation",
            f"{how} {what}",
            type="Relationship",
            relationshipType=how,
            to=list(to),
            **{"from": what},
        )

    def _add(self, kind: str, key: str, **told: Any) -> str:
        place = f"{self._base}{kind}:{_word(key)}-{sha256(key.encode()).hexdigest()[:8]}"
        self.elements.setdefault(place, {"spdxId": place, "creationInfo": _CREATION, **told})
        return place


def _word(text: str) -> str:
    """Text as part of an identifier: letters, digits, dots and dashes."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-")[:64] or "unnamed"


def _address(asset: Asset | None) -> str:
    named = asset.source.strip() if asset else ""
    return named if _ADDRESS.fullmatch(named) else "NOASSERTION"


def _presence(asset: Asset | None) -> str:
    """SPDX knows three words; anything else that was written down is no assertion."""
    said = asset.personal_data if asset else ""
    return said if said in ("yes", "no") else "noAssertion"
