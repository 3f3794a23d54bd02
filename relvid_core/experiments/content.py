"""Which encoders a config asks for on a dataset, and the vectors that they give."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from pathlib import Path
from typing import Final

from relvid_core.config import TowersConfig
from relvid_core.data.dataset import Dataset
from relvid_core.encoders.clip import ClipImageEncoder, ClipTextEncoder
from relvid_core.encoders.clip_weights import WeightsFound, find_weights
from relvid_core.encoders.content_hash import content_digest
from relvid_core.encoders.content_store import ContentStore
from relvid_core.encoders.contract import CorpusEncoder, Frames, ItemEncoder
from relvid_core.encoders.descriptor import DescriptorEncoder
from relvid_core.encoders.encode import EncodingJob, encode_all
from relvid_core.encoders.encoding_progress import EncodingProgress
from relvid_core.encoders.features import ContentFeatures, Modality
from relvid_core.encoders.frames import frames_of
from relvid_core.encoders.pictures import summary
from relvid_core.encoders.sentence import SentenceEncoder
from relvid_core.encoders.text import TfidfEncoder
from relvid_core.encoders.vector_file import modality_of
from relvid_core.errors import EncoderError
from relvid_core.experiments.datasets import runs_home
from relvid_core.simulation.embeddings import SHIPPED_EMBEDDINGS

CONTENT_FOLDER: Final = "content"
FRAME_ATTENTION: Final = 0.1  # softmax temperature over the cosines of frames to their mean

Steps = Generator[EncodingProgress, None, ContentFeatures]


def content_store(home: Path | None = None) -> ContentStore:
    """Where vectors are kept: beside the runs, and for the sample world those that ship with the project."""
    return ContentStore((home or runs_home()) / CONTENT_FOLDER, (SHIPPED_EMBEDDINGS,))


def content_key(dataset: Dataset, towers: TowersConfig) -> str:
    """Changes when `encode_content` could give something else, but for a picture that was changed in its place."""
    asked: list[object] = [dataset.fingerprint, towers.text_encoder, towers.text_dim]
    if towers.use_visual:
        asked += [towers.visual_encoder, towers.frame_pooling]
    if "clip" in asked:
        asked += [towers.clip_model, towers.clip_weights]
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:16]


def pictures_digest(dataset: Dataset) -> str:
    """Changes when any picture of the catalogue does; looks at sizes and times of files that it has read before."""
    digests = [content_digest(frames) for frames in frames_of(dataset.catalog)]
    return hashlib.sha256(b"".join(digests)).hexdigest()[:16]


def encode_content(dataset: Dataset, towers: TowersConfig, store: ContentStore | None) -> Steps:
    """The text of every video, which baselines read too, and its pictures where the towers do and there are any.

    Vectors come from `store` where it has them. Raises EncoderError or MissingDependency for an encoder that cannot
    work here: no weights, no such file, no such package.
    """
    given: dict[str, Modality] = {}
    jobs: list[EncodingJob[str] | EncodingJob[Frames]] = []
    if towers.text_encoder == "file":
        given["text"] = _from_file(dataset, "text")
    else:
        jobs.append(EncodingJob(_text_encoder(towers), dataset.catalog.text))
    if towers.use_visual and towers.visual_encoder == "file":
        given["visual"] = _from_file(dataset, "visual")
    elif towers.use_visual and any(frames := frames_of(dataset.catalog)):
        jobs.append(EncodingJob(_visual_encoder(towers), frames))
    encoded = yield from encode_all(jobs, store=store)
    given |= {modality.name: modality for modality in encoded.modalities}
    faults = [fault for job in jobs for fault in getattr(job.encoder, "faults", [])]
    notes = [*encoded.notes, *([summary(faults)] if faults else [])]
    return ContentFeatures(tuple(given[name] for name in ("text", "visual") if name in given), tuple(notes))


def _text_encoder(towers: TowersConfig) -> ItemEncoder[str] | CorpusEncoder[str]:
    if towers.text_encoder == "sentence":
        return SentenceEncoder()
    if towers.text_encoder == "clip":
        return ClipTextEncoder(_clip(towers))
    return TfidfEncoder(towers.text_dim)


def _visual_encoder(towers: TowersConfig) -> ItemEncoder[Frames]:
    if towers.visual_encoder == "clip":
        attention = FRAME_ATTENTION if towers.frame_pooling == "attention" else None
        return ClipImageEncoder(_clip(towers), attention_temperature=attention)
    return DescriptorEncoder()


def _clip(towers: TowersConfig) -> WeightsFound:
    return find_weights(towers.clip_model, towers.clip_weights or None)


def _from_file(dataset: Dataset, name: str) -> Modality:
    vectors = dataset.vectors.get(name)
    if vectors is None:
        raise EncoderError(
            f"{dataset.title}: the {name} encoder is set to “file”, but there is no {name}_vectors.parquet, "
            f"nor .npy with {name}_vectors_ids.csv, beside its files. Add one, or choose another encoder."
        )
    return modality_of(vectors, "text" if name == "text" else "visual")
