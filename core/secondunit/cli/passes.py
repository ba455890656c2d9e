"""Which channels of a render are which pass, by the names that renderers give them."""

from __future__ import annotations

from collections.abc import Sequence

from secondunit_bridge.film import Role

# A pass's own name in small letters without spaces: what is named first is taken first.
_NAMES: dict[Role, tuple[str, ...]] = {
    Role.guide: ("combined", "rgba", "beauty", "image", ""),
    Role.depth: ("depth", "z", "depthz"),
    Role.normal: ("normal", "normals", "n", "nrm"),
    Role.ids: ("cryptoobject00", "indexob", "objectindex", "objectid", "id", "ids"),
    Role.position: ("position", "p", "worldposition", "worldpos"),
    Role.motion: ("vector", "motion", "motionvector", "motionvectors"),
    Role.albedo: ("denoisingalbedo", "albedo", "diffusealbedo", "diffcol", "diffusecolor"),
}
PASSES = tuple(_NAMES)
_COLOURS, _AXES = (Role.guide, Role.albedo), (Role.normal, Role.position, Role.motion)

Picked = tuple[str, ...]


def passes_in(channels: Sequence[str], view: str = "") -> dict[Role, Picked]:
    """The channels of each pass that is there, whole names in order.

    ``R G B Z``, ``ViewLayer.Depth.Z``, ``Normal.X``, ``Object Index.X`` and their like. Of several
    view layers the one called ``view`` counts, else the first that has a pass.
    """
    found = _views(channels)
    if view:
        return found.get(view, {})
    return next(iter(found.values()), {})


def views_in(channels: Sequence[str]) -> tuple[str, ...]:
    """The view layers that have a pass, in the file's order; "" is a file's own without a name."""
    return tuple(_views(channels))


def only(role: Role, channels: Sequence[str]) -> Picked:
    """The channels of a pass in a file of its own: by their names, else by their number."""
    named = passes_in(channels).get(role)
    if named:
        return named
    if role in (Role.depth, Role.ids):
        return tuple(channels[:1])
    rgb = tuple(name for name in "RGB" if name in channels)
    return rgb if len(rgb) == 3 else tuple(channels[:3])


def _views(channels: Sequence[str]) -> dict[str, dict[Role, Picked]]:
    """View layer -> its passes."""
    ranked: dict[str, dict[Role, tuple[int, Picked]]] = {}
    for layer, parts in _layers(channels).items():
        view, _, own = layer.rpartition(".")
        word = own.lower().replace(" ", "").replace("_", "")
        for role, names in _NAMES.items():
            picked = _picked(role, word, parts) if word in names else ()
            rank = names.index(word) if picked else 0
            there = ranked.setdefault(view, {}) if picked else {}
            if picked and (role not in there or rank < there[role][0]):
                there[role] = (rank, picked)
    return {
        view: {role: found[role][1] for role in PASSES if role in found}
        for view, found in ranked.items()
    }


def _layers(channels: Sequence[str]) -> dict[str, dict[str, str]]:
    """Layer -> component in capitals -> whole name."""
    layers: dict[str, dict[str, str]] = {}
    for name in channels:
        layer, _, component = name.rpartition(".")
        layers.setdefault(layer, {}).setdefault(component.upper(), name)
    if "Z" in layers.get("", {}):  # depth beside R, G and B, as many renderers write it
        own = layers[""]
        if not {"X", "Y"} <= own.keys():
            layers.setdefault("Z", {})["Z"] = own["Z"]
    return layers


def _picked(role: Role, word: str, parts: dict[str, str]) -> Picked:
    rgb, xyz = _three("RGB", parts), _three("XYZ", parts)
    first = next(iter(parts.values()))
    if role in _COLOURS:
        alpha = (parts["A"],) if role is Role.guide and "A" in parts and rgb else ()
        return rgb + alpha
    if role in _AXES:
        return xyz or rgb
    if role is Role.depth:
        return (parts.get("Z") or parts.get("V") or first,)
    return (parts["R"],) if word.startswith("crypto") and "R" in parts else (first,)


def _three(names: str, parts: dict[str, str]) -> Picked:
    return tuple(parts[name] for name in names) if set(names) <= set(parts) else ()
