"""The whole report as one HTML file that asks for nothing outside itself, and writing it to disk."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from pathlib import Path
from typing import Final

from relvid_core import __version__
from relvid_core.charts.layout import CONFIG
from relvid_core.charts.standalone import plotly_script
from relvid_core.data.files import write_whole
from relvid_core.errors import RunError
from relvid_core.experiments.compare import paired_tables
from relvid_core.report import figures, recipes, sections
from relvid_core.report.caveats import caveats
from relvid_core.report.figures import Drawing
from relvid_core.report.lists import lists_html
from relvid_core.report.markup import escaped, paragraphs, section
from relvid_core.report.material import Material
from relvid_core.report.protocol import protocol_words
from relvid_core.report.style import STYLE

_PAPER: Final = 680  # pixels between the margins of an A4 sheet
# Draws what the JSON blocks hold. On paper all details are open, and charts are drawn for its width.
_DRAW: Final = """
for (const block of document.querySelectorAll('script[data-chart]')) {
  const {data, layout} = JSON.parse(block.textContent);
  layout.font = {family: 'system-ui, sans-serif', ...layout.font};
  Plotly.newPlot(block.dataset.chart, data, layout, {...%(config)s, responsive: true});
}
addEventListener('beforeprint', () => {
  document.querySelectorAll('details').forEach((part) => { part.open = true; });
  for (const chart of document.querySelectorAll('.chart')) {
    const width = chart.closest('.grid') ? %(paper)d / 2 - 12 : %(paper)d;
    Plotly.relayout(chart, {width, autosize: false});
  }
});
addEventListener('afterprint', () => {
  document.querySelectorAll('.chart').forEach((chart) => Plotly.relayout(chart, {width: null, autosize: true}));
});
"""
_TRADEOFF_NOTE: Final = (
    "Further right: the lists hold more of what viewers really watched next. Further up: more of them are on topic. "
    "Circles are the runs, hollow diamonds simple baselines; whiskers are intervals."
)


def report_html(material: Material, *, made_at: float | None = None) -> str:
    """The report as HTML of about 5 MB, most of it plotly.js. `made_at` in seconds since 1970 is written on it.

    Reads nothing but the thumbnails of the videos it shows. Scripts run only if their hash stands in the policy at the
    top of the page; styles are free, because plotly sets them on every element that it draws.
    """
    tables = paired_tables(material.first, material.runs[1:]) if material.runs[1:] else []
    strata, curves = figures.stratum_drawings(material), figures.curve_drawings(material)
    tradeoff, topic, spreads = (
        figures.tradeoff_drawing(material), figures.topic_drawing(material), figures.spread_drawings(material)
    )  # fmt: skip
    shape = [drawing for drawing in (topic, *spreads) if drawing is not None]
    body = [
        section("summary", "In short", sections.summary(material, tables)),
        section("data", "The data", sections.dataset_html(material)),
        section("protocol", "How it was measured", paragraphs(protocol_words(material))),
        section("runs", "The runs", recipes.runs_html(material)),
        section(
            "measures", "Measures", f'<p class="note">{_TRADEOFF_NOTE}</p>', tradeoff.html,
            '<p class="note narrow">Tap a point for its name.</p>', sections.measures_html(material),
        ),
        section("differences", "Differences, seed video by seed video", sections.differences_html(material, tables)),
        section("topics", "Topics and popularity", _grid(shape)),
        section("strata", "Recall by the popularity of its target", _grid(strata)),
        section("training", "Training", _training_words(curves), _grid(curves)),
        section("caveats", "What to keep in mind", paragraphs(caveats(material), "li")),
        section("lists", "Some lists", lists_html(material)),
        section("repeat", "Repeat it", recipes.repeat_html(material)),
    ]  # fmt: skip
    return _page(material, "".join(body), [tradeoff, *shape, *strata, *curves], made_at)


def _grid(drawings: list[Drawing]) -> str:
    return f'<div class="grid">{"".join(drawing.html for drawing in drawings)}</div>' if drawings else ""


def _training_words(curves: list[Drawing]) -> str:
    return '<p class="note">Mean losses by epoch; they should fall and then level off.</p>' if curves else ""


def _page(material: Material, body: str, drawings: list[Drawing], made_at: float | None) -> str:
    info = material.first.info
    n_runs = f"{len(material.runs)} runs" if material.runs[1:] else "One run"
    title = f"{n_runs} on {escaped(info.dataset_title)}"
    made = "" if made_at is None else f", {time.strftime('%Y-%m-%d %H:%M', time.gmtime(made_at))} UTC"
    blocks = "".join(
        f'<script type="application/json" data-chart="{drawing.key}">{drawing.json.replace("<", chr(92) + "u003c")}'
        "</script>"
        for drawing in drawings
    )
    scripts = [plotly_script(), _DRAW % {"config": json.dumps(CONFIG), "paper": _PAPER}]
    policy = (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {' '.join(map(_hash, scripts))}; "
        "base-uri 'none'; form-action 'none'"
    )
    links = {
        "summary": "In short", "measures": "Measures", "topics": "Topics and popularity", "caveats": "Caveats",
        "lists": "Lists", "repeat": "Repeat it",
    }  # fmt: skip
    nav = "".join(f'<a href="#{key}">{words}</a>' for key, words in links.items() if f'id="{key}"' in body)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{title} · RelVid Lab</title><style>{STYLE}</style></head>\n<body><main>"
        f'<header><h1>{title}</h1><p class="note">Related videos: what would stand beside a video. '
        f"Made by RelVid Lab {__version__}{made}.</p><nav>{nav}</nav></header>"
        '<noscript><p class="warn">The charts need JavaScript, which is off. All else is complete.</p></noscript>'
        f"{body}</main>{blocks}{''.join(f'<script>{script}</script>' for script in scripts)}</body></html>\n"
    )


def _hash(script: str) -> str:
    """A script's source expression in a Content-Security-Policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def write_report(path: Path, text: str) -> None:
    """Write a report, completely or not at all. Raises RunError."""
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise RunError(
            f"report {path}: cannot be written ({error.strerror or error}). Name a file in a folder that is there, "
            "with --output."
        ) from error
