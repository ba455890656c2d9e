"""Turns the add-on on and off."""

from __future__ import annotations

import bpy


class SECONDUNIT_OT_refresh(bpy.types.Operator):
    """Ask the daemon where everything stands."""

    bl_idname = "secondunit.refresh"
    bl_label = "Refresh"

    def execute(self, context):
        from secondunit_bridge import Unit
        with Unit.connect(host="blender") as unit:
            self.report({"INFO"}, str(unit.hello()))
        return {"FINISHED"}


def on() -> None:
    bpy.utils.register_class(SECONDUNIT_OT_refresh)


def off() -> None:
    bpy.utils.unregister_class(SECONDUNIT_OT_refresh)
