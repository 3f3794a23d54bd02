"""Pictures drawn on the spot, and a CLIP small enough to build in a test, its weights kept in every way they come."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from relvid_core.encoders.clip_weights import open_clip_library

Draw = Callable[..., Path]
TINY = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "head_width": 32, "patch_size": 8},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
}
COMMIT = "c0ffee" * 6 + "c0ff"


@dataclass(frozen=True)
class TinyClip:
    """One set of weights: as files, as a folder, and as the hub's cache would hold them."""

    name: str
    safetensors: Path
    torch_file: Path
    folder: Path
    cache: Path
    repo: str
    tag: str


@pytest.fixture(scope="session")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> TinyClip:
    """1.6 million weights, random; most of them are the vocabulary that open_clip's tokenizer needs."""
    import torch
    from safetensors.torch import save_file

    root = tmp_path_factory.mktemp("clip")
    library = open_clip_library()
    (root / "configs").mkdir()
    (root / "configs" / "relvid-tiny.json").write_text(json.dumps(TINY))
    other = TINY | {"vision_cfg": TINY["vision_cfg"] | {"width": 96, "layers": 3}}
    (root / "configs" / "relvid-other.json").write_text(json.dumps(other))
    library.add_model_config(root / "configs")
    model = library.create_model("relvid-tiny", load_weights=False)
    state = {name: tensor.clone().contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, root / "tiny.safetensors")
    torch.save({"state_dict": {f"module.{name}": tensor for name, tensor in state.items()}}, root / "tiny.pt")
    folder = root / "folder"
    folder.mkdir()
    shutil.copy(root / "tiny.safetensors", folder / "open_clip_model.safetensors")
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": TINY, "preprocess_cfg": {}}))
    repo = root / "cache" / "models--tests--relvid-tiny"
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text(COMMIT)
    (repo / "snapshots" / COMMIT).mkdir(parents=True)
    shutil.copy(root / "tiny.safetensors", repo / "snapshots" / COMMIT / "open_clip_model.safetensors")
    return TinyClip(
        "relvid-tiny",
        root / "tiny.safetensors",
        root / "tiny.pt",
        folder,
        root / "cache",
        "tests/relvid-tiny",
        "planted",
    )


@pytest.fixture
def published(tiny_clip: TinyClip, monkeypatch: pytest.MonkeyPatch) -> TinyClip:
    """The tiny weights as a tag that open_clip knows, as if somebody had published them."""
    from open_clip import pretrained

    entry = pretrained._pcfg(hf_hub=f"{tiny_clip.repo}/")
    monkeypatch.setitem(pretrained._PRETRAINED, tiny_clip.name, {tiny_clip.tag: entry})
    return tiny_clip


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Draw a picture into the test's folder: a gradient from one colour to another with a disc, and its path."""

    def drawn(name: str, first: tuple[int, ...] = (200, 30, 30), last: tuple[int, ...] = (250, 220, 40)) -> Path:
        across = np.linspace(0, 1, 64)[None, :, None]
        ground = (1 - across) * np.array(first) + across * np.array(last)
        canvas = np.repeat(ground, 48, axis=0)
        rows, columns = np.mgrid[:48, :64]
        canvas[(rows - 24) ** 2 + (columns - 32) ** 2 < 150] = 255 - np.array(first)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(canvas.astype(np.uint8)).save(path)
        return path

    return drawn


@pytest.fixture
def photos(shared_data: Path) -> list[Path]:
    """Ten free photographs, outside the repository."""
    if not (shared_data / "photos").is_dir():
        pytest.skip(f"no photos in {shared_data}")
    return sorted((shared_data / "photos").glob("*.jpg"))
