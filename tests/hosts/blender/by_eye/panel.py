"""Shows the panel in a Blender with a window, shot by shot, so that a person can look at it.

Run inside a Blender with a window (a virtual screen will do) and a daemon that is running:

    blender --factory-startup FILE.blend --python panel.py -- EXTENSION.zip FOLDER [LOOK]

FILE.blend has cameras bound to markers (``greybox.py`` makes one). Whenever there is something to
see, an empty file appears in FOLDER, named for it; photograph the screen then (under Xvfb:
``import -window root NAME.png``) and remove the file. Blender ends by itself.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import bpy

ARCHIVE, FOLDER, LOOK = (*sys.argv[sys.argv.index("--") + 1 :], "toon")[:3]
MODULE = "bl_ext.user_default.secondunit"
BEAT_S, MOST = 1.0, 600


class Show:
    """What is done, one step a second."""

    def __init__(self):
        self.log = open(Path(FOLDER) / "log.txt", "w")  # noqa: SIM115  # until Blender ends
        self.step, self.shot_at = 0, 0

    def say(self, *words):
        print(*words, file=self.log, flush=True)

    def ready(self, name):
        (Path(FOLDER) / name).touch()

    def __call__(self):
        self.step += 1
        try:
            self.act()
        except Exception:  # noqa: BLE001  # whatever it is, it is written down and Blender ends
            self.say(traceback.format_exc())
            self.step = MOST
        if self.step < MOST:
            return BEAT_S
        bpy.ops.wm.quit_blender()
        return None

    def act(self):
        running = sys.modules[f"{MODULE}.panel.running"]
        if self.step == 1:
            self.area("VIEW_3D").spaces[0].show_region_ui = True
        elif self.step == 2:
            self.tab("VIEW_3D")
        elif self.step == 4:
            bpy.context.window_manager.secondunit.brief = "Two people talk across a table"
            with bpy.context.temp_override(window=self.window):
                self.say(bpy.ops.secondunit.shoot_all(look=LOOK))
            self.ready("shooting")
        elif self.step > 8 and not self.shot_at and not running.pump().working:
            self.shot_at = self.step
            self.say([row.status for row in running.session().board.shots])
            self.ready("shot")
        elif self.shot_at and self.step == self.shot_at + 4:
            self.open_edit()
        elif self.shot_at and self.step == self.shot_at + 6:
            self.tab("SEQUENCE_EDITOR")
            self.frame_edit()
            self.ready("edit")
        elif self.shot_at and self.step == self.shot_at + 10:
            self.step = MOST

    @property
    def window(self):
        return bpy.context.window_manager.windows[0]

    def area(self, kind):
        return next(area for area in self.window.screen.areas if area.type == kind)

    def tab(self, kind):
        sidebar = next(region for region in self.area(kind).regions if region.type == "UI")
        sidebar.active_panel_category = "Second Unit"

    def open_edit(self):
        with bpy.context.temp_override(window=self.window):
            bpy.ops.secondunit.open_edit()
        view = self.area("VIEW_3D")
        view.type = "SEQUENCE_EDITOR"
        view.spaces[0].view_type = "SEQUENCER_PREVIEW"
        view.spaces[0].show_region_ui = True

    def frame_edit(self):
        area = self.area("SEQUENCE_EDITOR")
        region = next(region for region in area.regions if region.type == "WINDOW")
        with bpy.context.temp_override(window=self.window, area=area, region=region):
            bpy.ops.sequencer.view_all()


if __name__ == "__main__":
    bpy.context.preferences.view.show_splash = False
    bpy.ops.extensions.package_install_files(
        filepath=ARCHIVE, repo="user_default", enable_on_install=True
    )
    bpy.app.timers.register(Show(), first_interval=2.0)
