"""Pictures that say why a take cannot be shot: kept as captioned PNG, named in the error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import TurnoverRejected

from ..colour import Colour
from ..disk import saying_why, write_whole
from ..hookspecs import Preview
from ..media import text
from ..media.footage import Picture
from ..media.widths import SQUARE, small

FOLDER = "evidence"  # in the store, a PNG for each take that was refused with a picture
SCREEN = "sRGB Encoded Rec.709 (sRGB)"
WIDEST = 4096  # columns of what is shown as wide as it was
_LEAST_WIDE = 640  # columns; a smaller picture is drawn larger, so that its caption can be read
_BAR = 44  # rows under the picture
_INK = 20  # pixels, the caption's size
_GREY = 24  # of the bar, 0..255


@dataclass(frozen=True)
class Screen:
    """How a generator's pictures are shown. ``back``: its code space to ``working``, if it has one.

    ``aspect`` is that of its pixels, width over height: they are shown as wide as they were before
    a lens squeezed them. Pictures are ``(row, column, RGB)``: float32 in, uint8 as an sRGB screen
    takes them out.
    """

    colour: Colour
    working: str
    back: Callable[[Picture], Picture] | None
    aspect: Fraction = SQUARE

    def shown(self, picture: Picture, widest: int = WIDEST) -> NDArray[np.uint8]:
        """As a screen shows it; one that was squeezed at most ``widest`` columns wide."""
        wide = picture if self.aspect == SQUARE else small(picture, widest, self.aspect)
        light = self.back(wide) if self.back else wide
        seen = self.colour.convert(light, self.working, SCREEN)
        return (np.clip(np.nan_to_num(seen), 0, 1) * 255 + 0.5).astype(np.uint8)


class Evidence:
    """Keeps the latest captioned picture of one take."""

    def __init__(self, store: Path, take: str, screen: Screen) -> None:
        self._path, self.screen = store / FOLDER / f"{take}.png", screen
        self.path: Path | None = None

    def keep(self, shown: Preview) -> None:
        """Write a picture that says something, RGB. Raises DiskFull, NotPermitted."""
        import cv2

        if not shown.says:
            return
        light = np.ascontiguousarray(shown.pixels[..., :3], dtype=np.float32)
        eight = self.screen.shown(light)
        ok, png = cv2.imencode(".png", captioned(eight, shown.says)[..., ::-1])
        if not ok:
            return
        with saying_why(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self.path = write_whole(self._path, png.tobytes(), mode=0o644)

    @contextmanager
    def named(self) -> Iterator[None]:
        """A refusal from within names the picture in its ``data``."""
        try:
            yield
        except TurnoverRejected as error:
            if self.path is not None:
                error.data["picture"] = str(self.path)
            raise


def captioned(picture: NDArray[np.uint8], says: str) -> NDArray[Any]:
    """The picture, ``(row, column, RGB)`` uint8, with the caption on a bar under it."""
    import cv2

    rows, columns = picture.shape[:2]
    times = -(-_LEAST_WIDE // columns)
    if times > 1:
        size = (columns * times, rows * times)
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    large = max(1, picture.shape[1] // 1280)
    bar = np.full((_BAR * large, picture.shape[1], 3), _GREY, np.uint8)
    ink, room = _INK * large, picture.shape[1] - 32 * large
    at = (16 * large, (_BAR * large + round(ink * text.CAP_HEIGHT)) // 2)
    text.draw(bar, text.fitted(says, room, ink), at, ink)
    return np.concatenate([picture, bar])
