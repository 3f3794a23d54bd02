"""Videos encoded in a second: OpenCLIP beside its bare forward pass, and the encoders that need no weights.

    python -m benchmarks.encoding --pictures 192

Works on the sample world, one picture a video, with random weights (speed does not depend on them) and torch's default
threads. "Bare forward" is the picture tower over tensors that were read and prepared before, in the same batches; what
`encode` loses against it is what reading does not hide behind the model. The two take turns, batch by batch, so that
whatever else the machine does slows both; "processor" is the same ratio in processor seconds, which a busy machine
hardly changes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from relvid_core.data.catalog import Catalog
from relvid_core.encoders.clip import ClipImageEncoder, ClipTextEncoder
from relvid_core.encoders.clip_weights import checked_name, find_weights, open_clip_library
from relvid_core.encoders.contract import ContentT, ItemEncoder
from relvid_core.encoders.descriptor import DescriptorEncoder
from relvid_core.encoders.frames import frames_of
from relvid_core.encoders.pictures import PictureFault, read_picture
from relvid_core.encoders.sentence import SentenceEncoder, is_installed
from relvid_core.encoders.text import TfidfEncoder
from relvid_core.simulation.loader import load_sample


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="ViT-B-32", help="an architecture of open_clip")
    parser.add_argument("--pictures", type=int, default=192)
    options = parser.parse_args()
    catalog = load_sample().catalog
    print(f"Sample world, {torch.get_num_threads()} threads of torch\n\n| | videos/s | × bare forward |\n|---|---|---|")
    _without_weights(catalog)
    with TemporaryDirectory() as folder:
        _clip(catalog, checked_name(options.model), options.pictures, Path(folder))


def _without_weights(catalog: Catalog) -> None:
    tfidf = TfidfEncoder(128, 0)
    _row(tfidf.card.title, _rate(len(catalog), lambda: tfidf.encode_corpus(catalog.text)))
    descriptor = DescriptorEncoder()
    some = frames_of(catalog)[:600]
    descriptor.encode(some[:8])  # its library wakes up untimed
    _row(descriptor.card.title, _rate(len(some), lambda: _encode(descriptor, some)))
    if is_installed():
        sentence = SentenceEncoder()
        texts = catalog.text[:600]
        sentence.encode(texts[:8])
        _row(sentence.card.title, _rate(len(texts), lambda: _encode(sentence, texts)))


def _clip(catalog: Catalog, model: str, n_pictures: int, folder: Path) -> None:
    weights = folder / "random.safetensors"
    random = open_clip_library().create_model(model, load_weights=False).state_dict()
    save_file({name: tensor.contiguous() for name, tensor in random.items()}, weights)
    found = find_weights(model, weights)
    pictures, texts = ClipImageEncoder(found), ClipTextEncoder(found)
    frames = frames_of(catalog)[:n_pictures]
    pictures.encode(frames[:8])
    start = time.perf_counter()
    prepared = torch.stack([_prepared(pictures, paths[0]) for paths in frames])
    reading = len(frames) / (time.perf_counter() - start)
    bare, ours = np.zeros(2), np.zeros(2)  # seconds on the wall and of the processor
    for turn, start_at in enumerate(range(0, len(frames), pictures.batch_size)):
        mine = slice(start_at, start_at + pictures.batch_size)
        for forward in (True, False) if turn % 2 else (False, True):
            began = np.array([time.perf_counter(), time.process_time()])
            if forward:
                _forward(pictures, prepared[mine])
            else:
                pictures.encode(frames[mine])
            spent = np.array([time.perf_counter(), time.process_time()]) - began
            (bare if forward else ours)[:] += spent
    ratio, of_processor = bare / ours
    _row(f"{model}: reading and preparing pictures, one thread", reading)
    _row(f"{model}: bare forward, {pictures.model_batch} pictures at once", len(frames) / bare[0], "1")
    name = f"{model}: encode, {pictures.batch_size} videos at once"
    _row(name, len(frames) / ours[0], f"{ratio:.2f} (processor {of_processor:.2f})")
    words = catalog.text[:n_pictures]
    texts.encode(words[:8])
    _row(f"{model}: texts", _rate(len(words), lambda: _encode(texts, words)))


def _prepared(encoder: ClipImageEncoder, path: Path) -> torch.Tensor:
    picture = read_picture(path)
    assert not isinstance(picture, PictureFault)  # the sample world's own
    prepared: torch.Tensor = encoder.clip.prepare(Image.fromarray(picture))
    return prepared


def _forward(encoder: ClipImageEncoder, prepared: torch.Tensor) -> None:
    clip = encoder.clip
    with torch.inference_mode():
        for batch in torch.split(prepared, encoder.model_batch):
            clip.model.encode_image(batch.to(clip.device)).cpu()


def _encode(encoder: ItemEncoder[ContentT], contents: Sequence[ContentT]) -> None:
    """As the driver does it: batch after batch, each of the size that the encoder likes."""
    for start in range(0, len(contents), encoder.batch_size):
        encoder.encode(contents[start : start + encoder.batch_size])


def _rate(n_videos: int, work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return n_videos / (time.perf_counter() - start)


def _row(name: str, per_second: float, ratio: str = "") -> None:
    print(f"| {name} | {per_second:,.1f} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
