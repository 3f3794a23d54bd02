"""Trainings and tunings as they run, and what came out: the same panel on every page, fed by the one queue."""

from __future__ import annotations

import html
import time
from typing import Final

import streamlit as st

from pages.ui import cache, cache_readings
from pages.ui.circular import mark_html, mark_note, untold_note
from pages.ui.conflict import show_conflict
from pages.ui.frame import BEGAN, page, plain, show_error
from pages.ui.presenting import carried
from pages.ui.spread import show_spread
from pages.ui.words import CHANCE, INTERVAL, MEASURES, Measure
from relvid_core.charts import loss_curves
from relvid_core.charts.layout import CONFIG
from relvid_core.errors import RelvidError
from relvid_core.evaluation import protocol
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments.circularity import first_reason
from relvid_core.experiments.queue import UNFINISHED, Job
from relvid_core.experiments.run import RunInfo, history_frame
from relvid_core.experiments.standings import reference_for

POLL_S: Final = 1.0
ENDING_SHOWN_S: Final = 300  # how long a page says that the last training failed or was cancelled
_SHOWN: Final = (protocol.RECALL, protocol.TOPIC_MATCH, protocol.POPULAR_SHARE)
_STAGE_SHARE: Final = {
    "encode": 0.0,
    "prepare": 0.02,
    "train": 0.05,
    "retrieve": 0.86,
    "evaluate": 0.9,
    "baselines": 0.94,
    "tune": 0.02,
}


def show_training(dataset_key: str, *, with_result: bool = True) -> None:
    """The queue, live while anything runs, and the newest result of the dataset."""
    polling = cache.queue().busy
    if not polling and any((job.finished_at or 0.0) >= st.session_state[BEGAN] for job in cache.queue().jobs()):
        st.rerun()  # the last job ended after the page had read the runs: nothing would show its result
    st.fragment(_show_queue, run_every=POLL_S if polling else None)(polling)
    if with_result:
        models = [info for info in cache.runs_of(dataset_key) if info.kind == "model"]
        if models:
            show_result(models[0], models)
        elif not polling:
            st.html('<p class="rv-note">No result on this data yet. Press Train: it will stand here.</p>')


def _show_queue(polling: bool) -> None:
    jobs = cache.queue().jobs()
    unfinished = [job for job in reversed(jobs) if job.state in UNFINISHED]
    if polling and not unfinished:
        st.rerun()  # the page around shows the results, and polls no longer
    for place, job in enumerate(unfinished):
        if job.state == "running":
            _show_running(job)
        else:
            _show_waiting(job, place)
    if not unfinished and jobs:
        _show_ending(jobs[0])


def _show_running(job: Job) -> None:
    progress = job.progress
    with st.container(border=True):
        name, button = st.columns([4, 1], vertical_alignment="center")
        what = "Training: " if job.kind == "training" else ""
        name.markdown(f"**{what}{plain(job.label)}**")
        if button.button("Cancel", key=f"cancel_{job.job_id}", width="stretch"):
            cache.queue().cancel(job.job_id)
        if progress is None:
            st.progress(0.0, "Starting")
            return
        share, said = _STAGE_SHARE[progress.stage] + progress.share, progress.message
        if progress.training is not None:
            share += 0.8 * progress.training.fraction
            said += f" · about {_seconds(progress.training.eta_s)} of training left"
        st.progress(min(share, 1.0), plain(said))
        if job.losses:
            n_epochs = job.config.training.epochs if progress.training is None else progress.training.n_epochs
            st.plotly_chart(
                loss_curves(history_frame(list(job.losses)), n_epochs=n_epochs, height=220),
                key=f"losses_{job.job_id}", config=CONFIG, alt="Mean losses of the training so far, by epoch",
            )  # fmt: skip
            st.caption("The two losses that the weights balance; both should fall and then level off.")


def _show_waiting(job: Job, place: int) -> None:
    with st.container(border=True):
        name, button = st.columns([4, 1], vertical_alignment="center")
        name.markdown(f"{plain(job.label)}: waiting, number {place + 1} in the queue")
        if button.button("Cancel", key=f"cancel_{job.job_id}", width="stretch"):
            cache.queue().cancel(job.job_id)
            st.rerun(scope="fragment")


def _show_ending(job: Job) -> None:
    if job.finished_at is None or time.time() - job.finished_at > ENDING_SHOWN_S:
        return
    if job.state == "cancelled" and job.run_id is None:
        kept = "nothing of it was kept" if job.kind == "training" else "the baselines that were done are kept"
        st.info(f"“{plain(job.label)}” was cancelled; {kept}.")
    elif job.state == "failed":
        st.error(f"“{plain(job.label)}” failed: {plain(job.error, 1000)}")


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def show_result(info: RunInfo, infos: list[RunInfo]) -> None:
    """A run's three main measures against its reference, and the way into its lists."""
    reference = reference_for(info, infos)
    try:
        run = cache.run(info.run_id)
        other = None if reference is None else cache.run(reference.run_id)
    except RelvidError as error:
        show_error(error)
        return
    st.header(f"Newest result: {plain(info.label, 60)}", anchor=False)
    cards, reasons = [], first_reason([info], _SHOWN)
    for key in _SHOWN:
        gap = None if other is None else cache_readings.difference(run, other, key)
        chance = run.estimates.get(CHANCE) if key == protocol.TOPIC_MATCH else None
        card = result_card(
            MEASURES[key], run.estimates[key], gap, chance, info.config.evaluation.k, why_circular=reasons.get(key)
        )
        cards.append(card)
    st.html(f'<div class="rv-cards">{"".join(cards)}</div>')
    for note in (mark_note(reasons), untold_note(run)):
        if note:
            st.caption(note)
    if reference is not None:
        st.caption(
            f"Last line of each: the difference to “{plain(reference.label, 60)}” in percentage points, seed video by "
            "seed video."
        )
    show_spread(info, infos, _SHOWN)
    if info.config.training.warm_start:
        st.caption(_origin(info, infos))
    read = f"Its towers read, beside what was watched: {plain('; '.join(info.content), 600)}." if info.content else ""
    show_meanings("What these mean", list(_SHOWN), read)
    show_conflict(run)
    where = browse_address(info, reference)
    st.page_link(page("browse"), label="**Compare in Browse** →", query_params=where)


def _origin(info: RunInfo, infos: list[RunInfo]) -> str:
    """Where a run that asked for a warm start began."""
    if info.started_from is None:
        return "No earlier run fitted, so this one was trained from the start."
    labels = [f"“{plain(other.label, 60)}”" for other in infos if other.run_id == info.started_from]
    from_what = labels[0] if labels else "a run that was deleted since"
    epochs = info.config.training.warm_epochs
    return (
        f"Began from {from_what} and trained {epochs} {'epoch' if epochs == 1 else 'epochs'} more. Good for looking "
        "around; train from the start before you decide."
    )


def show_meanings(title: str, keys: list[str], more: str = "") -> None:
    """What some measures and their intervals mean, for whoever opens it; `more`, as markdown, stands below."""
    with st.expander(title):
        words = (f"- **{MEASURES[key].title.removesuffix('@{k}')}**: {MEASURES[key].help}" for key in keys)
        st.markdown("\n".join(words))
        st.caption(INTERVAL)
        if more:
            st.caption(more)


def browse_address(info: RunInfo, reference: RunInfo | None) -> dict[str, str]:
    """The query of the Browse page that judges a run (B) against its reference (A), or shows it alone."""
    pair = {"a": info.run_id} if reference is None else {"a": reference.run_id, "b": info.run_id}
    return carried({"data": info.dataset_key, **pair})


def result_card(
    measure: Measure,
    estimate: Estimate,
    gap: Estimate | None,
    chance: Estimate | None,
    k: int,
    *,
    why_circular: str | None = None,
) -> str:
    """One measure as HTML: its mean, its interval, and how far it is from the reference."""
    beside = "" if chance is None else f" · <span>chance {measure.text(chance.mean)}</span>"
    against = ""
    if gap is not None:
        mean, interval = points(gap).split(" (")
        against = f'<div class="rv-gap {_side(measure, gap)}">{mean} <span>({interval}</span></div>'
    return (
        f'<div class="rv-card"><div><abbr title="{html.escape(measure.help)}">{measure.title_at(k)}</abbr>'
        f"{mark_html(why_circular)}</div>"
        f'<div class="rv-big">{measure.text(estimate.mean)}</div>'
        f'<div class="rv-small">{measure.interval(estimate)}{beside}</div>{against}</div>'
    )


def _side(measure: Measure, gap: Estimate) -> str:
    """Green or red only beyond the interval; a popular share has no good direction of its own."""
    if measure.key == protocol.POPULAR_SHARE:
        return ""
    return "rv-better" if gap.low > 0 else "rv-worse" if gap.high < 0 else ""


def points(gap: Estimate) -> str:
    """A difference of shares in percentage points with its interval, signed.

    >>> points(Estimate(0.012, -0.008, 0.016, 9))
    '+1.2 points (−0.8 to +1.6)'
    """
    mean, low, high = (f"{100 * value:+.1f}".replace("-", "−") for value in (gap.mean, gap.low, gap.high))
    return f"{mean} points ({low} to {high})"
