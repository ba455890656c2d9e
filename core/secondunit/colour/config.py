"""Colour spaces by name: which one a picture is in, and from one to another. OpenColorIO only.

The configuration is ``$OCIO`` when the studio sets it, else a built-in one pinned by its full
name, so that two machines and two years agree. Nothing here guesses in silence: what is not said
by a person, the file, the studio's file rules or the project is ColorUnknown.

A studio's configuration may call a space by another name, or lack one that files and screens go by
(sRGB, a review movie's gamma). The first is found by its aliases; the second is taken from the
pinned configuration and reached through the ACES interchange space that both have.
"""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import ColorUnknown, SettingWrong

# ACES 2.0 with the camera spaces plates arrive in; readable by OpenColorIO 2.5 and newer
PINNED = "studio-config-v4.0.0_aces-v2.0_ocio-v2.5"

# What picture files and screens go by whatever the production works in: never missing. Everything
# else (a camera's log, a show's own space) must be in the configuration in use.
STANDARD = frozenset((
    "ACES2065-1", "ACEScg", "Linear Rec.709 (sRGB)", "Linear Rec.2020", "Linear P3-D65",
    "sRGB Encoded Rec.709 (sRGB)", "sRGB Encoded P3-D65", "Gamma 2.2 Encoded Rec.709",
    "Gamma 2.4 Encoded Rec.709",
))  # fmt: skip


class Tagged(Protocol):
    """What is known of a file's colour: ``media.facts.Facts`` is one."""

    @property
    def path(self) -> str:
        """The file or pattern."""
        ...

    @property
    def kind(self) -> str:
        """``still``, ``sequence`` or ``movie``."""
        ...

    @property
    def space(self) -> str:
        """OpenColorIO name its own metadata amounts to, or empty."""
        ...

    @property
    def primaries(self) -> str:
        """Tag of a movie, by its H.273 name, or empty."""
        ...

    @property
    def transfer(self) -> str:
        """Tag of a movie, by its H.273 name, or empty."""
        ...

    @property
    def guesses(self) -> tuple[str, ...]:
        """Spaces it may be in."""
        ...


class Colour:
    """An OpenColorIO configuration with its processors kept ready.

    ``config`` is a built-in's full name or a file; empty means ``$OCIO``, else PINNED. ``name`` and
    ``digest`` (sha256 of the configuration's text) go into records. Raises SettingWrong.
    """

    def __init__(self, config: str = "", *, environ: Mapping[str, str] = os.environ) -> None:
        chosen = config or wanted(environ)
        self._studio = not _builtin(chosen)
        self._config, self.digest = _file(chosen) if self._studio else _built_in(chosen)
        self._pinned: Any = None  # loaded when the configuration lacks a standard space
        self.name = str(self._config.getName()) or os.path.basename(chosen)
        self._processors: dict[tuple[str, str], Any] = {}

    @property
    def spaces(self) -> tuple[str, ...]:
        """The names of all active colour spaces."""
        return tuple(space.getName() for space in self._config.getColorSpaces())

    def known(self, space: str) -> bool:
        """A colour space goes by that name, alias or role."""
        return self._found(space) is not None

    def canonical(self, space: str) -> str:
        """The name of a space given by name, alias or role. Raises ColorUnknown with near names."""
        found = self._found(space)
        if found is not None:
            return str(found.getName())
        near = difflib.get_close_matches(space, self.spaces, n=4, cutoff=0.4)
        raise ColorUnknown(
            f"the configuration {self.name} has no colour space {space!r}",
            hint=f"Near to it: {', '.join(near)}" if near else "Choose one of its spaces.",
            data={"space": space, "guesses": near, "config": self.name},
        )

    def _found(self, space: str) -> Any:
        """OpenColorIO's own object: the configuration's space, else a standard one, else None."""
        own = self._config.getColorSpace(space) if space else None
        if own is not None or not space:
            return own
        standard = self._standard.getColorSpace(space)
        if standard is None:
            return None
        for alias in (standard.getName(), *standard.getAliases()):
            own = self._config.getColorSpace(alias)
            if own is not None:
                return own
        return standard if standard.getName() in STANDARD else None

    @property
    def _standard(self) -> Any:
        if self._pinned is None:
            self._pinned, _ = _built_in(PINNED)
        return self._pinned

    def is_data(self, space: str) -> bool:
        """Pixels of this space are not colour (mattes, depth) and are never converted."""
        self.canonical(space)  # says so when there is none
        return bool(self._found(space).isData())

    def for_display(self, space: str) -> bool:
        """Pixels of this space are codes of a monitor (the configuration's own word for it)."""
        self.canonical(space)  # says so when there is none
        return str(self._found(space).getEncoding()) in ("sdr-video", "hdr-video")

    def convert(
        self, pixels: NDArray[np.float32], from_space: str, to_space: str
    ) -> NDArray[np.float32]:
        """``(row, column, channel)`` float32 RGB or RGBA, from one space to another, as a copy.

        Spaces by name, alias or role. Alpha is passed bit for bit, RGB is taken as it is (not
        unpremultiplied). To or from a data space nothing changes. NaN stays NaN; values below 0
        and above 1 are converted, not clipped. Raises ColorUnknown, ValueError for other shapes.
        """
        if pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
            raise ValueError(f"only RGB and RGBA can be converted, got shape {pixels.shape}")
        before, after = self.canonical(from_space), self.canonical(to_space)
        if before == after:
            return np.array(pixels, np.float32, order="C")
        import PyOpenColorIO as ocio

        height, width, channels = pixels.shape
        colour = np.array(pixels[..., :3], np.float32, order="C")
        description = ocio.PackedImageDesc(colour.reshape(-1), width, height, 3)
        self._processor(before, after).apply(description)
        if channels == 3:
            return colour
        return np.concatenate((colour, pixels[..., 3:].astype(np.float32)), axis=2)

    @property
    def views(self) -> tuple[str, ...]:
        """Views of the configuration's own display that show colour, the one to begin with first.

        A studio's begins with the one it says; a built-in's with the one without a tone curve, as
        review movies are.
        """
        display = self._config.getDefaultDisplay()
        found = [str(name) for name in self._config.getViews(display) if name != "Raw"]
        first = str(self._config.getDefaultView(display)) if self._studio else "Un-tone-mapped"
        return tuple(sorted(found, key=lambda name: name != first))

    def seen(self, pixels: NDArray[np.float32], space: str, view: str) -> NDArray[np.float32]:
        """``(row, column, channel)`` float32 RGB through a view, as codes of the display 0..1.

        Raises ColorUnknown for a view that is not in ``views``, ValueError for other shapes.
        """
        if pixels.ndim != 3 or pixels.shape[2] != 3:
            raise ValueError(f"only RGB is shown, got shape {pixels.shape}")
        if view not in self.views:
            raise ColorUnknown(f"{self.name} has no view {view!r:.60}", hint="Choose another view.")
        import PyOpenColorIO as ocio

        before = self.canonical(space)
        if self._config.getColorSpace(before) is None:
            role = "aces_interchange"  # every configuration has it that is used here
            pixels, before = self.convert(pixels, space, role), self.canonical(role)
        key = (before, f"view {view}")
        if key not in self._processors:
            display = self._config.getDefaultDisplay()
            way = ocio.DisplayViewTransform(src=before, display=display, view=view)
            self._processors[key] = self._config.getProcessor(way).getDefaultCPUProcessor()
        colour = np.array(pixels, np.float32, order="C")
        height, width = colour.shape[:2]
        self._processors[key].apply(ocio.PackedImageDesc(colour.reshape(-1), width, height, 3))
        return colour

    def space_of(self, facts: Tagged, declared: str = "", movie_space: str = "") -> tuple[str, str]:
        """The canonical space of a file and a remark, empty when nothing had to be assumed.

        In this order: the person's word (``declared``), the file's own metadata, the studio's file
        rules (never a built-in configuration's, which go by extension alone), and for movies that
        say nothing the project's ``movie_space``. Raises ColorUnknown with guesses: in particular
        an EXR that says nothing is not taken to be scene-linear.
        """
        name = os.path.basename(facts.path)
        if declared:
            space = self.canonical(declared)
            own = self.canonical(facts.space) if self.known(facts.space) else ""
            differs = bool(own) and own != space
            return space, f"{name} says {own}; declared {space} is used" if differs else ""
        if self.known(facts.space):
            return self.canonical(facts.space), ""
        ruled = self._by_rule(facts.path)
        if ruled:
            return ruled, f"{name} is read as {ruled} by the studio's file rules"
        usable = bool(facts.space) or not (facts.primaries or facts.transfer)  # never over HDR
        if facts.kind == "movie" and movie_space and usable:
            space = self.canonical(movie_space)
            return space, f"{name} carries no usable colour tag; read as {space}, the project's"
        raise self._unknown(facts, name)

    def _by_rule(self, path: str) -> str:
        if not self._studio or self._config.filepathOnlyMatchesDefaultRule(path):
            return ""
        space, _ = self._config.getColorSpaceFromFilepath(path)
        return self.canonical(space) if self.known(space) else ""

    def _unknown(self, facts: Tagged, name: str) -> ColorUnknown:
        guesses = [self.canonical(guess) for guess in facts.guesses if self.known(guess)]
        if facts.space:
            says = f"{name} says it is in {facts.space!r}, which {self.name} does not have"
        else:
            says = f"nothing says which colour space {name} is in"
        listed = f" It may be {' or '.join(guesses)}." if guesses else ""
        return ColorUnknown(
            says,
            hint=f"Declare its space.{listed}",
            data={"path": facts.path, "guesses": guesses, "config": self.name},
        )

    def _processor(self, before: str, after: str) -> Any:
        import PyOpenColorIO as ocio

        if (before, after) not in self._processors:
            try:
                processor = self._way(before, after)
            except (ocio.Exception, ocio.ExceptionMissingFile) as error:
                raise ColorUnknown(
                    f"{self.name} cannot convert {before} to {after}: {error}",
                    hint="Check that the configuration has the role aces_interchange, and its"
                    " look-up tables with: ocioCheck",
                ) from None
            self._processors[before, after] = processor.getDefaultCPUProcessor()
        return self._processors[before, after]

    def _way(self, before: str, after: str) -> Any:
        import PyOpenColorIO as ocio

        one, other = self._holding(before), self._holding(after)
        if one is other:
            return one.getProcessor(before, after)
        return ocio.Config.GetProcessorFromConfigs(one, before, other, after)

    def _holding(self, space: str) -> Any:
        """The configuration that has the space of this canonical name."""
        own = self._config.getColorSpace(space)
        return self._config if own is not None else self._standard


def wanted(environ: Mapping[str, str] = os.environ) -> str:
    """What this session asks for: ``$OCIO``, a file by its whole path, else PINNED."""
    said = environ.get("OCIO", "")
    if not said or _builtin(said):
        return said.removeprefix("ocio://") or PINNED
    return said if "://" in said else os.path.abspath(os.path.expanduser(said))


def _builtin(name: str) -> bool:
    import PyOpenColorIO as ocio

    return name.removeprefix("ocio://") in list(ocio.BuiltinConfigRegistry())


@cache
def _built_in(name: str) -> tuple[Any, str]:
    """A configuration of the library's own and its digest: 0.1 s to make, and never another."""
    import PyOpenColorIO as ocio

    return _digested(ocio.Config.CreateFromBuiltinConfig(name.removeprefix("ocio://")))


def _file(path: str) -> tuple[Any, str]:
    import PyOpenColorIO as ocio

    try:
        loaded = ocio.Config.CreateFromFile(path)
        loaded.validate()
        return _digested(loaded)
    except (ocio.Exception, ocio.ExceptionMissingFile) as error:
        raise SettingWrong(
            f"the OpenColorIO configuration {path} cannot be used: {error}",
            hint=f"Set OCIO to a configuration file, or unset it to use {PINNED}.",
        ) from None


def _digested(config: Any) -> tuple[Any, str]:
    return config, hashlib.sha256(config.serialize().encode()).hexdigest()
