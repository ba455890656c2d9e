"""The contact sheet of a plate: before, after, what changed, and the proof that nothing else did.

Pictures on it are display-referred. ``plate_sheet`` makes the page and the picture of the same
values; ``plate_frame`` makes one frame's values from its full-size pictures.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ...media.widths import SQUARE, small
from . import Display, Still
from .board import (
    CAPTION,
    EDGE,
    HEAD,
    INNER,
    LABEL,
    LINE,
    OUTCOMES,
    OVER,
    PANEL,
    RULE,
    SMALL,
    TEXT,
    TITLE,
    VALUE,
    WIDTH,
    facts_row,
    places_list,
    section,
)
from .filled import filled
from .page import embedded
from .paper import Ink, Paper

AMPLIFIED = 8  # times that a difference is shown
ACROSS = 960  # columns of each picture on the page
_BROKEN = (255, 64, 48)  # a protected pixel that changed, however little
_MATTE = (242, 193, 78)  # of the overlay
_GONE = 0.55  # of the overlay that hides the plate where the matte is 1
_LANE, _BAR = 130, 10

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PlateFrame:
    """One shown frame: four pictures, its figures from the receipt, and whether it is sound.

    ``sound``: no protected pixel changed.
    """

    frame: int
    before: Still
    after: Still
    difference: Still
    matte: Still
    figures: Pairs
    sound: bool


@dataclass(frozen=True)
class Course:
    """One number of every frame, 0..``top``, and what it means; ``limit`` is drawn across."""

    name: str
    sentence: str
    first: int
    values: tuple[float, ...]
    limit: float | None = None
    top: float = 1.0  # the value that is as high as the chart
    span: str = ""  # what stands under it; the lowest value when nothing is said

    @property
    def ends(self) -> str:
        """Its first and last frame and how far the values go."""
        low = f"lowest {min(self.values, default=0.0):.2f}"
        return f"{self.first} to {self.first + len(self.values) - 1}, {self.span or low}"


@dataclass(frozen=True)
class PlateSheet:
    """Everything on the contact sheet of a plate, top to bottom."""

    title: str
    line: str  # one sentence under the title
    facts: Pairs
    verdict: str  # what the receipt says of the protected pixels, in one sentence
    sound: bool  # no protected pixel changed in any frame, shown or not
    shown: tuple[PlateFrame, ...]
    courses: tuple[Course, ...] = ()
    remarks: tuple[str, ...] = ()
    places: Pairs = ()  # what, and where it is
    credit: str = ""


def plate_frame(
    frame: int,
    before: Display,
    after: Display,
    soft: NDArray[np.float32],
    protected: NDArray[np.bool_],
    changed: NDArray[np.bool_],
    figures: Pairs,
    *,
    words: str = "",
    aspect: Fraction = SQUARE,
) -> PlateFrame:
    """One frame's values from full-size pictures, ``(row, column, 3)``, display-referred.

    ``soft`` is the matte, ``protected`` where nothing may change and ``changed`` where any bit of
    the delivered frame did, ``(row, column)``: a change is seen there even when it is too small to
    be shown. ``words`` name the frame where its number alone does not. What a lens squeezed
    (``aspect`` of a pixel, width over height) is shown as wide as it was.
    """
    broken = changed & protected
    differs = np.abs(after.astype(np.int16) - before.astype(np.int16)).max(axis=-1) * AMPLIFIED
    grey = np.clip(differs, 0, 255).astype(np.uint8)[..., None].repeat(3, axis=-1)
    shown = _small(grey, aspect)
    shown[_any(broken, shown.shape[:2])] = _BROKEN
    caption, name = f"difference, {AMPLIFIED} times enlarged", words or str(frame)
    words = "protected pixels that changed are red" if broken.any() else "nothing protected changed"
    return PlateFrame(
        frame=frame,
        before=Still(_small(before, aspect), f"{name}  ·  before", f"The plate, frame {frame}"),
        after=Still(_small(after, aspect), f"{name}  ·  after", f"The result, frame {frame}"),
        difference=Still(shown, caption, f"What changed in frame {frame}: {words}"),
        matte=Still(_small(_overlaid(before, soft, protected), aspect), "matte and its edge zone",
                    f"The plate with the matte of frame {frame} over it"),
        figures=figures,
        sound=not broken.any(),
    )  # fmt: skip


def _overlaid(picture: Display, soft: NDArray[np.float32], protected: NDArray[np.bool_]) -> Display:
    """The matte in yellow, its edge zone half as strong, the rest darker."""
    share = np.maximum(np.clip(soft, 0.0, 1.0), np.where(protected, 0.0, 0.35))[..., None] * _GONE
    mixed = picture * 0.6 * (1 - share) + np.array(_MATTE, np.float32) * share
    return np.asarray(mixed + 0.5, np.uint8)


def _small(picture: Display, aspect: Fraction) -> Display:
    seen = small(picture, ACROSS, aspect)  # type: ignore[arg-type]  # codes are scaled as they are
    return np.asarray(seen, np.uint8)


def _any(marked: NDArray[np.bool_], size: tuple[int, ...]) -> NDArray[np.bool_]:
    """A mask made smaller so that not one marked pixel is lost, and each is seen."""
    import cv2

    small = np.zeros(size[:2], np.uint8)
    down, across = np.nonzero(marked)
    small[down * size[0] // marked.shape[0], across * size[1] // marked.shape[1]] = 1
    return np.asarray(cv2.dilate(small, np.ones((7, 7), np.uint8)) > 0)


def plate_sheet(values: PlateSheet) -> tuple[str, Display]:
    """The sheet as an HTML page that stands alone, and as a picture 2000 pixels wide (sRGB)."""
    words = {"embedded": embedded, "exact": exact}
    return filled("plates.html", words, sheet=values, amplified=AMPLIFIED), _board(values)


def exact(pixels: Display) -> str:
    """A picture as a ``data:`` address that keeps every pixel (PNG): black stays black."""
    import cv2

    _, data = cv2.imencode(".png", pixels[..., ::-1])
    return "data:image/png;base64," + base64.b64encode(data.tobytes()).decode("ascii")


def _board(sheet: PlateSheet) -> Display:
    paper = Paper(WIDTH)
    y = _header(paper, sheet, EDGE)
    words = (
        f"Before, after, the difference {AMPLIFIED} times enlarged, and the matte. Black in the "
        "difference is unchanged; a protected pixel that changed would be red."
    )
    y = section(paper, y, "Frames", words)
    for one in sheet.shown:
        y = _frame(paper, one, y) + 24
    for course in sheet.courses:
        y = _course(paper, course, y + 20)
    if sheet.remarks:
        paper.text("Remarks", EDGE, y + 34, HEAD)
        y += 88
        for remark in sheet.remarks:
            y = paper.paragraph(remark, EDGE, y, INNER, SMALL) + 6
    y = places_list(paper, sheet.places, sheet.credit, y + 34)
    return paper.pixels(y + EDGE // 2)


def _header(paper: Paper, sheet: PlateSheet, y: int) -> int:
    paper.text("SECOND UNIT  ·  PLATE", EDGE, y, OVER)
    paper.text(paper.fitted(sheet.title, INNER, TITLE), EDGE, y + 42, TITLE)
    y = paper.paragraph(sheet.line, EDGE, y + 140, 1240, LINE) + 18
    tone = OUTCOMES["clear" if sheet.sound else "stop"]
    paper.dot(EDGE + 9, y + 17, 8, tone)
    y = paper.paragraph(sheet.verdict, EDGE + 30, y, INNER - 30, Ink(25, tone, 600)) + 22
    paper.box(EDGE, y, INNER, 2, RULE)
    facts_row(paper, sheet.facts, y + 22)
    paper.box(EDGE, y + 98, INNER, 2, RULE)
    return y + 150


def _frame(paper: Paper, one: PlateFrame, y: int) -> int:
    """Two rows of two pictures, the figures under them."""
    gap, top = 14, y
    width = (INNER - 48 - gap) // 2
    stills = (one.before, one.after, one.difference, one.matte)
    high = max(int(s.pixels.shape[0]) * width // int(s.pixels.shape[1]) for s in stills)
    tall = 24 + 2 * (high + 44) + 88
    paper.box(EDGE, top, INNER, tall, PANEL)
    if not one.sound:
        paper.box(EDGE, top, 5, tall, OUTCOMES["stop"])
    for index, still in enumerate(stills):
        x = EDGE + 24 + index % 2 * (width + gap)
        below = top + 24 + index // 2 * (high + 44)
        took = paper.picture(still.pixels, x, below, width)
        paper.text(paper.fitted(still.caption, width, CAPTION), x, below + took + 8, CAPTION)
    _figures(paper, one.figures, top + 24 + 2 * (high + 44) + 8)
    return top + tall


def _figures(paper: Paper, figures: Pairs, y: int) -> None:
    each = (INNER - 48) // max(1, len(figures))
    for index, (name, value) in enumerate(figures):
        x = EDGE + 24 + index * each
        paper.text(paper.fitted(name.upper(), each - 12, LABEL), x, y, LABEL)
        paper.text(paper.fitted(value, each - 12, VALUE), x, y + 24, VALUE)


def _course(paper: Paper, course: Course, y: int) -> int:
    """One bar for each frame, the lowest value written at the right."""
    paper.text(course.name, EDGE, y, Ink(23, TEXT, 600))
    paper.text(paper.fitted(course.sentence, INNER - 340, SMALL), EDGE + 320, y + 3, SMALL)
    y += 44
    paper.box(EDGE, y, INNER, _LANE, (32, 32, 32))
    count = max(1, len(course.values))
    for index, value in enumerate(course.values):
        left, right = (EDGE + round(INNER * place / count) for place in (index, index + 1))
        low = course.limit is not None and value < course.limit
        high = max(1, round((_LANE - 2) * min(1.0, max(0.0, value / course.top))))
        space = 2 if right - left > _BAR else 0
        tone = OUTCOMES["look"] if low else (112, 112, 112)
        paper.box(left, y + _LANE - high, max(1, right - left - space), high, tone)
    if course.limit is not None:
        paper.box(
            EDGE, y + _LANE - round(_LANE * course.limit / course.top), INNER, 1, OUTCOMES["look"]
        )
    paper.text(course.ends, EDGE, y + _LANE + 8, CAPTION)
    return y + _LANE + 44
