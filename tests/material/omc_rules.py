"""What MovieLabs' OMC-JSON 2.8 demands of an Asset, in our own words, as a JSON Schema.

Written after reading the published schema (Motion Picture Laboratories, Apache-2.0), which no
package registry carries. Only what our export uses is here, and closed: a name that is not listed
is a fault, where the original lets some through. With the original at hand, name it in
SECONDUNIT_TEST_OMC_SCHEMA and the whole of it is asked as well.
"""

from __future__ import annotations

from typing import Any

_V = "https://movielabs.com/omc/json/schema/v2."
_MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$"
TEXT = {"type": ["string", "null"]}


def closed(properties: dict[str, Any], *needed: str) -> dict[str, Any]:
    """An object, or nothing, with these properties and no others."""
    return {
        "type": ["object", "null"],
        "properties": properties,
        "required": list(needed),
        "additionalProperties": False,
    }


IDENTIFIER = {
    "type": "array",
    "minItems": 1,
    "items": {
        **closed(
            {
                "identifierScope": {"type": "string"},
                "identifierValue": {"type": "string"},
                "combinedForm": TEXT,
                "url": TEXT,
            },
            "identifierScope",
            "identifierValue",
        ),
        "type": "object",
    },
}
REFERENCE = closed({"identifier": IDENTIFIER})
CUSTOM = {
    "type": "array",
    "items": closed(
        {
            "domain": {"type": "string"},
            "namespace": {"type": "string"},
            "schema": {"type": "string"},
            "value": {"type": ["object", "array", "string", "number", "null"]},
        }
    ),
}
VERSION = closed(
    {
        "versionNumber": {"type": ["string", "number", "null"]},
        "name": TEXT,
        "description": TEXT,
        "customData": CUSTOM,
        **{name: REFERENCE for name in ("DerivationOf", "RevisionOf", "VariantOf")},
    }
)
PROVENANCE = closed(
    {
        "CreatedBy": REFERENCE,
        "createdOn": {"type": ["string", "null"], "pattern": _MOMENT},
        "Role": REFERENCE,
        "Origin": REFERENCE,
        "reason": TEXT,
    }
)
ASSET = {
    **closed(
        {
            "entityType": {"const": "Asset"},
            "schemaVersion": {"enum": [f"{_V}{minor}" for minor in (0, 1, 6, 8)]},
            "identifier": IDENTIFIER,
            "name": TEXT,
            "description": TEXT,
            "version": VERSION,
            "provenance": PROVENANCE,
            "customData": CUSTOM,
        },
        "entityType",
        "schemaVersion",
        "identifier",
    ),
    "type": "object",
}
ENTITIES = {
    "$schema": "https://json-schema.org/draft/2019-09/schema",
    "type": "array",
    "items": ASSET,
}
