"""Opens registered weights as a pipeline: from this disk, safetensors only, no foreign code."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from secondunit_bridge.errors import ExtraMissing, ModelMissing, NeedsModel, PlugInRefused
from secondunit_bridge.film import Model

from ...models.card import Card
from ...models.variants import chosen, wanted_of

IP_ADAPTER = "ip_adapter"
OFFLINE = {  # read by the libraries when they are first imported
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DIFFUSERS_DISABLE_REMOTE_CODE": "true",
    "DIFFUSERS_ATTN_BACKEND": "native",  # hub backends would fetch and run kernels
}
# Said by the libraries about themselves while they load or run. None is about the picture.
_CHATTER = (
    (r".*torchvision.*", UserWarning),  # pictures are resized by PIL, which is what we want
    (r".*add_prefix_space.*", UserWarning),
    (r".*torch\.jit\..* is (deprecated|not supported).*", DeprecationWarning),
    (r".*Already found a `peft_config`.*", UserWarning),  # a second LoRA, which is what was asked
    (r"__array__ implementation doesn't accept a copy.*", DeprecationWarning),  # in schedulers
    (r".*enable_nested_tensor.*", UserWarning),
    (r".*was not registered as a special token.*", UserWarning),
)


@contextmanager
def quietly() -> Iterator[None]:
    """While a model library loads or runs: what it says of itself is not passed on as a warning."""
    with warnings.catch_warnings():
        for words, kind in _CHATTER:
            warnings.filterwarnings("ignore", words, kind)
        yield


def engine() -> Any:
    """The diffusers module, offline and quiet, whatever this process was started with.

    Raises ExtraMissing, and PlugInRefused when others imported it before, and not offline.
    """
    os.environ.update(OFFLINE)
    try:
        with quietly():
            import diffusers
            import transformers
    except ImportError as error:
        raise ExtraMissing(
            f"models need a part that is not installed: {error.name or error}",
            hint='Install it with: pip install "secondunit[core,models]"',
        ) from error
    _fetches_nothing(diffusers)
    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
    return diffusers


def _fetches_nothing(diffusers: Any) -> None:
    """What the libraries read of ``OFFLINE``: it is too late when they were imported before."""
    from huggingface_hub import constants

    told = diffusers.utils.constants
    wrong = [
        name
        for name, right in (
            ("HF_HUB_OFFLINE", constants.HF_HUB_OFFLINE),
            ("DIFFUSERS_DISABLE_REMOTE_CODE", told.DIFFUSERS_DISABLE_REMOTE_CODE),
            ("DIFFUSERS_ATTN_BACKEND", told.DIFFUSERS_ATTN_BACKEND == "native"),
        )
        if not right
    ]
    if wrong:
        raise PlugInRefused(
            f"a plug-in imported the model libraries in a way that lets them fetch: {wrong[0]}",
            hint="Import diffusers, transformers and huggingface_hub inside functions, not before.",
            data={"settings": wrong},
        )


def pipeline_class(diffusers: Any, card: Card) -> Any:
    """The pipeline's class, which must be one of the engine's own."""
    kind = getattr(diffusers, card.card.pipeline, None)
    if not (isinstance(kind, type) and issubclass(kind, diffusers.DiffusionPipeline)):
        raise NeedsModel(
            f"the card {card.name} names {card.card.pipeline}, which this version of diffusers"
            " does not have",
            hint="Update the package, or use a card made for this version.",
            data={"card": card.name},
        )
    return kind


def of_part(diffusers: Any, model: Model, name: str, dtype: Any) -> Any:
    """A component from a folder of its own, or from under the model's. Raises ModelMissing."""
    with shown(part_folder(model, name), wanted_of(model)) as (folder, kind):
        return diffusers.AutoModel.from_pretrained(
            str(folder), local_files_only=True, use_safetensors=True, dtype=dtype, **kind
        )


@contextmanager
def shown(folder: Path, wanted: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """A component's folder as libraries find its weights, and the variant to name to them.

    Shards whose index has the older name are shown under plain names, in a folder of links.
    """
    kept = chosen(os.listdir(folder), wanted) if folder.is_dir() else None
    if kept is None or kept.named_for:
        yield folder, {"variant": kept.variant} if kept and kept.variant else {}
        return
    with TemporaryDirectory(prefix="su-shards-") as made:
        for name in os.listdir(folder):
            if name in kept.weights:
                os.symlink(folder.resolve() / name, Path(made, name))
            elif name.endswith(".json") and ".index." not in name:
                shutil.copyfile(folder / name, Path(made, name))
        index = f"{kept.stem}.safetensors.index.json"
        shutil.copyfile(folder / kept.index, Path(made, index))
        yield Path(made), {}


def part_folder(model: Model, name: str) -> Path:
    """Where a part lies. Raises ModelMissing when it was not registered with the model."""
    given = model.parts.get(name)
    folder = Path(given) if given else Path(model.path) / name
    if not folder.exists():
        raise ModelMissing(
            f"{model.name} has no {name} registered with it",
            hint=f"Register it with the model: secondunit models add ... --part {name}=FOLDER.",
            data={"model": model.name, "part": name},
        )
    return folder


def add_ip_adapter(pipeline: Any, model: Model) -> None:
    """Put the layers of a registered IP-Adapter into a pipeline. Raises ModelMissing."""
    place = part_folder(model, IP_ADAPTER)
    file = place if place.is_file() else next(iter(sorted(place.glob("*.safetensors"))), place)
    pipeline.load_ip_adapter(
        str(file.parent), subfolder="", weight_name=file.name, local_files_only=True,
        image_encoder_folder=None,
    )  # fmt: skip
