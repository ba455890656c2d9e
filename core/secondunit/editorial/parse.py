"""The limited child that reads a cut nobody vouches for: ``python parse.py FILE KIND [RATE]``.

It may run out of memory, time or stack without harm to the one who asked. It answers on standard
output: one line of JSON (``{"error": ...}`` or what was found out), then the document. It is run
as a file, so that nothing but what it needs is loaded.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import re
import sys
import zipfile
from typing import Any

DEEPEST = 200  # levels of nesting; OpenTimelineIO's own reader overflows the stack at some 20,000
LARGEST = 128 << 20  # bytes of a cut; the largest feature-film cut with keyframes is near 30 MB
_MEMORY = 3 << 30  # bytes of address space
_CPU_S = 60
_MEMBERS = 10_000  # files in a bundle
_UNPACKED = 1 << 40  # bytes a bundle may claim to hold, media included
_TOO_MUCH = ("E_LIMITS", "the cut needs too much memory", "Export a shorter or simpler cut.")
_QUOTES = re.compile(rb'["\\{}\[\]]')


class Refused(Exception):
    """The file cannot be read; the arguments are an error code, a sentence and a hint."""


def limit() -> None:
    """Let this process take only so much memory and time. No effect where that is unknown."""
    try:
        import resource
    except ImportError:  # Windows: the wall clock of the parent is the limit there
        return
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _CPU_S),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def depth(text: bytes) -> int:
    """Levels of nesting of a JSON text, without recursion and without parsing it."""
    level = deepest = 0
    quoted, skip = False, -1
    for match in _QUOTES.finditer(text):
        at, mark = match.start(), match[0]
        if at == skip:
            continue
        if mark == b"\\":
            skip = at + 1 if quoted else skip
        elif mark == b'"':
            quoted = not quoted
        elif not quoted:
            level += 1 if mark in b"{[" else -1
            if level > deepest:
                deepest = level
                if deepest > DEEPEST:
                    return deepest
    return deepest


def check_depth(text: bytes) -> None:
    """Refuse a text that is nested too deep."""
    if depth(text) > DEEPEST:
        raise Refused(
            "E_LIMITS",
            f"the cut is nested more than {DEEPEST} levels deep",
            "Flatten the nested timelines in the editing software and export again.",
        )


def checked(text: bytes) -> Any:
    """The document of a JSON text, once its depth, its numbers and its first word are right."""
    check_depth(text)
    try:
        document = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused(
            "E_CUT", f"the cut is damaged: {error}", "Export it again, or use an older copy."
        ) from None
    check_times(document)
    return document


def check_times(document: Any) -> None:
    """Refuse times that are no times: rates of zero or less, NaN, infinity."""
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            if str(node.get("OTIO_SCHEMA", "")).startswith("RationalTime."):
                _check_time(node)
            if str(node.get("OTIO_SCHEMA", "")).startswith(("LinearTimeWarp.", "FreezeFrame.")):
                _check_number(node.get("time_scalar", 1.0), "speed")
            waiting.extend(value for key, value in node.items() if key != "metadata")


def _check_time(time: dict[str, Any]) -> None:
    rate = time.get("rate")
    if not _is_number(rate) or not math.isfinite(rate) or rate <= 0:  # type: ignore[operator,arg-type]  # a number by then
        raise Refused(
            "E_RATE_MISMATCH",
            f"the cut holds a time at {rate!r} frames a second",
            "Rates must be above zero. Export the cut again from the editing software.",
        )
    _check_number(time.get("value"), "time")


def _check_number(value: Any, what: str) -> None:
    if not _is_number(value) or not math.isfinite(value):
        raise Refused(
            "E_CUT",
            f"the cut holds a {what} of {value!r}",
            "Export it again, or use an older copy.",
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def read_otio(path: str) -> tuple[dict[str, Any], bytes]:
    """An ``.otio`` file, byte for byte, after OpenTimelineIO has opened it too."""
    with open(path, "rb") as file:
        text = file.read(LARGEST + 1)
    return _opened(text), text


def _opened(text: bytes) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise Refused(
            "E_LIMITS",
            f"the cut is larger than {LARGEST >> 20} MB",
            "Export without media or thumbs.",
        )
    document = checked(text)
    if not isinstance(document, dict) or "OTIO_SCHEMA" not in document:
        raise Refused(
            "E_CUT", "the file is JSON but no timeline", "Give an OpenTimelineIO file (.otio)."
        )
    import opentimelineio as otio

    try:
        try:
            otio.core.deserialize_json_from_string(text.decode("utf-8-sig"))
        except otio.exceptions.UnsupportedSchemaError:
            _leave_out_newer(document, otio.core.type_version_map())
            otio.core.deserialize_json_from_string(json.dumps(document))
    except (ValueError, TypeError, KeyError, otio.exceptions.OTIOError) as error:
        raise Refused(
            "E_CUT",
            f"OpenTimelineIO cannot open the cut: {str(error.args[0])[:200]}",
            "Export it again from the editing software.",
        ) from None
    return {}


def _leave_out_newer(document: Any, known: dict[str, int]) -> None:
    """Take out what newer software wrote in newer schema versions, so that the rest is opened."""
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            node[:] = [value for value in node if not _is_newer(value, known)]
            waiting.extend(node)
        elif isinstance(node, dict):
            for key in [key for key, value in node.items() if _is_newer(value, known)]:
                node[key] = None
            waiting.extend(node.values())


def _is_newer(value: Any, known: dict[str, int]) -> bool:
    name = str(value.get("OTIO_SCHEMA", "")) if isinstance(value, dict) else ""
    kind, _, version = name.partition(".")
    return version.isdigit() and int(version) > known.get(kind, int(version))


def read_otioz(path: str) -> tuple[dict[str, Any], bytes]:
    """The timeline of an ``.otioz`` bundle; its media stay inside. Nothing is unpacked."""
    try:
        with zipfile.ZipFile(path) as bundle:
            members = bundle.infolist()
            if len(members) > _MEMBERS or sum(m.file_size for m in members) > _UNPACKED:
                raise Refused(
                    "E_LIMITS",
                    f"the bundle claims {len(members)} files and "
                    f"{sum(m.file_size for m in members)} bytes",
                    f"At most {_MEMBERS} files and {_UNPACKED} bytes are read.",
                )
            for member in members:
                _check_member(member.filename)
            with bundle.open("content.otio") as file:
                text = file.read(LARGEST + 1)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, EOFError, RuntimeError) as error:
        raise Refused(
            "E_CUT", f"the bundle is damaged: {error}", "Export the .otioz again."
        ) from None
    return {**_opened(text), "bundle": True}, text


def _check_member(name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        raise Refused(
            "E_PATH",
            f"the bundle holds {name!r}, a path that leads out of it",
            "Export the .otioz again; do not unpack this one.",
        )


def read_edl(path: str, rate: str) -> tuple[dict[str, Any], bytes]:
    """A CMX3600 list. It says no rate: ``rate``, or what its own numbers need."""
    cmx_3600 = importlib.import_module("otio_cmx3600_adapter.cmx_3600")

    with open(path, "rb") as file:
        text = file.read(LARGEST).decode("utf-8-sig", "replace")
    drops = re.search(r"^FCM:\s*DROP", text, re.M | re.I) or re.search(r"\d\d;\d\d\b", text)
    text = _as_marked(text)
    fps = _number(rate) if rate else _guessed(text, dropping=bool(drops))
    timeline = _list_parser(cmx_3600, text, fps).timeline
    if re.search(r"^FCM:", text, re.M | re.I):
        kind = "DROP FRAME" if drops else "NON-DROP FRAME"
        timeline.metadata.setdefault("cmx_3600", {})["fcm"] = kind
    return {}, timeline.to_json_string().encode()


def _list_parser(cmx_3600: Any, text: str, fps: float) -> Any:
    """The adapter's parser, mended: it forgets a retime that leaves the length as it is."""
    from opentimelineio import schema

    class Mended(cmx_3600.EDLParser):  # type: ignore[misc]  # the adapter has no types
        def add_clip(self, line: str, comments: Any, rate: float = 24, **more: Any) -> None:
            before = {track.name: len(track) for track in self.timeline.tracks}
            super().add_clip(line, comments, rate=rate, **more)
            speed = _speed(comments, rate)
            for track in self.timeline.tracks if speed is not None else ():
                if len(track) == before.get(track.name, 0):
                    continue
                effects = track[-1].effects
                if not effects and speed != 1.0:
                    effects.append(schema.LinearTimeWarp(time_scalar=speed))
                elif effects and not isinstance(effects[0], schema.FreezeFrame):
                    effects[0].time_scalar = speed

    return Mended(text, rate=fps)


def _speed(comments: Any, rate: float) -> float | None:
    """Speed an ``M2`` line asks for. It is written to hundredths: 59.94 at 29.97 means twice."""
    for comment in comments:
        found = re.search(r"^M2\s.*?(-?\d+(?:\.\d+)?)\s+[\d:;]{11}\s*$", comment)
        if found:
            speed = float(found[1]) / rate
            near = round(speed * 20) / 20
            return near if abs(speed - near) < 0.0005 else speed
    return None


def _as_marked(text: str) -> str:
    """Timecodes under ``FCM: DROP FRAME`` are drop-frame even where a colon is written."""
    lines, dropping = [], False
    for line in text.splitlines():
        if line.upper().startswith("FCM:"):
            dropping = "NON" not in line.upper()
        elif dropping and line[:1].isdigit():
            line = re.sub(r"(\d\d:\d\d:\d\d):(\d\d)", r"\1;\2", line)
        lines.append(line)
    return "\n".join(lines)


def _guessed(text: str, *, dropping: bool) -> float:
    if dropping:
        return 30000 / 1001
    events = "\n".join(line for line in text.splitlines() if line[:1].isdigit())
    highest = max((int(f) for f in re.findall(r"\d\d:\d\d:\d\d:(\d\d)", events)), default=0)
    return 24.0 if highest < 24 else 25.0 if highest < 25 else 30.0


def _number(rate: str) -> float:
    above, _, below = rate.partition("/")
    return float(above) / float(below or 1)


def read_adapted(path: str) -> tuple[dict[str, Any], bytes]:
    """A Final Cut Pro 7 XML or AAF file, through its adapter."""
    import opentimelineio as otio

    found = otio.adapters.read_from_file(path, media_linker_name=None)
    return {}, found.to_json_string().encode()


def read(path: str, kind: str, rate: str) -> tuple[dict[str, Any], bytes]:
    """What was found out about a file, and its document as JSON."""
    if kind == "otio":
        return read_otio(path)
    if kind == "otioz":
        return read_otioz(path)
    found, text = read_edl(path, rate) if kind == "edl" else read_adapted(path)
    check_depth(text)
    check_times(json.loads(text))
    return found, text


def main(path: str, kind: str, rate: str = "") -> int:
    """Read one file and answer on standard output. 0 when there is a document."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # adapters print; their words must not mix with the answer
    limit()
    try:
        found, text = read(path, kind, rate)
    except Refused as error:
        code, message, hint = error.args
        answer.write(json.dumps({"error": [code, message, hint]}).encode() + b"\n")
        answer.close()
        return 1
    except MemoryError:
        answer.write(json.dumps({"error": _TOO_MUCH}).encode())
        answer.close()
        return 1
    answer.write(json.dumps(found).encode() + b"\n")
    answer.write(text)
    answer.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
