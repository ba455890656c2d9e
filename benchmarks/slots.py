"""One 4K RGBA half frame, host buffer -> stage -> host buffer, against memcpy and PNG over HTTP.

Run: python benchmarks/slots.py [--repeats 15]
Yardsticks of the same run: two memcpys over four touched buffers, and the same frame as 8-bit PNG
over keep-alive HTTP on loopback, there and back (the way bridges to web servers work).
"""

from __future__ import annotations

import argparse
import http.client
import http.server
import os
import statistics
import tempfile
import threading
import time

import numpy as np
from timed import median_s, report

ROWS, COLUMNS = 2160, 3840


def grain() -> np.ndarray:
    """``(2160, 3840, 4)`` half RGBA: gradients with grain, so that no codec has it easy."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS].astype(np.float32)
    picture = np.stack(
        [
            0.5 + 0.4 * np.sin(x / 211 + y / 97),
            0.3 + 0.3 * np.sin(x / 130),
            0.2 + 0.2 * np.cos(y / 77),
            np.ones_like(x),
        ],
        axis=-1,
    )
    noise = np.random.default_rng(1).normal(0, 0.01, (ROWS, COLUMNS, 3)).astype(np.float32)
    picture[..., :3] += noise
    return picture.astype(np.float16)


def through_slots(picture: np.ndarray, repeats: int) -> tuple[float, float]:
    """Median seconds of a trip, and of two memcpys over four buffers measured in turn with it."""
    from secondunit_bridge.slots import Frame
    from secondunit_bridge.unit import Unit

    back, frame = np.ones_like(picture), Frame((ROWS, COLUMNS, 4))
    a, b, c, d = (np.ones(picture.nbytes, np.uint8) for _ in range(4))
    trips, copies = [], []
    with Unit.connect(host="benchmark") as unit:
        slot = unit.lease(picture.nbytes)
        for _ in range(repeats + 3):
            start = time.perf_counter()
            np.copyto(b, a)
            np.copyto(d, c)
            copies.append(time.perf_counter() - start)
            picture[0, 0, 0] += np.float16(0.001)
            start = time.perf_counter()
            slot.write(frame, picture)
            unit.rehearse(slot)
            np.copyto(back, np.frombuffer(slot.read(), np.float16).reshape(picture.shape))
            trips.append(time.perf_counter() - start)
            assert (back == picture).all(), "the frame did not come back bit for bit"
        unit.release(slot)
        unit.stop_daemon()
    return statistics.median(trips[3:]), statistics.median(copies[3:])


def through_http(picture: np.ndarray, repeats: int) -> float:
    import cv2

    cv2.setNumThreads(1)
    level = [cv2.IMWRITE_PNG_COMPRESSION, 1]

    def packed(frame: np.ndarray) -> bytes:
        eight = (np.clip(frame, 0, 1) * 255 + 0.5).astype(np.uint8)
        return cv2.imencode(".png", eight, level)[1].tobytes()

    def opened(data: bytes) -> np.ndarray:
        raw = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        return raw.astype(np.float32) / 255

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = packed(opened(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = http.client.HTTPConnection("127.0.0.1", server.server_port)

    def trip() -> None:
        client.request("POST", "/frame", packed(picture.astype(np.float32)))
        opened(client.getresponse().read()).astype(np.float16)

    seconds = median_s(trip, repeats=repeats, warm=1)
    client.close()
    server.shutdown()
    server.server_close()
    return seconds


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told.add_argument("--repeats", type=int, default=31)
    repeats = told.parse_args().repeats
    picture = grain()
    with tempfile.TemporaryDirectory(prefix="su-") as folder:
        os.environ |= {"SECONDUNIT_HOME": folder + "/home", "XDG_RUNTIME_DIR": folder}
        slots, yardstick = through_slots(picture, repeats)
        web = through_http(picture, max(3, repeats // 5))
    figures = {
        "two memcpys, ms": yardstick * 1e3,
        "through a slot, ms": slots * 1e3,
        "PNG over HTTP, ms": web * 1e3,
        "slot / two memcpys": slots / yardstick,
        "slot / PNG over HTTP": slots / web,
    }
    report("slots", figures, {"slot / two memcpys": 1.3, "slot / PNG over HTTP": 1 / 20})


if __name__ == "__main__":
    main()
