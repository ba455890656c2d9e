"""The contact sheet as one PNG, drawn without a browser, in the order and look of the page."""

from __future__ import annotations

from pathlib import Path

import cv2
from secondunit_bridge.errors import NotPermitted
from secondunit_bridge.film import Finding

from . import CutPiece, Sheet, Still, TakePanel
from .page import spoken
from .paper import Ink, Paper, Tone

WIDTH = 2000
EDGE = 80
INNER = WIDTH - 2 * EDGE

TEXT: Tone = (228, 228, 228)
QUIET: Tone = (166, 166, 166)
FAINT: Tone = (138, 138, 138)
RULE: Tone = (58, 58, 58)
PANEL: Tone = (36, 36, 36)
RAISED: Tone = (46, 46, 46)
CLIP: Tone = (62, 62, 62)
_NAMES = 124  # room for the names of tracks
PENCIL: Tone = (242, 193, 78)
OUTCOMES: dict[str, Tone] = {
    "clear": (134, 184, 145),
    "look": (224, 185, 92),
    "stop": (232, 128, 111),
    "not_checked": (154, 154, 154),
}

OVER, TITLE, LINE = Ink(17, QUIET, 500), Ink(66, TEXT, 600), Ink(27, (202, 202, 202))
LABEL, VALUE, HEAD = Ink(16, FAINT, 500), Ink(23, TEXT), Ink(32, TEXT, 600)
BODY, SMALL, CAPTION = Ink(21, TEXT), Ink(19, QUIET), Ink(18, QUIET)


def write_board(sheet: Sheet, path: Path) -> None:
    """Write the sheet as PNG, 2000 pixels wide, sRGB. Raises NotPermitted."""
    paper = Paper(WIDTH)
    y = _header(paper, sheet, EDGE)
    if sheet.join:
        y = _join(paper, sheet.join, y)
    if sheet.pieces:
        y = _cut(paper, sheet.pieces, sheet.tracks, y)
    y = _takes(paper, sheet, y)
    y = places_list(paper, sheet.places, sheet.credit, y)
    if not cv2.imwrite(str(path), paper.pixels(y + EDGE // 2)[..., ::-1]):
        raise NotPermitted(
            f"{path} cannot be written", hint="Choose a folder that you may write in."
        )


def _header(paper: Paper, sheet: Sheet, y: int) -> int:
    paper.text("SECOND UNIT  ·  CONTACT SHEET", EDGE, y, OVER)
    paper.text(paper.fitted(sheet.title, INNER, TITLE), EDGE, y + 42, TITLE)
    y = paper.paragraph(sheet.line, EDGE, y + 140, 1240, LINE) + 26
    paper.box(EDGE, y, INNER, 2, RULE)
    facts_row(paper, sheet.facts, y + 22)
    paper.box(EDGE, y + 98, INNER, 2, RULE)
    return y + 150


def facts_row(paper: Paper, facts: tuple[tuple[str, str], ...], y: int) -> None:
    """Names and values side by side."""
    wide = [
        max(paper.measure(value, VALUE), paper.measure(name.upper(), LABEL)) + 12
        for name, value in facts
    ]
    spare = max(0, INNER - sum(wide)) // max(1, len(facts))
    x = EDGE
    for (name, value), width in zip(facts, wide, strict=True):
        paper.text(name.upper(), x, y, LABEL)
        paper.text(paper.fitted(value, EDGE + INNER - x, VALUE), x, y + 26, VALUE)
        x += width + spare


def section(paper: Paper, y: int, title: str, line: str) -> int:
    """A heading and a sentence under it; returns the y below both."""
    paper.text(title, EDGE, y, HEAD)
    paper.text(line, EDGE, y + 48, SMALL)
    return y + 92


def _join(paper: Paper, stills: tuple[Still, ...], y: int) -> int:
    words = "The last frame before, the take in the cut, and the first frame after."
    y = section(paper, y, "The join", words)
    gap, last = 14, len(stills) - 1
    width = (INNER - gap * last) // len(stills)
    tall = 0
    for index, still in enumerate(stills):
        x = EDGE + index * (width + gap)
        height = paper.picture(still.pixels, x, y, width)
        if 0 < index < last:
            paper.frame(x, y, width, height, PENCIL)
        paper.text(paper.fitted(still.caption, width, CAPTION), x, y + height + 10, CAPTION)
        tall = max(tall, height)
    return y + tall + 84


def _cut(paper: Paper, pieces: tuple[CutPiece, ...], tracks: tuple[str, str], y: int) -> int:
    words = "The editor's clips are untouched; what was cut in stands on its own track above them."
    y = section(paper, y, "In the cut", words)
    _tracks(paper, pieces, tracks, y)
    left, gap, y = EDGE + _NAMES, 4, y + 108
    shares = [max(1, len(piece.stills)) for piece in pieces]
    room = EDGE + INNER - left - gap * (len(pieces) - 1)
    x = left
    for piece, share in zip(pieces, shares, strict=True):
        width = room * share // sum(shares)
        tone = PENCIL if piece.new else CLIP
        paper.box(x, y, width, 5, tone)
        _row(paper, piece.stills, x, y + 12, width, 124)
        ink = Ink(17, TEXT if piece.new else QUIET)
        paper.text(paper.fitted(piece.name, width - 8, ink), x, y + 146, ink)
        paper.text(paper.fitted(piece.timecode, width - 8, ink), x, y + 171, ink)
        x += width + gap
    return y + 250


def _tracks(paper: Paper, pieces: tuple[CutPiece, ...], tracks: tuple[str, str], y: int) -> None:
    first, last = min(p.first for p in pieces), max(p.last for p in pieces)
    left, scale = EDGE + _NAMES, (INNER - _NAMES) / (last - first + 1)
    for row, track in enumerate(tracks):
        paper.text(paper.fitted(track, _NAMES - 12, CAPTION), EDGE, y + row * 48 + 11, CAPTION)
        paper.box(left, y + row * 48, INNER - _NAMES, 44, (32, 32, 32))
    for piece in pieces:
        top = y if piece.new else y + 48
        x = left + round((piece.first - first) * scale)
        width = left + round((piece.last + 1 - first) * scale) - x - 2
        paper.box(x, top, width, 44, PENCIL if piece.new else CLIP)
        ink = Ink(18, (26, 22, 8), 600) if piece.new else Ink(18, (214, 214, 214))
        paper.text(paper.fitted(piece.name, width - 20, ink), x + 11, top + 11, ink)


def _row(paper: Paper, stills: tuple[Still, ...], x: int, y: int, width: int, height: int) -> None:
    for index, still in enumerate(stills):
        start, end = (round(width * i / len(stills)) for i in (index, index + 1))
        paper.picture(still.pixels, x + start, y, end - start - 2, height)


def _takes(paper: Paper, sheet: Sheet, y: int) -> int:
    words = (
        "First, middle and last frame of each, and what continuity found."
        " A finding is a fact for a person to judge."
    )
    y = section(paper, y, "Takes", words)
    for take in sheet.takes:
        height = _take(paper, sheet, take, y, measure=True)
        tone = RAISED if take.circled else PANEL
        paper.box(EDGE, y, INNER, height, tone)
        if take.circled:
            paper.box(EDGE, y, 5, height, PENCIL)
        _take(paper, sheet, take, y, measure=False)
        y += height + 20
    return y + 44


def _take(paper: Paper, sheet: Sheet, take: TakePanel, y: int, *, measure: bool) -> int:
    """Draw one take, or with ``measure`` only find how tall it is (on a paper thrown away)."""
    target = Paper(WIDTH) if measure else paper
    top = 0 if measure else y
    bottoms = [_slate(target, sheet, take, EDGE + 28, top + 26)]
    gap, left = 10, EDGE + 232
    width = (EDGE + INNER - 28 - left - 2 * gap) // 3
    for index, still in enumerate(take.stills):
        x = left + index * (width + gap)
        height = target.picture(still.pixels, x, top + 28, width)
        target.text(still.caption, x, top + height + 38, CAPTION)
        bottoms.append(top + height + 66)
    bottoms.append(_findings(target, take, left, max(bottoms[1:], default=top) + 18))
    return max(bottoms) - top + 24


def _slate(paper: Paper, sheet: Sheet, take: TakePanel, x: int, y: int) -> int:
    number = Ink(58, TEXT, 600)
    shift = 62 - paper.measure(str(take.number), number) // 2 if take.circled else 0
    paper.text(str(take.number), x + shift, y + 18, number)
    if take.circled:
        paper.ring(x + 62, y + 50, 124, 92, PENCIL)
        words = f"Circled by {sheet.circled_by}" if sheet.circled_by else "Circled"
        ink = Ink(21, PENCIL, 600)
    else:
        words, ink = spoken(take.state), Ink(21, TEXT, 600)
    y += 118
    paper.text(paper.fitted(words, 190, ink), x, y, ink)
    y += 34
    if take.confidence is not None:
        paper.text(f"confidence {take.confidence:.2f}", x, y, CAPTION)
        paper.box(x, y + 30, 124, 6, (68, 68, 68))
        paper.box(x, y + 30, round(124 * take.confidence), 6, (207, 207, 207))
        y += 46
    paper.text(f"seed {take.seed}", x, y, CAPTION)
    paper.text(take.id, x, y + 26, CAPTION)
    return y + 52


def _findings(paper: Paper, take: TakePanel, left: int, y: int) -> int:
    """In two columns, the worst first; remarks under both."""
    gap = 48
    width = (EDGE + INNER - 28 - left - gap) // 2
    half = (len(take.findings) + 1) // 2
    bottoms = [y]
    for column, findings in enumerate((take.findings[:half], take.findings[half:])):
        x, below = left + column * (width + gap), y
        for finding in findings:
            below = _finding(paper, finding, x, below, width) + 9
            paper.box(x, below, width, 1, RULE)
            below += 11
        bottoms.append(below)
    y = max(bottoms)
    if take.remarks:
        y = paper.paragraph(" ".join(take.remarks), left, y + 8, 2 * width + gap, SMALL)
    return y


def _finding(paper: Paper, finding: Finding, x: int, y: int, width: int) -> int:
    outcome = finding.outcome.value
    tone = OUTCOMES[outcome]
    paper.dot(x + 7, y + 13, 6, tone, hollow=outcome == "not_checked")
    paper.text(spoken(outcome).upper(), x + 24, y + 4, Ink(16, tone, 600))
    quiet = outcome in ("clear", "not_checked")
    ink = Ink(19, (200, 200, 200) if quiet else TEXT)
    return paper.paragraph(finding.sentence, x + 148, y, width - 148, ink)


def places_list(paper: Paper, places: tuple[tuple[str, str], ...], credit: str, y: int) -> int:
    """What lies where, and whose it is; returns the y below."""
    paper.text("Where everything is", EDGE, y, HEAD)
    y += 62
    for what, where in places:
        paper.box(EDGE, y, INNER, 2, RULE)
        paper.text(what.upper(), EDGE, y + 17, LABEL)
        paper.text(paper.fitted(where, INNER - 270, BODY), EDGE + 270, y + 14, BODY)
        y += 52
    paper.box(EDGE, y, INNER, 2, RULE)
    if credit:
        y = paper.paragraph(credit, EDGE, y + 34, INNER, CAPTION)
    return y
