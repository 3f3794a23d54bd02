"""The import of torchvision: cured where its operators are missing, left alone where they are not."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest


def run(code: str, *search: Path) -> str:
    """What a fresh interpreter prints, with stand-in packages in `search` found first."""
    paths = "".join(f"sys.path.insert(0, {str(folder)!r})\n" for folder in search)
    source = f"import sys\n{paths}from relvid_core.encoders.torchvision_cure import import_cured\n{code}"
    done = subprocess.run([sys.executable, "-W", "error", "-c", source], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def stand_in(folder: Path, source: str) -> Path:
    (folder / "torchvision").mkdir(parents=True)
    (folder / "torchvision" / "__init__.py").write_text(source)
    return folder


def test_torchvision_works_here_however_it_was_built() -> None:
    code = (
        "import_cured(); import_cured()\n"
        "import torchvision\n"
        "from torchvision.transforms import Resize\n"
        "first = torchvision\n"
        "import_cured()\n"
        "print(sys.modules['torchvision'] is first, torchvision.__version__)"
    )
    same, found = run(code).split()
    assert same == "True"
    assert found.split("+")[0] == version("torchvision").split("+")[0]


@pytest.mark.skipif("+cpu" not in version("torch"), reason="this torch has the operators that torchvision asks for")
def test_the_cure_is_needed_here() -> None:
    with pytest.raises(AssertionError, match="torchvision::nms"):
        run("import torchvision")


def test_a_torchvision_that_works_is_left_alone(tmp_path: Path) -> None:
    folder = stand_in(tmp_path, "times = 1\n")
    code = "import_cured(); import_cured(); print('torch' in sys.modules, sys.modules['torchvision'].times)"
    assert run(code, folder) == "False 1"


def test_a_broken_one_gets_its_operators_and_no_half_is_kept(tmp_path: Path) -> None:
    folder = stand_in(tmp_path, "import torchvision.half\n")
    (folder / "torchvision" / "half.py").write_text(
        "import torch\n"
        "if not hasattr(torch.ops.torchvision, 'nms'):\n"
        "    raise RuntimeError('operator torchvision::nms does not exist')\n"
        "whole = True\n"
    )
    code = (
        "import_cured()\nimport torchvision\nfrom torch.ops import torchvision as operators\n"
        "print(torchvision.half.whole, operators.nms.default._schema, operators.qnms.default.name())"
    )
    told = run(code, folder)
    assert told.startswith("True torchvision::nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    assert told.endswith("torchvision::qnms")


@pytest.mark.parametrize("error", ["ImportError('no file')", "RuntimeError('CUDA said no')", "OSError('damaged')"])
def test_any_other_error_is_raised_as_it_is(tmp_path: Path, error: str) -> None:
    folder = stand_in(tmp_path, f"raise {error}\n")
    with pytest.raises(AssertionError, match=error.split("'")[1]):
        run("import_cured()", folder)
