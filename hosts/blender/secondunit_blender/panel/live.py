"""The live look: a 3D view drawn in a look while the artist moves in it.

The view's own drawing takes its picture off screen and offers it; a timer has the view drawn again
when a styled one came back. Nothing waits, and nothing of it is part of the file.
"""

from __future__ import annotations

import itertools
import time
from typing import Any, Dict, List, Optional, Tuple

import bpy
from secondunit_bridge.errors import DaemonUnavailable, SecondUnitError
from secondunit_bridge.live import Live
from secondunit_bridge.saying import Said, told
from secondunit_bridge.unit import Unit

from .. import host
from ..session import Session
from . import fields, running, viewing
from .acts import Act

BEAT_S = 1 / 60  # between looks at what came back
SETTLE_S = 0.3  # a size or an option that changes must stand so long before it counts
AGAIN_S = 0.5  # between sessions that are opened
TOLD_S = 1.0  # between looks of the panel at how it goes
RECENT = 12  # pictures whose pace is told
NOTED = ("bands", "line")  # the sliders of toon that a live look follows
LOOK = "toon"
Opening = Tuple[int, int, Tuple[Tuple[str, Any], ...]]


class LiveLook:
    """One 3D view with its look on. Blender's own thread only."""

    def __init__(self, session: Session, space: Any) -> None:
        self._session = session
        self._space = int(space.as_pointer())
        self._live: Optional[Live] = None
        self._view: Optional[viewing.View] = None
        self._numbers = itertools.count(1)
        self._wanted: Tuple[Opening, float] = ((0, 0, ()), 0.0)
        self._opened: Opening = (0, 0, ())
        self._seen: Any = None  # what was offered last
        self._picture: Any = None
        self._shown = self._failed = self.edits = 0
        self._asked_at = self._tried_at = self._told_at = float("-inf")
        self._times: List[float] = []
        self._drawing = self._closed = False

    @property
    def live(self) -> Optional[Live]:
        """The session in the daemon, once it was opened."""
        return self._live

    def line(self) -> str:
        """How it goes, for the panel."""
        live = self._live
        if live is not None and live.trouble is not None:
            return told(live.trouble).line
        times = self._times
        if live is None or len(times) < 2:
            return "Waiting for the first pictures."
        rate = (len(times) - 1) / max(times[-1] - times[0], 1e-3)
        late = live.latencies[-1] * 1000 if live.latencies else 0.0
        return f"{rate:.0f} pictures a second, {late:.0f} ms late"

    def follow(self, width: int, height: int, context: Any) -> None:
        """Open the session, or another one when the view's size or the options changed."""
        panel, now = fields.of(context), time.monotonic()
        wide = max(16, min(int(panel.live_width), width))
        high = max(16, round(wide * height / max(width, 1)))
        wanted: Opening = (wide, high, _options(panel))
        if wanted != self._wanted[0]:
            self._wanted = (wanted, now)
        gone = self._live is not None and isinstance(self._live.trouble, DaemonUnavailable)
        settled = now - self._wanted[1] >= SETTLE_S or self._opened[0] == 0
        if (gone or (wanted != self._opened and settled)) and now - self._asked_at > AGAIN_S:
            self._asked_at = now
            self._open(wanted)

    def capture(
        self, scene: Any, layer: Any, space: Any, region: Any, view: Any, projection: Any
    ) -> bool:
        """Draw what this camera sees off screen and offer it. False when it was not taken."""
        live = self._live
        if live is None or not live.ready:
            return False
        if self._view is None:
            self._view = viewing.View(*self._opened[:2])
        shown = self._view
        near, far, parallel = shown.draw(scene, layer, space, region, view, projection)
        return live.offer(
            shown.colour, shown.depth, next(self._numbers), near=near, far=far, parallel=parallel
        )

    def picture(self) -> Any:
        """The newest styled picture on the graphics card; None before the first came."""
        newest = self._live.newest() if self._live is not None else None
        if newest is not None and newest.number != self._shown:
            self._shown = newest.number
            self._picture = viewing.texture(newest.pixels, *self._opened[:2])
            self._times = [*self._times[1 - RECENT :], time.monotonic()]
        return self._picture

    def draw(self) -> None:
        """What the view calls each time it has been drawn."""
        context = bpy.context
        space, region, looks_at = context.space_data, context.region, context.region_data
        if self._drawing or int(space.as_pointer()) != self._space:
            return
        if looks_at is None or looks_at.as_pointer() != space.region_3d.as_pointer():
            return  # one of the smaller views of a quad view
        self._drawing = True  # drawing off screen may call us again
        try:
            self.follow(region.width, region.height, context)
            seen = (self._opened, self.edits, context.scene.frame_current, _shown(space, looks_at))
            if seen != self._seen and self.capture(
                context.scene, context.view_layer, space, region,
                looks_at.view_matrix, looks_at.window_matrix,
            ):  # fmt: skip
                self._seen = seen
            picture = self.picture()
            if picture is not None:
                viewing.lay(picture, region.width, region.height)
        finally:
            self._drawing = False

    def beat(self) -> float:
        """What the timer calls: have the view drawn where there is something new to show or try."""
        region = self._region()
        if region is None:  # its area was closed
            stop()
            return BEAT_S
        live = self._live
        newest = live.newest() if live is not None else None
        if live is not None and live.counts.failed != self._failed:
            self._failed, self._seen = live.counts.failed, None
        now = time.monotonic()
        fresh = newest is not None and newest.number != self._shown
        stale = self._seen is None or _options(fields.of(bpy.context)) != self._opened[2]
        if fresh or (stale and now - self._tried_at > AGAIN_S / 2):
            self._tried_at = now
            region.tag_redraw()
        if now - self._told_at > TOLD_S:
            self._told_at = now
            self._session.host.redraw()
        return BEAT_S

    def close(self) -> None:
        """End the session and free what lies on the graphics card."""
        self._closed = True
        self._drop()
        self._picture = None

    def _open(self, opening: Opening) -> None:
        self._drop()
        self._opened = opening
        width, height, options = opening
        told_options: Dict[str, Any] = dict(options)

        def ask(unit: Unit) -> Live:
            return unit.live(LOOK, width, height, options=told_options, result="float32")

        def answered(live: Live) -> None:
            if self._closed or self._opened != opening or self._live is not None:
                live.close()
            else:
                self._live = live

        def failed(error: SecondUnitError) -> None:
            self._session.fail(error)
            if running.LIVE is self:
                stop()  # the artist sees the grey and why; pressing again tries again

        self._session.caller.ask(ask, answered, failed, start=True)

    def _drop(self) -> None:
        live, self._live = self._live, None
        view, self._view = self._view, None
        self._seen, self._failed, self._shown = None, 0, 0
        if live is not None:
            live.close()
        if view is not None:
            view.free()

    def _region(self) -> Any:
        for window in bpy.context.window_manager.windows:
            for area in window.screen.areas:
                if int(area.spaces.active.as_pointer()) == self._space:
                    return next((r for r in area.regions if r.type == "WINDOW"), None)
        return None


_handle: List[Any] = []


class SECONDUNIT_OT_live_look(Act, bpy.types.Operator):
    """Draw this 3D view in the toon look while you move in it; press again to see the grey"""

    bl_idname = "secondunit.live_look"
    bl_label = "Live Look"

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """On, or off."""
        if running.LIVE is not None:
            stop()
            return None
        space = _space(context)
        if space is None:
            return Said("There is no 3D view to draw.", "Open one and press again.", True)
        start(LiveLook(session, space), context)
        return None


CLASSES = (SECONDUNIT_OT_live_look,)


def start(look: LiveLook, context: Any) -> None:
    """Put its handlers and its timer into Blender."""
    running.LIVE = look
    _handle.append(bpy.types.SpaceView3D.draw_handler_add(look.draw, (), "WINDOW", "POST_PIXEL"))
    bpy.app.handlers.depsgraph_update_post.append(_edited)
    bpy.app.handlers.load_pre.append(_leaving)
    if not host.background():
        host.start_timer(_beat, 0.0)


def stop() -> None:
    """Take all of it out again, whatever of it is there."""
    host.stop_timer(_beat)
    while _handle:
        bpy.types.SpaceView3D.draw_handler_remove(_handle.pop(), "WINDOW")
    for handlers, ours in (
        (bpy.app.handlers.depsgraph_update_post, _edited),
        (bpy.app.handlers.load_pre, _leaving),
    ):
        if ours in handlers:
            handlers.remove(ours)
    look, running.LIVE = running.LIVE, None
    if look is not None:
        look.close()
        _redraw()


def _space(context: Any) -> Any:
    """The 3D view of the button, else the first one there is."""
    if context.area is not None and context.area.type == "VIEW_3D":
        return context.area.spaces.active
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                return area.spaces.active
    return None


def _options(panel: Any) -> Tuple[Tuple[str, Any], ...]:
    """The sliders that a live look follows, as they stand."""
    return tuple((name, getattr(panel, f"look_{name}")) for name in NOTED)


def _shown(space: Any, looks_at: Any) -> Tuple[Any, ...]:
    """What a view's picture depends on besides the scene."""
    place = tuple(value for row in looks_at.perspective_matrix for value in row)
    return (place, space.shading.type, space.shading.light)


def _redraw() -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def _beat() -> Optional[float]:
    """What Blender's timer calls; None ends it."""
    return running.LIVE.beat() if running.LIVE is not None else None


@bpy.app.handlers.persistent
def _edited(*_: Any) -> None:
    """Something in the scene changed: what was offered last is old."""
    if running.LIVE is not None:
        running.LIVE.edits += 1


@bpy.app.handlers.persistent
def _leaving(*_: Any) -> None:
    """Another file is opened: its views are others."""
    stop()
