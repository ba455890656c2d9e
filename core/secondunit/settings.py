"""Every setting, with its default and meaning. One frozen value, read once at the start.

``SECONDUNIT_<NAME>`` in the environment wins over ``settings.toml`` in the home, which wins over
the default. What belongs to a production (rate, size, colour) is a Project's, not a setting.
``python -m secondunit.settings`` prints the page of the manual.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from secondunit_bridge import places
from secondunit_bridge.errors import SettingWrong

from .disk import saying_why

FILE = "settings.toml"
_PREFIX = "SECONDUNIT_"


def _setting(default: Any, help: str, **limits: Any) -> Any:
    return field(default=default, metadata={"help": help, **limits})


class Setting(NamedTuple):
    """A setting as a row of a table, for people."""

    name: str
    value: str
    default: str
    source: str  # "default", "environment" or "settings.toml"
    help: str


@dataclass(frozen=True)
class Settings:
    """Settings of one daemon and its stages. See ``load``."""

    home: Path = field(metadata={"help": "Folder that lasts: ledger, keys, logs, default stores."})
    runtime: Path = field(
        metadata={
            "help": "Folder of the running daemon: connection file, socket, slots. Follows from"
            " XDG_RUNTIME_DIR and the home; it is not set by itself."
        }
    )
    transport: str = _setting(
        "tcp" if sys.platform == "win32" else "ipc",
        "How hosts reach the daemon: a socket file, or tcp on this machine's loopback address.",
        choices=("ipc", "tcp"),
        said="ipc, on Windows tcp",
    )
    proxies: str = _setting(
        "large",
        "Small pictures that takes are watched by, made as soon as they are shot: of large ones,"
        " or none. What is missing is made when somebody looks at it.",
        choices=("large", "none"),
    )
    durability: str = _setting(
        "full",
        "What an acknowledgement means: full waits for the disk at every entry; off survives a"
        " killed process but not a power cut.",
        choices=("full", "off"),
    )
    max_waiting: int = _setting(
        20_000, "Takes that may wait at a time; further turnovers are refused.", low=1
    )
    max_attempts: int = _setting(
        3, "Attempts at a take whose stage is lost before it is given up.", low=1, high=100
    )
    stage_idle_s: float = _setting(
        300.0, "Seconds a stage process without work is kept.", low=0.0, high=86_400.0
    )
    cancel_grace_s: float = _setting(
        2.0,
        "Seconds a cancelled take has to stop by itself before its stage is ended.",
        low=0.0,
        high=600.0,
    )
    stage_silence_s: float = _setting(
        15.0,
        "Seconds a stage at work may say nothing before it counts as hung and is ended.",
        low=2.0,
        high=3600.0,
    )
    stage_stall_s: float = _setting(
        1800.0,
        "Seconds a take may go without any progress before its stage is ended.",
        low=1.0,
        high=604_800.0,
    )
    slot_limit_mb: int = _setting(
        2048, "Megabytes of memory-mapped frames that all hosts together may hold.", low=16
    )
    model_threads: int = _setting(
        0,
        "Threads that a model may use where it runs on the processor; 0 leaves it to the engine."
        " Another number makes another last bit, so it stands in the take's record.",
        low=0,
        high=1024,
    )
    plugins: tuple[str, ...] = _setting(
        (), "Plug-ins of third parties that may be loaded, by the name of their entry point."
    )
    model_roots: tuple[str, ...] = _setting(
        (), "Folders that weights may lie in; when none is named, anywhere on this machine."
    )
    production_use: str = _setting(
        "commercial",
        "What the pictures are for; licences that forbid commercial use are held to it.",
        choices=("commercial", "non-commercial"),
    )
    production_territories: tuple[str, ...] = _setting(
        (),
        "Where the production works and delivers, as codes of two letters (US, GB, EU), for"
        " licences that leave out countries.",
    )
    production_revenue_usd: int = _setting(
        -1,
        "What the whole group earns in a year, in US dollars, for licences with a limit; -1 means"
        " that nobody has said.",
        low=-1,
    )
    licence_policy: str = _setting(
        "cleared",
        "Which models are used: cleared, also those whose licence a named person has cleared;"
        " free, only those that need no clearance.",
        choices=("cleared", "free"),
    )
    comfyui: str = _setting(
        "",
        "Address of a ComfyUI server that you run on this machine, such as"
        " http://127.0.0.1:8188; nothing switches the engine off (docs/comfyui.md).",
        own_address=True,
    )
    face_model: str = _setting(
        "",
        "The card of a face model of your own, a TOML file beside two ONNX files, instead of that"
        " of the extra faces (docs/continuity.md).",
        file=True,
    )
    signing_program: str = _setting(
        "",
        "A program of a studio's key service: it gets what is to be signed and gives an ES256"
        " signature; without it the facility's own keys sign (docs/provenance.md).",
        file=True,
    )
    signing_chain: str = _setting(
        "", "Certificates of that key as PEM, the leaf first, without the root.", file=True
    )
    signing_root: str = _setting(
        "", "Root certificate of that key as PEM: what whoever checks is handed.", file=True
    )
    timestamp_authority: str = _setting(
        "",
        "Address of an RFC 3161 authority that signatures ask the time of. Off: nothing is sent."
        " When it does not answer, the signature is made without.",
        address=True,
    )
    log_level: str = _setting(
        "info",
        "How much is written to the log. Briefs are never in it.",
        choices=("error", "warning", "info", "debug"),
    )
    sources: tuple[tuple[str, str], ...] = field(
        default=(),
        repr=False,
        compare=False,
        metadata={"help": "Which settings did not stay at their default, and what set them."},
    )

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Defaults, then ``settings.toml`` in the home, then the environment.

        Raises SettingWrong naming the setting, what was given and what is allowed; NotPermitted
        when the file may not be read or the runtime folder is not this user's alone.
        """
        told = os.environ if environ is None else environ
        home = places.home(told)
        given: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for name, value in _from_file(home / FILE).items():
            given[name], sources[name] = value, FILE
        for one in _settable():
            if text := told.get(_PREFIX + one.name.upper()):
                given[one.name] = _from_text(one, text)
                sources[one.name] = "environment"
        if told.get(_PREFIX + "HOME"):
            sources["home"] = "environment"
        return cls(home=home, runtime=places.runtime(told), sources=tuple(sources.items()), **given)

    def table(self) -> tuple[Setting, ...]:
        """Every setting as people read it, in the order of this file."""
        sources = dict(self.sources)
        return tuple(
            Setting(
                one.name,
                _said(getattr(self, one.name)),
                _default(one),
                sources.get(one.name, "default"),
                one.metadata["help"],
            )
            for one in _all()
        )


def own_address(text: str) -> tuple[str, int]:
    """Host and port of an address of this very machine. Raises ValueError for any other.

    ``localhost`` is taken as 127.0.0.1 without asking a resolver, which could say anything.
    """
    parts = urlsplit(text.strip())
    extra = parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme != "http" or not parts.hostname or extra:
        raise ValueError(f"{text!r} is not of the form http://HOST:PORT")
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname
    if not ip_address(host).is_loopback:
        raise ValueError(f"{host} is not this machine's own address")
    return host, parts.port or 80


def page() -> str:
    """The manual's page on settings, as Markdown."""
    rows = [
        f"| `{one.name}` | {_default(one)} | {_allowed(one)} | {one.metadata['help']} |"
        for one in _all()
    ]
    return "\n".join((_ABOVE, *rows, ""))


_ABOVE = f"""# Settings

Written by `python -m secondunit.settings`; change the fields there, not this page.
`secondunit settings` prints the values in force and where each comes from.

* In the environment: `SECONDUNIT_<NAME>`, for example `SECONDUNIT_MAX_ATTEMPTS=5`. Lists are
  separated by commas. This wins.
* In the file `{FILE}` in the home: `max_attempts = 5`. Lists are written `["one", "two"]`.
* What belongs to a production (frame rate, size, colour space, where its frames are kept) is set
  with `secondunit project init`, not here.

| setting | default | allowed | meaning |
|---|---|---|---|"""

_PLACES = {
    "home": "`secondunit` in the platform's folder for user data",
    "runtime": "`secondunit` in XDG_RUNTIME_DIR, else in the temporary folder",
}


def _all() -> tuple[Field[Any], ...]:
    return tuple(one for one in fields(Settings) if one.name != "sources")


def _settable() -> tuple[Field[Any], ...]:
    return tuple(one for one in _all() if one.name not in _PLACES)


def _default(one: Field[Any]) -> str:
    """What the manual says; the same on every system."""
    return _PLACES.get(one.name) or one.metadata.get("said") or _said(one.default) or "nothing"


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _from_file(path: Path) -> dict[str, Any]:
    with saying_why(path):
        if not path.is_file():
            return {}
        text = path.read_bytes()
    import tomllib

    try:
        found = tomllib.loads(text.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingWrong(
            f"{path} cannot be read: {error}", hint="Write one `name = value` on each line."
        ) from error
    known = {one.name: one for one in _settable()}
    for name in found:
        if name not in known:
            raise _unknown(name, tuple(known), path)
    return {name: _from_value(known[name], value) for name, value in found.items()}


def _unknown(name: str, known: tuple[str, ...], path: Path) -> SettingWrong:
    if name in _PLACES:
        return SettingWrong(
            f"{name} cannot be set in {path}: the file is found by it",
            hint="Set SECONDUNIT_HOME in the environment instead.",
        )
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
    return SettingWrong(f"{path} sets {name!r}, and there is no such setting", hint=hint)


def _from_text(one: Field[Any], text: str) -> Any:
    """A value out of the environment. Raises SettingWrong."""
    kind: Any = type(one.default)
    if kind is tuple:
        return tuple(word for part in text.split(",") if (word := part.strip()))
    try:
        return _checked(one, kind(text.strip()), text)
    except ValueError as error:
        raise _wrong(one, text) from error


def _from_value(one: Field[Any], value: object) -> Any:
    """A value out of the file. Raises SettingWrong."""
    kind = type(one.default)
    if kind is tuple:
        if isinstance(value, list) and all(isinstance(word, str) for word in value):
            return tuple(value)
        raise _wrong(one, value)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise _wrong(one, value)
    return _checked(one, value, value)


def _checked(one: Field[Any], value: Any, given: object) -> Any:
    about = one.metadata
    if "choices" in about and value not in about["choices"]:
        raise _wrong(one, given)
    if "own_address" in about and value:
        try:
            own_address(value)
        except ValueError as error:
            raise _wrong(one, given) from error
    if "address" in about and value and urlsplit(value).scheme not in ("http", "https"):
        raise _wrong(one, given)
    if "low" in about and not about["low"] <= value <= about.get("high", value):  # NaN is neither
        raise _wrong(one, given)
    return value


def _wrong(one: Field[Any], given: object) -> SettingWrong:
    return SettingWrong(
        f"the setting {one.name} cannot be {given!r}",
        hint=f"It is {_allowed(one)}. Default: {_default(one)}.",
        data={"setting": one.name, "value": str(given), "allowed": _allowed(one)},
    )


def _allowed(one: Field[Any]) -> str:
    about = one.metadata
    if one.name in _PLACES:
        return "a folder"
    if "choices" in about:
        return " or ".join(about["choices"])
    if "own_address" in about:
        return "http://, then 127.0.0.1, [::1] or localhost: pictures do not leave this machine"
    if "file" in about:
        return "a file"
    if "address" in about:
        return "an address, http:// or https://"
    if "high" in about:
        return f"a number from {about['low']} to {about['high']}"
    if "low" in about:
        return f"a number from {about['low']} up"
    return "a list of names"


if __name__ == "__main__":
    sys.stdout.write(page())
