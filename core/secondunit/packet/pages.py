"""The packet as pages: the same sections as packet.json, set for people who read paper."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    Image,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    TableStyle,
)
from reportlab.platypus import Table as Grid

from . import page_parts as parts
from .fonts import shown
from .page_parts import FAINT, INK, MARGIN, QUIET, RULE, STYLES, TINT
from .sheet import NONE, Digest, Section, Story, Table
from .steps import Setting, unheard

_WIDTH = A4[0] - 2 * MARGIN
_THUMB = 24 * mm
_MAP = 4  # the section whose second column is a picture


def pages(
    story: Story,
    sections: Sequence[Section],
    pictures: Mapping[str, bytes],
    packet_sha256: str,
    hear: Setting = unheard,
) -> bytes:
    """The PDF. ``pictures`` are JPEGs by version; ``hear`` is told how much of it is set.
    The same input gives the same bytes."""
    made = io.BytesIO()
    document = BaseDocTemplate(
        made,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=24 * mm,
        bottomMargin=20 * mm,
        title=shown(f"Provenance packet: {story.title}"),
        author="Second Unit",
        subject="Provenance packet",
        invariant=1,
    )
    frame = Frame(MARGIN, 20 * mm, _WIDTH, A4[1] - 44 * mm, 0, 0, 0, 0, id="page")
    cover = Frame(MARGIN, 20 * mm, _WIDTH, A4[1] - 40 * mm, 0, 0, 0, 0, id="cover")
    heads = parts.Heads(shown(story.title), packet_sha256, shown(story.draft))
    document.addPageTemplates(
        [
            PageTemplate("cover", [cover], onPage=heads.cover),
            PageTemplate("page", [frame], onPage=heads.page),
        ]
    )
    document.setProgressCallBack(_Count(hear))
    document.build(list(_flow(story, sections, pictures, packet_sha256)), canvasmaker=parts.Counted)
    return made.getvalue()


class _Count:
    """Hears what the library says while it sets, and says it as a share of the whole."""

    def __init__(self, hear: Setting) -> None:
        self._hear, self._all, self._page, self._done = hear, 1, 0, 0

    def __call__(self, what: str, value: int) -> None:
        if what == "SIZE_EST":  # how many pieces there are to be set
            self._all = max(1, value)
        elif what == "PAGE":
            self._page = value
        elif what == "PROGRESS":  # how many of them are; one that is split counts once more
            self._done = min(self._all, max(self._done, value))
            self._hear(self._done / self._all, self._page)


def _flow(
    story: Story, sections: Sequence[Section], pictures: Mapping[str, bytes], packet_sha256: str
) -> Iterator[Flowable]:
    yield from _cover(story, sections, packet_sha256)
    yield NextPageTemplate("page")
    yield PageBreak()
    for section in sections[1:]:
        yield from _section(section, pictures)
        if section.number == 3 and story.spent:
            yield Spacer(0, 4 * mm)
            yield parts.bars(story.spent, story.rates, _WIDTH)
    yield from _signatures(story, packet_sha256)


def _cover(story: Story, sections: Sequence[Section], digest: str) -> Iterator[Flowable]:
    yield Spacer(0, 26 * mm)
    yield Paragraph("PROVENANCE PACKET", STYLES["kicker"])
    yield Paragraph(_safe(story.title), STYLES["title"])
    first = sections[0]
    said = f"{dict(first.facts)['Cut']}"
    yield Paragraph(_safe(said), STYLES["lead"])
    if story.draft:
        yield Spacer(0, 3 * mm)
        yield Paragraph(_safe(f"DRAFT, not for delivery. {story.draft}"), STYLES["draft"])
    yield Spacer(0, 8 * mm)
    yield _facts((*first.facts, ("Packet, sha256", digest)))
    yield Spacer(0, 6 * mm)
    for words in first.text:
        yield Paragraph(_safe(words), STYLES["body"])
    yield Spacer(0, 6 * mm)
    yield Paragraph("CONTENTS", STYLES["kicker"])
    half = (len(sections) + 1) // 2
    listed = [(f"{one.number}", one.title) for one in sections]
    rows = [
        [*left, *(right or ("", ""))]
        for left, right in zip(listed[:half], [*listed[half:], *[None] * half], strict=False)
    ]
    grid = Grid(
        [[Paragraph(_safe(cell), STYLES["cell"]) for cell in row] for row in rows],
        colWidths=[8 * mm, _WIDTH / 2 - 8 * mm] * 2,
    )
    grid.setStyle(
        TableStyle(
            [
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 1.2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.2),
            ]
        )
    )
    yield grid


def _section(section: Section, pictures: Mapping[str, bytes]) -> Iterator[Flowable]:
    head: list[Flowable] = [
        Spacer(0, 7 * mm),
        Paragraph(
            f'<font color="{FAINT}">{section.number}</font>&nbsp;&nbsp; {_safe(section.title)}',
            STYLES["head"],
        ),
    ]
    body = [Paragraph(_safe(words), STYLES["body"]) for words in section.text]
    if section.facts:
        body.append(_facts(section.facts))
    titled = any(table.title for table in section.tables)  # these say it each for itself
    if section.empty and NONE not in section.text and not titled:
        body.append(Paragraph(NONE, STYLES["none"]))
    rows = any(table.rows for table in section.tables)  # a heading stands above what it heads
    yield CondPageBreak((38 + 6 * min(len(section.facts), 4) + (16 if rows else 0)) * mm)
    yield KeepTogether([*head, *body])
    for table in section.tables:
        if table.title:
            yield CondPageBreak(24 * mm)
            yield Paragraph(_safe(table.title), STYLES["subhead"])
        if table.rows:
            yield Spacer(0, 1.5 * mm)
            yield _grid(table, pictures if section.number == _MAP else {})
        elif not section.empty or table.title:
            yield Paragraph(NONE, STYLES["none"])


def _facts(facts: Sequence[tuple[str, str]]) -> Flowable:
    rows = [
        [Paragraph(_safe(name), STYLES["label"]), Paragraph(_lines(value), STYLES["cell"])]
        for name, value in facts
    ]
    grid = Grid(rows, colWidths=[42 * mm, _WIDTH - 42 * mm])
    grid.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(RULE)),
            ]
        )
    )
    return grid


def _grid(table: Table, pictures: Mapping[str, bytes]) -> Flowable:
    shares = table.widths or (1 / len(table.columns),) * len(table.columns)
    head = [Paragraph(_lines(name), STYLES["column"]) for name in table.columns]
    body = [
        [_cell(cell, column, pictures) for column, cell in enumerate(row)] for row in table.rows
    ]
    grid = Grid([head, *body], colWidths=[one * _WIDTH for one in shares], repeatRows=1)
    quiet = [
        ("TEXTCOLOR", (0, row + 1), (-1, row + 1), HexColor(QUIET))
        for row, cells in enumerate(table.rows)
        if "Not ours" in cells
    ]
    grid.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("BACKGROUND", (0, 0), (-1, 0), HexColor(TINT)),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(RULE)),
                ("LINEABOVE", (0, 0), (-1, 0), 0.8, HexColor(INK)),
                ("LEFTPADDING", (0, 0), (-1, -1), 4),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
                *quiet,
            ]
        )
    )
    return grid


def _cell(text: str, column: int, pictures: Mapping[str, bytes]) -> Any:
    if column == 1 and text in pictures:
        data = io.BytesIO(pictures[text])
        picture = Image(data)
        picture.drawWidth, picture.drawHeight = (
            _THUMB,
            _THUMB * picture.imageHeight / picture.imageWidth,
        )
        return [picture, Paragraph(_lines(text), STYLES["small"])]
    return Paragraph(_lines(text), STYLES["cell"])


def _signatures(story: Story, digest: str) -> Iterator[Flowable]:
    """Room for two hands, and what they sign: this may be the only page that is sent back."""
    signed = f"Signed for {story.title}, {story.found.cut.name}, as {story.delivery}: packet.json"
    said = Paragraph(_safe(f"{signed}, sha256 {digest}."), STYLES["body"])
    names = ("Name", "Place, date", "Signature")
    lines = [
        ["For the facility", "", "", "For the production", ""],
        *([name, "", "", name, ""] for name in names),
    ]
    widths = [24 * mm, _WIDTH / 2 - 30 * mm, 12 * mm, 24 * mm, _WIDTH / 2 - 30 * mm]
    grid = Grid(lines, colWidths=widths, rowHeights=[8 * mm, *[10 * mm] * 3], hAlign="LEFT")
    grid.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, 0), parts.FACES.bold, 9),
                ("FONT", (0, 1), (-1, -1), parts.FACES.normal, 8),
                ("TEXTCOLOR", (0, 1), (-1, -1), HexColor(QUIET)),
                ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
                ("LINEBELOW", (1, 1), (1, -1), 0.5, HexColor(INK)),
                ("LINEBELOW", (4, 1), (4, -1), 0.5, HexColor(INK)),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    yield KeepTogether([Spacer(0, 8 * mm), said, grid])


def _safe(text: str) -> str:
    return escape(shown(text))


def _lines(text: str) -> str:
    words = text.shown if isinstance(text, Digest) else text
    return "<br/>".join(_safe(line) for line in words.split("\n"))
