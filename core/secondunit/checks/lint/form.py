"""Do size, depth, compression, windows and pixel shape agree with what was asked for?"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from secondunit_bridge.film import Outcome

from ...editorial.handed import Delivery
from ...media.filed import Filing
from ...media.tags import CHROMATICITIES
from .rules import Ill, Rule, Well, ours, rule, unlike

LOSSLESS = ("none", "rle", "zip", "zips", "piz")  # of OpenEXR; the others lose
_HDR = ("smpte2084", "arib-std-b67")  # ITU-R BT.2100-2 table 9: 10 or 12 bits
_UP = Fraction(101, 100)  # larger by less is a frame's crop, not a blow-up
# Pixel shapes in use: square, SMPTE RP 187 and BT.601 pictures, HDV, DVCPRO HD, scope lenses.
_SHAPES = (
    1,
    2,
    1.5,
    1.25,
    1.3,
    4 / 3,
    1.33,
    1.6,
    1.65,
    1.8,
    10 / 11,
    12 / 11,
    40 / 33,
    16 / 11,
    8 / 9,
    32 / 27,
    16 / 15,
    64 / 45,
    0.5,
)
_NEAR = 0.01
_UNREAD = Well("no file could be read", unsaid=True)


def size(handed: Delivery) -> Sequence[Ill] | Well:
    """As the version promises; of others, no smaller than the project."""
    files = handed.filed.read
    if not files:
        return _UNREAD
    if handed.own is not None and ours(handed):
        media = handed.own.media
        wrong = tuple(one for one in files if _size(one) != (media.width, media.height))
        if wrong:
            return [
                Ill(
                    "{}x{}".format(*_size(wrong[0])),
                    f"{media.width}x{media.height}",
                    "Publish the version again.",
                    wrong,
                    Outcome.stop,
                )
            ]
        return Well(f"{media.width}x{media.height}, as the version's record says")
    wide, high = _size(files[0])
    if handed.project is None:
        return Well(f"{wide}x{high}; no project says which size it wants", unsaid=True)
    project, assert_facts = handed.project, files[0].facts
    aspect = assert_facts.pixel_aspect if assert_facts else Fraction(1)
    times = min(project.width / (wide * aspect), Fraction(project.height, high))
    if times > _UP:
        return [
            Ill(
                f"{wide}x{high}",
                f"{project.width}x{project.height} or more",
                f"It is blown up {float(times):.2f} times: relink to the full size.",
            )
        ]
    return Well(f"{wide}x{high} fills the project's {project.width}x{project.height}")


def depth(handed: Delivery) -> Sequence[Ill] | Well:
    """Half floats in versions of ours; of others, enough bits for what they say they hold."""
    files = handed.filed.read
    if not files:
        return _UNREAD
    if ours(handed):
        wrong = tuple(one for one in files if _dtype(one) != "float16")
        if wrong:
            return [
                Ill(
                    _words(_dtype(wrong[0])),
                    "half float",
                    "Publish the version again.",
                    wrong,
                    Outcome.stop,
                )
            ]
        return Well("half float, as every delivery")
    facts, kind = files[0].facts, _dtype(files[0])
    space = handed.space or (facts.space if facts else "")
    linear = space in CHROMATICITIES or space.startswith("Linear ")
    if kind == "uint8" and linear:
        return [
            Ill(
                f"8 bits hold {space}",
                "half float for scene-linear light",
                "Ask for an EXR, or declare the space it is really in.",
            )
        ]
    if kind == "uint8" and facts and facts.transfer in _HDR:
        return [
            Ill(
                "8 bits hold an HDR signal",
                "10 bits or more (ITU-R BT.2100)",
                "Ask for a 10-bit file: 8 bits show bands.",
            )
        ]
    return Well(f"{_words(kind)}, enough for what it holds")


def compression(handed: Delivery) -> Sequence[Ill] | Well:
    """Lossless in versions of ours; of others only said."""
    files = [one for one in handed.filed.read if one.facts and one.facts.codec == "openexr"]
    if not files:
        facts = handed.filed.read[0].facts if handed.filed.read else None
        return Well(
            f"{facts.codec if facts else 'it'}; no rule says which codec it should be", unsaid=True
        )
    lossy = [one for one in files if one.compression.partition(":")[0] not in LOSSLESS]
    if lossy and ours(handed):
        return [
            Ill(
                f"{lossy[0].compression.upper()}, which loses",
                "ZIP or PIZ, which lose nothing",
                "Publish the version again: its pixels are not those that were circled.",
                tuple(lossy),
                Outcome.stop,
            )
        ]
    words = ", ".join(str(kind).upper() for kind in unlike(files, lambda one: one.compression))
    return Well(f"{words}: {'this loses detail' if lossy else 'nothing is lost'}")


def windows(handed: Delivery) -> Sequence[Ill] | Well:
    """Stored pixels that are nowhere in the picture, and a picture that is not all stored."""
    files = [one for one in handed.filed.read if one.data and one.display]
    if not files:
        return Well("movies have no windows", unsaid=True)
    nowhere = tuple(one for one in files if not _overlap(one))
    if nowhere:
        return [
            Ill(
                "the stored pixels lie outside the picture",
                "a data window in the display one",
                "All of it is black: render it again.",
                nowhere,
                Outcome.stop,
            )
        ]
    short = tuple(one for one in files if _uncovered(one) and not _has_alpha(one))
    if short:
        return [
            Ill(
                f"{_uncovered(short[0])} of the picture is not stored, and there is no alpha",
                "pixels to the edges",
                "It shows as black: is it a crop by mistake?",
                short,
            )
        ]
    over = sum(_beyond(one) for one in files)
    return Well(f"{over} frames store more than is seen" if over else "what is stored is seen")


def aspect(handed: Delivery) -> Sequence[Ill] | Well:
    """Pixels of a shape that is in use, and that fits the size."""
    files = handed.filed.read
    if not files:
        return _UNREAD
    strange = tuple(one for one in files if not _shape_known(one))
    if strange:
        return [
            Ill(
                f"pixels {_shape(strange[0]):.3f} times as wide as high",
                "1, or the squeeze of a lens",
                "Correct the tag, or ask what was meant.",
                strange,
            )
        ]
    one, project = files[0], handed.project
    if project and _size(one) == (project.width, project.height) and _shape(one) != 1:
        return [
            Ill(
                f"pixels {_shape(one):.3f} times as wide as high in the project's own size",
                "square pixels",
                "It shows stretched: is the tag left over?",
            )
        ]
    return Well("square pixels" if _shape(one) == 1 else f"pixels {_shape(one):.3f} times as wide")


def _size(one: Filing) -> tuple[int, int]:
    return (one.facts.width, one.facts.height) if one.facts else (0, 0)


def _dtype(one: Filing) -> str:
    return one.facts.dtype if one.facts else ""


def _words(kind: str) -> str:
    names = {"float16": "half float", "float32": "32-bit float"}
    return names.get(kind, f"{kind.removeprefix('uint')} bits a channel")


def _shape(one: Filing) -> float:
    return float(one.facts.pixel_aspect) if one.facts else 1.0


def _shape_known(one: Filing) -> bool:
    return any(abs(_shape(one) - shape) < _NEAR for shape in _SHAPES)


def _has_alpha(one: Filing) -> bool:
    return one.facts is not None and "A" in one.facts.channels


def _overlap(one: Filing) -> bool:
    assert one.data
    assert one.display
    (x, y, w, h), (dx, dy, dw, dh) = one.data, one.display
    return x < dx + dw and dx < x + w and y < dy + dh and dy < y + h


def _uncovered(one: Filing) -> str:
    """The share of the picture that no stored pixel covers, in words; nothing when all is."""
    assert one.data
    assert one.display
    (x, y, w, h), (dx, dy, dw, dh) = one.data, one.display
    wide = max(0, min(x + w, dx + dw) - max(x, dx))
    high = max(0, min(y + h, dy + dh) - max(y, dy))
    lost = 1 - wide * high / (dw * dh)
    return f"{lost:.0%}" if lost >= 0.005 else "an edge" if lost > 0 else ""


def _beyond(one: Filing) -> bool:
    return one.facts is not None and "secondunit/overscan" in one.facts.attributes


RULES: tuple[Rule, ...] = (
    rule(
        "size",
        "The picture has the size of the project, or of its version.",
        size,
        stop=True,
        ebu="0070W",
        source="the project's settings; a version's record",
    ),
    rule(
        "depth",
        "There are enough bits for what the file says it holds.",
        depth,
        stop=True,
        source="a delivery is half float; ITU-R BT.2100 wants 10 bits for HDR",
    ),
    rule(
        "compression",
        "A delivery loses nothing.",
        compression,
        stop=True,
        ebu="0105F",
        source="OpenEXR: NONE, RLE, ZIP, ZIPS and PIZ lose nothing",
    ),
    rule(
        "windows",
        "What is stored is the picture, to its edges.",
        windows,
        stop=True,
        source="OpenEXR data and display windows",
    ),
    rule(
        "aspect",
        "Pixels have a shape that is in use and fits the size.",
        aspect,
        ebu="0069W",
        source="SMPTE RP 187, ITU-R BT.601, and the squeeze of lenses",
    ),
)
