"""Live frames: a viewport's picture and depth out of one slot, the styled picture into another.

A session's few numbers (levels of light) are kept between its frames and nowhere else.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from secondunit_bridge.errors import FieldError, SlotLost
from secondunit_bridge.slots import Frame, Lease, SlotFile, State

from .orders import LiveFrame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..generators.looks.live import Session

KEPT = 32  # sessions; more than the daemon lets be open at once
_NEAREST = 0.5  # of the depth that an even view has, in front of its nearest thing


class LiveLooks:
    """What the live stage keeps between frames: mapped slots, and each session's numbers."""

    def __init__(self) -> None:
        self._mapped: dict[str, SlotFile] = {}
        self._sessions: dict[str, Session] = {}

    def style(self, order: LiveFrame) -> float:
        """Draw one frame; milliseconds it took. Raises SlotLost, FieldError."""
        import numpy as np

        from ..generators.looks.live import toon

        begun = time.perf_counter()
        given, made = self._slot(order.given), self._slot(order.made)
        shape, dtype = (order.height, order.width, 4), np.dtype(order.colour)
        behind = order.width * order.height * 4 * dtype.itemsize
        if given.nbytes < behind + order.width * order.height * 4:
            raise FieldError(f"a frame of {order.width} x {order.height} does not fit its slot")
        colour = np.frombuffer(given.pixels, dtype, behind // dtype.itemsize).reshape(shape)
        depth = np.frombuffer(given.pixels, np.float32, order.width * order.height, behind)
        picture = toon(
            colour,
            _distances(depth.reshape(shape[:2]), order),
            self._session(order.session),
            bands=int(order.options.get("bands", 3)),
            line=float(order.options.get("line", 1.0)),
        )
        given.check(order.given.generation)  # else somebody else wrote there meanwhile
        made.check(order.made.generation)
        _write(picture, made, order)
        return (time.perf_counter() - begun) * 1000

    def _session(self, name: str) -> Session:
        from ..generators.looks.live import Session

        while len(self._sessions) >= KEPT and name not in self._sessions:
            self._sessions.pop(next(iter(self._sessions)))
        return self._sessions.setdefault(name, Session())

    def _slot(self, lease: Lease) -> SlotFile:
        if lease.path not in self._mapped:
            for gone in [path for path in self._mapped if not Path(path).exists()]:
                self._mapped.pop(gone).close()
            self._mapped[lease.path] = SlotFile.attach(Path(lease.path))
        slot = self._mapped[lease.path]
        slot.check(lease.generation)
        return slot


def _distances(depth: NDArray[np.float32], order: LiveFrame) -> NDArray[np.float32]:
    """Distances, in any unit, of what the host gave; 0 is nothing."""
    import numpy as np

    from ..generators.looks.live import distance

    if not order.far:
        return depth
    if not order.parallel:
        return distance(depth, order.near, order.far)
    there = depth < 1
    if not there.any():
        return np.zeros_like(depth)
    # An even view has no eye: one is assumed so near that jumps between its things show.
    low, high = (float(one) for one in np.quantile(depth[there], (0.0, 0.98)))
    before = max((high - low) * _NEAREST, 1e-7)
    made: NDArray[np.float32] = np.where(there, depth - np.float32(low - before), 0)
    return made


def _write(picture: NDArray[np.float32], made: SlotFile, order: LiveFrame) -> None:
    """The picture as RGBA into its slot. Raises SlotLost when the slot is too small."""
    import cv2
    import numpy as np

    shape = (order.height, order.width, 4)
    frame = Frame(shape, order.result, number=order.number)
    if frame.nbytes > made.nbytes:
        raise SlotLost(f"a frame of {frame.nbytes} bytes does not fit slot {made.path.name}")
    items = order.height * order.width * 4
    room = np.frombuffer(made.pixels, order.result, items).reshape(shape)
    codes = cv2.convertScaleAbs(picture, alpha=255) if order.result == "uint8" else picture
    cv2.cvtColor(codes, cv2.COLOR_RGB2RGBA, dst=room)  # straight into the slot, alpha full
    made.describe(frame)
    made.mark(order.made.generation, State.result)
