"""Writing a TOML file of choices in one step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomli_w

from relvid_core.data.files import write_whole


def replace_toml(path: Path, head: str, content: dict[str, Any]) -> None:
    """Write `head` and `content` in place of what the file held."""
    write_whole(path, (head + tomli_w.dumps(content)).encode())
