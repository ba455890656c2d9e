"""A render job of our own in Resolve's queue, which nothing that was set before can spoil.

``SetRenderSettings`` lays its settings over whatever the Deliver page holds, and a preset that was
loaded holds more than any script can set or read: after *Audio Only* a job that says picture has
none. So a preset with picture is loaded first, everything is set on top and kept as a preset of
ours, the job is read back, and what the page held before is put back. The rendered file alone
tells what was rendered: ``collect/rendered.py``.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

from ..port import Port
from ..refusals import HostLacks, HostRefused

PRESET = "Second Unit turnover"
BASE = "Second Unit base"  # one that a person may save, where Resolve's own are gone
BURN_IN = "Second Unit"
_HELD = "Second Unit: what was set before"
# Resolve's own with picture, the likeliest first, by how their names begin.
_BASES = (BASE, "H.264 Master", "H.265 Master", "ProRes", "DNxHR", "YouTube", "Vimeo")
_SINGLE_CLIP = 1
# File formats and codecs as descriptions begin; which there are depends on the machine.
_FORMATS = ("QuickTime", "MP4")
_CODECS = ("ProRes 422 HQ", "DNxHR HQX", "DNxHR 444", "DNxHR HQ", "ProRes 422", "H.264")
UHD = (3840, 2160)  # the largest picture that the free edition renders


@dataclass(frozen=True)
class Order:
    """What is to be rendered: record frames, both rendered, as a single file."""

    name: str
    folder: Path
    first: int
    last: int
    rate: Fraction
    size: Tuple[int, int]

    @property
    def settings(self) -> Dict[str, Any]:
        """Everything that a script can say of it; what is left unsaid would be inherited."""
        return {
            "SelectAllFrames": False, "MarkIn": self.first, "MarkOut": self.last,
            "TargetDir": str(self.folder), "CustomName": self.name, "UniqueFilenameStyle": 1,
            "ExportVideo": True, "ExportAudio": True,
            "FormatWidth": self.size[0], "FormatHeight": self.size[1],
            "FrameRate": round(float(self.rate), 3), "PixelAspectRatio": "square",
            "ColorSpaceTag": "Same as Project", "GammaTag": "Same as Project",
            "ExportAlpha": False, "AudioBitDepth": 24, "AudioSampleRate": 48000,
        }  # fmt: skip


@dataclass(frozen=True)
class Queued:
    """A job of ours in the render queue, as it reads back."""

    job: str
    path: Path
    codec: str
    base: str  # the preset that was loaded first
    burn_in: bool
    put_back: bool  # what the Deliver page held before


def queue(port: Port, order: Order) -> Queued:
    """Put the order into the render queue; nothing is rendered.

    Raises HostRefused when Resolve renders now, has no preset with picture, or would render
    something else, HostLacks for what this edition does not render. What the Deliver page held is
    put back in each case, and no job of ours is left behind.
    """
    project = port.project()
    if port.may(project, "IsRenderingInProgress", wanted=bool):
        raise HostRefused("Resolve is rendering now", hint="Run this again when it is done.")
    if not port.studio and (order.size[0] > UHD[0] or order.size[1] > UHD[1]):
        raise HostLacks(
            f"the free edition renders no more than {UHD[0]} x {UHD[1]}, and the timeline is"
            f" {order.size[0]} x {order.size[1]}",
            hint="Render it in Studio, or from a copy of the timeline of a smaller size.",
        )
    with _held(port, project) as put_back:
        base = _based(port, project)
        codec = _coded(port, project)
        _as_one_file(port, project)
        hint = "Does the folder exist, and does this Resolve take the timeline's size?"
        port.ask(project, "SetRenderSettings", order.settings, wanted=bool, hint=hint)
        burn_in = port.may(project, "LoadBurnInPreset", BURN_IN, wanted=bool) is True
        _kept(port, project)
        job = port.ask(project, "AddRenderJob", wanted=str, hint="Is the render queue locked?")
        path = _read_back(port, project, job, order)
    return Queued(job, path, codec, base, burn_in, bool(put_back))


def job_of(port: Port, project: Any, job: str) -> Dict[str, Any]:
    """A job as the queue lists it; empty when it is not there any more."""
    rows = port.listed(project, "GetRenderJobList")
    return next((row for row in rows if isinstance(row, dict) and row.get("JobId") == job), {})


def percent(port: Port, project: Any, job: str) -> int:
    """How much of a job is rendered. Its status is a word in the language of the menus."""
    told = port.may(project, "GetRenderJobStatus", job, wanted=dict) or {}
    done = told.get("CompletionPercentage")
    return int(done) if isinstance(done, (int, float)) else 0


def withdraw(port: Port, project: Any, job: str) -> None:
    """Take a job of ours out of the queue; nobody else's is touched."""
    if job_of(port, project, job):
        port.may(project, "DeleteRenderJob", job, wanted=bool)


@contextmanager
def _held(port: Port, project: Any) -> Iterator[List[str]]:
    """What the Deliver page holds, kept as a preset meanwhile and put back at the end.

    What is yielded holds its name afterwards, when it could be.
    """
    put_back: List[str] = []
    if _HELD in presets(port, project):  # of a run that was cut off; what is held now counts
        port.may(project, "DeleteRenderPreset", _HELD, wanted=bool)
    port.may(project, "SaveAsNewRenderPreset", _HELD, wanted=bool)
    try:
        yield put_back
    finally:
        if port.may(project, "LoadRenderPreset", _HELD, wanted=bool):
            put_back.append(_HELD)
            port.may(project, "DeleteRenderPreset", _HELD, wanted=bool)


def presets(port: Port, project: Any) -> List[str]:
    """The names of the render presets."""
    rows = port.listed(project, "GetRenderPresetList")
    return [str(row.get("PresetName", "")) if isinstance(row, dict) else str(row) for row in rows]


def _based(port: Port, project: Any) -> str:
    """A preset with picture, loaded: what it holds cannot be read, only where it came from."""
    there = presets(port, project)
    for start in _BASES:
        for name in there:
            if name.startswith(start) and port.may(project, "LoadRenderPreset", name, wanted=bool):
                return name
    raise HostRefused(
        "Resolve has no render preset that is known to have picture",
        hint="On the Deliver page set up a render with picture, save it as a preset called"
        f" {BASE}, then run this again.",
        data={"presets": there[:50]},
    )


def _coded(port: Port, project: Any) -> str:
    """The best file and codec this machine has, set and read back; the codec's description."""
    formats = port.may(project, "GetRenderFormats", wanted=dict) or {}
    for form in (formats[name] for name in _FORMATS if name in formats):
        codecs = port.may(project, "GetRenderCodecs", form, wanted=dict) or {}
        for start in _CODECS:
            for said, codec in codecs.items():
                if _plain(str(said)).startswith(start) and _takes(port, project, form, codec):
                    return str(said)
    raise HostRefused(
        "Resolve takes none of the codecs that a turnover is rendered in",
        hint=f"One of these is needed, in {' or '.join(_FORMATS)}: {', '.join(_CODECS)}.",
        data={"formats": sorted(map(str, formats))[:50]},
    )


def _takes(port: Port, project: Any, form: Any, codec: Any) -> bool:
    """Listed codecs may be refused all the same, so what is set is read back."""
    port.may(project, "SetCurrentRenderFormatAndCodec", form, codec, wanted=bool)
    now = port.may(project, "GetCurrentRenderFormatAndCodec", wanted=dict) or {}
    return bool(now.get("format") == form and now.get("codec") == codec)


def _plain(said: str) -> str:
    return said[6:] if said.startswith("Apple ") else said


def _as_one_file(port: Port, project: Any) -> None:
    port.may(project, "SetCurrentRenderMode", _SINGLE_CLIP, wanted=bool)
    if port.may(project, "GetCurrentRenderMode", wanted=int) != _SINGLE_CLIP:
        raise HostRefused(
            "Resolve would render every clip as a file of its own",
            hint="Choose Single clip on the Deliver page, then run this again.",
        )


def _kept(port: Port, project: Any) -> None:
    """Our own preset, made anew: whoever renders by hand can choose it."""
    if PRESET in presets(port, project):
        port.may(project, "DeleteRenderPreset", PRESET, wanted=bool)
    port.may(project, "SaveAsNewRenderPreset", PRESET, wanted=bool)
    if PRESET not in presets(port, project):
        raise HostRefused(
            f"Resolve did not keep the render preset {PRESET}",
            hint="Delete an older one of that name on the Deliver page, then run this again.",
        )


def _read_back(port: Port, project: Any, job: str, order: Order) -> Path:
    """Where the job will render to. Raises HostRefused when it is not what was asked for."""
    row = job_of(port, project, job)
    if not row:
        raise HostRefused(
            "Resolve does not list the render job that it said it made",
            hint="Open the Deliver page once, then run this again.",
        )
    wanted = {name: order.settings[name] for name in (
        "TargetDir", "MarkIn", "MarkOut", "FormatWidth", "FormatHeight")}  # fmt: skip
    wanted |= {"IsExportVideo": True, "IsExportAudio": True}
    wrong = [f"{name} {row.get(name)} and not {value}" for name, value in wanted.items()
             if row.get(name, value) != value]  # fmt: skip
    if abs(_number(row.get("FrameRate", order.rate)) - float(order.rate)) > 0.01:
        wrong.append(f"FrameRate {row.get('FrameRate')} and not {float(order.rate):g}")
    name = str(row.get("OutputFilename") or "")
    if not name.startswith(order.name):
        wrong.append(f"OutputFilename {name or None} and not {order.name}")
    if wrong:
        withdraw(port, project, job)
        raise HostRefused(
            f"Resolve would render something else: {'; '.join(wrong)}",
            hint=f"Choose the preset {PRESET} on the Deliver page and see what it refuses.",
            data={"job": {key: str(value) for key, value in row.items()}},
        )
    return order.folder / name


def _number(text: Any) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        return 0.0
