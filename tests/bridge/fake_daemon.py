"""Just enough of a daemon to be started: says that it was, announces itself, answers, ends."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import zmq
from secondunit_bridge import places, wire
from secondunit_bridge.connection import Connection, connection_file, process_started
from secondunit_bridge.wire import Message
from zmq.auth.thread import ThreadAuthenticator

HELLO = {"version": "0.1.0", "protocol": "SU/1", "pid": os.getpid()}
LONGEST_S = 30


def main() -> None:
    home = places.home()
    with open(home / "starts", "a") as starts:
        starts.write(f"{os.getpid()} {' '.join(sys.argv[1:])}\n")
    how = (home / "how").read_text() if (home / "how").exists() else ""
    if how == "fail":
        print("warming up")
        sys.exit("ExtraMissing: pluggy is missing")
    time.sleep(0.3)  # long enough for a second host to look in between
    context = zmq.Context()
    guard = ThreadAuthenticator(context)
    guard.start()
    guard.configure_plain(domain="su", passwords={"host": "t" * 64})
    router = context.socket(zmq.ROUTER)
    router.zap_domain, router.plain_server, router.linger = b"su", True, 100
    endpoint = f"ipc://{places.runtime()}/daemon.sock"
    router.bind(endpoint)
    started = process_started(os.getpid()) or ""
    Connection(endpoint, "host", "t" * 64, os.getpid(), started, "SU/1", "0.1.0").write(
        connection_file()
    )
    serve(router, time.monotonic() + LONGEST_S)
    connection_file().unlink()
    router.close()
    guard.stop()
    context.term()


def serve(router: zmq.Socket[bytes], end: float) -> None:
    while time.monotonic() < end:
        if router.poll(50):
            identity, *parts = router.recv_multipart()
            asked = wire.unpack(parts)
            if asked.kind == "crash":
                os._exit(9)
            reply = Message(asked.kind, "r", HELLO, asked.id)
            router.send_multipart([identity, *wire.pack(reply)])
            if asked.kind == "stop_daemon":
                return


if __name__ == "__main__":
    assert Path(__file__).exists()
    main()
