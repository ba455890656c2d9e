"""What a graphics card used while a take was shot, as its driver counts: millijoules, by NVML.

The whole card is counted, with whatever else runs on it. Where the driver, the card or the number
of the device does not say, nothing is guessed: the take's energy is not measured.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Mapping
from contextlib import suppress

_LIBRARIES = ("libnvidia-ml.so.1", "nvml.dll")
_OK = 0
_JOULES_OF_A_WATT_HOUR = 3600.0


class Meter:
    """Read when a take begins and when it is done. ``count`` is asked for joules by card."""

    def __init__(self, count: Callable[[], dict[int, float]] | None = None) -> None:
        self._count = count or joules
        self._before = self._count()

    def watt_hours(self, device: str, environ: Mapping[str, str] = os.environ) -> float | None:
        """What ``cuda:0`` or the like used since; None where nobody measured it."""
        kind, _, number = device.partition(":")
        if kind != "cuda" or not self._before:
            return None
        card = _card(int(number or 0), len(self._before), environ)
        after = self._count()
        if card not in self._before or card not in after:
            return None
        used = after[card] - self._before[card]
        return round(used / _JOULES_OF_A_WATT_HOUR, 4) if used >= 0 else None


def joules() -> dict[int, float]:
    """Joules used by each card since its driver was loaded; empty where no driver counts."""
    for name in _LIBRARIES:
        with suppress(OSError, AttributeError):
            return _of(ctypes.CDLL(name))
    return {}


def _of(driver: ctypes.CDLL) -> dict[int, float]:
    if driver.nvmlInit_v2() != _OK:
        return {}
    try:
        count, found = ctypes.c_uint(), {}
        if driver.nvmlDeviceGetCount_v2(ctypes.byref(count)) != _OK:
            return {}
        for number in range(count.value):
            card, used = ctypes.c_void_p(), ctypes.c_ulonglong()
            if driver.nvmlDeviceGetHandleByIndex_v2(number, ctypes.byref(card)) != _OK:
                continue
            if driver.nvmlDeviceGetTotalEnergyConsumption(card, ctypes.byref(used)) == _OK:
                found[number] = used.value / 1000.0
        return found
    finally:
        driver.nvmlShutdown()


def _card(number: int, cards: int, environ: Mapping[str, str]) -> int | None:
    """The driver's number of CUDA's device: the two count in other orders where there are many."""
    if cards == 1:
        return 0
    if environ.get("CUDA_DEVICE_ORDER") != "PCI_BUS_ID":
        return None
    shown = environ.get("CUDA_VISIBLE_DEVICES", "")
    if not shown:
        return number
    listed = [word.strip() for word in shown.split(",")]
    there = number < len(listed) and listed[number].isdigit()
    return int(listed[number]) if there else None
