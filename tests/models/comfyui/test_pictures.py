"""Pictures to and from a server, and what its messages may hold."""

from __future__ import annotations

import socket
import struct
import threading

import cv2
import numpy as np
import pytest
from secondunit.generators.comfyui import websocket
from secondunit.generators.comfyui.pictures import picture, png16, preview, size_of
from secondunit_bridge.errors import BrokenFrames


def codes(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random((24, 40, 3), np.float32)


def encoded(pixels: np.ndarray, suffix: str = ".png") -> bytes:
    return cv2.imencode(suffix, pixels)[1].tobytes()


def test_sixteen_bits_go_out_and_come_back_within_half_a_step():
    sent = codes()
    back, bits = picture(png16(sent), 40, 24)
    assert bits == 16
    assert np.abs(back - sent).max() <= 0.5 / 65535 + 1e-7


def test_what_may_change_is_clear_in_the_alpha():
    matte = np.zeros((24, 40), np.float32)
    matte[4:9, 3:7] = 1.0
    found = cv2.imdecode(np.frombuffer(png16(codes(), matte), np.uint8), -1)
    assert found.shape == (24, 40, 4)
    assert (found[..., 3] == np.where(matte > 0, 0, 65535)).all()
    kept = cv2.imdecode(np.frombuffer(png16(codes()), np.uint8), -1)
    assert (found[..., :3] == kept).all()  # the picture under it is all there


@pytest.mark.parametrize(
    ("pixels", "bits"),
    [
        (np.full((24, 40, 3), (10, 20, 30), np.uint8), 8),
        (np.full((24, 40, 3), (2570, 5140, 7710), np.uint16), 16),
        (np.full((24, 40, 4), (10, 20, 30, 0), np.uint8), 8),
    ],
)
def test_eight_and_sixteen_bits_mean_the_same_colour(pixels: np.ndarray, bits: int):
    found, depth = picture(encoded(pixels), 40, 24)
    assert depth == bits
    assert found.shape == (24, 40, 3)
    assert np.allclose(found[0, 0], np.array([30, 20, 10]) / 255, atol=1e-6)


def test_grey_is_a_picture_of_three_equal_channels():
    found, _ = picture(encoded(np.full((24, 40), 51, np.uint8)), 40, 24)
    assert np.allclose(found, 0.2)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        encoded(np.zeros((24, 40, 3), np.uint8), ".jpg"),
        encoded(np.zeros((24, 40, 3), np.uint8), ".bmp"),
        encoded(np.zeros((40, 24, 3), np.uint8)),
        encoded(np.zeros((24, 40, 3), np.uint8))[:70],
    ],
)
def test_anything_else_is_refused(data: bytes):
    with pytest.raises(BrokenFrames):
        picture(data, 40, 24)


def test_a_size_is_read_from_the_header_before_anything_is_decoded():
    small = encoded(np.zeros((24, 40, 3), np.uint8))
    huge = small[:16] + struct.pack(">II", 60_000, 60_000) + small[24:]
    assert size_of(huge) == (60_000, 60_000)
    assert preview(huge) is None
    jpeg = encoded(np.zeros((24, 40, 3), np.uint8), ".jpg")
    assert size_of(jpeg) == (40, 24)
    assert preview(jpeg).shape == (24, 40, 3)
    assert preview(b"\xff\xd8" + b"\xff\xe0\x00\x00" * 9) is None


def answering(*frames: bytes) -> tuple[websocket.Socket, socket.socket]:
    """A connection whose other side has said these frames."""
    ours, theirs = socket.socketpair()
    one = object.__new__(websocket.Socket)
    one._line, one._held, one._message, one._kind = ours, bytearray(), bytearray(), 0
    theirs.sendall(b"".join(frames))
    return one, theirs


def test_a_message_in_pieces_is_one_and_a_ping_is_answered():
    one, theirs = answering(
        b"\x01\x03abc", b"\x89\x02hi", b"\x80\x03def", b"\x82\x7e\x01\x00" + b"x" * 256
    )
    heard = list(one.heard(1.0))
    assert heard == [(True, b"abcdef"), (False, b"x" * 256)]
    pong = theirs.recv(99)
    assert pong[0] == 0x8A
    assert pong[1] & 0x80  # a client masks
    assert bytes(b ^ m for b, m in zip(pong[6:8], pong[2:4], strict=True)) == b"hi"
    for end in (one._line, theirs):
        end.close()


@pytest.mark.parametrize(
    "frame",
    [
        b"\x82\x7f" + struct.pack(">Q", 1 << 40),
        b"\x89\x7e\x02\x00" + b"p" * 512,
        b"\x82\x83abcdxyz",
        b"\xc2\x03abc",
        b"\x88\x02\x03\xe8",
    ],
)
def test_a_frame_that_breaks_the_protocol_ends_the_connection(frame: bytes):
    one, theirs = answering(frame)
    with pytest.raises(websocket.Broken):
        list(one.heard(0.5))
    for end in (one._line, theirs):
        end.close()


def test_what_answers_without_the_right_key_is_no_websocket():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def answer() -> None:
            line, _ = listening.accept()
            line.recv(4096)
            line.sendall(b"HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: guessed\r\n\r\n")
            line.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(websocket.Broken):
            websocket.Socket("127.0.0.1", listening.getsockname()[1], "/ws")
        thread.join()
