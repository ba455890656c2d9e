"""Renders a quay at the end of the day with Blender: two people meet, wide and close, all passes.

Run by ``bpy``'s own Python: ``python quay_set.py FOLDER SHOT COUNT WIDTH HEIGHT SAMPLES [FRAME]``.
SHOT is ``wide`` (the camera trucks and pans, he walks) or ``close`` (over his shoulder, a slow
push-in). Writes one multilayer EXR a frame, 32-bit float, linear Rec.709, with the noise of few
samples: Combined, Depth, Normal, Position, Vector, IndexOB, CryptoObject and Denoising Albedo; and
``camera.json``: for each frame the 3 x 4 matrix from metres to pixels, the middle of the top left
pixel being (0, 0). With FRAME only that one is rendered.
"""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path

import bpy
from mathutils import Matrix, Vector

sys.path.insert(0, str(Path(__file__).parent))
from quay_figures import ball, box, limb, man, paint, thing, turned_body, woman

SHOTS = {  # eye at the first and last frame, where it looks, focal length in millimetres
    "wide": (
        ((-1.75, -7.15, 1.27), (-1.4, -7.02, 1.28)),
        ((0.02, 0.0, 1.62), (0.12, 0.0, 1.62)),
        30,
    ),
    "close": (
        ((0.02, -1.42, 1.66), (0.05, -1.30, 1.66)),
        ((0.17, 0.42, 1.575), (0.2, 0.42, 1.575)),
        40,
    ),
}
WALK = ((-1.27, -0.57, 0.0), (-0.87, -0.45, 0.0))  # of the man, in the wide shot


def ground():
    stone, edge = paint("paving", (0.36, 0.30, 0.25)), paint("kerb", (0.52, 0.46, 0.40))
    box("quay", (0, 4, -0.5), (60, 40, 1.0), stone)
    joint = paint("joint", (0.20, 0.165, 0.145))
    for k in range(-9, 10):
        box("joint across", (k * 1.6, 4, 0.0), (0.035, 40, 0.012), joint)
    for k in range(-3, 7):
        box("joint along", (0, k * 1.9 - 3, 0.0), (60, 0.035, 0.012), joint)
    box("step", (6.2, 7.0, 0.09), (5.0, 14, 0.18), edge)


def house(name, at, size, wall, trim, *, floors, across, roof=None, door=None):
    """A front towards -y (or +-x when turned): windows with frames, sills, shutters, a cornice."""
    x, y, z = at
    w, d, h = size
    box(name, (x, y, z + h / 2), size, wall)
    box(f"{name} cornice", (x, y, z + h + 0.09), (w + 0.35, d + 0.35, 0.24), trim)
    box(f"{name} plinth", (x, y, z + 0.3), (w + 0.08, d + 0.08, 0.6), trim)
    glass, shutter = paint(f"{name} glass", (0.10, 0.13, 0.17), rough=0.25), roof or trim
    for floor in range(floors):
        for k in range(across):
            px = x - w / 2 + (k + 0.5) * w / across
            pz, front = z + 1.75 + floor * 2.7, y - d / 2
            if floor == 0 and k == across // 2 and door is not None:
                box(f"{name} door", (px, front - 0.02, z + 1.2), (1.15, 0.12, 2.4), door)
                box(f"{name} lintel", (px, front - 0.05, z + 2.48), (1.5, 0.22, 0.18), trim)
                continue
            box(f"{name} frame", (px, front - 0.02, pz), (1.02, 0.14, 1.5), trim)
            box(f"{name} pane", (px, front - 0.07, pz), (0.78, 0.08, 1.28), glass)
            box(f"{name} bar", (px, front - 0.12, pz), (0.05, 0.04, 1.28), trim)
            box(f"{name} sill", (px, front - 0.10, pz - 0.8), (1.2, 0.28, 0.09), trim)
            for side in (-1, 1):
                box(
                    f"{name} shutter",
                    (px + side * 0.70, front - 0.05, pz),
                    (0.36, 0.06, 1.5),
                    shutter,
                )


def awning(at, width, made):
    x, y, z = at
    for k in range(int(width / 0.4)):
        left = x - width / 2 + k * 0.4
        right, low = left + 0.4, z - 0.55
        verts = [(left, y, z), (right, y, z), (right, y - 1.3, low), (left, y - 1.3, low),
                 (left, y - 1.3, low - 0.22), (right, y - 1.3, low - 0.22)]  # fmt: skip
        thing("stripe", verts, [(0, 3, 2, 1), (3, 4, 5, 2)], made[k % 2])


def street():
    cream, trim = paint("cream", (0.68, 0.53, 0.34)), paint("trim", (0.76, 0.70, 0.60))
    rose, teal = paint("rose", (0.60, 0.27, 0.18)), paint("teal", (0.10, 0.26, 0.26))
    ochre, green = paint("ochre", (0.62, 0.40, 0.14)), paint("green", (0.13, 0.22, 0.12))
    door, slate = paint("door", (0.10, 0.20, 0.28)), paint("slate", (0.16, 0.17, 0.21))
    house(
        "hotel",
        (6.4, 11.0, 0),
        (7.2, 5, 8.2),
        cream,
        trim,
        floors=3,
        across=4,
        roof=teal,
        door=door,
    )
    house(
        "shop", (-7.0, 9.6, 0), (6.4, 5, 5.8), rose, trim, floors=2, across=3, roof=green, door=door
    )
    house("inn", (0.6, 19.0, 0), (6.8, 5, 6.6), ochre, trim, floors=2, across=3, roof=slate)
    red, white = paint("stripe red", (0.58, 0.10, 0.07)), paint("stripe white", (0.80, 0.76, 0.68))
    awning((-7.0, 7.0, 3.0), 5.6, (red, white))
    tower = paint("tower", (0.56, 0.42, 0.32))
    box("tower", (-3.6, 24, 6), (2.8, 2.8, 12), tower)
    box("tower top", (-3.6, 24, 12.1), (3.3, 3.3, 0.5), trim)
    turned_body("spire", [(2.0, 0.0), (1.1, 1.9), (0.05, 5.2)], slate, at=(-3.6, 24, 12.3), sides=4)
    clock = turned_body("clock", [(0.85, 0), (0.85, 0.1)], trim, at=(-3.6, 22.6, 10.2))
    clock.rotation_euler = (math.pi / 2, 0, 0)
    roof = paint("roof", (0.42, 0.16, 0.10))
    for at, w, d, up in (((6.4, 11.0, 8.4), 7.8, 5.6, 2.2), ((-7, 9.6, 6.0), 7, 5.6, 1.9),
                         ((0.6, 19, 6.8), 7.4, 5.6, 2.0)):  # fmt: skip
        x, y, z = at
        low = [(x + i * w / 2, y + j * d / 2, z) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        verts = [*low, (x - w / 2, y, z + up), (x + w / 2, y, z + up)]
        thing("roof", verts, [(0, 1, 5, 4), (2, 3, 4, 5), (1, 2, 5), (3, 0, 4)], roof)


def far_away():
    hill, sea = paint("hill", (0.22, 0.27, 0.30)), paint("sea", (0.10, 0.22, 0.27), rough=0.4)
    for at, size in (((-30, 90, -4), (38, 10, 15)), ((20, 110, -5), (55, 12, 22)),
                     ((-70, 100, -3), (40, 10, 12))):  # fmt: skip
        ball("hill", at, size, hill, sides=40)
    box("sea", (0, 80, -0.9), (400, 112, 0.4), sea)


def props():
    wood, band = paint("crate", (0.48, 0.29, 0.13)), paint("slat", (0.36, 0.20, 0.085))
    for at, side, turn in (((2.55, 0.9, 0.38), 0.76, 0.3), ((3.35, 1.25, 0.38), 0.76, -0.15),
                           ((2.9, 1.1, 1.03), 0.54, 0.7)):  # fmt: skip
        box("crate", at, (side, side, side), wood, turned=turn)
        for up in (-0.36, 0.36):
            box(
                "slat",
                (at[0], at[1], at[2] + up * side),
                (side * 1.05, side * 1.05, side * 0.14),
                band,
                turned=turn,
            )
    barrel, hoop = paint("barrel", (0.40, 0.22, 0.10)), paint("hoop", (0.10, 0.10, 0.11))
    for x, y in ((-3.9, 1.7), (-4.7, 1.2)):
        turned_body(
            "barrel",
            [(0.27, 0), (0.33, 0.25), (0.35, 0.47), (0.33, 0.70), (0.27, 0.95)],
            barrel,
            at=(x, y, 0),
        )
        for z, r in ((0.2, 0.325), (0.74, 0.325)):
            turned_body(
                "hoop",
                [(r, z - 0.03), (r + 0.012, z - 0.03), (r + 0.012, z + 0.03), (r, z + 0.03)],
                hoop,
                at=(x, y, 0),
            )
    iron, lit = (
        paint("iron", (0.045, 0.055, 0.06), rough=0.5),
        paint("lamp glass", (1.0, 0.78, 0.42), glow=2.5),
    )
    for x, y in ((2.0, 3.4), (-2.6, 12.5)):
        turned_body(
            "lamp foot",
            [(0.22, 0), (0.2, 0.18), (0.1, 0.42), (0.055, 0.6), (0.05, 3.1), (0.08, 3.16)],
            iron,
            at=(x, y, 0),
        )
        turned_body("lamp glass", [(0.10, 3.2), (0.19, 3.62)], lit, at=(x, y, 0), sides=6)
        turned_body(
            "lamp hood", [(0.23, 3.62), (0.15, 3.78), (0.03, 3.92)], iron, at=(x, y, 0), sides=6
        )
    turned_body(
        "bollard",
        [(0.2, 0), (0.15, 0.08), (0.13, 0.42), (0.19, 0.5), (0.17, 0.58), (0.05, 0.62)],
        iron,
        at=(1.75, -0.9, 0),
    )
    rope = paint("rope", (0.55, 0.42, 0.26))
    coil = []
    for a in range(76):
        wide = 0.34 - 0.0012 * a
        coil.append(
            (2.35 + wide * math.cos(a / 3), -0.6 + wide * math.sin(a / 3), 0.04 + 0.0018 * a)
        )
    limb("rope", coil, [0.032] * len(coil), rope, sides=8)
    bird = paint("gull", (0.72, 0.72, 0.72))
    for x, y, z, s in ((-1.2, 13, 6.6, 1.0), (0.6, 15, 7.4, 0.9), (2.0, 14, 6.9, 0.8)):
        verts = [
            (x - 0.5 * s, y, z + 0.22 * s),
            (x - 0.2 * s, y, z + 0.26 * s),
            (x, y, z),
            (x + 0.2 * s, y, z + 0.26 * s),
            (x + 0.5 * s, y, z + 0.2 * s),
            (x, y + 0.1, z + 0.09 * s),
        ]
        thing("gull", verts, [(0, 1, 5, 2), (2, 5, 3, 4)], bird)


def lights(scene):
    bpy.ops.object.light_add(type="SUN", rotation=(1.10, 0.0, -1.18))
    sun = bpy.context.object.data
    sun.energy, sun.color, sun.angle = 4.4, (1.0, 0.77, 0.50), 0.02
    scene.world = bpy.data.worlds.new("sky")
    scene.world.use_nodes = True
    tree = scene.world.node_tree
    back = tree.nodes["Background"]
    ramp, where = tree.nodes.new("ShaderNodeValToRGB"), tree.nodes.new("ShaderNodeTexCoord")
    parts = tree.nodes.new("ShaderNodeSeparateXYZ")
    tree.links.new(where.outputs["Generated"], parts.inputs[0])
    tree.links.new(parts.outputs["Z"], ramp.inputs[0])
    tree.links.new(ramp.outputs[0], back.inputs[0])
    stops = (
        (0.0, (1.0, 0.72, 0.44)),
        (0.10, (0.92, 0.66, 0.50)),
        (0.32, (0.42, 0.50, 0.60)),
        (1.0, (0.16, 0.28, 0.48)),
    )
    for k, (at, colour) in enumerate(stops):
        stop = ramp.color_ramp.elements[k] if k < 2 else ramp.color_ramp.elements.new(at)
        stop.position, stop.color = at, (*colour, 1)
    back.inputs[1].default_value = 0.75


def camera(scene, shot, count):
    eyes, looks, lens = SHOTS[shot]
    bpy.ops.object.camera_add()
    eye = scene.camera = bpy.context.object
    eye.data.lens = lens
    for frame, at, looks_at in zip((1, count), eyes, looks, strict=True):
        eye.location = at
        eye.rotation_euler = (Vector(looks_at) - Vector(at)).to_track_quat("-Z", "Y").to_euler()
        eye.keyframe_insert("location", frame=frame)
        eye.keyframe_insert("rotation_euler", frame=frame)


def people(shot, count):
    him = man(WALK[1], turned=math.pi / 2 + 0.62)
    her = woman((0.42, 0.42, 0.0), turned=-math.pi / 2 + 0.62 if shot == "wide" else -0.78)
    if shot == "wide":
        for frame, at in zip((1, count), WALK, strict=True):
            him.location = at
            him.keyframe_insert("location", frame=frame)
    else:
        him.location = (-0.46, -0.12, 0.0)
        him.rotation_euler = (0, 0, math.pi - 0.9)
    return him, her


def settings(scene, size, samples):
    scene.render.engine, scene.cycles.device = "CYCLES", "CPU"
    scene.cycles.samples, scene.cycles.seed = samples, 1
    scene.cycles.use_denoising = scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_animated_seed = True
    scene.cycles.max_bounces = scene.cycles.diffuse_bounces = 1
    scene.cycles.glossy_bounces = 0
    scene.cycles.caustics_reflective = scene.cycles.caustics_refractive = False
    scene.render.use_persistent_data = True
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.view_settings.view_transform = "Raw"
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_normal = layer.use_pass_position = True
    layer.use_pass_vector = layer.use_pass_object_index = True
    layer.use_pass_cryptomatte_object = layer.cycles.denoising_store_passes = True
    layer.pass_cryptomatte_depth = 2
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


def main(folder, shot, count, size, samples, only):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    for build in (ground, street, far_away, props):
        build()
    people(shot, count)
    lights(scene)
    camera(scene, shot, count)
    for action in bpy.data.actions:
        for curve in action.fcurves:
            for key in curve.keyframe_points:
                key.interpolation = "LINEAR"
    settings(scene, size, samples)
    scene.frame_start, scene.frame_end = (only, only) if only else (1, count)
    places = []
    for frame in range(1, count + 1):
        scene.frame_set(frame)
        places.append(projection(scene))
    scene.render.filepath = str(folder / f"{shot}.####")
    started = time.process_time()
    bpy.ops.render.render(animation=True)
    print(f"{shot}: {time.process_time() - started:.1f} s of CPU", flush=True)
    (folder / "camera.json").write_text(json.dumps({"projections": places}))


if __name__ == "__main__":
    where, which, *numbers = sys.argv[1:]
    count, width, height, samples, *only = [int(number) for number in numbers]
    main(Path(where).resolve(), which, count, (width, height), samples, only[0] if only else 0)
