"""One file of arrays under a name that seals it: whole files are told from cut, changed and misplaced ones."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from relvid_core.data.files import write_whole
from relvid_core.errors import EncoderError

Array = npt.NDArray[Any]

SUFFIX: Final = ".safetensors"
_NAME: Final = re.compile(r"(?:[0-9a-z]+-)?([0-9a-f]{32})\.safetensors")


def write_sealed(folder: Path, prefix: str, arrays: Mapping[str, Array], *, owner: str) -> Path:
    """Write the arrays to `folder/<prefix><seal>.safetensors`, completely or not at all. Raises OSError.

    The seal is the SHA-256 of `owner` and the bytes, so equal arrays make an equal file, writers never meet in one
    name with different bytes, and a file that strayed in from another owner does not pass.
    """
    data = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    path = folder / f"{prefix}{_seal(data, owner)}{SUFFIX}"
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, data)
    return path


def is_sealed_name(name: str) -> bool:
    """Whether `write_sealed` could have given this name."""
    return _NAME.fullmatch(name) is not None


def read_sealed(path: Path, *, owner: str) -> dict[str, Array]:
    """The arrays of a file. Raises OSError if it cannot be read, EncoderError if it is not as it was written."""
    data = path.read_bytes()
    named = _NAME.fullmatch(path.name)
    if named is None or named.group(1) != _seal(data, owner):
        raise EncoderError(
            f"{path.name}: {len(data):,} bytes that are not the ones once written under this name. Delete the file; "
            "its contents are encoded again."
        )
    try:
        arrays: dict[str, Array] = load(data)
    except (SafetensorError, KeyError) as error:
        raise EncoderError(f"{path.name}: not a safetensors file ({error}). Delete it.") from error
    return arrays


def _seal(data: bytes, owner: str) -> str:
    hasher = hashlib.sha256(owner.encode() + b"\0")
    hasher.update(data)
    return hasher.hexdigest()[:32]
