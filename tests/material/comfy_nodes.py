"""A few of ComfyUI's own nodes as far as pictures go, and the workflows that tests run."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import cv2
import numpy as np

_FILES = ["studio-inpaint.safetensors", "studio-movie.safetensors"]


def _node(inputs: dict[str, Any], *, output: bool = False, **more: Any) -> dict[str, Any]:
    return {"input": {"required": inputs}, "output_node": output, "category": "image",
            "python_module": "nodes", **more}  # fmt: skip


_SAMPLER = {
    "model": ["MODEL"], "positive": ["CONDITIONING"], "negative": ["CONDITIONING"],
    "latent_image": ["LATENT"], "seed": ["INT", {"min": 0, "max": 2**64 - 1}], "steps": ["INT", {}],
    "cfg": ["FLOAT", {}], "denoise": ["FLOAT", {}],
    "sampler_name": [["euler", "dpmpp_2m"]], "scheduler": [["normal", "karras"]],
}  # fmt: skip

# As /object_info describes them: older nodes list choices, newer ones say COMBO.
INFO = {
    "CheckpointLoaderSimple": _node({"ckpt_name": [_FILES, {}]}),
    "CLIPTextEncode": _node({"text": ["STRING", {"multiline": True}], "clip": ["CLIP"]}),
    "LoadImage": _node({"image": [[], {"image_upload": True}]}),
    "LoadImageMask": _node(
        {"image": [[], {}], "channel": ["COMBO", {"options": ["alpha", "red"]}]}
    ),
    "VAEEncodeForInpaint": _node({"pixels": ["IMAGE"], "vae": ["VAE"], "mask": ["MASK"]}),
    "VAEEncode": _node({"pixels": ["IMAGE"], "vae": ["VAE"]}),
    "RepeatLatentBatch": _node({"samples": ["LATENT"], "amount": ["INT", {"min": 1, "max": 64}]}),
    "KSampler": _node(_SAMPLER),
    "VAEDecode": _node({"samples": ["LATENT"], "vae": ["VAE"]}),
    "SaveImage": _node({"images": ["IMAGE"], "filename_prefix": ["STRING", {}]}, output=True),
}


class Interrupted(Exception):
    """Somebody stopped what runs."""

    def __init__(self, node: str) -> None:
        self.node = node


class NodeBroke(Exception):
    """A node raised something."""

    def __init__(self, node: str, kind: str, exception: str, message: str) -> None:
        self.node, self.kind, self.exception, self.message = node, kind, exception, message


def problem_of(comfy: Any, prompt: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """What validation says: an error of the whole, and errors by node."""
    for name, node in prompt.items():
        if node["class_type"] not in comfy.info:
            words = f"Cannot execute because node {node['class_type']} does not exist."
            return {"type": "invalid_prompt", "message": words, "details": f"Node ID '#{name}'"}, {}
    errors = {
        name: {"errors": found, "dependent_outputs": [], "class_type": node["class_type"]}
        for name, node in prompt.items()
        if (found := list(_wrong(comfy, node)))
    }
    whole = {"type": "prompt_outputs_failed_validation",
             "message": "Prompt outputs failed validation", "details": ""}  # fmt: skip
    return (whole if errors else None), errors


def _wrong(comfy: Any, node: dict[str, Any]):
    about = comfy.info[node["class_type"]]["input"]["required"]
    for place, kind in about.items():
        if place not in node["inputs"]:
            yield {"type": "required_input_missing", "message": "Required input is missing",
                   "details": place, "extra_info": {"input_name": place}}  # fmt: skip
            continue
        value = node["inputs"][place]
        if place == "image" and _file(comfy, value) is None:
            yield {"type": "custom_validation_failed",
                   "message": "Custom validation failed for node",
                   "details": f"image - Invalid image file: {value}"}  # fmt: skip
        elif isinstance(kind[0], list) and kind[0] and value not in kind[0]:
            yield {"type": "value_not_in_list", "message": "Value not in list",
                   "details": f"{place}: '{value}' not in {kind[0]}"}  # fmt: skip
        elif kind[0] == "INT" and type(value) is not int and not isinstance(value, list):
            yield {"type": "invalid_input_type", "message": "Failed to convert an input value",
                   "details": f"{place}, {value}"}  # fmt: skip


def made_by(comfy: Any, row: list[Any], output: str) -> dict[str, Any]:
    """What an output node writes, and says in the history."""
    _, name, prompt, extra, _ = row
    known: dict[str, Any] = {}

    def value(node: str, place: str) -> Any:
        told = prompt[node]["inputs"][place]
        return run(told[0]) if isinstance(told, list) else told

    def run(node: str) -> Any:
        if node not in known:
            about = {"node": node, "display_node": node, "prompt_id": name}
            comfy.tell("executing", about, extra["client_id"])
            known[node] = _RUN[prompt[node]["class_type"]](comfy, row, node, value)
        return known[node]

    return run(output)


def _file(comfy: Any, word: Any) -> np.ndarray | None:
    """A picture among the inputs as ComfyUI's own loader reads it: eight of its bits."""
    folder, _, name = str(word).rpartition("/")
    data = comfy.files.get(("input", folder, name))
    found = None if data is None else cv2.imdecode(np.frombuffer(data, np.uint8), -1)
    if found is None:
        return None
    eight = (found >> 8).astype(np.uint8) if found.dtype == np.uint16 else found
    return eight[..., ::-1] if eight.shape[2] == 3 else eight[..., [2, 1, 0, 3]]


def _load(comfy, row, node, value):
    return _file(comfy, value(node, "image"))[None]


def _encode(comfy, row, node, value):
    mask = None
    if "mask" in row[2][node]["inputs"]:
        mask = value(node, "mask")[0, ..., 0] > 127
    return {"pixels": value(node, "pixels"), "mask": mask}


def _repeat(comfy, row, node, value):
    latent = value(node, "samples")
    return {**latent, "pixels": np.repeat(latent["pixels"], value(node, "amount"), axis=0)}


def colour(text: str, seed: int) -> np.ndarray:
    """What a brief and a seed look like here: one colour of eight bits."""
    return np.frombuffer(hashlib.sha256(f"{text}|{seed}".encode()).digest()[:3], np.uint8)


def _sample(comfy, row, node, value):
    latent, steps = value(node, "latent_image"), value(node, "steps")
    paint = colour(value(node, "positive"), value(node, "seed"))
    client, prompt = row[3]["client_id"], row[1]
    for step in range(1, steps + 1):
        _wait(comfy, node)
        about = {"value": step, "max": steps, "prompt_id": prompt, "node": node}
        comfy.tell("progress", about, client)
        _, jpeg = cv2.imencode(".jpg", np.full((512, 512, 3), paint[::-1], np.uint8))
        comfy.show(jpeg.tobytes(), prompt, node, client)
    if value(node, "positive") == "break off":
        raise NodeBroke(node, "KSampler", "ValueError", "the latent has no samples")
    if value(node, "positive") == "too much":
        raise NodeBroke(node, "KSampler", "torch.OutOfMemoryError", "Allocation on device")
    made = latent["pixels"].copy()
    if latent["mask"] is None:
        made[:] = made // 2 + paint // 2
    else:
        made[:, latent["mask"]] = paint
    return made


def _wait(comfy, node):
    """One step, as long as the test wants it; where a person may stop it."""
    gate, end = comfy.gate, time.monotonic() + 30
    time.sleep(comfy.step_s)
    while gate is not None and not gate.is_set() and time.monotonic() < end:
        if comfy.interrupted:
            break
        time.sleep(0.01)
    if comfy.interrupted:
        raise Interrupted(node)


def _save(comfy, row, node, value):
    folder, _, begins = value(node, "filename_prefix").rpartition("/")
    pngs = [cv2.imencode(".png", one[..., 2::-1])[1].tobytes() for one in value(node, "images")]
    said = []
    for index, png in enumerate(comfy.change(pngs), start=1):
        name = f"{begins}_{index:05}_.png"
        comfy.files["output", folder, name] = png
        said.append(comfy.name({"filename": name, "subfolder": folder, "type": "output"}))
    return {"images": said}


_RUN = {
    "CheckpointLoaderSimple": lambda *_: "weights",
    "CLIPTextEncode": lambda comfy, row, node, value: value(node, "text"),
    "LoadImage": _load,
    "LoadImageMask": _load,
    "VAEEncode": _encode,
    "VAEEncodeForInpaint": _encode,
    "RepeatLatentBatch": _repeat,
    "KSampler": _sample,
    "VAEDecode": lambda comfy, row, node, value: value(node, "samples"),
    "SaveImage": _save,
}


def _graph(encode: dict[str, Any], file: str) -> dict[str, Any]:
    sampler = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0],
               "latent_image": ["12", 0], "seed": 8566257, "steps": 4, "cfg": 8.0, "denoise": 1.0,
               "sampler_name": "euler", "scheduler": "normal"}  # fmt: skip
    words = {"6": "a harbour at dawn", "7": "bad hands"}
    return {
        "3": {"class_type": "KSampler", "inputs": sampler, "_meta": {"title": "KSampler"}},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": file}},
        **{n: {"class_type": "CLIPTextEncode", "inputs": {"text": text, "clip": ["4", 1]}}
           for n, text in words.items()},
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage",
              "inputs": {"filename_prefix": "ComfyUI", "images": ["8", 0]},
              "_meta": {"title": "the take"}},
        "10": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
        **encode,
    }  # fmt: skip


def patch() -> dict[str, Any]:
    """A workflow that fills in what a mask covers, one picture at a time."""
    return _graph({
        "11": {"class_type": "LoadImageMask", "inputs": {"image": "hole.png", "channel": "red"}},
        "12": {"class_type": "VAEEncodeForInpaint",
               "inputs": {"pixels": ["10", 0], "vae": ["4", 2], "mask": ["11", 0]}},
    }, "studio-inpaint.safetensors")  # fmt: skip


def movie() -> dict[str, Any]:
    """A workflow that makes many pictures of a first one."""
    return _graph({
        "11": {"class_type": "VAEEncode", "inputs": {"pixels": ["10", 0], "vae": ["4", 2]}},
        "12": {"class_type": "RepeatLatentBatch", "inputs": {"samples": ["11", 0], "amount": 5}},
    }, "studio-movie.safetensors")  # fmt: skip


CARD = """
[card]
name = "{name}"
version = "1"
sentence = "{sentence}"
engine = "comfyui"
works = ["{work}"]

[output]
node = "the take"

[[seed]]
node = "3"
input = "seed"

[ports.brief]
node = "6"
input = "text"
form = "text"
required = true
sentence = "What the picture shows."

[ports.negative]
node = "7"
input = "text"
form = "text"
sentence = "What must not be in it."

[options.steps]
node = "3"
input = "steps"
default = 4
low = 1
high = 50
sentence = "Steps from noise to picture."

[licence]
id = "LicenseRef-House"
name = "Trained on our own stills"
commercial = "allow"
source = "contract 2026-114"
checked = "yes"
"""

PATCH_CARD = (
    CARD.format(name="harbour-patch", sentence="Fills in what the matte covers.", work="plate")
    + """
[limits]
size_multiple = 8
still = true

[ports.plate]
node = "10"
input = "image"
form = "picture"
required = true
sentence = "The plate."

[ports.matte]
node = "11"
input = "image"
form = "mask"
required = true
sentence = "Where it may change."
"""
)

MOVIE_CARD = (
    CARD.format(name="harbour-move", sentence="Moves on from a first picture.", work="insert")
    + """
[limits]
size_multiple = 8
frame_rule = [4, 1]
max_frames = 33

[size.frames]
node = "12"
input = "amount"

[ports.first]
node = "10"
input = "image"
form = "picture"
required = true
sentence = "The picture it starts on."
"""
)
