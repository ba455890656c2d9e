"""``still``: one frame of a version as a marked PNG or JPEG, for whoever is shown no movie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from secondunit_bridge.errors import Locked

from .packet import LEDGER
from .say import DONE, JsonFlag, Say

if TYPE_CHECKING:
    from secondunit_bridge.film import Version

    from ..ledger import Ledger
    from ..packet.marks import Told
    from ..rights import Register
    from ..settings import Settings


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(still)


def still(
    version: Annotated[str, typer.Argument(help="A version, for example TCC_0010_v001.")],
    out: Annotated[Path, typer.Option("--out", help="The picture: .png or .jpg.")],
    frame: Annotated[
        int | None, typer.Option(help="Its frame, as delivered; the middle one if none.")
    ] = None,
    json: JsonFlag = False,
) -> int:
    """Publish one frame of a version as a picture that says itself what it is and who signed it."""
    from ..ledger import Ledger
    from ..packet.credentials import Marker
    from ..packet.signing import signer_of
    from ..packet.stills import still as write
    from ..settings import Settings

    say, settings = Say(as_json=json), Settings.load(os.environ)
    with Ledger(settings.home / LEDGER, reading=True) as book:
        made, told, ocio, why = _asked(book, version, settings)
    number = (made.frames.first + made.frames.last) // 2 if frame is None else frame
    marker = None if why else Marker(settings.home / "keys", signer_of(settings))
    place = out.expanduser().resolve()
    write(made, told, ocio, number, place, marker)
    say.line(f"Frame {number} of {made.name}: {place}")
    how = f"It carries no content credential: {why}." if why else "Marked; check it with:"
    say.line(how if why else f"{how} secondunit verify {place}")
    say.done({"version": made.name, "frame": number, "still": str(place), "marked": not why})
    return DONE


def _asked(book: Ledger, name: str, settings: Settings) -> tuple[Version, Told, str, str]:
    """The version, what is said of it, its colour configuration, why it is not marked.

    Raises UnknownId, Locked for what was recalled, RightsRefused for what may not leave.
    """
    from ..packet.marks import told_of
    from ..packet.uses import consents_of
    from ..rights import Register
    from ..rights.register import KIND

    views = book.views
    made = views.version(name)
    if views.version_state(made.name) == "recalled":
        raise Locked(f"{made.name} was recalled", hint="Circle another take of the shot.")
    take = views.take(made.take)
    taken = dict(book.entries(kind="take", subject=take.id)[-1].body)
    turnover = views.turnover(take.turnover)
    register = Register.of(book.every(KIND))
    _may_leave(book, made, register, settings)
    told = told_of(made.name, turnover, take.id, taken, consents_of(taken, register))
    project = views.project(turnover.shot.project)
    return made, told, project.ocio, register.unmarked(project.name)


def _may_leave(book: Ledger, made: Version, register: Register, settings: Settings) -> None:
    from ..models import licences
    from ..packet.build import refusal
    from ..packet.uses import gate, with_models
    from .packet import terms_of

    views = book.views
    take, models = views.take(made.take), views.models()
    taken = dict(book.entries(kind="take", subject=take.id)[-1].body)
    terms, use = terms_of(settings, models), licences.use_of(settings)
    known = with_models(register, models, terms, use)
    found = gate(views.turnover(take.turnover), taken, made.kind.value, known, models, made.by)
    stops = [(made.name, one) for one in found if one.stops]
    if stops:
        raise refusal(stops)
