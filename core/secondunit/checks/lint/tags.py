"""Do colour, rate and timecode say one thing, and what the cut and the record say?"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from secondunit_bridge.film import Outcome
from secondunit_bridge.timing import rate_name, to_timecode

from ...editorial.handed import Delivery
from ...media.exr_time import unpack_timecode
from ...media.filed import Filing
from ...media.tags import CHROMATICITIES
from .rules import Ill, Rule, Well, ours, rule, unlike

_WIDE = ("smpte2084", "arib-std-b67")  # transfers of ITU-R BT.2100, whose primaries are BT.2020's
_NTSC = Fraction(30000, 1001)
_DAY = 24 * 3600
_CLOSE = Fraction(1, 1000)  # frames a second; 23.976 is written for 24000/1001
_UNREAD = Well("no file could be read", unsaid=True)
_TAG = "Tag it again, or say in the cut which space it is in."


def colour(handed: Delivery) -> Sequence[Ill] | Well:
    """As the version promises; of others, tags that contradict the cut or each other."""
    files = handed.filed.read
    if not files:
        return _UNREAD
    if handed.own is not None and ours(handed):
        wanted = handed.own.media.space
        wrong = tuple(one for one in files if _space(one) != wanted)
        if wrong:
            return [
                Ill(
                    f"{_space(wrong[0]) or 'no space'} is written",
                    wanted,
                    "Publish the version again.",
                    wrong,
                    Outcome.stop,
                )
            ]
    ills = [*_at_odds(handed), *_against_cut(handed)]
    spaces = unlike(files, _space)
    if len(spaces) > 1:
        common, *others = spaces
        ills += [
            Ill(
                f"{other or 'no space'} is written",
                f"{common or 'none'}, as in the others",
                _TAG,
                tuple(spaces[other]),
            )
            for other in others
        ]
    if ills:
        return ills
    space = _space(files[0])
    if space:
        return Well(f"it says {space}, and nothing contradicts it")
    return Well("it carries no colour tag", unsaid=True)


def _at_odds(handed: Delivery) -> list[Ill]:
    """What one file says twice, and not alike."""
    wrong = tuple(
        one
        for one in handed.filed.read
        if _space(one) in CHROMATICITIES and one.tagged not in ("", _space(one))
    )
    if wrong:
        says = f"it is called {_space(wrong[0])} and has the primaries of {wrong[0].tagged}"
        return [Ill(says, "one space", _TAG, wrong)]
    facts = handed.filed.read[0].facts
    if facts is None or facts.kind != "movie":
        return []
    primaries, matrix = facts.primaries, facts.matrix
    if facts.transfer in _WIDE and primaries and primaries != "bt2020":
        return [
            Ill(
                f"transfer {facts.transfer} with primaries {primaries}",
                "primaries bt2020 (ITU-R BT.2100)",
                _TAG,
            )
        ]
    wide = matrix.startswith("bt2020"), primaries == "bt2020"
    if (
        primaries
        and matrix
        and matrix != "gbr"
        and wide[0] != wide[1]
        and "matrix" not in " ".join(facts.remarks)
    ):
        return [Ill(f"matrix {matrix} with primaries {primaries}", "both of one standard", _TAG)]
    return []


def _against_cut(handed: Delivery) -> list[Ill]:
    wrong = tuple(
        one for one in handed.filed.read if handed.space and _space(one) not in ("", handed.space)
    )
    if not wrong:
        return []
    return [
        Ill(f"the file says {_space(wrong[0])}", f"{handed.space}, as the cut says", _TAG, wrong)
    ]


def rate(handed: Delivery) -> Sequence[Ill] | Well:
    """Frames a second of the file, of the cut, of the version."""
    files = [one for one in handed.filed.read if one.rate is not None]
    if not files:
        return Well("the files say no rate", unsaid=True)
    one, facts = files[0], files[0].facts
    assert one.rate is not None
    if facts is not None and facts.variable:
        return [
            Ill(
                f"frames are unevenly spaced in time, about {rate_name(one.rate)} a second",
                "a constant rate",
                "Convert it to a constant rate before it is cut.",
            )
        ]
    wanted = handed.own.rate if handed.own is not None else handed.rate
    says = "its version says" if handed.own is not None else "the cut says"
    wrong = tuple(f for f in files if f.rate is not None and abs(f.rate - wanted) > _CLOSE)
    if wrong and wrong[0].rate is not None:
        outcome = Outcome.stop if ours(handed) else Outcome.look
        return [
            Ill(
                f"{rate_name(wrong[0].rate)} frames a second",
                f"{rate_name(wanted)}, as {says}",
                "Relink, or conform it: frames are repeated or left out.",
                wrong,
                outcome,
            )
        ]
    if abs(one.rate - handed.cut_rate) > _CLOSE:
        return [
            Ill(
                f"{rate_name(one.rate)} frames a second",
                f"{rate_name(handed.cut_rate)}, the cut's",
                "Frames are repeated or left out: is that meant?",
            )
        ]
    return Well(f"{rate_name(one.rate)} frames a second, as the cut")


def timecode(handed: Delivery) -> Sequence[Ill] | Well:
    """One frame after the other in a sequence; where the cut says it starts in a movie."""
    if handed.filed.kind != "sequence":
        return _movie_timecode(handed)
    files = handed.filed.read
    clock = {one.number: at for one in files if (at := _timecode(one, handed)) is not None}
    if not clock:
        return Well("no timecode is written", unsaid=True)
    outcome = Outcome.stop if ours(handed) else Outcome.look
    without = tuple(one for one in files if one.number not in clock)
    ills = []
    if without:
        ills.append(
            Ill("no timecode is written", "one in every frame", "Write it again.", without, outcome)
        )
    running = [one for one in files if one.number in clock]
    if len(clock) > 1 and len(set(clock.values())) == 1:
        ills.append(
            Ill(
                "every frame has the same timecode",
                "one frame more in each",
                "The clock stood still: write it again.",
                tuple(running),
                outcome,
            )
        )
    else:
        ills += _jumps(handed, running, clock, outcome)
    return ills or Well("timecode counts on from frame to frame")


def _jumps(
    handed: Delivery, running: Sequence[Filing], clock: dict[int, int], outcome: Outcome
) -> list[Ill]:
    """Frames that are not where most others, or the version's record, say they are."""
    day, own = _DAY * round(handed.rate), handed.own
    steps = {one.number: (clock[one.number] - one.number) % day for one in running}
    if own is not None:
        step = (own.timecode - own.media.frames.first) % day
    else:
        step = max(steps.values(), key=list(steps.values()).count)
    wrong = tuple(one for one in running if steps[one.number] != step)
    if not wrong:
        return []
    first = wrong[0].number
    return [
        Ill(
            f"timecode {_words(clock[first], handed)}",
            _words(first + step, handed),
            "Write it again: a conform by timecode takes other frames.",
            wrong,
            outcome,
        )
    ]


def _movie_timecode(handed: Delivery) -> Sequence[Ill] | Well:
    facts = handed.filed.files[0].facts
    if facts is None or facts.kind != "movie":
        return Well("a still has no timecode to follow", unsaid=True)
    if facts.timecode is None:
        return Well("the movie carries no timecode", unsaid=True)
    if handed.starts and handed.starts != facts.timecode:
        return [
            Ill(
                f"the movie starts at {_words(facts.timecode, handed)}",
                f"{_words(handed.starts, handed)}, as the cut says",
                "Relink to the movie that was cut, or the cut plays other frames.",
            )
        ]
    if abs(facts.frames.rate - _NTSC) < _CLOSE and facts.drop != handed.drop:
        kind = ("drop-frame", "not drop-frame")
        return [
            Ill(
                f"its timecode is {kind[not facts.drop]}",
                f"{kind[not handed.drop]}, as the cut",
                "The two drift apart by 3.6 seconds an hour: ask which is right.",
            )
        ]
    return Well(f"it starts at {_words(facts.timecode, handed)}")


def _timecode(one: Filing, handed: Delivery) -> int | None:
    if one.timecode_bits is None:
        return None
    read = unpack_timecode(one.timecode_bits, one.rate or handed.rate)
    return read[0] if read else None


def _words(frame: int, handed: Delivery) -> str:
    day = _DAY * round(handed.rate)
    return to_timecode(frame % day, handed.rate)


def _space(one: Filing) -> str:
    return one.facts.space if one.facts else ""


RULES: tuple[Rule, ...] = (
    rule(
        "colour",
        "Colour tags agree with each other, with the cut and with the version.",
        colour,
        stop=True,
        source="a version's record; ITU-T H.273 tags, EXR chromaticities",
    ),
    rule(
        "rate",
        "The file's rate is the cut's.",
        rate,
        stop=True,
        ebu="0042W",
        source="the cut; a version's record",
    ),
    rule(
        "timecode",
        "Timecode counts on, and starts where the cut says.",
        timecode,
        stop=True,
        ebu="0026W",
        netflix="Incorrect Timecode",
        source="SMPTE ST 12-1; the cut",
    ),
)
