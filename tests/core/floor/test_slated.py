"""A slate that plays where a picture should is found; titles, black and pictures are not slates."""

from __future__ import annotations

import numpy as np
from secondunit.checks.slated import Slate
from secondunit.media.slates import SlateText, draw_slate
from secondunit.testing import examined
from secondunit_bridge.film import Outcome

FIELDS = (("Frames", "1001 - 1096"), ("Generator", "clean_plate"), ("Circled by", "Kim"))
WORDS = SlateText("TCC_0010", "v003", "The Lamp", "temp", FIELDS, "Take the box out.")


def linear(picture: np.ndarray) -> np.ndarray:
    return ((picture.astype(np.float32) / 255) ** 2.4).astype(np.float32)


def with_pages(film, name: str, pages: dict[int, np.ndarray]):
    reel = film.reel(name, 0, 8)
    return film.reel(name, 0, 8, change=lambda p, i: pages.get(i, p)[: reel.height, : reel.width])


def reel_picture(film, name: str) -> np.ndarray:
    """What stands small on a slate of ours."""
    return film.shot(name)[0]


def said(film, exam, name: str, pages: dict[int, np.ndarray]):
    [found] = examined(Slate(), exam(with_pages(film, name, pages)))
    return found


def slate(film, name: str) -> np.ndarray:
    reel = film.reel(name, 0, 1)
    return linear(draw_slate(reel.width, reel.height, WORDS, reel_picture(film, name)))


def test_a_slate_at_the_head_or_the_tail_is_found_with_its_frames(film, exam):
    page = slate(film, "table")
    head = said(film, exam, "table", {0: page})
    assert (head.outcome, head.value, head.frames) == (Outcome.look, 1, ((1, 1),))
    tail = said(film, exam, "table", {6: page, 7: page})
    assert (tail.outcome, tail.frames) == (Outcome.look, ((7, 8),))


def test_pictures_and_black_and_a_plain_field_are_no_slates(film, exam):
    for name in ("meadow", "brook", "bird", "bough", "burrow", "runners", "table"):
        assert said(film, exam, name, {}).outcome is Outcome.clear, name
    black = np.zeros_like(slate(film, "table"))
    for field in (black, black + 0.18):
        assert said(film, exam, "table", {0: field}).outcome is Outcome.clear


def test_a_shot_that_is_a_card_throughout_is_meant(film, exam):
    page = slate(film, "table")
    found = said(film, exam, "table", dict.fromkeys(range(8), page))
    assert found.outcome is Outcome.clear
    assert "title or a card" in found.sentence
