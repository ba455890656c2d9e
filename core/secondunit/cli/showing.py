"""What the page's show view reads besides the ledger: the rate card, models, a cut, its packet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secondunit_bridge.unit import Unit

    from ..packet.cost import Rates, Spent
    from ..rights import Asset
    from ..settings import Settings
    from ..web.bible import Pages
    from ..web.packets import Built, Order
    from ..web.show import Sources
    from .check import Looked


def sources_of(
    unit: Unit, settings: Settings, cut: Path | None, looked: Callable[[], Looked] | None
) -> Sources:
    """The sources of this home; ``looked`` is the cut under review as it was last looked at."""
    from ..web.show import Sources

    gallery = looked().stills.playback.gallery if looked else None
    plain = Sources(
        home=settings.home,
        build=_built,
        spent=lambda: _spent(settings),
        known=lambda: _known(unit, settings),
        faces=gallery.people if gallery else {},
    )
    if looked is None or cut is None:
        return plain
    from dataclasses import replace

    return replace(
        plain,
        cut=cut.resolve(),
        pages=lambda: _pages(looked()),
        still=lambda place: _still(looked(), place),
    )


def _built(order: Order) -> Built:
    from .packet import build_packet

    return build_packet(order.cut, order.out, draft=order.draft, hear=order.hear)


def _spent(settings: Settings) -> tuple[Sequence[Spent], Rates]:
    from .cost import parts_of
    from .packet import LEDGER, rates_of

    rates = rates_of(settings)
    ledger = settings.home / LEDGER
    return (parts_of(ledger, None, rates) if ledger.is_file() else []), rates


def _known(unit: Unit, settings: Settings) -> Iterable[Asset]:
    """Registered models, where nobody wrote a row of their own."""
    from ..models import licences
    from ..models.shelf import Shelf
    from ..packet.uses import known_assets

    models = unit.models()
    if not models:
        return ()
    shelf = Shelf(settings.home)
    terms = {one.name: shelf.card(one.card).licence for one in models if one.card in shelf}
    return known_assets(models, terms, licences.use_of(settings))


def _pages(looked: Looked) -> Pages:
    """The cards of the cut under review, its bible and its gallery."""
    from ..editorial.bible import bible_of
    from ..editorial.cards import read_card
    from ..web.bible import Carded, Pages

    gallery, (bible, why) = looked.stills.playback.gallery, bible_of(looked.cut)
    wrong = [why] if why else []
    wrong += [gallery.wrong] if gallery and gallery.wrong else []
    shots = []
    for place, shot in enumerate(looked.cut.shots):
        card, amiss = read_card(shot.marks)
        wrong += [f"{shot.name}: {amiss}"] if amiss else []
        if card:
            ours = str(shot.marks.get("guid", "")) if shot.marks.get("version") else ""
            shots.append(Carded(shot.name, card, ours, place))
    faces = {name: len(pictures) for name, pictures in (gallery.people if gallery else {}).items()}
    return Pages(tuple(shots), faces, bible.masters, tuple(wrong))


def _still(looked: Looked, place: int) -> Path | None:
    return looked.middle(looked.cut.shots[place]) if place < len(looked.cut.shots) else None
