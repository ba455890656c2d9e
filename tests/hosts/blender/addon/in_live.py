"""What the tests of the live look have done in a Blender: ``python in_live.py FUNCTION WORDS``."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import bpy
import gpu
import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
import greybox
from in_blender import MODULE, Paper, installed, ours, refusal, running

WIDE, HIGH = 320, 180


def woken():
    """Blender without a window draws off screen once it has rendered something."""
    made = bpy.data.scenes.new("wake")
    made.render.engine = "BLENDER_WORKBENCH"
    made.render.resolution_x = made.render.resolution_y = 16
    eye = bpy.data.objects.new("wake", bpy.data.cameras.new("wake"))
    made.collection.objects.link(eye)
    made.camera = eye
    bpy.ops.render.render(scene=made.name)
    bpy.data.scenes.remove(made)
    bpy.data.objects.remove(eye)


def until(done, seconds=60):
    """Beats until it is done; seconds it took."""
    begun = time.monotonic()
    while not done():
        assert time.monotonic() - begun < seconds, f"it never happened: {running().LIVE}"
        running().pump()()
        time.sleep(0.005)
    return time.monotonic() - begun


class Looking:
    """The view that the switch chose, seen through a camera as the artist turns it."""

    def __init__(self, name):
        area = next(a for a in bpy.context.screen.areas if a.type == "VIEW_3D")
        self.space = area.spaces.active
        self.region = next(r for r in area.regions if r.type == "WINDOW")
        self.scene, self.eye = bpy.context.scene, bpy.data.objects[name]

    def capture(self):
        graph = bpy.context.evaluated_depsgraph_get()
        view = self.eye.matrix_world.inverted()
        projection = self.eye.calc_matrix_camera(graph, x=WIDE, y=HIGH)
        return running().LIVE.capture(
            self.scene, self.scene.view_layers[0], self.space, self.region, view, projection
        )


def on_card(picture):
    """What lies on the graphics card, as the artist sees it: rows from the top."""
    held = picture.read()
    held.dimensions = WIDE * HIGH * 4
    return np.frombuffer(memoryview(held), np.uint8).reshape(HIGH, WIDE, 4)[::-1]


def taken(look):
    """The last picture and depth that were read off screen, rows from the top, metres."""
    colour = np.frombuffer(memoryview(look._view.colour), np.uint8).reshape(HIGH, WIDE, 4)[::-1]
    depth = np.frombuffer(memoryview(look._view.depth), np.float32).reshape(HIGH, WIDE)[::-1]
    return colour, depth


def laid(picture):
    """The picture drawn over a region of twice its size: rows from the top."""
    viewing = sys.modules[f"{MODULE}.panel.viewing"]
    import mathutils

    size = (2 * WIDE, 2 * HIGH)
    screen = gpu.types.GPUOffScreen(*size)
    with screen.bind():
        gpu.matrix.load_matrix(mathutils.Matrix.Identity(4))
        rows = ((2 / size[0], 0, 0, -1), (0, 2 / size[1], 0, -1), (0, 0, 1, 0), (0, 0, 0, 1))
        gpu.matrix.load_projection_matrix(mathutils.Matrix(rows))
        viewing.lay(picture, *size)
        held = gpu.types.Buffer("UBYTE", size[0] * size[1] * 4)
        gpu.state.active_framebuffer_get().read_color(0, 0, *size, 4, 0, "UBYTE", data=held)
    screen.free()
    return np.frombuffer(memoryview(held), np.uint8).reshape(size[1], size[0], 4)[::-1]


def saved(name, picture):
    """As a PNG with rows from the top, without touching the file's own data for long."""
    image = bpy.data.images.new("out", picture.shape[1], picture.shape[0], alpha=True)
    image.pixels.foreach_set((picture[::-1].astype(np.float32) / 255).ravel())
    image.filepath_raw, image.file_format = str(name), "PNG"
    image.save()
    bpy.data.images.remove(image)


def a_view_in_toon(archive, folder):
    """The switch, pictures, too many of them, and the switch again."""
    greybox.built()
    facts = {"enabled": installed(archive)}
    woken()
    path = Path(folder) / "live.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    there, before = datablocks(), path.read_bytes()
    facts["pressed"] = refusal(bpy.ops.secondunit.live_look)
    look, view = running().LIVE, Looking("Cam Wide")
    look.follow(WIDE, HIGH, bpy.context)
    until(lambda: look.live is not None and look.live.ready)
    facts["taken"] = view.capture()
    until(lambda: look.live.newest() is not None)
    colour, depth = (plane.copy() for plane in taken(look))
    drawn = on_card(look.picture())
    np.savez(Path(folder) / "view.npz", colour=colour, depth=depth, drawn=drawn,
             laid=laid(look.picture()))  # fmt: skip
    for name, picture in (("grey", colour), ("toon", drawn)):
        saved(Path(folder) / f"{name}.png", picture)
    facts["fast"] = too_fast(look, view)
    facts["line"], facts["overlays"] = look.line(), view.space.overlay.show_overlays
    facts["panel"] = panel()
    facts["on"] = hanging()
    facts["datablocks"] = sorted(datablocks() ^ there)
    facts["same file"] = path.read_bytes() == before
    bpy.ops.secondunit.live_look()
    facts["off"], facts["look"] = hanging(), running().LIVE is None
    facts["again"] = again(path)
    return facts


def datablocks():
    """All that a save would write, by kind and name, and the keys we might have left on it."""
    found = {(kind.id_type, kind.name) for kind in bpy.data.user_map()}
    return found | {(s.name, key) for s in bpy.data.scenes for key in s.keys()}  # noqa: SIM118  # Blender's, no dict


def too_fast(look, view):
    """Frames offered as fast as memory takes them, while one view was drawn once."""
    first, moved = look.live.counts, 0
    for _ in range(60):
        moved += look.live.offer(look._view.colour, look._view.depth, 1000 + moved,
                                 near=0.1, far=1000.0)  # fmt: skip
    view.eye.location.x += 0.6
    bpy.context.view_layer.update()
    view.capture()
    until(lambda: look.live.counts.styled + look.live.counts.dropped == look.live.counts.offered)
    last = look.live.counts
    return {"offered": last.offered - first.offered, "styled": last.styled - first.styled,
            "dropped": last.dropped - first.dropped, "failed": last.failed}  # fmt: skip


def again(path):
    """On once more, and another file is opened; on, and the add-on is turned off."""
    bpy.ops.secondunit.live_look()
    on = hanging()
    bpy.ops.wm.open_mainfile(filepath=str(path))
    opened = hanging()
    bpy.ops.secondunit.live_look()
    bpy.ops.preferences.addon_disable(module=MODULE)
    return {"on": on, "opened": opened, "disabled": hanging(), "modules": ours()["modules"]}


def hanging():
    """What of the live look hangs in Blender and in this process."""
    import threading

    handlers = [
        kind for kind in ("depsgraph_update_post", "load_pre")
        if any("secondunit" in h.__module__ for h in getattr(bpy.app.handlers, kind))
    ]  # fmt: skip
    live = sys.modules.get(f"{MODULE}.panel.live")
    if live is not None and live._handle:
        handlers.append("draw")
    threads = [t.name for t in threading.enumerate() if t.name == "secondunit live"]
    return {"handlers": handlers, "threads": threads}


def panel():
    """What the panel shows while it is on."""
    paper = Paper()
    draw = sys.modules[f"{MODULE}.panel.draw"]
    draw.draw_live(paper, bpy.context.window_manager.secondunit)
    return paper.lines


def without_daemon(archive, folder):
    """No daemon runs, and none can be started from here."""
    greybox.built()
    facts = {"enabled": installed(archive)}
    os.environ["SECONDUNIT_PYTHON"] = "/nowhere/python"
    bpy.ops.secondunit.live_look()
    running().LIVE.follow(WIDE, HIGH, bpy.context)
    until(lambda: running().session().said)
    facts["said"] = [said.line for said in running().session().said]
    return {**facts, "off": hanging()}


if __name__ == "__main__":
    answer = globals()[sys.argv[1]](*sys.argv[2:])
    print("\nanswer " + json.dumps(answer, default=str), flush=True)
