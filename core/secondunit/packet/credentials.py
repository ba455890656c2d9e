"""Content credentials (C2PA): the only file that knows the library that makes and reads them.

A file whose signature is good but that was made from a damaged picture is not trusted here: the
library says Trusted of it, and tells the damage only among its ingredients (measured, 0.38).
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from secondunit_bridge import __version__
from secondunit_bridge.errors import ExtraMissing, StoreError

from .authority import Authority, KeyElsewhere, anchors, authority

if TYPE_CHECKING:
    import c2pa

T = TypeVar("T")
SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"  # IPTC's identifiers, not to be opened
MIME = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".pdf": "application/pdf",
    ".json": "application/json",
    ".exr": "image/x-exr",
    ".txt": "text/plain",
    ".mhl": "application/xml",
}
EMBEDS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".mov", ".mp4", ".pdf")
SIDECAR = ".c2pa"
_USES = "1.3.6.1.5.5.7.3.4\n1.3.6.1.4.1.62558.2.1\n"  # e-mail protection, claim signing
_NO = {"use": "notAllowed"}
_MINING = {
    "cawg.ai_generative_training": _NO,
    "cawg.ai_training": _NO,
    "cawg.data_mining": _NO,
    "cawg.ai_inference": {"use": "constrained"},
}


@dataclass(frozen=True)
class Ingredient:
    """What a picture was made from; ``relation`` is parentOf, componentOf or inputTo."""

    path: Path
    relation: str
    label: str
    title: str = ""  # what it is called in the credential; empty: as its file is


@dataclass(frozen=True)
class Claim:
    """What is said of a file: nothing of it is a secret, so nothing of it may be a brief."""

    title: str
    actions: tuple[Mapping[str, Any], ...]
    facts: Mapping[str, Any] = field(default_factory=dict)  # org.secondunit.generation
    ingredients: tuple[Ingredient, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What reading a credential gave. ``word`` is trusted, unknown, invalid or none.

    unknown: whole, but signed by somebody whose certificate is not held here.
    """

    word: str
    failures: tuple[str, ...] = ()  # codes of C2PA, an ingredient's with its name before it
    signer: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Nothing was changed since it was signed, here or by somebody else."""
        return self.word in ("trusted", "unknown")


NONE = Verdict("none")


def created(kind: str, description: str = "") -> dict[str, Any]:
    """The action of a picture that was made; ``kind`` is IPTC's digital source type."""
    return {
        "action": "c2pa.created",
        "softwareAgent": _agent(),
        "digitalSourceType": SOURCES + kind,
        **({"description": description} if description else {}),
    }


def opened(label: str) -> dict[str, Any]:
    """The action of beginning with the ingredient of that label."""
    return {"action": "c2pa.opened", "parameters": {"ingredientIds": [label]}}


def placed(label: str) -> dict[str, Any]:
    """The action of using the ingredient of that label in the picture."""
    return {"action": "c2pa.placed", "parameters": {"ingredientIds": [label]}}


def edited(kind: str, description: str) -> dict[str, Any]:
    """The action of changing what was opened."""
    return {
        "action": "c2pa.edited",
        "softwareAgent": _agent(),
        "description": description,
        "digitalSourceType": SOURCES + kind,
    }


def available() -> bool:
    """The library is installed on this machine."""
    return find_spec("c2pa") is not None


class Marker:
    """Signs and reads with the authority of one home. One object for many files.

    Raises ExtraMissing without the library, NotPermitted and DiskFull for the keys.
    """

    def __init__(self, keys: Path, signer: Authority | KeyElsewhere | None = None) -> None:
        if not available():
            raise ExtraMissing(
                "c2pa is missing, so nothing can be marked", hint="pip install 'secondunit[core]'"
            )
        self.keys, self._own = keys, signer
        self.stamped = bool(signer and signer.timestamps)  # until the authority does not answer
        self._writing: c2pa.Context | None = None

    def embed(self, path: Path, claim: Claim) -> None:
        """Put the credential into the file itself. Raises StoreError saying what was refused."""
        import c2pa

        into = path.with_name(f".{path.stem}.signed{path.suffix}")
        try:
            mime = MIME[path.suffix.lower()]
            self._signing(lambda: self._builder(claim, mime).sign_file(str(path), str(into)))
            into.replace(path)
        except (c2pa.C2paError, OSError) as error:
            raise _refused(path, error) from error
        finally:
            into.unlink(missing_ok=True)

    def beside(self, path: Path, claim: Claim) -> Path:
        """Put the credential beside the file, as ``NAME.c2pa``. Raises StoreError."""
        import c2pa

        mime = MIME.get(path.suffix.lower(), "application/octet-stream")
        sidecar = sidecar_of(path)

        def sign() -> bytes:
            builder = self._builder(claim, mime)
            builder.set_no_embed()
            with open(path, "rb") as source:
                return bytes(builder.sign(mime, source, _Nothing()))

        try:
            sidecar.write_bytes(self._signing(sign))
        except (c2pa.C2paError, OSError) as error:
            raise _refused(path, error) from error
        return sidecar

    def read(self, path: Path) -> Verdict:
        """What the credential in a file, or beside it, says. ``none`` when there is neither."""
        import c2pa

        suffix, sidecar = path.suffix.lower(), sidecar_of(path)
        mime = MIME.get(suffix, "application/octet-stream")
        try:
            if sidecar.is_file():
                with open(path, "rb") as source:
                    told = sidecar.read_bytes()
                    return _verdict(c2pa.Reader(mime, source, told, context=self._reader()))
            if suffix not in EMBEDS:
                return NONE
            reader = c2pa.Reader.try_create(str(path), context=self._reader())
            return NONE if reader is None else _verdict(reader)
        except c2pa.C2paError as error:
            if "ManifestNotFound" in type(error).__name__ + str(error):
                return NONE
            return Verdict("invalid", (f"unreadable: {str(error)[:120]}",))
        except (LookupError, ValueError, TypeError) as error:
            # A damaged credential may contradict itself in places that the library believes.
            return Verdict("invalid", (f"unreadable: {str(error)[:120]}",))

    @property
    def root(self) -> bytes:
        """The public root of who signs, PEM: what a reader is handed."""
        return self._own.root if self._own else authority(self.keys).root

    def _signing(self, sign: Callable[[], T]) -> T:
        """Sign; without a time stamp where the authority does not answer: nothing waits for it."""
        import c2pa

        try:
            return sign()
        except c2pa.C2paError:
            if not self.stamped or self._own is None:
                raise
            self.stamped, self._writing = False, None
            self._own = replace(self._own, timestamps="")
            return sign()

    def _builder(self, claim: Claim, mime: str) -> c2pa.Builder:
        import c2pa

        if self._writing is None:
            signer = _signer(self._own or authority(self.keys))
            self._writing = c2pa.Context(settings=self._settings(), signer=signer)
        builder = c2pa.Builder(_manifest(claim, mime), self._writing)
        for one in claim.ingredients:
            kind = MIME.get(one.path.suffix.lower(), "application/octet-stream")
            about = {
                "title": one.title or one.path.name,
                "relationship": one.relation,
                "label": one.label,
            }
            with open(one.path, "rb") as source:
                builder.add_ingredient(about, kind, source)
        return builder

    def _reader(self) -> c2pa.Context:
        import c2pa

        return c2pa.Context(settings=self._settings())

    def _settings(self) -> c2pa.Settings:
        import c2pa

        own = self._own.root if self._own else b""
        root = b"\n".join(one for one in (own, anchors(self.keys)) if one)
        told: dict[str, Any] = {
            "version": 1,
            "verify": {
                "verify_after_sign": False,
                "verify_trust": True,
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
            },
            "builder": {"thumbnail": {"enabled": False}},
        }
        if root:
            told["trust"] = {"user_anchors": root.decode(), "trust_config": _USES}
        return c2pa.Settings.from_dict(told)


def _signer(held: Authority | KeyElsewhere) -> c2pa.Signer:
    import c2pa

    if isinstance(held, KeyElsewhere):
        kind = c2pa.C2paSigningAlg.ES256
        return c2pa.Signer.from_callback(
            held.sign, kind, held.chain.decode(), held.timestamps or None
        )
    info = c2pa.C2paSignerInfo(
        alg=b"es256",
        sign_cert=held.chain,
        private_key=held.key,
        ta_url=held.timestamps.encode() or None,
    )
    return c2pa.Signer.from_info(info)


def sidecar_of(path: Path) -> Path:
    """Where the credential of a file lies that cannot carry one."""
    return path.with_name(path.name + SIDECAR)


def _agent() -> dict[str, str]:
    return {"name": "Second Unit", "version": __version__}


def _manifest(claim: Claim, mime: str) -> dict[str, Any]:
    assertions: list[dict[str, Any]] = [
        {"label": "c2pa.actions.v2", "data": {"actions": [dict(one) for one in claim.actions]}},
        {"label": "cawg.training-mining", "data": {"entries": _MINING}},
    ]
    if claim.facts:
        assertions.append({"label": "org.secondunit.generation", "data": dict(claim.facts)})
    return {
        "claim_version": 2,
        "claim_generator_info": [_agent()],
        "title": claim.title,
        "format": mime,
        "assertions": assertions,
    }


def _verdict(reader: c2pa.Reader) -> Verdict:
    results = reader.get_validation_results() or {}
    manifest = reader.get_active_manifest() or {}
    failures = [one["code"] for one in results.get("activeManifest", {}).get("failure", [])]
    inside = list(dict.fromkeys(_inside(reader)))
    facts: Mapping[str, Any] = next(
        (
            one.get("data", {})
            for one in manifest.get("assertions", [])
            if one.get("label") == "org.secondunit.generation"
        ),
        {},
    )
    signer = str((manifest.get("signature_info") or {}).get("issuer", ""))
    words = {"Trusted": "trusted", "Valid": "unknown"}
    word = "invalid" if inside else words.get(str(reader.get_validation_state()), "invalid")
    return Verdict(word, (*failures, *inside), signer, facts)


def _inside(reader: c2pa.Reader) -> Iterator[str]:
    """Failures of what it was made from, and of what that was made from, however far back.

    The top of the file says nothing of them, and each manifest of its own ingredients alone.
    """
    for manifest in json.loads(reader.json()).get("manifests", {}).values():
        for one in manifest.get("ingredients", ()):
            told = (one.get("validation_results") or {}).get("activeManifest") or {}
            for fault in told.get("failure", ()):
                if fault["code"] != "signingCredential.untrusted":  # a stranger's is no damaged one
                    yield f"ingredient {one.get('title') or one.get('label')}: {fault['code']}"


def _refused(path: Path, error: Exception) -> StoreError:
    return StoreError(
        f"{path.name} could not be marked with a content credential: {str(error)[:200]}",
        hint="See whether the file is whole, and whether the disk has room.",
        data={"path": str(path)},
    )


class _Nothing(io.RawIOBase):
    """Swallows what is written: signing beside a file would copy the whole file otherwise."""

    def __init__(self) -> None:
        self._at = self._size = 0

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def readinto(self, into: Any) -> int:
        return 0

    def write(self, data: Any) -> int:
        self._at += len(data)
        self._size = max(self._size, self._at)
        return len(data)

    def truncate(self, size: int | None = None) -> int:
        return size or 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = (0, self._at, self._size)[whence] + offset
        return self._at
