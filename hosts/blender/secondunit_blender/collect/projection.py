"""Where a point of the scene is seen in a picture, from a row of ``cameras.json`` alone.

A row is what ``camera.camera_row`` writes. World coordinates are Blender's, z up, in scene units;
a camera looks along its own -z with y up. Pixels count from the top left, (0, 0) being the middle
of the first pixel.
"""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence, Tuple

Point = Tuple[float, float, float]
Row = Mapping[str, Any]


def in_camera(row: Row, point: Sequence[float]) -> Point:
    """A world point in the camera's own axes; its distance along the lens is ``-z``.

    A camera's scale does not matter: Blender renders without it.
    """
    world = row["world"]
    away = [point[i] - world[i][3] for i in range(3)]
    turned = []
    for axis in range(3):
        column = [world[i][axis] for i in range(3)]
        length = sum(value * value for value in column) ** 0.5
        turned.append(sum(a * c for a, c in zip(away, column)) / length)
    return turned[0], turned[1], turned[2]


def pixel_of(row: Row, point: Sequence[float]) -> Optional[Tuple[float, float]]:
    """Column and row of a world point; None behind the camera and for panoramas.

    The lens as Blender means it: the sensor fits the side that ``sensor_fit`` names, AUTO the
    longer one (blenkernel, ``BKE_camera_params_compute_viewplane``).
    """
    x, y, z = in_camera(row, point)
    wide, high = row["resolution"]
    aspect = row["pixel_aspect"]  # height of a pixel over its width
    across = fits_width(row)
    whole = wide if across else high * aspect  # what the sensor spans, in pixel widths
    if row["type"] == "ORTHO":
        scale = whole / row["ortho_scale"]
    elif row["type"] == "PERSP" and z < 0:
        fitted = row["sensor_width"]
        if row["sensor_fit"] == "VERTICAL":
            fitted = row["sensor_height"]
        scale = whole * row["lens_mm"] / fitted / -z
    else:
        return None
    right = x * scale - row["shift_x"] * whole
    up = (y * scale - row["shift_y"] * whole) / aspect
    return wide / 2 + right - 0.5, high / 2 - up - 0.5


def fits_width(row: Row) -> bool:
    """The sensor spans the picture's width, not its height."""
    if row["sensor_fit"] != "AUTO":
        return bool(row["sensor_fit"] == "HORIZONTAL")
    wide, high = row["resolution"]
    return bool(wide >= high * row["pixel_aspect"])
