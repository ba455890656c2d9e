"""``tracker``: tell Kitsu what was published, and bring back what was said there."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import typer
from secondunit_bridge.errors import SettingWrong

from .packet import LEDGER
from .say import COULD_NOT, DONE, JsonFlag, Say

if TYPE_CHECKING:
    from pathlib import Path

    from ..trackers.kitsu import Kitsu
    from ..trackers.outbox import Outbox


def group() -> typer.Typer:
    """The ``tracker`` commands."""
    app = typer.Typer(
        name="tracker",
        help="Kitsu: versions out, retakes and notes in, as proposals.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    for command in (push, pull, status):
        app.command()(command)
    return app


def push(json: JsonFlag = False) -> int:
    """Tell Kitsu every version and state it has not heard. Run it as often as you like."""
    from ..ledger import Ledger
    from ..trackers import sending

    say = Say(as_json=json)
    home, outbox, kitsu = _site()
    with Ledger(home / LEDGER, reading=True) as book:
        sending.catch_up(book, outbox)
        kitsu.log_in()
        with say.busy("Telling Kitsu"):
            told = sending.push(book, outbox, kitsu, time.time())
    standing = outbox.standing()
    say.line(f"Told: {told.done}. Still waiting: {standing['waiting']}.")
    if told.error:
        say.line(f"    {told.error}", style="yellow")
    say.done({"told": told.done, "failed": told.failed, **standing})
    return COULD_NOT if told.failed else DONE


def pull(json: JsonFlag = False) -> int:
    """List what was said in Kitsu about our versions since the last time. Nothing is changed."""
    from ..trackers import sending

    say = Say(as_json=json)
    _, outbox, kitsu = _site()
    kitsu.log_in()
    found = sending.pull(outbox, kitsu)
    for one in found:
        say.line(one.sentence)
    if not found:
        say.line("Nothing new.")
    say.done({"proposals": found})
    sending.told(outbox, found)  # only now: what nobody was told comes again
    return DONE


def status(json: JsonFlag = False) -> int:
    """Say how much Kitsu has heard and how much still waits. Asks nothing of the network."""
    say = Say(as_json=json)
    _, outbox, _ = _site()
    standing = outbox.standing()
    say.line(f"Told: {standing['done']}. Waiting: {standing['waiting']}.")
    if standing["last_error"]:
        say.line(f"    {standing['last_error']}", style="yellow")
    say.done(standing)
    return DONE


def _site() -> tuple[Path, Outbox, Kitsu]:
    from ..settings import Settings
    from ..trackers.kitsu import FILE, Kitsu, Site
    from ..trackers.kitsu_plugin import TRACKER
    from ..trackers.outbox import Outbox

    home = Settings.load(os.environ).home
    site = Site.of(home)
    if site is None:
        raise SettingWrong(
            f"no tracker is set up: there is no {FILE} in {home}",
            hint='Write one with: host = "https://kitsu.your.studio/api" (docs/provenance.md).',
        )
    return home, Outbox(home, TRACKER), Kitsu(site)
