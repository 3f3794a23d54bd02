"""Content vectors of the sample world, shipped with it so that its first start encodes nothing."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import tomli_w
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn, without types

from relvid_core.config import TowersConfig
from relvid_core.encoders.content_store import ContentStore
from relvid_core.encoders.contract import ContentT, CorpusEncoder, EncoderCard, ItemEncoder
from relvid_core.encoders.descriptor import DescriptorEncoder
from relvid_core.encoders.encode import encode
from relvid_core.encoders.encoding_progress import EncodingProgress
from relvid_core.encoders.features import Modality
from relvid_core.encoders.frames import frames_of
from relvid_core.encoders.text import TfidfEncoder
from relvid_core.errors import DataError
from relvid_core.runtime import drain
from relvid_core.simulation.loader import SAMPLE_FOLDER, load_sample

EMBEDDING_FOLDER: Final = "embeddings"
PROVENANCE_FILE: Final = "provenance.toml"
SHIPPED_EMBEDDINGS: Final = SAMPLE_FOLDER / EMBEDDING_FOLDER  # for `ContentStore(root, shipped=(…,))`
COMMAND: Final = "python -m relvid_core.simulation --embeddings"

Report = Callable[[EncodingProgress], None]


def write_embeddings(folder: Path, *, sentences: bool, on_progress: Report | None = None) -> list[EncoderCard]:
    """Encode the world in `folder` and put the vectors into its `embeddings/`, in place of older ones.

    TF-IDF of the texts, descriptors of the thumbnails, and sentence vectors of the texts if asked for: those need
    their optional package. The layout is that of a ContentStore with one file an encoder; `provenance.toml` says what
    made them. The same versions give the same bytes. Raises DataError for a damaged world or a disk that refuses,
    MissingDependency without the package.
    """
    catalog = load_sample(folder).catalog
    target = folder / EMBEDDING_FOLDER
    try:
        with (
            # one thread, because the sums of several end in other digits
            threadpool_limits(limits=1, user_api="blas"),
            tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as work,
        ):
            new, old = Path(work) / "new", Path(work) / "old"
            store = ContentStore(new)
            made = [
                _encode_into(store, TfidfEncoder(TowersConfig().text_dim), catalog.text, on_progress),
                _encode_into(store, DescriptorEncoder(), frames_of(catalog), on_progress),
            ]
            if sentences:
                made.append(_encode_sentences(store, catalog.text, on_progress))
            (new / PROVENANCE_FILE).write_text(_provenance(made), encoding="utf-8")
            if target.exists():
                target.rename(old)
            new.rename(target)
    except OSError as error:
        raise DataError(f"{target}: cannot be written ({error}). Free some space, or check its permissions.") from error
    return [card for card, _ in made]


Made = tuple[EncoderCard, Modality]


def _encode_sentences(store: ContentStore, texts: Sequence[str], on_progress: Report | None) -> Made:
    from relvid_core.encoders.sentence import SentenceEncoder  # its libraries take seconds to import

    return _encode_into(store, SentenceEncoder(), texts, on_progress)


def _encode_into(
    store: ContentStore,
    encoder: ItemEncoder[ContentT] | CorpusEncoder[ContentT],
    contents: Sequence[ContentT],
    on_progress: Report | None,
) -> Made:
    """Encode everything and keep it in one file: several would be cut where the clock says."""
    steps = encode(encoder, contents, store=store, keep_every_s=math.inf)
    reports: list[EncodingProgress] = []

    def listen(progress: EncodingProgress) -> None:
        reports.append(progress)
        if on_progress is not None:
            on_progress(progress)

    modality = drain(steps, listen)
    if reports and reports[-1].notes:  # the last report holds all of them
        raise DataError(" ".join(reports[-1].notes))
    return encoder.card, modality


def _provenance(made: list[Made]) -> str:
    tables: list[dict[str, Any]] = [
        {
            "name": card.name,
            "title": card.title,
            "version": card.version,
            "modality": card.modality,
            "dim": modality.matrix.shape[1],
            "videos": len(modality.matrix),
            "videos_with_content": int(modality.present.sum()),
            "folder": card.fingerprint,
        }
        for card, modality in made
    ]
    intro = "# What made these vectors (half precision, in the layout of relvid_core/encoders/content_store.py).\n"
    return intro + tomli_w.dumps({"command": COMMAND, "encoders": tables})
