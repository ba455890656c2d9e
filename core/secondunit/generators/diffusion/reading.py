"""Text encoders by themselves: a brief is read before the denoiser comes, and only when it is new.

What a pipeline will ask its encoders is worked out from its own signatures. Where that was wrong it
says, in the middle of the take, what it really asks; that is read then, and the take begins again.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from .embeddings import FAMILIES, Embeddings, key_of

Asked: TypeAlias = dict[str, Any]  # the arguments of one call of ``encode_prompt``
_OF_ONE_PIECE = ("ZImageControlNet",)  # its control is made out of its denoiser when it is opened
_STRENGTHS = ("true_cfg_scale", "guidance_scale")


def asked_of(kind: Any, arguments: Mapping[str, Any], device: Any) -> list[Asked]:
    """What a call of a pipeline of this class will ask its text encoders, as far as can be told.

    Empty for a pipeline that is not among those whose answers are kept, or may show them
    pictures.
    """
    takes = inspect.signature(kind.encode_prompt).parameters
    shown = "image" in takes
    known_kind = kind.__name__.startswith(FAMILIES) and not kind.__name__.startswith(_OF_ONE_PIECE)
    if not known_kind or shown or "prompt" not in arguments:
        return []
    known = _defaults(kind.__call__) | dict(arguments) | {"device": device}
    guided = float(next((known[n] for n in _STRENGTHS if known.get(n) is not None), 0.0)) > 1.0
    known["do_classifier_free_guidance"] = guided
    first = {name: known[name] for name in takes if name in known}
    first = {n: v for n, v in first.items() if not n.endswith(("embeds", "mask")) and n != "dtype"}
    if "negative_prompt" in takes or not guided:
        return [first]
    against = known.get("negative_prompt") or ""
    return [
        first,
        first | {"prompt": against} | ({"prompt_2": None} if "prompt_2" in first else {}),
    ]


def unread(kind: Any, kept: Embeddings, encoders: str, asked: list[Asked]) -> list[Asked]:
    """Those of the calls that nothing is kept of."""
    inner = _bare(kind)
    keys = [key_of(kind.__name__, encoders, inner, (), one) for one in asked]
    return [one for one, key in zip(asked, keys, strict=True) if key and not kept.holds(key)]


def reads(pipeline: Any, asked: list[Asked]) -> Callable[[], None]:
    """Work that asks a pipeline's encoders; whoever remembers for it keeps the answers."""

    def work() -> None:
        import torch

        with torch.no_grad():
            for one in asked:
                pipeline.encode_prompt(**one)

    return work


def is_reader(part: str) -> bool:
    """A part that is used for words only."""
    return part.startswith("text_encoder")


def _bare(kind: Any) -> Callable[..., Any]:
    """``encode_prompt`` as a bound method's signature has it."""
    return functools.partial(kind.encode_prompt, None)


def _defaults(call: Callable[..., Any]) -> dict[str, Any]:
    return dict(_with_default(call))


def _with_default(call: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    for name, parameter in inspect.signature(call).parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            yield name, parameter.default
