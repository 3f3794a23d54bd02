"""OpenCLIP: pictures and texts as vectors of one space."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

import numpy as np
import torch
from PIL import Image

from relvid_core.data.files import shortened
from relvid_core.encoders.clip_fit import check_fit
from relvid_core.encoders.clip_weights import FOLDER_PREFIX, WeightsFound, open_clip_library
from relvid_core.encoders.contract import EncoderCard, Frames, Matrix
from relvid_core.encoders.frames import attention_pooled, mean_pooled, unit
from relvid_core.encoders.hub import offline
from relvid_core.encoders.pictures import PictureFault, PictureLimits, read_picture
from relvid_core.encoders.text import readable
from relvid_core.errors import EncoderError
from relvid_core.runtime import resolve_device

_READERS: Final = 2  # threads that read and prepare pictures while the model works
# What open_clip and torch raise where weights or descriptions do not belong together; they have no type of their own.
_MISFITS: Final = (
    *(AssertionError, RuntimeError, KeyError, AttributeError, IndexError, TypeError, ValueError, OSError),
    *(StopIteration, ImportError, ZeroDivisionError),
)


@dataclass(eq=False)
class Clip:
    """A loaded model, for inference."""

    model: Any  # open_clip's, in eval mode
    found: WeightsFound
    device: torch.device

    @cached_property
    def prepare(self) -> Any:
        """From a PIL picture to what the picture tower takes, `[3, size, size]`."""
        transform = open_clip_library().transform
        return transform.image_transform_v2(transform.PreprocessCfg(**self.model.visual.preprocess_cfg), is_train=False)

    @cached_property
    def tokenize(self) -> Any:
        """From texts to tokens `[n, context]`. Raises EncoderError where its vocabulary is not on this disk."""
        try:
            with offline():
                return open_clip_library().get_tokenizer(_open_clip_name(self.found))
        except _MISFITS as error:
            raise EncoderError(
                f"{self.found.model}: the tokenizer of its text tower is not on this disk ({_first_line(error)}). "
                "Encode the pictures alone, or take a model such as ViT-B-32, whose tokenizer comes with open_clip."
            ) from error


_LOADED: WeakValueDictionary[tuple[WeightsFound, str, str], Clip] = WeakValueDictionary()


def load_clip(found: WeightsFound, *, device: str = "auto") -> Clip:
    """Build the model and load the weights from disk; both towers' encoders share it while one of them is alive.

    Raises EncoderError where the weights do not belong to the architecture.
    """
    target = resolve_device(device)
    key = (found, found.digest, str(target))
    if (loaded := _LOADED.get(key)) is not None:
        return loaded
    check_fit(found)
    library = open_clip_library()
    settings = {"mean", "std", "interpolation", "resize_mode"} & set(found.pretrained)
    try:
        with offline():
            model = library.create_model(
                _open_clip_name(found),
                pretrained=None if found.origin == "folder" else str(found.path),
                device="cpu",
                pretrained_text=False,
                force_quick_gelu=bool(found.pretrained.get("quick_gelu", False)),
                force_preprocess_cfg={name: found.pretrained[name] for name in settings},
                require_pretrained=True,
                weights_only=True,
            )
    except _MISFITS as error:
        raise EncoderError(
            f"{found.path.name}: these weights could not be loaded as {found.model} ({_first_line(error)}). "
            "Name the architecture that they were trained with, or other weights."
        ) from error
    clip = Clip(model.eval().requires_grad_(False).to(target), found, target)
    _LOADED[key] = clip
    return clip


class _Tower:
    """What both encoders share: the weights by name until the first encoding, the model from then on."""

    def __init__(self, found: WeightsFound, device: str) -> None:
        self.found = found
        self.device = resolve_device(device)

    @cached_property
    def clip(self) -> Clip:
        """The model, loaded at the first look."""
        return load_clip(self.found, device=self.device.type)


class ClipImageEncoder(_Tower):
    """The picture tower: the frames of a video are pooled into one vector.

    With `attention_temperature` frames are weighted by how near they are to their mean (`frames.attention_pooled`).
    Pictures are read and prepared by threads while the model works on those before.
    """

    def __init__(
        self,
        found: WeightsFound,
        *,
        device: str = "auto",
        batch_size: int | None = None,
        model_batch: int | None = None,
        attention_temperature: float | None = None,
        limits: PictureLimits | None = None,
    ) -> None:
        super().__init__(found, device)
        # Of videos; on a CPU about two seconds of ViT-B-32, so that stopping and progress need not wait for long.
        self.batch_size = batch_size or (32 if self.device.type == "cpu" else 256)
        # Of pictures that go through the model at once; on a CPU more are not faster, and hide less of the reading.
        self.model_batch = model_batch or (8 if self.device.type == "cpu" else 64)
        self.attention_temperature = attention_temperature
        self.limits = limits
        self.faults: list[PictureFault] = []  # pictures that could not be used, of all batches so far

    @property
    def card(self) -> EncoderCard:
        """Who this is; builds no model."""
        pooling = "mean" if self.attention_temperature is None else f"attention {self.attention_temperature:g}"
        title = f"OpenCLIP {self.found.model}, picture tower"
        return EncoderCard(
            "clip-image", title, f"{self.found.version}, frames by {pooling}", "visual", self.found.embed_dim
        )

    def encode(self, batch: Sequence[Frames]) -> Matrix:
        """`[len(batch), dim]`: unit rows; zero rows for videos of which no picture could be used."""
        clip = self.clip  # loaded before the threads start
        vectors: list[Matrix] = []
        owner: list[int] = []
        waiting: list[torch.Tensor] = []
        for video, picture in self._pictures(batch):
            if isinstance(picture, PictureFault):
                self.faults.append(picture)
                continue
            owner.append(video)
            waiting.append(picture)
            if len(waiting) == self.model_batch:
                vectors.append(self._forward(clip, waiting))
                waiting = []
        if waiting:
            vectors.append(self._forward(clip, waiting))
        stacked = unit(np.concatenate([np.empty((0, self.found.embed_dim), np.float32), *vectors]))
        owners = np.array(owner, dtype=np.int64)
        if self.attention_temperature is None:
            return mean_pooled(stacked, owners, len(batch))
        return attention_pooled(stacked, owners, len(batch), temperature=self.attention_temperature)

    def _pictures(self, batch: Sequence[Frames]) -> Iterator[tuple[int, torch.Tensor | PictureFault]]:
        """Every picture with its video's place in the batch, in order, read a few ahead."""
        ahead: deque[tuple[int, Future[torch.Tensor | PictureFault]]] = deque()
        with ThreadPoolExecutor(_READERS, thread_name_prefix="pictures") as readers:
            try:
                for video, frames in enumerate(batch):
                    for path in frames:
                        ahead.append((video, readers.submit(self._prepared, path)))
                        if len(ahead) > 2 * self.model_batch:
                            first, future = ahead.popleft()
                            yield first, future.result()
                while ahead:
                    first, future = ahead.popleft()
                    yield first, future.result()
            finally:
                readers.shutdown(wait=True, cancel_futures=True)

    def _prepared(self, path: Path) -> torch.Tensor | PictureFault:
        picture = read_picture(path, self.limits)
        if isinstance(picture, PictureFault):
            return picture
        prepared: torch.Tensor = self.clip.prepare(Image.fromarray(picture))
        return prepared

    def _forward(self, clip: Clip, pictures: list[torch.Tensor]) -> Matrix:
        with torch.inference_mode():
            vectors = clip.model.encode_image(torch.stack(pictures).to(clip.device))
        matrix: Matrix = vectors.float().cpu().numpy()
        return matrix


class ClipTextEncoder(_Tower):
    """The text tower. It reads the first 77 tokens or so: a title, rarely the whole description."""

    def __init__(self, found: WeightsFound, *, device: str = "auto", batch_size: int = 64) -> None:
        super().__init__(found, device)
        self.batch_size = batch_size

    @property
    def card(self) -> EncoderCard:
        """Who this is; builds no model."""
        title = f"OpenCLIP {self.found.model}, text tower"
        return EncoderCard("clip-text", title, self.found.version, "text", self.found.embed_dim)

    def encode(self, batch: Sequence[str]) -> Matrix:
        """`[len(batch), dim]`: unit rows; zero rows for blank texts."""
        matrix = np.zeros((len(batch), self.found.embed_dim), dtype=np.float32)
        rows = [row for row, text in enumerate(batch) if text.strip()]
        if rows:
            clip = self.clip
            tokens = clip.tokenize([readable(batch[row]) for row in rows])
            with torch.inference_mode():
                vectors = clip.model.encode_text(tokens.to(clip.device))
            matrix[rows] = unit(vectors.float().cpu().numpy())
        return matrix


def _open_clip_name(found: WeightsFound) -> str:
    return f"{FOLDER_PREFIX}{found.path.parent}" if found.origin == "folder" else found.model


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return shortened(" ".join(lines[:2]) or type(error).__name__)
