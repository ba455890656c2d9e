"""Gathers what stands on a plate's contact sheet: from the record of the take and the vault."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Take
from secondunit_bridge.timing import rate_name

from ...colour import Colour
from ...contract.geometry import displayed, grown
from ...contract.receipt import read_mask
from ...media.plates import PlateFrame, read_plate
from ...stage.plate_version import frame_words
from ...vault import Vault
from . import Display
from .gather import SCREEN
from .plates import Course, Pairs, PlateSheet, plate_frame
from .plates import PlateFrame as Shown

if TYPE_CHECKING:
    from ..line import Shoot

FRAMES = 3  # shown of a take: the first, the one in the middle, the last


@dataclass(frozen=True)
class Measured:
    """What the receipt of a take says, over all frames. Pixels count once a frame."""

    frames: int
    protected_pixels: int
    changed_in_protected: int
    max_difference_in_protected: float
    changed_inside: int
    share: float  # of the picture that changed, 0..1, mean of the frames

    @classmethod
    def of(cls, receipt: dict[str, Any]) -> Measured:
        """Summed from a receipt, the version's or the one in the take's entry."""
        frames = receipt["frames"]

        def total(name: str) -> int:
            return sum(int(frame[name]) for frame in frames)

        return cls(
            len(frames),
            total("protected_pixels"),
            total("changed_in_protected"),
            max((float(f["max_difference_in_protected"]) for f in frames), default=0.0),
            total("changed_inside"),
            sum(float(f["share"]) for f in frames) / max(1, len(frames)),
        )

    @property
    def sound(self) -> bool:
        """Nothing protected changed."""
        return not self.changed_in_protected

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        over = f"{self.frames} frame{'s' if self.frames != 1 else ''}"
        if not self.sound:
            return f"{self.changed_in_protected:,} protected pixels changed in {over}."
        if not self.protected_pixels:
            return f"Nothing was protected: the matte let all of the picture change in {over}."
        return (
            f"Outside the matte nothing changed: {self.protected_pixels:,} protected pixels in"
            f" {over} are the plate's, bit for bit. Inside, {self.changed_inside:,} pixels changed."
        )


def plate_values(
    shoot: Shoot,
    take: Take,
    receipt: dict[str, Any],
    store: Path,
    places: Pairs,
    line: str,
    *,
    ocio: str,
) -> PlateSheet:
    """The sheet of one take of a plate. Raises what reading its frames raises."""
    measured = Measured.of(receipt)
    entries = receipt["frames"]
    picked = [entries[index] for index in _spread(len(entries))]
    colour, vault = Colour(ocio), Vault(store / "vault")
    remarks = (*take.remarks, *(f.sentence for f in take.findings if f.open))
    return PlateSheet(
        title=take.name.replace("_", " "),
        line=line,
        facts=_facts(shoot, take, receipt),
        verdict=measured.sentence,
        sound=measured.sound,
        shown=tuple(
            _shown(entry, take, receipt, vault, colour, frame_words(shoot.turnover, entry["frame"]))
            for entry in picked
        ),
        courses=(*_courses(entries), *_sure(receipt)),
        remarks=tuple(dict.fromkeys(remarks)),
        places=places,
    )


def _facts(shoot: Shoot, take: Take, receipt: dict[str, Any]) -> Pairs:
    media, now = take.media, time.localtime()
    assert media is not None  # only what was shot has a sheet
    sure = "-" if take.confidence is None else f"{take.confidence:.2f}"
    return (
        ("Frames", f"{media.frames.first} to {media.frames.last}"),
        ("Timecode", frame_words(shoot.turnover, media.frames.first).split("  ·  ")[1]),
        ("Rate", f"{rate_name(media.frames.rate)} a second"),
        ("Picture", f"{media.width} x {media.height}, {media.space}"),
        ("Take", f"{take.number}, seed {take.seed}, confidence {sure}"),
        ("Generator", shoot.turnover.generator),
        ("Edge zone", f"{receipt['edge_zone']} pixels"),
        ("Shot on", f"{now.tm_mday} {time.strftime('%B %Y', now)}"),
    )


def _courses(entries: Sequence[dict[str, Any]]) -> tuple[Course, ...]:
    if len(entries) < 2:
        return ()
    words = "Share of the picture that changed in each frame."
    values = tuple(float(entry["share"]) for entry in entries)
    most = max(values)
    span = f"from {min(values):.1%} to {most:.1%}"
    top = 1.25 * most or 1.0
    return (Course("Changed", words, int(entries[0]["frame"]), values, top=top, span=span),)


def sure_frames(receipt: dict[str, Any]) -> list[dict[str, Any]]:
    """What the generator said of itself for each frame: ``frame, confidence, coverage``.

    ``coverage`` is the share of the matte whose background was found; None is not said.
    """
    return [{"frame": int(number), **told} for number, told in receipt.get("sure", {}).items()]


def _sure(receipt: dict[str, Any]) -> tuple[Course, ...]:
    """How much was found in other frames, and how well they agree, where the generator says it."""
    told, words = sure_frames(receipt), {
        "coverage": ("Found", "Share of the matte whose background other frames show."),
        "confidence": ("Confidence", "How well those frames agree, as the generator says."),
    }  # fmt: skip
    if len(told) < 2:
        return ()
    found = {name: [one[name] for one in told if one[name] is not None] for name in words}
    return tuple(
        Course(*words[name], told[0]["frame"], tuple(values))
        for name, values in found.items()
        if len(values) == len(told)
    )


def _shown(
    entry: dict[str, Any],
    take: Take,
    receipt: dict[str, Any],
    vault: Vault,
    colour: Colour,
    words: str,
) -> Shown:
    number = int(entry["frame"])
    media = take.media
    assert media is not None  # as above
    result = read_plate(vault.path(media.digests[number - media.frames.first]))
    plate = grown(read_plate(_plate_file(number, receipt, vault)), result.windows.data)
    soft, protected = read_mask(vault.path(receipt["masks"][str(number)]))
    windows = result.windows
    differs = (_bits(plate) != _bits(result)).any(axis=-1)
    figures = (
        ("protected pixels", f"{entry['protected_pixels']:,}"),
        ("of them changed", f"{entry['changed_in_protected']:,}"),
        ("largest difference", f"{entry['max_difference_in_protected']:g}"),
        ("changed inside", f"{entry['changed_inside']:,}"),
        ("share changed", f"{entry['share']:.2%}"),
    )
    return plate_frame(
        number,
        _screen(plate, receipt["space"], colour),
        _screen(result, receipt["space"], colour),
        displayed(soft, windows),
        ~displayed(~protected, windows),  # outside what is stored nothing can change
        displayed(differs, windows),
        figures,
        words=words,
        aspect=result.pixel_aspect,
    )


def _plate_file(number: int, receipt: dict[str, Any], vault: Vault) -> Path:
    """Where a frame of the plate lies: the file it was read from, or the vault's."""
    conformed = receipt["conformed"].get(str(number))
    return vault.path(conformed) if conformed else Path(receipt["plate_files"][str(number)])


def _bits(frame: PlateFrame) -> NDArray[np.uint16]:
    return np.ascontiguousarray(frame.half()).view(np.uint16)


def _screen(frame: PlateFrame, space: str, colour: Colour) -> Display:
    """The display window as a screen shows it."""
    rgb = [frame.colour.index(name) for name in "RGB"]
    picture = displayed(frame.half()[..., rgb].astype(np.float32), frame.windows)
    shown = colour.convert(np.nan_to_num(picture), space, SCREEN)
    return (np.clip(np.nan_to_num(shown), 0, 1) * 255 + 0.5).astype(np.uint8)


def _spread(count: int) -> list[int]:
    if count <= FRAMES:
        return list(range(count))
    return [round(index * (count - 1) / (FRAMES - 1)) for index in range(FRAMES)]
