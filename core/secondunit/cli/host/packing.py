"""What a host's plug-in is made of: the host package and the bridge beside it, as files.

The standard library only: ``installers/extension.py`` runs it in any Python.
"""

from __future__ import annotations

import io
import zipfile
from importlib.util import find_spec
from pathlib import Path

from secondunit_bridge.errors import SetupError

HOST, BRIDGE = "secondunit_blender", "secondunit_bridge"
MANIFEST = "blender_manifest.toml"
_ON_EARTH = (1980, 1, 1, 0, 0, 0)  # the oldest date a zip can say: the same files, the same zip


def contents() -> dict[str, bytes]:
    """Every file of the Blender extension by its path in it, forward slashes.

    Raises SetupError when the host package is not installed beside this one.
    """
    files = under(package(HOST), "")
    files |= under(package(BRIDGE), f"{BRIDGE}/")
    if MANIFEST not in files:
        raise SetupError(
            f"{package(HOST)} holds no {MANIFEST}", hint="Install Second Unit again, whole."
        )
    return files


def zipped(files: dict[str, bytes]) -> bytes:
    """The files as the zip that Blender installs; the same files make the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _ON_EARTH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()


def package(name: str) -> Path:
    """The folder of an installed package. Raises SetupError."""
    found = find_spec(name)
    if found is None or found.origin is None:
        raise SetupError(
            f"the package {name} is not installed", hint="Install Second Unit again, whole."
        )
    return Path(found.origin).parent


def under(folder: Path, prefix: str) -> dict[str, bytes]:
    """Every file below a folder, by its path there with ``prefix`` before it."""
    return {
        prefix + path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.name != ".DS_Store"
    }
