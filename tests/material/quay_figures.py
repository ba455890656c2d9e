"""Shapes for a small film set in Blender: turned bodies, limbs, boxes, and two people made of them.

Run by ``bpy``'s own Python, from ``quay_set.py``.
"""

from __future__ import annotations

import math

import bpy
from mathutils import Vector

_count = [0]


def paint(name, colour, *, rough=0.75, glow=0.0):
    """A plain material; its colour is scene-linear Rec.709."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    surface = made.node_tree.nodes["Principled BSDF"]
    surface.inputs["Base Color"].default_value = (*colour, 1)
    surface.inputs["Roughness"].default_value = rough
    surface.inputs["Specular IOR Level"].default_value = 0.2
    if glow:
        surface.inputs["Emission Color"].default_value = (*colour, 1)
        surface.inputs["Emission Strength"].default_value = glow
        made.cycles.emission_sampling = "NONE"
    return made


def thing(name, verts, faces, made, *, smooth=False, under=None):
    """A mesh with a pass index of its own."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([tuple(v) for v in verts], [], faces)
    mesh.materials.append(made)
    if smooth:
        mesh.shade_smooth()
    mesh.validate()
    one = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(one)
    _count[0] += 1
    one.pass_index, one.parent = _count[0], under
    return one


def box(name, at, size, made, *, turned=0.0, under=None, taper=1.0):
    """Its middle, its sides in metres; the top narrower by ``taper``."""
    half = [side / 2 for side in size]
    verts = []
    for z in (-1, 1):
        for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            wide = taper if z > 0 else 1.0
            verts.append((x * half[0] * wide, y * half[1] * wide, z * half[2]))
    faces = [(3, 2, 1, 0), (4, 5, 6, 7)]
    faces += [(i, (i + 1) % 4, (i + 1) % 4 + 4, i + 4) for i in range(4)]
    one = thing(name, verts, faces, made, under=under)
    one.location, one.rotation_euler = at, (0, 0, turned)
    return one


def rounded(points, between=4):
    """A soft line through points (Catmull and Rom): tuples of any length."""
    made = []
    for k in range(len(points) - 1):
        a, b, c, d = (points[min(max(j, 0), len(points) - 1)] for j in (k - 1, k, k + 1, k + 2))
        for i in range(between):
            t = i / between
            made.append(tuple(
                0.5 * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t**2
                       + (3 * q - p - 3 * r + s) * t**3)
                for p, q, r, s in zip(a, b, c, d, strict=True)
            ))  # fmt: skip
    return [*made, tuple(points[-1])]


def turned_body(name, profile, made, *, at=(0, 0, 0), flat=1.0, soft=False, sides=32, under=None):
    """A body on a lathe: ``profile`` is (radius, height) from below; ``flat`` its depth over width.

    ``soft`` rounds the profile.
    """
    verts, faces = [], []
    profile = rounded(profile) if soft else profile
    for radius, height in profile:
        for i in range(sides):
            angle = 2 * math.pi * i / sides
            across, along = radius * math.cos(angle), flat * radius * math.sin(angle)
            verts.append((across, along, height))
    for ring in range(len(profile) - 1):
        for i in range(sides):
            j = (i + 1) % sides
            faces.append((ring * sides + i, ring * sides + j, (ring + 1) * sides + j,
                          (ring + 1) * sides + i))  # fmt: skip
    faces.append(tuple(range(sides - 1, -1, -1)))
    faces.append(tuple(range((len(profile) - 1) * sides, len(profile) * sides)))
    one = thing(name, verts, faces, made, smooth=True, under=under)
    one.location = at
    return one


def ball(name, at, size, made, *, under=None, sides=28):
    """An ellipsoid by its three radii."""
    rings = sides // 2
    profile = [(max(1e-4, math.sin(math.pi * k / rings)), -math.cos(math.pi * k / rings))
               for k in range(rings + 1)]  # fmt: skip
    one = turned_body(name, profile, made, at=at, sides=sides, under=under)
    one.scale = size
    return one


def limb(name, points, radii, made, *, under=None, sides=16):
    """A tube through points with a radius at each, round at its ends."""
    if len(points) < 10:
        soft = rounded([(*point, radius) for point, radius in zip(points, radii, strict=True)])
        points, radii = [one[:3] for one in soft], [one[3] for one in soft]
    points = [Vector(p) for p in points]
    first, last = (points[0] - points[1]).normalized(), (points[-1] - points[-2]).normalized()
    caps = [(math.sin(a), math.cos(a)) for a in (1.45, 1.1, 0.7, 0.35)]
    rings = [(points[0] + first * radii[0] * up, radii[0] * out) for up, out in caps]
    rings += list(zip(points, radii, strict=True))
    rings += [(points[-1] + last * radii[-1] * up, radii[-1] * out) for up, out in caps[::-1]]
    verts, faces = [], []
    for k, (at, radius) in enumerate(rings):
        ahead = rings[min(k + 1, len(rings) - 1)][0] - rings[max(k - 1, 0)][0]
        turn = ahead.to_track_quat("Z", "Y")
        for i in range(sides):
            angle = 2 * math.pi * i / sides
            spoke = turn @ Vector((radius * math.cos(angle), radius * math.sin(angle), 0))
            verts.append(at + spoke)
    for k in range(len(rings) - 1):
        for i in range(sides):
            j = (i + 1) % sides
            faces.append((k * sides + i, k * sides + j, (k + 1) * sides + j, (k + 1) * sides + i))
    faces += [tuple(range(sides - 1, -1, -1)),
              tuple(range((len(rings) - 1) * sides, len(rings) * sides))]  # fmt: skip
    return thing(name, verts, faces, made, smooth=True, under=under)


def face(under, skin, dark, hair):
    """Head with features; it looks along -y. The middle of the skull is the origin of ``under``."""
    skull = [(0.004, -0.140), (0.038, -0.134), (0.060, -0.105), (0.076, -0.060), (0.087, -0.010)]
    skull += [(0.093, 0.035), (0.086, 0.080), (0.062, 0.112), (0.030, 0.126), (0.003, 0.129)]
    turned_body("head", skull, skin, flat=1.18, soft=True, under=under)
    limb("nose", [(0, -0.108, 0.02), (0, -0.132, -0.03)], [0.010, 0.019], skin, under=under)
    white = paint("eye white", (0.8, 0.78, 0.74))
    for side in (-1, 1):
        ball("eye", (side * 0.038, -0.097, 0.014), (0.018, 0.010, 0.011), white, under=under)
        ball("pupil", (side * 0.036, -0.1055, 0.0145), (0.0095, 0.004, 0.0105), dark, under=under)
        limb("brow", [(side * 0.02, -0.111, 0.047), (side * 0.042, -0.106, 0.052),
                      (side * 0.064, -0.094, 0.043)],
             [0.005, 0.0045, 0.003], hair, under=under, sides=8)  # fmt: skip
        ball("ear", (side * 0.097, 0.01, -0.005), (0.016, 0.026, 0.036), skin, under=under)
    lips = paint("lips", (0.42, 0.13, 0.10))
    limb("mouth", [(-0.026, -0.103, -0.068), (0, -0.110, -0.070), (0.026, -0.103, -0.068)],
         [0.004, 0.008, 0.004], lips, under=under, sides=8)  # fmt: skip
    turned_body("neck", [(0.062, -0.30), (0.05, -0.2), (0.05, -0.08)], skin, at=(0, 0.02, 0),
                under=under)  # fmt: skip


def empty(name, at, *, turned=0.0, under=None):
    """A place that others hang from."""
    one = bpy.data.objects.new(name, None)
    bpy.context.scene.collection.objects.link(one)
    one.location, one.rotation_euler, one.parent = at, (0, 0, turned), under
    return one


def woman(at, *, turned):
    """In a red coat with a scarf and a suitcase, 1.7 m; she looks along -y when not turned."""
    root = empty("woman", at, turned=turned)
    coat, scarf = paint("red coat", (0.56, 0.05, 0.035)), paint("scarf", (0.85, 0.62, 0.22))
    skin, hair = paint("skin", (0.72, 0.42, 0.29)), paint("hair", (0.07, 0.03, 0.018))
    dark, boots = paint("pupil dark", (0.02, 0.015, 0.012)), paint("boots", (0.05, 0.03, 0.025))
    turned_body("skirt", [(0.30, 0.46), (0.275, 0.62), (0.21, 0.88), (0.165, 1.02), (0.16, 1.06)],
                coat, flat=0.8, soft=True, under=root)  # fmt: skip
    turned_body("torso", [(0.162, 1.07), (0.18, 1.18), (0.205, 1.30), (0.20, 1.37), (0.13, 1.43),
                          (0.06, 1.46)], coat, flat=0.68, soft=True, under=root)  # fmt: skip
    turned_body("belt", [(0.168, 1.035), (0.172, 1.045), (0.172, 1.085), (0.168, 1.095)], boots,
                flat=0.78, under=root)  # fmt: skip
    for side in (-1, 1):
        limb("leg", [(side * 0.09, 0, 0.55), (side * 0.085, 0.01, 0.12)], [0.06, 0.045],
             paint("stockings", (0.10, 0.09, 0.12)), under=root)  # fmt: skip
        limb("boot", [(side * 0.085, 0.02, 0.30), (side * 0.085, 0.02, 0.07)], [0.065, 0.055],
             boots, under=root)  # fmt: skip
        ball("shoe", (side * 0.09, -0.05, 0.045), (0.052, 0.125, 0.045), boots, under=root)
    limb("right arm", [(-0.205, 0, 1.35), (-0.27, 0.03, 1.12), (-0.28, -0.02, 0.90)],
         [0.062, 0.055, 0.048], coat, under=root)  # fmt: skip
    ball("right hand", (-0.285, -0.035, 0.82), (0.035, 0.045, 0.055), skin, under=root)
    limb("left arm", [(0.205, 0, 1.35), (0.275, -0.02, 1.13), (0.15, -0.23, 1.20)],
         [0.062, 0.055, 0.046], coat, under=root)  # fmt: skip
    ball("left hand", (0.10, -0.26, 1.225), (0.045, 0.04, 0.04), skin, under=root)
    leather = paint("suitcase", (0.33, 0.16, 0.06))
    box("suitcase", (-0.30, -0.03, 0.55), (0.16, 0.52, 0.36), leather, under=root)
    limb("handle", [(-0.30, -0.10, 0.74), (-0.30, -0.08, 0.79), (-0.30, 0.02, 0.79),
                    (-0.30, 0.04, 0.74)], [0.012] * 4, boots, under=root, sides=8)  # fmt: skip
    head = empty("her head", (0, -0.03, 1.61), turned=0.0, under=root)
    face(head, skin, dark, hair)
    ball("hair", (0, 0.028, 0.028), (0.112, 0.118, 0.125), hair, under=head)
    turned_body("bob", [(0.075, -0.15), (0.112, -0.13), (0.122, -0.06), (0.118, 0.02)], hair,
                flat=0.8, at=(0, 0.055, 0), soft=True, under=head)  # fmt: skip
    felt = paint("beret", (0.10, 0.16, 0.30))
    ball("beret", (0.025, 0.02, 0.118), (0.142, 0.138, 0.052), felt, under=head)
    turned_body("scarf", [(0.095, 1.40), (0.125, 1.425), (0.118, 1.48), (0.085, 1.505)], scarf,
                flat=0.92, soft=True, under=root)  # fmt: skip
    limb("scarf end", [(0.06, -0.115, 1.44), (0.075, -0.165, 1.32), (0.08, -0.16, 1.17)],
         [0.04, 0.045, 0.05], scarf, under=root)  # fmt: skip
    return root


def man(at, *, turned):
    """In a dark coat and a hat, 1.82 m; he looks along -y when not turned."""
    root = empty("man", at, turned=turned)
    coat, felt = paint("blue coat", (0.055, 0.12, 0.17)), paint("hat", (0.16, 0.12, 0.09))
    skin, hair = paint("his skin", (0.62, 0.36, 0.24)), paint("his hair", (0.13, 0.08, 0.05))
    dark, shoes = paint("his pupil", (0.02, 0.015, 0.012)), paint("shoes", (0.04, 0.025, 0.02))
    trousers, shirt = paint("trousers", (0.20, 0.17, 0.14)), paint("shirt", (0.78, 0.74, 0.66))
    turned_body("coat below", [(0.25, 0.55), (0.235, 0.75), (0.205, 0.98), (0.19, 1.06)], coat,
                flat=0.75, soft=True, under=root)  # fmt: skip
    turned_body("coat", [(0.19, 1.06), (0.215, 1.22), (0.245, 1.38), (0.25, 1.46), (0.17, 1.53),
                         (0.08, 1.56)], coat, flat=0.64, soft=True, under=root)  # fmt: skip
    turned_body("collar", [(0.105, 1.515), (0.118, 1.54), (0.098, 1.60), (0.085, 1.595)], coat,
                flat=1.0, soft=True, under=root)  # fmt: skip
    box("shirt front", (0, -0.135, 1.46), (0.10, 0.03, 0.14), shirt, under=root, taper=0.8)
    for side, ahead in ((-1, 0.05), (1, -0.05)):
        limb("trouser", [(side * 0.105, 0, 0.72), (side * 0.105, ahead, 0.12)], [0.095, 0.075],
             trousers, under=root)  # fmt: skip
        ball("his shoe", (side * 0.11, ahead - 0.06, 0.05), (0.058, 0.15, 0.05), shoes, under=root)
    limb("his right arm", [(-0.25, 0, 1.43), (-0.335, 0.02, 1.17), (-0.30, -0.10, 0.95)],
         [0.075, 0.066, 0.055], coat, under=root)  # fmt: skip
    ball("his right hand", (-0.295, -0.135, 0.88), (0.04, 0.05, 0.06), skin, under=root)
    limb("his left arm", [(0.25, 0, 1.43), (0.335, 0.02, 1.19), (0.30, -0.22, 1.12)],
         [0.075, 0.066, 0.055], coat, under=root)  # fmt: skip
    ball("his left hand", (0.29, -0.30, 1.115), (0.045, 0.055, 0.045), skin, under=root)
    head = empty("his head", (0, -0.03, 1.73), under=root)
    face(head, skin, dark, hair)
    ball("his hair back", (0, 0.03, 0.01), (0.106, 0.10, 0.115), hair, under=head)
    limb("moustache", [(-0.034, -0.104, -0.052), (0, -0.122, -0.045), (0.034, -0.104, -0.052)],
         [0.006, 0.012, 0.006], hair, under=head, sides=8)  # fmt: skip
    turned_body("brim", [(0.10, 0.058), (0.185, 0.062), (0.19, 0.070), (0.11, 0.078)], felt,
                flat=1.1, under=head)  # fmt: skip
    turned_body("crown", [(0.112, 0.07), (0.112, 0.13), (0.10, 0.185), (0.07, 0.20), (0.02, 0.192)],
                felt, flat=1.15, under=head)  # fmt: skip
    turned_body("band", [(0.1135, 0.075), (0.1145, 0.078), (0.1145, 0.108), (0.1135, 0.112)],
                paint("hat band", (0.03, 0.02, 0.02)), flat=1.15, under=head)  # fmt: skip
    return root
