"""The same publishing against a real Kitsu (zou): only where a person names one.

SECONDUNIT_TEST_KITSU is its address, KITSU_EMAIL and KITSU_PASSWORD an account that may make a
production; everything is made in a production of the test's own, and stays there.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest
from tiny_movie import tiny_movie

HOST = os.environ.get("SECONDUNIT_TEST_KITSU", "")
pytestmark = [
    pytest.mark.skipif(not HOST, reason="SECONDUNIT_TEST_KITSU names no server"),
    pytest.mark.timeout(300),
]


def test_a_version_is_published_once_and_a_retake_is_heard(tmp_path: Path):
    import gazu
    from secondunit.trackers.kitsu import Kitsu, Site

    name = f"SU {uuid.uuid4().hex[:8]}"
    kitsu = Kitsu(Site(HOST))
    kitsu.log_in()
    gazu.project.new_project(name, production_type="short", client=kitsu._client)
    task = kitsu.task(name, "SQ010", "0010", (1001, 1024))
    assert kitsu.task(name, "SQ010", "0010", (1001, 1024)) == task
    movie = tiny_movie(tmp_path / "a.mov", 12)
    for _ in range(2):
        kitsu.publish(task, "pending_review", "Second Unit: v001", movie, "ab" * 32)
    kitsu.say(task, "approved", "Second Unit: v001 is approved")
    there = gazu.files.get_all_preview_files_for_task({"id": task}, client=kitsu._client)
    assert [one["data"]["su_record"] for one in there] == ["ab" * 32]
    retake = gazu.task.get_task_status_by_short_name("retake", client=kitsu._client)
    gazu.task.add_comment({"id": task}, retake, "eyeline off", client=kitsu._client)
    said = kitsu.comments(task)
    assert sorted(one["text"] for one in said) == [
        "Second Unit: v001", "Second Unit: v001 is approved", "eyeline off"]  # fmt: skip
    heard = next(one for one in said if one["text"] == "eyeline off")
    assert kitsu.ours(heard["task_status"]["short_name"]) == "changes_requested"
