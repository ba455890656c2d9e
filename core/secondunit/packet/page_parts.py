"""What the pages are set with: styles, heads and feet, page numbers, the chart of costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from .cost import Rates, Spent, bill
from .fonts import faces

FACES = faces()
MARGIN = 20 * mm
INK, QUIET, FAINT, RULE, TINT = "#16191d", "#5b626b", "#98a0a9", "#d5d9de", "#f2f4f6"
MACHINE, PEOPLE, WARN = "#2f4858", "#b98b3e", "#9a3412"
_SHOWN = 16  # shots in the chart; the others are added up
_ROW, _BAR = 15, 8


def _style(size: float, leading: float, **more: Any) -> ParagraphStyle:
    look = {"fontName": FACES.normal, "textColor": HexColor(INK), **more}
    return ParagraphStyle("", fontSize=size, leading=leading, **look)


STYLES = {
    "kicker": _style(8, 11, textColor=HexColor(QUIET), fontName=FACES.bold, spaceAfter=4),
    "title": _style(27, 32, fontName=FACES.bold, spaceAfter=4),
    "lead": _style(11.5, 16, textColor=HexColor(QUIET)),
    "draft": _style(10.5, 14, textColor=HexColor(WARN), fontName=FACES.bold),
    "head": _style(14, 18, fontName=FACES.bold, spaceAfter=5),
    "subhead": _style(9, 12, fontName=FACES.bold, spaceBefore=8, spaceAfter=1),
    "body": _style(9, 13, spaceAfter=5),
    "none": _style(9, 13, textColor=HexColor(QUIET), fontName=FACES.italic),
    "label": _style(8, 11, textColor=HexColor(QUIET)),
    "cell": _style(7.6, 10, splitLongWords=1),
    "small": _style(6.2, 8, textColor=HexColor(QUIET)),
    "column": _style(7, 9, fontName=FACES.bold, textColor=HexColor(QUIET)),
}


class Counted(Canvas):  # type: ignore[misc]  # reportlab ships no types
    """A canvas that knows at the end how many pages there are, and writes it on each."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        """Keep the page until the last is known."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Number the pages, and write them."""
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self.setFont(FACES.normal, 7.5)
            self.setFillColor(HexColor(QUIET))
            self.drawRightString(A4[0] - MARGIN, 11 * mm, f"{number} of {len(self._pages)}")
            super().showPage()
        super().save()


class Heads:
    """What stands at the top and the foot of each page."""

    def __init__(self, title: str, digest: str, draft: str) -> None:
        self._title, self._digest, self._draft = title, digest, draft

    def cover(self, canvas: Canvas, document: Any) -> None:
        """The first page: a band and the foot."""
        canvas.setFillColor(HexColor(INK))
        canvas.rect(0, A4[1] - 14 * mm, A4[0], 14 * mm, stroke=0, fill=1)
        canvas.setFillColor(HexColor("#ffffff"))
        canvas.setFont(FACES.bold, 9)
        canvas.drawString(MARGIN, A4[1] - 9 * mm, "SECOND UNIT")
        self._foot(canvas)

    def page(self, canvas: Canvas, document: Any) -> None:
        """Every other page: the title above a rule, and the foot."""
        canvas.setFont(FACES.normal, 7.5)
        canvas.setFillColor(HexColor(QUIET))
        canvas.drawString(MARGIN, A4[1] - 14 * mm, f"Provenance packet: {self._title}")
        canvas.drawRightString(A4[0] - MARGIN, A4[1] - 14 * mm, "Second Unit")
        canvas.setStrokeColor(HexColor(RULE))
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, A4[1] - 17 * mm, A4[0] - MARGIN, A4[1] - 17 * mm)
        self._foot(canvas)

    def _foot(self, canvas: Canvas) -> None:
        canvas.setFont(FACES.normal, 7.5)
        canvas.setFillColor(HexColor(QUIET))
        draft = "DRAFT, not for delivery   " if self._draft else ""
        canvas.drawString(MARGIN, 11 * mm, f"{draft}packet sha256 {self._digest[:24]}…")


def bars(spent: Sequence[Spent], rates: Rates, width: float) -> Drawing:
    """What each shot cost: machines and people, the dearest first."""
    rows = [(one.shot, bill(one, 1, rates)) for one in spent]
    rows.sort(key=lambda row: -row[1].total)
    shown, rest = rows[:_SHOWN], rows[_SHOWN:]
    figures = [(name, money.machine, money.people) for name, money in shown]
    if rest:
        others = [money for _, money in rest]
        name = f"{len(rest)} more shots"
        figures.append((name, sum(o.machine for o in others), sum(o.people for o in others)))
    height = _ROW * len(figures) + 34
    drawing, most = Drawing(width, height), max((m + p for _, m, p in figures), default=0) or 1
    left, room = 92.0, width - 92 - 62
    title = f"Cost by shot, {rates.currency}"
    drawing.add(_words(0, height - 9, title, 8, FACES.bold))
    for place, (name, colour) in enumerate((("machines", MACHINE), ("people", PEOPLE))):
        x = width - 130 + place * 66
        drawing.add(Rect(x, height - 9, 7, 7, fillColor=HexColor(colour), strokeColor=None))
        drawing.add(_words(x + 11, height - 9, name, 7, colour=QUIET))
    drawing.add(Line(left, 4, left, height - 20, strokeColor=HexColor(RULE), strokeWidth=0.6))
    for number, (name, machine, people) in enumerate(figures):
        y, at = height - 32 - number * _ROW, left
        drawing.add(_words(0, y + 1, name[:22], 7.4))
        for amount, colour in ((machine, MACHINE), (people, PEOPLE)):
            long = room * amount / most
            drawing.add(Rect(at, y, long, _BAR, fillColor=HexColor(colour), strokeColor=None))
            at += long
        drawing.add(_words(at + 5, y + 1, f"{machine + people:,.2f}", 7, colour=QUIET))
    return drawing


def _words(
    x: float, y: float, text: str, size: float, font: str = FACES.normal, *, colour: str = INK
) -> String:
    return String(x, y, text, fontSize=size, fontName=font, fillColor=HexColor(colour))
