"""Renders a scene's takes or its clip with Blender, each picture with its exact truth beside it.

Run by ``bpy``'s own Python: ``python shoot.py JOB.json FOLDER``. Writes one multilayer EXR a
picture (half float, linear Rec.709: Combined, IndexOB) and one JSON: camera, people, where costumes
are, what was planted. What is there already is not made again.
"""

from __future__ import annotations

import json
import math
import random
import sys
import time
from pathlib import Path

import bpy

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
import surfaces  # noqa: E402 - beside this file, and Blender's Python does not look there
from plan import PEOPLE, PROP_GONE, PROP_MOVED, SETUPS  # noqa: E402 - the same
from room import PROPS, Room  # noqa: E402 - the same
from shapes import aimed  # noqa: E402 - the same

HEAD = 1.69


class Shoot:
    """One scene, set up anew for each take."""

    def __init__(self, job, folder):
        self.job, self.folder = job, folder

    def stage(self):
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.scene = _engine(self.job)
        self.room = Room(self.job["seed"])
        eye = bpy.data.objects.new("eye", bpy.data.cameras.new("eye"))
        bpy.context.collection.objects.link(eye)
        self.scene.camera = self.eye = eye

    def draw(self, *words):
        return random.Random("/".join(map(str, (self.job["seed"], *words))))

    def take(self, take):
        if all(self._there(f"{take['name']}.{pose}", take) for pose in range(take["poses"])):
            return
        self.stage()
        look = self._set_up(take)
        if take["retake"]:
            self._again(take)
        planted = PLANTS.get(take["plant"], lambda *_: {})(self, take)
        for pose in range(take["poses"]):
            if pose:
                self._moved_on(take, pose)
            truth = {"take": take, "camera": look, "planted": planted, "people": self._people()}
            self.picture(f"{take['name']}.{pose}", truth, sample=pose)

    def _set_up(self, take):
        own = self.draw("set-up")
        spread = [own.uniform(-0.12, 0.12) for _ in range(3)]
        at, target, lens, stop = SETUPS["A" if take["setup"] == "J" else take["setup"]]
        at = [a + s for a, s in zip(at, spread, strict=True)]
        if take["setup"] == "J":
            at = _round(at, target, math.radians(take["amount"]))
        off, draw = take["nudge"], self.draw(take["name"], "camera")
        at = [a + draw.uniform(-off, off) for a in at]
        target = [t + draw.uniform(-0.6, 0.6) * off for t in target]
        lens *= 1 + (draw.uniform(-0.01, 0.01) if off > 0.03 else 0)
        self._look(at, target, lens, stop)
        return {"position": at, "look_at": target, "focal_mm": lens, "up": "z"}

    def _look(self, at, target, lens, stop):
        self.eye.location, self.eye.data.lens = at, lens
        aimed(self.eye, target)
        self.eye.data.dof.use_dof = bool(stop)
        if stop:
            self.eye.data.dof.aperture_fstop = stop
            self.eye.data.dof.focus_distance = math.dist(at, target) - 0.08

    def _again(self, take):
        """What differs between two takes and is nobody's mistake."""
        draw, things = self.draw(take["name"], "again"), self.room.things
        for name in PEOPLE:
            _shifted(things[name], draw, 0.07, 0.3)
        things["key"].data.energy *= draw.uniform(0.96, 1.04)

    def _moved_on(self, take, pose):
        draw = self.draw(take["name"], "pose", pose)
        for name in PEOPLE:
            _shifted(self.room.things[name], draw, 0.05, 0.25)

    def _people(self):
        heads, gaze = {}, {}
        for name in PEOPLE:
            who = self.room.things[name]
            heads[name] = [who.location.x, who.location.y, HEAD * who.scale.z]
            turn = who.rotation_euler.z
            gaze[name] = [math.cos(turn), math.sin(turn), 0.0]
        return {"positions": heads, "gaze": gaze}

    def _there(self, name, take):
        """It was rendered before, for just this order."""
        note = self.folder / f"{name}.json"
        return note.exists() and json.loads(note.read_text()).get("take") == take

    def picture(self, name, truth, sample):
        bpy.context.view_layer.update()
        self.scene.cycles.seed = sample + self.draw(name).randrange(1000)
        self.scene.render.filepath = str(self.folder / f"{name}.exr")
        start = time.process_time()
        bpy.ops.render.render(write_still=True)
        truth["cpu_s"] = round(time.process_time() - start, 2)
        (self.folder / f"{name}.json").write_text(json.dumps(truth))

    def clip(self):
        """A camera that travels, or stands, while ben walks."""
        count = self.job["frames"]
        if self._there(f"clip.{count - 1}", count):
            return
        self.stage()
        ben = self.room.things["ben"]
        for n in range(count):
            far = n / (count - 1)
            slide = far if self.job["moving"] else 0.0
            at = (-0.5 + 0.5 * slide, -3.5 + 0.25 * slide, 1.6)
            self._look(at, (0.1 * slide, 0, 1.12), 35, 0)
            ben.location.x, ben.location.y = 1.3 - 0.45 * far, 0.1 * math.sin(5 * far)
            ben.rotation_euler.z = math.pi + 0.3 * math.sin(4 * far)
            self.picture(f"clip.{n}", {"take": count, "frame": n}, sample=n)


def _shifted(who, draw, metres, radians):
    who.location.x += draw.uniform(-metres, metres)
    who.location.y += draw.uniform(-metres, metres)
    who.rotation_euler.z += draw.uniform(-radians, radians)


def _round(at, target, angle):
    x, y = at[0] - target[0], at[1] - target[1]
    turned = (x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle))
    return [target[0] + turned[0], target[1] + turned[1], at[2]]


def _move_prop(shoot, take):
    prop = shoot.room.things[PROP_MOVED]
    before = list(prop.location)
    x, y = _free_way(shoot.room.things, prop)
    prop.location.x += x * take["amount"]
    prop.location.y += y * take["amount"]
    return {"object": PROP_MOVED, "index": prop.pass_index, "from": before,
            "to": list(prop.location)}  # fmt: skip


def _free_way(things, prop, far=0.2):
    """The direction in which a prop can go so far on the table without meeting another one."""
    others = [things[name].location for name in PROPS if name in things and name != PROP_MOVED]

    def room(way):
        x, y = (prop.location[n] + far * way[n] for n in range(2))
        if abs(x) > 0.6 or abs(y) > 0.38:
            return -1.0
        return min(math.hypot(x - spot.x, 0.5 * (y - spot.y)) for spot in others)

    return max(((1, 0), (-1, 0), (0.7, -0.7), (-0.7, -0.7)), key=room)


def _prop_gone(shoot, take):
    name = PROP_GONE if take["name"].endswith("0") else PROP_MOVED
    prop = shoot.room.things[name]
    before = list(prop.location)
    prop.location.z = -9
    return {"object": name, "index": prop.pass_index, "from": before, "to": None}


def _turn_hue(shoot, take):
    surfaces.turned(shoot.room.things["costume ana"], take["amount"])
    return {"object": "ana", "index": 30}


def _turn_key(shoot, take):
    """Round the set by way of the camera's side; half a turn is the key mirrored."""
    lamp = shoot.room.things["key"]
    x, y, z = lamp.location
    way = math.radians(take["amount"]) * (-1 if x > 0 else 1)
    lamp.location = (-x, y, z) if take["amount"] >= 180 else _round((x, y, z), (0, 0, 0), way)
    aimed(lamp, (0, 0, 1.1))
    return {"object": "key"}


def _practical(shoot, take):
    light = bpy.data.lights.new("practical", "POINT")
    light.energy, light.color, light.shadow_soft_size = 25, (1, 0.75, 0.45), 0.1
    lamp = bpy.data.objects.new("practical", light)
    bpy.context.collection.objects.link(lamp)
    lamp.location = (1.9, 2.2, 1.5)
    return {"object": "practical"}


PLANTS = {
    "prop.move": _move_prop,
    "prop.gone": _prop_gone,
    "costume.hue": _turn_hue,
    "key.yaw": _turn_key,
    "practical": _practical,
}


def _engine(job):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.samples, cycles.use_denoising = "CPU", job["samples"], True
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 3, 2, 2
    scene.render.resolution_x, scene.render.resolution_y = job["width"], job["height"]
    scene.render.resolution_percentage = 100
    scene.render.threads_mode, scene.render.threads = "FIXED", 2
    image = scene.render.image_settings
    image.file_format, image.color_depth, image.exr_codec = "OPEN_EXR_MULTILAYER", "16", "ZIP"
    scene.view_layers[0].use_pass_object_index = True
    scene.world = bpy.data.worlds.new("sky")
    scene.world.use_nodes = True
    sky = scene.world.node_tree.nodes["Background"]
    sky.inputs[0].default_value, sky.inputs[1].default_value = (0.4, 0.45, 0.55, 1), 0.25
    return scene


def main(order, folder):
    job = json.loads(Path(order).read_text())
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    shoot = Shoot(job, folder)
    if job["frames"]:
        shoot.clip()
    for take in job["takes"]:
        shoot.take(take)


if __name__ == "__main__":
    main(*sys.argv[1:])
