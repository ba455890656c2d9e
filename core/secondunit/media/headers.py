"""What a movie says of itself: exact rate, length, timecode, colour, size."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import RateMismatch, TimecodeWrong
from secondunit_bridge.timing import FrameRange, exact_rate, from_timecode, rate_name

from .facts import Facts
from .index import SEEKABLE, Index
from .planes import bits_of, has_alpha
from .stills import UNSAID_RATE
from .tags import MATRIX, PRIMARIES, RANGE, TRANSFER, of_movie

# A frame may come this much of a frame early or late and the rate still be called constant: a
# container that counts milliseconds is off by up to 0.06 of a frame at 60 frames a second.
_JITTER = Fraction(1, 10)
_SD_LINES = 576  # up to here an untagged picture is standard definition, with the BT.601 matrix


def movie_facts(path: Path, container: Any, index: Index) -> Facts:
    """Facts of an open movie. What had to be assumed is said in ``remarks``."""
    stream = container.streams.video[0]
    context, form = stream.codec_context, stream.codec_context.format
    remarks = list(index.remarks)
    rate, variable = rate_of(index, stream)
    if variable:
        remarks.append(f"variable rate: frames are counted, nominally at {rate_name(rate)}")
    if container.format.name not in SEEKABLE:
        remarks.append(f"a frame of {container.format.long_name} is found from the start: slow")
    timecode, drop = _timecode(container, rate, remarks)
    primaries = PRIMARIES.get(int(context.color_primaries), "")
    transfer = TRANSFER.get(int(context.color_trc), "")
    matrix, reach = _matrix(context, form, remarks)
    said = of_movie(primaries, transfer, rgb=form.is_rgb)
    if int(context.field_order) in (2, 3, 4, 5):
        remarks.append("the movie is interlaced; its frames are used as they are")
    return Facts(
        path=str(path),
        kind="movie",
        frames=FrameRange(0, len(index.stamps) - 1, rate),
        width=context.width,
        height=context.height,
        channels=("R", "G", "B", "A") if has_alpha(form) else ("R", "G", "B"),
        dtype="float32" if bits_of(form) == 32 else f"uint{bits_of(form)}",
        space=said.space,
        guesses=said.guesses,
        codec=context.name,
        variable=variable,
        timecode=timecode,
        drop=drop,
        pixel_aspect=Fraction(stream.sample_aspect_ratio or 1) or Fraction(1),
        primaries=primaries,
        transfer=transfer,
        matrix=matrix,
        range=reach,
        attributes={**container.metadata, **stream.metadata},
        remarks=(*remarks, *said.remarks),
    )


def rate_of(index: Index, stream: Any) -> tuple[Fraction, bool]:
    """The exact rate, and whether the frames are unevenly spaced in time.

    A rate is taken when every frame comes within a tenth of a frame of where it puts it, or within
    one tick of the container's clock.
    """
    stamps, base = index.stamps, index.time_base
    named = [r for r in (stream.average_rate, stream.guessed_rate, stream.base_rate) if r]
    if len(stamps) > 1:
        named.append(Fraction(len(stamps) - 1) / ((stamps[-1] - stamps[0]) * base))
    rates = [rate for value in named for rate in _tidy(Fraction(value))]
    for rate in rates:
        slack = max(Fraction(1), _JITTER / rate / base)
        step = 1 / rate / base
        if all(abs(stamps[0] + n * step - stamp) <= slack for n, stamp in enumerate(stamps)):
            return rate, False
    return (rates[0] if rates else UNSAID_RATE), len(stamps) > 1


def _tidy(rate: Fraction) -> list[Fraction]:
    """The rate as it stands and as the common rate it is near to; none when it is absurd."""
    try:
        exact = exact_rate(rate)
    except RateMismatch:
        return []
    whole = Fraction(round(rate))
    near = [whole] if whole and abs(rate - whole) < Fraction(1, 200) else []
    return [*near, exact]


def _timecode(container: Any, rate: Fraction, remarks: list[str]) -> tuple[int | None, bool]:
    """The embedded timecode of the first frame: of the picture, a timecode track, the file."""
    holders = [container.streams.video[0], *container.streams.data, container]
    text = next((h.metadata["timecode"] for h in holders if h.metadata.get("timecode")), "")
    if not text:
        return None, False
    try:
        return from_timecode(text, rate), text[8:9] in (";", ",")
    except TimecodeWrong as error:
        remarks.append(f"its timecode is not used: {error.message}")
        return None, False


def _matrix(context: Any, form: Any, remarks: list[str]) -> tuple[str, str]:
    if form.is_rgb:
        return "gbr", "full"
    matrix = MATRIX.get(int(context.colorspace), "")
    reach = RANGE.get(int(context.color_range), "")
    if form.name.startswith(("yuvj", "gray")) and not reach:
        reach = "full"
    if not matrix or matrix == "gbr":
        matrix = "smpte170m" if context.height <= _SD_LINES else "bt709"
        kind = "BT.601" if matrix == "smpte170m" else "BT.709"
        remarks.append(f"no colour matrix in the file; {kind} by its {context.height} lines")
    return matrix, reach or "limited"
