"""`python -m relvid_core report RUN…`: a standalone HTML file of stored runs."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from relvid_core.experiments.store import RunStore
from relvid_core.report.material import MAX_RUNS, gather
from relvid_core.report.page import report_html, write_report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "run",
        nargs="+",
        metavar="RUN",
        help=f"run id, or a part of it that names one run; up to {MAX_RUNS}, the first is what others are held against",
    )
    parser.add_argument("--output", type=Path, default=None, help="the file to write (default: report-RUN.html here)")
    parser.add_argument(
        "--data", default=None, metavar="KEY", help="the runs' dataset, should its key or folder have changed"
    )


def make_report(store: RunStore, run_ids: Sequence[str], *, output: Path | None, data: str | None) -> None:
    """Gather, write and say where it is."""
    material = gather(store, run_ids, data)
    path = output or Path(f"report-{run_ids[0]}.html")
    text = report_html(material, made_at=time.time())
    write_report(path, text)
    if material.missing:
        print(f"made without the dataset: {material.missing}")
    print(f"report of {len(material.runs)} run(s) in {path} ({len(text.encode()) / 1e6:.1f} MB); open it in a browser")
