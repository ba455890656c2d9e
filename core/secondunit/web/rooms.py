"""What lies behind each address of the page."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from secondunit_bridge.errors import FieldError, UnknownId

from .deciding import Deciding
from .door import Answer
from .line import Line
from .pictures import Look, Pictures
from .reel import Reel
from .show import Show, Sources
from .told import by_place, shot_row, shot_whole
from .watch import Listener, Watch

if TYPE_CHECKING:
    from secondunit_bridge.unit import Unit

STATIC = Path(__file__).parent / "static"
REPORT, ANSWERS, CARDS, AGAIN = "/report", "/answers", "/cards", "/again"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
# Browsers show a PDF in a page of their own making, which has its style and frame inline.
_VIEWED = {"Content-Security-Policy": "default-src 'none'; object-src 'self'; style-src"
           " 'unsafe-inline'; frame-ancestors 'none'"}  # fmt: skip
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FRAME = re.compile(r"/frames/([0-9a-f]{1,64}\.\d{1,9})/(\d{1,9})\.jpg")
_PREVIEW = re.compile(r"/previews/([0-9a-f]{1,64}\.\d{1,9})\.jpg")
_HANDED = re.compile(r"/handed/([0-9a-f]{1,64}\.\d{1,9})/(\d{1,4})\.jpg")
_FACE = re.compile(r"/faces/([^/]{1,200})/(\d{1,4})\.jpg")
_CLIP = re.compile(r"/clips/(\d{1,6})\.jpg")
_PDF = re.compile(r"/packets/([A-Za-z0-9._-]{1,100})\.pdf")
_JPEG = "image/jpeg"

Take = Callable[[Any], dict[str, Any]]
"""Takes what the report sent; what is answered. Raises SecondUnitError."""
Report = tuple[Callable[[], tuple[str, str]], Mapping[str, Take]]
"""The report page of a cut with its policy, and what takes what it sends, by address."""


class Rooms:
    """Answers the door. ``report`` is the page of a cut, when one is reviewed."""

    def __init__(
        self, unit: Unit, home: Path, report: Report | None = None, sources: Sources | None = None
    ) -> None:
        self.reel = Reel()
        self.watch = Watch(unit, self.reel)
        self._line = Line(unit, self.reel)
        self._show = Show(self.reel, self.watch, sources) if sources else None
        self._report, self._turn = report, threading.Lock()
        self._pictures = Pictures(self.reel, home)
        self._verbs = Deciding(unit, self.reel).verbs
        if self._show:
            self._verbs["packet"] = self._show.packet
        self._static = {f"/static/{file.name}": file for file in STATIC.iterdir()}

    def show(self, path: str, query: dict[str, str]) -> Answer | None:
        """What lies at a path. Raises SecondUnitError."""
        if path in self._static:
            file = self._static[path]
            return Answer(
                file.read_bytes(), f"{_KINDS.get(file.suffix, 'text/plain')}; charset=utf-8"
            )
        if path == "/":
            page = (STATIC / "index.html").read_bytes()
            policy = {"Content-Security-Policy": _POLICY}
            return Answer(page, "text/html; charset=utf-8", policy)
        if path == REPORT and self._report:
            with self._turn:
                page_text, policy_text = self._report[0]()
            policy = {"Content-Security-Policy": f"{policy_text}; frame-ancestors 'none'"}
            return Answer(page_text.encode(), "text/html; charset=utf-8", policy)
        if path == "/state":
            return Answer.of(self._state())
        if path == "/queue":
            return Answer.of(self._line.told())
        if path.startswith("/shots/"):
            return Answer.of(self._shot(path.removeprefix("/shots/")))
        if path.startswith("/beside/"):
            return Answer.of(self._pictures.beside(path.removeprefix("/beside/")))
        return self._of_the_show(path) or self._picture(path, query)

    def write(self, path: str, said: Any) -> Answer | None:
        """Take what a person decided. Raises SecondUnitError."""
        if self._report and path in self._report[1]:
            with self._turn:
                return Answer.of(self._report[1][path](said))
        verb = self._verbs.get(path.removeprefix("/do/")) if path[:4] == "/do/" else None
        return Answer.of(verb(said)) if verb else None

    def listen(self) -> AbstractContextManager[Listener]:
        """A queue of news."""
        return self.watch.listening()

    def _state(self) -> dict[str, Any]:
        with self.reel.lock:
            rows = [shot_row(now) for now in self.reel.shots.values()]
            projects = sorted(self.reel.projects)
        return {
            "shots": sorted(rows, key=by_place),
            "projects": projects,
            "progress": self.watch.progress(),
            "report": self._report is not None,
            "entry": self.reel.number,
            "up": self.watch.reachable,
        }

    def _shot(self, guid: str) -> dict[str, Any]:
        with self.reel.lock:
            whole = shot_whole(self.reel, self.reel.shot(guid))
        return {**whole, "views": self._pictures.views(whole["project"])}

    def _of_the_show(self, path: str) -> Answer | None:
        if self._show is None:
            return None
        if path == "/show":
            return Answer.of(self._show.whole())
        if path == "/costs":
            return Answer.of(self._show.costs())
        if found := _FACE.fullmatch(path):
            return Answer(self._show.face(unquote(found[1]), int(found[2])), _JPEG)
        if found := _CLIP.fullmatch(path):
            return Answer(self._show.clip(int(found[1])), _JPEG)
        if found := _PDF.fullmatch(path):
            return Answer(self._show.pdf(found[1]), "application/pdf", _VIEWED)
        return None

    def _picture(self, path: str, query: dict[str, str]) -> Answer | None:
        if found := _FRAME.fullmatch(path):
            return Answer(self._pictures.jpeg(found[1], int(found[2]), _look(query)), _JPEG)
        if found := _HANDED.fullmatch(path):
            return Answer(self._pictures.handed(found[1], int(found[2])), _JPEG)
        if found := _PREVIEW.fullmatch(path):
            preview = self.watch.preview(found[1])
            if preview is None:
                raise UnknownId("no preview has come yet", hint="Wait for the first.")
            return Answer(preview, _JPEG)
        return None


def _look(query: dict[str, str]) -> Look:
    try:
        return Look(
            int(query.get("w", "1280")),
            float(query.get("ev", "0")),
            int(query.get("view", "0")),
            query.get("show", "take"),
            float(query.get("gamma", "1")),
        )
    except ValueError as error:
        raise FieldError(f"a picture of that form is not made: {error}") from None
