"""One prompt at a server that others use too: put in line, followed, fetched, or taken out again.

Only our own prompt is ever touched, by its id.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from secondunit_bridge.errors import BrokenFrames, EngineFailed, EngineOffline, OutOfMemory

from ...disk import private_folder, saying_why
from ...hookspecs import Preview, Progress
from ...media.footage import Picture
from ...models.workflow import Workflow
from .feed import Feed
from .filling import FOLDER, Call
from .pictures import most_bytes, picture
from .server import Server

LISTEN_S = 0.15  # between two looks whether a person has stopped the take
LOOK_S = 1.0  # between two looks at the history, where nothing says that it is over
QUEUE_S = 4.0  # between two looks at the line: a server sends every waiting prompt whole
GONE_S = 6.0  # a server that does not answer for so long in mid-take is gone
LEAVE_S = 1.2  # that a stopped take waits for its prompt to be out; the stage is killed after two
PATIENT_S = 60.0  # a busy server is asked again for so long, while the stage does other things
WORD_S = 5.0  # for each of the words that take a prompt out
_NAME = re.compile(r"[^/\\\0]{1,255}")
_SAID = 300  # characters of a server's own words that are passed on


@dataclass(frozen=True)
class Wanted:
    """What must come back: pictures of this size, from this node, named by this beginning."""

    node: str
    width: int
    height: int
    mark: str  # empty when the node's files cannot be named


class Shooting:
    """Prompts of one run. ``check`` raises when a person has stopped the take."""

    def __init__(
        self, server: Server, workflow: Workflow, feed: Feed, client: str, notes: Path,
        check: Callable[[], None],
    ) -> None:  # fmt: skip
        self._server, self._workflow, self._feed = server, workflow, feed
        self._client, self._notes, self._check = client, Notes(notes), check
        self._prompt, self._there = "", False  # the one that is in the line, surely or perhaps

    def pictures(
        self, call: Call, wanted: Wanted, *, silent_s: float
    ) -> Iterator[Progress | Preview | tuple[Picture, int]]:
        """News, then every picture with its bits a channel, in order.

        A prompt of which nothing is heard for ``silent_s`` while it runs is given up. Whatever ends
        this early takes the prompt out of the line. Raises EngineFailed, EngineOffline,
        OutOfMemory, BrokenFrames, and what ``check`` raises.
        """
        self._prompt, self._there = str(uuid4()), False
        self._notes.write(self._prompt)
        over = False
        try:
            prompt = self._put(self._prompt, call)
            entry: dict[str, Any] = {}
            for said in self._followed(prompt, call.frames[0], silent_s):
                if isinstance(said, dict):
                    entry = said
                else:
                    yield said
            over = True
        finally:
            self._leave(over=over)
        files = self._files(entry, wanted, len(call.frames))
        for name, folder, kind in files:
            self._check()
            data = self._server.view(name, folder, kind, most_bytes(wanted.width, wanted.height))
            yield picture(data, wanted.width, wanted.height)

    def _leave(self, *, over: bool) -> None:
        """Out of the line. Nobody waits long for a busy server: it is asked again beside the next
        work, and what could not be taken out stays noted for the next run."""
        if over:
            self._notes.forget(self._prompt)
            return
        told = (self._server, self._notes, self._prompt, self._there)
        leaving = threading.Thread(target=_take_out, args=told, name="comfyui", daemon=True)
        leaving.start()
        leaving.join(LEAVE_S)

    def _put(self, prompt: str, call: Call) -> str:
        """Into the line; the id it has there. An older server gives one of its own."""
        self._feed.about(prompt)
        body = {"prompt": call.prompt, "client_id": self._client, "prompt_id": prompt}
        status, said = self._server.post("/prompt", body, bad=400)
        self._there = True
        if status != 200 or not isinstance(said, dict):
            raise _rejected(said, self._workflow)
        given = said.get("prompt_id")
        if not isinstance(given, str) or not _NAME.fullmatch(given):
            raise EngineFailed(
                "the ComfyUI server does not say which prompt is ours",
                hint="Is something else than ComfyUI at that address?",
            )
        if given != prompt:
            self._prompt = given
            self._notes.write(given)
            self._notes.forget(prompt)
            self._feed.about(given)
        errors = said.get("node_errors")  # it may run a part of a prompt, without our output
        if isinstance(errors, dict) and errors:
            raise _rejected(said, self._workflow)
        return given

    def _followed(
        self, prompt: str, frame: int, silent_s: float
    ) -> Iterator[Progress | Preview | dict[str, Any]]:
        """News until it is over; last its entry in the history."""
        looked = queued = 0.0
        answered = time.monotonic()
        while True:
            self._check()
            yield from self._feed.news(frame, LISTEN_S)
            now = time.monotonic()
            if not self._feed.over and now - looked < LOOK_S:
                continue
            looked = now
            try:
                entry = self._entry(prompt)
                if entry is None and now - queued >= QUEUE_S:
                    queued = now
                    yield from self._waiting(prompt, silent_s)
                answered = time.monotonic()
            except EngineOffline as error:
                if time.monotonic() - answered > GONE_S:
                    raise EngineOffline(
                        "the ComfyUI server went away in the middle of the take",
                        hint="Start it again, then retry the take: its log says why it ended.",
                    ) from error
                continue
            if entry is not None:
                yield self._sound(entry)
                return

    def _entry(self, prompt: str) -> dict[str, Any] | None:
        told = self._server.told(f"/history/{prompt}", within_s=GONE_S)
        entry = told.get(prompt) if isinstance(told, dict) else None
        return entry if isinstance(entry, dict) else None

    def _waiting(self, prompt: str, silent_s: float) -> Iterator[Progress]:
        """How many are before ours. Raises EngineFailed when ours is not there any more, or says
        nothing for too long."""
        running, pending = line(self._server)
        if prompt in pending:
            before = len(running) + pending.index(prompt)
            self._feed.moved = time.monotonic()
            yield Progress(0.0, f"waiting at the ComfyUI server: {before} before it")
        elif prompt not in running:
            if self._entry(prompt) is None:
                raise EngineFailed(
                    "the ComfyUI server does not know the prompt any more",
                    hint="It was taken out there, or the server was started again: retry the take.",
                )
        elif time.monotonic() - self._feed.moved > silent_s:
            raise EngineFailed(
                f"the ComfyUI server said nothing of the prompt for {silent_s:.0f} seconds",
                hint="See what its node does; the setting stage_stall_s says how long we wait.",
            )

    def _sound(self, entry: dict[str, Any]) -> dict[str, Any]:
        """The entry of a prompt that came to its end. Raises what went wrong with others."""
        status = entry.get("status")
        told = status if isinstance(status, dict) else {}
        messages = told.get("messages")
        for message in messages if isinstance(messages, list) else ():
            if isinstance(message, list) and len(message) == 2 and isinstance(message[1], dict):
                if message[0] == "execution_error":
                    raise _broke(message[1], self._workflow)
                if message[0] == "execution_interrupted":
                    raise EngineFailed(
                        "somebody stopped the prompt at the ComfyUI server",
                        hint="Ask who uses that server, then retry the take.",
                    )
        if told.get("status_str") == "error":
            raise EngineFailed("the ComfyUI server could not run the prompt", hint="See its log.")
        return entry

    def _files(
        self, entry: dict[str, Any], wanted: Wanted, count: int
    ) -> list[tuple[str, str, str]]:
        """Name, folder and kind of every result. Raises BrokenFrames for another number of them,
        EngineFailed for names that lead anywhere but to what our output node wrote."""
        outputs = entry.get("outputs")
        made = outputs.get(wanted.node) if isinstance(outputs, dict) else None
        images = made.get("images") if isinstance(made, dict) else None
        found = images if isinstance(images, list) else []
        if len(found) != count:
            raise BrokenFrames(
                f"{self._workflow.words(wanted.node)} gave {len(found)} pictures where {count} were"
                " due",
                hint="The card's frame rule or its output node does not hold: correct the card.",
                data={"given": len(found), "due": count},
            )
        return [_file(one, wanted) for one in found]


def _file(told: Any, wanted: Wanted) -> tuple[str, str, str]:
    words = [told.get(key) for key in ("filename", "subfolder", "type")]
    name, folder, kind = (word if isinstance(word, str) else "\0" for word in words)
    plain = _NAME.fullmatch(name) and ".." not in name and kind in ("output", "temp")
    ours = not wanted.mark or (name.startswith(wanted.mark) and folder.strip("/\\") == FOLDER)
    if not plain or not ours or (not wanted.mark and folder.strip("/\\") not in ("", FOLDER)):
        raise EngineFailed(
            f"the ComfyUI server names {f'{folder}/{name}'!r:.120} as the result, which we did not"
            " ask for",
            hint="Have the output node save under the name that it is given.",
        )
    return name, folder, kind


def line(server: Server, *, within_s: float = GONE_S) -> tuple[list[str], list[str]]:
    """Ids of the prompts that run, and of those that wait, in their order."""
    told = server.told("/queue", within_s=within_s)
    found = []
    for part in ("queue_running", "queue_pending"):
        items = told.get(part) if isinstance(told, dict) else None
        rows = [row for row in items or () if isinstance(row, list) and len(row) > 1]
        if part == "queue_pending":
            rows.sort(key=lambda row: row[0] if isinstance(row[0], (int, float)) else 0)
        found.append([str(row[1]) for row in rows])
    return found[0], found[1]


def withdraw(server: Server, prompt: str) -> None:
    """Take one prompt out: from the line, or in the middle when it is the one that runs.

    A server of before September 2025 stops whatever runs when it is told to, whichever prompt is
    named. So it is told only after it said that ours runs. Raises EngineOffline, EngineFailed.
    """
    calm = server.patient(lambda: None)
    calm.post("/queue", {"delete": [prompt]}, within_s=WORD_S)
    running, _ = line(calm, within_s=WORD_S)
    if prompt in running:
        calm.post("/interrupt", {"prompt_id": prompt}, within_s=WORD_S)


def _take_out(server: Server, notes: Notes, prompt: str, there: bool) -> None:
    """``withdraw``, again and again at a server that is too busy to answer. One that was just being
    put in line when its take was stopped may come in late: it is looked for once more."""
    end = time.monotonic() + PATIENT_S
    while time.monotonic() < end:
        with suppress(EngineFailed):
            withdraw(server, prompt)
            if there:
                notes.forget(prompt)
                return
            there = True
        time.sleep(LOOK_S / 2)


class Notes:
    """Ids of prompts that are in a line, so that those of a stage that died can be taken out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, prompt: str) -> None:
        """It is there from now on. Raises StoreError."""
        if _is_id(prompt):
            with saying_why(self._folder):
                (private_folder(self._folder) / prompt).touch()

    def forget(self, prompt: str) -> None:
        """It is not there any more."""
        if _is_id(prompt):
            with suppress(OSError):
                (self._folder / prompt).unlink()

    def left(self) -> list[str]:
        """Those that nobody has forgotten."""
        names = [file.name for file in self._folder.iterdir()] if self._folder.is_dir() else []
        return sorted(filter(_is_id, names))


def clear_left(server: Server, notes: Path) -> int:
    """Take out what a stage that died has left in the line; how many there were."""
    kept = Notes(notes)
    left = kept.left()
    for prompt in left:
        withdraw(server, prompt)
        kept.forget(prompt)
    return len(left)


def _is_id(word: str) -> bool:
    try:
        return str(UUID(word)) == word
    except ValueError:
        return False


def _rejected(said: Any, workflow: Workflow) -> EngineFailed:
    """What a server has against a prompt, with the node and the input that it names."""
    told = said if isinstance(said, dict) else {}
    found = []
    errors = told.get("node_errors")
    for name, about in errors.items() if isinstance(errors, dict) else ():
        reasons = about.get("errors") if isinstance(about, dict) else None
        for one in reasons if isinstance(reasons, list) else ():
            if isinstance(one, dict):
                words = f"{one.get('message', '')}: {one.get('details', '')}"
                found.append(f"{workflow.words(str(name))}: {words:.{_SAID}}")
    whole = told.get("error")
    if not found and isinstance(whole, dict):
        found.append(f"{whole.get('message', '')}: {whole.get('details', '')}"[:_SAID])
    return EngineFailed(
        f"the ComfyUI server refused the workflow: {'; '.join(found[:4]) or 'it does not say why'}",
        hint="Try the workflow in ComfyUI itself, export it again for the API, and add it again.",
        data={"nodes": sorted(map(str, errors)) if isinstance(errors, dict) else []},
    )


def _broke(told: dict[str, Any], workflow: Workflow) -> EngineFailed | OutOfMemory:
    """What a node's exception is to us."""
    node = str(told.get("node_id", ""))
    kind, words = str(told.get("exception_type", "")), str(told.get("exception_message", ""))
    data = {"node": node, "exception": kind[:120]}
    if "OutOfMemory" in kind or "out of memory" in words.lower():
        return OutOfMemory(
            f"the ComfyUI server ran out of memory in {workflow.words(node)}",
            hint="Ask for a smaller picture or fewer frames, or free the models it holds.",
            data=data,
        )
    return EngineFailed(
        f"{workflow.words(node)} broke off: {' '.join(words.split()):.{_SAID}}",
        hint="Try the workflow in ComfyUI itself; its log has the whole story.",
        data=data,
    )
