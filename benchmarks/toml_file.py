"""Writing a TOML file of choices in one step."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any

import tomli_w


def replace_toml(path: Path, head: str, content: dict[str, Any]) -> None:
    """Write `head` and `content` beside the file and rename it into place."""
    draft = path.with_name(f".{uuid.uuid4().hex}.toml")
    try:
        draft.write_text(head + tomli_w.dumps(content), encoding="utf-8")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
