"""Where the weights of an OpenCLIP model are: in a file, in a folder, or in the hub's cache on this disk."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from relvid_core.data.files import listed, shortened
from relvid_core.encoders.hub import OnProgress, cache_folder, cached_file, download
from relvid_core.encoders.torchvision_cure import import_cured
from relvid_core.encoders.weights_file import SUFFIXES, check_exists, digest_of
from relvid_core.errors import EncoderError

FOLDER_PREFIX: Final = "local-dir:"
CONFIG_NAME: Final = "open_clip_config.json"
# open_clip's own order of preference in a folder.
FOLDER_NAMES: Final = (
    *("open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin"),
    *("open_clip_pytorch_model.pth", "model.safetensors", "pytorch_model.bin", "pytorch_model.pth", "model.pth"),
)
_HUB_NAMES: Final = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
_MAX_CONFIG_BYTES: Final = 2**20
_MAX_DIM: Final = 8192
_WHAT_TO_DO: Final = (
    "Or give a file (.safetensors, .pt, .bin), or a folder with open_clip_config.json and open_clip_model.safetensors"
)

Origin = Literal["file", "folder", "cache"]


@dataclass(frozen=True)
class WeightsFound:
    """Weights that are on this disk, and the architecture they are meant for."""

    model: str  # open_clip's name of the architecture; of a folder, the folder's name
    path: Path  # the file
    origin: Origin
    tag: str = ""  # open_clip's name of these weights, if they came from the hub

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file: 64 hex digits."""
        return digest_of(self.path)

    @cached_property
    def architecture(self) -> dict[str, Any]:
        """open_clip's description of the towers: embed_dim, vision_cfg, text_cfg. Not to be changed."""
        if self.origin != "folder":
            return architecture_of(self.model)
        return _checked_architecture(_folder_config(self.path.parent).get("model_cfg"), self.path.parent / CONFIG_NAME)

    @property
    def embed_dim(self) -> int:
        """How many numbers a vector has."""
        return int(self.architecture["embed_dim"])

    @cached_property
    def pretrained(self) -> dict[str, Any]:
        """What a tag says of its weights: how pictures are prepared, and `quick_gelu`. Empty for files and folders."""
        return dict(open_clip_library().get_pretrained_cfg(self.model, self.tag)) if self.tag else {}

    @property
    def version(self) -> str:
        """What may change a vector: library, architecture, preparation of pictures and the weights themselves."""
        prepared = (
            _folder_config(self.path.parent).get("preprocess_cfg") if self.origin == "folder" else self.pretrained
        )
        settings = json.dumps([self.architecture, prepared], sort_keys=True, default=str)
        short = hashlib.sha256(settings.encode()).hexdigest()[:8]
        name = "folder" if self.origin == "folder" else self.model
        return f"open_clip {version('open_clip_torch')}, {name} {short}, weights {self.digest[:16]}"


def find_weights(model: str, weights: str | Path | None, *, cache_dir: Path | None = None) -> WeightsFound:
    """Look on this disk; nothing is downloaded and no model is built.

    `weights` is a file; a folder (also as "local-dir:FOLDER"), which brings its own architecture, so that `model` is
    not asked; or a tag of open_clip ("laion2b_s34b_b79k") in the hub's cache. None: any tag of `model` that the cache
    holds, in open_clip's order. Raises EncoderError that says what to do.
    """
    text = str(weights).strip() if weights is not None else None
    if text == "":
        raise EncoderError(f"no weights were named for {shortened(model)}. Name published ones (a tag). {_WHAT_TO_DO}.")
    if text is not None:
        place = Path(text.removeprefix(FOLDER_PREFIX)).expanduser()
        is_path = "/" in text or "\\" in text
        if text.startswith(FOLDER_PREFIX) or (place.is_dir() and (is_path or (place / CONFIG_NAME).is_file())):
            return _in_folder(place.absolute())
        name = checked_name(model)
        if is_path or place.suffix.lower() in SUFFIXES or place.is_file():
            check_exists(place.absolute())
            return WeightsFound(name, place.absolute(), "file")
        _check_cache(name, cache_dir, asked=text)
        return _in_cache(name, (text,), cache_dir, asked=text)
    name = checked_name(model)
    _check_cache(name, cache_dir, asked=None)
    return _in_cache(name, tuple(open_clip_library().list_pretrained_tags_by_model(name)), cache_dir, asked=None)


def download_weights(
    model: str,
    tag: str,
    *,
    timeout_s: float = 20.0,
    cache_dir: Path | None = None,
    on_progress: OnProgress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> WeightsFound:
    """Bring published weights into the hub's cache, because somebody asked for it; `timeout_s` as in `hub.download`."""
    name = checked_name(model)
    repo, names = _hub_files(name, tag)
    if cached_file(repo, names, cache_dir) is None:
        download(repo, names, timeout_s=timeout_s, cache_dir=cache_dir, on_progress=on_progress, cancel=cancel)
    return _in_cache(name, (tag,), cache_dir, asked=tag)


def open_clip_library() -> Any:
    """The module open_clip. The only place that imports it: some seconds, the first time."""
    import_cured()
    import open_clip

    return open_clip


def architectures() -> list[str]:
    """The names that open_clip knows. Before it was imported they are read from its folder, which takes no time."""
    if (loaded := sys.modules.get("open_clip")) is not None and hasattr(loaded, "list_models"):
        return list(loaded.list_models())
    return sorted(path.stem for path in _config_folder().glob("*.json"))


def architecture_of(name: str) -> dict[str, Any]:
    """The description of one of `architectures()`."""
    if (loaded := sys.modules.get("open_clip")) is not None and hasattr(loaded, "get_model_config"):
        return _checked_architecture(loaded.get_model_config(name), Path(f"{name}.json"))
    path = _config_folder() / f"{name}.json"
    return _checked_architecture(_read_json(path), path)


def checked_name(model: str) -> str:
    """open_clip's spelling of the architecture ("ViT-B/32" → "ViT-B-32"). Raises EncoderError with near names."""
    known = architectures()
    wanted = model.strip().replace("/", "-")
    if wanted in known:
        return wanted
    by_lower = {name.lower(): name for name in known}
    near = [by_lower[name] for name in get_close_matches(wanted.lower()[:100], by_lower, n=4, cutoff=0.5)]
    hint = f"Did you mean {listed(near)}?" if near else "ViT-B-32 is a good start."
    raise EncoderError(f"open_clip knows no architecture {shortened(model)} among its {len(known)}. {hint}")


def _config_folder() -> Path:
    spec = find_spec("open_clip")
    assert spec is not None  # it is in requirements.txt
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "model_configs"


def _hub_files(name: str, tag: str) -> tuple[str, tuple[str, ...]]:
    """The repository of a tag, and the files of weights to look for in it, safetensors first."""
    library = open_clip_library()
    known = library.list_pretrained_tags_by_model(name)
    hub = library.get_pretrained_cfg(name, tag).get("hf_hub", "")
    if not hub:
        what = "has no place on the hub" if tag in known else "is no weights that open_clip knows"
        raise EncoderError(f"{name}: {shortened(tag)} {what}. Tags of {name}: {listed(known)}. Or name a file.")
    repo, _, file = hub.rpartition("/")
    if not file:
        return repo, _HUB_NAMES
    stem, dot, suffix = file.rpartition(".")
    return repo, (f"{stem}.safetensors", file) if dot and suffix in ("bin", "pth") else (file,)


def _in_cache(name: str, tags: tuple[str, ...], cache_dir: Path | None, *, asked: str | None) -> WeightsFound:
    for tag in tags:
        repo, names = _hub_files(name, tag)
        if (path := cached_file(repo, names, cache_dir)) is not None:
            check_exists(path)
            return WeightsFound(name, path, "cache", tag)
    raise _not_cached(name, cache_dir, asked)


def _check_cache(name: str, cache_dir: Path | None, *, asked: str | None) -> None:
    """Raise EncoderError where the cache holds nothing at all: told without importing open_clip for its tags."""
    if not any(cache_folder(cache_dir).glob("models--*")):
        raise _not_cached(name, cache_dir, asked)


def _not_cached(name: str, cache_dir: Path | None, asked: str | None) -> EncoderError:
    what = f"the weights {shortened(asked)} are" if asked else "no published weights are"
    return EncoderError(
        f"{name}: {what} {'not ' if asked else ''}in {cache_folder(cache_dir)}, and nothing is downloaded unasked. "
        f"Download them first. {_WHAT_TO_DO}."
    )


def _in_folder(folder: Path) -> WeightsFound:
    if not folder.is_dir():
        raise EncoderError(f"{folder.name}: no such folder in {folder.parent}. Check the name.")
    path = next((folder / name for name in FOLDER_NAMES if (folder / name).is_file()), None)
    if path is None:
        raise EncoderError(
            f"{folder.name}: no weights in this folder; expected {FOLDER_NAMES[0]} beside {CONFIG_NAME}."
        )
    check_exists(path)
    found = WeightsFound(folder.name, path, "folder")
    _ = found.architecture  # read and checked now, not in the middle of an encoding
    return found


def _folder_config(folder: Path) -> dict[str, Any]:
    return _read_json(folder / CONFIG_NAME)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_CONFIG_BYTES:
            raise EncoderError(
                f"{path.name}: more than {_MAX_CONFIG_BYTES:,} bytes; that is no description of a model."
            )
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise EncoderError(
            f"{path.name}: no such file in {path.parent.name}. It says which architecture the weights are for: copy it "
            "from where the weights came from, or name the file of weights and an architecture instead."
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise EncoderError(
            f"{path.name}: not a readable description ({shortened(str(error))}). Copy it again."
        ) from error
    if not isinstance(content, dict):
        raise EncoderError(f"{path.name}: expected named settings, found a {type(content).__name__}. Copy it again.")
    return content


def _checked_architecture(config: object, path: Path) -> dict[str, Any]:
    if isinstance(config, dict):
        dim = config.get("embed_dim")
        towers = [config.get(name) for name in ("vision_cfg", "text_cfg")]
        if isinstance(dim, int) and 1 <= dim <= _MAX_DIM and all(isinstance(tower, dict) for tower in towers):
            return config
    raise EncoderError(
        f"{path.name}: describes no OpenCLIP model; expected model_cfg with embed_dim (1 to {_MAX_DIM}), vision_cfg "
        "and text_cfg. Copy it again from where the weights came from."
    )
