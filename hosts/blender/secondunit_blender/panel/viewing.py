"""A view drawn off screen and read at once into memory that stays; and a picture drawn over it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator, NamedTuple, Optional

import gpu
from gpu_extras.presets import draw_texture_2d

FARTHEST = 1e9


class Depths(NamedTuple):
    """How a depth buffer of 0..1 is to be read."""

    near: float
    far: float
    parallel: bool


class View:
    """An off-screen buffer of one size, and the memory its pixels are read into."""

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self._screen: Optional[Any] = gpu.types.GPUOffScreen(width, height)
        self.colour = gpu.types.Buffer("UBYTE", width * height * 4)
        self.depth = gpu.types.Buffer("FLOAT", width * height)

    def draw(
        self, scene: Any, layer: Any, space: Any, region: Any, view: Any, projection: Any
    ) -> Depths:
        """Draw what this camera sees: RGBA display codes into ``colour``, 0..1 into ``depth``.

        Without the grid and outlines that help the artist in the view itself. Rows come from the
        bottom, as the graphics library has them.
        """
        assert self._screen is not None
        width, height = self.size
        with _no_overlays(space):
            self._screen.draw_view3d(
                scene, layer, space, region, view, projection, do_color_management=True
            )
        with self._screen.bind():
            buffer = gpu.state.active_framebuffer_get()
            buffer.read_color(0, 0, width, height, 4, 0, "UBYTE", data=self.colour)
            buffer.read_depth(0, 0, width, height, data=self.depth)
        return depths_of(projection)

    def free(self) -> None:
        """Give the graphics memory back."""
        screen, self._screen = self._screen, None
        if screen is not None:
            screen.free()


@contextmanager
def _no_overlays(space: Any) -> Iterator[None]:
    """Only where they are on: each change has the view drawn once more."""
    if not space.overlay.show_overlays:
        yield
        return
    space.overlay.show_overlays = False
    try:
        yield
    finally:
        space.overlay.show_overlays = True


def depths_of(projection: Any) -> Depths:
    """Near and far of a projection matrix, rows first, as OpenGL has them."""
    across, along = float(projection[2][2]), float(projection[2][3])
    if projection[3][3] == 1:
        return Depths((along + 1) / across, (along - 1) / across, True)
    far = along / (across + 1) if across < -1 else FARTHEST
    return Depths(along / (across - 1), min(far, FARTHEST), False)


def texture(pixels: memoryview, width: int, height: int) -> Any:
    """A picture for the graphics card, of float32 RGBA in display codes.

    A view's own buffer encodes what is drawn over it, so the picture has to be decoded when it is
    read: its format says that it is.
    """
    held = gpu.types.Buffer("FLOAT", width * height * 4, pixels.cast("B").cast("f"))
    return gpu.types.GPUTexture((width, height), format="SRGB8_A8", data=held)


def lay(picture: Any, width: int, height: int) -> None:
    """Draw it over all of a region of this size."""
    gpu.state.blend_set("NONE")
    gpu.state.depth_test_set("NONE")
    draw_texture_2d(picture, (0, 0), width, height)
