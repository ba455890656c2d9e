"""The edit of a scene: which scene's sequencer it lies in, and the grey scene strips of its shots.

The edit lies in a scene of its own. Strips in the layout scene's own sequencer would be rendered
in place of its 3D view, by everybody who presses F12 there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, Iterator, List, Optional, Sequence

from secondunit_bridge.timing import FrameRange

GUID, TAKE, VERSION, RECORD, SPACE = (
    "secondunit_guid",
    "secondunit_take",
    "secondunit_version",
    "secondunit_record",
    "secondunit_space",
)
FRAMES = "secondunit_frames"  # of a strip: first and last delivered frame, the head handle, the
# scene frame of the cut's first, and the scene frames it was placed from and to
LAID = "secondunit_laid"  # of a grey strip: first and last frame its scene had when it was laid
OF = "secondunit_of"  # on the scene of an edit: the name of the scene whose shots it plays
GREY, LOOK = "GREY", "LOOK"
MOST_CHANNELS = 128  # Blender's own limit

_VIEW = ("view_transform", "look", "exposure", "gamma")


@dataclass(frozen=True)
class Piece:
    """A shot as the edit needs it: ``frames`` are scene frames, handles not included."""

    guid: str
    code: str
    camera: str
    frames: FrameRange


def strips_of(editor: Any) -> Any:
    """The strips of a sequencer, not those inside meta strips. Their name changed in 4.4."""
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def strips(scene: Any) -> List[Any]:
    """The strips of a scene's sequencer; empty when it has none."""
    return list(strips_of(scene.sequence_editor)) if scene.sequence_editor else []


def edit_of(layout: Any, scenes: Iterable[Any]) -> Optional[Any]:
    """The scene whose sequencer plays the shots of ``layout``; None while there is none.

    One that we made, else one with strips of that scene: an edit the artist laid by hand is used.
    """
    there = list(scenes)
    ours = next((s for s in there if s.get(OF) == layout.name and s != layout), None)
    return ours or next(
        (s for s in there if any(_shows(strip, layout) for strip in strips(s))), None
    )


def layout_of(scene: Any, scenes: Any) -> Any:
    """The scene that holds the cameras, whether one stands in it or in its edit."""
    told = scene.get(OF)
    if told and scenes.get(told) is not None:
        return scenes[told]
    if any(marker.camera for marker in scene.timeline_markers):
        return scene
    shown = [s.scene for s in strips(scene) if s.type == "SCENE" and s.scene is not None]
    return next((s for s in shown if any(m.camera for m in s.timeline_markers)), scene)


def make_edit(layout: Any, scenes: Any, pieces: Sequence[Piece]) -> Any:
    """The edit of a scene with a grey scene strip for every shot; what is there is left alone.

    ``scenes`` is ``bpy.data.scenes``.
    """
    edit = edit_of(layout, scenes)
    if edit is None:
        edit = scenes.new(f"{layout.name} cut"[:63])
        edit[OF] = layout.name
        _like(edit, layout)
    elif edit.get(OF) == layout.name:  # ours: the scene may have grown since, or its rate changed
        edit.frame_start = min(edit.frame_start, layout.frame_start)
        edit.frame_end = max(edit.frame_end, layout.frame_end)
        edit.render.fps, edit.render.fps_base = layout.render.fps, layout.render.fps_base
    editor = edit.sequence_editor or edit.sequence_editor_create()
    for piece in pieces:
        strip = grey_strip(edit, layout, piece)
        if strip is None:
            _add_grey(editor, layout, piece)
        elif strip.get(LAID) and list(strip[LAID]) != [layout.frame_start, layout.frame_end]:
            _lay_again(editor, layout, piece, strip)
    return edit


def grey_strip(edit: Any, layout: Any, piece: Piece) -> Optional[Any]:
    """The scene strip that plays a shot: the one that carries its GUID, else one that covers it."""
    grey = [strip for strip in strips(edit) if _shows(strip, layout)]
    marked = next((strip for strip in grey if strip.get(GUID) == piece.guid), None)
    if marked is not None:
        return marked
    for strip in grey:
        free = not strip.get(GUID)
        if free and strip.frame_final_start <= piece.frames.first < strip.frame_final_end:
            return strip
    return None


def look_strips(edit: Any, guid: str = "") -> Iterator[Any]:
    """The strips that play takes, of one shot or of all."""
    for strip in strips(edit):
        if strip.get(TAKE) and (not guid or strip.get(GUID) == guid):
            yield strip


def free_channel(edit: Any, first: int, end: int, lowest: int, *, but: Any = None) -> int:
    """The lowest channel from ``lowest`` on with nothing between two frames (``end`` excluded)."""
    taken = {
        strip.channel
        for strip in strips(edit)
        if strip != but and strip.frame_final_start < end and strip.frame_final_end > first
    }
    return next((n for n in range(lowest, MOST_CHANNELS) if n not in taken), MOST_CHANNELS)


def name_channel(editor: Any, channel: int, name: str) -> None:
    """Say what a channel is for, unless somebody named it already."""
    if channel < len(editor.channels) and editor.channels[channel].name == f"Channel {channel}":
        editor.channels[channel].name = name


def _shows(strip: Any, layout: Any) -> bool:
    return bool(strip.type == "SCENE" and strip.scene == layout)


def _lay_again(editor: Any, layout: Any, piece: Piece, old: Any) -> None:
    """A scene strip counts from its scene's first frame: when that moves it would play others.

    Where the strip stands, its trims, channel and mute switch stay.
    """
    first, end = old.frame_final_start, old.frame_final_end
    moved = int(old.frame_start) - int(old[LAID][0])  # by hand
    channel, mute, name = old.channel, old.mute, old.name
    strips_of(editor).remove(old)
    strip = _add_grey(editor, layout, piece)
    strip.frame_start = layout.frame_start + moved
    strip.frame_offset_start = first - strip.frame_start
    strip.frame_offset_end = strip.frame_start + strip.frame_duration - end
    strip.channel, strip.mute, strip.name = channel, mute, name


def _add_grey(editor: Any, layout: Any, piece: Piece) -> Any:
    edit_scene = editor.id_data
    end = piece.frames.last + 1
    channel = free_channel(edit_scene, piece.frames.first, end, 1)
    strip = strips_of(editor).new_scene(
        name=piece.code, scene=layout, channel=channel, frame_start=layout.frame_start
    )
    strip.scene_camera = layout.objects.get(piece.camera)
    strip.frame_offset_start = piece.frames.first - layout.frame_start
    strip.frame_offset_end = layout.frame_end - piece.frames.last
    strip[GUID] = piece.guid
    strip[LAID] = [layout.frame_start, layout.frame_end]
    strip.channel = channel
    name_channel(editor, channel, GREY)
    return strip


def _like(edit: Any, layout: Any) -> None:
    """The same picture size, rate, range and view as the scene it plays."""
    here, there = edit.render, layout.render
    here.fps, here.fps_base = there.fps, there.fps_base
    here.resolution_x, here.resolution_y = there.resolution_x, there.resolution_y
    here.resolution_percentage = there.resolution_percentage
    here.pixel_aspect_x, here.pixel_aspect_y = there.pixel_aspect_x, there.pixel_aspect_y
    edit.frame_start, edit.frame_end = layout.frame_start, layout.frame_end
    for name in _VIEW:
        setattr(edit.view_settings, name, getattr(layout.view_settings, name))
    here.use_sequencer = True
