"""People: simple, dressed, with a face to turn, held together by one empty each. For Blender."""

from __future__ import annotations

import bpy
import surfaces
from shapes import limb, solid, turned_on_lathe

COSTUME, SKIN = 30, 40  # mask numbers: ana 30 and 40, ben 31 and 41, an extra 32 and 42


def person(name, at, facing, cloth, looks, draw, number):
    """Somebody who stands at ``at`` and looks along +x before being turned by ``facing``."""
    bpy.ops.object.empty_add()
    root = bpy.context.object
    root.name = name
    tall = draw.uniform(0.94, 1.05)
    wear, face = COSTUME + number, SKIN + number
    parts = [_torso(cloth, name, wear)]
    trousers = surfaces.mottled(f"{name} trousers", draw.random(), 0.3, draw.uniform(0.05, 0.2), 30)
    parts += [limb((0, s * 0.1, 0.92), (0.02, s * 0.12, 0.03), 0.1, 0.06, trousers, f"{name} leg",
                   50 + number) for s in (-1, 1)]  # fmt: skip
    for side in (-1, 1):
        elbow = (draw.uniform(0.02, 0.12), side * 0.29, 1.14)
        hand = (draw.uniform(0.22, 0.34), side * draw.uniform(0.12, 0.26), draw.uniform(0.98, 1.2))
        parts.append(limb((0, side * 0.2, 1.4), elbow, 0.068, 0.055, cloth, f"{name} arm", wear))
        parts.append(limb(elbow, hand, 0.056, 0.042, cloth, f"{name} forearm", wear))
        parts.append(solid("uv_sphere", hand, (0.06, 0.035, 0.045), looks["skin"], f"{name} hand",
                           face, smooth=True))  # fmt: skip
    parts += _head(name, looks, face, draw)
    for part in parts:
        part.parent = root
    root.location, root.rotation_euler = at, (0, 0, facing)
    root.scale = (tall, tall, tall)
    return root


def _torso(cloth, name, index):
    return turned_on_lathe(
        [(0.001, 0.84), (0.17, 0.85), (0.165, 1.0), (0.155, 1.1), (0.19, 1.3), (0.2, 1.4),
         (0.12, 1.47), (0.06, 1.5)], (0, 0, 0), cloth, f"{name} torso", index,
    )  # fmt: skip


def _head(name, looks, index, draw):
    skin, hair = looks["skin"], looks["hair"]
    parts = [
        limb((0, 0, 1.44), (0.01, 0, 1.6), 0.055, 0.05, skin, f"{name} neck", index),
        solid("uv_sphere", (0.01, 0, 1.69), (0.1, 0.083, 0.125), skin, f"{name} head", index,
              smooth=True),
        solid("uv_sphere", (-0.022, 0, 1.722), (0.102, 0.095, 0.115), hair, f"{name} hair", index,
              smooth=True),
        solid("cone", (0.112, 0, 1.68), (0.018, 0.018, 0.028), skin, f"{name} nose", index,
              (0, 0.6, 0), smooth=True),
    ]  # fmt: skip
    dark = looks["dark"]
    lips = looks["lips"]
    for side in (-1, 1):
        parts.append(solid("uv_sphere", (0.094, side * 0.034, 1.705), (0.012, 0.016, 0.009), dark,
                           f"{name} eye", index))  # fmt: skip
        parts.append(solid("cube", (0.096, side * 0.036, 1.733), (0.01, 0.02, 0.004), hair,
                           f"{name} brow", index))  # fmt: skip
    parts.append(solid("uv_sphere", (0.093, 0, 1.632), (0.014, 0.028, 0.007), lips,
                       f"{name} mouth", index))  # fmt: skip
    if draw.random() < 0.5:
        parts.append(solid("uv_sphere", (-0.09, 0, 1.62), (0.07, 0.08, 0.13), hair, f"{name} long",
                           index, smooth=True))  # fmt: skip
    return parts


def looks(name, draw):
    tone = draw.choice([(0.055, 0.5, 0.62), (0.06, 0.55, 0.4), (0.05, 0.6, 0.16), (0.06, 0.4, 0.7)])
    hue = draw.choice([0.07, 0.09, 0.05])
    return {
        "skin": surfaces.mottled(f"{name} skin", *tone, scale=9, rough=0.5, spread=0.1),
        "hair": surfaces.mottled(
            f"{name} hair", hue, 0.6, draw.choice([0.02, 0.08, 0.25]), 40, 0.5
        ),
        "dark": surfaces.plain(f"{name} eyes", (0.01, 0.01, 0.012, 1), 0.2),
        "lips": surfaces.plain(f"{name} lips", surfaces.colour(0.99, 0.55, 0.35), 0.4),
    }
