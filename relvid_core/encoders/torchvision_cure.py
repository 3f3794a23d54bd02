"""Importing torchvision beside a build of torch that its operators were not compiled for."""

from __future__ import annotations

import importlib
import sys
from typing import Any

_MISSING = "operator torchvision::nms does not exist"
_KEPT: list[Any] = []  # torch forgets operators whose library object is gone


def import_cured() -> None:
    """Import torchvision, so that open_clip, timm and sentence_transformers can import it after.

    The torchvision of the package index wants CUDA in its C library. Beside a CPU build of torch that library is not
    loaded, and the import dies while describing the operator `nms`, which no encoder calls. Then, and only then, the
    two operators it describes are declared (without code behind them) and the import is made again. Any other error is
    raised as it is. Calling it again costs nothing.
    """
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if _MISSING not in str(error):
            raise
    else:
        return
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]  # the half that was imported
    if not _KEPT:
        _KEPT.append(_declared())
    importlib.import_module("torchvision")


def _declared() -> Any:
    import torch

    library: Any = torch.library.Library  # its type hints leave out "FRAGMENT" in some releases
    operators = library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return operators
