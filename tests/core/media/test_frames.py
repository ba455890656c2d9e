"""A frame by content, and its way into half float."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.media.frames import HALF_MAX, Counted, digest, to_half

RGB = ("R", "G", "B")


def test_the_digest_is_that_of_a_small_header_and_the_bytes():
    pixels = np.arange(12, dtype=np.float16).reshape(2, 2, 3)
    head = b'{"channels":["R","G","B"],"dtype":"float16","shape":[2,2,3]}'
    assert digest(pixels, RGB) == hashlib.sha256(head + pixels.tobytes()).hexdigest()


def test_the_digest_is_of_values_not_of_memory():
    pixels = np.arange(24, dtype=np.float32).reshape(2, 4, 3)
    other = np.asfortranarray(pixels.astype(">f4"))
    assert digest(pixels, RGB) == digest(other, RGB)
    assert digest(pixels[:, ::2], RGB) == digest(pixels[:, ::2].copy(), RGB)


def test_another_shape_name_or_type_is_another_digest():
    pixels = np.zeros((2, 4, 3), np.float16)
    seen = {
        digest(pixels, RGB),
        digest(pixels, ("X", "Y", "Z")),
        digest(pixels.reshape(4, 2, 3), RGB),
        digest(pixels.astype(np.int16), RGB),
        digest(-pixels, RGB),  # minus zero
    }
    assert len(seen) == 5


def test_names_must_fit_the_channels():
    with pytest.raises(ValueError, match="channel names"):
        digest(np.zeros((2, 2, 4), np.float16), RGB)


def test_nan_is_zeroed_infinity_held_and_all_is_counted_by_pixel():
    pixels = np.full((2, 4, 3), 0.5, np.float32)
    pixels[0, 0] = (np.nan, np.nan, 1)
    pixels[0, 1] = (np.inf, -70000, 0)
    pixels[0, 2] = (65504, 65510, 3)
    pixels[0, 3] = (-0.25, 0, 0)
    half, counted = to_half(pixels)
    assert counted == Counted(nan=1, clipped=2, negative=2)
    assert half.dtype == np.float16
    assert half[0, 0].tolist() == [0, 0, 1]
    assert half[0, 1].tolist() == [HALF_MAX, -HALF_MAX, 0]
    assert half[0, 2].tolist() == [HALF_MAX, HALF_MAX, 3]
    assert half[0, 3].tolist() == [-0.25, 0, 0]


def test_a_clean_frame_counts_nothing_and_keeps_every_half_as_it_is():
    halves = np.arange(0x7C00, dtype=np.uint16).view(np.float16)[: 3 * 10580].reshape(-1, 10, 3)
    back, counted = to_half(halves.astype(np.float32))
    assert counted == Counted()
    assert (back.view(np.uint16) == halves.view(np.uint16)).all()


@given(st.lists(st.floats(width=32), min_size=3, max_size=30))
def test_whatever_comes_in_only_finite_halves_come_out(values):
    pixels = np.array(values[: len(values) // 3 * 3], np.float32).reshape(1, -1, 3)
    half, counted = to_half(pixels)
    assert np.isfinite(half).all()
    assert counted.nan == int(np.isnan(pixels).any(-1).sum())
    with np.errstate(over="ignore"):
        near = np.clip(np.nan_to_num(pixels), -HALF_MAX, HALF_MAX).astype(np.float16)
    assert (half == near).all()
