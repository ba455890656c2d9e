"""One shot that is the cause of several findings is one line; nothing else is folded into it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

from secondunit.continuity.answered import Given
from secondunit.continuity.causes import causes
from secondunit.continuity.places import Place
from secondunit.continuity.reported import reported
from secondunit.continuity.sweep import Swept
from secondunit.editorial import CutShot
from secondunit.editorial.retime import Played
from secondunit_bridge.film import Answer, Finding, Outcome, Waiver
from secondunit_bridge.timing import FrameRange

RATE = Fraction(24)
BOOK, GLASS = (0.1, 0.1, 0.2, 0.2), (0.6, 0.6, 0.2, 0.2)


def shot(number: int, setup: str = "A", **card) -> CutShot:
    """A second of a cut, the first of set-up A its master."""
    first = 24 * number
    card = {"scene": "1", "setup": setup, "master": number == 1, **card}
    return CutShot(
        name=f"{number:02}", guid=None, track="V1", index=number, layer=0,
        record=FrameRange(first, first + 23, RATE), media=f"{number}.mov", online=True,
        offline_reason="", media_rate=RATE, source=(0, 23),
        played=Played(Fraction(0), Fraction(1), 24), speed=Fraction(1), retime="none",
        marks={"card": card},
    )  # fmt: skip


MASTER, THREE, SIX, EIGHT = (shot(number) for number in (1, 3, 6, 8))
SINGLE = shot(5, setup="D")


def found(check, earlier, later, value=1.0, *, outcome=Outcome.look, **more):
    """A finding of the later shot against the earlier."""
    names = earlier.name, later.name
    name = f"{check}@{'-'.join(names)}{more.get('region', '')}{more.get('subject', '')}"
    says = f"{check} differs."
    finding = Finding(name, check, outcome, says, value=value, shots=names, **more)
    meets = later.record.first - earlier.record.last == 1
    other = "" if meets or earlier is SINGLE else f"the earlier “{earlier.name}”"
    return finding, Place(
        (earlier, later), (0, 0), other="its master" if earlier is MASTER else other
    )


GRADED = [
    found("colour.palette", MASTER, SIX, 5.6),
    found("colour.exposure", MASTER, SIX, 0.5),
    found("colour.exposure", THREE, SIX, 0.5),
    found("colour.exposure", SIX, EIGHT, -0.5),
    found("colour.black", SIX, EIGHT, -2.1),
    found("colour.black", MASTER, SIX, 1.3),
]


def folded(*some):
    """Ids that are folded, by the id of their cause."""
    told = causes(some)
    return {name: head for head, cause in told.items() for name in cause.explains}


def test_a_shot_that_is_graded_otherwise_is_one_line_that_says_how():
    (head, cause), *more = causes(GRADED).items()
    assert not more
    assert head == "colour.exposure@01-06"
    assert len(cause.explains) == 5
    says = "“06” is graded otherwise than its set-up: 0.50 stop brighter, "
    assert cause.sentence == says + "blacks lifted, other colours."


def test_a_costume_from_another_angle_is_read_through_that_grade_but_not_one_in_the_same_set_up():
    angle = found("wardrobe.hue", SINGLE, SIX, 2.6, subject="ben")
    same = found("wardrobe.hue", MASTER, SIX, 1.9, subject="ben")
    told = folded(*GRADED, angle, same)
    assert told[angle[0].id] == "colour.exposure@01-06"
    assert same[0].id not in told
    assert folded(angle) == {}
    coat = found("wardrobe.hue", SINGLE, SIX, 9.0, subject="ben", limit=2.4)
    assert coat[0].id not in folded(*GRADED, coat)  # red for blue: no grade does that


def test_a_shot_with_a_fault_of_its_own_is_not_explained_by_another():
    lit = found("light.side", MASTER, EIGHT, 1.5), found("light.side", SIX, EIGHT, 1.4)
    told = folded(*GRADED, *lit)
    assert told["light.side@06-08"] == "light.side@01-08"
    assert "light.side@01-08" not in told
    much = found("colour.exposure", SIX, EIGHT, -1.5)  # eight is a stop too dark by itself
    assert much[0].id not in folded(*GRADED[:3], much)


def test_a_thing_that_went_is_folded_where_it_was_and_another_thing_is_not():
    gone = found("prop.change", MASTER, THREE, 400, region=BOOK)
    again = found("prop.change", THREE, SIX, 420, region=BOOK)
    other = found("prop.change", THREE, SIX, 380, region=GLASS)
    assert folded(gone, again, other) == {again[0].id: gone[0].id}
    two = found("prop.change", MASTER, THREE, 300, region=GLASS)
    assert folded(gone, two) == {}


def test_a_shot_over_the_line_or_without_grain_is_one_line_at_both_of_its_cuts():
    over = shot(6, setup="X", master=True), shot(7, setup="B")
    for check, values in (("axis.host", (1, 1)), ("grain.level", (0.26, 3.9))):
        into, out = (
            found(check, earlier, later, value)
            for (earlier, later), value in zip(((SINGLE, over[0]), over), values, strict=True)
        )
        assert folded(into, out) == {out[0].id: into[0].id}


def test_somebody_in_the_wrong_coat_is_one_line_and_somebody_else_another():
    in_it = [
        found("wardrobe.hue", MASTER, SIX, 6.3, subject="ana"),
        found("wardrobe.hue", SINGLE, SIX, 6.7, subject="ana"),
        found("wardrobe.hue", MASTER, SIX, 5.0, subject="ben"),
    ]
    assert folded(*in_it) == {"wardrobe.hue@05-06ana": "wardrobe.hue@01-06ana"}


def test_what_stops_and_what_stands_alone_is_never_folded():
    stops = [
        found("colour.exposure", MASTER, later, outcome=Outcome.stop) for later in (SIX, EIGHT)
    ]
    assert causes(stops) == {}
    assert causes(GRADED[:1]) == {}
    jumps = [found("jump.host", earlier, SIX, 5) for earlier in (MASTER, THREE)]
    assert causes(jumps) == {}


def test_a_master_is_what_others_are_held_against_and_not_their_cause():
    each = [found("grain.level", MASTER, later, 2.0) for later in (THREE, SIX, EIGHT)]
    assert causes(each) == {}


class NoPictures:
    """Stills of a cut that nobody has to see."""

    digest = staticmethod(str)

    def settled(self, place):
        return place

    def make(self, places):
        list(places)

    def of(self, place):
        return ()

    def look(self, *_):
        return ""


def report(some, *given):
    """What a person is shown, by its id."""
    swept = Swept([finding for finding, _ in some], [place for _, place in some])
    cut = SimpleNamespace(rate=RATE, name="twelve")
    shown = reported(swept, cut, NoPictures(), given, {})
    return {one.finding.id: one for one in shown}


def says(one, answer=Answer.creative_intent, by="Ada"):
    return Given(Waiver(one.finding.id, answer, by, "a dream", seen=one.seen), 1_795_000_000.0)


def test_who_accepts_the_one_line_accepts_what_was_folded_into_it_and_nothing_that_came_later():
    head = report(GRADED)["colour.exposure@01-06"]
    accepted = says(head)
    now = report(GRADED, accepted)
    assert not any(one.open for one in now.values())
    later = found("colour.wb", THREE, SIX, 0.2)
    now = report([*GRADED, later], accepted)
    assert [one.finding.id for one in now.values() if one.open] == [later[0].id]
    assert (now[later[0].id].because, now[later[0].id].finding.rank) == ("", 1)
    worse = [(replace(f, value=0.9) if f.id == "colour.exposure@03-06" else f, p)
             for f, p in GRADED]  # fmt: skip
    now = report(worse, accepted)
    assert [one.finding.id for one in now.values() if one.open] == ["colour.exposure@03-06"]


def test_what_somebody_wants_mended_is_not_closed_by_accepting_its_cause():
    shown = report(GRADED)
    head, dark = shown["colour.exposure@01-06"], shown["colour.black@01-06"]
    mend = says(dark, Answer.fix, "Ben")
    for given in ([mend, says(head)], [says(head), mend]):
        now = report(GRADED, *given)
        assert [one.finding.id for one in now.values() if one.open] == [dark.finding.id]
        assert now[dark.finding.id].because == ""
        assert dark.finding.id not in now[head.finding.id].cause.explains
