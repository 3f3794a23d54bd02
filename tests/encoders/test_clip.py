"""OpenCLIP encoders: every way to the weights gives the same vectors, and wrong weights are refused in words."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from relvid_core.encoders.clip import ClipImageEncoder, ClipTextEncoder, load_clip
from relvid_core.encoders.clip_weights import find_weights, open_clip_library
from relvid_core.errors import ConfigError, EncoderError

Draw = Callable[..., Path]


def test_every_way_to_the_weights_gives_the_same_vectors(published: Any, draw: Draw) -> None:
    frames = [(draw("a.png"),), (draw("b.png", (0, 0, 90)),)]
    texts = ["a red disc", "ein blauer Kreis"]
    routes = [
        find_weights(published.name, published.safetensors),
        find_weights(published.name, published.torch_file),
        find_weights("", f"local-dir:{published.folder}"),
        find_weights(published.name, published.tag, cache_dir=published.cache),
        find_weights(published.name, None, cache_dir=published.cache),
    ]
    pictures = [ClipImageEncoder(found, device="cpu").encode(frames) for found in routes]
    words = [ClipTextEncoder(found, device="cpu").encode(texts) for found in routes]
    assert all(np.array_equal(pictures[0], other) for other in pictures[1:])
    assert all(np.array_equal(words[0], other) for other in words[1:])
    assert np.linalg.norm(np.vstack([pictures[0], words[0]]), axis=1) == pytest.approx([1.0] * 4, abs=1e-6)
    assert not np.allclose(pictures[0][0], pictures[0][1])


def test_pictures_as_open_clip_itself_would_encode_them(tiny_clip: Any, draw: Draw) -> None:
    paths = (draw("a.png"), draw("b.png", (0, 90, 0)), draw("c.png", (9, 9, 9)))
    model, _, prepare = open_clip_library().create_model_and_transforms(
        tiny_clip.name, pretrained=str(tiny_clip.safetensors)
    )
    with torch.no_grad():
        alone = [
            model.eval().encode_image(prepare(Image.open(path))[None], normalize=True)[0].numpy() for path in paths
        ]
    expected = [alone[0], alone[1] + alone[2]]
    expected = [vector / np.sqrt((vector**2).sum()) for vector in expected]
    encoder = ClipImageEncoder(find_weights(tiny_clip.name, tiny_clip.safetensors), device="cpu", model_batch=2)
    found = encoder.encode([(paths[0],), (paths[1], paths[2]), ()])
    assert found[:2] == pytest.approx(np.stack(expected), abs=1e-5)
    assert not found[2].any()


def test_a_bad_picture_is_named_and_stops_nothing(tiny_clip: Any, draw: Draw, tmp_path: Path) -> None:
    good, bad = draw("good.png"), tmp_path / "bad.jpg"
    bad.write_bytes(b"\xff\xd8\xff not a photograph")
    encoder = ClipImageEncoder(find_weights(tiny_clip.name, tiny_clip.safetensors), device="cpu")
    found = encoder.encode([(bad, good), (bad,), (good,), (tmp_path / "gone.png",)])
    assert found[0] == pytest.approx(found[2], abs=1e-6)
    assert found.any(axis=1).tolist() == [True, False, True, False]
    assert [fault.path.name for fault in encoder.faults] == ["bad.jpg", "bad.jpg", "gone.png"]
    assert encoder.encode([]).shape == (0, 32)


def test_attention_counts_the_odd_frame_for_less(tiny_clip: Any, draw: Draw) -> None:
    found = find_weights(tiny_clip.name, tiny_clip.safetensors)
    same = [draw(f"{place}.png", (200, place, place)) for place in range(4)]
    odd = draw("odd.png", (0, 0, 0), (0, 0, 0))
    mean, focused = (
        ClipImageEncoder(found, device="cpu", attention_temperature=temperature).encode(
            [(*same, odd), (odd,), (*same,)]
        )
        for temperature in (None, 0.05)
    )
    assert focused[0] @ focused[2] > mean[0] @ mean[2]
    assert focused[0] @ focused[1] < mean[0] @ mean[1]


def test_texts_as_open_clip_itself_would_encode_them(tiny_clip: Any) -> None:
    library = open_clip_library()
    model = library.create_model(tiny_clip.name, pretrained=str(tiny_clip.safetensors)).eval()
    texts = ["baking bread", "", "  \n", "a" * 100_000, "half a pair \ud83d", "<script>"]
    encoder = ClipTextEncoder(find_weights(tiny_clip.name, tiny_clip.safetensors), device="cpu")
    found = encoder.encode(texts)
    with torch.no_grad():
        tokens = library.get_tokenizer(tiny_clip.name)(["baking bread"])
        expected = model.encode_text(tokens, normalize=True)[0].numpy()
    assert found[0] == pytest.approx(expected, abs=1e-5)
    assert found.any(axis=1).tolist() == [True, False, False, True, True, True]
    assert np.isfinite(found).all()


def test_both_towers_share_one_model(tiny_clip: Any) -> None:
    found = find_weights(tiny_clip.name, tiny_clip.safetensors)
    pictures, texts = ClipImageEncoder(found, device="cpu"), ClipTextEncoder(found, device="cpu")
    assert pictures.clip is texts.clip
    assert not pictures.clip.model.training
    with pytest.raises(ConfigError, match="device"):
        load_clip(found, device="abacus")


def test_the_card_names_what_may_change_a_vector_and_loads_nothing(published: Any) -> None:
    found = find_weights(published.name, published.safetensors)
    encoder = ClipImageEncoder(found)
    assert (encoder.card.dim, encoder.card.modality, encoder.card.name) == (32, "visual", "clip-image")
    assert found.digest[:16] in encoder.card.version
    assert "open_clip 3." in encoder.card.version
    assert "clip" not in vars(encoder)  # the model
    cached = find_weights(published.name, published.tag, cache_dir=published.cache)
    assert ClipTextEncoder(cached).card.modality == "text"
    pooled = ClipImageEncoder(found, attention_temperature=0.1).card
    assert len({encoder.card.fingerprint, pooled.fingerprint, ClipTextEncoder(found).card.fingerprint}) == 3


def test_reading_a_card_imports_neither_open_clip_nor_torch_models(tiny_clip: Any) -> None:
    code = (
        "import sys\nfrom relvid_core.encoders.clip_weights import find_weights\n"
        f"found = find_weights('ViT-B-32', {str(tiny_clip.safetensors)!r})\n"
        "print(found.version, found.embed_dim, 'open_clip' in sys.modules, 'torch' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "ViT-B-32" in told
    assert told.split()[-3:] == ["512", "False", "False"]


@pytest.mark.parametrize("asked", ["relvid-other", "ViT-B-32", "RN50"])
def test_weights_of_another_architecture(tiny_clip: Any, asked: str) -> None:
    found = find_weights(asked, tiny_clip.safetensors)
    start = time.perf_counter()
    with pytest.raises(EncoderError, match=rf"tiny\.safetensors: these weights are not of {asked}.*relvid-tiny"):
        load_clip(found, device="cpu")
    assert time.perf_counter() - start < 3


def test_weights_that_only_the_loader_can_refuse(tiny_clip: Any, tmp_path: Path) -> None:
    strange = tmp_path / "strange.safetensors"
    save_file({"visual.something": torch.zeros(3, 3)}, strange)
    with pytest.raises(EncoderError, match=r"strange\.safetensors: these weights could not be loaded as relvid-tiny"):
        load_clip(find_weights(tiny_clip.name, strange), device="cpu")


def test_weights_of_something_else(tiny_clip: Any, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    save_file({"encoder.weight": torch.zeros(3, 3)}, other)
    with pytest.raises(EncoderError, match=r"other\.safetensors: .* no picture tower.*not of RN50.*'encoder\.weight'"):
        load_clip(find_weights("RN50", other), device="cpu")


def test_a_tokenizer_that_is_not_here(tiny_clip: Any, tmp_path: Path) -> None:
    folder = tmp_path / "with_tokenizer"
    shutil.copytree(tiny_clip.folder, folder)
    config = json.loads((folder / "open_clip_config.json").read_text())
    config["model_cfg"]["text_cfg"]["hf_tokenizer_name"] = "somebody/tokenizer"
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    encoder = ClipTextEncoder(find_weights("", folder), device="cpu")
    with pytest.raises(EncoderError, match="tokenizer of its text tower is not on this disk"):
        encoder.encode(["words"])


def test_ten_photographs(tiny_clip: Any, photos: list[Path]) -> None:
    encoder = ClipImageEncoder(find_weights(tiny_clip.name, tiny_clip.safetensors), device="cpu")
    found = encoder.encode([(path,) for path in photos])
    assert found.shape == (10, 32)
    assert not encoder.faults
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(10), abs=1e-6)
    assert len(np.unique(found.round(5), axis=0)) == 10


@pytest.mark.gpu
def test_a_gpu_gives_the_same_vectors(tiny_clip: Any, draw: Draw) -> None:
    found = find_weights(tiny_clip.name, tiny_clip.safetensors)
    frames = [(draw("a.png"),), (draw("b.png", (0, 0, 90)),)]
    here, there = (ClipImageEncoder(found, device=device).encode(frames) for device in ("cpu", "cuda"))
    assert there == pytest.approx(here, abs=1e-3)
