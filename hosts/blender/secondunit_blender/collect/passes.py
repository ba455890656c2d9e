"""A shot's passes are rendered by another Blender in the background: what it is asked, and how.

The file on disk is rendered, never changed. The order lies in the folder of the passes as
``order.json``; what becomes of it is read with ``progress.ProgressReader``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, Optional, Sequence, Tuple

import secondunit_bridge
from secondunit_bridge.errors import TurnoverRejected
from secondunit_bridge.film import FIRST_DELIVERED
from secondunit_bridge.timing import FrameRange

from .shots import SceneShot

BACKENDS = ("workbench", "eevee", "cycles")
PASSES = ("depth", "normal", "position", "ids", "cryptomatte", "motion", "albedo")
ORDER, LOG, STOP = "order.json", "render.log", "stop"

# Run inside the background Blender. The package is loaded under a name of its own: an installed
# extension goes by another there, and may be switched off. An installed bridge goes first.
_PROGRAM = (
    "import sys; sys.path.append({bridge!r}); import bpy, gpu;"
    " from importlib import import_module, util;"
    " spec = util.spec_from_file_location('secondunit_background', {package!r} + '/__init__.py',"
    " submodule_search_locations=[{package!r}]);"
    " package = sys.modules[spec.name] = util.module_from_spec(spec);"
    " spec.loader.exec_module(package);"
    " sys.exit(import_module(spec.name + '.collect.render_script').main(bpy, gpu, {order!r}))"
)


@dataclass(frozen=True)
class PassesOrder:
    """What is rendered and the command that does it.

    ``scene_frames`` has the handles; ``numbers`` are the same frames as files count them, 1001
    being the first of the head handle.
    """

    command: Tuple[str, ...]
    folder: str
    backend: str
    passes: Tuple[str, ...]
    scene_frames: FrameRange
    numbers: FrameRange

    @property
    def log(self) -> str:
        """The file its standard output goes to."""
        return str(Path(self.folder) / LOG)

    @property
    def stop_file(self) -> str:
        """When this file appears, no further frame is begun."""
        return str(Path(self.folder) / STOP)


def order_passes(
    blend_path: str,
    scene_name: str,
    shot: SceneShot,
    folder: str,
    backend: str = "workbench",
    samples: Optional[int] = None,
    passes: Sequence[str] = PASSES,
    *,
    binary: str = "",
    options: Optional[Dict[str, Any]] = None,
) -> PassesOrder:
    """Write the order and say what to run.

    ``samples`` None leaves them to the scene. ``binary`` is ``bpy.app.binary_path``; empty means
    that this Python has Blender as a module. ``options`` are ``software`` (EEVEE may be rendered
    without a graphics card, slowly), ``scripts`` (drivers in Python may run, as they do in the
    artist's Blender; True), ``percentage`` (of the scene's resolution) and ``meter``
    (cameras and frames whose light is metered, see ``metering.angles``). Raises TurnoverRejected
    for a file that is not on disk and for names that are not known.
    """
    _refuse(blend_path, backend, passes)
    wide = shot.frames.with_handles(shot.handles)
    numbers = FrameRange(FIRST_DELIVERED, FIRST_DELIVERED + len(wide) - 1, wide.rate)
    place = Path(folder).absolute()
    place.mkdir(parents=True, exist_ok=True)
    (place / STOP).unlink(missing_ok=True)
    asked = {
        "blend": str(Path(blend_path).absolute()), "scene": scene_name, "camera": shot.camera,
        "shot": {**asdict(shot), "frames": [shot.frames.first, shot.frames.last]},
        "rate": str(wide.rate), "first": wide.first, "last": wide.last, "number": numbers.first,
        "folder": str(place), "backend": backend, "samples": samples, "passes": list(passes),
        **(options or {}),
    }  # fmt: skip
    (place / ORDER).write_text(json.dumps(asked, indent=1), encoding="utf-8")
    scripts = bool(asked.get("scripts", True))
    command = _command(str(asked["blend"]), str(place / ORDER), binary, scripts=scripts)
    return PassesOrder(command, str(place), backend, tuple(passes), wide, numbers)


def _refuse(blend_path: str, backend: str, passes: Sequence[str]) -> None:
    unknown = sorted(set(passes) - set(PASSES)) or [b for b in (backend,) if b not in BACKENDS]
    if unknown:
        raise TurnoverRejected(
            f"{unknown[0]!r} cannot be rendered",
            hint=f"Passes are {', '.join(PASSES)}; engines are {', '.join(BACKENDS)}.",
        )
    if not blend_path or not Path(blend_path).is_file():
        raise TurnoverRejected(
            "the file was never saved, and passes are rendered from the file on disk",
            hint="Save it, then render the passes.",
        )


def start(order: PassesOrder) -> subprocess.Popen[bytes]:
    """Run it. Its output goes to ``order.log``; the caller polls, and ends it by its handle."""
    with open(order.log, "wb") as log:
        return subprocess.Popen(
            order.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )


def stop(order: PassesOrder) -> None:
    """Ask for an end after the frame that is being rendered. What is rendered stays."""
    Path(order.stop_file).touch()


def _command(blend: str, order: str, binary: str, *, scripts: bool) -> Tuple[str, ...]:
    """The user's add-ons and preferences are loaded: rigs and graphics cards depend on them."""
    package = Path(__file__).resolve().parents[1]
    bridge = Path(secondunit_bridge.__file__).resolve().parents[1]
    program = _PROGRAM.format(bridge=str(bridge), package=str(package), order=order)
    if not binary:
        return (sys.executable, "-c", program)
    may = "--enable-autoexec" if scripts else "--disable-autoexec"
    return (
        binary, "--background", may, blend, "--python-exit-code", "1", "--python-expr", program,
    )  # fmt: skip
