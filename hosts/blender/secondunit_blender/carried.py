"""The bridge that the extension carries, loaded under its own name while no other is installed.

A Python has one ``secondunit_bridge``. Where a person installed one (a studio's scripts use it),
that one is used if it has our version, and refused in words if not: two bridges in one process
would not know each other's values.
"""

from __future__ import annotations

import re
import sys
from importlib import invalidate_caches
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Optional

BRIDGE = "secondunit_bridge"
FOLDER = Path(__file__).resolve().parent / BRIDGE

_VERSION = re.compile(r"""__version__\s*=\s*["']([^"']+)["']""")


class OtherBridge(RuntimeError):
    """Another version of the bridge is installed in this Blender's Python."""


def take_up() -> None:
    """Make ``secondunit_bridge`` importable. Raises OtherBridge, ImportError when there is none."""
    spec = _installed()
    ours = version_in(FOLDER)
    if spec is not None:
        place = Path(spec.origin or "").parent
        there = version_in(place)
        if ours and there != ours and place != FOLDER:
            raise OtherBridge(
                f"Second Unit brings its bridge in version {ours}, and version"
                f" {there or 'unknown'} is installed in {place}. Update that one, or remove it,"
                " and turn the add-on on again."
            )
        return
    if not ours:
        raise ImportError(f"{BRIDGE} is missing: install the extension again", name=BRIDGE)
    _load()


def let_go(package: Optional[str]) -> None:
    """Forget the carried bridge and our own modules, so that the next start loads them afresh."""
    bridge = sys.modules.get(BRIDGE)
    if bridge is not None and Path(bridge.__file__ or "").parent == FOLDER:
        _forget(BRIDGE, with_root=True)
    if package:
        _forget(package, with_root=False)


def version_in(folder: Path) -> str:
    """The version of the bridge in a folder, read without running it; empty when there is none."""
    try:
        found = _VERSION.search((folder / "_version.py").read_text(encoding="utf-8"))
    except OSError:
        return ""
    return found[1] if found else ""


def _installed() -> Optional[ModuleSpec]:
    try:
        return find_spec(BRIDGE)
    except ValueError:  # it is loaded, and whoever loaded it left it no spec
        return None


def _load() -> None:
    invalidate_caches()
    spec = spec_from_file_location(
        BRIDGE, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[BRIDGE] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[BRIDGE]
        raise


def _forget(root: str, *, with_root: bool) -> None:
    """Drop the modules below a package, and the package's own attributes for them."""
    package = sys.modules.get(root)
    for name in [name for name in sys.modules if name.startswith(root + ".")]:
        del sys.modules[name]
        child = name[len(root) + 1 :]
        if package is not None and "." not in child and child in vars(package):
            delattr(package, child)
    if with_root:
        sys.modules.pop(root, None)
