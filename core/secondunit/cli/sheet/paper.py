"""A sheet of paper to draw on without a browser: text, lines, boxes and pictures, RGB uint8."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from . import Display

Tone = tuple[int, int, int]
"""R, G, B, 0..255, display-referred."""

ROOM: Tone = (28, 28, 28)


@dataclass(frozen=True)
class Ink:
    """How text is drawn: its height in pixels, weight 100..900, and tone."""

    size: int
    tone: Tone
    weight: int = 400

    @property
    def leading(self) -> int:
        """Pixels from one line of text to the next."""
        return round(self.size * 1.42)


class Paper:
    """Pixels that grow downwards as they are drawn on. All positions are pixels from top left."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._pixels = np.full((1200, width, 3), ROOM, np.uint8)
        self._face = cv2.FontFace("sans")  # embedded in OpenCV: the same on every machine

    def pixels(self, height: int) -> Display:
        """Everything drawn, cropped to ``height``."""
        self._reach(height)
        return self._pixels[:height]

    def text(self, words: str, x: int, y: int, ink: Ink) -> int:
        """One line whose top is ``y``; returns the x where it ends."""
        self._reach(y + 2 * ink.size)
        end, _ = cv2.putText(
            self._pixels, words, (x, y + ink.size), ink.tone, self._face, ink.size, ink.weight
        )
        return int(end[0])

    def measure(self, words: str, ink: Ink) -> int:
        """Width of a line, in pixels."""
        box = cv2.getTextSize((0, 0), words, (0, 0), self._face, ink.size, ink.weight)
        left, _, width, _ = box
        return int(left) + int(width)

    def fitted(self, words: str, width: int, ink: Ink) -> str:
        """The line, shortened in its middle so that it fits."""
        if self.measure(words, ink) <= width:
            return words
        keep = len(words)
        while keep > 4 and self.measure(_shortened(words, keep), ink) > width:
            keep -= 1
        return _shortened(words, keep)

    def paragraph(self, words: str, x: int, y: int, width: int, ink: Ink) -> int:
        """Text wrapped to ``width``; returns the y below it."""
        line = ""
        for word in words.split():
            longer = f"{line} {word}".strip()
            if line and self.measure(longer, ink) > width:
                self.text(line, x, y, ink)
                y, line = y + ink.leading, word
            else:
                line = longer
        self.text(self.fitted(line, width, ink), x, y, ink)
        return y + ink.leading

    def box(self, x: int, y: int, width: int, height: int, tone: Tone) -> None:
        """A filled box."""
        self._reach(y + height)
        self._pixels[y : y + height, x : x + width] = tone

    def picture(self, pixels: Display, x: int, y: int, width: int, height: int = 0) -> int:
        """A picture scaled to ``width``; with ``height`` it fills that box, cropped evenly.

        Returns the height it took.
        """
        filled = _filled(pixels, width, height) if height else _scaled(pixels, width)
        tall = int(filled.shape[0])
        self._reach(y + tall)
        self._pixels[y : y + tall, x : x + width] = filled
        return tall

    def frame(self, x: int, y: int, width: int, height: int, tone: Tone) -> None:
        """An outline of three pixels, inside the box."""
        for left, top, wide, tall in (
            (x, y, width, 3),
            (x, y + height - 3, width, 3),
            (x, y, 3, height),
            (x + width - 3, y, 3, height),
        ):
            self.box(left, top, wide, tall, tone)

    def dot(self, x: int, y: int, radius: int, tone: Tone, *, hollow: bool = False) -> None:
        """A small disc, or a ring with ``hollow``, centred."""
        thickness = 2 if hollow else cv2.FILLED
        cv2.circle(self._pixels, (x, y), radius, tone, thickness, cv2.LINE_AA)

    def ring(self, x: int, y: int, across: int, high: int, tone: Tone) -> None:
        """A circle as a grease pencil draws it: one stroke that overshoots where it began."""
        turn = np.linspace(-2.2, -2.2 + 2 * math.pi + 0.55, 120)
        loose = np.linspace(0.93, 1.06, 120)
        points = np.stack(
            [x + across / 2 * loose * np.cos(turn), y + high / 2 * loose * np.sin(turn)], axis=1
        )
        fine = np.round(points * 16).astype(np.int32)[:, None]
        cv2.polylines(self._pixels, [fine], False, tone, 4, cv2.LINE_AA, 4)

    def _reach(self, height: int) -> None:
        short = height - self._pixels.shape[0]
        if short > 0:
            more = np.full((short + 800, self.width, 3), ROOM, np.uint8)
            self._pixels = np.concatenate([self._pixels, more])


def _shortened(words: str, keep: int) -> str:
    head = keep // 2
    return words if keep >= len(words) else f"{words[:head]}…{words[len(words) - keep + head :]}"


def _scaled(pixels: Display, width: int) -> Display:
    height = max(1, round(pixels.shape[0] * width / pixels.shape[1]))
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _filled(pixels: Display, width: int, height: int) -> Display:
    scale = max(width / pixels.shape[1], height / pixels.shape[0])
    size = (
        max(width, round(pixels.shape[1] * scale)),
        max(height, round(pixels.shape[0] * scale)),
    )
    whole = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    top, left = (size[1] - height) // 2, (size[0] - width) // 2
    return np.asarray(whole[top : top + height, left : left + width], np.uint8)
