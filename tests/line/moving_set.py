"""Renders a street with Blender, with a walker or without, from a camera that trucks and pans.

Run by ``bpy``'s own Python: ``python moving_set.py FOLDER COUNT WIDTH HEIGHT SAMPLES``. Writes
``walker/``, ``empty/`` (one multilayer EXR a frame, 32-bit float, linear Rec.709: Combined, Depth,
IndexOB, with the noise of few samples) and ``camera.json``: for each frame the 3 x 4 matrix from
metres to pixels, the middle of the top left pixel being (0, 0).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import bpy
from mathutils import Matrix, Vector

WALKER, POSTER = 1, 2  # pass indices
POSTER_AT = (-0.2, 5.79, 3.1)  # its middle, in metres: flat on the wall
POSTER_SIZE = (4.0, 2.0)
PATH = ((-2.3, 3.2, 0.0), (2.1, 2.9, 0.0))  # of the walker
EYES = ((-1.3, -5.2, 1.7), (1.1, -4.7, 1.75))
LOOKS_AT = ((-0.2, 4.0, 1.7), (0.4, 4.0, 1.7))


def material(name, colour, *, rough=0.7, glow=0.0, grain=0.0):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    tree = made.node_tree
    surface = tree.nodes["Principled BSDF"]
    surface.inputs["Base Color"].default_value = (*colour, 1)
    surface.inputs["Roughness"].default_value = rough
    if glow:
        surface.inputs["Emission Color"].default_value = (*colour, 1)
        surface.inputs["Emission Strength"].default_value = glow
        made.cycles.emission_sampling = "NONE"
    if grain:
        weathered(tree, surface, colour, grain)
    return made


def weathered(tree, surface, colour, scale):
    """Stains of a size, as every real thing has them."""
    where = tree.nodes.new("ShaderNodeTexCoord")
    noise = tree.nodes.new("ShaderNodeTexNoise")
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = scale, 6
    for stop, at, level in zip(ramp.color_ramp.elements, (0.38, 0.62), (0.35, 1.4), strict=True):
        stop.position, stop.color = at, (*[min(1.0, level * c) for c in colour], 1)
    tree.links.new(where.outputs["Object"], noise.inputs["Vector"])
    tree.links.new(noise.outputs["Fac"], ramp.inputs["Fac"])
    tree.links.new(ramp.outputs["Color"], surface.inputs["Base Color"])


def box(at, size, made, *, turned=0.0, index=0):
    bpy.ops.mesh.primitive_cube_add(location=at, rotation=(0, 0, turned))
    bpy.context.object.scale = [side / 2 for side in size]
    return dressed(made, index)


def dressed(made, index=0):
    thing = bpy.context.object
    thing.data.materials.append(made)
    thing.pass_index = index
    return thing


def glowing(thing):
    """Is seen, but the lamps light the set: few samples would make sparks of it."""
    thing.visible_diffuse = thing.visible_glossy = thing.visible_shadow = False


def street():
    bpy.ops.mesh.primitive_plane_add(size=40)
    dressed(material("floor", (0.33, 0.3, 0.26), rough=0.5, grain=2.5))
    box((0, 6, 3), (30, 0.4, 8), material("wall", (0.42, 0.24, 0.17), rough=0.9, grain=9))
    plain = material("poster", (0.3, 0.33, 0.36), rough=0.9)
    box(POSTER_AT, (POSTER_SIZE[0], 0.04, POSTER_SIZE[1]), plain, index=POSTER)
    warm = material("lit", (0.9, 0.72, 0.42), glow=4.0)
    dark = material("glass", (0.07, 0.09, 0.13), rough=0.3)
    for x in (-7.4, -4.4, 3.6, 6.4):
        pane = box((x, 5.76, 3.3), (1.3, 0.1, 1.8), warm if x == 3.6 else dark)
        if x == 3.6:
            glowing(pane)
    box((4.9, 5.75, 1.1), (1.2, 0.15, 2.2), material("door", (0.5, 0.06, 0.05), grain=8))
    crate = material("crate", (0.46, 0.3, 0.14), grain=6)
    box((-3.4, 4.4, 0.45), (0.9, 0.9, 0.9), crate, turned=0.4)
    box((-3.3, 4.4, 1.2), (0.6, 0.6, 0.6), crate, turned=0.1)
    box((3.6, 4.6, 0.6), (2.4, 1.2, 1.2), material("cart", (0.05, 0.16, 0.4), grain=6))
    box((1.5, 4.9, 1.7), (0.16, 0.16, 3.4), material("post", (0.06, 0.06, 0.06)))
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.22, location=(1.5, 4.9, 3.5))
    glowing(dressed(material("lamp", (1, 0.8, 0.5), glow=30.0)))


def walker(count):
    bpy.ops.object.empty_add()
    walk = bpy.context.object
    coat = material("coat", (0.1, 0.28, 0.18), grain=10)
    parts = [("primitive_cylinder_add", {"radius": 0.28, "depth": 0.9}, (0, 0, 1.1), coat)]
    parts += [("primitive_uv_sphere_add", {"radius": 0.17}, (0, 0, 1.72),
               material("skin", (0.7, 0.45, 0.35)))]  # fmt: skip
    legs = material("legs", (0.05, 0.05, 0.08))
    parts += [("primitive_cylinder_add", {"radius": 0.1, "depth": 0.8}, (side * 0.14, 0, 0.4), legs)
              for side in (-1, 1)]  # fmt: skip
    for maker, shape, at, made in parts:
        getattr(bpy.ops.mesh, maker)(location=at, **shape)
        dressed(made, WALKER).parent = walk
    for frame, at in zip((1, count), PATH, strict=True):
        walk.location = at
        walk.keyframe_insert("location", frame=frame)
    return [thing for thing in bpy.data.objects if thing.pass_index == WALKER]


def lights(scene):
    bpy.ops.object.light_add(type="SUN", rotation=(0.8, 0.25, 0.5))
    sun = bpy.context.object.data
    sun.energy, sun.color, sun.angle = 1.1, (0.8, 0.88, 1.0), 0.04
    bpy.ops.object.light_add(type="POINT", location=(1.5, 4.9, 3.5))
    bpy.context.object.data.shadow_soft_size = 0.2
    bpy.context.object.data.energy, bpy.context.object.data.color = 60, (1, 0.75, 0.45)
    scene.world = bpy.data.worlds.new("sky")
    scene.world.use_nodes = True
    sky = scene.world.node_tree.nodes["Background"]
    sky.inputs[0].default_value, sky.inputs[1].default_value = (0.14, 0.18, 0.27, 1), 0.6


def camera(scene, count):
    bpy.ops.object.camera_add()
    eye = scene.camera = bpy.context.object
    eye.data.lens = 32
    for frame, at, looks_at in zip((1, count), EYES, LOOKS_AT, strict=True):
        eye.location = at
        eye.rotation_euler = (Vector(looks_at) - Vector(at)).to_track_quat("-Z", "Y").to_euler()
        eye.keyframe_insert("location", frame=frame)
        eye.keyframe_insert("rotation_euler", frame=frame)


def steady():
    """Constant speed from key to key."""
    for action in bpy.data.actions:
        for curve in action.fcurves:
            for key in curve.keyframe_points:
                key.interpolation = "LINEAR"


def settings(scene, size, samples):
    scene.render.engine, scene.cycles.device = "CYCLES", "CPU"
    scene.cycles.samples, scene.cycles.seed = samples, 1
    scene.cycles.use_denoising = scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_animated_seed = True
    scene.cycles.max_bounces = 2
    scene.cycles.diffuse_bounces = scene.cycles.glossy_bounces = 1
    scene.cycles.caustics_reflective = scene.cycles.caustics_refractive = False
    scene.render.use_persistent_data = True
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.view_settings.view_transform = "Raw"
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_object_index = True
    scene.render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.render.image_settings.color_depth = "32"
    scene.render.image_settings.exr_codec = "ZIP"


def projection(scene):
    """From metres to pixels in the current frame, 3 rows of 4."""
    eye, render = scene.camera, scene.render
    across, down = render.resolution_x, render.resolution_y
    focal = eye.data.lens / eye.data.sensor_width * across
    flip = Matrix.Diagonal((1, -1, -1, 1))  # Blender looks along -z with y up
    middle = (across / 2 - 0.5, down / 2 - 0.5)
    inside = Matrix(
        ((focal, 0, middle[0], 0), (0, focal, middle[1], 0), (0, 0, 1, 0), (0, 0, 0, 1))
    )
    return [list(row) for row in (inside @ flip @ eye.matrix_world.inverted())[:3]]


def main(folder, count, size, samples):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    street()
    people = walker(count)
    lights(scene)
    camera(scene, count)
    steady()
    settings(scene, size, samples)
    scene.frame_start, scene.frame_end = 1, count
    places = []
    for frame in range(1, count + 1):
        scene.frame_set(frame)
        places.append(projection(scene))
    for name, absent in (("walker", False), ("empty", True)):
        for part in people:
            part.hide_render = absent
        scene.render.filepath = str(folder / name / "street.####")
        started = time.perf_counter()
        bpy.ops.render.render(animation=True)
        print(f"{name}: {count} frames in {time.perf_counter() - started:.1f} s", flush=True)
    x, y, z = POSTER_AT
    w, h = POSTER_SIZE
    corners = [(x + i * w / 2, y - 0.02, z + j * h / 2) for j in (1, -1) for i in (-1, 1)]
    told = {"projections": places, "poster": corners, "walker": WALKER, "sign": POSTER}
    (folder / "camera.json").write_text(json.dumps(told))


if __name__ == "__main__":
    where, count, width, height, samples = sys.argv[1:]
    main(Path(where).resolve(), int(count), (int(width), int(height)), int(samples))
