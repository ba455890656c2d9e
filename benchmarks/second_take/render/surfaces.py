"""Materials with something to see on them: grain of wood, weave, plaster, stains. For Blender."""

from __future__ import annotations

import colorsys

import bpy


def colour(hue, strength, value):
    """RGBA, scene-linear, of a hue in 0..1."""
    return (*colorsys.hsv_to_rgb(hue % 1, min(1, strength), min(1, value)), 1)


class Surface:
    """A material being built: its node tree, and the socket its colour comes from."""

    def __init__(self, name, rough=0.6):
        self.made = bpy.data.materials.new(name)
        self.made.use_nodes = True
        self.tree = self.made.node_tree
        self.shader = self.tree.nodes["Principled BSDF"]
        self.shader.inputs["Roughness"].default_value = rough
        self.where = self.tree.nodes.new("ShaderNodeTexCoord").outputs["Object"]
        self.ramp = None

    def node(self, kind, **values):
        made = self.tree.nodes.new(kind)
        for name, value in values.items():
            if name in made.inputs:
                made.inputs[name].default_value = value
            else:
                setattr(made, name, value)
        return made

    def link(self, source, target):
        self.tree.links.new(source, target)

    def ramped(self, factor, *stops):
        """A colour ramp over a pattern; ``stops`` are (place, RGBA)."""
        self.ramp = self.node("ShaderNodeValToRGB")
        places = self.ramp.color_ramp.elements
        while len(places) < len(stops):
            places.new(0.5)
        for place, (at, shade) in zip(places, stops, strict=True):
            place.position, place.color = at, shade
        self.link(factor, self.ramp.inputs["Fac"])
        self.link(self.ramp.outputs["Color"], self.shader.inputs["Base Color"])
        return self.made


def plain(name, shade, rough=0.5, glow=0.0):
    surface = Surface(name, rough)
    surface.shader.inputs["Base Color"].default_value = shade
    if glow:
        surface.shader.inputs["Emission Color"].default_value = shade
        surface.shader.inputs["Emission Strength"].default_value = glow
        surface.made.cycles.emission_sampling = "NONE"
    return surface.made


def mottled(name, hue, strength, value, scale=5.0, rough=0.7, spread=0.45):
    """Plaster, stone, leather: stains of a size."""
    surface = Surface(name, rough)
    noise = surface.node("ShaderNodeTexNoise", Scale=scale, Detail=8.0, Roughness=0.65)
    surface.link(surface.where, noise.inputs["Vector"])
    low, high = (value * (1 - spread), value * (1 + spread))
    return surface.ramped(
        noise.outputs["Fac"], (0.36, colour(hue, strength, low)),
        (0.64, colour(hue + 0.02, strength * 0.9, high)),
    )  # fmt: skip


def wood(name, hue, value, scale=2.0, rough=0.35):
    surface = Surface(name, rough)
    rings = surface.node("ShaderNodeTexWave", Scale=scale, Distortion=9.0, Detail=4.0)
    rings.inputs["Detail Scale"].default_value = 2.5
    surface.link(surface.where, rings.inputs["Vector"])
    return surface.ramped(
        rings.outputs["Fac"], (0.1, colour(hue, 0.7, value * 0.55)),
        (0.55, colour(hue, 0.62, value)), (0.95, colour(hue + 0.02, 0.5, value * 1.3)),
    )  # fmt: skip


def boards(name, hue, value, scale=3.0):
    """A floor or a panelled wall: bricks of wood with dark joints."""
    surface = Surface(name, 0.45)
    bricks = surface.node("ShaderNodeTexBrick", Scale=scale)
    bricks.inputs["Mortar Size"].default_value = 0.012
    bricks.inputs["Brick Width"].default_value = 2.2
    bricks.inputs["Row Height"].default_value = 0.3
    bricks.inputs["Color1"].default_value = colour(hue, 0.5, value)
    bricks.inputs["Color2"].default_value = colour(hue + 0.015, 0.6, value * 0.6)
    bricks.inputs["Mortar"].default_value = colour(hue, 0.5, value * 0.2)
    surface.link(surface.where, bricks.inputs["Vector"])
    surface.link(bricks.outputs["Color"], surface.shader.inputs["Base Color"])
    return surface.made


def cloth(name, hue, value, kind="plain"):
    """A costume whose hue can be turned: its ramp carries every colour of it."""
    surface = Surface(name, 0.85)
    if kind == "stripes":
        pattern = surface.node("ShaderNodeTexWave", Scale=9.0, Distortion=0.6, Detail=2.0)
        pattern.bands_direction = "Z"
    else:
        pattern = surface.node("ShaderNodeTexNoise", Scale=22.0, Detail=6.0, Roughness=0.7)
    surface.link(surface.where, pattern.inputs["Vector"])
    return surface.ramped(
        pattern.outputs["Fac"], (0.32, colour(hue, 0.72, value * 0.6)),
        (0.68, colour(hue, 0.68, value * 1.15)),
    )  # fmt: skip


def painting(name, hue, scale):
    """A picture on a wall: large soft shapes of three colours."""
    surface = Surface(name, 0.7)
    cells = surface.node("ShaderNodeTexVoronoi", Scale=scale)
    surface.link(surface.where, cells.inputs["Vector"])
    return surface.ramped(
        cells.outputs["Distance"], (0.0, colour(hue, 0.8, 0.5)),
        (0.45, colour(hue + 0.3, 0.6, 0.35)), (0.8, colour(hue + 0.1, 0.3, 0.75)),
    )  # fmt: skip


def turned(material, degrees):
    """Turns every colour of a cloth's ramp round the colour circle."""
    for node in material.node_tree.nodes:
        if node.bl_idname == "ShaderNodeValToRGB":
            for stop in node.color_ramp.elements:
                hue, strength, value = colorsys.rgb_to_hsv(*stop.color[:3])
                stop.color = colour(hue + degrees / 360, strength, value)
