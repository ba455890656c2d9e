"""Cuts in and out: timelines read, flattened to shots, and given inserts on their own track."""

from __future__ import annotations

from .cut import Cut, CutShot, Document, Gap, Marker, Transition
from .flatten import flattened
from .footage import media_of
from .insert import Inserted, insert, save
from .layers import holes, shot_at, visible
from .place import Place, place
from .reader import load, read_cut
from .shots import shots_json

__all__ = [
    "Cut",
    "CutShot",
    "Document",
    "Gap",
    "Inserted",
    "Marker",
    "Place",
    "Transition",
    "flattened",
    "holes",
    "insert",
    "load",
    "media_of",
    "place",
    "read_cut",
    "save",
    "shot_at",
    "shots_json",
    "visible",
]
