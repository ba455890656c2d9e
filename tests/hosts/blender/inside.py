"""What tests have done inside a real Blender, one thing after another.

A line of JSON names a function and its words; ``answer`` or ``failed`` and JSON come back.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path

import bpy
import gpu
import greybox
from secondunit_blender import recut
from secondunit_blender.collect import (
    bible,
    camera,
    identities,
    metering,
    passes,
    progress,
    render_script,
    shots,
    turnover,
    whereabouts,
)
from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.film import Project
from secondunit_bridge.timing import Handles
from secondunit_bridge.wire import plain

HANDLES = Handles(1, 1)
LIMIT_S = 240


def told(listed):
    """A list of shots as JSON."""
    return {
        "problems": list(listed.problems),
        "shots": [
            {
                "guid": shot.guid, "code": shot.code, "marker": shot.marker, "camera": shot.camera,
                "frames": [shot.frames.first, shot.frames.last], "rate": str(shot.frames.rate),
                "problems": list(shot.problems),
            }
            for shot in listed.shots
        ],
    }  # fmt: skip


def save_greybox(folder):
    scene = greybox.built()
    identities.keep_identities(scene)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "greybox.blend"))


def opened(path):
    bpy.ops.wm.open_mainfile(filepath=path)
    return bpy.context.scene


def fresh_shots():
    scene = greybox.built()
    return told(shots.read_shots(scene, blend_path=bpy.data.filepath))


def codes(scene):
    return {row.marker: [row.code, row.guid] for row in identities.keep_identities(scene)}


def identity_through_changes(folder):
    """The code and GUID of each marker after each change, the file saved and opened in between."""
    scene = greybox.built()
    steps = {"kept": codes(scene)}
    markers = scene.timeline_markers
    markers["anna"].name = "closer on anna"
    steps["renamed"] = codes(scene)
    for marker in markers:
        marker.frame += 40
    scene.frame_start, scene.frame_end = 41, 90
    steps["all moved"] = codes(scene)
    markers["wide"].frame, markers["ben"].frame = 65, 41
    steps["order changed"] = codes(scene)
    bpy.data.objects["Cam Ben"].name = "Cam B"
    steps["camera renamed"] = codes(scene)
    path = str(Path(folder) / "again.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    scene = opened(path)
    steps["opened again"] = codes(scene)
    greybox.marked("new", 58, bpy.data.objects["Cam Wide"])
    steps["one added"] = codes(scene)
    marker = scene.timeline_markers["closer on anna"]
    name, frame, eye = marker.name, marker.frame, marker.camera
    scene.timeline_markers.remove(marker)
    steps["one deleted"] = codes(scene)
    greybox.marked("another", 80, eye)
    steps["its camera used elsewhere"] = codes(scene)
    greybox.marked(name, frame, eye)
    steps["brought back"] = codes(scene)
    return steps


def inserted():
    """Codes after a shot went in between the first two, and one after the last."""
    scene = greybox.built()
    identities.keep_identities(scene)
    greybox.marked("between", 7, bpy.data.objects["Cam Ben"])
    greybox.marked("last", 31, bpy.data.objects["Cam Wide"])
    return [shot.code for shot in shots.read_shots(scene).shots]


def linked(folder):
    """A scene whose camera is linked, and a scene that is itself linked."""
    path = str(Path(folder) / "library.blend")
    greybox.built()
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.objects, wanted.scenes = ["Cam Wide"], ["Scene"]
    scene, theirs = bpy.context.scene, next(s for s in bpy.data.scenes if s.library)
    eye = bpy.data.objects["Cam Wide"]
    scene.collection.objects.link(eye)
    greybox.marked("wide", 1, eye)
    kept = codes(scene)
    try:
        identities.keep_identities(theirs)
        refused = None
    except SecondUnitError as error:
        refused = [error.code, error.message]
    try:
        bible.tag(eye, "prop")
        tagged = None
    except SecondUnitError as error:
        tagged = error.code
    return {
        "own": told(shots.read_shots(scene)), "kept": kept, "refused": refused, "tagged": tagged,
        "theirs": told(shots.read_shots(theirs)),
    }  # fmt: skip


def spoilt(how):
    """The shots of a scene in which one thing is wrong."""
    scene = greybox.built()
    markers, things = scene.timeline_markers, bpy.data.objects
    rate, blend, unsaved = None, "saved.blend", False
    if how == "nothing":
        greybox.animated_to(scene, -20, 60)
    elif how == "no cameras":
        for marker in markers:
            marker.camera = None
    elif how == "two on a frame":
        markers["anna"].frame = 25
    elif how == "after the end":
        markers["ben"].frame = 99
    elif how == "before the start":
        markers["wide"].frame = -30
        markers["anna"].frame = -10
    elif how == "starts late":
        markers["wide"].frame = 5
    elif how == "deleted":
        scene.collection.objects.unlink(things["Cam Ben"])
    elif how == "removed":
        bpy.data.objects.remove(things["Cam Ben"])
    elif how == "hidden":
        things["Cam Ben"].hide_render = True
    elif how == "no camera object":
        markers["ben"].camera = things["Table"]
    elif how == "rate":
        rate = Fraction(24000, 1001)
    elif how == "never saved":
        blend = ""
    elif how == "unsaved":
        unsaved = True
    elif how == "stretched":
        scene.render.frame_map_new = 200
    elif how == "layers":
        scene.view_layers.new("second")
    return told(shots.read_shots(scene, rate, blend_path=blend, unsaved=unsaved))


def rates(*pairs):
    """The exact rate of each FPS:BASE."""
    scene = bpy.context.scene
    found = []
    for pair in pairs:
        fps, base = pair.split(":")
        scene.render.fps, scene.render.fps_base = int(fps), float(base)
        found.append(str(shots.scene_rate(scene)))
    return found


def waited(order, limit=LIMIT_S, seen=None):
    """Runs an order to its end; ``seen`` is called at each look with the process and progress."""
    process, reader = passes.start(order), progress.ProgressReader(order.log)
    end = time.monotonic() + limit
    while time.monotonic() < end:
        code = process.poll()
        now = reader.poll(code)
        if now.ended:
            process.wait(60)
            return now, process.returncode
        if seen:
            seen(process, now)
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise AssertionError(f"not done after {limit} s: {Path(order.log).read_text()[-2000:]}")


def rendered_here(order):
    """Runs an order to its end in this Blender, without the start of another."""
    with open(order.log, "wb") as log:
        sys.stdout.flush()
        own = os.dup(1)
        os.dup2(log.fileno(), 1)
        try:
            code = render_script.main(bpy, gpu, str(Path(order.folder) / passes.ORDER))
        finally:
            os.dup2(own, 1)
            os.close(own)
    return progress.ProgressReader(order.log).poll(code), code


def ordered(scene, code, backend, folder, **more):
    found = next(shot for shot in shots.read_shots(scene).shots if shot.code == code)
    shot = replace(found, handles=HANDLES)
    return shot, passes.order_passes(
        bpy.data.filepath, scene.name, shot, folder, backend, **{"samples": 2, **more}
    )


def ended(now, code):
    return {**asdict(now), "exit": code}


def render(path, code, backend, folder):
    """All passes of a shot, and the turnover they make."""
    shot, order = ordered(opened(path), code, backend, folder)
    now, exit_code = waited(order)
    if now.state != "done":
        return ended(now, exit_code)
    project = Project("Grey", shot.frames.rate, greybox.WIDE, greybox.HIGH)
    ask = turnover.Ask("GREY", look="toon", brief="two people talk", takes=2, seed=7)
    asked = turnover.turnover(shot, order, now, project, ask)
    return {**ended(now, exit_code), "turnover": plain(asked)}


def press(path, folder, *codes):
    """Shots that one press of the button renders from one copy of the file.

    Something black stands close before the second camera, and far from the first.
    """
    scene = opened(path)
    black = greybox.material("black", (0.01, 0.01, 0.01))
    greybox.box("Stand", (0.13, -1.64, 1.6), (0.7, 0.7, 1.6), black)
    copy = str(Path(folder) / "copy.blend")
    bpy.ops.wm.save_as_mainfile(filepath=copy, copy=True)
    meter = metering.angles(shots.read_shots(scene).shots)
    answers = {}
    for code in codes:
        found = next(shot for shot in shots.read_shots(scene).shots if shot.code == code)
        shot = replace(
            found, handles=HANDLES, frames=replace(found.frames, last=found.frames.first)
        )
        order = passes.order_passes(
            copy, scene.name, shot, str(Path(folder) / code), "cycles", options={"meter": meter}
        )
        now, exit_code = waited(order)
        project = Project("Grey", shot.frames.rate, greybox.WIDE, greybox.HIGH)
        asked = turnover.turnover(shot, order, now, project, turnover.Ask("GREY", look="graded"))
        answers[code] = {**ended(now, exit_code), "turnover": plain(asked)}
    return answers


def render_stopped(path, folder):
    """Stopped by its file after the second frame."""
    _, order = ordered(opened(path), "0010", "cycles", folder)
    return ended(*waited(order, seen=lambda _, now: len(now.done) > 1 and passes.stop(order)))


def render_killed(path, folder):
    """Its process ended from outside after the second frame."""
    _, order = ordered(opened(path), "0010", "cycles", folder)
    return ended(*waited(order, seen=lambda child, now: len(now.done) > 1 and child.kill()))


def render_failing(path, folder, how):
    """A render that cannot work."""
    scene = opened(path)
    shot, order = ordered(scene, "0010", "eevee" if how == "no graphics" else "cycles", folder)
    if how == "camera gone":
        gone = replace(shot, camera="Nobody")
        order = passes.order_passes(bpy.data.filepath, scene.name, gone, folder, "cycles")
    elif how == "no file":
        asked = json.loads((Path(folder) / passes.ORDER).read_text())
        asked["blend"] = str(Path(folder) / "gone.blend")
        (Path(folder) / passes.ORDER).write_text(json.dumps(asked))
    elif how == "cannot write":
        (Path(folder) / "passes.1003.part.exr").mkdir()
    return ended(*waited(order))


def lenses(folder):
    """The greybox through odd lenses: for each a row and the data pass of one frame."""
    scene = greybox.built()
    eye = bpy.data.objects["Cam Wide"]
    scene.timeline_markers["anna"].frame = 2
    identities.keep_identities(scene)
    odd = {
        "shifted": {"shift_x": 0.2, "shift_y": -0.15},
        "vertical": {"sensor_fit": "VERTICAL", "sensor_height": 20.0, "shift_y": 0.1},
        "ortho": {"type": "ORTHO", "ortho_scale": 7.0, "shift_x": 0.1},
        "tall": {"sensor_fit": "AUTO", "shift_y": 0.1},
        "squeezed": {"sensor_fit": "AUTO", "shift_x": 0.1},
    }
    plain_lens = {name: getattr(eye.data, name) for one in odd.values() for name in one}
    orders = {}
    for name, values in odd.items():
        for key, value in {**plain_lens, **values}.items():
            setattr(eye.data, key, value)
        tall = name == "tall"
        scene.render.resolution_x, scene.render.resolution_y = (54, 96) if tall else (96, 54)
        scene.render.pixel_aspect_x = 2 if name == "squeezed" else 1
        eye.scale = (1.5, 1.5, 1.5) if tall else (1, 1, 1)
        bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / f"{name}.blend"))
        _, orders[name] = ordered(scene, "0010", "workbench", str(Path(folder) / name))
    answers = {name: ended(*rendered_here(order)) for name, order in orders.items()}
    return answers


def rows_now(path, code):
    """Camera rows asked in the open file, and whether the artist's frame and camera were kept."""
    scene = opened(path)
    scene.frame_set(5)
    scene.camera = bpy.data.objects["Cam Ben"]
    rows = camera.camera_rows(scene, bpy.data.objects["Cam Anna"], range(12, 26), number=1001)
    return {"rows": rows, "frame": scene.frame_current, "camera": scene.camera.name}


def keys():
    """Every key of every animation."""
    from secondunit_blender.compat import curves

    return {
        thing.name: [list(key.co) for curve in curves(thing) for key in curve.keyframe_points]
        for thing in bpy.data.objects
    }


def recut_against(path, cut, apply):
    """The table of a cut, and the scene before and after its markers were moved."""
    scene = opened(path)
    before, animation = told(shots.read_shots(scene)), keys()
    table = recut.recut_table(scene, cut)
    said = recut.apply_markers(scene, table) if apply == "apply" else ()
    again = recut.recut_table(scene, cut)
    return {
        "rows": [asdict(row) for row in table.rows], "problems": list(table.problems),
        "said": list(said), "before": before, "after": told(shots.read_shots(scene)),
        "markers": {m.name: [m.frame, bool(m.camera)] for m in scene.timeline_markers},
        "same_animation": keys() == animation, "again": [asdict(row) for row in again.rows],
    }  # fmt: skip


def recut_then_moved(path, cut):
    """Markers moved by a re-cut, then one by hand: its recorded end no longer holds."""
    scene = opened(path)
    recut.apply_markers(scene, recut.recut_table(scene, cut))
    scene.timeline_markers["ben"].frame = 30
    try:
        table = recut.recut_table(scene, cut)
        scene.timeline_markers["anna"].frame += 1
        recut.apply_markers(scene, table)
        refused = ""
    except SecondUnitError as error:
        refused = error.message
    return {"shots": told(shots.read_shots(scene)), "refused": refused}


def tags(folder):
    """Tags through saving, on collections and objects, and taken off again."""
    scene = greybox.built()
    bible.tag(bpy.data.objects["Table"], "prop", "desk")
    bible.tag(bpy.data.objects["Anna Head"], "prop", "hat")
    bible.choose_axis(scene, "Ben", "Anna")
    path = str(Path(folder) / "tags.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    scene = opened(path)
    found = {
        one.name: [one.role, sorted(thing.name for thing in one.objects), bool(one.gaze)]
        for one in bible.entities(scene)
    }
    axis = bible.axis_of(scene, ["Anna", "Ben", "Cleo"])
    numbers = bible.number_ids(scene)
    bible.untag(bpy.data.objects["Table"])
    left = [one.name for one in bible.entities(scene)]
    refused = []
    for words in (("hero", ""), ("gaze", "")):
        try:
            bible.tag(bpy.data.objects["Table"], *words)
        except SecondUnitError as error:
            refused.append(error.code)
    return {"found": found, "axis": axis, "numbers": numbers, "left": left, "refused": refused}


def instanced():
    """A character that stands in the scene as an instance of its collection, turned and moved."""
    scene = greybox.built()
    holder = bpy.data.objects.new("Anna again", None)
    holder.instance_type, holder.instance_collection = "COLLECTION", bpy.data.collections["Anna"]
    holder.location, holder.rotation_euler = (0, 3, 0), (0, 0, 3.14159265)
    bare = bpy.data.scenes.new("bare")
    bare.collection.objects.link(holder)
    eye = scene.objects["Cam Wide"]
    bare.collection.objects.link(eye)
    bare.camera = eye
    bare.view_layers[0].update()
    row = camera.camera_row(bare, eye)
    found = whereabouts.whereabouts(bare, bible.entities(bare), row)
    numbers = bible.number_ids(bare)
    worn = {thing.pass_index for thing in bpy.data.collections["Anna"].objects}
    return {"people": found["people"], "numbers": numbers, "worn": sorted(worn)}


def told_of(line):
    """What a line asked for, as the line that answers it."""
    name, *words = json.loads(line)
    try:
        return "answer " + json.dumps(globals()[name](*words), default=str)
    except Exception:  # noqa: BLE001  # what a test did is that test's; the next one asks again
        return "failed " + json.dumps(traceback.format_exc())


if __name__ == "__main__":
    for asked in sys.stdin:
        print("\n" + told_of(asked), flush=True)
