"""The queue: order, fairness, leases."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st
from secondunit.jobs import Job, Jobs


def shoot_all(jobs: Jobs) -> list[str]:
    shot = []
    while job := jobs.next("gpu"):
        jobs.done(job.take)
        shot.append(job.take)
    return shot


def queue(*jobs: Job) -> Jobs:
    made = Jobs()
    for job in jobs:
        made.add(job)
    return made


def test_takes_of_one_client_are_shot_in_the_order_they_were_asked():
    assert shoot_all(queue(*(Job(f"t{n}", "x", "nuke") for n in range(5)))) == [
        f"t{n}" for n in range(5)
    ]


def test_a_client_with_two_takes_does_not_wait_behind_one_with_a_hundred():
    many = [Job(f"a{n}", "x", "resolve") for n in range(100)]
    shot = shoot_all(queue(*many, Job("b0", "y", "nuke"), Job("b1", "y", "nuke")))
    assert shot.index("b0") <= 1
    assert shot.index("b1") <= 3


def test_a_higher_priority_is_shot_first():
    assert shoot_all(queue(Job("slow", "x"), Job("urgent", "x", priority=5)))[0] == "urgent"


def test_a_cancelled_take_never_comes_up():
    jobs = queue(Job("a", "x"), Job("b", "x"))
    assert jobs.drop("a")
    assert not jobs.drop("a")
    assert shoot_all(jobs) == ["b"]


def test_a_lost_attempt_is_shot_again_before_the_rest_of_its_line():
    jobs = queue(Job("a", "x"), Job("b", "x"))
    first = jobs.next("gpu")
    assert first is not None
    assert first.take == "a"
    assert jobs.leased("gpu") == (first,)
    jobs.back("a")
    assert jobs.leased() == ()
    assert shoot_all(jobs) == ["a", "b"]


def test_a_suspended_take_rests_until_it_is_resumed():
    jobs = queue(Job("a", "x"), Job("b", "x"))
    assert jobs.suspend("a")
    assert shoot_all(jobs) == ["b"]
    assert jobs.resume("a")
    assert shoot_all(jobs) == ["a"]


def test_takes_are_found_by_turnover_and_by_client_wherever_they_are():
    jobs = queue(Job("a", "x", "nuke"), Job("b", "y", "nuke"), Job("c", "y", "blender"))
    jobs.next("gpu")
    jobs.suspend("b")
    assert {j.take for j in jobs.find(client="nuke")} == {"a", "b"}
    assert {j.take for j in jobs.find(turnover="y")} == {"b", "c"}
    assert [j.take for j in jobs.find(take="a")] == ["a"]
    assert jobs.find(take="nothing") == ()


def test_ten_thousand_waiting_takes_are_listed_and_one_cancelled_in_no_time():
    jobs = queue(*(Job(f"t{n}", f"x{n // 4}", f"c{n % 7}") for n in range(10_000)))
    start = time.perf_counter()
    assert len(list(jobs)) == 10_000
    assert jobs.drop("t5000")
    assert time.perf_counter() - start < 1  # the figure is measured in benchmarks


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 2), st.booleans()), min_size=1, max_size=60
    )
)
def test_every_take_that_is_not_cancelled_comes_up_exactly_once(asked):
    jobs = queue(*(Job(f"t{n}", "x", c, p) for n, (c, p, _) in enumerate(asked)))
    kept = {f"t{n}" for n, (*_, gone) in enumerate(asked) if not gone}
    for n, (*_, gone) in enumerate(asked):
        if gone:
            jobs.drop(f"t{n}")
    shot = shoot_all(jobs)
    assert sorted(shot) == sorted(kept)
    assert len(jobs) == 0
