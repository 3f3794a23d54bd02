"""Confirm by retraining: the shared model for a position of the sliders, and how far off the preview was."""

from __future__ import annotations

import html
from typing import Final

import pandas as pd
import streamlit as st

from pages.ui import cache, cache_readings
from pages.ui.frame import page, plain, show_error
from pages.ui.training import browse_address
from pages.ui.widgets import when
from pages.ui.words import MEASURES
from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.errors import ConfigError, RunError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.protocol import RECALL, TOPIC_MATCH
from relvid_core.experiments.confirm import (
    ERROR,
    PREVIEW,
    Confirmation,
    NoiseFloor,
    confirming_run,
    seed_twins,
    shared_config,
    with_start,
)
from relvid_core.experiments.preview import Preview, View
from relvid_core.experiments.run import RunInfo

STYLE: Final = "<style>.rv-confirm {max-width: 46rem}</style>"


def show_confirm(dataset_key: str, preview: Preview, view: View, infos: list[RunInfo]) -> None:
    """The button that trains the shared model for this position, or what that model says."""
    st.header("Does the preview hold?", anchor=False)
    try:
        config = shared_config(preview.info.config, view.position)
        found = confirming_run(config, preview.info.dataset_fingerprint, infos)
        if found is not None and found.run_id == preview.info.run_id:
            st.html('<p class="rv-note">Here this run itself was measured: its intervals stand on Overview.</p>')
        elif found is not None:
            _show_result(preview, view, config, found, infos)
        else:
            _offer(dataset_key, preview, config, infos)
    except (ConfigError, RunError) as error:
        show_error(error)


def _offer(dataset_key: str, preview: Preview, config: ExperimentConfig, infos: list[RunInfo]) -> None:
    config = with_start(config, preview.info.dataset_fingerprint, infos)
    if preview.split:
        words = (
            "Shown to viewers with its two heads, this model gives exactly these lists. One shared model, trained for "
            "this very mix, may not: training it is the test, and gives intervals."
        )
    else:
        words = "κ only ranks, and no training reads it: the preview is exact but for the training's own chance."
    start = "It begins from the nearest shared model and takes a moment." if config.training.warm_start else ""
    st.html(f'<p class="rv-note">{words} {start}</p>')
    waiting = config in cache.queue().pending(dataset_key)
    if st.button("Confirm by retraining", type="primary", disabled=waiting, key="mix_confirm"):
        cache.queue().submit(dataset_key, config, label_of(config))
        st.rerun()


def label_of(config: ExperimentConfig) -> str:
    """The name of a confirming run."""
    objective = config.objective
    weights = f"{objective.engagement_weight:g} : {objective.relevance_weight:g}"
    kappa = f", κ {objective.popularity_term:g}".replace("-", "−") if objective.popularity_term else ""
    return f"mix {weights}{kappa}, retrained"


def _show_result(preview: Preview, view: View, config: ExperimentConfig, found: RunInfo, infos: list[RunInfo]) -> None:
    result = cache_readings.confirmation(preview, view, found.run_id)
    twins = seed_twins(config, preview.info.dataset_fingerprint, infos)
    floor = None if twins is None else cache_readings.noise(*(info.run_id for info in twins))
    st.markdown(verdict_words(result, floor))
    settings = found.config.evaluation
    st.html(table_html(result.table, settings.k, settings.confidence))
    how = "from an earlier model on" if found.started_from else "from the start"
    st.caption(
        f"Retrained: “{plain(found.label, 60)}”, trained {how}, {when(found.created_at)}. "
        f"Both on the same {result.n_seeds:,} seed videos."
    )
    st.page_link(page("browse"), label="**Open it in Browse** →", query_params=browse_address(found, preview.info))


def verdict_words(result: Confirmation, floor: NoiseFloor | None) -> str:
    """How far off the preview was, against what two trainings differ by anyway."""
    errors = dict(zip(result.table[c.METRIC], result.table[ERROR], strict=True))
    off = f"{_points(errors[TOPIC_MATCH])} of topic match and {_points(errors[RECALL])} of recall"
    same = result.overlap
    text = (
        f"The preview was off by **{off}**; {100 * same.shared:.0f} % of a list stands in the retrained model's too "
        f"(Jaccard {same.jaccard:.2f})."
    )
    if floor is None:
        return f"{text} To see what chance alone would do, train one shared model twice on Tune with two random seeds."
    apart = f"{_points(floor.apart[TOPIC_MATCH])} and {_points(floor.apart[RECALL])}"
    return (
        f"{text} Two trainings that differ only in their random seed are {apart} apart and share "
        f"{100 * floor.overlap.shared:.0f} % of a list (Jaccard {floor.overlap.jaccard:.2f})."
    )


def _points(value: float) -> str:
    """A difference of shares without its sign.

    >>> _points(-0.0123), _points(float("nan"))
    ('1.2 points', '– points')
    """
    return f"{100 * abs(value):.1f} points" if value == value else "– points"


def table_html(table: pd.DataFrame, k: int, confidence: float) -> str:
    """`Confirmation.table` as an HTML table."""
    rows = []
    for row in table.to_dict("records"):
        measure = MEASURES[str(row[c.METRIC])]
        mean, low, high, shown, error = (float(row[name]) for name in (c.MEAN, c.LOW, c.HIGH, PREVIEW, ERROR))
        interval = measure.interval(Estimate(mean, low, high, 0))
        gap = f"{100 * error:+.1f} points" if measure.percent else f"{error:+.3f}"
        rows.append(
            f'<tr><td><abbr title="{html.escape(measure.help)}">{measure.title_at(k)}</abbr></td>'
            f"<td>{measure.text(shown)}</td><td>{measure.text(mean)}<small>{interval}</small></td>"
            f"<td>{'–' if error != error else gap.replace('-', '−')}</td></tr>"
        )
    return (
        '<div class="rv-table-scroll" tabindex="0" role="region" aria-label="Preview against the retrained model">'
        '<table class="rv-table rv-confirm"><thead><tr><th scope="col">Measure</th><th scope="col">Preview</th>'
        f'<th scope="col">Retrained<small>{100 * confidence:.0f} % interval</small></th>'
        f'<th scope="col">Preview − retrained</th></tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )
