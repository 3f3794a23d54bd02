"""Training the four runs that decide whether the correction pays here, and what came of it."""

from __future__ import annotations

import html
import math
from typing import Final

import streamlit as st

from pages.ui import cache, cache_readings
from pages.ui.frame import plain, show_error
from pages.ui.gaps import gap_html
from pages.ui.training import show_meanings, show_training
from pages.ui.words import MEASURES, Measure
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import RelvidError
from relvid_core.evaluation import protocol
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments.correction_verdict import CorrectionTable
from relvid_core.experiments.corrections import CORRECTIONS, NAMES, CorrectionSet, Method
from relvid_core.experiments.gaps import Gap
from relvid_core.experiments.known_truth import TRUE_ENGAGEMENT
from relvid_core.experiments.run import RunInfo

_WHAT: Final[dict[Method, str]] = {
    "none": "engagement only, popularity as in the log",
    "weights": "pairs weighted by how rarely their video was shown",
    "offset": "λ log popularity added while training, with the same predicted exponent",
    "no_logq": "plain sampled negatives: popularity is taken out by accident",
}
_VERDICT_HELP: Final = (
    "Against no correction, seed video by seed video: a verdict needs a difference larger than chance would make it "
    "(randomisation test at the level of the interval, Holm-adjusted for the whole table). It speaks of other seed "
    "videos, not of training the models again."
)
_BIAS: Final = (
    "Recall is counted in a log that was itself made by showing popular videos, so it punishes every correction: "
    "viewers cannot have watched what they were not shown. Less recall with better tail recall may be a better app."
)
_JUDGE: Final = " True engagement decides here: only the sample world knows what viewers would like if it were shown."


def show_comparison(data: Dataset, config: ExperimentConfig, effective: float) -> None:
    """The button, the queue, and once all four runs are there the verdict and the table."""
    st.header("Does it pay here?", anchor=False)
    if config.off_policy.strength == 0:
        st.info("There is nothing to compare at β = 0. Choose a strength above 0.")
        return
    four = CorrectionSet.around(config, effective)
    stored = four.stored(cache.current_runs(data), data.fingerprint)
    waiting = cache.queue().pending(data.key)
    missing = [m for m, wanted in four.configs.items() if m not in stored and wanted not in waiting]
    if missing:
        _offer(data.key, four, missing)
    show_training(data.key, with_result=False)
    if len(stored) == len(four.configs):
        _show_result(stored)


def _offer(dataset_key: str, four: CorrectionSet, missing: list[Method]) -> None:
    st.markdown(
        "Four small models at these settings answer it: **no correction**; **OPC** with this β and clip; **logit "
        "adjustment**, which aims at the same exponent without weights; and **no logQ, no OPC**, the simplest of all."
    )
    there = f" {len(NAMES) - len(missing)} of the four are there already or on their way." if len(missing) < 4 else ""
    if st.button("Train the comparison", type="primary"):
        asked: list[ExperimentConfig] = []
        for method in missing:
            if four.configs[method] not in asked:
                asked.append(four.configs[method])
                cache.queue().submit(dataset_key, four.configs[method], four.labels[method])
        st.rerun()
    st.caption(f"Takes from some seconds to some minutes, in the background.{there}")


def _show_result(stored: dict[Method, RunInfo]) -> None:
    run_ids = {method: info.run_id for method, info in stored.items()}
    try:
        found = cache_readings.corrections(run_ids)
        exponents = {method: cache_readings.exponents(run_id) for method, run_id in run_ids.items()}
    except RelvidError as error:
        show_error(error)
        return
    (st.success if found.winner in ("weights", "offset") else st.info)(f"**{plain(found.sentence, 1000)}**")
    st.html(table_html(found, exponents))
    st.caption(_BIAS + (_JUDGE if found.decider == TRUE_ENGAGEMENT else ""))
    show_meanings("What the columns mean", [protocol.RECALL, protocol.TOPIC_MATCH, protocol.POPULAR_SHARE])


def table_html(found: CorrectionTable, exponents: dict[Method, tuple[float, Estimate]]) -> str:
    """The four runs as an HTML table: every measure with its gap to no correction, then both exponents."""
    measures = [MEASURES[key] for key in found.estimates["none"]]
    head = "".join(
        f'<th scope="col"><abbr title="{html.escape(one.help)}">{html.escape(one.title_at(found.k))}</abbr></th>'
        for one in measures
    )
    rows = []
    for method in NAMES:
        gaps = found.gaps[method] if method in CORRECTIONS else {}
        cells = "".join(_cell(found.estimates[method][m.key], gaps.get(m.key), m) for m in measures)
        predicted, fitted = exponents[method]
        rows.append(
            f'<tr><th scope="row">{NAMES[method]}<small>{_WHAT[method]}</small></th>{cells}'
            f"<td>{_exponent(predicted)}</td><td>{_exponent(fitted.mean)}<small>{_reach(fitted)}</small></td></tr>"
        )
    return (
        '<div class="rv-table-scroll" role="region" aria-label="The four runs compared" tabindex="0">'
        '<table class="rv-table rv-gaps"><thead><tr>'
        f'<th scope="col"><abbr title="{html.escape(_VERDICT_HELP)}">Against no correction</abbr></th>{head}'
        '<th scope="col">Exponent<small>predicted</small></th><th scope="col">Exponent<small>fitted</small></th>'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(estimate: Estimate, gap: Gap | None, measure: Measure) -> str:
    if gap is None:
        return f"<td>{measure.text(estimate.mean)}<small>{measure.interval(estimate)}</small></td>"
    return f"<td>{measure.text(estimate.mean)}<br>{gap_html(gap)}</td>"


def _reach(estimate: Estimate) -> str:
    return "" if math.isnan(estimate.low) else f"{_exponent(estimate.low)} to {_exponent(estimate.high)}"


def _exponent(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}".replace("-", "−")
