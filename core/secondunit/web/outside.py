"""What changed outside the matte, in false colours, from the receipt of a take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import FramesMissing, MediaOffline

from ..contract.geometry import displayed, grown
from ..contract.receipt import read_mask
from ..media.footage import Picture
from ..media.plates import PlateFrame, read_plate
from ..vault import Vault

# Protected and untouched is grey, what may change is its own colour, changed there is teal, and
# what was protected and changed all the same is red: nobody overlooks it.
_TEAL, _RED, _DIM = (64, 196, 180), (255, 48, 40), 0.38
_AT_LEAST = 3  # columns and rows that a changed protected pixel is drawn with


class Outside:
    """The plate and the masks of one frame, as a receipt names them. Raises FramesMissing."""

    def __init__(self, receipt: dict[str, Any], vault: Vault, number: int) -> None:
        key = str(number)
        if key not in receipt.get("masks", {}):
            raise FramesMissing(
                f"there is no receipt for frame {number}",
                hint="Only takes of plates have one.",
            )
        conformed = receipt.get("conformed", {}).get(key)
        self._file = vault.path(conformed) if conformed else Path(receipt["plate_files"][key])
        self._mask = vault.path(receipt["masks"][key])
        self.space = str(receipt["space"])

    def plate(self) -> Picture:
        """The plate's display window, RGB float32 in ``space``. Raises MediaOffline."""
        return self.displayed(self._plate())

    def displayed(self, frame: PlateFrame) -> Picture:
        """The display window of a frame, RGB float32."""
        rgb = [frame.colour.index(name) for name in "RGB"]
        return np.asarray(displayed(frame.half()[..., rgb].astype(np.float32), frame.windows))

    def coloured(self, under: NDArray[np.uint8], result: PlateFrame) -> NDArray[np.uint8]:
        """The picture ``under``, uint8 RGB of any size, with what changed laid over it."""
        plate = grown(self._plate(), result.windows.data)
        _, protected = read_mask(self._mask)
        differs = (_bits(plate) != _bits(result)).any(axis=-1)
        windows, size = result.windows, (under.shape[1], under.shape[0])
        kept = ~displayed(~protected, windows)
        changed = displayed(differs, windows)
        grey = (under.mean(axis=-1, keepdims=True) * _DIM).astype(np.uint8)
        shown = np.where(_sized(kept, size)[..., None], grey, under)
        inside = _sized(changed & ~kept, size)
        mixed = (shown * 0.6 + np.array(_TEAL) * 0.4).astype(np.uint8)
        shown = np.where(inside[..., None], mixed, shown)
        return np.where(_found(changed & kept, size)[..., None], np.array(_RED, np.uint8), shown)

    def _plate(self) -> PlateFrame:
        if not self._file.is_file():
            raise MediaOffline(
                f"the plate {self._file.name} is not where it was",
                hint="Mount its disk; without the plate nothing can be compared.",
            )
        return read_plate(self._file)


def _bits(frame: PlateFrame) -> NDArray[np.uint16]:
    return np.ascontiguousarray(frame.half()).view(np.uint16)


def _sized(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    import cv2

    return cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0


def _found(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Made small without losing a single pixel, and drawn large enough to be seen."""
    import cv2

    if not mask.any():
        return np.zeros((size[1], size[0]), bool)
    small = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    spread = np.ones((_AT_LEAST, _AT_LEAST), np.uint8)
    return cv2.dilate(small.astype(np.uint8), spread) > 0
