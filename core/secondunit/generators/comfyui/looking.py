"""What a ComfyUI server has of what a workflow needs, asked before anything is shot."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from secondunit_bridge.errors import EngineFailed, EngineOffline, SecondUnitError

from ...models.workflow import is_link
from ...models.workflow_card import Pair, places
from .server import Server, named

FRESH_S = 5.0  # an answer with nothing lacking counts for so long: three are asked of a take
PATIENCE_S = 0.25  # what a plan that is only asked for waits: the daemon has others to serve
VERSION_S = 5.0  # that somebody who only asks for the version waits
_PAID = ("api node", "partner")  # beginnings of the categories of nodes that call services


@dataclass(frozen=True)
class Looked:
    """What was found. ``refusals`` are sentences; ``facts`` are about the server."""

    refusals: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


def look(server: Server, pair: Pair, name: str) -> Looked:
    """Ask the server for its version and for every class the workflow uses.

    Raises EngineOffline when nothing answers there, EngineFailed when it is no ComfyUI.
    """
    facts = _about(server.told("/system_stats"))
    said: list[str] = []
    for kind in pair.workflow.kinds:
        told = server.told(f"/object_info/{named(kind)}")
        if not isinstance(told, dict):
            raise EngineFailed("what answers there does not speak as ComfyUI does")
        said += _against(kind, told.get(kind), pair, name)
    return Looked(tuple(said), (), facts)


def version_of(server: Server) -> str:
    """The version that the server says it is. Raises as ``look``."""
    return str(_about(server.told("/system_stats", within_s=VERSION_S))["comfyui_version"])


def _about(told: Any) -> dict[str, Any]:
    """Versions and device, as the server says them."""
    system = told.get("system") if isinstance(told, dict) else None
    if not isinstance(system, dict) or "comfyui_version" not in system:
        raise EngineFailed(
            "what answers there does not say a ComfyUI version",
            hint="Is something else than ComfyUI at the address in the setting comfyui?",
        )
    devices = told.get("devices")
    first = devices[0] if isinstance(devices, list) and devices else {}
    device = first.get("name", "") if isinstance(first, dict) else ""
    names = ("comfyui_version", "python_version", "pytorch_version")
    return {**{n: str(system.get(n, ""))[:120] for n in names}, "device": str(device)[:120]}


def _against(kind: str, info: Any, pair: Pair, name: str) -> Iterator[str]:
    """Why the nodes of one class cannot run at this server."""
    users = [one for one, node in pair.workflow.nodes.items() if node.kind == kind]
    if not isinstance(info, dict):
        which = ", ".join(users)
        yield f"{name}: the ComfyUI server has no node class {kind} (node {which}). Install it."
        return
    module, shelf = str(info.get("python_module", "")), str(info.get("category", "")).lower()
    paid = module.startswith("comfy_api_nodes") or shelf.startswith(_PAID)
    if info.get("api_node") or paid:
        yield (
            f"{name}: {pair.workflow.words(users[0])} calls a service over the network, and nothing"
            " may leave this machine."
        )
    output = pair.workflow.find(pair.card.output.node)
    if output in users and not info.get("output_node"):
        yield f"{name}: {pair.workflow.words(output)} is no output node at this server."
    for one in users:
        yield from _values(one, info, pair, name)


def _values(node: str, info: dict[str, Any], pair: Pair, name: str) -> Iterator[str]:
    """Words that must be one of the server's own, such as the names of its model files."""
    ours = {(pair.workflow.find(word), place) for _, word, place in places(pair.card)}
    for place, value in pair.workflow.nodes[node].inputs.items():
        choices = _choices(info, place)
        known = not choices or value in choices
        if is_link(value) or (node, place) in ours or not isinstance(value, str) or known:
            continue
        what = "file" if "." in value else "choice"
        yield (
            f"{name}: the ComfyUI server has no {what} {value:.120} for {place} of"
            f" {pair.workflow.words(node)}."
        )


def _choices(info: dict[str, Any], place: str) -> list[Any]:
    """What an input may be, where that is a list; of older and newer nodes."""
    inputs = info.get("input")
    groups = inputs.values() if isinstance(inputs, dict) else ()
    for group in groups:
        told = group.get(place) if isinstance(group, dict) else None
        if not isinstance(told, list) or not told:
            continue
        if isinstance(told[0], list):
            return told[0]
        more = told[1] if len(told) > 1 and isinstance(told[1], dict) else {}
        options = more.get("options") if told[0] == "COMBO" else None
        return options if isinstance(options, list) else []
    return []


class Glance:
    """Looks at a server, remembered for a moment; a refusal never is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, str, str], tuple[float, Looked]] = {}
        self._looking: dict[tuple[str, str, str], threading.Event] = {}

    def now(self, server: Server, pair: Pair, name: str) -> Looked:
        """What is known within a quarter of a second; a remark when that is nothing yet."""
        key = (server.address, pair.sha256, pair.card.digest)
        with self._lock:
            held = self._seen.get(key)
            if held and not held[1].refusals and time.monotonic() - held[0] < FRESH_S:
                return held[1]  # what was lacking may be there by now: that is looked at again
            ready = self._looking.get(key)
            if ready is None:
                ready = self._looking[key] = threading.Event()
                work = threading.Thread(target=self._look, args=(key, server, pair, name))
                work.daemon = True
                work.start()
        if ready.wait(PATIENCE_S):
            with self._lock:
                if key in self._seen:
                    return self._seen[key][1]
        return Looked(remarks=(_UNSURE,))

    def whole(self, server: Server, pair: Pair, name: str) -> Looked:
        """The same in full, however long that takes. A look of just now counts."""
        key = (server.address, pair.sha256, pair.card.digest)
        with self._lock:
            held = self._seen.get(key)
        if held and not held[1].refusals and time.monotonic() - held[0] < FRESH_S:
            return held[1]
        found = seen(server, pair, name)
        with self._lock:
            self._seen[key] = (time.monotonic(), found)
        return found

    def _look(self, key: tuple[str, str, str], server: Server, pair: Pair, name: str) -> None:
        try:
            found = seen(server, pair, name)
            with self._lock:
                self._seen[key] = (time.monotonic(), found)
        finally:  # whatever came of it, the next plan looks again
            with self._lock:
                self._looking.pop(key).set()


_UNSURE = (
    "The ComfyUI server has not answered yet: what it has is looked at before the take, and when"
    " this is planned again."
)


def seen(server: Server, pair: Pair, name: str) -> Looked:
    """``look``, with a server that does not answer as a refusal."""
    try:
        return look(server, pair, name)
    except (EngineOffline, EngineFailed) as error:
        return Looked((sentence(name, error),))


def sentence(name: str, error: SecondUnitError) -> str:
    """An error as a refusal."""
    return f"{name}: {error.message}. {error.hint}".strip()
