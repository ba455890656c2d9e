"""What is said about passes that are missing, and what is done instead."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from secondunit_bridge.film import Option, Role


def remarks(roles: Collection[Role], options: Mapping[str, Option]) -> Iterator[str]:
    """One sentence for each thing that is made up or not used."""
    look, camera = options["look"], options["camera"]
    if Role.guide not in roles:
        yield "There is no rendered picture: surfaces are lit as clay, from above the camera."
    if Role.normal not in roles and Role.depth in roles:
        yield "There are no normals: they are made from the depth."
    if Role.depth not in roles:
        yield "There is no depth: lines have one weight, and nothing tells near from far."
    if look != "graded" and Role.ids not in roles:
        yield "There are no object ids: lines and tones follow depth and light alone."
    if Role.motion not in roles:
        yield "There is no motion pass: each frame is cleaned of noise by itself, and may shimmer."
    if look == "pencil" and Role.position not in roles and not (camera and Role.depth in roles):
        yield (
            "There is no position pass and no camera: the strokes lie on the paper, not on the set,"
            " and swim when the camera moves. Render Position, or give --camera with the depth."
        )
    if look != "graded" and Role.reference in roles:
        yield f"The reference is not looked at by {look}."
