"""The turnover's media, opened when asked for; remembers which frames were really used."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import TracebackType

from secondunit_bridge.film import Element, Media, Project, Role, Turnover, Work

from ..colour import Colour
from ..contract import ConformedElements
from ..contract.conform import Convert
from ..hookspecs import NormalSpace, Plan, Watch
from ..media.facts import Facts
from ..media.footage import Footage, Picture, Through
from ..media.frames import digest
from ..media.layers import Layers
from ..media.open import Decide, OpenFootage, files_of, open_footage
from ..media.probe import Prober
from ..vault import Vault
from .frames import KeptFootage
from .mattes import DATA, MatteFootage
from .normals import seen_from_camera

# Values that are no colours.
_DATA = (Role.depth, Role.ids, Role.normal, Role.position, Role.motion)


class Witness(Through):
    """Footage that notes the digest of each frame it hands out. Hashing runs beside the work."""

    def __init__(self, footage: Footage, watch: Watch) -> None:
        super().__init__(footage)
        self._watch = watch
        self.seen: dict[int, str] = {}

    def frame(self, number: int) -> Picture:
        """One frame; a person may have stopped the take meanwhile."""
        self._watch.check()
        pixels = self._footage.frame(number)
        if number not in self.seen:
            self.seen[number] = digest(pixels, self._footage.channels)
        return pixels


class Sources:
    """Opens each media once, probes it in a limited child first, closes all at the end."""

    def __init__(self, project: Project, colour: Colour, vault: Vault, watch: Watch) -> None:
        self._project, self._colour, self.vault, self._watch = project, colour, vault, watch
        self._opened: dict[Media, Witness] = {}
        self._aspects: dict[Media, Fraction] = {}
        self._turned: dict[Media, Footage] = {}
        self._closing: list[OpenFootage] = []
        self._prober, self._probed = Prober(), set[str]()
        self._layers = Layers()
        self.remarks: list[str] = []

    def __enter__(self) -> Sources:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._prober.close()
        for footage in self._closing:
            footage.close()

    def open(self, media: Media) -> Footage:
        """The media as footage in its own space. Raises MediaOffline, MediaDamaged ..."""
        if media not in self._opened:
            self._opened[media] = Witness(self._find(media, self._colour.space_of), self._watch)
        return self._opened[media]

    def open_data(self, media: Media) -> Footage:
        """The media as footage of values that are no colours, as a matte's: nothing is decided or
        remarked about their colour space. Raises as ``open``."""
        media = replace(media, space=DATA)
        if media not in self._opened:
            self._opened[media] = Witness(self._find(media, _no_colour), self._watch)
        return self._opened[media]

    def pixel_aspect(self, media: Media) -> Fraction:
        """Width over height of the media's pixels, by its own word. Raises as ``open``."""
        self.open(media)
        return self._aspects.get(media, Fraction(1))

    def elements(
        self,
        turnover: Turnover,
        plan: Plan,
        space: str,
        convert: Convert,
        matte: MatteFootage | None = None,
        normals: NormalSpace = NormalSpace.world,
    ) -> ConformedElements:
        """The turnover's elements, conformed to the plan, in ``space`` by ``convert``.

        ``matte`` stands for the matte element, whichever channel of its media holds it; a normal
        pass is turned when ``normals`` asks for the camera's.
        """
        first = next((one for one in turnover.elements if one.role is Role.matte), None)
        if turnover.work is Work.previs:  # its passes lie in one file
            self._layers.expect(element.media for element in turnover.elements)

        def opener(element: Element) -> Footage:
            if matte is not None and element is first:  # plate and matte may be the same media
                return matte
            if element.role is Role.normal and normals is NormalSpace.camera:
                return self._normals(element.media)
            return (
                self.open_data(element.media) if element.role in _DATA else self.open(element.media)
            )

        return ConformedElements(turnover, plan, opener, space=space, convert=convert)

    def _normals(self, media: Media) -> Footage:
        """A normal pass as the camera sees it; what had to be done or doubted is remarked once."""
        if media not in self._turned:
            files = files_of(media) if media.path.lower().endswith(".exr") else {}
            self._turned[media], said = seen_from_camera(self.open_data(media), files.get)
            self.remarks += [said] if said else []
        return self._turned[media]

    def used(self) -> dict[str, dict[str, str]]:
        """Which frames were used: path (or "vault") -> frame number -> sha256 of its pixels.

        A pass of a file of many channels is named with its channels: ``path:Depth.Z``.
        """
        seen: dict[str, dict[int, str]] = {}
        for media, witness in self._opened.items():  # several elements may lie in one movie
            seen.setdefault(used_as(media), {}).update(witness.seen)
        return {
            path: {str(n): name for n, name in sorted(frames.items())}
            for path, frames in seen.items()
            if frames
        }

    def _find(self, media: Media, decide: Decide) -> Footage:
        if not media.path:
            return KeptFootage(media, self.vault)
        if media.path not in self._probed:
            self._prober.probe(
                media.path
            )  # in a limited child: a damaged file must not end this process
            self._probed.add(media.path)
        footage = open_footage(
            media, movie_space=self._project.movie_space, decide=decide,
            read_still=self._layers.reader(media),
        )  # fmt: skip
        self._closing.append(footage)
        self._aspects[media] = footage.facts.pixel_aspect
        if decide is not _no_colour:  # what is remarked on is colour and rate
            self.remarks.extend(r for r in footage.remarks if r not in self.remarks)
        return footage


def _no_colour(facts: Facts, declared: str, movie_space: str) -> tuple[str, str]:
    return DATA, ""


def used_as(media: Media) -> str:
    """How media is named among what a take has used."""
    whole = media.channels in ((), Media.channels)
    return (media.path or "vault") + ("" if whole else ":" + ",".join(media.channels))
