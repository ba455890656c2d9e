"""Operators: say what a thing in the scene is, for its number in the passes and for continuity."""

from __future__ import annotations

from typing import Any, List, Optional

import bpy
from secondunit_bridge.errors import UnknownId
from secondunit_bridge.saying import Said

from ..collect import bible
from ..session import Session
from .acts import Act, choice, text

_ROLES = (
    (bible.CHARACTER, "Character", "Somebody in the story"),
    (bible.PROP, "Prop", "A thing that is handled or seen to matter"),
    (bible.SET, "Set", "What stands around"),
    (bible.GAZE, "Gaze", "An empty that a character looks at: give the character's name"),
    (bible.EYES, "Eyes", "An empty where a character's eyes are: give the character's name"),
    ("none", "None", "Take the tag off"),
)


class SECONDUNIT_OT_tag_role(Act, bpy.types.Operator):
    """Say what the selected objects are: a character, a prop, a set, a gaze, eyes"""

    bl_idname = "secondunit.tag_role"
    bl_label = "Tag"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012  # Blender reads a plain set from the class
    __annotations__ = {
        "role": choice("Role", "What it is", _ROLES),
        "name": text("Name", "Of the character or thing; empty: the object's own"),
        "object": text("Object", "An object or collection by name; empty: what is selected"),
    }

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Tag."""
        things = _things(context, self.object)
        for thing in things:
            if self.role == "none":
                bible.untag(thing)
            else:
                bible.tag(thing, self.role, self.name)
        names = ", ".join(thing.name for thing in things)
        role = "no longer tagged" if self.role == "none" else f"tagged as {self.role}"
        return Said(f"{names}: {role}.")


CLASSES = (SECONDUNIT_OT_tag_role,)


def _things(context: Any, name: str) -> List[Any]:
    if name:
        found = bpy.data.objects.get(name) or bpy.data.collections.get(name)
        if found is None:
            raise UnknownId(f"nothing in this file is called {name}", hint="Check the name.")
        return [found]
    chosen = list(getattr(context, "selected_objects", ()))
    if not chosen:
        raise UnknownId("nothing is selected", hint="Select the objects in the 3D view first.")
    return chosen
