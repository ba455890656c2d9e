"""Is that process still the same one? A pid alone is no proof: pids are used again."""

from __future__ import annotations

import os
import sys
from typing import Optional

_STILL_ACTIVE = 259  # GetExitCodeProcess, winbase.h
_QUERY = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION, winnt.h


def process_started(pid: int) -> Optional[str]:
    """When a running process began, as a word to compare; None when no such process runs.

    The word is only good for comparing on one machine: clock ticks since the boot it names on
    Linux, file time on Windows, the clock time that ``ps`` prints (whole seconds) elsewhere. A
    process that has ended but was not yet waited for counts as gone.
    """
    if not 0 < pid < 1 << 32:
        return None
    if sys.platform == "win32":
        return _on_windows(pid)
    if os.path.isdir("/proc/self"):
        return _from_proc(pid)
    return _from_ps(pid)


def _from_proc(pid: int) -> Optional[str]:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The name in brackets may itself hold blanks and brackets: count after the last one.
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    if len(fields) < 20 or fields[0] in (b"Z", b"X"):
        return None
    return f"{fields[19].decode()}.{_boot()}"  # field 22 of proc(5), 19 after the name


def _boot() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return file.read(8)
    except OSError:
        return "boot"


def _from_ps(pid: int) -> Optional[str]:
    import subprocess

    asked = ["ps", "-o", "state=,lstart=", "-p", str(pid)]
    try:
        told = subprocess.run(
            asked,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    state, _, began = told.stdout.decode("ascii", "replace").strip().partition(" ")
    return "_".join(began.split()) if began.strip() and not state.startswith("Z") else None


def _on_windows(pid: int) -> Optional[str]:
    import ctypes
    from ctypes import wintypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - the name exists on Windows only
    kernel.OpenProcess.restype = wintypes.HANDLE
    kernel.OpenProcess.argtypes = [wintypes.DWORD, wintypes.BOOL, wintypes.DWORD]
    kernel.GetExitCodeProcess.argtypes = [wintypes.HANDLE, ctypes.c_void_p]
    kernel.GetProcessTimes.argtypes = [wintypes.HANDLE] + [ctypes.c_void_p] * 4
    kernel.CloseHandle.argtypes = [wintypes.HANDLE]
    handle = kernel.OpenProcess(_QUERY, False, pid)
    if not handle:
        return None
    try:
        code, times = wintypes.DWORD(), [wintypes.FILETIME() for _ in range(4)]
        known = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        told = kernel.GetProcessTimes(handle, *(ctypes.byref(moment) for moment in times))
        if not known or not told or code.value != _STILL_ACTIVE:
            return None
        return str(times[0].dwHighDateTime << 32 | times[0].dwLowDateTime)
    finally:
        kernel.CloseHandle(handle)
