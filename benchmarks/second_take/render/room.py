"""A set, by seed: walls and floor, dressing, a table with props, people, lamps. For Blender."""

from __future__ import annotations

import math
import random

import bpy
import figures
import surfaces
from shapes import aimed, solid, turned_on_lathe

TABLE = 0.9  # metres, its top
PROPS = {"glass": 10, "book": 11, "bottle": 12, "lamp": 13, "cup": 14, "plate": 15, "box": 16,
         "vase": 17}  # fmt: skip


class Room:
    """What a scene is made of; ``things`` by name."""

    def __init__(self, seed):
        self.draw = random.Random(seed * 7919)
        self.things = {}
        self._shell()
        self._dressing()
        self._table()
        self._people()
        self._lamps()

    def _shell(self):
        draw = self.draw
        hue = draw.random()
        floor = draw.choice([
            lambda: surfaces.boards(
                "floor", draw.uniform(0.05, 0.1), draw.uniform(0.15, 0.35), 2.2),
            lambda: surfaces.mottled("floor", hue, 0.3, draw.uniform(0.12, 0.3), 3.5),
        ])()  # fmt: skip
        wall = draw.choice([
            lambda: surfaces.mottled(
                "wall", hue, draw.uniform(0.1, 0.35), draw.uniform(0.3, 0.6), 2),
            lambda: surfaces.boards("wall", hue, draw.uniform(0.2, 0.45), 1.6),
            lambda: surfaces.cloth("wall", hue, draw.uniform(0.25, 0.5), "stripes"),
        ])()  # fmt: skip
        solid("plane", (0, 0, 0), (5, 5, 1), floor, "floor", 1)
        right = math.pi / 2
        for name, at, turned in (
            ("north", (0, 3.2, 1.6), (right, 0, 0)), ("south", (0, -4.6, 1.6), (right, 0, math.pi)),
            ("east", (4, 0, 1.6), (right, 0, -right)), ("west", (-4, 0, 1.6), (right, 0, right)),
        ):  # fmt: skip
            solid("plane", at, (5, 1.7, 1), wall, name, 2, turned)
        skirting = surfaces.wood("skirting", 0.07, draw.uniform(0.08, 0.5), 5)
        solid("cube", (0, 3.17, 0.08), (5, 0.03, 0.08), skirting, "skirting", 2)

    def _dressing(self):
        draw = self.draw
        for n, x in enumerate(draw.sample([-2.6, -1.5, -0.4, 0.7, 1.8, 2.8], 4)):
            kind = draw.choice([self._picture, self._shelf, self._window, self._cupboard])
            kind(n, x + draw.uniform(-0.2, 0.2))
        for n in range(2):  # behind the camera of the master, seen by the other side
            self._picture(10 + n, draw.uniform(-2.5, 2.5), south=True)
        leaf = surfaces.mottled("leaf", 0.3, 0.6, 0.12, 18)
        x, y = draw.choice([-1, 1]) * draw.uniform(2.2, 3.2), draw.uniform(1.6, 2.6)
        pot = surfaces.mottled("pot", 0.04, 0.6, 0.3, 6)
        turned_on_lathe([(0.12, 0), (0.2, 0.32), (0.17, 0.3)], (x, y, 0), pot, "pot", 3)
        for _ in range(9):
            way = (draw.uniform(-0.35, 0.35), draw.uniform(-0.35, 0.35), draw.uniform(0.5, 1.3))
            solid("uv_sphere", (x + way[0], y + way[1], way[2]), (0.16, 0.05, 0.22), leaf, "leaf",
                  3, [draw.uniform(0, 3) for _ in range(3)], smooth=True)  # fmt: skip

    def _picture(self, n, x, south=False):
        draw = self.draw
        y, high = (-4.57, 1.7) if south else (3.17, draw.uniform(1.6, 1.9))
        w, h = draw.uniform(0.25, 0.5), draw.uniform(0.25, 0.45)
        frame = surfaces.wood(f"frame {n}", draw.uniform(0.04, 0.12), draw.uniform(0.05, 0.5), 6)
        art = surfaces.painting(f"art {n}", draw.random(), draw.uniform(3, 8))
        solid("cube", (x, y, high), (w + 0.04, 0.02, h + 0.04), frame, "frame", 3)
        solid("cube", (x, y - (-0.02 if south else 0.02), high), (w, 0.015, h), art, "art", 3)

    def _shelf(self, n, x):
        draw = self.draw
        planks = surfaces.wood(f"shelf {n}", draw.uniform(0.05, 0.1), draw.uniform(0.1, 0.4), 4)
        for row in range(3):
            high = 0.95 + 0.42 * row
            solid("cube", (x, 3.05, high), (0.5, 0.12, 0.012), planks, "plank", 3)
            at = x - 0.46
            while at < x + 0.42:
                wide, tall = draw.uniform(0.012, 0.03), draw.uniform(0.09, 0.16)
                shade = surfaces.colour(
                    draw.random(), draw.uniform(0.3, 0.9), draw.uniform(0.05, 0.5)
                )
                cover = surfaces.plain("cover", shade, 0.6)
                solid("cube", (at + wide, 3.03, high + tall + 0.012), (wide, 0.09, tall), cover,
                      "spine", 3)  # fmt: skip
                at += 2 * wide + draw.choice([0.002, 0.002, 0.06])

    def _window(self, n, x):
        draw = self.draw
        sky = surfaces.plain(f"sky {n}", (0.55, 0.7, 1.0, 1), 0.5, draw.uniform(0.6, 1.3))
        white = surfaces.plain(f"sash {n}", (0.6, 0.58, 0.52, 1), 0.5)
        curtain = surfaces.cloth(f"curtain {n}", draw.random(), draw.uniform(0.2, 0.5), "stripes")
        solid("plane", (x, 3.16, 1.65), (0.5, 0.6, 1), sky, "sky", 3, (math.pi / 2, 0, 0))
        for dx in (-0.5, 0, 0.5):
            solid("cube", (x + dx, 3.13, 1.65), (0.025, 0.03, 0.62), white, "bar", 3)
        for dz in (-0.6, 0.1, 0.6):
            solid("cube", (x, 3.13, 1.65 + dz), (0.52, 0.03, 0.025), white, "bar", 3)
        for dx in (-0.62, 0.62):
            solid("cube", (x + dx, 3.05, 1.5), (0.13, 0.05, 0.85), curtain, "curtain", 3,
                  round_edges=0.03)  # fmt: skip

    def _cupboard(self, n, x):
        draw = self.draw
        body = surfaces.wood(f"cupboard {n}", draw.uniform(0.04, 0.1), draw.uniform(0.08, 0.3), 3)
        solid("cube", (x, 2.9, 0.5), (0.5, 0.25, 0.5), body, "cupboard", 3, round_edges=0.015)
        knob = surfaces.plain("knob", (0.7, 0.5, 0.2, 1), 0.2)
        for dx in (-0.06, 0.06):
            solid("uv_sphere", (x + dx, 2.64, 0.6), (0.02, 0.02, 0.02), knob, "knob", 3)
        glaze = surfaces.mottled(f"jar {n}", draw.random(), 0.6, 0.4, 8, 0.2)
        for dx in (-0.25, 0.2):
            turned_on_lathe([(0.06, 0), (0.1, 0.12), (0.05, 0.26), (0.06, 0.3)],
                            (x + dx, 2.85, 1.0), glaze, "jar", 3)  # fmt: skip

    def _table(self):
        draw = self.draw
        top = surfaces.wood("table", draw.uniform(0.05, 0.1), draw.uniform(0.15, 0.4), 2.5, 0.3)
        solid("cube", (0, 0, TABLE - 0.025), (0.72, 0.45, 0.025), top, "table", 4, round_edges=0.01)
        for x in (-0.64, 0.64):
            for y in (-0.38, 0.38):
                solid("cube", (x, y, 0.43), (0.035, 0.035, 0.43), top, "leg", 4)
        spots = [(x, y) for x in (-0.52, -0.26, 0.0, 0.26, 0.52) for y in (-0.26, 0.02, 0.27)]
        draw.shuffle(spots)
        front = sorted(spots[:8], key=lambda spot: spot[1])
        chosen = ["glass", "book", *draw.sample(["bottle", "lamp", "cup", "plate", "box", "vase"],
                                                draw.randint(3, 6))]  # fmt: skip
        for name, (x, y) in zip(chosen, front, strict=False):
            made = getattr(self, f"_{name}")((x * 0.85, y, TABLE))
            made.name = name
            made.pass_index = PROPS[name]
            self.things[name] = made

    def _glass(self, at):
        made = surfaces.plain("glass", surfaces.colour(self.draw.random(), 0.6, 0.6), 0.08)
        outline = [(0.001, 0.004), (0.038, 0.004), (0.045, 0.15), (0.041, 0.15), (0.035, 0.02)]
        return turned_on_lathe(outline, at, made, "glass")

    def _book(self, at):
        made = surfaces.painting("book", self.draw.random(), 6)
        turn = (0, 0, self.draw.uniform(-0.6, 0.6))
        return solid("cube", (at[0], at[1], at[2] + 0.02), (0.11, 0.15, 0.02), made, "book",
                     0, turn)  # fmt: skip

    def _bottle(self, at):
        shade = surfaces.colour(self.draw.choice([0.3, 0.1, 0.6]), 0.8, 0.12)
        made = surfaces.plain("bottle", shade, 0.1)
        outline = [(0.001, 0), (0.04, 0), (0.04, 0.17), (0.015, 0.22), (0.015, 0.29), (0.001, 0.29)]
        return turned_on_lathe(outline, at, made, "bottle")

    def _lamp(self, at):
        shade = surfaces.plain("shade", surfaces.colour(0.11, 0.35, 0.75), 0.8)
        outline = [(0.001, 0), (0.06, 0), (0.06, 0.015), (0.012, 0.03), (0.012, 0.2), (0.1, 0.19),
                   (0.06, 0.34)]  # fmt: skip
        return turned_on_lathe(outline, at, shade, "lamp")

    def _cup(self, at):
        made = surfaces.mottled("cup", self.draw.random(), 0.4, 0.6, 14, 0.25)
        outline = [(0.001, 0.004), (0.03, 0), (0.042, 0.08), (0.038, 0.08), (0.028, 0.012)]
        return turned_on_lathe(outline, at, made, "cup")

    def _plate(self, at):
        made = surfaces.plain("plate", (0.7, 0.69, 0.64, 1), 0.2)
        return turned_on_lathe([(0.001, 0.004), (0.07, 0.004), (0.12, 0.022)], at, made, "plate")

    def _box(self, at):
        made = surfaces.cloth("box", self.draw.random(), 0.4, "stripes")
        turn = (0, 0, self.draw.uniform(-0.8, 0.8))
        return solid("cube", (at[0], at[1], at[2] + 0.05), (0.08, 0.06, 0.05), made, "box", 0, turn,
                     round_edges=0.006)  # fmt: skip

    def _vase(self, at):
        made = surfaces.mottled("vase", self.draw.random(), 0.5, 0.35, 10, 0.3)
        outline = [(0.04, 0), (0.075, 0.08), (0.03, 0.19), (0.045, 0.22)]
        return turned_on_lathe(outline, at, made, "vase")

    def _people(self):
        draw, hue = self.draw, self.draw.random()
        for number, (name, x) in enumerate((("ana", -1.12), ("ben", 1.12))):
            own = hue + number * draw.uniform(0.3, 0.5)
            kind = draw.choice(["plain", "stripes"])
            wear = surfaces.cloth(f"costume {name}", own, draw.uniform(0.3, 0.55), kind)
            who = figures.person(name, (x, draw.uniform(-0.08, 0.08), 0), 0 if x < 0 else math.pi,
                                 wear, figures.looks(name, draw), draw, number)  # fmt: skip
            self.things[name], self.things[f"costume {name}"] = who, wear
        if draw.random() < 0.5:
            wear = surfaces.cloth("costume extra", draw.random(), 0.3)
            spot, facing = (draw.uniform(-0.6, 0.6), 2.2, 0), draw.uniform(-2.5, -0.5)
            figures.person("extra", spot, facing, wear,
                           figures.looks("extra", draw), draw, 2)  # fmt: skip

    def _lamps(self):
        draw = self.draw
        side = draw.choice([-1, 1])
        warm = surfaces.colour(draw.uniform(0.07, 0.11), draw.uniform(0.1, 0.35), 1)[:3]
        far = (side * draw.uniform(2.2, 2.8), draw.uniform(-2.0, -1.2), draw.uniform(2.3, 2.8))
        for name, at, size, power, tint in (
            ("key", far, draw.uniform(0.5, 1.1), draw.uniform(160, 240), warm),
            ("fill", (-far[0], -2.6, 2.2), 2.5, draw.uniform(14, 30), (0.8, 0.88, 1.0)),
            ("back", (-side * 1.8, 2.4, 2.9), 0.6, draw.uniform(40, 80), (0.9, 0.94, 1.0)),
        ):
            light = bpy.data.lights.new(name, "AREA")
            light.size, light.energy, light.color = size, power, tint
            lamp = bpy.data.objects.new(name, light)
            bpy.context.collection.objects.link(lamp)
            lamp.location = at
            aimed(lamp, (0, 0, 1.1))
            self.things[name] = lamp
