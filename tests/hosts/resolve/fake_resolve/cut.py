"""An editor's cut of real footage in a fake Resolve, and what of it is not ours."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from .state import Item, Media, Track, World

IN = 86460  # the first frame of the gap
_LATER = 86700  # where the rest of a shortened cut begins
BBB = "footage/big-buck-bunny-480p-30s.mp4"


def cut_of(world: World, movie: Path) -> dict[str, Item]:
    """Three tracks of real footage: a gap of 40, a dissolve, retimes, a freeze, a compound."""
    media = Media("bbb", str(movie), 720)
    other = Media("seeking", str(movie.parent / "seeking-480i.mp4"), 150, 25.0)
    slow = Media("room", str(movie.parent / "one-by-one-person.mp4"), 1394, 10.0)
    nest = Media("nest", "", 100, kind="Compound")
    gone = Media("gone", "/not/there.mov", 200, online=False)
    world.timeline.settings |= {"timelineResolutionWidth": "96", "timelineResolutionHeight": "54"}
    at = 86400
    a = Item("A", at, 60, media, 250)
    b = Item("B", at + 100, 60, media, 330)
    fast = Item("fast", at + 160, 30, media, 400, 2.0)
    back = Item("back", at + 190, 30, media, 480, -1.0)
    still = Item("still", at + 220, 24, media, 500, 0.0)
    compound = Item("nest", at + 264, 40, nest, 0)
    offline = Item("gone", at + 324, 40, gone, 20)
    room = Item("room", at + 400, 40, slow, 0)
    dissolve = Item("Cross Dissolve", at + 150, 20, kind="transition")
    title = Item("title", at + 10, 20, kind="generator")
    pal = Item("pal", at + 500, 40, other, 10)
    video = world.timeline.tracks["video"]
    video[0].items = [a, b, fast, back, still, dissolve, compound, offline, room, pal]
    video[1].items = [title]
    world.timeline.tracks["audio"][0].items = [Item("music", at, 540, Media("music", "", 9999))]
    world.project.root.clips = [media, other, slow, nest, gone]
    return {item.name: item for item in video[0].items}


def shortened(world: World, folder: Path, last: int) -> None:
    """A second before a gap from IN to ``last`` and one behind it, and of all the rest a few
    frames: a sweep decodes each. With it goes a clip of 23.976."""
    import numpy as np
    from cut_material import write_movie

    items = world.timeline.tracks["video"][0].items
    pictures = [np.full((54, 96, 3), 40 * number, np.uint8) for number in range(6)]
    film = write_movie(folder / "film.mov", pictures, rate=Fraction(24000, 1001))
    items.append(Item("film", 0, 3, Media("film", str(film), 6, 24000 / 1001), 1))
    at = _LATER
    for item in items:
        if item.name == "A":  # its last second
            item.start, item.left, item.length = IN - 24, item.left + 36, 24
        elif item.name == "B":  # the film begins black, which a sweep must see
            item.start, item.left, item.length = last + 1, 0, 24
        elif item.kind == "transition":
            item.start, item.length = _LATER + 2, 2
        else:
            item.start, item.length = at, 3
            at += 3
    assert {item.kind for item in items} == {"clip", "transition"}


def outside(world: World) -> list[object]:
    """Everything of the timeline that is not ours, item by item."""
    found: list[object] = [world.timeline.name, world.timeline.start, world.timeline.marks]
    for kind, tracks in world.timeline.tracks.items():
        for track in tracks:
            if track.name != "SU_INSERT":
                found.append((kind, track.name, track.locked, [_seen(i) for i in track.items]))
    return found


def _seen(item: Item) -> tuple[object, ...]:
    media = item.media.path if item.media else None
    return (item.id, item.name, item.start, item.length, media, item.left, item.speed, item.colour,
            item.enabled, len(item.takes), dict(item.markers))  # fmt: skip


def ours_track(world: World) -> Track:
    return next(t for t in world.timeline.tracks["video"] if t.name == "SU_INSERT")
