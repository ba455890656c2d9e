"""The generator ``looks``: plans from what passes there are, and draws frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from secondunit_bridge.errors import NeedsModel
from secondunit_bridge.film import Role, Work

from ...hookspecs import (
    Developed,
    Elements,
    GeneratorAbout,
    NormalSpace,
    Plan,
    Port,
    Preview,
    Progress,
    Watch,
)
from .camera import Camera
from .drawing import Drawing
from .options import ABOUT
from .wording import remarks

_BYTES = 4 * 110  # of a pixel: passes, weights, planes and what is drawn
PORTS = (
    Port(Role.guide, "the picture as it was rendered", required=False),
    Port(Role.depth, "distances along the camera's axis", required=False),
    Port(Role.normal, "normals in the world", required=False),
    Port(Role.ids, "numbers of objects, or Cryptomatte's first layer", required=False),
    Port(Role.position, "where in the world each pixel lies, in metres", required=False),
    Port(Role.motion, "how far each pixel moved since the frame before", required=False),
    Port(Role.albedo, "colours of surfaces without light", required=False),
    Port(Role.reference, "a still whose grade is taken on by graded", required=False),
)


class Looks:
    """Draws previs from render passes: toon, pencil or a graded picture. Needs no model."""

    about = GeneratorAbout(
        name="looks",
        version="1",
        sentence="Previs drawn from a render's passes: toon, pencil board or graded picture.",
        works=(Work.previs,),
        ports=PORTS,
        options=ABOUT,
        space="Linear Rec.709 (sRGB)",
        normals=NormalSpace.world,
    )

    def plan(self, plan: Plan, elements: Elements | None) -> Plan:
        """Adds what is made up for passes that are missing; refuses without any to draw from.

        Raises FieldError for a camera that is none.
        """
        Camera.parse(str(plan.options["camera"]), len(plan.frames))
        roles = {element.role for element in plan.turnover.elements}
        refusals = []
        if not roles & {Role.guide, Role.depth, Role.normal, Role.ids}:
            refusals = ["looks draws from passes. Hand over the rendered picture, or its depth."]
        return replace(
            plan,
            refusals=(*plan.refusals, *refusals),
            remarks=(*plan.remarks, *remarks(roles, plan.options)),
            memory_bytes=_BYTES * plan.width * plan.height,
        )

    def run(
        self, plan: Plan, elements: Elements, seed: int, watch: Watch
    ) -> Iterator[Progress | Preview | Developed]:
        """Each frame once: RGB, or RGBA when the picture has alpha; scene-linear Rec.709, 0..1.

        Raises NeedsModel where ``plan`` refuses, and what reading the passes raises. Memory is that
        of a few frames, whatever the length.
        """
        refusals = self.plan(replace(plan, refusals=()), elements).refusals
        if refusals:
            raise NeedsModel(" ".join(refusals), hint="Render the shot with its passes.")
        yield Progress(0.0, "looking at the shot")
        drawing = Drawing(plan, elements, seed, watch)
        count = len(plan.frames)
        for index, number in enumerate(plan.frames):
            watch.check()
            pixels = drawing.frame(index)
            if index == 0:
                yield Preview(number, pixels)
            yield Developed(number, pixels)
            yield Progress((index + 1) / count, f"drawing in {plan.options['look']}")
