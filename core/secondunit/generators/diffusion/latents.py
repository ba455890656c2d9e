"""What a denoiser is given at a step, as latents that can be looked at: unpacked, without noise.

At every step a pipeline hands its denoiser the latents with the noise that is still in them. With
the noise's size as the axis they lie on a curve that ends at the picture, and the sampler itself
goes straight from one point to the next. The line through two of them, drawn on to no noise, is
what it believes in at that moment, guidance included (Song et al., "Denoising Diffusion Implicit
Models", 2020, eq. 12; Lipman et al., "Flow Matching for Generative Modeling", 2022, eq. 22).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_NAMES = ("hidden_states", "sample", "x")  # what denoisers call the latents when they are named
# Samplers that draw new noise at each step: two points are then on no common line.
_DICE = ("Ancestral", "SDE", "LCM", "TCD", "DDPM")


class Unreadable(Exception):
    """The latents cannot be shown, and why, as the end of a sentence."""


@dataclass(frozen=True)
class Size:
    """The call whose latents are looked at, in pixels and frames."""

    width: int
    height: int
    count: int


@dataclass(frozen=True)
class Point:
    """Latents of one frame and how much noise is in them.

    latents
        ``(channel, row, column)`` float32 tensor in the denoiser's scale, still in patches when
        the denoiser works on those.
    frame
        which of the call's frames they stand for.
    noise
        its size beside a picture of size 1.
    """

    latents: Any
    frame: int
    noise: float


def point(
    pipeline: Any, module: Any, given: tuple[Any, ...], named: dict[str, Any], size: Size
) -> Point:
    """Of the middle frame, a copy. Raises Unreadable."""
    found: Any = next((named[name] for name in _NAMES if name in named), (*given, None)[0])
    found = found[0][None] if isinstance(found, list) else found
    channels, rank = channels_of(pipeline), getattr(found, "ndim", 0)
    if rank == 3:
        latents, frame = _from_tokens(pipeline, found[0], named, channels, size)
    elif rank == 4 and found.shape[1] >= channels:
        latents, frame = found[0, :channels], 0
    elif rank == 5 and found.shape[1] == _takes(module, found.shape[1]):
        latents, frame = _middle(pipeline, found[0, :channels], size.count)
    else:
        raise Unreadable("its denoiser takes them in a way that is not known here")
    at = named.get("timestep", given[1] if len(given) > 1 else None)
    noise = _noise(pipeline.scheduler, at)
    scale = 1.0 if _flows(pipeline.scheduler) else (1.0 + noise * noise) ** 0.5
    return Point(latents.detach().float() * scale, frame, noise)


def believed(before: Point, after: Point) -> Any:
    """Latents without noise, ``(channel, row, column)``; None when the two are not apart."""
    apart = before.noise - after.noise
    if apart <= 1e-9:
        return None
    return after.latents + (after.latents - before.latents) * (after.noise / apart)


def as_coded(pipeline: Any, latents: Any) -> Any:
    """In the scale of the picture coder, patches laid out: ``(channel, row, column)``."""
    import torch

    vae, channels = pipeline.vae, channels_of(pipeline)
    told, norm = vae.config, getattr(pipeline.vae, "bn", None)
    if norm is not None:  # FLUX.2 keeps its scale for each place in a patch
        spread = torch.sqrt(norm.running_var.to(latents) + float(told.batch_norm_eps))
        latents = latents * spread[:, None, None] + norm.running_mean.to(latents)[:, None, None]
    if latents.shape[0] == 4 * channels:
        latents = _laid_out(latents, channels)
    if norm is not None:
        return latents
    spread, centre = (_of_channels(vae, name) for name in ("latents_std", "latents_mean"))
    scaled = latents / float(getattr(told, "scaling_factor", None) or 1.0)
    if spread is not None and centre is not None:
        return scaled * spread.to(scaled)[:, None, None] + centre.to(scaled)[:, None, None]
    return scaled + float(getattr(told, "shift_factor", None) or 0.0)


def channels_of(pipeline: Any) -> int:
    """Channels of the picture coder's latents. Raises Unreadable."""
    told = getattr(getattr(pipeline, "vae", None), "config", None)
    found = getattr(told, "latent_channels", None) or getattr(told, "z_dim", None)
    if not found:
        raise Unreadable("it has no picture coder of a known kind")
    return int(found)


def _takes(module: Any, otherwise: int) -> int:
    return int(getattr(getattr(module, "config", None), "in_channels", otherwise))


def _from_tokens(
    pipeline: Any, tokens: Any, named: dict[str, Any], channels: int, size: Size
) -> tuple[Any, int]:
    """``tokens`` are ``(token, channel)``: the picture's own come first, what is referred to after.

    In LTX what leads in comes before them.
    """
    if "img_ids" in named or "img_shapes" in named:
        rows, columns = _grid(named)
        own = tokens[: rows * columns, : 4 * channels]
        return own.T.reshape(-1, rows, columns), 0
    every, side = (
        getattr(pipeline, f"vae_{name}_compression_ratio", 0) for name in ("temporal", "spatial")
    )
    if not (every and side) or tokens.shape[1] != channels:
        raise Unreadable("its denoiser takes them in a way that is not known here")
    shape = ((size.count - 1) // every + 1, size.height // side, size.width // side)
    own = tokens[-shape[0] * shape[1] * shape[2] :]
    return _middle(pipeline, own.T.reshape(-1, *shape), size.count)


def _grid(named: dict[str, Any]) -> tuple[int, int]:
    """Rows and columns of patches, as the denoiser is told the places of its tokens."""
    if "img_shapes" in named:
        own = named["img_shapes"][0]  # (frames, rows, columns), or one for each picture
        own = own if isinstance(own[0], int) else own[0]
        return int(own[1]), int(own[2])
    ids = named["img_ids"]
    ids = ids[0] if ids.ndim == 3 else ids  # (token, which picture and row and column ...)
    own = ids[ids[:, 0] == ids[0, 0]]
    return int(own[:, 1].max()) + 1, int(own[:, 2].max()) + 1


def _middle(pipeline: Any, latents: Any, count: int) -> tuple[Any, int]:
    """The middle of ``(channel, frame, row, column)``, and the frame of the call that it is about.

    One of the latents stands for the first frame alone, each other for several. What VACE refers
    to lies before the first.
    """
    names = ("vae_scale_factor_temporal", "vae_temporal_compression_ratio")
    every = next((int(getattr(pipeline, n)) for n in names if getattr(pipeline, n, 0)), 1)
    own = (count - 1) // every + 1
    at = own // 2
    frame = (at - 1) * every + 1 + every // 2 if at else 0
    return latents[:, max(0, latents.shape[1] - own) + at], min(frame, count - 1)


def _laid_out(patches: Any, channels: int) -> Any:
    """From ``(4 channels, row, column)``, each four a square of 2 x 2, to single places."""
    _, rows, columns = patches.shape
    squares = patches.reshape(channels, 2, 2, rows, columns).permute(0, 3, 1, 4, 2)
    return squares.reshape(channels, 2 * rows, 2 * columns)


def _of_channels(vae: Any, name: str) -> Any:
    """A number for each channel: kept as a tensor, or in the settings; None when there is none."""
    import torch

    told = dict(vae.named_buffers(recurse=False)).get(name, getattr(vae.config, name, None))
    return None if told is None else torch.as_tensor(told).flatten().float()


def _flows(scheduler: Any) -> bool:
    """Noise is mixed in (1 - s, s), and not added to the picture."""
    told = scheduler.config
    return "FlowMatch" in type(scheduler).__name__ or bool(
        getattr(told, "use_flow_sigmas", False)
        or getattr(told, "prediction_type", "") == "flow_prediction"
    )


def _noise(scheduler: Any, at: Any) -> float:
    """How much noise is in what the denoiser is given now. Raises Unreadable."""
    told, name = scheduler.config, type(scheduler).__name__
    dice = any(word in name for word in _DICE) or getattr(told, "stochastic_sampling", False)
    if dice or str(getattr(told, "algorithm_type", "")).startswith("sde"):
        raise Unreadable(f"its sampler ({name}) draws new noise at every step")
    if getattr(scheduler, "sigmas", None) is not None and hasattr(scheduler, "step_index"):
        index = scheduler.step_index
        index = (getattr(scheduler, "begin_index", None) or 0) if index is None else index
        return float(scheduler.sigmas[index])
    if getattr(scheduler, "alphas_cumprod", None) is not None and at is not None:
        kept = float(scheduler.alphas_cumprod[int(at.flatten()[0] if hasattr(at, "ndim") else at)])
        return float(((1.0 - kept) / max(kept, 1e-12)) ** 0.5)
    raise Unreadable(f"its sampler ({name}) does not say how much noise is left")
