"""Are the files there, whole, alike, and named as they should be?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from secondunit_bridge.film import Outcome

from ...editorial.handed import Delivery
from ...media.filed import Filing
from ...media.patterns import FramePattern, gaps
from .rules import Ill, Rule, Well, ours, rule, unlike

_VERSION = re.compile(r"(?<![A-Za-z0-9])[vV](\d{2,4})(?![0-9])")
_SIZE = re.compile(r"(?<!\d)(\d{3,5})x(\d{3,5})(?!\d)")
_COPY = "Copy or render it again."


def frames(handed: Delivery) -> Sequence[Ill] | Well:
    """Missing, surplus, and twice."""
    filed = handed.filed
    if filed.kind != "sequence":
        return _movie_frames(handed)
    have = [one.number for one in filed.files]
    first, last = _promised(handed, have)
    lacking = [n for low, high in gaps(have, first, last) for n in range(low, high + 1)]
    played = [n for n in handed.shown if n not in set(have)]
    ills = _missing(handed, lacking, played, (first, last))
    surplus = [one for one in filed.files if not first <= one.number <= last]
    if surplus and ours(handed):
        span = f"{first} to {last}"
        ills.append(
            Ill(f"{_count(surplus)} beyond the version", span, "Take them away.", tuple(surplus))
        )
    if filed.strays:
        names = ", ".join(filed.strays[:3]) + (" ..." if len(filed.strays) > 3 else "")
        ills.append(
            Ill(
                f"beside the frames lie {names}",
                "each frame once",
                "Take away those that are not meant, or a program may read them.",
            )
        )
    return ills or Well(f"all frames are there, {first} to {last}")


def _promised(handed: Delivery, have: Sequence[int]) -> tuple[int, int]:
    """The frames there should be: by the record, by the cut, or from the first there is to the
    last."""
    if handed.own is not None:
        return handed.own.media.frames.first, handed.own.media.frames.last
    if handed.available and handed.numbering == "file":
        return handed.available
    seen = (*have, *handed.shown)
    return min(seen), max(seen)


def _missing(
    handed: Delivery, lacking: Sequence[int], played: Sequence[int], span: tuple[int, int]
) -> list[Ill]:
    expected = f"every frame from {span[0]} to {span[1]}"
    unseen = [n for n in lacking if n not in set(played)]
    ills = []
    if played:
        ills.append(
            Ill(
                _are_missing(played),
                expected,
                "The cut plays them. " + _RENDER,
                _as_files(played),
                Outcome.stop,
            )
        )
    if unseen:
        outcome = Outcome.stop if ours(handed) else Outcome.look
        ills.append(
            Ill(
                _are_missing(unseen) + ", which the cut does not play",
                expected,
                _RENDER,
                _as_files(unseen),
                outcome,
            )
        )
    return ills


_RENDER = "Render or copy what is missing."


def _are_missing(numbers: Sequence[int]) -> str:
    return "this frame is missing" if len(numbers) == 1 else f"{len(numbers)} frames are missing"


def _as_files(numbers: Sequence[int]) -> tuple[Filing, ...]:
    return tuple(Filing(number, "", 0) for number in numbers)


def _movie_frames(handed: Delivery) -> Sequence[Ill] | Well:
    one = handed.filed.files[0]
    if one.facts is None or handed.filed.kind == "still":
        return Well("a still has one frame") if one.facts else Well("the file is not read", True)
    count = len(one.facts.frames)
    if handed.own is not None:
        return _review(handed, count)
    said = handed.available
    if said and handed.numbering in ("zero", "timecode") and said[1] - said[0] + 1 > count:
        want = said[1] - said[0] + 1
        first = one.facts.timecode or 0 if handed.numbering == "timecode" else 0
        played = max(handed.shown, default=0) - first >= count
        outcome = Outcome.stop if played else Outcome.look
        return [
            Ill(
                f"the movie has {count} frames",
                f"{want}, as the cut says",
                "Copy the movie again, or relink to the whole one.",
                outcome=outcome,
            )
        ]
    return Well(f"the movie has all its {count} frames")


def _review(handed: Delivery, count: int) -> Sequence[Ill] | Well:
    """A review movie of ours: its slate, then the version's frames; only those are cut."""
    assert handed.own is not None
    frames = len(handed.own.media.frames)
    if count != frames + 1:
        seen = "it has no slate" if count == frames else f"the movie has {count} frames"
        wanted = f"a slate and {frames} frames"
        return [Ill(seen, wanted, "Publish the version again.", outcome=Outcome.stop)]
    if handed.numbering == "zero" and 0 in handed.shown:
        return [Ill("the cut plays its slate", "frame 1 or later", "Trim off the first frame.")]
    return Well(f"a slate and all {frames} frames")


def whole(handed: Delivery) -> Sequence[Ill] | Well:
    """Empty, cut short, damaged."""
    bad = unlike((one for one in handed.filed.files if one.wrong), lambda one: _kind(one.wrong))
    ills = []
    for files in bad.values():
        for shown in (True, False):
            some = tuple(one for one in files if handed.is_shown(one) is shown)
            if some:
                outcome = Outcome.stop if shown or ours(handed) else Outcome.look
                ills.append(Ill(some[0].wrong, "a whole file", _COPY, some, outcome))
    sizes = sum(one.size for one in handed.filed.files)
    return ills or Well(
        f"{_count(handed.filed.files)}, {sizes / 1e6:.1f} MB, whole to the last row"
    )


def _kind(wrong: str) -> str:
    """What is wrong, without what differs from file to file."""
    return re.sub(r"\([^)]*\)|\d+", "", wrong)


def mixed(handed: Delivery) -> Sequence[Ill] | Well:
    """Frames of one sequence that are unlike each other."""
    files = handed.filed.read
    if len(files) < 2:
        return Well("it is one file")
    ills = []
    for what, fact in _ALIKE.items():
        groups = unlike(files, fact)
        common, *others = groups
        for other in others:
            stop = what == "size" and any(handed.is_shown(one) for one in groups[other])
            ills.append(
                Ill(
                    f"{what} {other}",
                    f"{common}, as in {len(groups[common])} others",
                    "Render these frames again as the others are.",
                    tuple(groups[other]),
                    Outcome.stop if stop else Outcome.look,
                )
            )
    return ills or Well(f"all {len(files)} frames are alike")


def _size(one: Filing) -> str:
    assert one.facts is not None  # only files that can be read are compared
    return f"{one.facts.width}x{one.facts.height}"


_ALIKE = {
    "size": _size,
    "pixel type": lambda one: one.facts.dtype,
    "channels": lambda one: " ".join(one.facts.channels),
    "compression": lambda one: one.compression or "none",
    "pixel aspect": lambda one: f"{float(one.facts.pixel_aspect):g}",
}


def name(handed: Delivery) -> Sequence[Ill] | Well:
    """As the version is called; of others, what a name says that is not so."""
    own, path = handed.own, Path(handed.media)
    if own is not None and ours(handed):
        return _own_name(handed)
    ills, said = [], False
    file, folder = _VERSION.findall(path.name), _VERSION.findall(path.parent.as_posix())
    if file and folder:
        said = True
        if int(file[-1]) != int(folder[-1]):
            ills.append(
                Ill(
                    f"it is called v{file[-1]}",
                    f"v{folder[-1]}, as its folder is called",
                    "Put it into its own folder, or correct the name.",
                )
            )
    read = handed.filed.read
    for wide, high in _SIZE.findall(path.name):
        said = True
        facts = read[0].facts if read else None
        if facts and (facts.width, facts.height) != (int(wide), int(high)):
            ills.append(
                Ill(
                    f"it is {facts.width}x{facts.height}",
                    f"{wide}x{high}, as it is called",
                    "Relink to the right file, or correct the name.",
                )
            )
    if ills:
        return ills
    return (
        Well("the name agrees with what it names")
        if said
        else Well("the name says no version and no size, and no rule for names is known", True)
    )


def _own_name(handed: Delivery) -> Sequence[Ill] | Well:
    assert handed.own is not None
    own, pattern = handed.own, FramePattern.parse(handed.media)
    ills = []
    if own.folder.name != own.place:
        ills.append(
            Ill(
                f"the folder is called {own.folder.name}",
                own.place,
                "Give it the name it was published with.",
            )
        )
    promised = set(own.files.values())
    strange = [
        one
        for one in handed.filed.files
        if f"{pattern.folder.name}/{Path(one.path).name}" not in promised
        and one.number in own.files
    ]
    if strange:
        wanted = own.files[strange[0].number]
        ills.append(
            Ill(
                f"it is called {Path(strange[0].path).name}",
                Path(wanted).name,
                "Call it by the name in the version's record.",
                tuple(strange),
            )
        )
    return ills or Well(f"every file is called as the record of {own.name} says")


def _count(files: Sequence[Filing]) -> str:
    return "1 file" if len(files) == 1 else f"{len(files)} files"


RULES: tuple[Rule, ...] = (
    rule(
        "frames",
        "Every frame is there, once.",
        frames,
        stop=True,
        ebu="0081X",
        source="a delivery is frame-exact or it is wrong; the cut, or a version's record, says",
    ),
    rule(
        "whole",
        "No file is empty, cut short or damaged.",
        whole,
        stop=True,
        source="the first and last rows of each file are read",
    ),
    rule(
        "mixed",
        "All frames of a sequence have one size, type, compression and channels.",
        mixed,
        stop=True,
        source="one sequence is one delivery",
    ),
    rule(
        "name",
        "Names agree with what they name.",
        name,
        source="a version's record; elsewhere what the name itself says of version and size",
    ),
)
