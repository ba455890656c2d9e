"""What a file's own metadata says about its colour, as OpenColorIO names. Reads no configuration.

**Why a movie tagged bt709 is taken as gamma 2.4 and not as the BT.709 camera curve.** BT.709
describes what a camera does; a picture is judged and graded on a display that follows BT.1886,
which is a pure 2.4 power on a dark-room monitor. Undoing the camera curve would give back light
that nobody ever saw and lift the shadows by up to a stop. "Gamma 2.4 Encoded Rec.709" undoes what
the display does, keeps 0..1 as 0..1, and inverts exactly, so a movie that goes to scene-linear and
back is the movie it was. No view transform is undone: a movie is a finished picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

VIDEO = "Gamma 2.4 Encoded Rec.709"
SRGB = "sRGB Encoded Rec.709 (sRGB)"

# ITU-T H.273 (07/2021), tables 2, 3 and 4: the codes that picture files use, by FFmpeg's names.
PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film",
    9: "bt2020", 10: "smpte428", 11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
TRANSFER = {
    1: "bt709", 4: "gamma22", 5: "gamma28", 6: "smpte170m", 7: "smpte240m", 8: "linear",
    9: "log100", 10: "log316", 11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1",
    14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084", 17: "smpte428", 18: "arib-std-b67",
}  # fmt: skip
MATRIX = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco",
    9: "bt2020nc", 10: "bt2020c", 14: "ictcp",
}  # fmt: skip
RANGE = {1: "limited", 2: "full"}

_CAMERA_CURVES = ("bt709", "smpte170m", "bt2020-10", "bt2020-12", "bt1361e", "iec61966-2-4")
_NEAR_709 = ("smpte170m", "bt470bg", "ebu3213")
_BY_TAGS = {
    ("bt709", "iec61966-2-1"): SRGB,
    ("bt709", "gamma22"): "Gamma 2.2 Encoded Rec.709",
    ("bt709", "linear"): "Linear Rec.709 (sRGB)",
    ("smpte432", "iec61966-2-1"): "sRGB Encoded P3-D65",
    ("smpte432", "linear"): "Linear P3-D65",
    ("bt2020", "linear"): "Linear Rec.2020",
}
_SRGB_BY_STANDARD = ("png", "jpeg")  # W3C PNG (third edition) 4.3; JPEG Exif 2.32, ColorSpace 1
_HDR = {"smpte2084": "Rec.2100-PQ - Display", "arib-std-b67": "Rec.2100-HLG - Display"}

# CIE xy of red, green, blue, white. AP0 and AP1: SMPTE ST 2065-1 and Academy S-2014-004;
# Rec.709: ITU-R BT.709-6; Rec.2020: ITU-R BT.2020-2; P3-D65: SMPTE EG 432-1 with D65 white.
CHROMATICITIES: dict[str, tuple[float, ...]] = {
    "ACEScg": (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767),
    "ACES2065-1": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767),
    "Linear Rec.709 (sRGB)": (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    "Linear Rec.2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    "Linear P3-D65": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
}
_CHROMATICITY_SLACK = 0.002  # files round to three digits and store float32


@dataclass(frozen=True)
class Said:
    """What the metadata amounts to: a space, or guesses; and what had to be assumed."""

    space: str = ""
    guesses: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def of_movie(primaries: str, transfer: str, *, rgb: bool = False) -> Said:
    """The space of a movie by its tags. Untagged: no space, the usual video space as a guess."""
    if not primaries and not transfer:
        return Said("", (SRGB, VIDEO) if rgb else (VIDEO, SRGB))
    if transfer in _HDR:
        return Said(
            "", (_HDR[transfer],), ("the movie is tagged HDR; its display space must be declared",)
        )
    if (primaries or "bt709") in _NEAR_709 and (not transfer or transfer in _CAMERA_CURVES):
        kind = f"the movie is tagged {primaries}; read as Rec.709, whose primaries are close"
        return Said(VIDEO, (), (kind,))
    if (primaries or "bt709") == "bt709" and (not transfer or transfer in _CAMERA_CURVES):
        return Said(VIDEO)
    space = _BY_TAGS.get((primaries or "bt709", transfer), "")
    return Said(space) if space else Said("", (VIDEO, SRGB))


def of_still(
    format_name: str, attributes: dict[str, str], chromaticities: Sequence[float] = ()
) -> Said:
    """The space of a still by its attributes.

    Looks at this product's own attribute, then the names other programs write, then an EXR's
    chromaticities. PNG and JPEG that carry nothing are sRGB, as their standards say, with a remark.
    """
    for name in ("secondunit/space", "oiio:ColorSpace", "colorInteropID", "colorspace"):
        written = attributes.get(name, "")
        # OpenImageIO names sRGB for every PNG and JPEG; that is its assumption, not the file's word
        if written and not (format_name in _SRGB_BY_STANDARD and "srgb" in written.lower()):
            return Said(written)
    if format_name == "openexr":
        return _of_chromaticities(chromaticities)
    if format_name in _SRGB_BY_STANDARD:
        tagged = "sRGB" in attributes.get("ICCProfile:profile_description", "sRGB")
        remark = f"{format_name.upper()} without a colour tag is read as sRGB"
        return Said(SRGB, (), (remark,)) if tagged else Said("", (SRGB,))
    if format_name == "dpx" and attributes.get("dpx:Transfer", "").startswith("ITU-R 709"):
        return Said(VIDEO)
    return Said("", ("ADX10", "ACEScct", VIDEO) if format_name == "dpx" else (SRGB, VIDEO))


def _of_chromaticities(given: Sequence[float]) -> Said:
    for space, known in CHROMATICITIES.items():
        if len(given) == len(known) and all(
            abs(a - b) <= _CHROMATICITY_SLACK for a, b in zip(given, known, strict=True)
        ):
            return Said(space, (), (f"EXR chromaticities are those of {space}",))
    return Said("", ("ACEScg", "Linear Rec.709 (sRGB)", "ACES2065-1"))
