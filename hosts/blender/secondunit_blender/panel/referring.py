"""Operators: pictures that show what is meant."""

from __future__ import annotations

from typing import Any, Optional

import bpy
from secondunit_bridge.errors import UnknownId
from secondunit_bridge.saying import Said

from ..session import Session
from . import fields
from .acts import Act, number, path


class SECONDUNIT_OT_add_reference(Act, bpy.types.Operator):
    """Add a picture that shows what is meant"""

    bl_idname = "secondunit.add_reference"
    bl_label = "Add Reference"
    __annotations__ = {"path": path("Path", "The picture")}

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Add it."""
        fields.of(context).references.add().path = self.path
        return None


class SECONDUNIT_OT_drop_reference(Act, bpy.types.Operator):
    """Remove this reference from the list; the picture stays on disk"""

    bl_idname = "secondunit.drop_reference"
    bl_label = "Remove Reference"
    __annotations__ = {"index": number("Index", "Which one, from 0", min=0)}

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """Remove it."""
        references = fields.of(context).references
        if self.index >= len(references):
            raise UnknownId(f"there is no reference {self.index}", hint="They count from 0.")
        references.remove(self.index)
        return None


CLASSES = (SECONDUNIT_OT_add_reference, SECONDUNIT_OT_drop_reference)
