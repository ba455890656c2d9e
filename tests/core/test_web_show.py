"""The show view's sheets: the bible off cards, rights as they stand today, packets as they come."""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from secondunit.editorial.cards import Card, CastMember, Prop
from secondunit.packet.cost import Rates, Spent
from secondunit.packet.steps import FILES, Step
from secondunit.rights import Register
from secondunit.web import bible
from secondunit.web.packets import Order, Packets
from secondunit.web.reel import Reel
from secondunit.web.register import Ran, told
from secondunit.web.show import Show, Sources
from secondunit.web.watch import Watch
from secondunit_bridge.errors import (
    FieldError,
    Locked,
    NameMissing,
    RightsRefused,
    SecondUnitError,
    UnknownId,
)
from secondunit_bridge.film import Element, Entry, Media, Role, Shot, Turnover, Work
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.wire import plain

TODAY = date(2026, 11, 22)


def turnover(code: str, card: dict[str, Any] | None, generator: str = "slate") -> Turnover:
    cut = FrameRange(0, 9, Fraction(24))
    return Turnover(Shot("p", "TCC", code, f"guid-{code}", cut), Work.insert, generator,
                    cards={"take": json.dumps(card)} if card else {})  # fmt: skip


def test_the_bible_is_read_off_cards_and_names_a_card_that_cannot_be_read() -> None:
    glass = [{"name": "glass", "state": "full", "region": [0.1, 0.1, 0.2, 0.2]}]
    half = [{"name": "glass", "state": "half"}]
    asked = [
        turnover("0010", {"scene": "12", "day": "D1", "setup": "12A", "master": True,
                          "cast": [{"name": "Vera"}], "props": glass}),
        turnover("0020", {"scene": "12", "day": "D1", "setup": "12A", "cast": [{"name": "Vera"}],
                          "props": half}, "looks"),
        turnover("0030", {"cast": "Vera"}),
    ]  # fmt: skip
    cut = bible.Pages(
        (bible.Carded("12A/4", Card(cast=(CastMember("Otto"),), props=(Prop("glass"),)), clip=3),),
        {"Vera": 2},
    )
    said = bible.told(bible.joined(cut, bible.own_pages(asked)), asked)
    assert [(one["name"], one["approved"], [w["shot"] for w in one["in"]])
            for one in said["cast"]] == [
        ("Vera", 2, ["TCC_0010", "TCC_0020"]), ("Otto", 0, ["12A/4"]),
    ]  # fmt: skip
    (prop,) = said["props"]
    assert [state["state"] for state in prop["states"]] == ["", "full", "half"]
    (setup,) = said["setups"]
    assert (setup["name"], setup["master"]["shot"]) == ("12A", "TCC_0010")
    assert said["days"][-1] == {"name": "D1", "scenes": ["12"], "shots": 2}
    assert [(one["generator"], len(one["shots"])) for one in said["looks"]] == [
        ("slate", 2), ("looks", 1),
    ]  # fmt: skip
    assert said["wrong"][0].startswith("TCC_0030: ")


def test_a_card_of_the_cut_counts_before_the_same_shots_own() -> None:
    own = bible.own_pages([turnover("0010", {"scene": "old"})])
    cut = bible.Pages((bible.Carded("TCC_0010", Card(scene="new"), "guid-0010", 0),))
    assert [one.card.scene for one in bible.joined(cut, own).shots] == ["new"]


def test_a_productions_own_bible_completes_what_came_with_takes_and_names_its_cast(
    tmp_path: Path,
) -> None:
    (tmp_path / "cast/Vera").mkdir(parents=True)
    (tmp_path / "cast/Vera/1.png").write_bytes(b"")
    (tmp_path / "bible.toml").write_text(
        '[bible]\ngallery = "cast"\nmasters = { 12A = "TCC_0010" }\n[bible.setups.12A]\n'
        'key_side = "left"\n[sequences.TCC]\nday = "3"\n[[card]]\nclip = "TCC_0020"\n'
        'setup = "12A"\ncast = [{ name = "Vera" }]\n'
    )
    reel = Reel()
    project = {"name": "p", "rate": "24", "width": 96, "height": 54,
               "store": str(tmp_path / "store")}  # fmt: skip
    asked = [turnover("0010", {"setup": "12A"}), turnover("0020", None)]
    reel.absorb([
        Entry(1, "project", "p", 1e9, "", project, ""),
        *(Entry(n, "turnover", f"d{n}", 1e9, "Kim", {"turnover": plain(one), "takes": []}, "")
          for n, one in enumerate(asked, 2)),
    ])  # fmt: skip
    said = sheets(reel, tmp_path).whole()["bible"]
    (setup,) = said["setups"]
    assert (setup["day"], setup["key_side"], setup["master"]["shot"]) == ("3", "left", "TCC_0010")
    assert [one["shot"] for one in setup["in"]] == ["TCC_0010", "TCC_0020"]
    (vera,) = said["cast"]
    assert (vera["name"], vera["approved"], vera["in"][0]["shot"]) == ("Vera", 1, "TCC_0020")
    (tmp_path / "bible.toml").write_text("[bible]\nmasters = 3\n")
    broken = sheets(reel, tmp_path).whole()["bible"]
    assert broken["wrong"]
    assert [one["name"] for one in broken["setups"]] == ["12A"]  # what came with takes still counts


def answered(number: int, finding: str, answer: str) -> Entry:
    said = {"finding": finding, "answer": answer, "by": "Ada", "reason": "seen", "take": "aa.1"}
    return Entry(number, "waiver", finding, 1e9, "Ada", said, "")


def test_the_share_of_false_alarms_is_that_of_the_last_answers_and_quiet_checks_say_so(
    tmp_path: Path,
) -> None:
    reel = Reel()
    asked = {"turnover": plain(turnover("0010", None)),
             "takes": [{"id": "aa.1", "number": 1, "seed": 1}]}  # fmt: skip
    reel.absorb([
        Entry(1, "turnover", "aa", 1e9, "Kim", asked, ""),
        answered(2, "aa.1/focus.soft", "not_an_error"),
        answered(3, "aa.1/focus.soft", "fix"),  # thought better of it
        *(answered(n, f"aa.1/prop.change.{n}", "not_an_error" if n % 3 == 0 else "fix")
          for n in range(4, 34)),
    ])  # fmt: skip
    checks = sheets(reel, tmp_path).whole()["checks"]
    rows = {one["check"]: one for one in checks["rows"]}
    assert (rows["focus.soft"]["not_errors"], rows["focus.soft"]["answers"]) == (0, 1)
    prop = rows["prop.change"]
    assert (prop["answers"], prop["rate"], prop["quiet"]) == (30, 0.3333, True)
    assert not rows["focus.soft"]["quiet"]


def sheets(reel: Reel, home: Path, spent: Any = None) -> Show:
    """The show view of a home without a daemon."""
    sources = Sources(home, Maker().build, spent or (lambda: ([], Rates())))
    return Show(reel, Watch(None, reel), sources)  # type: ignore[arg-type]  # asks no daemon


def row(number: int, table: str, **said: Any) -> Entry:
    return Entry(number, "right", said["id"], 1e9, "Noor", {"table": table, "row": said}, "")


def register() -> Register:
    return Register.of([
        row(1, "asset", id="quill", kind="lora", name="Quill", files=["ab" * 32],
            status="cleared", not_after="2026-12-11"),
        row(2, "asset", id="old", kind="model", name="Old", status="cleared",
            not_after="2026-11-01"),
        row(3, "asset", id="gone", kind="model", name="Gone", status="withdrawn"),
        row(4, "asset", id="far", kind="model", name="Far", status="cleared",
            not_after="2028-01-01"),
        row(5, "consent", id="vera", performer="P-1", kind="voice", signed="2026-01-01",
            instrument="cd" * 32, not_after="2026-11-30", projects=["TCC"]),
        row(6, "binding", id="b", asset="quill", consent="vera"),
        row(7, "consent", id="unsigned", performer="P-2", kind="voice"),
    ])  # fmt: skip


def test_what_lapses_says_which_shots_used_it_and_what_is_far_off_is_not_listed() -> None:
    ran = [Ran("g", "TCC_0010", 2, "TCC_0010_v001", "quill", ("ab" * 32,))]
    said = told(register(), ran, TODAY)
    assert {one["id"]: one["state"] for one in said["assets"]} == {
        "quill": "cleared", "old": "lapsed", "gone": "withdrawn", "far": "cleared",
    }  # fmt: skip
    assert {one["id"]: one["state"] for one in said["consents"]} == {
        "vera": "cleared", "unsigned": "unsigned",
    }  # fmt: skip
    lapses = {one["id"]: one for one in said["lapses"]}
    assert {id: (one["past"], one["left"]) for id, one in lapses.items()} == {
        "old": (True, -21), "vera": (False, 8), "quill": (False, 19),
    }  # fmt: skip
    used = [{"guid": "g", "shot": "TCC_0010", "take": 2, "version": "TCC_0010_v001"}]
    assert lapses["quill"]["uses"] == lapses["vera"]["uses"] == used  # it covers what quill shows
    assert lapses["old"]["uses"] == []


@pytest.mark.parametrize("changed", [False, True])
def test_a_reference_says_which_takes_were_made_from_it_by_the_bytes_of_its_file(
    tmp_path: Path, changed: bool
) -> None:
    sofa, film = tmp_path / "sofa.png", tmp_path / "film.mov"
    for file in (sofa, film):
        file.write_bytes(file.name.encode())
        os.utime(file, (1e9, 1e9 + 9 * changed))  # written anew after the take was shot, or not
    still = FrameRange(0, 0, Fraction(24))

    def asked(number: int, *elements: Element) -> Entry:
        body = {"turnover": plain(replace(turnover("0010", None), elements=elements)),
                "takes": [{"id": f"d{number}.1", "number": number, "seed": 1}]}  # fmt: skip
        return Entry(number, "turnover", f"d{number}", 1e9, "Kim", body, "")

    def of(role: Role, file: Path) -> Element:
        return Element(role, Media(still, path=str(file)))

    own = (of(Role.reference, film), of(Role.before, film))  # footage of the cut itself
    shot = {"id": "d1.1", "turnover": "d1", "shot": "guid-0010", "name": "TCC_0010", "number": 1,
            "seed": 1, "state": "pending_review"}  # fmt: skip
    reel = Reel()
    reel.absorb([
        asked(1, of(Role.reference, sofa)), asked(2, *own), asked(3, of(Role.reference, sofa)),
        Entry(4, "take", "d1.1", 1e9 + 4, "", shot, ""),
        Entry(5, "take", "d2.1", 1e9 + 4, "", {**shot, "id": "d2.1", "number": 2}, ""),
    ])  # fmt: skip
    show = sheets(reel, tmp_path)
    used = [{"guid": "guid-0010", "shot": "TCC_0010", "take": 1, "version": ""}]
    (bare,) = show.whole()["rights"]["assets"]  # nobody wrote a row; the third was never shot
    assert (bare["name"], bare["kind"], bare["state"], bare["entry"], bare["uses"]) == (
        "sofa.png", "reference", "draft", 0, used,
    )  # fmt: skip
    digest = sha256(b"sofa.png").hexdigest()
    reel.absorb([row(6, "asset", id="couch", kind="reference", name="Couch", files=[digest],
                     status="cleared")])  # fmt: skip
    rows = {one["id"]: one["uses"] for one in show.whole()["rights"]["assets"]}
    assert rows == ({"couch": [], "sofa.png": used} if changed else {"couch": used})


@dataclass
class Made:
    sha256: str = "ef" * 32
    files: tuple[str, ...] = ("packet.json", "packet.pdf")
    findings: tuple[Any, ...] = ()


@dataclass
class Maker:
    """Writes files one after the other, each when it is let; refuses when it is told to."""

    turns: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    refuses: bool = False
    breaks: bool = False

    def build(self, order: Order) -> Made:
        order.out.mkdir(parents=True)
        for name, step in (("packet.json", FILES), ("packet.pdf", Step("pages", 0.5, 7))):
            assert self.turns.acquire(timeout=20)
            order.hear(step)
            (order.out / name).write_bytes(b"%PDF-1")
        if self.breaks:
            raise OSError("no such disk")
        if self.refuses:
            raise RightsRefused("quill has lapsed", hint="Renew it.")
        return Made()


def until(heard: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for one in heard:
            if all(one[name] == value for name, value in wanted.items()):
                return one
        time.sleep(0.02)
    raise AssertionError(f"never {wanted}: {heard}")


def test_a_packet_tells_which_page_of_it_is_set_and_only_one_is_built_at_a_time(
    tmp_path: Path,
) -> None:
    heard: list[dict[str, Any]] = []
    maker = Maker()
    packets = Packets(tmp_path, maker.build, heard.append)
    asked = packets.ask(Path("my cut.otio"), "Ines", draft=False)
    with pytest.raises(Locked):
        packets.ask(Path("my cut.otio"), "Ines", draft=False)
    maker.turns.release()
    assert until(heard, state="building", step="files")["done"] == FILES.done
    with pytest.raises(UnknownId):
        packets.pages(asked["name"])
    maker.turns.release()
    assert until(heard, state="building", page=7)["done"] == 0.5
    assert until(heard, state="built")["files"] == 2
    assert packets.pages(asked["name"]).startswith(b"%PDF")
    assert asked["name"].startswith("my_cut-")
    (again,) = Packets(tmp_path, maker.build, heard.append).told()  # after a restart
    assert (again["state"], again["cut"]) == ("built", "my_cut")


def test_a_packet_that_rights_stand_against_says_why_and_what_to_do(tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []
    maker = Maker(refuses=True)
    maker.turns.release(2)
    Packets(tmp_path, maker.build, heard.append).ask(Path("a.otio"), "I", draft=False)
    error = until(heard, state="refused")["error"]
    assert (error["code"], error["hint"]) == ("E_RIGHTS", "Renew it.")


def test_after_a_packet_that_broke_another_can_be_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)  # it is told to the terminal
    heard: list[dict[str, Any]] = []
    maker = Maker(breaks=True)
    maker.turns.release(4)
    packets = Packets(tmp_path, maker.build, heard.append)
    packets.ask(Path("a.otio"), "I", draft=False)
    assert "secondunit packet" in until(heard, state="refused")["error"]["hint"]
    maker.breaks = False
    assert packets.ask(Path("a.otio"), "I", draft=False)["state"] == "building"
    assert until(heard, state="built")["error"] == {}


def test_a_packet_is_of_the_cut_that_was_meant_though_the_list_has_changed(tmp_path: Path) -> None:
    reel, cuts = Reel(), [tmp_path / "old.otio", tmp_path / "new.otio"]
    for number, cut in enumerate(cuts, 1):
        cut.write_text("{}")
        reel.absorb([Entry(number, "cut_in", "v", number, "Noor", {"cut": str(cut)}, "")])
    with pytest.raises(FieldError, match="expected one of the list"):
        sheets(reel, tmp_path).packet({"cut": 0, "name": "old.otio", "by": "I"})
    with pytest.raises(SecondUnitError, match="new"):  # which plays nothing
        sheets(reel, tmp_path).packet({"cut": 0, "name": "new.otio", "by": "I"})


def test_costs_are_counted_again_only_when_the_ledger_has_grown(tmp_path: Path) -> None:
    counted: list[int] = []

    def spent() -> tuple[list[Spent], Rates]:
        counted.append(1)
        return [Spent("TCC_0010", takes=2, junk=1, review_s=3600.0)], Rates()

    reel = Reel()
    show = sheets(reel, tmp_path, spent)
    assert show.costs()["all"]["total"] == 65.0
    assert show.costs()["all"]["junk_ratio"] == 0.5
    assert len(counted) == 1
    reel.absorb([row(1, "marking", id="all", on=True, by="Noor", reason="")])
    show.costs()
    assert len(counted) == 2
    for said, error in (({"cut": 0, "by": " "}, NameMissing), ({"cut": 9, "by": "I"}, FieldError)):
        with pytest.raises(error):
            show.packet(said)
    with pytest.raises(UnknownId):
        show.face("../etc", 0)
