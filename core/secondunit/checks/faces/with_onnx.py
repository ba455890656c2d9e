"""Faces by a model of your own: two ONNX files on this machine, through OpenCV.

The finder has the outputs of YuNet and the embedding the input of SFace (OpenCV Zoo): that is what
``cv2.FaceDetectorYN`` and ``cv2.FaceRecognizerSF`` read. A card beside them, in TOML, says under
which licence they came and which bytes they are; other bytes are not loaded.
"""

from __future__ import annotations

import hashlib
import threading
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from secondunit_bridge.errors import (
    CardWrong,
    FieldError,
    ModelMissing,
    ModelUntrusted,
    RightsRefused,
)
from secondunit_bridge.film import Region
from secondunit_bridge.wire import typed

from ...disk import saying_why
from ...media.sight import fitted
from ...models.licences import KNOWN
from .face import LOOKED, Codes, Face, largest_first, turned

EXAMPLE = (
    'It needs name, licence, limit, and [find] and [embed], each with file = "….onnx" and sha256.'
)
_OVERLAP, _MOST = 0.3, 200  # of boxes that are one face; faces of one picture


@dataclass(frozen=True)
class OnnxFile:
    """One file of the card: its path from where the card lies, and what its bytes are."""

    file: str
    sha256: str


@dataclass(frozen=True)
class FaceCard:
    """What a person says of a face model. ``limit`` is in distances of unit embeddings.

    ``sure``: the least score of a face that is believed.
    """

    name: str
    licence: str
    limit: float
    find: OnnxFile
    embed: OnnxFile
    sure: float = 0.9

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("the model has no name")
        if not self.licence.strip():
            raise ValueError("it says no licence: nobody knows whether it may be used")
        if not 0 < self.limit <= 2 or not 0 < self.sure < 1:
            raise ValueError("limit is in 0..2 and sure in 0..1")


class OnnxFaces:
    """YuNet's kind of finder and SFace's kind of embedding.

    Both keep what they work on inside them, so one picture at a time: other threads wait.
    """

    def __init__(self, card: FaceCard, finder: bytes, embedding: bytes) -> None:
        digest = hashlib.sha256(finder + embedding).hexdigest()
        self.name = f"{card.name} {digest[:12]}"
        self.licence, self.limit = card.licence, card.limit
        self.credit = f"Looked at with {card.name}, {card.licence}."
        self._lock = threading.Lock()
        quiet = cv2.utils.logging.LOG_LEVEL_ERROR  # it warns of a default that it sets itself
        before = cv2.utils.logging.setLogLevel(quiet)
        try:
            self._look = cv2.FaceDetectorYN.create(
                "onnx", _bytes(finder), _bytes(b""), (LOOKED, LOOKED), card.sure, _OVERLAP, _MOST
            )
            self._like = cv2.FaceRecognizerSF.create("onnx", _bytes(embedding), _bytes(b""))
            self.find(np.zeros((64, 64, 3), np.uint8), 0, 64)
        except cv2.error as error:
            raise ModelUntrusted(
                f"{card.name} cannot be read as a face model: {error.err or error}",
                hint="The finder must be like YuNet, the embedding like SFace (OpenCV Zoo).",
            ) from error
        finally:
            cv2.utils.logging.setLogLevel(before)

    def find(self, picture: Codes, frame: int, wide: int) -> list[Face]:
        """See FaceModel."""
        small = fitted(picture.astype(np.float32), LOOKED).astype(np.uint8)
        seen = np.ascontiguousarray(small[..., ::-1])  # OpenCV's models want BGR
        rows, columns = seen.shape[:2]
        with self._lock:
            self._look.setInputSize((columns, rows))
            found = self._look.detect(seen)[1]
            rows_found = () if found is None else found
            faces = [self._face(seen, row, frame, wide) for row in rows_found]
        return largest_first(faces)

    def _face(self, seen: Codes, row: Any, frame: int, wide: int) -> Face:
        rows, columns = seen.shape[:2]
        like = self._like.feature(self._like.alignCrop(seen, row)).reshape(-1)
        x, y, across, high = (float(value) for value in row[:4])
        points = [(float(row[4 + 2 * n]), float(row[5 + 2 * n])) for n in range(3)]
        three = [*sorted(points[:2]), points[2]]
        left, top = np.clip((x / columns, y / rows), 0, 1)
        right, low = np.clip(((x + across) / columns, (y + high) / rows), 0, 1)
        region: Region = (float(left), float(top), float(right - left), float(low - top))
        return Face(
            frame,
            region,
            tuple((px / columns, py / rows) for px, py in three),
            np.asarray(like / max(float(np.linalg.norm(like)), 1e-9), np.float32),
            turn=turned(three),
            wide=across * wide / columns,
            sure=float(row[14]),
        )


def onnx_faces(path: Path, use: str) -> OnnxFaces:
    """The model that a card names; ``use`` is what the production is for.

    Raises CardWrong, ModelMissing, ModelUntrusted, RightsRefused, NotPermitted.
    """
    card = read_card(path)
    known = KNOWN.get(card.licence.strip().lower())
    if known and known.commercial == "block" and use == "commercial":
        raise RightsRefused(
            f"{card.name} is under {known.name}, which excludes commercial use",
            hint="Use another model, or say production_use = non-commercial if that is so.",
        )
    folder = path.parent
    return OnnxFaces(card, _content(folder, card.find), _content(folder, card.embed))


def read_card(path: Path) -> FaceCard:
    """The card. Raises CardWrong naming what is wrong; NotPermitted."""
    with saying_why(path):
        if not path.is_file():
            raise CardWrong(f"there is no card of a face model at {path}", hint=EXAMPLE)
        text = path.read_bytes()
    try:
        return typed(FaceCard, tomllib.loads(text.decode()), "card")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CardWrong(f"{path} is no TOML: {error}", hint=EXAMPLE) from error
    except FieldError as error:
        raise CardWrong(f"{path}: {error.message}", hint=EXAMPLE) from error


def _content(folder: Path, said: OnnxFile) -> bytes:
    path = folder / said.file
    with saying_why(path):
        if not path.is_file():
            raise ModelMissing(
                f"the face model's file {path} is not there", hint="Put it there: none is fetched."
            )
        content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != said.sha256.strip().lower():
        raise ModelUntrusted(
            f"{path.name} is not the file that the card names: its sha256 is {digest}",
            hint="If you trust it, write that into the card.",
        )
    return content


def _bytes(content: bytes) -> Any:
    return np.frombuffer(content, np.uint8)
