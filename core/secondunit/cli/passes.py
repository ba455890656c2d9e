"""Which channels of a render are which pass, by the names that renderers give them."""

from __future__ import annotations

from collections.abc import Sequence

from secondunit_bridge.film import Role

PASSES = (Role.guide, Role.depth, Role.normal, Role.ids)
_PICTURE = ("", "combined", "rgba", "beauty", "image")  # last word of a layer's name, small letters
_DEPTH = ("depth", "z", "depthz")
_NORMAL = ("normal", "normals", "n", "nrm")
_IDS = ("indexob", "objectindex", "objectid", "object_id", "id", "ids")

Picked = tuple[str, ...]


def passes_in(channels: Sequence[str]) -> dict[Role, Picked]:
    """The channels of each pass that is there, whole names in order; the first layer counts.

    ``R G B Z``, ``ViewLayer.Depth.Z``, ``Normal.X``, ``IndexOB.X`` and their like.
    """
    found: dict[Role, Picked] = {}
    for layer, parts in _layers(channels).items():
        for role, picked in _of_layer(_word(layer), parts):
            found.setdefault(role, picked)
    return found


def only(role: Role, channels: Sequence[str]) -> Picked:
    """The channels of a pass in a file of its own: by their names, else by their number."""
    named = passes_in(channels).get(role)
    if named:
        return named
    if role in (Role.depth, Role.ids):
        return tuple(channels[:1])
    rgb = tuple(name for name in "RGB" if name in channels)
    return rgb if len(rgb) == 3 else tuple(channels[:3])


def _layers(channels: Sequence[str]) -> dict[str, dict[str, str]]:
    """Layer -> component in capitals -> whole name."""
    layers: dict[str, dict[str, str]] = {}
    for name in channels:
        layer, _, component = name.rpartition(".")
        layers.setdefault(layer, {}).setdefault(component.upper(), name)
    return layers


def _word(layer: str) -> str:
    """Last word of a layer's name; Blender 5 writes ``Object Index`` as two."""
    return layer.rpartition(".")[2].lower().replace(" ", "")


def _of_layer(word: str, parts: dict[str, str]) -> list[tuple[Role, Picked]]:
    found: list[tuple[Role, Picked]] = []
    rgb, xyz = _three("RGB", parts), _three("XYZ", parts)
    first = next(iter(parts.values()))
    if word in _PICTURE and rgb:
        found.append((Role.guide, rgb))
    if word in _NORMAL and (xyz or rgb):
        found.append((Role.normal, xyz or rgb))
    if word in _DEPTH:
        found.append((Role.depth, (parts.get("Z") or parts.get("V") or first,)))
    elif not word and "Z" in parts and not xyz:
        found.append((Role.depth, (parts["Z"],)))
    if word in _IDS:
        found.append((Role.ids, (first,)))
    return found


def _three(names: str, parts: dict[str, str]) -> Picked:
    return tuple(parts[name] for name in names) if set(names) <= set(parts) else ()
