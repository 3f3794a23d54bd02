"""Files of weights: their shapes are told, and what is none is refused without running anything in it."""

import io
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from relvid_core.encoders.weights_file import shapes_of
from relvid_core.errors import EncoderError


def test_shapes_of_every_kind_of_file(tmp_path: Path) -> None:
    state = {"visual.proj": torch.zeros(4, 3), "scale": torch.tensor(1.0)}
    expected = {"visual.proj": (4, 3), "scale": ()}
    save_file(state, tmp_path / "a.safetensors")
    torch.save(state, tmp_path / "b.pt")
    torch.save(
        {"epoch": 3, "state_dict": {f"module.{name}": value for name, value in state.items()}}, tmp_path / "c.bin"
    )
    torch.save(state, tmp_path / "d.pth", _use_new_zipfile_serialization=False)
    for name in ("a.safetensors", "b.pt", "c.bin", "d.pth"):
        assert shapes_of(tmp_path / name) == expected


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("sprung"),)


def archive(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zipped:
        zipped.writestr("archive/data.pkl", content)
    return stream.getvalue()


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".bin"])
@pytest.mark.parametrize(
    "content",
    [b"not weights at all", b"\x80\x02}q\x00.", b"PK\x03\x04 broken", archive(b"\x80\x02N."), b"\xff" * 64, b"\0" * 64],
)
def test_what_is_no_file_of_weights(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(content)
    with pytest.raises(EncoderError, match=rf"x\{suffix}: not a (readable )?file of weights"):
        shapes_of(path)


def test_code_in_a_file_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, zipped in (("new.pt", True), ("old.pt", False)):
        torch.save({"weight": torch.zeros(1), "trap": Trap()}, name, _use_new_zipfile_serialization=zipped)
        with pytest.raises(EncoderError, match="never opened"):
            shapes_of(tmp_path / name)
    assert not Path("sprung").exists()


def test_cut_short(tmp_path: Path) -> None:
    save_file({"w": torch.zeros(1000)}, tmp_path / "a.safetensors")
    torch.save({"w": torch.zeros(1000)}, tmp_path / "b.pt")
    for name in ("a.safetensors", "b.pt"):
        path = tmp_path / name
        path.write_bytes(path.read_bytes()[:-300])
        with pytest.raises(EncoderError, match="not a readable file of weights"):
            shapes_of(path)


def test_no_tensors(tmp_path: Path) -> None:
    torch.save({"epoch": 1}, tmp_path / "a.pt")
    torch.save([1, 2], tmp_path / "b.pt")
    for name in ("a.pt", "b.pt"):
        with pytest.raises(EncoderError, match="not a file of weights: it holds"):
            shapes_of(tmp_path / name)
