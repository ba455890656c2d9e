"""Starts a fake Resolve with a project and an empty timeline in it."""

from __future__ import annotations

from .handles import Handle
from .state import Faults, Project, Timeline, Track, World


def fake(
    version: str = "20.3.2", edition: str = "free", faults: Faults | None = None
) -> tuple[World, Handle]:
    """The world, and the live ``resolve`` that a script of Workspace > Scripts is given."""
    number = tuple(int(part) for part in version.split("."))
    world = World(number, edition, faults or Faults())
    timeline = Timeline("TCC_v01")
    timeline.tracks["video"] = [Track("Video 1"), Track("Video 2")]
    timeline.tracks["audio"] = [Track("Audio 1")]
    project = Project("Film", timelines=[timeline], current=timeline)
    world.projects.append(project)
    world.project = project
    return world, Handle(world, "Resolve", None)
