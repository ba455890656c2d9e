"""What a script holds: names and arity come from the table, and every lapse is written down."""

from __future__ import annotations

from typing import Any

from .state import API, World

ENUMS = {
    "EXPORT_AAF": "17", "EXPORT_DRT": "17", "EXPORT_EDL": "17", "EXPORT_FCP_7_XML": "17",
    "EXPORT_FCPXML_1_10": "18", "EXPORT_NONE": "17", "EXPORT_AAF_NEW": "17",
    "EXPORT_AAF_EXISTING": "17", "EXPORT_CDL": "17", "EXPORT_SDL": "17",
    "EXPORT_MISSING_CLIPS": "17", "EXPORT_TEXT_CSV": "17", "EXPORT_OTIO": "18.5",
}  # fmt: skip


class Handle:
    """A live object. Two handles of one thing are not equal: Resolve makes a new one each time."""

    __slots__ = ("_kind", "_model", "_world")

    def __init__(self, world: World, kind: str, model: Any) -> None:
        self._world, self._kind, self._model = world, kind, model

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        world = self._world
        if self._kind == "Resolve" and name in ENUMS and world.has(ENUMS[name]):
            return world.enums.setdefault(name, object())
        fact = API[self._kind].get(name)
        if fact is not None and world.has(fact["since"]):
            return _Call(self, name, fact)
        number = ".".join(map(str, world.version))
        world.failures.append(f"{self._kind}.{name} is not in Resolve {number}")
        if not world.faults.hasattr_lies:
            raise AttributeError(name)
        return None

    def __dir__(self) -> list[str]:
        world = self._world
        names = [n for n, fact in API[self._kind].items() if world.has(fact["since"])]
        if self._kind == "Resolve":
            names += [name for name, since in ENUMS.items() if world.has(since)]
        return names


class _Call:
    def __init__(self, handle: Handle, name: str, fact: dict[str, Any]) -> None:
        self._handle, self._name, self._fact = handle, name, fact

    def __call__(self, *args: Any) -> Any:
        from .doing import DOES

        handle, name, world = self._handle, self._name, self._handle._world
        what = f"{handle._kind}.{name}"
        world.calls.append(what)
        if not self._fact["least"] <= len(args) <= self._fact["most"]:
            world.failures.append(f"{what} was given {len(args)} arguments")
            return None
        if self._fact["edition"] == "studio" and world.edition == "free":
            world.failures.append(f"{what} is of Studio only and was called on the free edition")
            world.modal = world.faults.studio_calls_poison
            return False
        if world.modal:
            return None
        does = getattr(DOES[handle._kind], name, None)
        if does is None:
            world.failures.append(f"the fake does not know what {what} does")
            return None
        return does(world, handle._model, *args)


def model_of(handle: Any) -> Any:
    """What a handle stands for; None for anything else."""
    return handle._model if isinstance(handle, Handle) else None
