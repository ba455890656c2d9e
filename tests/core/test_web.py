"""What the page is told, and what it shows: the ledger followed, false colours, views."""

from __future__ import annotations

import os
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from secondunit.colour import PINNED, Colour
from secondunit.contract.receipt import write_mask
from secondunit.media.delivery import Attributes, write_exr
from secondunit.media.plates import read_plate
from secondunit.vault import Vault
from secondunit.web.beside import Beside
from secondunit.web.deciding import Deciding
from secondunit.web.door import LET_GO
from secondunit.web.line import Line
from secondunit.web.outside import Outside
from secondunit.web.pictures import _stand_back
from secondunit.web.reel import Reel
from secondunit.web.reshoot import planned
from secondunit.web.rooms import STATIC
from secondunit.web.told import shot_row, standing
from secondunit.web.watch import Watch
from secondunit_bridge import errors
from secondunit_bridge.announcements import Event
from secondunit_bridge.film import Element, Entry, Media, Project, Role, Shot, Turnover, Work
from secondunit_bridge.timing import FrameRange

HIGH, WIDE = 24, 40
SRGB = "sRGB Encoded Rec.709 (sRGB)"
EXCERPT = Path(__file__).parents[2] / "core/secondunit/cli/demo/excerpt.mp4"


def entry(number: int, kind: str, subject: str, by: str = "", /, **body: object) -> Entry:
    return Entry(number, kind, subject, 1e9 + number, by, body, "")


def asked(number: int) -> Entry:
    shot = {"project": "p", "sequence": "TCC", "code": "0010", "guid": "g",
            "cut": {"first": 86400, "last": 86447, "rate": "24"}}  # fmt: skip
    turnover = {"shot": shot, "work": "insert", "generator": "slate", "brief": "A door."}
    takes = [{"id": f"aa.{n}", "number": n, "seed": n} for n in (1, 2)]
    return entry(number, "turnover", "aa", "Ada", turnover=turnover, takes=takes, client="test",
                 ask="")  # fmt: skip


def test_the_reel_follows_the_ledger_and_takes_no_entry_twice() -> None:
    reel = Reel()
    assert reel.absorb([asked(1)]) == {"g"}
    assert standing(reel.shot("g")) == "waiting"
    finding = {"id": "aa.1/x", "check": "x", "outcome": "look", "sentence": "Look."}
    shot = {"id": "aa.1", "turnover": "aa", "shot": "g", "name": "TCC_0010", "number": 1,
            "seed": 1, "state": "blocked", "findings": [finding]}  # fmt: skip
    answer = {"finding": "aa.1/x", "answer": "creative_intent", "by": "Ada", "reason": "so"}
    day = [
        entry(2, "state", "aa.2", state="failed", reason="no", error={"message": "no"}),
        entry(3, "take", "aa.1", **shot),
        entry(4, "waiver", "aa.1/x", "Ada", take="aa.1", **answer),
        entry(5, "note", "aa.1", "Kim", text="later", frames=[[1001, 1002]]),
    ]
    for one in (*day, *day):
        reel.absorb([one])
    take = reel.take("aa.1")
    assert [(said["what"], said["by"]) for said in take.said] == [
        ("turnover", "Ada"), ("take", ""), ("waiver", "Ada"), ("note", "Kim"),
    ]  # fmt: skip
    assert take.open == ()
    assert standing(reel.shot("g")) == "blocked"  # its state, until the daemon says another
    assert [row["state"] for row in shot_row(reel.shot("g"))["takes"]] == ["blocked", "failed"]
    assert shot_row(reel.shot("g"))["tc"] == "01:00:00:00"
    reel.absorb([entry(6, "take", "aa.1", **shot)])  # shot again: the answer was to other pictures
    assert take.open == ("aa.1/x",)
    with pytest.raises(errors.UnknownId):
        reel.take("../../etc/passwd")


def test_what_the_daemon_says_of_the_newest_version_is_where_the_shot_stands() -> None:
    reel = Reel()
    version = {"name": "TCC_0010_v001", "shot": "g", "take": "aa.1", "number": 1, "kind": "temp",
               "by": "Ada", "path": "/v", "handles": {"head": 0, "tail": 0}, "record": "",
               "frames": {"first": 1001, "last": 1048, "rate": "24"}}  # fmt: skip
    name = version["name"]
    reel.absorb([asked(1), entry(2, "version", "TCC_0010_v001", "Ada", **version)])
    for number, (state, reason, stands, why) in enumerate((
        ("approved", "circled by Ada", "approved", ""),
        ("stale", "4 frames are new", "stale", "4 frames are new"),
        ("approved", "approved by Ada as it is", "approved", ""),
        ("omitted", "not in v12", "omitted", "not in v12"),
        ("some word of tomorrow", "so", "some word of tomorrow", "so"),
        ("recalled", "too dark", "waiting", ""),
    )):  # fmt: skip
        reel.absorb([entry(3 + number, "version_state", str(name), state=state, reason=reason)])
        row = shot_row(reel.shot("g"))
        assert (row["standing"], row["why"]) == (stands, why)


def test_a_take_keeps_the_handles_and_the_place_it_was_asked_for_when_the_cut_moves() -> None:
    reel, moved = Reel(), asked(2)
    body: dict[str, Any] = moved.body
    shot = {**body["turnover"]["shot"], "handles": {"head": 4, "tail": 2},
            "cut": {"first": 86500, "last": 86540, "rate": "24"}}  # fmt: skip
    later = {**body, "turnover": {**body["turnover"], "shot": shot},
             "takes": [{"id": "bb.3", "number": 3, "seed": 3}]}  # fmt: skip
    reel.absorb([asked(1), replace(moved, subject="bb", body=later)])
    row = shot_row(reel.shot("g"))
    assert (row["cut"][0], row["handles"]) == (86500, [4, 2])
    old, _, new = row["takes"]
    assert (new["first"], new["handles"]) == (86500, (4, 2))
    assert (old["first"], old["handles"]) == (86400, (8, 8))


@pytest.mark.parametrize("view", ["shotkeys.js", "sequence.js", "queue.js", "show.js"])
def test_no_key_of_a_view_means_two_things(view: str) -> None:
    def of(file: str) -> list[str]:
        text = (STATIC / file).read_text(encoding="utf-8")
        also = re.findall(r"also: \[([^\]]*)\]", text)
        return re.findall(r'\bkey: "([^"]+)"', text) + re.findall(r'"([^"]+)"', " ".join(also))

    keys = of(view) + [key for key in of("app.js") if key != "Escape"]
    assert len(of("app.js")) > 3
    assert sorted(keys) == sorted(set(keys))


def test_every_word_that_people_read_is_in_the_one_catalogue() -> None:
    sentence = re.compile(r"""["'`>]([A-Z][a-z]+ [a-z]{2,}[^"'`<]*)""")
    found = {file.name: sentence.findall(re.sub(r"//.*", "", file.read_text(encoding="utf-8")))
             for file in (*STATIC.glob("*.js"), *STATIC.glob("*.html"))}  # fmt: skip
    assert len(found.pop("words.js")) > 40  # it would be seen
    assert not [words for words in found.values() if words], found


def test_a_neighbour_is_played_from_the_media_that_was_handed_over() -> None:
    rate, film = (
        Fraction(24),
        Media(FrameRange(40, 42, Fraction(24)), path=str(EXCERPT), space=SRGB),
    )
    first = replace(film, frames=FrameRange(0, 2, rate))
    gone = replace(film, path="/nowhere/at/all.mov")
    shot = Shot("p", "TCC", "0010", "g", FrameRange(0, 9, rate))
    project, colour, vault = Project("p", rate, 96, 54), Colour(PINNED), Vault(Path("/nowhere"))

    def ask(**media: Media) -> Turnover:
        elements = tuple(Element(Role(name), one) for name, one in media.items())
        return Turnover(shot, Work.insert, "slate", elements=elements)

    beside = Beside()
    told = beside.told(ask(before=film, after=gone), project, colour, vault)
    assert (told["before"]["frames"], told["before"]["fps"]) == ([19, 42], 24.0)  # a second
    assert told["after"]["frames"] is None
    assert "all.mov" in told["after"]["why"]
    assert beside.told(ask(), project, colour, vault) == {}
    last, space, aspect = beside.frame("before", 42, ask(before=film), project, colour, vault)
    assert last.shape[2] == 3
    assert (space, aspect) == (SRGB, 1)
    with pytest.raises(errors.FramesMissing):
        beside.frame("before", 43, ask(before=film), project, colour, vault)
    early = beside.told(ask(before=first), project, colour, vault)
    assert early["before"]["frames"] == [0, 2]  # its media begins there


def test_a_shot_whose_cut_has_changed_stands_so_and_comes_back() -> None:
    reel = Reel()
    version = {"name": "TCC_0010_v001", "shot": "g", "take": "aa.1", "number": 1, "kind": "temp",
               "by": "Kim", "path": "/s", "record": "ab", "handles": {"head": 8, "tail": 8},
               "frames": {"first": 1001, "last": 1064, "rate": "24"}}  # fmt: skip
    reel.absorb([asked(1), entry(2, "version", "TCC_0010_v001", "Kim", **version)])
    reel.absorb([entry(3, "state", "aa.2", state="cancelled", reason="no")])
    words = {"approved": "approved", "stale": "stale", "omitted": "omitted", "final": "final"}
    for number, (state, word) in enumerate(words.items(), 4):
        said = entry(number, "version_state", "TCC_0010_v001", "Kim", state=state, reason="v2")
        assert reel.absorb([said]) == {"g"}
        assert standing(reel.shot("g")) == word


@pytest.mark.parametrize("planted", [False, True])
def test_one_changed_protected_pixel_is_red_and_a_clean_frame_has_none(
    tmp_path: Path, planted: bool
) -> None:
    pixels = np.random.default_rng(1).random((HIGH, WIDE, 3)).astype(np.float16)
    write_exr(tmp_path / "plate.exr", pixels, attributes=Attributes(space="ACEScg"))
    result = pixels.copy()
    result[8:16, 10:20] *= np.float16(0.5)
    if planted:
        result.view("u2")[3, 35, 1] ^= 1  # the last bit, where nothing may change
    write_exr(tmp_path / "result.exr", result, attributes=Attributes(space="ACEScg"))
    soft = np.zeros((HIGH, WIDE), np.float32)
    soft[6:18, 8:22] = 1
    vault, name = Vault(tmp_path / "vault"), "ab" * 32
    vault.keep(name, lambda path: write_mask(path, soft, soft == 0))
    receipt = {"masks": {"1001": name}, "plate_files": {"1001": str(tmp_path / "plate.exr")},
               "space": "ACEScg"}  # fmt: skip
    outside = Outside(receipt, vault, 1001)
    under = np.full((HIGH // 2, WIDE // 2, 3), 200, np.uint8)  # half as large: still found
    shown = outside.coloured(under, read_plate(tmp_path / "result.exr")).astype(int)
    red = (shown[..., 0] > 240) & (shown[..., 1] < 90)
    assert red.any() == planted
    assert (shown[5, 7] != [200] * 3).any()  # teal: changed where it may
    assert (shown[0, 0] == 76).all()  # grey: protected
    with pytest.raises(errors.FramesMissing):
        Outside(receipt, vault, 1002)


def test_a_view_without_a_tone_curve_is_the_screen_of_the_sheets() -> None:
    colour = Colour(PINNED)
    first, *others = colour.views
    assert first == "Un-tone-mapped"
    assert "Raw" not in others
    picture = np.linspace(0, 1, 30, dtype=np.float32).reshape(2, 5, 3)
    plain = colour.convert(picture, "ACEScg", "sRGB Encoded Rec.709 (sRGB)")
    seen = colour.seen(picture, "ACEScg", first)
    assert np.allclose(np.clip(seen, 0, 1), np.clip(plain, 0, 1), atol=2e-3)
    toned = colour.seen(picture, "ACEScg", others[0])
    assert np.abs(toned - plain).max() > 0.02
    with pytest.raises(errors.ColorUnknown):
        colour.seen(picture, "ACEScg", "Raw")


def test_frames_are_made_behind_what_is_being_shot() -> None:
    def place() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    mine = place()
    with ThreadPoolExecutor(1, initializer=_stand_back) as makers:
        theirs = makers.submit(place).result()
    assert place() == mine  # who answers, and a daemon started from here, do not stand back
    if sys.platform == "linux":
        assert theirs == max(mine, 10)


def test_entries_that_are_told_are_not_asked_for_again_but_what_was_missed_is() -> None:
    reel, asks = Reel(), list[int]()
    day = [asked(1), *(entry(n, "note", "aa.1", "Kim", text=str(n)) for n in range(2, 6))]

    def entries(after: int, limit: int) -> list[Entry]:
        asks.append(after)
        return [one for one in day if one.number > after][:limit]

    watch = Watch(SimpleNamespace(entries=entries), reel)  # type: ignore[arg-type]  # all it asks
    with watch.listening() as news:
        watch._hear([Event("entry", one) for one in day[:2]])
        assert (reel.number, asks) == (2, [])
        assert "event: shots" in news.get_nowait()
        watch._hear([Event("entry", day[1]), Event("entry", day[3])])  # the third was lost
    assert asks[0] == 2
    assert [said["body"].get("text") for said in reel.take("aa.1").said[1:]] == list("2345")


def test_a_page_that_read_too_little_is_let_go_and_what_failed_is_asked_for_again() -> None:
    troubles = [errors.DaemonUnavailable("gone"), errors.TimedOut("busy")]
    ended = threading.Event()

    def entries(after: int, limit: int) -> list[Entry]:
        if troubles:
            raise troubles.pop(0)
        ended.set()
        return [asked(1)] if not after else []

    unit = SimpleNamespace(entries=entries, events=lambda: [])
    reel = Reel()
    watch = Watch(unit, reel)  # type: ignore[arg-type]  # all it asks
    with watch.listening() as news, watch:
        assert ended.wait(20)
        told = [news.get(timeout=20) for _ in range(4)]
    assert [one.split("\n")[0].removeprefix("event: ") for one in told] == [
        "link", "trouble", "shots", "link",
    ]  # fmt: skip
    assert '"up": true' in told[-1]
    assert (reel.number, watch.reachable) == (1, True)
    with watch.listening() as news:
        for number in range(news.maxsize + 3):
            watch.packet({"name": str(number)})
        heard = [news.get_nowait() for _ in range(news.qsize())]
    assert heard[-1] == LET_GO
    assert LET_GO not in heard[:-1]


def test_the_queue_tells_memory_as_the_daemon_last_saw_it() -> None:
    rows = [{"name": "computer", "used": 1, "all": 2, "ours": None, "device": False}]
    seen = iter((None, rows))
    unit = SimpleNamespace(queue=list, status=lambda: {"stages": {}, "memory": next(seen)})
    line = Line(unit, Reel())  # type: ignore[arg-type]  # all it asks
    assert [line.told()["memory"] for _ in range(2)] == [[], rows]


def test_a_reshoot_keeps_the_kind_of_its_options_and_refuses_a_seed_that_is_none() -> None:
    first, sent = asked(1), list[Turnover]()
    body: dict[str, Any] = first.body
    options = {"strength": 1.0, "steps": 20, "slow": True}
    turnover = {**body["turnover"], "options": options}
    reel = Reel()
    reel.absorb([replace(first, body={**body, "turnover": turnover})])
    unit = SimpleNamespace(turn_over=lambda one: sent.append(one) or ())  # type: ignore[func-returns-value]  # a list keeps it
    reshoot = Deciding(unit, reel).verbs["reshoot"]  # type: ignore[arg-type]  # all it asks
    again = {"take": "aa.1", "by": "Ada", "brief": "A wall."}
    reshoot({**again, "seed": "-7", "options": {**options, "strength": 1, "steps": 30}})
    assert (sent[0].seed, sent[0].brief, sent[0].artist) == (-7, "A wall.", "Ada")
    assert sent[0].options == {**options, "steps": 30}
    assert {name: type(one) for name, one in sent[0].options.items()} == {
        "strength": float, "steps": int, "slow": bool,
    }  # fmt: skip
    for wrong in ({"seed": "9" * 5000}, {"seed": "7.5"}, {"options": [1]}):
        with pytest.raises(errors.FieldError):
            reshoot({**again, **wrong})
    assert len(sent) == 1
    reshoot({**again, "options": {"other": 1}})  # whether there is one, the daemon says
    assert sent[1].options == {**options, "other": 1}


def test_a_plan_is_told_in_sentences_with_every_option_and_how_it_is_set() -> None:
    declared = [
        {"name": name, "default": default, "sentence": "how", "low": None, "high": None,
         "choices": choices}
        for name, default, choices in (("look", "toon", ["toon", "pencil"]), ("on", True, []),
                                       ("steps", 20, []), ("far", 1.0, []), ("words", "", []))
    ]  # fmt: skip
    plan = {"frames": {"first": 1001, "last": 1024}, "width": 96, "height": 54,
            "declared": declared, "remarks": ["made from one frame"],
            "refusals": ["it is too small"],
            "predicted": {"seconds": 90.0, "takes": 4, "device": "cpu"}, "cost": None}  # fmt: skip
    told = planned(plan, 2)
    assert [one["kind"] for one in told["options"]] == [
        "choice", "switch", "whole", "number", "words",
    ]  # fmt: skip
    assert told["options"][0]["sentence"] == "How."
    assert told["refusals"] == ["It is too small."]
    assert told["says"][0].endswith("24 frames, 96 x 54, with handles, about 3 min of shooting.")
    assert told["says"][-1] == "Made from one frame."
