"""A workflow of ComfyUI in its API format: nodes by id, read strictly, run nowhere here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from secondunit_bridge.errors import CardWrong

MAX_WORKFLOW = 4 << 20  # bytes; large ones of people have some 100 kB
MAX_NODES = 2000
EXPORT = (
    "In ComfyUI: menu Workflow, Export (API). In older releases: switch on the developer options in"
    " its settings, then Save (API Format)."
)
# Endings that tell a weight file from other words.
_WEIGHTS = re.compile(r"\.(safetensors|sft|ckpt|pt|pth|bin|gguf|onnx)$", re.IGNORECASE)
_REMOTE = re.compile(r"\s*(?:https?|wss?|ftp|s3|gs|hf)://", re.IGNORECASE)

# Classes that ComfyUI ships to call paid services over the network, as its own folder of API nodes
# names them. A server that answers says it better, by the flag ``api_node``.
_SERVICES = re.compile(
    r"Kling\w|Luma[A-Z]\w|Runway\w|Minimax\w|Ideogram\w|Recraft\w|OpenAI\w|OpenRouter\w|Pixverse\w"
    r"|Pika[A-Z0-9a]\w|Rodin3D\w|Tripo(?:Text|Image|Multiview|Texture|Refine|Rig|Retarget|Conver)\w"
    r"|Veo[A-Z0-9]\w|Gemini\w|Moonvalley\w|Vidu\w|ByteDance\w|Topaz\w|Grok[A-Z]\w|Bria[A-Z][a-z]\w"
    r"|Flux(?:ProUltra|ProExpand|ProFill|ProCanny|ProDepth|ProImage|KontextPro|KontextMax)\w"
    r"|Flux2?(?:Pro|Max)ImageNode|Wan\w+Api$|LtxvApi\w|Stability(?:Stable|Upscale|Audio|TextTo)\w"
    r"|Claude\w|Anthropic\w|ElevenLabs\w|Hey[Gg]en\w|Meshy\w|HitPaw\w|Magnific\w|Wave[Ss]peed\w"
    r"|Sora\w|ComfyCloud\w"
)
# Where an input of one of these classes leads is no picture that ``/view`` gives back.
_NO_PICTURES = re.compile(r"Save(?:Latent|Audio\w*|Checkpoint|LoRA\w*|Video|WEBM|GLB|SVG\w*)|VHS_")


@dataclass(frozen=True)
class Node:
    """One node: its class, its inputs (values, or links as ``[node, output]``) and its title."""

    kind: str
    inputs: Mapping[str, Any]
    title: str = ""


@dataclass(frozen=True)
class Workflow:
    """Nodes by id, in the file's order."""

    nodes: Mapping[str, Node]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every class that is used, once, by name."""
        return tuple(sorted({node.kind for node in self.nodes.values()}))

    @property
    def weights(self) -> tuple[str, ...]:
        """File names of models as the workflow says them, once each, by name."""
        words = (value for node in self.nodes.values() for value in node.inputs.values())
        return tuple(sorted({w for w in words if isinstance(w, str) and _WEIGHTS.search(w)}))

    def find(self, word: str) -> str:
        """The id of a node that is named by its id, or by a title that only it has; else empty."""
        if word in self.nodes:
            return word
        titled = [name for name, node in self.nodes.items() if node.title == word]
        return titled[0] if len(titled) == 1 else ""

    def words(self, name: str) -> str:
        """A node for people: ``node 3 (KSampler)``."""
        return f"node {name} ({self.nodes[name].kind})" if name in self.nodes else f"node {name}"

    def filled(self, values: Mapping[tuple[str, str], Any]) -> dict[str, Any]:
        """As it is posted, with these values at (id, input)."""
        made: dict[str, Any] = {
            name: {"class_type": node.kind, "inputs": dict(node.inputs)}
            for name, node in self.nodes.items()
        }
        for (name, place), value in values.items():
            made[name]["inputs"][place] = value
        return made

    def services(self) -> Iterator[str]:
        """A sentence for each node that is known to send what it gets to somebody's computer."""
        for name, node in self.nodes.items():
            if _SERVICES.match(node.kind):
                yield f"{self.words(name)} calls a service over the network"
            for place, value in node.inputs.items():
                if isinstance(value, str) and _REMOTE.match(value):
                    yield f"{self.words(name)} names an address on the network in {place}"


def gives_pictures(kind: str) -> bool:
    """False of a class that is known to give something else than pictures."""
    return not _NO_PICTURES.match(kind)


def read(text: bytes, where: str) -> Workflow:
    """A workflow from the bytes of its file. Raises CardWrong saying what is wrong, and how to
    export it when it is in the form that the editor saves."""
    if len(text) > MAX_WORKFLOW:
        raise wrong(where, f"it has {len(text):,} bytes; {MAX_WORKFLOW:,} are the most")
    try:
        data = json.loads(text)
        json.dumps(data, ensure_ascii=False).encode()  # halves of characters can be sent nowhere
    except (ValueError, RecursionError) as error:
        raise wrong(where, f"it is not JSON: {error!s:.200}") from error
    if isinstance(data, dict) and isinstance(data.get("nodes"), list):
        problem = "it is in the form that ComfyUI's editor saves (nodes and links), not for its API"
        raise wrong(where, problem, EXPORT)
    if not isinstance(data, dict) or not data:
        raise wrong(where, "it is not an object of nodes by their ids", EXPORT)
    if len(data) > MAX_NODES:
        raise wrong(where, f"it has {len(data)} nodes; {MAX_NODES} are the most")
    nodes = {name: _node(name, value, where) for name, value in data.items()}
    _linked(nodes, where)
    return Workflow(nodes)


def _node(name: str, value: Any, where: str) -> Node:
    kind = value.get("class_type") if isinstance(value, dict) else None
    inputs = value.get("inputs", {}) if isinstance(value, dict) else None
    if not isinstance(kind, str) or not kind or not isinstance(inputs, dict):
        raise wrong(where, f"node {name!r:.40} has no class_type and inputs", EXPORT)
    about = value.get("_meta")
    title = about.get("title", "") if isinstance(about, dict) else ""
    return Node(kind, inputs, title if isinstance(title, str) else "")


def _linked(nodes: Mapping[str, Node], where: str) -> None:
    """Every link leads to a node that is there."""
    for name, node in nodes.items():
        for place, value in node.inputs.items():
            if is_link(value) and value[0] not in nodes:
                gone = f"node {name} ({node.kind}) takes {place} from node {value[0]!r:.40}"
                raise wrong(where, f"{gone}, which is not there", EXPORT)


def is_link(value: Any) -> bool:
    """An input that comes from another node's output, not a value."""
    pair = isinstance(value, list) and len(value) == 2
    return pair and isinstance(value[0], str) and type(value[1]) is int


def wrong(where: str, problem: str, hint: str = "") -> CardWrong:
    """The error about a workflow or its card."""
    return CardWrong(
        f"{where} cannot be used: {problem}",
        hint=hint
        or "docs/comfyui.md says what a workflow's card holds; try it with"
        " `secondunit models card FILE --check`.",
        data={"card": where, "problem": problem},
    )
