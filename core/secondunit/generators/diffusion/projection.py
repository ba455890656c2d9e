"""Latents as small pictures: the straight line that comes closest to a model's own picture coder.

Each coder is measured once: two pictures of soft colours are coded and decoded, and the colours of
each place are fitted to the latents there by least squares. How much of what the coder shows the
fit explains is measured as well, on the picture that it was not made from: below ``HONEST`` a
picture would be made up, and there is none.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import StoreError

from ...disk import private_folder, write_whole
from ...media.footage import Picture
from .latents import Unreadable

FOLDER = Path("cache", "projections")  # under the home; a few hundred numbers for each coder
FORM = "secondunit.projection/1"
HONEST = 0.5  # share of the variance of the coder's own picture
PLACES = 16  # latents a side of the pictures that a coder is measured with
_RIDGE = 1e-4  # of the mean variance of the latents: keeps 128 channels from fitting noise


@dataclass(frozen=True)
class Projection:
    """``colours = latents @ matrix + bias``, codes 0..1.

    matrix
        ``(channel, 3)``
    explained
        share of the variance of the coder's own picture, on one it was not fitted to.
    """

    matrix: tuple[tuple[float, ...], ...]
    bias: tuple[float, ...]
    explained: float

    def shown(self, latents: Any) -> Picture:
        """``(row, column, 3)`` float32, 0..1, of latents ``(channel, row, column)``."""
        import torch

        matrix, bias = (torch.tensor(v, device=latents.device) for v in (self.matrix, self.bias))
        made = torch.einsum("crw,ck->rwk", latents, matrix) + bias
        colours: Picture = made.clamp(0.0, 1.0).cpu().numpy()
        return colours


class Projections:
    """By the digest of a coder; kept on disk. A disk that refuses costs the memory only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, key: str, pipeline: Any) -> Projection:
        """Kept, or measured now, which takes two small decodings. Raises Unreadable."""
        found = self._kept(key)
        if found is None:
            found = measured(pipeline.vae)
            data = json.dumps({"form": FORM, **asdict(found)}).encode()
            with suppress(StoreError):
                private_folder(self._folder)
                write_whole(self._path(key), data)
        if found.explained < HONEST:
            raise Unreadable(
                f"its latents say {max(0.0, found.explained):.0%} of the colours of its pictures"
            )
        return found

    def _kept(self, key: str) -> Projection | None:
        try:
            told = json.loads(self._path(key).read_bytes())
            if told["form"] != FORM:
                return None
            matrix = np.asarray(told["matrix"], np.float64)
            bias, explained = np.asarray(told["bias"], np.float64), float(told["explained"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        sound = matrix.ndim == 2 and matrix.shape[1] == 3 and bias.shape == (3,)
        return _projection(np.vstack([matrix, bias]), explained) if sound else None

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"


def measured(vae: Any) -> Projection:
    """The line for a picture coder, its random numbers left as they were. Raises Unreadable."""
    import torch

    with torch.no_grad(), torch.random.fork_rng():
        pairs = [_pair(vae, soft_colours(seed)) for seed in (1, 2)]
    fitted = _fitted(*pairs[0])
    latents, colours = pairs[1]
    left = colours - latents @ fitted[:-1] - fitted[-1]
    explained = 1.0 - float(left.var(axis=0).sum() / max(colours.var(axis=0).sum(), 1e-12))
    if not np.isfinite(explained):
        raise Unreadable("its picture coder gives no numbers for an ordinary picture")
    both = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return _projection(_fitted(*both), explained)


def soft_colours(seed: int, side: int = PLACES) -> Picture:
    """``(side, side, 3)`` float32, 0..1: patches of all sizes, mostly of little colour."""
    import cv2

    dice, made = np.random.default_rng(seed), np.zeros((side, side, 3), np.float32)
    for size in (2, 4, 8, side):
        patches = dice.standard_normal((size, size, 1)) + 0.6 * dice.standard_normal(
            (size, size, 3)
        )
        made += cv2.resize(patches.astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)
    low, high = np.percentile(made, (2, 98))
    codes: Picture = np.clip((made - low) / (high - low), 0.0, 1.0).astype(np.float32)
    return codes


def _pair(vae: Any, picture: Picture) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latents ``(place, channel)`` and the colours that the coder makes of them ``(place, 3)``."""
    import torch

    weight = next(vae.parameters())
    moving = _moves(vae)
    many = _pixels(vae)
    seen = torch.from_numpy(picture).permute(2, 0, 1)[None]
    seen = seen.repeat_interleave(many, 2).repeat_interleave(many, 3) * 2.0 - 1.0
    seen = seen[:, :, None] if moving else seen
    coded = vae.encode(seen.to(weight))
    coded = coded.latent_dist.mode() if hasattr(coded, "latent_dist") else coded.latent
    late = (torch.tensor([0.05]).to(weight),) if _told(vae, "timestep_conditioning") else ()
    shown = vae.decode(coded, *late, return_dict=False)[0].float()
    coded = coded.float()
    if moving:
        coded, shown = coded[:, :, 0], shown[:, :, 0]
    small = torch.nn.functional.adaptive_avg_pool2d(shown, coded.shape[-2:]) / 2.0 + 0.5
    flat = [one[0].flatten(1).T.cpu().numpy().astype(np.float64) for one in (coded, small)]
    return flat[0], np.clip(flat[1], 0.0, 1.0)


def _moves(vae: Any) -> bool:
    """It codes movies: its first layer looks along time as well."""
    import torch

    kinds = (torch.nn.Conv2d, torch.nn.Conv3d)
    first = next((m for m in vae.encoder.modules() if isinstance(m, kinds)), None)
    return isinstance(first, torch.nn.Conv3d)


def _pixels(vae: Any) -> int:
    """Pixels a side for one latent."""
    for name in ("spatial_compression_ratio", "scale_factor_spatial"):
        found = _told(vae, name) or vars(vae).get(name)
        if found:
            return int(found)
    downs = _told(vae, "block_out_channels") or _told(vae, "dim_mult") or (1,) * 4
    return 1 << (len(downs) - 1)


def _told(vae: Any, name: str) -> Any:
    return getattr(vae.config, name, None)


def _fitted(latents: NDArray[np.float64], colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(channel + 1, 3)``, the last row being what no latent adds."""
    centre, level = latents.mean(axis=0), colours.mean(axis=0)
    seen, wanted = latents - centre, colours - level
    gram = seen.T @ seen
    gram += np.eye(len(gram)) * _RIDGE * max(np.trace(gram) / len(gram), 1e-12)
    matrix = np.linalg.solve(gram, seen.T @ wanted)
    return np.vstack([matrix, level - centre @ matrix])


def _projection(rows: NDArray[np.float64], explained: float) -> Projection:
    told = [tuple(float(value) for value in row) for row in rows]
    return Projection(tuple(told[:-1]), told[-1], explained)
