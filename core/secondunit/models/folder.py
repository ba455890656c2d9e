"""Looks through a folder of weights before anything of it is used: no code, no way out, complete.

A folder is a pipeline as diffusers saves it (``model_index.json`` and one folder for each
component), or one component (``config.json``). What it names must be classes of diffusers and
transformers; what it holds must be safetensors, settings and words.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from secondunit_bridge.errors import ModelMissing, ModelUntrusted, PathRefused

from ..disk import saying_why
from .suspects import suspect
from .variants import chosen

INDEX, CONFIG = "model_index.json", "config.json"
MAX_FILES = 5_000
MAX_DEPTH = 8  # folders
MAX_JSON = 4 << 20  # bytes of a file of settings that is read here
LIBRARIES = ("diffusers", "transformers")
# Files that are code or other formats of weights, by name; what lies about its name is found by
# its first bytes.
CODE = (".py", ".pyc", ".so", ".dll", ".dylib", ".sh", ".bat", ".exe", ".ps1")
OTHER_WEIGHTS = (
    *(".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".npy", ".npz", ".h5", ".msgpack"),
    *(".onnx", ".pb", ".gguf", ".tflite", ".engine", ".joblib"),
)
_INDEX_OF_SHARDS = re.compile(r"\.safetensors(\.\w+)?\.index(\.\w+)?\.json$")
_CLASS = re.compile(r"[A-Z][A-Za-z0-9_]{1,80}")
# Settings that make a library fetch code, or kernels, from elsewhere.
_FETCHING = (
    "auto_map",
    "custom_pipelines",
    "custom_pipeline",
    "trust_remote_code",
    "kernel_config",
)


@dataclass(frozen=True)
class Folder:
    """What a sound folder is. ``files`` are all it holds, but hidden ones, in order."""

    path: Path
    pipeline: str  # class of the pipeline; empty for one component
    kind: str  # class of the component; empty for a pipeline
    components: dict[str, str]  # name -> class; those a pipeline leaves out are not there
    files: tuple[Path, ...]

    @property
    def weights(self) -> tuple[Path, ...]:
        """Its safetensors."""
        return tuple(file for file in self.files if file.suffix == ".safetensors")


def folder_at(path: Path) -> Folder:
    """The folder, looked through. Nothing in it is run, nothing outside it is read.

    Raises ModelMissing when it is not a model or not complete, ModelUntrusted when it asks for
    code or holds weights in another format, PathRefused when it leads out of itself.
    """
    if not ((path / INDEX).is_file() or (path / CONFIG).is_file()):
        raise ModelMissing(
            f"{path} is not a model: it has neither {INDEX} nor {CONFIG}",
            hint="Give the folder that holds model_index.json, or one .safetensors file.",
            data={"path": str(path)},
        )
    files = tuple(sorted(_walk(path)))
    for file in files:
        _harmless(file, path)
    settings = {file: settings_in(file) for file in files if file.name.endswith((INDEX, CONFIG))}
    for file, said in settings.items():
        _fetches_nothing(said, file)
    for file in files:
        if _INDEX_OF_SHARDS.search(file.name):
            _shards(file, files)
    index = settings.get(path / INDEX)
    if index is None:
        return Folder(path, "", _kind_of(settings[path / CONFIG]), {}, files)
    pipeline = _class_of(index, path / INDEX)
    parts = dict(_components(index, path))
    for name in parts:
        _complete(path / name, name, files)
    return Folder(path, pipeline, "", parts, files)


def inside(name: str) -> bool:
    """A path in a file of settings stays below its folder, on any system."""
    for path in (PurePosixPath(name), PureWindowsPath(name)):
        if path.is_absolute() or path.anchor or ".." in path.parts:
            return False
    return bool(name) and "\0" not in name


def _walk(root: Path) -> Iterator[Path]:
    """Every file that is not hidden. Raises PathRefused for a link that leads out."""
    count = 0
    real = root.resolve()
    with saying_why(root):
        for folder, names, files in os.walk(root):
            names[:] = sorted(name for name in names if not name.startswith("."))
            here = Path(folder)
            if len(here.relative_to(root).parts) > MAX_DEPTH:
                raise _untrusted(here, f"its folders go deeper than {MAX_DEPTH}")
            for name in (*names, *files):
                _stays(here / name, real)
            for name in files:
                count += 1
                if count > MAX_FILES:
                    raise _untrusted(root, f"it has more than {MAX_FILES:,} files")
                if not name.startswith("."):
                    yield here / name


def _stays(path: Path, root: Path) -> None:
    if path.is_symlink() and not path.resolve().is_relative_to(root):
        raise PathRefused(
            f"{path} is a link that leads out of {root.name}",
            hint="Copy the folder with its links followed (cp -rL) and add the copy.",
            data={"path": str(path)},
        )


def _harmless(file: Path, root: Path) -> None:
    name = file.name.lower()
    inner = file.relative_to(root)
    if not file.is_file():
        raise _untrusted(file, f"{inner} is not a file")
    with saying_why(file), open(file, "rb") as opened:
        found = suspect(opened.read(64))
    if file.suffix != ".safetensors" and found:  # of safetensors the header's reader says it
        raise _untrusted(file, f"{inner} is {found} and could run code")
    if name.endswith(CODE):
        raise _untrusted(file, f"{inner} is code, and a model is data", "Take it out of the folder")
    if name.endswith(OTHER_WEIGHTS):
        raise _untrusted(
            file,
            f"{inner} is not safetensors, and weights of its kind can run code",
            "Take it out of the folder if the same weights are there as safetensors",
        )


def settings_in(file: Path) -> dict[str, Any]:
    """A JSON file of settings. Raises ModelUntrusted, NotPermitted, StoreError."""
    with saying_why(file), open(file, "rb") as opened:
        text = opened.read(MAX_JSON + 1)
    if len(text) > MAX_JSON:
        raise _untrusted(file, f"{file.name} has more than {MAX_JSON:,} bytes")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _untrusted(file, f"{file.name} is not sound JSON ({error})") from error
    if not isinstance(said, dict):
        raise _untrusted(file, f"{file.name} is not a list of settings")
    return said


def _fetches_nothing(said: Any, file: Path) -> None:
    """Raises ModelUntrusted when a setting, however deep, asks for code from elsewhere."""
    waiting = [said]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        if not isinstance(value, dict):
            continue
        for name, inner in value.items():
            hub = "attn_implementation" in name and "/" in json.dumps(inner)
            if (name in _FETCHING and inner) or hub:
                raise _untrusted(file, f"{file.name} asks for code from elsewhere ({name})")
            waiting.append(inner)


def _class_of(index: dict[str, Any], file: Path) -> str:
    name = index.get("_class_name")
    if not isinstance(name, str) or not _CLASS.fullmatch(name):
        raise _untrusted(file, f"{INDEX} names a pipeline of its own code ({name!r:.80})")
    return name


def _kind_of(config: dict[str, Any]) -> str:
    """The class of a component: diffusers says it in one word, transformers in a list."""
    architectures = config.get("architectures")
    first = architectures[:1] if isinstance(architectures, list) else []
    kind = config.get("_class_name") or "".join(map(str, first))
    return kind if isinstance(kind, str) else ""


def _components(index: dict[str, Any], root: Path) -> Iterator[tuple[str, str]]:
    for name, said in index.items():
        if name.startswith("_") or not isinstance(said, list):
            continue  # a setting of the pipeline
        if not inside(name) or "/" in name or "\\" in name:
            raise PathRefused(
                f"{INDEX} names a component {name!r:.80} outside its folder",
                hint="Get the model again from its maker.",
                data={"path": str(root / INDEX)},
            )
        library, kind = said if len(said) == 2 else (None, None)
        if (library, kind) == (None, None) and len(said) == 2:
            continue  # left out by the one who saved it
        if library not in LIBRARIES or not isinstance(kind, str) or not _CLASS.fullmatch(kind):
            raise _untrusted(
                root / INDEX, f"{INDEX} has {name} made by code of its own ({library!r:.60})"
            )
        yield name, kind


def _complete(folder: Path, name: str, files: tuple[Path, ...]) -> None:
    held = [file for file in files if file.is_relative_to(folder)]
    unsaid = not any(file.name == CONFIG for file in held)  # a scheduler or tokenizer: no weights
    weights = [file.name for file in held if file.suffix == ".safetensors"]
    if not held:
        raise _incomplete(folder, name, f"the folder {name} is missing")
    if not unsaid and not weights:
        raise _incomplete(folder, name, f"{name} has no weights as safetensors")
    if not unsaid and chosen(file.name for file in held if file.parent == folder) is None:
        raise _incomplete(
            folder, name, f"{name} holds {weights[0]}, and shards or the index of them are missing"
        )


def _incomplete(folder: Path, name: str, why: str) -> ModelMissing:
    return ModelMissing(
        f"{folder.parent.name} is not complete: {why}",
        hint="Copy the whole model again; a part of it may still have been on its way.",
        data={"path": str(folder), "component": name},
    )


def _shards(file: Path, files: tuple[Path, ...]) -> None:
    """The files that an index of shards names lie beside it and are looked at like the others."""
    places = settings_in(file).get("weight_map")
    names = set(places.values()) if isinstance(places, dict) else {None}
    for name in sorted(map(str, names)):
        if not inside(name) or not name.endswith(".safetensors"):
            raise PathRefused(
                f"{file.name} names {name!r:.80}, which is not a safetensors file beside it",
                hint="Get the model again from its maker.",
                data={"path": str(file)},
            )
        if not (file.parent / name).is_file():
            raise ModelMissing(
                f"{file.parent.name} is not complete: {name} is missing",
                hint="Copy the whole model again; a part of it may still have been on its way.",
                data={"path": str(file.parent / name)},
            )
        if file.parent / name not in files:
            raise _untrusted(file, f"{file.name} names {name!r:.80}, which is hidden")


def _untrusted(path: Path, why: str, way: str = "Get the model as safetensors") -> ModelUntrusted:
    return ModelUntrusted(
        f"the model cannot be trusted: {why}",
        hint=f"{way}, then add it again. Nothing of it was run.",
        data={"path": str(path), "why": why},
    )
