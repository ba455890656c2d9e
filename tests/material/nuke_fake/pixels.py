"""Renders a script to real EXR: few nodes, in float32, as Nuke's reference describes them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import OpenImageIO as oiio
from secondunit.colour import Colour

from .knobs import framed
from .nodes import file_at

LAYERED = {"R": "rgba.red", "G": "rgba.green", "B": "rgba.blue", "A": "rgba.alpha"}
RGBA = tuple(LAYERED.values())
SHORT = {"red": 0, "green": 1, "blue": 2, "alpha": 3}


@dataclass
class Image:
    """Channels over a window: ``(row, column)`` float32 from its upper left corner."""

    channels: dict
    box: tuple  # x, y, width, height; y downwards from the format's top
    size: tuple  # of the format
    aspect: float = 1.0
    said: dict = field(default_factory=dict)

    def over(self, box, name):
        """One channel over another window, black beyond its own."""
        x, y, w, h = box
        out = np.zeros((h, w), np.float32)
        if name not in self.channels:
            return out
        own = self.box
        left, top = max(x, own[0]), max(y, own[1])
        right, low = min(x + w, own[0] + own[2]), min(y + h, own[1] + own[3])
        if right > left and low > top:
            out[top - y : low - y, left - x : right - x] = self.channels[name][
                top - own[1] : low - own[1], left - own[0] : right - own[0]
            ]
        return out


_LETTERS = {"r": "red", "g": "green", "b": "blue", "a": "alpha"}


def of_nuke(name):
    """A file's channel as Nuke calls it: layers have letters, digits and _ only."""
    if name in LAYERED:
        return LAYERED[name]
    layer, _, last = name.rpartition(".")
    layer = re.sub(r"\W", "_", layer) or "other"
    return f"{layer}.{_LETTERS.get(last.lower(), last)}"


def scattered(*seeds):
    """The same number in 0..1 for the same seeds, as a script's ``random``."""
    turns = (12.9898, 78.233, 37.719)
    mixed = sum(np.float64(seed) * turn for seed, turn in zip(seeds, turns, strict=True))
    return np.float32(np.sin(mixed) * 43758.5453 % 1)


def named(channel):
    """``alpha`` and ``rgba.alpha`` are one."""
    return f"rgba.{channel}" if channel in SHORT else channel


def read(path, working, space, raw):
    """A picture of a file, in the working space."""
    source = oiio.ImageInput.open(path)
    if source is None:
        raise RuntimeError(f"{path}: No such file or directory")
    spec = source.spec()
    pixels = source.read_image(oiio.FLOAT)
    source.close()
    pixels = pixels.reshape(spec.height, spec.width, -1)
    channels = {}
    for at, name in enumerate(spec.channelnames):
        channels[of_nuke(name)] = np.ascontiguousarray(pixels[..., at])
    if not raw and space != working and channels.keys() >= set(RGBA[:3]):
        rgb = np.stack([channels[name] for name in RGBA[:3]], axis=-1)
        rgb = Colour().convert(np.ascontiguousarray(rgb), space, working)
        channels |= {name: rgb[..., at] for at, name in enumerate(RGBA[:3])}
    box = (spec.x - spec.full_x, spec.y - spec.full_y, spec.width, spec.height)
    aspect = spec.get_float_attribute("PixelAspectRatio", 1.0)
    said = {f"exr/{one.name}": one.value for one in spec.extra_attribs
            if one.name.startswith(("secondunit/", "cryptomatte/"))}  # fmt: skip
    return Image(channels, box, (spec.full_width, spec.full_height), aspect, said)


def write(image, path, wanted, kind, metadata, packing):
    """The channels that are wanted, as EXR."""
    short = {layered: name for name, layered in LAYERED.items()}
    if wanted == "all":
        names = sorted(image.channels, key=lambda name: (name not in RGBA, name))
    else:
        layers = {"rgb": RGBA[:3], "rgba": RGBA, "alpha": RGBA[3:]}
        names = [n for one in wanted.split() for n in layers.get(one, (named(one),))]
    x, y, w, h = image.box
    spec = oiio.ImageSpec(w, h, len(names), "half" if kind == "16 bit half" else "float")
    spec.channelnames = [short.get(n, n.removeprefix("other.")) for n in names]
    spec.x, spec.y = x, y
    spec.full_x, spec.full_y, (spec.full_width, spec.full_height) = 0, 0, image.size
    spec.attribute("PixelAspectRatio", float(image.aspect))
    spec.attribute("compression", "none" if packing == "none" else "zips")
    if metadata:
        for key, value in image.said.items():
            if key.startswith("exr/"):
                spec.attribute(key.removeprefix("exr/"), value)
    out = oiio.ImageOutput.create(path)
    if not out.open(path, spec):
        raise RuntimeError(out.geterror())
    data = np.stack([image.over(image.box, name) for name in names], axis=-1)
    if kind == "16 bit half":
        data = data.astype(np.float16)
    out.write_image(np.ascontiguousarray(data))
    out.close()


class Evaluator:
    """One frame of a script at a time; asks the fake for what is of the script."""

    def __init__(self, fake, *, farm):
        self._fake, self._farm, self._done = fake, farm, {}

    def image(self, node, frame):
        """What a node gives. Raises RuntimeError as a render does."""
        if node is None:
            size, aspect = self._fake.root_format()
            return Image({}, (0, 0, *size), size, aspect)
        key = (node._serial, frame)
        if key not in self._done:
            off = node._knobs.get("disable")
            if off is not None and off._value and node._kind not in ("Read",):
                self._done[key] = self._input(node, 0, frame)
            else:
                self._done[key] = getattr(self, f"_{node._kind}")(node, frame)
        return self._done[key]

    def _input(self, node, index, frame):
        inputs = node._inputs
        return self.image(inputs[index] if index < len(inputs) else None, frame)

    def _value(self, node, name, frame):
        knob = node._knobs[name]
        if knob._expression:
            return self._fake.evaluated(knob._expression, node, frame=frame, gui=not self._farm)
        return knob._value

    def _Read(self, node, frame):
        path = file_at(node, frame)
        if path is None:
            size, aspect = self._fake.root_format()
            return Image(dict.fromkeys(RGBA, np.zeros((size[1], size[0]), np.float32)),
                         (0, 0, *size), size, aspect)  # fmt: skip
        if not Path(path).is_file():
            if node._knobs["on_error"]._value == "error":
                raise RuntimeError(f"{node.name()}: {path}: No such file or directory")
            return Image({}, (0, 0, 1, 1), self._fake.root_format()[0])
        knobs = node._knobs
        return read(path, self._fake.working(), knobs["colorspace"]._value, knobs["raw"]._value)

    def _Merge2(self, node, frame):
        b, a = self._input(node, 0, frame), self._input(node, 1, frame)
        knobs = node._knobs
        assert knobs["Achannels"]._value == knobs["output"]._value == "rgba"
        box = b.box if knobs["bbox"]._value == "B" else _union(a.box, b.box)
        alpha_a, alpha_b = a.over(box, RGBA[3]), b.over(box, RGBA[3])
        act = {
            "over": lambda x, y: x + y * (1 - alpha_a),
            "plus": lambda x, y: x + y,
            "difference": lambda x, y: np.abs(x - y),
            "stencil": lambda x, y: y * (1 - alpha_a),
            "mask": lambda x, y: y * alpha_a,
            "in": lambda x, y: x * alpha_b,
            "copy": lambda x, y: x,
            "multiply": lambda x, y: x * y,
        }[knobs["operation"]._value]
        out = {name: b.over(box, name) for name in b.channels}
        for name in RGBA:
            if name in a.channels or name in b.channels:
                with np.errstate(invalid="ignore"):
                    out[name] = act(a.over(box, name), b.over(box, name)).astype(np.float32)
        return replace(b, channels=out, box=box)

    def _Copy(self, node, frame):
        b, a = self._input(node, 0, frame), self._input(node, 1, frame)
        out = dict(b.channels)
        for n in range(4):
            source, to = (node._knobs[f"{way}{n}"]._value for way in ("from", "to"))
            if source != "none" and to != "none":
                out[named(to)] = a.over(b.box, named(source))
        return replace(b, channels=out)

    def _Remove(self, node, frame):
        image = self._input(node, 0, frame)
        assert node._knobs["operation"]._value == "keep"
        kept = {node._knobs[n]._value for n in ("channels", *(f"channels{n}" for n in "234"))}
        out = {name: values for name, values in image.channels.items()
               if name in kept or name.rpartition(".")[0] in kept}  # fmt: skip
        return replace(image, channels=out)

    def _Shuffle(self, node, frame):
        image = self._input(node, 0, frame)
        out = dict(image.channels)
        for to in SHORT:
            source = node._knobs[to]._value
            fixed = {"black": 0.0, "white": 1.0}.get(source)
            shape = (image.box[3], image.box[2])
            out[named(to)] = (
                image.over(image.box, named(source)) if fixed is None
                else np.full(shape, fixed, np.float32)
            )  # fmt: skip
        return replace(image, channels=out)

    def _Expression(self, node, frame):
        image = self._input(node, 0, frame)
        out = dict(image.channels)
        left, top, wide, high = image.box
        x = np.arange(left, left + wide, dtype=np.float32)[None, :].repeat(high, axis=0)
        y = np.arange(top, top + high, dtype=np.float32)[:, None].repeat(wide, axis=1)
        known = {c: image.over(image.box, RGBA[i]) for i, c in enumerate("rgba")}
        knobs = {name: knob._value for name, knob in node._parent._knobs.items()}
        known |= {"x": x, "y": y, "parent": SimpleNamespace(**knobs), "random": scattered,
                  "sqrt": np.sqrt, "max": np.maximum}  # fmt: skip
        for n, name in enumerate(RGBA):
            text = node._knobs[f"expr{n}"]._value
            if text:
                values = eval(text, {"__builtins__": {}}, {**known, "frame": frame})
                out[name] = np.broadcast_to(np.float32(values), known["a"].shape).copy()
        return replace(image, channels=out)

    def _Dilate(self, node, frame):
        image, size = self._input(node, 0, frame), int(self._value(node, "size", frame))
        assert node._knobs["channels"]._value == "alpha"
        x, y, w, h = image.box
        box = (x - size, y - size, w + 2 * size, h + 2 * size)
        grown = cv2.dilate(image.over(box, RGBA[3]), np.ones((2 * size + 1, 2 * size + 1)))
        out = {name: image.over(box, name) for name in image.channels} | {RGBA[3]: grown}
        return replace(image, channels=out, box=box)

    def _Blur(self, node, frame):
        image, size = self._input(node, 0, frame), self._value(node, "size", frame)
        wanted = {"alpha": RGBA[3:], "rgb": RGBA[:3]}[node._knobs["channels"]._value]
        if not size:
            return image
        soft = {name: cv2.GaussianBlur(image.over(image.box, name), (0, 0), size / 2)
                for name in wanted}  # fmt: skip
        return replace(image, channels={**image.channels, **soft})

    def _Grade(self, node, frame):
        image = self._input(node, 0, frame)
        times, add, gamma = (self._value(node, n, frame) for n in ("multiply", "add", "gamma"))
        out = dict(image.channels)
        for name in RGBA[:3]:
            if name in out:
                value = out[name] * np.float32(times) + np.float32(add)
                out[name] = value if gamma == 1 else np.maximum(value, 0) ** np.float32(1 / gamma)
        return replace(image, channels=out)

    def _Crop(self, node, frame):
        image = self._input(node, 0, frame)
        x, y, r, t = (int(v) for v in node._knobs["box"]._value)
        box = (x, image.size[1] - t, r - x, t - y)
        channels = {n: image.over(box, n) for n in image.channels}
        if node._knobs["reformat"]._value:
            return replace(image, channels=channels, box=(0, 0, *box[2:]), size=box[2:])
        return replace(image, channels=channels, box=box)

    def _Reformat(self, node, frame):
        image = self._input(node, 0, frame)
        words = node._knobs["format"]._value.split()
        return replace(image, size=(int(words[0]), int(words[1])), aspect=float(words[6]))

    def _Switch(self, node, frame):
        return self._input(node, int(self._value(node, "which", frame)), frame)

    def _TimeOffset(self, node, frame):
        return self._input(node, 0, frame - node._knobs["time_offset"]._value)

    def _ModifyMetaData(self, node, frame):
        image = self._input(node, 0, frame)
        said = dict(image.said)
        for key, value in re.findall(
            r'\{set (\S+) "?([^"{}]*)"?\}', node._knobs["metadata"]._value
        ):
            said[key] = value
        return replace(image, said=said)

    def _first(self, node, frame):
        return self._input(node, 0, frame)

    _NoOp = _Dot = _Output = _Viewer = _first

    def _Write(self, node, frame):
        return self._input(node, 0, frame)

    def _Input(self, node, frame):
        group = node._parent
        return self._input(group, node._knobs["number"]._value, frame)

    def _Group(self, node, frame):
        outputs = [one for one in node._children if one._kind == "Output"]
        if not outputs:
            raise RuntimeError(f"{node.name()}: no Output")
        return self.image(outputs[0], frame)

    def rendered(self, write_node, frame):
        """One frame of a Write, on disk."""
        knobs = write_node._knobs
        image = self._input(write_node, 0, frame)
        if not knobs["raw"]._value and knobs["colorspace"]._value != self._fake.working():
            raise RuntimeError("only the working space, or raw, is written here")
        path = Path(framed(knobs["file"].getEvaluatedValue(), frame))
        if not path.parent.is_dir():
            if not knobs["create_directories"]._value:
                raise RuntimeError(f"{path}: No such file or directory")
            path.parent.mkdir(parents=True)
        metadata = knobs["metadata"]._value == "all metadata"
        write(
            image,
            str(path),
            knobs["channels"]._value,
            knobs["datatype"]._value,
            metadata,
            knobs["compression"]._value,
        )


def _union(a, b):
    x, y = min(a[0], b[0]), min(a[1], b[1])
    return x, y, max(a[0] + a[2], b[0] + b[2]) - x, max(a[1] + a[3], b[1] + b[3]) - y
