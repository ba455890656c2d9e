"""What a shoot would take, in words: what is known is said, what is not is not made up."""

from __future__ import annotations

from secondunit_bridge.estimating import lasting, money_said, needs_said, plan_said
from secondunit_bridge.memory import NO_CARD, Memory, free_said, memories, room_said

CARD = Memory("RTX 6000", used=10_000_000_000, all=50_000_000_000, ours=2_000_000_000, device=True)
HERE = Memory("computer", used=4_000_000_000, all=16_000_000_000)
PLAN = {
    "frames": {"first": 1001, "last": 1040, "rate": "24"}, "width": 1920, "height": 1080,
    "memory_bytes": 12_000_000_000, "remarks": ["in two runs"], "refusals": [],
    "predicted": {"seconds": 90.0, "takes": 4, "device": "cuda:0"},
    "cost": {"amount": 0.1875, "currency": "EUR", "example": False},
}  # fmt: skip


def test_a_plan_says_frames_memory_time_where_that_is_known_from_room_and_money():
    assert plan_said(PLAN, 3, (CARD, HERE)) == (
        "3 takes of 40 frames, 1920 x 1080, with handles, 12.00 GB of memory, about 4 min of"
        " shooting.",
        "The time is that of 4 takes before, the latest on cuda:0.",
        "RTX 6000 has 40.0 GB free.",
        "Machine time would cost 0.19 EUR (by your rates).",
        "Nothing leaves this machine.",
        "In two runs.",
    )


def test_what_nobody_knows_is_not_made_up():
    bare = {**PLAN, "predicted": None, "cost": None, "memory_bytes": 0}
    assert plan_said(bare, 1, None)[:2] == (
        "1 take of 40 frames, 1920 x 1080, with handles.",
        "How long it takes is not known before the first take of its kind.",
    )
    assert money_said(bare) == ""
    assert needs_said({**bare, "seconds": 8.2}) == ", about 8 s of shooting"
    rates = {"amount": 0.0004, "currency": "USD", "example": True}
    assert "less than 0.01 USD (by example rates" in money_said({"cost": rates})
    assert [lasting(s) for s in (0.2, 59, 90, 5399, 9000)] == [
        "1 s", "59 s", "2 min", "90 min", "2.5 h",
    ]  # fmt: skip


def test_room_is_said_of_the_card_and_of_the_computer_only_where_there_is_none():
    assert room_said((CARD, HERE), 45_000_000_000) == (
        "RTX 6000 has only 40.0 GB free: something else holds the rest."
    )
    assert "has 50.0 GB in all: that is too little" in room_said((CARD, HERE), 60_000_000_000)
    assert room_said((HERE,), 1) == "The computer has 12.0 GB free."
    assert room_said((), 1) == room_said(None, 1) == room_said((CARD,), 0) == ""
    assert free_said((CARD, HERE)) == (
        "RTX 6000: 40.0 of 50.0 GB free, 2.0 GB of it held by Second Unit.",
        "The computer: 12.0 of 16.0 GB free.",
    )
    assert free_said((HERE,))[0] == NO_CARD
    assert "not known yet" in free_said(None)[0]


class Asked:
    """A daemon that has looked by the third time it is asked, or one too old to look at all."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def status(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_a_daemon_that_has_to_look_first_is_asked_again_and_an_older_one_is_not_waited_for():
    rests = []
    row = {"name": "computer", "used": 1, "all": 2, "ours": None, "device": False}
    looking = Asked({"memory": None}, {"memory": None}, {"memory": [row]})
    assert memories(looking, rest=lambda: rests.append(1)) == (Memory("computer", 1, 2),)
    assert len(rests) == 2
    assert memories(Asked({"waiting": 0}), rest=lambda: rests.append(1)) is None
    assert len(rests) == 2
