"""Simple solids with smooth edges, named and numbered for the masks. For Blender."""

from __future__ import annotations

import bpy
from mathutils import Vector


def solid(kind, at, scale, made, name, index=0, turned=(0, 0, 0), round_edges=0.0, smooth=False):
    """A primitive of Blender's, scaled by halves of its sides; ``index`` goes into the mask."""
    getattr(bpy.ops.mesh, f"primitive_{kind}_add")(location=at, rotation=turned)
    thing = bpy.context.object
    thing.name, thing.scale, thing.pass_index = name, scale, index
    bpy.ops.object.transform_apply(location=False, rotation=False, scale=True)
    thing.data.materials.append(made)
    if round_edges:
        bevel = thing.modifiers.new("edges", "BEVEL")
        bevel.width, bevel.segments = round_edges, 2
    if smooth:
        bpy.ops.object.shade_smooth()
    return thing


def turned_on_lathe(outline, at, made, name, index=0, steps=24):
    """A vessel: ``outline`` are (radius, height) from its foot to its rim."""
    points, faces = [], []
    for radius, height in outline:
        for step in range(steps):
            angle = 6.2831853 * step / steps
            spot = Vector((radius, 0, height))
            spot.rotate(_about_z(angle))
            points.append(spot)
    for ring in range(len(outline) - 1):
        for step in range(steps):
            a, b = ring * steps + step, ring * steps + (step + 1) % steps
            faces.append((a, b, b + steps, a + steps))
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([tuple(p) for p in points], [], faces)
    for face in mesh.polygons:
        face.use_smooth = True
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.collection.objects.link(thing)
    thing.location, thing.pass_index = at, index
    mesh.materials.append(made)
    return thing


def limb(start, end, thick, thin, made, name, index=0):
    """A tapered round limb from one joint to another."""
    one, other = Vector(start), Vector(end)
    along = other - one
    thing = turned_on_lathe(
        [(0.001, 0), (thick, 0.02), (thick, along.length * 0.3), (thin, along.length * 0.97),
         (0.001, along.length)], one, made, name, index, steps=16,
    )  # fmt: skip
    thing.rotation_euler = along.to_track_quat("Z", "Y").to_euler()
    return thing


def aimed(thing, target):
    thing.rotation_euler = (Vector(target) - thing.location).to_track_quat("-Z", "Y").to_euler()


def _about_z(angle):
    from mathutils import Matrix

    return Matrix.Rotation(angle, 3, "Z")
