"""The Deliver page of the fake: presets that hold more than they tell, the queue, and Render."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from .state import Project, World, new_id

FORMATS = {"QuickTime": "mov", "MP4": "mp4", "Wave": "wav"}
CODECS = {
    "mov": {"Apple ProRes 422 HQ": "ProRes422HQ", "DNxHR HQX 10-bit": "DNxHRHQX", "H.264": "H264"},
    "mp4": {"H.264": "H264"},
    "wav": {},
}
KEYS = (
    "SelectAllFrames", "MarkIn", "MarkOut", "TargetDir", "CustomName", "UniqueFilenameStyle",
    "ExportVideo", "ExportAudio", "FormatWidth", "FormatHeight", "FrameRate", "PixelAspectRatio",
    "VideoQuality", "AudioCodec", "AudioBitDepth", "AudioSampleRate", "ColorSpaceTag", "GammaTag",
    "ExportAlpha",
)  # fmt: skip
WIDEST = {"free": 3840, "studio": 16384}


@dataclass(frozen=True)
class Held:
    """What the Deliver page holds. ``picture`` is in no setting that a script can reach."""

    picture: bool = True
    format: str = "mp4"
    codec: str = "H264"
    mode: int = 0  # every clip as a file of its own
    settings: dict[str, Any] = field(default_factory=dict)
    preset: str = "Custom"


@dataclass(eq=False)
class Job:
    id: str
    told: dict[str, Any]
    picture: bool
    done: int = 0


@dataclass(eq=False)
class Delivery:
    """Of one project."""

    held: Held = Held()
    presets: dict[str, Held] = field(default_factory=lambda: {
        "Audio Only": Held(picture=False, format="mov", codec="H264", preset="Audio Only"),
        "H.264 Master": Held(format="mov", codec="H264", preset="H.264 Master"),
    })  # fmt: skip
    jobs: list[Job] = field(default_factory=list)
    burn_ins: list[str] = field(default_factory=list)
    burn_in: str = ""
    rendering: bool = False


class Rendering:
    """What a project answers of its Deliver page."""

    def GetRenderPresetList(w: World, p: Project) -> list[str]:
        return list(p.delivery.presets)

    def LoadRenderPreset(w: World, p: Project, name: str) -> bool:
        found = p.delivery.presets.get(name)
        if found is not None:
            p.delivery.held = found
        return found is not None

    def SaveAsNewRenderPreset(w: World, p: Project, name: str) -> bool:
        if name in p.delivery.presets:
            return False
        p.delivery.presets[name] = replace(p.delivery.held, preset=name)
        return True

    def DeleteRenderPreset(w: World, p: Project, name: str) -> bool:
        if not name.startswith("Second Unit"):
            w.failures.append(f"the render preset {name} is not ours and was deleted")
        return p.delivery.presets.pop(name, None) is not None

    def GetRenderFormats(w: World, p: Project) -> dict[str, str]:
        return dict(FORMATS)

    def GetRenderCodecs(w: World, p: Project, form: str) -> dict[str, str]:
        return dict(CODECS.get(form, {}))

    def SetCurrentRenderFormatAndCodec(w: World, p: Project, form: str, codec: str) -> bool:
        known = CODECS.get(form, {})
        if codec in known and not w.faults.codecs_go_by_id:
            codec = known[codec]
        if codec not in known.values():
            return False
        if w.faults.listed_codecs_are_refused and codec == "ProRes422HQ":  # as on Linux
            return False
        p.delivery.held = replace(p.delivery.held, format=form, codec=codec, preset="Custom")
        return True

    def GetCurrentRenderFormatAndCodec(w: World, p: Project) -> dict[str, str]:
        return {"format": p.delivery.held.format, "codec": p.delivery.held.codec}

    def GetCurrentRenderMode(w: World, p: Project) -> int:
        return p.delivery.held.mode

    def SetCurrentRenderMode(w: World, p: Project, mode: int) -> bool:
        p.delivery.held = replace(p.delivery.held, mode=mode, preset="Custom")
        return mode in (0, 1)

    def SetRenderSettings(w: World, p: Project, settings: dict[str, Any]) -> bool:
        """Laid over what is held; what loaded the picture away is not among the settings."""
        strange = [name for name in settings if name not in KEYS]
        w.failures.extend(f"SetRenderSettings knows no {name}" for name in strange)
        taken = dict(settings)
        if max(taken.get("FormatWidth", 0), taken.get("FormatHeight", 0)) > WIDEST[w.edition]:
            if not w.faults.refused_settings_say_yes:
                return False
            del taken["FormatWidth"], taken["FormatHeight"]
        held = p.delivery.held
        picture = held.picture if w.faults.presets_are_inherited else taken.get("ExportVideo", True)
        p.delivery.held = replace(
            held, settings=held.settings | taken, picture=picture, preset="Custom"
        )
        return not strange

    def AddRenderJob(w: World, p: Project) -> Any:
        held = p.delivery.held
        said = {"FormatWidth": 1920, "FormatHeight": 1080, "ExportVideo": True, "ExportAudio": True,
                "FrameRate": w.timeline.fps, "TargetDir": "", "CustomName": "Untitled",
                **held.settings}  # fmt: skip
        if not said["TargetDir"]:
            return None
        whole = said.get("SelectAllFrames", True)
        span = (w.timeline.start, w.timeline.end - 1)
        told = {
            "RenderJobName": f"Job {len(p.delivery.jobs) + 1}", "TimelineName": w.timeline.name,
            "TargetDir": said["TargetDir"], "IsExportVideo": said["ExportVideo"],
            "IsExportAudio": said["ExportAudio"], "FormatWidth": said["FormatWidth"],
            "FormatHeight": said["FormatHeight"], "FrameRate": f"{said['FrameRate']:g}",
            "MarkIn": span[0] if whole else said["MarkIn"],
            "MarkOut": span[1] if whole else said["MarkOut"],
            "OutputFilename": f"{said['CustomName']}.{held.format}", "PresetName": held.preset,
            "VideoCodec": held.codec,
        }  # fmt: skip
        job = Job(new_id("job"), told, held.picture)
        p.delivery.jobs.append(job)
        return job.id

    def GetRenderJobList(w: World, p: Project) -> list[dict[str, Any]]:
        return [{"JobId": job.id, **job.told} for job in p.delivery.jobs]

    def DeleteRenderJob(w: World, p: Project, job: str) -> bool:
        gone = [one for one in p.delivery.jobs if one.id == job]
        p.delivery.jobs[:] = [one for one in p.delivery.jobs if one.id != job]
        return bool(gone)

    def DeleteAllRenderJobs(w: World, p: Project) -> bool:
        w.failures.append("all render jobs were deleted: the editor's own went with them")
        return True

    def GetRenderJobStatus(w: World, p: Project, job: str) -> dict[str, Any]:
        found = next((one for one in p.delivery.jobs if one.id == job), None)
        if found is None:
            return {}
        word = "Fertig" if w.faults.statuses_are_translated else "Complete"
        return {"JobStatus": word if found.done == 100 else "Ready",
                "CompletionPercentage": found.done}  # fmt: skip

    def IsRenderingInProgress(w: World, p: Project) -> bool:
        return p.delivery.rendering

    def LoadBurnInPreset(w: World, p: Project, name: str) -> bool:
        if name not in p.delivery.burn_ins:
            return False
        p.delivery.burn_in = name
        return True


def press_render(world: World, short: int = 0) -> None:
    """As a person presses Render All: each job's file is written, ``short`` frames too few."""
    for job in world.project.delivery.jobs:
        path = Path(job.told["TargetDir"]) / job.told["OutputFilename"]
        count = job.told["MarkOut"] - job.told["MarkIn"] + 1 - short
        size = (job.told["FormatWidth"], job.told["FormatHeight"]) if job.picture else None
        _write(path, count, Fraction(job.told["FrameRate"]), size)
        job.done = 100


def _write(path: Path, count: int, rate: Fraction, size: tuple[int, int] | None) -> None:
    import av
    import numpy as np

    with av.open(str(path), "w") as container:
        sound = container.add_stream("pcm_s16le", rate=48000, layout="mono")
        if size is not None:
            stream = container.add_stream("mpeg4", rate=rate)
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            for _ in range(count):
                black = av.VideoFrame.from_ndarray(np.zeros((*size[::-1], 3), np.uint8), "rgb24")
                container.mux(stream.encode(black))
            container.mux(stream.encode())
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.int16), "s16", "mono")
        silence.sample_rate, silence.pts, silence.time_base = 48000, 0, Fraction(1, 48000)
        container.mux(sound.encode(silence))
        container.mux(sound.encode())
