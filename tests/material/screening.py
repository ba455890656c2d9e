"""The page that `secondunit review` serves, opened in a real browser; and a generator that does as
it is told, so that takes fail, freeze and take their time when a test wants it."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from browser import Page, browsing

ACTOR = '''
import os, time
import numpy as np
from secondunit.hookspecs import (
    Developed, GeneratorAbout, OptionAbout, Preview, Progress, hookimpl,
)
from secondunit_bridge.errors import MediaOffline
from secondunit_bridge.film import Work


class Actor:
    """Pans over a wall of blocks, in its own time."""

    about = GeneratorAbout(
        "actor", "1", "Pans over a wall.", (Work.insert,),
        options=(
            OptionAbout("quality", "finish", "how", choices=("draft", "finish")),
            OptionAbout("frozen", False, "stands still"),
            OptionAbout("seconds", 0.0, "waits so long before each frame", 0.0, 60.0),
            OptionAbout("needs", "", "a file without which it fails"),
        ),
    )

    def plan(self, plan, elements):
        return plan

    def run(self, plan, elements, seed, watch):
        needs = plan.options["needs"]
        if needs and not os.path.exists(needs):
            raise MediaOffline("the wall is not there", hint="Put the wall back, then try again.")
        noise = np.random.default_rng(seed)
        blocks = noise.uniform(0.05, 0.6, (8, 60, 3)).astype(np.float32)
        wall = np.kron(blocks, np.ones((20, 10, 1), np.float32))
        for index, number in enumerate(plan.frames):
            end = time.monotonic() + plan.options["seconds"]
            while time.monotonic() < end:
                watch.check()
                time.sleep(0.02)
            watch.check()
            at = 0 if plan.options["frozen"] else 2 * index
            made = np.ascontiguousarray(wall[: plan.height, at : at + plan.width])
            yield Progress((index + 1) / len(plan.frames), "painting the wall")
            yield Preview(number, made)
            yield Developed(number, made)


@hookimpl
def secondunit_generators():
    return [Actor()]
'''


@dataclass
class Served:
    """The page of this home, and the cookie of the one browser that is let in."""

    address: str
    cookie: str
    pid: int
    spent: str  # path of the link that let the browser in

    @property
    def own(self) -> str:
        """The page's own origin."""
        return f"http://{self.address}"

    def reply(
        self, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        """One request as any program could make it: status, body, headers."""
        door = http.client.HTTPConnection(self.address, timeout=20)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        door.request(method, path, body or None, names)
        answer = door.getresponse()
        said = answer.status, answer.read(), {n.lower(): v for n, v in answer.getheaders()}
        door.close()
        return said

    @contextmanager
    def opened(self, folder: Path, size: tuple[int, int] = (1280, 720)) -> Iterator[Page]:
        """The page in a browser that has the cookie."""
        name, _, value = self.cookie.partition("=")
        with browsing(folder) as page:
            page.size(*size)
            page.ask("Network.setCookie", name=name, value=value, url=self.own, sameSite="Strict")
            page.open(self.own)
            yield page


@contextmanager
def served(*words: str) -> Iterator[Served]:
    """``secondunit review`` in a process of its own; its link is spent for the cookie."""
    command = [sys.executable, "-m", "secondunit", "review", "--no-open", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert process.stdout is not None
    try:
        link = urlsplit(next(line for line in process.stdout if "http://" in line).split()[-1])
        page = Served(link.netloc, "", process.pid, f"/?{link.query}")
        page.cookie = page.reply("GET", page.spent)[2]["set-cookie"].partition(";")[0]
        yield page
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
