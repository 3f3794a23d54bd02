"""What if these lists had been shown? Values from the log's exposures, computed when somebody asks for them."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from functools import partial
from typing import Final

import streamlit as st

from pages.ui import cache_readings
from pages.ui.frame import page
from pages.ui.verdicts import mark
from pages.ui.waiting import Meter, wait_for
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.off_policy.estimators import DR, IPS, SNIPS
from relvid_core.evaluation.off_policy.random_exposure import RandomExposure
from relvid_core.experiments.known_truth import random_readings
from relvid_core.experiments.logged_value import LoggedValue, logged_values, why_unknown
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.protocols import PROTOCOLS
from relvid_core.experiments.run import Run
from relvid_core.report.words import signed_text, value_text

_CANCEL: Final = "cancel_logged"
_ESTIMATORS: Final = {
    DR: (
        "Doubly robust",
        "A model of what viewers like, corrected by what really happened: right if either the model or the "
        "propensities are. The one to read.",
    ),
    SNIPS: (
        "Weighted",
        "What viewers did with the videos of these lists when they were shown, weighted by how rarely they were shown "
        "(self-normalised, SNIPS).",
    ),
    IPS: ("Weighted, raw", "The same before normalising (IPS): right on average, but wild."),
}
NO_SUPPORT: Final = "no support"
_TRUST: Final = {"reliable": "can be relied on", "weak": "is a hint", NO_SUPPORT: "cannot say"}


def show_logged(data: Dataset, runs: Mapping[str, Run]) -> None:
    """The button, or the values of all runs with how far to trust them; one sentence where it cannot be said."""
    st.header("What if these lists had been shown?", anchor=False)
    first = next(iter(runs.values())).info
    if reason := why_unknown(first, data):
        st.info(reason)
        if data.interactions.exposures is not None:
            st.page_link(page("tune"), label="Train with another cut on Tune →", query_params={"data": data.key})
        return
    known = cache_readings.logged()
    key = (data.fingerprint, *((run.info.run_id, run.info.created_at) for run in runs.values()))
    if key not in known:
        st.html(
            '<p class="rv-note">The log says what was shown beside which video, and what came of it. Where it happened '
            "to show what these lists would have shown, that can be counted, each case weighted by how rarely it "
            "happened. No viewer has to see the lists. It takes some seconds.</p>"
        )
        if not st.button("Estimate from the log", key="ask_logged"):
            return
        meter = Meter()
        work = partial(logged_values, list(runs.values()), data, moved=meter.move)
        known[key] = wait_for(work, "Reading the log, slot by slot", key=_CANCEL, meter=meter)
        st.rerun()  # without the button
    values = dict(zip(runs, known[key], strict=True))
    _show(values, first.config.evaluation.k, first.config.evaluation.confidence)


def show_random(runs: Mapping[str, Run], prepared: Prepared) -> None:
    """What the lists earned where chance showed them, by how much evidence; nothing where nothing was shown so."""
    readings = random_readings(runs, prepared.truths)
    if not readings:
        return
    protocol = PROTOCOLS["random_exposure"]
    st.header(protocol.title, anchor=False)
    st.html(f'<p class="rv-note">{protocol.asks} {protocol.mind}</p>')
    rows = "".join(_random_row(side, runs[side].info.label, one) for side, one in readings.items())
    st.html(
        f'<div class="rv-table-scroll" tabindex="0" role="region" aria-label="{protocol.title}">'
        '<table class="rv-table"><thead><tr><th scope="col">Run</th><th scope="col">Engagement</th>'
        '<th scope="col">Anything shown at random</th><th scope="col">Draws<small>effective</small></th>'
        f'<th scope="col">The log</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )
    said = (f"<li><b>{side}</b>: {html.escape(one.sentence)}</li>" for side, one in readings.items() if one is not None)
    st.html(f'<ul class="rv-notes rv-note">{"".join(said)}</ul>')


def _random_row(side: str, label: str, one: RandomExposure | None) -> str:
    name = f'<tr><th scope="row">{side}<small dir="auto">{html.escape(label)}</small></th>'
    if one is None:
        return f"{name}<td>–</td><td>–</td><td>0</td><td>{_TRUST[NO_SUPPORT]}</td></tr>"
    return (
        f"{name}{_estimate(one.estimate)}<td>{_text(one.anything)}</td>"
        f"<td>{one.n_matched:,}<small>{one.effective_sample_size:,.0f}</small></td><td>{_TRUST[one.verdict]}</td></tr>"
    )


def _show(values: Mapping[str, LoggedValue], k: int, confidence: float) -> None:
    st.html(logged_html(values, confidence))
    said = "".join(
        f"<li><b>{side}</b>: {html.escape(one.report.support.sentence)}</li>" for side, one in values.items()
    )
    st.html(f'<ul class="rv-notes rv-note">{said}</ul>')
    st.caption(
        f"Engagement per slot if any of the first {k} videos of the list had been shown there, each with the same "
        "chance. It judges one slot at a time, with the viewers and seed videos of the log: what a better list would "
        "lead to later is not in it. It is an estimate, not a test with viewers: before you decide for good, show both "
        "lists to people."
    )


def logged_html(values: Mapping[str, LoggedValue], confidence: float) -> str:
    """A run a row: the value by each estimator, the difference to A, and how much of the log speaks of it."""
    heads = "".join(
        f'<th scope="col"><abbr title="{html.escape(words)}">{title}</abbr></th>'
        for title, words in _ESTIMATORS.values()
    )
    of_a = next(iter(values.values())).report.support.verdict
    rows = []
    for side, one in values.items():
        support = one.report.support
        gain = _gain(one.gain, known=NO_SUPPORT not in (of_a, support.verdict))
        cells = "".join(_estimate(one.report.values[name].estimate) for name in _ESTIMATORS)
        rows.append(
            f'<tr><th scope="row">{side}<small dir="auto">{html.escape(one.run.info.label)}</small></th>{cells}'
            f"<td>{gain}</td><td>{_TRUST[support.verdict]}<small>worth "
            f"{support.effective_sample_size:,.0f} of {support.n_slots:,} slots</small></td>"
            f"<td>{100 * support.overlap:.1f}\u202f%</td></tr>"
        )
    return (
        '<div class="rv-table-scroll" tabindex="0" role="region" aria-label="Values estimated from the log">'
        f'<table class="rv-table"><thead><tr><th scope="col">Run<small>{100 * confidence:.0f} % intervals over viewers'
        f'</small></th>{heads}<th scope="col">Against A<small>doubly robust, by its interval</small></th>'
        '<th scope="col">The log</th><th scope="col"><abbr title="Share of the slots in which the log happened to show '
        'a video of the list.">Overlap</abbr></th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _estimate(value: Estimate) -> str:
    reach = "" if math.isnan(value.low) else f"<small>{_text(value.low)} to {_text(value.high)}</small>"
    return f"<td>{_text(value.mean)}{reach}</td>"


def _gain(gain: Estimate | None, *, known: bool) -> str:
    """The difference to A with a verdict by its interval; none where the log can say nothing of one of the two."""
    if gain is None or not known:
        return "–"
    verdict = "better" if gain.low > 0 else "worse" if gain.high < 0 else "no evidence"
    mean, low, high = (signed_text(value, percent=False) for value in (gain.mean, gain.low, gain.high))
    return f"{mark(verdict)}<small>{mean} ({low} to {high})</small>"


def _text(value: float) -> str:
    return value_text(value, percent=False)
