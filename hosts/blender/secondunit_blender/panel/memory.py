"""Keeps what stands in the panel in a note beside the .blend, and takes it up again.

Blender empties the window manager's fields with every file it opens, and its undo never sees them.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, Optional

from ..remembering import asks_note, note_asks, recall_asks
from ..session import Session
from .looks import SLIDERS

_FIELDS = (
    "look", "brief", "options", "takes", "seed", "backend", "percentage", "project",
    "one_exposure",
    *(f"look_{slider.name}" for slider in SLIDERS),
)  # fmt: skip


class Memory:
    """The panel's settings of the scene in front. ``follow`` is called with each beat."""

    def __init__(self) -> None:
        self._note: Optional[Path] = None
        self._last: Dict[str, Any] = {}
        self._blank: Optional[Dict[str, Any]] = None  # as Blender gives the fields with a file
        self._look = ("", "")  # one the daemon has not told of yet, and what stands instead
        self._artist = ""

    def follow(self, session: Session, panel: Any) -> None:
        """Take up another scene's note, or write down what was changed. Never raises for a disk."""
        layout, blend = session.host.layout(), session.host.blend()
        note = asks_note(layout.name, blend) if blend and layout is not None else None
        if self._blank is None:
            self._blank = self._now(session, panel)
        if note != self._note:
            asks = recall_asks(note) if note is not None else {}
            self._take_up(session, panel, asks)
            self._note = (
                note  # without one, what was written before the first save is still to note
            )
            self._last = self._now(session, panel) if asks else self._blank
        else:
            self._set_look(panel)
            self._write(session, panel)

    def leave_file(self, panel: Any) -> None:
        """Another file was opened: its note is to be read. The artist is still the same."""
        self._note = self._blank = None
        if self._artist and not panel.artist:
            panel.artist = self._artist

    def _write(self, session: Session, panel: Any) -> None:
        self._artist = str(panel.artist)
        now = self._now(session, panel)
        if now == self._last or self._note is None:
            return
        self._last = now
        with suppress(OSError):  # a folder that may not be written: kept until Blender closes
            note_asks(self._note, now)

    def _now(self, session: Session, panel: Any) -> Dict[str, Any]:
        fields = {name: getattr(panel, name) for name in _FIELDS}
        wanted, instead = self._look
        if wanted and fields["look"] == instead:
            fields["look"] = wanted
        references = [str(one.path) for one in panel.references]
        return {"panel": fields, "references": references, "shots": session.briefs.noted()}

    def _take_up(self, session: Session, panel: Any, asks: Dict[str, Any]) -> None:
        fields, shots = asks.get("panel"), asks.get("shots")
        if isinstance(shots, dict):
            session.briefs.recall(shots)
        for name, value in fields.items() if isinstance(fields, dict) else ():
            if name == "look":
                self._look = (str(value), str(panel.look))
                self._set_look(panel)
            elif name in _FIELDS:
                with suppress(TypeError, ValueError):  # of an older add-on, or changed by hand
                    setattr(panel, name, value)
        if isinstance(asks.get("references"), list):
            panel.references.clear()
            for path in asks["references"]:
                panel.references.add().path = str(path)

    def _set_look(self, panel: Any) -> None:
        wanted, instead = self._look
        if not wanted:
            return
        if panel.look == instead:  # else the artist has chosen another meanwhile
            try:
                panel.look = wanted
            except TypeError:  # no such look yet: the daemon has not told its models
                return
        self._look = ("", "")
