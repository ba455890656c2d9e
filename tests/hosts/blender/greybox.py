"""Builds a grey-box previs as a layout artist leaves it and saves it as FOLDER/greybox.blend.

Run by ``bpy``'s own Python. Two people on either side of a table with a glass on it, in front of a
wall that stands square to the first camera; three cameras on markers, the second one moving.
"""

from __future__ import annotations

import sys
from pathlib import Path

import bpy
from mathutils import Vector

WALL = 9.0  # metres from the origin along y; the first camera looks along y
WIDE, HIGH = 160, 90


def material(name, colour):
    made = bpy.data.materials.new(name)
    made.diffuse_color = (*colour, 1)
    if bpy.app.version < (5, 0, 0):
        made.use_nodes = True
    made.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (*colour, 1)
    return made


def box(name, at, size, made):
    bpy.ops.mesh.primitive_cube_add(location=at)
    return dressed(name, [side / 2 for side in size], made)


def dressed(name, scale, made):
    thing = bpy.context.object
    thing.name, thing.scale = name, scale
    thing.data.materials.append(made)
    return thing


def person(name, at, made):
    parts = []
    for part, height, scale in (("Body", 0.75, (0.26, 0.18, 0.75)), ("Head", 1.65, (0.13,) * 3)):
        bpy.ops.mesh.primitive_uv_sphere_add(location=(at[0], at[1], height))
        parts.append(dressed(f"{name} {part}", scale, made))
    gathered = bpy.data.collections.new(name)
    bpy.context.scene.collection.children.link(gathered)
    for thing in parts:
        bpy.context.scene.collection.objects.unlink(thing)
        gathered.objects.link(thing)
    return gathered


def camera(name, at, looks_at, lens):
    eye = bpy.data.objects.new(name, bpy.data.cameras.new(name))
    eye.data.lens, eye.location = lens, at
    away = Vector(looks_at) - Vector(at)
    eye.rotation_euler = away.to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(eye)
    return eye


def animated_to(scene, first, last):
    """The moving camera goes on through its handles."""
    eye = bpy.data.objects["Cam Anna"]
    for frame, x in ((first, 1.0), (last, 2.6)):
        eye.location.x = x
        eye.keyframe_insert("location", frame=frame)


def marked(name, frame, eye):
    marker = bpy.context.scene.timeline_markers.new(name, frame=frame)
    marker.camera = eye
    return marker


def built():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    colours = {"grey": (0.4, 0.4, 0.4), "warm": (0.7, 0.35, 0.2), "cool": (0.15, 0.35, 0.6)}
    grey, warm, cool = (material(name, colour) for name, colour in colours.items())
    box("Floor", (0, 0, -0.05), (30, 30, 0.1), grey)
    box("Wall", (0, WALL + 0.1, 3), (30, 0.2, 8), grey)
    box("Table", (0, 0, 0.4), (0.8, 0.8, 0.8), grey)
    box("Glass", (0.1, 0, 0.89), (0.08, 0.08, 0.18), cool)
    person("Anna", (-1.1, 0), warm)
    person("Ben", (1.1, 0), cool)
    square = camera("Cam Wide", (0, -6, 1.5), (0, 0, 1.5), 35)
    over = camera("Cam Anna", (1.6, -2.2, 1.7), (-1.1, 0, 1.6), 50)
    other = camera("Cam Ben", (-1.6, -2.2, 1.7), (1.1, 0, 1.6), 50)
    for frame, x in ((13, 1.6), (24, 1.9)):
        over.location.x = x
        over.keyframe_insert("location", frame=frame)
    for name, frame, eye in (("wide", 1, square), ("anna", 13, over), ("ben", 25, other)):
        marked(name, frame, eye)
    tagged(scene)
    light(scene)
    scene.frame_start, scene.frame_end, scene.render.fps = 1, 36, 24
    scene.render.resolution_x, scene.render.resolution_y = WIDE, HIGH
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 4, False
    return scene


def tagged(scene):
    """Who is who; each of the two looks at the other's eyes."""
    things = {**bpy.data.collections, **bpy.data.objects}
    said = {"Anna": "character", "Ben": "character", "Glass": "prop", "Wall": "set"}
    for name, role in said.items():
        things[name]["secondunit_role"] = role
    for who, at in (("Anna", (1.1, 0, 1.66)), ("Ben", (-1.1, 0, 1.66))):
        target = bpy.data.objects.new(f"{who} looks", None)
        target["secondunit_role"], target["secondunit_name"] = "gaze", who
        target.location = at
        scene.collection.objects.link(target)


def light(scene):
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.rotation_euler, sun.data.energy = (0.7, 0.3, 0.4), 3
    scene.collection.objects.link(sun)
    scene.world = bpy.data.worlds.new("sky")
    scene.world.color = (0.3, 0.3, 0.35)


if __name__ == "__main__":
    folder = Path(sys.argv[1]).resolve()
    built()
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "greybox.blend"))
