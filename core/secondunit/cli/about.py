"""``settings``, ``generators``, ``checks``: what this installation is and can do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from secondunit_bridge.film import Model
from secondunit_bridge.wire import plain

from .say import DONE, JsonFlag, Say

if TYPE_CHECKING:
    from ..continuity.trust import Trust
    from ..hookspecs import AnyCheck


def add_to(app: typer.Typer) -> None:
    """Put the commands in."""
    for command in (settings, generators, checks):
        app.command()(command)


def settings(json: JsonFlag = False) -> int:
    """Print each setting, its value, and the variable that changes it."""
    from ..settings import Settings

    say = Say(as_json=json)
    rows = Settings.load(os.environ).table()
    for row in rows:
        say.line(f"{row.name} = {row.value}", style="bold")
        say.line(f"    {row.help}")
        say.line(f"    {_variable(row.name) or 'not set by itself'}; now from: {row.source}")
    said = [{**row._asdict(), "variable": _variable(row.name)} for row in rows]
    say.done({"settings": said})
    return DONE


def generators(json: JsonFlag = False) -> int:
    """List the generators: what each shoots, needs, and can be told."""
    say = Say(as_json=json)
    held, against = _registered(say)
    plugins = _plugins(held)
    abouts = [plugins.generators[name].about for name in sorted(plugins.generators)]
    for about in abouts:
        say.line(f"{about.name}  {about.version}", style="bold")
        say.line(f"    {about.sentence}")
        say.line(f"    shoots {', '.join(work.value for work in about.works)}")
        for port in about.ports:
            needed = "" if port.required else " (may be left out)"
            say.line(f"    takes {port.role.value}{needed}: {port.sentence}")
        for option in about.options:
            say.line(f"    --option {option.name}={_shown(option.default)}: {option.sentence}")
        for sentence in (said for name in about.models for said in against.get(name, ())):
            say.line(f"    {sentence}", style="yellow")
    say.done({"generators": plain(abouts), "refused": _refused(plugins)})
    return DONE


def checks(json: JsonFlag = False) -> int:
    """List the checks: what each measures, against which limits, and where those come from.

    In a project's folder: with the limits of its profile.toml, and how far each is trusted there.
    """
    say, plugins = Say(as_json=json), _plugins()
    known, earned = _on_this_show(plugins.checks, say)
    abouts = [known[name].about for name in sorted(known)]
    for about in abouts:
        say.line(f"{about.name}  {about.version}  ({about.scope.value})", style="bold")
        say.line(f"    {about.sentence}")
        limits = [
            f"{word} at {limit:g} {about.unit}".rstrip()
            for word, limit in (("look", about.look), ("stop", about.stop))
            if limit is not None
        ]
        whose = f"This limit is {about.set_by}. " if about.set_by else ""
        say.line(f"    {', '.join(limits) or 'no limit'}. {whose}{about.source}")
        codes = [f"{by} {code}" for by, code in (("Netflix", about.codes.netflix),
                                                  ("EBU", about.codes.ebu)) if code]  # fmt: skip
        if codes:
            say.line(f"    known as {', '.join(codes)}")
        if about.name in earned:
            hushed = ": quiet" if earned[about.name].quiet else ""
            say.line(f"    on this show {earned[about.name].words}{hushed}")
    trusted = {name: {"answers": one.answers, "not_errors": one.not_errors, "rate": one.rate,
                      "quiet": one.quiet} for name, one in earned.items()}  # fmt: skip
    say.done({"checks": plain(abouts), "trust": trusted, "refused": _refused(plugins)})
    return DONE


def _on_this_show(
    checks: Mapping[str, AnyCheck], say: Say
) -> tuple[Mapping[str, AnyCheck], dict[str, Trust]]:
    """The checks with the limits of the project of this folder, and what they have earned in it."""
    from ..continuity.profile import profile_of, tuned
    from ..settings import Settings
    from .answered import earned_on
    from .given import given_answers
    from .project import project_near

    near = project_near(Path.cwd())
    home = Settings.load(os.environ).home
    earned = earned_on(near, home, given_answers(home), say)
    return (tuned(checks, profile_of(near, checks)) if near else checks), earned


def _variable(name: str) -> str:
    return "" if name == "runtime" else f"SECONDUNIT_{name.upper()}"


def _plugins(models: tuple[Model, ...] = ()) -> Any:
    from ..plugins import Plugins
    from ..settings import Settings

    return Plugins(Settings.load(os.environ).plugins, models=models)


def _registered(say: Say) -> tuple[tuple[Model, ...], dict[str, tuple[str, ...]]]:
    """The registered models, and what stands against each, as the daemon says.

    None where there is no ledger yet, and no daemon is started then.
    """
    from ..settings import Settings
    from .calling import calling
    from .verify import LEDGER

    if not (Settings.load(os.environ).home / LEDGER).is_file():
        return (), {}
    with calling(say) as unit:
        return unit.models(), unit.model_refusals()


def _refused(plugins: Any) -> dict[str, str]:
    return {name: why.message for name, why in getattr(plugins, "refused", {}).items()}


def _shown(value: Any) -> str:
    return '""' if value == "" else str(value)
