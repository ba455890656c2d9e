"""The page of a changed lock: every shot of ours with what became of it, and nothing that runs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from lock_material import cut_of, foreign, ours, showing
from secondunit.cli.recut import WORDS
from secondunit.cli.sheet import lock
from secondunit.editorial.recut import compare


def page(tmp_path: Path, new: list, name: str = "TCC_v12") -> str:
    old = cut_of([ours(0), foreign(0), ours(1), foreign(1), ours(2)])
    cuts = replace(old, name="TCC_v11"), replace(cut_of(new), name=name)
    lock.write_lock(cuts, compare(*cuts), WORDS, tmp_path / "plan" / "page.html")
    return (tmp_path / "plan" / "page.html").read_text(encoding="utf-8")


def test_what_must_be_made_comes_first_and_every_frame_has_its_colour(tmp_path):
    grown = showing(ours(1), 1009, 60)
    text = page(tmp_path, [ours(0), foreign(0), grown, {**foreign(1), "name": "other"}])
    assert "12 frames to make, and no others." in text
    names = re.findall(r"<h3>(\S+)</h3><span class=\"became\">([\w ]+)</span>", text)
    assert names == [("SQ_0010_v001", "extended beyond"), ("SQ_0020_v001", "omitted"),
                     ("SQ_0000_v001", "same")]  # fmt: skip
    lane = text.partition("SQ_0010_v001</h3>")[2].partition("</li>")[0]
    bars = re.findall(r'class="(\w+)" style="left:([\d.]+)%;width:([\d.]+)%"', lane)
    assert bars == [("there", "0.0", "82.3529"), ("keep", "11.7647", "70.5882"),
                    ("make", "82.3529", "17.6471")]  # fmt: skip
    assert "01:00:02:04 - 01:00:03:19 → 01:00:02:04 - 01:00:04:15" in lane
    assert "parked until the shot is back" in text


def test_a_cut_that_is_as_it_was_has_nothing_to_make(tmp_path):
    text = page(tmp_path, [ours(0), foreign(0), ours(1), foreign(1), ours(2)])
    assert "No frame is to be made." in text
    assert "All others are as they were" in text


def test_names_are_text_and_nothing_runs_or_is_fetched(tmp_path, monkeypatch):
    bad = "<script>alert(1)</script>"
    many = [{**showing(foreign(9), 40 + n, 5), "name": f"{bad}{n}"} for n in range(4)]
    monkeypatch.setattr(lock, "MOST", 2)
    text = page(tmp_path, [ours(0), *many], name=bad)
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "http" not in text.replace('http-equiv="Content-Security-Policy"', "")
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
    assert text.count("<tr ") == 2
    assert "And 4 more" in text  # two new ones, and two of the old cut that are gone
