"""The picture that stands for a take: the middle one of its frames, as previews show frames."""

from __future__ import annotations

import numpy as np
from secondunit_bridge.film import Media

from ..colour import Colour
from ..media.widths import small
from ..vault import Vault
from .evidence import SCREEN
from .frames import KeptFootage
from .previews import PREVIEW_WIDTH
from .shown import jpeg_of

_QUALITY = 85


def poster(media: Media, vault: Vault, colour: Colour) -> bytes:
    """JPEG, sRGB, at most 480 columns. Raises FramesMissing, MediaDamaged, ColorUnknown ..."""
    number = media.frames.first + len(media.frames) // 2
    footage = KeptFootage(media, vault)
    rgb = small(footage.frame(number), PREVIEW_WIDTH, footage.pixel_aspect())
    codes = np.clip(colour.convert(rgb, media.space, SCREEN), 0, 1)
    return jpeg_of(np.asarray(codes * 255 + 0.5, np.uint8), _QUALITY)
