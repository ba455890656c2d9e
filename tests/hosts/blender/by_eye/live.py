"""Turns a 3D view in a Blender with a window, the live look on, so that a person can look at it.

Run inside a Blender with a window (a virtual screen will do) and a daemon that is running:

    blender --factory-startup FILE.blend --python live.py -- EXTENSION.zip FOLDER

Whenever there is something to see, an empty file appears in FOLDER, named for it; photograph the
screen then (under Xvfb: ``import -window root NAME.png``) and remove the file. ``log.txt`` says
what the panel said. Blender ends by itself.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import bpy
from mathutils import Quaternion

ARCHIVE, FOLDER = sys.argv[sys.argv.index("--") + 1 :][:2]
MODULE = "bl_ext.user_default.secondunit"
BEAT_S = 0.1
ON, STILL, OPTION, RESIZED, OFF, END = 20, 35, 50, 75, 90, 105


class Show:
    """What is done, one step in a tenth of a second."""

    def __init__(self):
        self.log = open(Path(FOLDER) / "log.txt", "w")  # noqa: SIM115  # until Blender ends
        self.step = 0

    def say(self, *words):
        print(self.step, *words, file=self.log, flush=True)

    def __call__(self):
        self.step += 1
        try:
            self.act()
        except Exception:  # noqa: BLE001  # whatever it is, it is written down and Blender ends
            self.say(traceback.format_exc())
            self.step = END
        if self.step < END:
            return BEAT_S
        bpy.ops.wm.quit_blender()
        return None

    def act(self):
        window = bpy.context.window_manager.windows[0]
        area = next(a for a in window.screen.areas if a.type == "VIEW_3D")
        region = next(r for r in area.regions if r.type == "WINDOW")
        panel = bpy.context.window_manager.secondunit
        if self.step == 5:
            area.spaces[0].show_region_ui = True
        elif self.step == 15:
            side = next(r for r in area.regions if r.type == "UI")
            side.active_panel_category = "Second Unit"
        elif self.step in (ON, OFF):
            with bpy.context.temp_override(window=window, area=area, region=region):
                self.say(bpy.ops.secondunit.live_look(), "unsaved", bpy.data.is_dirty)
        elif ON < self.step < STILL:
            turn = Quaternion((0, 0, 1), 0.03)
            area.spaces[0].region_3d.view_rotation.rotate(turn)
        elif self.step == OPTION:
            panel.look_line = 3.0
        elif self.step == RESIZED:
            area.spaces[0].show_region_ui = False
        if self.step in (STILL - 5, OPTION - 5, RESIZED - 5, OFF - 5, END - 10):
            (Path(FOLDER) / f"at{self.step}").touch()
        if self.step % 10 == 0:
            self.told()

    def told(self):
        look = sys.modules[f"{MODULE}.panel.running"].LIVE
        counts = look.live.counts if look is not None and look.live is not None else None
        self.say(look.line() if look is not None else "off", counts)


bpy.context.preferences.view.show_splash = False
bpy.ops.extensions.package_install_files(
    filepath=ARCHIVE, repo="user_default", enable_on_install=True
)
bpy.app.timers.register(Show(), first_interval=2.0)
