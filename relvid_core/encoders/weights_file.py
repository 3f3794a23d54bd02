"""What a file of weights holds, told without loading it as a model."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from relvid_core.data.files import listed, shortened
from relvid_core.errors import EncoderError

SUFFIXES: Final = (".safetensors", ".pt", ".pth", ".bin")

Shapes = dict[str, tuple[int, ...]]


def check_exists(path: Path) -> None:
    """Raise EncoderError unless this is a plain file with the name and the size of weights."""
    if not path.exists():
        raise EncoderError(f"{path.name}: no such file in {path.parent}. Check the name and the folder.")
    if not path.is_file() or path.suffix.lower() not in SUFFIXES:
        raise EncoderError(f"{path.name}: not a file of weights; expected a file that ends in {listed(SUFFIXES)}.")
    if path.stat().st_size == 0:
        raise EncoderError(f"{path.name}: the file is empty (0 bytes). Download or copy it again.")


def digest_of(path: Path) -> str:
    """SHA-256 of the file, 64 hex digits; read again only when its size or time of change differs."""
    real = path.resolve()
    try:
        status = real.stat()
        return _digest(real, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise EncoderError(
            f"{path.name}: cannot be read ({error.strerror or error}). Check its permissions."
        ) from error


@lru_cache(maxsize=64)
def _digest(path: Path, size: int, mtime_ns: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def shapes_of(path: Path) -> Shapes:
    """Name and shape of every tensor, leading "module." taken off; tensors stay on disk where the format allows it.

    Raises EncoderError for a file that is missing, damaged, or holds anything but tensors.
    """
    check_exists(path)
    found = _in_safetensors(path) if path.suffix.lower() == ".safetensors" else _in_torch_file(path)
    if not found:
        raise EncoderError(f"{path.name}: not a file of weights: it holds no tensors. Download or export it again.")
    return {name.removeprefix("module."): shape for name, shape in found.items()}


def _in_safetensors(path: Path) -> Shapes:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except (SafetensorError, OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _in_torch_file(path: Path) -> Shapes:
    import torch

    refused: type[Exception] = torch.serialization.pickle.UnpicklingError  # type: ignore[attr-defined]
    errors = (refused, RuntimeError, OSError, ValueError, TypeError, KeyError, EOFError, AttributeError, IndexError)
    try:
        # Mapped, a file of gigabytes is looked at in no time. Only the zip format can be; the older one is small.
        with path.open("rb") as stream:
            mapped = stream.read(4) == b"PK\x03\x04"
        stored = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except errors as error:
        raise _unreadable(path, error) from error
    if isinstance(stored, dict) and isinstance(stored.get("state_dict"), dict):
        stored = stored["state_dict"]
    if not isinstance(stored, dict):
        raise EncoderError(
            f"{path.name}: not a file of weights: it holds {shortened(type(stored).__name__)}, not named tensors. "
            "Save the model's state_dict."
        )
    return {str(name): tuple(value.shape) for name, value in stored.items() if isinstance(value, torch.Tensor)}


def _unreadable(path: Path, error: Exception) -> EncoderError:
    said = (str(error) or type(error).__name__).splitlines()[0]
    return EncoderError(
        f"{path.name}: not a readable file of weights ({shortened(said)}). Download or copy it again; files that hold "
        "more than plain tensors (whole models, TorchScript) are never opened, since they could run code."
    )
