"""The matte of a published version, read once more from where it was handed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.film import Media, Role, Turnover, delivered
from secondunit_bridge.wire import typed

from ..contract.matte import Soft
from ..media.footage import Footage
from ..media.frames import digest
from ..media.open import open_footage
from ..media.probe import probe
from .mattes import DATA, MatteFootage, matte_of


@dataclass(frozen=True)
class HandedMatte:
    """Callable: the soft matte of a delivered frame, while its file is the one that was used.

    ``used`` are the digests of the frames that were read, by their own number.
    """

    matte: MatteFootage
    first: int
    used: Mapping[str, str]

    def __call__(self, number: int) -> Soft:
        """``(row, column)`` float32, 0..1, over the display window. Raises LookupError for another
        file than the one that was used, and what reading raises."""
        frames = self.matte.frames
        at = frames.first if len(frames) == 1 else frames.first + number - self.first
        if at not in frames:
            raise LookupError(f"the matte has no frame {at}")
        footage = self.matte.footage
        wanted = self.used.get(str(at))
        if wanted and digest(footage.frame(at), footage.channels) != wanted:
            raise LookupError(f"frame {at} of the matte is another one by now")
        return self.matte.source.soft(at)


@contextmanager
def handed_over(record: Mapping[str, Any]) -> Iterator[HandedMatte | None]:
    """The matte that a version's record names; None where it is not there any more."""
    with ExitStack() as stack:
        yield _opened(record, stack)


def _opened(record: Mapping[str, Any], stack: ExitStack) -> HandedMatte | None:
    def opener(media: Media) -> Footage:
        probe(media.path)  # in a limited child: a damaged file must not end this process
        return stack.enter_context(open_footage(media, decide=lambda *_: (DATA, "")))

    try:
        turnover = typed(Turnover, record["turnover"])
        paths = {element.role: element.media.path for element in reversed(turnover.elements)}
        path = paths.get(Role.matte, "")
        if not path:  # it was handed over as frames, which lie in the vault
            return None
        within = path == paths.get(Role.plate)  # then the plate's own digest vouches for it
        used = {} if within else dict(record["used"][path])
        return HandedMatte(matte_of(turnover, opener), delivered(turnover.shot).first, used)
    except (SecondUnitError, LookupError, TypeError, ValueError):
        return None
